//! Instances: scopes within scopes, and what is decorated on them.
//!
//! ```js
//! fastify.decorate('authenticate', check)   // seen by this instance's plugins, not by its siblings
//! ```

use super::FASTIFY;
use crate::interpret::native::Native;
use crate::interpret::object::{Event, FrameworkObject, Kind, Object, Site};
use crate::interpret::state::{Flow, Outcomes, State};
use crate::interpret::value::{External, ObjectId, Value};
use crate::interpret::{Interpreter, Mode};
use crate::knowledge::names;
use std::rc::Rc;

pub(super) fn done(state: State, value: Value) -> Option<Outcomes> {
    Some(vec![(state, Flow::Value(value))])
}

/// Makes a root instance, or a child.
pub(super) fn make(
    interpreter: &mut Interpreter,
    state: &mut State,
    parent: Option<ObjectId>,
    prefix: &str,
    by_name: bool,
    site: Site,
) -> ObjectId {
    let kind = Kind::Framework(FrameworkObject { framework: FASTIFY, role: "instance", by_name, events: Vec::new(), site });
    let mut object = Object::new(kind);
    object.proto = parent;
    let slot = interpreter.values.atom("<prefix>").0;
    let prefix = interpreter.values.string(prefix);
    object.slots.insert(slot, prefix);
    let id = interpreter.allocate(state, object);
    if interpreter.mode == Mode::Startup {
        interpreter.framework_objects.push(id);
    }
    id
}

pub(super) fn is_instance(interpreter: &Interpreter, state: &State, object: ObjectId) -> bool {
    matches!(&interpreter.object(state, object).kind, Kind::Framework(f) if f.framework == FASTIFY && f.role == "instance")
}

pub(super) fn events(interpreter: &Interpreter, state: &State, object: ObjectId) -> Vec<Rc<Event>> {
    match &interpreter.object(state, object).kind {
        Kind::Framework(f) => f.events.clone(),
        _ => Vec::new(),
    }
}

/// Notes one call.
pub(super) fn record(interpreter: &mut Interpreter, state: &mut State, object: ObjectId, method: &str, args: Vec<Value>, site: Site) {
    let event = Rc::new(Event {
        method: interpreter.values.atom(method),
        args,
        site,
        conditions: state.conditions.to_vec(),
        number: interpreter.next_event(),
    });
    if let Kind::Framework(f) = &mut interpreter.object_mut(state, object).kind {
        f.events.push(event);
    }
}

/// An instance and those that it is in, from the root down.
pub(super) fn chain(interpreter: &Interpreter, state: &State, object: ObjectId) -> Vec<ObjectId> {
    let mut out = vec![object];
    let mut current = object;
    while let Some(parent) = interpreter.object(state, current).proto {
        if out.len() > 64 {
            break;
        }
        out.push(parent);
        current = parent;
    }
    out.reverse();
    out
}

pub(super) fn root(interpreter: &Interpreter, state: &State, object: ObjectId) -> ObjectId {
    chain(interpreter, state, object).first().copied().unwrap_or(object)
}

pub(super) fn own(interpreter: &Interpreter, state: &State, object: ObjectId, name: &str) -> Option<Value> {
    interpreter.values.find_atom(name).and_then(|a| interpreter.object(state, object).slots.get(&a.0).copied())
}

/// A property of an instance or of one that it is in.
pub(super) fn inherited(interpreter: &Interpreter, state: &State, object: ObjectId, name: &str) -> Option<Value> {
    chain(interpreter, state, object).into_iter().rev().find_map(|id| own(interpreter, state, id, name))
}

/// What the project, or a package, put on the instance under this name.
pub(super) fn decorated(interpreter: &Interpreter, state: &State, object: ObjectId, name: &str) -> Option<Value> {
    inherited(interpreter, state, object, name).filter(|v| *v != Value::Undefined)
}

pub(super) fn set(interpreter: &mut Interpreter, state: &mut State, object: ObjectId, name: &str, value: Value) {
    let slot = interpreter.values.atom(name).0;
    interpreter.object_mut(state, object).slots.insert(slot, value);
}

pub(super) fn prefix(interpreter: &Interpreter, state: &State, object: ObjectId) -> String {
    own(interpreter, state, object, "<prefix>").and_then(|v| interpreter.values.as_text(v)).unwrap_or_default().to_owned()
}

pub(super) fn text(interpreter: &Interpreter, value: Value) -> Option<String> {
    interpreter.values.as_text(value).map(str::to_owned)
}

/// An option of an object that the project gave.
pub(super) fn option(interpreter: &mut Interpreter, state: &mut State, options: Value, name: &str, site: Site) -> Value {
    let Value::Object(id) = options else { return Value::Undefined };
    let name = interpreter.values.atom(name);
    interpreter.property(state, site, id, name)
}

pub(super) fn is_function(interpreter: &Interpreter, state: &State, value: Value) -> bool {
    match value {
        Value::Object(id) => matches!(interpreter.object(state, id).kind, Kind::Function(_)),
        Value::Native(_) => true,
        _ => false,
    }
}

/// What `decorate` was given: a value, or `{ getter, setter }`.
pub(super) fn decoration(interpreter: &mut Interpreter, state: &State, value: Value) -> Value {
    if let Value::Object(id) = value
        && interpreter.object(state, id).kind == Kind::Plain
        && let Some(getter) = own(interpreter, state, id, "getter")
    {
        return interpreter.values.native(Native::Getter(getter));
    }
    value
}

/// Whether something that cannot be seen may have decorated the instance.
pub(super) fn is_open(interpreter: &Interpreter, state: &State, object: ObjectId) -> bool {
    is_by_name(interpreter, state, object) || inherited(interpreter, state, object, "<unseen>").is_some()
}

pub(super) fn is_by_name(interpreter: &Interpreter, state: &State, object: ObjectId) -> bool {
    let root = root(interpreter, state, object);
    matches!(&interpreter.object(state, root).kind, Kind::Framework(f) if f.by_name)
}

/// A property that nobody was seen to set. Where everything was seen there is none; packages of the ecosystem set some, but no guards
/// other than those that are known.
pub(super) fn unseen(interpreter: &mut Interpreter, state: &State, object: ObjectId, name: &str) -> Value {
    let ecosystem = inherited(interpreter, state, object, "<ecosystem>").is_some() && !names::is_guard(name);
    if !ecosystem && !is_open(interpreter, state, object) {
        return Value::Undefined;
    }
    let fastify = interpreter.values.atom("fastify");
    let name = interpreter.values.atom(name);
    match interpreter.values.external(External::Global(fastify)) {
        Value::External(base) => interpreter.values.external(External::Member(base, name)),
        other => other,
    }
}

pub(super) fn call_unseen(
    interpreter: &mut Interpreter,
    state: State,
    object: ObjectId,
    method: &str,
    args: &[Value],
    site: Site,
) -> Outcomes {
    let function = match unseen(interpreter, &state, object, method) {
        Value::Undefined => Value::UNKNOWN,
        other => other,
    };
    interpreter.call(state, site, function, Value::Object(object), args.to_vec())
}

/// `fastify.auth([a, b, [c, d]], { relation })` of `@fastify/auth`.
pub(super) fn several(interpreter: &mut Interpreter, state: &State, object: ObjectId, args: &[Value]) -> Option<Value> {
    let Some(Value::Object(members)) = args.first().copied() else { return None };
    let Kind::Array { .. } = interpreter.object(state, members).kind else { return None };
    let relation = match args.get(1) {
        Some(Value::Object(options)) => own(interpreter, state, *options, "relation"),
        _ => None,
    };
    let relation = relation.or_else(|| inherited(interpreter, state, object, "<relation>"));
    let all = relation.is_some_and(|r| interpreter.values.as_text(r) == Some("and"));
    Some(interpreter.several(members, all))
}
