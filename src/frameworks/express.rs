//! Express 4 and 5, and the `router` package.
//!
//! ```js
//! const app = express()
//! app.use('/api', requireUser, require('./routes'))   // a guard covers what is registered after it
//! router.route('/:id').all(load).get(show)
//! ```
//!
//! Order and scope are what the real Express did: `js-tests/differential` boots it and compares.

mod finale;
mod inline;
mod layers;

use super::EXPRESS;
use crate::frameworks::path;
use crate::interpret::framework::{Framework, Route};
use crate::interpret::object::{Kind, Site};
use crate::interpret::state::{Flow, Outcomes, State};
use crate::interpret::value::{Atom, ObjectId, Value};
use crate::interpret::{Cx, Interpreter};

pub(super) struct Express;

/// Methods that register a route.
pub(crate) const METHODS: [&str; 22] = [
    "get",
    "post",
    "put",
    "patch",
    "delete",
    "head",
    "options",
    "all",
    "del",
    "copy",
    "lock",
    "mkcol",
    "move",
    "propfind",
    "proppatch",
    "purge",
    "report",
    "search",
    "subscribe",
    "unlock",
    "trace",
    "link",
];

impl Framework for Express {
    fn packages(&self) -> &'static [&'static str] {
        &["express", "router", "express-promise-router", "express-serve-static-core"]
    }

    fn construct(&self, interpreter: &mut Interpreter, state: &mut State, name: &str, args: &[Value], site: Site) -> Option<Value> {
        let role = match name {
            "express" => "app",
            "express.Router"
            | "new express.Router"
            | "router"
            | "new router"
            | "router.Router"
            | "express-promise-router"
            | "new express-promise-router"
            | "express-promise-router.Router" => "router",
            "finale-rest.initialize" | "epilogue.initialize" => {
                finale::initialize(interpreter, state, args);
                return None;
            }
            "finale-rest.resource" | "epilogue.resource" => return Some(finale::resource(interpreter, state, args, site)),
            _ => return None,
        };
        if let Some(Value::Object(options)) = args.first() {
            interpreter.exact_paths |=
                ["caseSensitive", "strict"].iter().any(|option| interpreter.field(state, *options, option) == Some(Value::Bool(true)));
        }
        Some(make(interpreter, state, role, false, site))
    }

    fn global(&self, interpreter: &mut Interpreter, state: &mut State, name: &str, cx: &Cx) -> Option<Value> {
        let role = match name {
            "app" => "app",
            "router" => "router",
            _ => return None,
        };
        Some(make(interpreter, state, role, true, Site::file(cx.module)))
    }

    fn parameter(
        &self,
        interpreter: &mut Interpreter,
        state: &mut State,
        type_name: Option<&str>,
        name: &str,
        site: Site,
    ) -> Option<Value> {
        let role = match (type_name, name) {
            (Some("Express" | "Application" | "IExpress"), _) => "app",
            (Some("Router" | "IRouter"), _) => "router",
            (None, "app" | "expressApp") => "app",
            (None, "router") => "router",
            _ => return None,
        };
        Some(make(interpreter, state, role, true, site))
    }

    fn call(
        &self,
        interpreter: &mut Interpreter,
        mut state: State,
        object: ObjectId,
        method: &str,
        args: &[Value],
        site: Site,
    ) -> Option<Outcomes> {
        let this = Value::Object(object);
        match method {
            "use" | "param" | "mount" => {}
            "route" => {
                let first = args.first().copied().unwrap_or(Value::Undefined);
                let Value::Object(route) = make(interpreter, &mut state, "route", false, site) else { return None };
                interpreter.set_field(&mut state, route, "<router>", this);
                interpreter.set_field(&mut state, route, "<path>", first);
                return done(state, Value::Object(route));
            }
            // A setting, not a route.
            "get" if args.len() < 2 && role(interpreter, &state, object) != "route" => return done(state, Value::UNKNOWN),
            _ if METHODS.contains(&method) => {}
            "set" | "enable" | "disable" | "engine" | "on" | "once" => {
                let setting = args.first().and_then(|a| interpreter.values.as_text(*a));
                interpreter.exact_paths |= matches!(setting, Some("case sensitive routing" | "strict routing")) && method != "disable";
                return done(state, this);
            }
            "listen" => {
                // Calls its callback when the server is up.
                let mut outcomes = vec![(state, Flow::Value(Value::UNKNOWN))];
                for arg in args.iter().filter(|a| matches!(a, Value::Object(_))) {
                    outcomes = interpreter.each(outcomes, |i, state, _| i.call(state, site, *arg, Value::Undefined, Vec::new()));
                }
                return Some(outcomes);
            }
            // `app.handle`, `app(req, res)`, `app.enabled('x')`.
            _ => return interpreter.field(&state, object, method).is_none().then(|| vec![(state, Flow::Value(Value::UNKNOWN))]),
        }
        let (target, method, args) = if role(interpreter, &state, object) == "route" {
            let router = interpreter.field(&state, object, "<router>")?.as_object()?;
            let mut all = vec![interpreter.field(&state, object, "<path>").unwrap_or(Value::Undefined)];
            all.extend_from_slice(args);
            (router, method, all)
        } else {
            (object, method, args.to_vec())
        };
        // A router built while requests are handled serves nobody that we know of.
        if interpreter.mode != crate::interpret::Mode::Startup {
            return done(state, this);
        }
        interpreter.record_call(&mut state, target, method, args, site);
        done(state, this)
    }

    fn property(&self, interpreter: &mut Interpreter, state: &mut State, object: ObjectId, name: Atom, _site: Site) -> Option<Value> {
        match interpreter.values.text(name) {
            "locals" | "settings" | "mountpath" => Some(Value::UNKNOWN),
            "router" | "_router" if role(interpreter, state, object) == "app" => Some(Value::Object(object)),
            _ => None,
        }
    }

    fn routes(&self, interpreter: &mut Interpreter, state: &mut State) -> Vec<Route> {
        layers::routes(interpreter, state)
    }
}

fn done(state: State, value: Value) -> Option<Outcomes> {
    Some(vec![(state, Flow::Value(value))])
}

/// Makes an application, a router, or what `router.route()` returns.
pub(crate) fn make(interpreter: &mut Interpreter, state: &mut State, role: &'static str, by_name: bool, site: Site) -> Value {
    let id = interpreter.framework_object(state, EXPRESS, role, by_name, site);
    if role != "route" {
        interpreter.framework_objects.push(id);
    }
    Value::Object(id)
}

pub(crate) fn role(interpreter: &Interpreter, state: &State, object: ObjectId) -> &'static str {
    match &interpreter.object(state, object).kind {
        Kind::Framework(f) if f.framework == EXPRESS => f.role,
        _ => "",
    }
}

/// The functions among arguments, lists flattened; a list that holds itself ends.
pub(crate) fn handlers(interpreter: &Interpreter, state: &State, args: &[Value]) -> Vec<Value> {
    flattened(interpreter, state, args, 8)
}

fn flattened(interpreter: &Interpreter, state: &State, args: &[Value], depth: u32) -> Vec<Value> {
    let mut out = Vec::new();
    for arg in args {
        match *arg {
            Value::Object(id) if matches!(interpreter.object(state, id).kind, Kind::Array { .. }) => {
                let (items, open) = interpreter.items_of(state, *arg);
                if depth > 0 {
                    out.extend(flattened(interpreter, state, &items, depth - 1));
                }
                if open {
                    out.push(Value::UNKNOWN);
                }
            }
            other => out.push(other),
        }
    }
    out
}

/// The paths of a registration and the functions that follow.
pub(crate) fn split(interpreter: &Interpreter, state: &State, args: &[Value]) -> (Vec<path::Pattern>, Vec<Value>) {
    match args.split_first() {
        Some((first, rest)) if path::is_path(interpreter, state, *first) => {
            (path::patterns(interpreter, state, *first), handlers(interpreter, state, rest))
        }
        Some((Value::Opaque(_), rest)) if !rest.is_empty() => (vec![path::Pattern::Unknown], handlers(interpreter, state, rest)),
        _ => (Vec::new(), handlers(interpreter, state, args)),
    }
}
