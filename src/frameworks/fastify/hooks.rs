//! Hooks as steps of a route, and hooks that do not cover it.
//!
//! ```js
//! fastify.addHook('onRequest', requireUser)   // this instance's routes and those of its plugins
//! ```

use super::{chain, is_function, is_instance, prefix, root, text};
use crate::frameworks::path;
use crate::interpret::Interpreter;
use crate::interpret::framework::{Closeness, Near, Step, StepKind};
use crate::interpret::native::Native;
use crate::interpret::object::{Condition, Event, Kind, Site};
use crate::interpret::state::State;
use crate::interpret::value::{ObjectId, Taint, Value};
use crate::knowledge::names;

/// Hooks before the handler, in their order.
pub(super) const HOOKS: [&str; 4] = ["onRequest", "preParsing", "preValidation", "preHandler"];

/// How many guards that do not cover a route are named.
pub(super) const MAX_NEAR: usize = 6;

/// Calls of `addHook` with this name on an instance and those that it is in, from the root down.
pub(super) fn hooks_of(interpreter: &Interpreter, state: &State, instance: ObjectId, name: &str) -> Vec<(ObjectId, std::rc::Rc<Event>)> {
    let mut out = Vec::new();
    for id in chain(interpreter, state, instance) {
        for event in interpreter.calls_of(state, id) {
            let is_hook = interpreter.values.text(event.method) == "addHook";
            if is_hook && event.args.first().is_some_and(|n| interpreter.values.as_text(*n) == Some(name)) {
                out.push((id, event));
            }
        }
    }
    // A hook that is added later, even to an outer instance, runs later.
    crate::sorted::sort_by(&mut out, |(_, a), (_, b)| a.number.cmp(&b.number));
    out
}

/// `this` in a hook or handler is the instance.
pub(super) fn bound(interpreter: &mut Interpreter, function: Value, instance: ObjectId) -> Value {
    match function {
        Value::Object(_) => interpreter.values.native(Native::Bound { function, this: Value::Object(instance), args: Box::new([]) }),
        other => other,
    }
}

/// `(socket, request)` of `@fastify/websocket`.
pub(super) fn with_socket(interpreter: &mut Interpreter, function: Value) -> Value {
    interpreter.values.native(Native::Bound { function, this: Value::Undefined, args: Box::new([Value::truthy(Taint::NONE)]) })
}

/// What was registered under conditions that the route does not share. `None`: it excludes the route.
pub(super) fn beyond(hook: &[Condition], route: &[Condition]) -> Option<Vec<Condition>> {
    if hook.iter().any(|c| route.contains(&Condition { taken: !c.taken, ..*c })) {
        return None;
    }
    Some(hook.iter().filter(|c| !route.contains(c)).copied().collect())
}

/// The functions of a hook, and whether each may be missing.
pub(super) fn functions(interpreter: &Interpreter, state: &State, value: Value, maybe: bool, out: &mut Vec<(Value, bool)>) {
    match value {
        Value::Undefined | Value::Null | Value::Bool(_) => {}
        Value::Object(id) if matches!(interpreter.object(state, id).kind, Kind::Array { .. }) => {
            let (items, open) = interpreter.items_of(state, value);
            for item in items {
                functions(interpreter, state, item, maybe, out);
            }
            if open {
                out.push((Value::UNKNOWN, maybe));
            }
        }
        Value::Union(_) => {
            let alternatives = interpreter.values.alternatives(value);
            let plain = alternatives.iter().all(|a| is_function(interpreter, state, *a) || matches!(a, Value::External(_)));
            if plain {
                out.push((value, maybe));
            } else {
                for alternative in alternatives {
                    functions(interpreter, state, alternative, true, out);
                }
            }
        }
        other => out.push((other, maybe)),
    }
}

/// Express middleware of `@fastify/express` and `@fastify/middie` runs first.
pub(super) fn middleware(
    interpreter: &mut Interpreter,
    state: &State,
    instance: ObjectId,
    full: &str,
    route: &Event,
    steps: &mut Vec<Step>,
) {
    for id in chain(interpreter, state, instance) {
        for event in interpreter.calls_of(state, id) {
            if interpreter.values.text(event.method) != "use" {
                continue;
            }
            let Some(conditions) = beyond(&event.conditions, &route.conditions) else { continue };
            let (patterns, rest) = match event.args.split_first() {
                Some((first, rest)) if path::is_path(interpreter, state, *first) => (path::patterns(interpreter, state, *first), rest),
                _ => (Vec::new(), event.args.as_slice()),
            };
            if !patterns.is_empty() && !patterns.iter().any(|p| path::covers(p, "", full, false)) {
                continue;
            }
            let mut list = Vec::new();
            for value in rest {
                functions(interpreter, state, *value, false, &mut list);
            }
            steps.extend(list.into_iter().filter(|(f, _)| is_function(interpreter, state, *f) || matches!(f, Value::External(_))).map(
                |(function, maybe)| Step {
                    conditional: maybe || !conditions.is_empty(),
                    conditions: conditions.clone(),
                    ..Step::new(function, event.site, StepKind::Middleware)
                },
            ));
        }
    }
}

pub(super) fn hook_steps(
    interpreter: &mut Interpreter,
    state: &State,
    instance: ObjectId,
    route: ObjectId,
    name: &str,
    event: &Event,
    steps: &mut Vec<Step>,
) {
    let kind = if name == "preParsing" { StepKind::ParsingHook } else { StepKind::Hook };
    let mut add = |interpreter: &mut Interpreter, this: ObjectId, value: Value, site: Site, conditions: Vec<Condition>| {
        let mut list = Vec::new();
        functions(interpreter, state, value, false, &mut list);
        for (function, maybe) in list {
            let function = bound(interpreter, function, this);
            steps.push(Step {
                conditional: maybe || !conditions.is_empty(),
                conditions: conditions.clone(),
                ..Step::new(function, site, kind)
            });
        }
    };
    for (owner, hook) in hooks_of(interpreter, state, instance, name) {
        if let Some(conditions) = beyond(&hook.conditions, &event.conditions) {
            add(interpreter, owner, hook.args.get(1).copied().unwrap_or(Value::Undefined), hook.site, conditions);
        }
    }
    let value = interpreter.field(state, route, name).unwrap_or(Value::Undefined);
    add(interpreter, instance, value, event.site, Vec::new());
}

/// Hooks of other instances of the same server.
pub(super) fn near(interpreter: &Interpreter, state: &State, instance: ObjectId, full: &str, site: Site) -> Vec<Near> {
    let own_chain = chain(interpreter, state, instance);
    let server = root(interpreter, state, instance);
    let mut out: Vec<Near> = Vec::new();
    for other in &interpreter.framework_objects {
        if own_chain.contains(other) || !is_instance(interpreter, state, *other) || root(interpreter, state, *other) != server {
            continue;
        }
        let below = prefix(interpreter, state, *other);
        for event in interpreter.calls_of(state, *other) {
            let is_hook = interpreter.values.text(event.method) == "addHook"
                && event.args.first().is_some_and(|n| interpreter.values.as_text(*n).is_some_and(|n| HOOKS.contains(&n)));
            if let (true, Some(function)) = (is_hook, event.args.get(1).copied())
                && out.len() < MAX_NEAR
            {
                let closeness = if below.is_empty() || path::begins_like(full, &below) {
                    Closeness::Overlapping
                } else if event.site.module == site.module {
                    Closeness::Neighbour
                } else {
                    Closeness::Unrelated
                };
                let why = "it is added to another plugin's instance, whose scope this route is not in".to_owned();
                out.push(Near::new(function, event.site, StepKind::Hook, closeness, why));
            }
        }
    }
    out
}

/// Guards that the route reads from the instance before they are there.
pub(super) fn absent(interpreter: &mut Interpreter, state: &State, instance: ObjectId, route: &Event) -> Vec<Near> {
    let mut out = Vec::new();
    for id in chain(interpreter, state, instance) {
        for event in interpreter.calls_of(state, id) {
            let (inner, outer) = (interpreter.span_of(event.site), interpreter.span_of(route.site));
            let inside = event.site.module == route.site.module && outer.start <= inner.start && inner.end <= outer.end;
            if !inside || interpreter.values.text(event.method) != "<absent>" {
                continue;
            }
            let Some(name) = event.args.first().and_then(|n| text(interpreter, *n)) else { continue };
            let function = match super::decorated(interpreter, state, id, &name) {
                Some(function) => function,
                None if names::is_guard(&name) => {
                    let name = interpreter.values.atom(&name);
                    interpreter.values.native(Native::Guard { name, wrapped: None })
                }
                None => continue,
            };
            let why = format!("`{name}` is read before it is added to the instance, and an undefined hook is ignored");
            out.push(Near::new(function, route.site, StepKind::Hook, Closeness::Misplaced, why));
        }
    }
    out
}
