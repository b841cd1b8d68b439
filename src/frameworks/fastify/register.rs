//! `register`, `after` and `ready`: what runs when the function that asked for it is done, or when it is awaited.
//!
//! ```js
//! app.register(database)                       // 2
//! app.register(routes, { prefix: '/api' })     // 3, then what it registers itself
//! app.decorate('known', known)                 // 1: both plugins see it
//! await app.ready()
//! ```

use super::{chain, is_function, make, option, packages, prefix, root, routes, text};
use crate::frameworks::FASTIFY;
use crate::frameworks::path;
use crate::interpret::Interpreter;
use crate::interpret::native::Native;
use crate::interpret::object::{Event, Kind, Object, Settled, Site};
use crate::interpret::state::{Flow, Outcomes, State};
use crate::interpret::value::{ObjectId, Value};
use std::rc::Rc;

/// How many plugins one instance may load.
const MAX_PLUGINS: usize = 5_000;

/// `fp(plugin, options)`: marks the function as one that gets no instance of its own.
pub(super) fn lift(interpreter: &mut Interpreter, state: &mut State, plugin: Value, options: Value) -> Value {
    let site = Site::file(crate::interpret::value::ModuleId(0));
    let encapsulate = option(interpreter, state, options, "encapsulate", site) == Value::Bool(true);
    let plugin = unwrapped(interpreter, state, plugin, 4);
    for alternative in interpreter.values.alternatives(plugin) {
        if let Some(id) = function_object(interpreter, alternative) {
            interpreter.set_field(state, id, "Symbol(skip-override)", Value::Bool(!encapsulate));
            if options != Value::Undefined {
                interpreter.set_field(state, id, "<meta>", options);
            }
        }
    }
    plugin
}

/// The object of a function of the project, looked for below what wraps it.
fn function_object(interpreter: &Interpreter, value: Value) -> Option<ObjectId> {
    match value {
        Value::Object(id) => Some(id),
        Value::Native(native) => match interpreter.values.native_of(native) {
            Native::Wrapped { function, .. } => function_object(interpreter, *function),
            _ => None,
        },
        _ => None,
    }
}

/// The name that `fastify-plugin` gives a plugin, and the names of those it needs.
pub(super) fn meta(interpreter: &mut Interpreter, state: &mut State, plugin: Value, site: Site) -> (Option<String>, Vec<String>) {
    let Some(options) = function_object(interpreter, plugin).and_then(|id| interpreter.field(state, id, "<meta>")) else {
        return (None, Vec::new());
    };
    let name = option(interpreter, state, options, "name", site);
    let needs = option(interpreter, state, options, "dependencies", site);
    let (needs, _) = interpreter.items_of(state, needs);
    (text(interpreter, name), needs.into_iter().filter_map(|n| text(interpreter, n)).collect())
}

/// A plugin out of the promise or module that holds it.
pub(super) fn unwrapped(interpreter: &mut Interpreter, state: &mut State, value: Value, depth: u32) -> Value {
    let Value::Object(id) = value else { return value };
    let inner = match interpreter.object(state, id).kind {
        Kind::Promise(Settled::Fulfilled(inner)) => inner,
        Kind::Promise(_) => return Value::UNKNOWN,
        Kind::Namespace(module) => {
            let default = interpreter.names.default;
            match interpreter.export(state, module, default) {
                Some(inner) => inner,
                None => return value,
            }
        }
        Kind::Plain => match interpreter.field(state, id, "default") {
            Some(inner) => inner,
            None => return value,
        },
        _ => return value,
    };
    if depth == 0 { inner } else { unwrapped(interpreter, state, inner, depth - 1) }
}

/// Puts a call into the queue of the plugin that is being loaded.
pub(super) fn enqueue(interpreter: &mut Interpreter, state: &mut State, instance: ObjectId, method: &str, args: &[Value], site: Site) {
    if !args.first().is_some_and(|a| !matches!(a, Value::Undefined | Value::Null)) {
        return;
    }
    let root = root(interpreter, state, instance);
    let target =
        if method == "ready" { list(interpreter, state, root, "<ready>", site) } else { list(interpreter, state, root, "<queue>", site) };
    let mut all = vec![Value::Object(instance)];
    all.extend_from_slice(args);
    interpreter.record_call(state, target, method, all, site);
}

/// `addHook`: at once, or when the plugins are loaded that were registered before and that nobody has waited for. Theirs come first then.
pub(super) fn add_hook(interpreter: &mut Interpreter, state: &mut State, instance: ObjectId, args: &[Value], site: Site) {
    let root = root(interpreter, state, instance);
    let queue = interpreter.field(state, root, "<queue>").and_then(Value::as_object);
    if queue.is_some_and(|queue| !interpreter.calls_of(state, queue).is_empty()) {
        enqueue(interpreter, state, instance, "addHook", args, site);
    } else {
        interpreter.record_call(state, instance, "addHook", args.to_vec(), site);
    }
}

/// A list of calls that the root keeps.
fn list(interpreter: &mut Interpreter, state: &mut State, root: ObjectId, name: &str, site: Site) -> ObjectId {
    if let Some(Value::Object(id)) = interpreter.field(state, root, name) {
        return id;
    }
    let id = new_list(interpreter, state, site);
    interpreter.set_field(state, root, name, Value::Object(id));
    id
}

fn new_list(interpreter: &mut Interpreter, state: &mut State, site: Site) -> ObjectId {
    interpreter.framework_object(state, FASTIFY, "queue", false, site)
}

/// Loads what is in the current queue, and what that asks for, depth first.
pub(super) fn drain(interpreter: &mut Interpreter, state: &mut State, root: ObjectId) {
    drain_list(interpreter, state, root, "<queue>");
}

/// Runs the callbacks of `ready`.
pub(super) fn ready(interpreter: &mut Interpreter, state: &mut State, root: ObjectId) {
    drain_list(interpreter, state, root, "<ready>");
}

fn drain_list(interpreter: &mut Interpreter, state: &mut State, root: ObjectId, name: &str) {
    let Some(Value::Object(queue)) = interpreter.field(state, root, name) else { return };
    for _ in 0..MAX_PLUGINS {
        if interpreter.out_of_budget() {
            return;
        }
        let Kind::Framework(f) = &mut interpreter.object_mut(state, queue).kind else { return };
        if f.events.is_empty() {
            return;
        }
        let event = f.events.remove(0);
        run(interpreter, state, root, &event);
    }
}

/// Runs one call of the queue with a queue of its own.
fn run(interpreter: &mut Interpreter, state: &mut State, root: ObjectId, event: &Event) {
    let (Some(Value::Object(instance)), Some(function)) = (event.args.first().copied(), event.args.get(1).copied()) else { return };
    let conditions = std::mem::replace(&mut state.conditions, Rc::new(event.conditions.clone()));
    let outer = interpreter.field(state, root, "<queue>").unwrap_or(Value::Undefined);
    let inner = new_list(interpreter, state, event.site);
    interpreter.set_field(state, root, "<queue>", Value::Object(inner));
    if interpreter.values.text(event.method) == "addHook" {
        interpreter.record_call(state, instance, "addHook", event.args[1..].to_vec(), event.site);
    } else if interpreter.values.text(event.method) == "register" {
        let options = event.args.get(2).copied().unwrap_or(Value::Undefined);
        let plugin = unwrapped(interpreter, state, function, 4);
        for alternative in interpreter.values.alternatives(plugin) {
            let alternative = unwrapped(interpreter, state, alternative, 4);
            plug(interpreter, state, instance, alternative, options, event.site);
        }
    } else {
        callback(interpreter, state, instance, function, event.site);
    }
    drain(interpreter, state, root);
    interpreter.set_field(state, root, "<queue>", outer);
    state.conditions = conditions;
}

/// `after(callback)`: with an error, the instance, or `done`, by how many it asks for.
fn callback(interpreter: &mut Interpreter, state: &mut State, instance: ObjectId, function: Value, site: Site) {
    if !is_function(interpreter, state, function) {
        return;
    }
    let done = interpreter.values.native(Native::Nothing);
    let args = match interpreter.arity(state, function) {
        Some(0 | 1) | None => vec![Value::Null],
        Some(2) => vec![Value::Null, done],
        Some(_) => vec![Value::Null, Value::Object(instance), done],
    };
    call(interpreter, state, function, Value::Object(instance), args, site);
}

/// Calls a function of the start-up and goes on from the one state that this leaves.
fn call(interpreter: &mut Interpreter, state: &mut State, function: Value, this: Value, args: Vec<Value>, site: Site) -> Value {
    let before = state.clone();
    let outcomes = interpreter.call(std::mem::take(state), site, function, this, args);
    let mut outcomes: Outcomes = interpreter.each(outcomes, |_, state, value| vec![(state, Flow::Value(value))]);
    let at = outcomes.iter().position(|(_, f)| matches!(f, Flow::Value(_))).unwrap_or(0);
    if at >= outcomes.len() {
        *state = before;
        return Value::UNKNOWN;
    }
    let (next, flow) = outcomes.swap_remove(at);
    *state = next;
    match flow {
        Flow::Value(value) => value,
        _ => Value::UNKNOWN,
    }
}

/// Loads one plugin.
fn plug(interpreter: &mut Interpreter, state: &mut State, instance: ObjectId, plugin: Value, options: Value, site: Site) {
    // Options may be a function of the instance; so may `autoConfig`, whose result the other options override.
    let mut options = options;
    if is_function(interpreter, state, options) {
        options = call(interpreter, state, options, Value::Undefined, vec![Value::Object(instance)], site);
    } else if let Value::Object(id) = options
        && let Some(automatic) = interpreter.field(state, id, "<automatic>")
    {
        let made = call(interpreter, state, automatic, Value::Undefined, vec![Value::Object(instance)], site);
        let merged = interpreter.allocate(state, Object::new(Kind::Plain));
        interpreter.copy_properties(state, merged, made);
        interpreter.copy_properties(state, merged, Value::Object(id));
        options = Value::Object(merged);
    }
    match plugin {
        Value::Object(id) if matches!(interpreter.object(state, id).kind, Kind::Function(_)) => {}
        Value::Native(_) => {}
        // What `@fastify/autoload` makes of a module that exports a route.
        Value::Object(id) if interpreter.field(state, id, "method").is_some() => {
            let given = option(interpreter, state, options, "prefix", site);
            let scope = child(interpreter, state, instance, given, site);
            let outcomes = routes::declare(interpreter, std::mem::take(state), scope, None, &[plugin], site);
            if let Some((next, _)) = outcomes.into_iter().next() {
                *state = next;
            }
            return;
        }
        Value::External(_) => return packages::register(interpreter, state, instance, plugin, options, site),
        Value::Undefined | Value::Null | Value::Bool(_) => return,
        _ => {
            interpreter.set_field(state, instance, "<unseen>", Value::Bool(true));
            interpreter.blind_spot(site, "a plugin is registered that is only known at run time");
            return;
        }
    }
    let lifted = function_object(interpreter, plugin).and_then(|id| interpreter.field(state, id, "Symbol(skip-override)"));
    let scope = if matches!(lifted, None | Some(Value::Bool(false) | Value::Undefined)) {
        let given = option(interpreter, state, options, "prefix", site);
        child(interpreter, state, instance, given, site)
    } else {
        instance
    };
    let options = match options {
        Value::Undefined => Value::Object(interpreter.allocate(state, Object::new(Kind::Plain))),
        other => other,
    };
    let done = interpreter.values.native(Native::Nothing);
    call(interpreter, state, plugin, Value::Object(scope), vec![Value::Object(scope), options, done], site);
}

/// A child instance below a prefix.
pub(super) fn child(interpreter: &mut Interpreter, state: &mut State, parent: ObjectId, given: Value, site: Site) -> ObjectId {
    let outer = prefix(interpreter, state, parent);
    let below = match given {
        Value::Undefined | Value::Null => outer,
        value => match path::patterns(interpreter, state, value).into_iter().next() {
            Some(path::Pattern::Text(given)) => join(&outer, &given),
            _ => join(&outer, "/:unknown"),
        },
    };
    let by_name = chain(interpreter, state, parent).first().is_some_and(|r| super::is_by_name(interpreter, state, *r));
    make(interpreter, state, Some(parent), &below, by_name, site)
}

/// Fastify joins prefixes as they are written.
fn join(outer: &str, given: &str) -> String {
    match given {
        "" => outer.to_owned(),
        given if given.starts_with('/') => format!("{}{given}", outer.strip_suffix('/').unwrap_or(outer)),
        given if outer.ends_with('/') => format!("{outer}{given}"),
        given => format!("{outer}/{given}"),
    }
}
