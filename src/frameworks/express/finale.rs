//! finale-rest and epilogue: CRUD routes from Sequelize models.
//!
//! ```js
//! finale.initialize({ app, sequelize })
//! finale.resource({ model: User, endpoints: ['/api/users', '/api/users/:id'], actions: ['list', 'read'] })
//! ```

use super::handlers;
use crate::interpret::Interpreter;
use crate::interpret::native::Native;
use crate::interpret::object::{Kind, Object, Site};
use crate::interpret::state::State;
use crate::interpret::value::Value;

const APP: &str = "<finale-app>";

/// Remembers the application.
pub(super) fn initialize(interpreter: &mut Interpreter, state: &State, args: &[Value]) {
    let Some(Value::Object(options)) = args.first().copied() else { return };
    let app = interpreter.field(state, options, "app").or_else(|| interpreter.field(state, options, "server"));
    if let Some(app) = app {
        let key = interpreter.values.atom(APP);
        interpreter.globals.insert(key, app);
    }
}

/// Registers what a resource serves.
pub(super) fn resource(interpreter: &mut Interpreter, state: &mut State, args: &[Value], site: Site) -> Value {
    let result = interpreter.allocate(state, Object::new(Kind::Plain));
    let result = Value::Object(result);
    let Some(app) = interpreter.values.find_atom(APP).and_then(|a| interpreter.globals.get(&a).copied()).and_then(Value::as_object) else {
        return result;
    };
    let Some(Value::Object(options)) = args.first().copied() else { return result };
    let Some(endpoints) = interpreter.field(state, options, "endpoints") else { return result };
    let endpoints = handlers(interpreter, state, &[endpoints]);
    let actions: Option<Vec<String>> = interpreter.field(state, options, "actions").map(|list| {
        handlers(interpreter, state, &[list]).into_iter().filter_map(|v| interpreter.values.as_text(v).map(str::to_owned)).collect()
    });
    let model = interpreter
        .field(state, options, "model")
        .map_or(String::from("record"), |m| interpreter.function_name(state, m).unwrap_or_else(|| model_name(interpreter, state, m)));
    let served = [
        (0, "get", "list", false),
        (0, "post", "create", true),
        (1, "get", "read", false),
        (1, "put", "update", true),
        (1, "delete", "delete", true),
    ];
    for (endpoint, method, action, writes) in served {
        if actions.as_ref().is_some_and(|a| !a.iter().any(|x| x == action)) {
            continue;
        }
        let Some(path) = endpoints.get(endpoint).copied() else { continue };
        let model = interpreter.values.atom(&model);
        let handler = interpreter.values.native(Native::Crud { model, writes });
        interpreter.record_call(state, app, method, vec![path, handler], site);
    }
    result
}

fn model_name(interpreter: &Interpreter, state: &State, model: Value) -> String {
    match model {
        Value::Object(id) => interpreter.class_name(state, id).unwrap_or_else(|| "record".into()),
        _ => "record".into(),
    }
}
