//! Routes: what was declared on the instances, with the hooks that cover it.
//!
//! ```js
//! app.route({ method: ['GET', 'HEAD'], url: '/:id', preHandler: [load, known], handler: show })
//! app.get('/', { onRequest: app.known }, async () => list())   // the option is read now: what is not there yet is ignored
//! ```

use super::hooks::{HOOKS, absent, bound, hook_steps, hooks_of, middleware, near, with_socket};
use super::{chain, is_function, is_instance, option, prefix, text};
use crate::frameworks::path;
use crate::interpret::Interpreter;
use crate::interpret::framework::{Route, Step, StepKind};
use crate::interpret::native::Native;
use crate::interpret::object::{Convention, Event, Kind, Object, Site};
use crate::interpret::state::{Flow, Outcomes, State};
use crate::interpret::value::{Atom, ObjectId, Value};
use crate::knowledge::names;

/// `instance.route(options)`, or with a method `instance.get(path, [options], handler)`.
pub(super) fn declare(
    interpreter: &mut Interpreter,
    mut state: State,
    instance: ObjectId,
    method: Option<&str>,
    args: &[Value],
    site: Site,
) -> Outcomes {
    let arg = |i: usize| args.get(i).copied().unwrap_or(Value::Undefined);
    let route = interpreter.allocate(&mut state, Object::new(Kind::Plain));
    match method {
        None => {
            interpreter.copy_properties(&mut state, route, arg(0));
            if interpreter.field(&state, route, "url").is_none_or(|u| u == Value::Undefined) {
                let path = interpreter.field(&state, route, "path").unwrap_or(Value::Undefined);
                interpreter.set_field(&mut state, route, "url", path);
            }
        }
        Some(method) => {
            let method = interpreter.values.string(&method.to_ascii_uppercase());
            let is_options = args.len() > 2 || matches!(arg(1), Value::Object(id) if interpreter.object(&state, id).kind == Kind::Plain);
            if is_options {
                interpreter.copy_properties(&mut state, route, arg(1));
            }
            let handler = if is_options { arg(2) } else { arg(1) };
            if handler != Value::Undefined {
                interpreter.set_field(&mut state, route, "handler", handler);
            }
            interpreter.set_field(&mut state, route, "method", method);
            interpreter.set_field(&mut state, route, "url", arg(0));
        }
    }
    let outer = prefix(interpreter, &state, instance);
    let path = interpreter.field(&state, route, "url").unwrap_or(Value::Undefined);
    let full = full_path(interpreter, &state, &outer, path);
    for (name, value) in [("url", full), ("path", full), ("routePath", path)] {
        interpreter.set_field(&mut state, route, name, value);
    }
    let prefix = interpreter.values.string(&outer);
    interpreter.set_field(&mut state, route, "prefix", prefix);
    let mut outcomes = vec![(state, Flow::Value(Value::Undefined))];
    let hooks: Vec<Value> = match outcomes.first() {
        Some((state, _)) => hooks_of(interpreter, state, instance, "onRoute")
            .into_iter()
            .map(|(_, e)| e.args.get(1).copied().unwrap_or(Value::Undefined))
            .collect(),
        None => Vec::new(),
    };
    for hook in hooks {
        outcomes = interpreter.each(outcomes, |i, state, _| i.call(state, site, hook, Value::Object(instance), vec![Value::Object(route)]));
    }
    interpreter.each(outcomes, |i, mut state, _| {
        i.record_call(&mut state, instance, "<route>", vec![Value::Object(route)], site);
        vec![(state, Flow::Value(Value::Object(instance)))]
    })
}

/// A route that a package's plugin answers by itself.
#[expect(clippy::too_many_arguments, reason = "the parts of a route")]
pub(super) fn serve(
    interpreter: &mut Interpreter,
    state: &mut State,
    instance: ObjectId,
    method: &str,
    path: Value,
    plugin: Value,
    exempt: &str,
    site: Site,
) {
    let route = interpreter.allocate(state, Object::new(Kind::Plain));
    let outer = prefix(interpreter, state, instance);
    let url = full_path(interpreter, state, &outer, path);
    let method = interpreter.values.string(method);
    // Files and pages: there is nothing to look into.
    let plugin = if exempt.is_empty() { plugin } else { interpreter.values.native(Native::Nothing) };
    let exempt = interpreter.values.string(exempt);
    for (name, value) in [("method", method), ("url", url), ("handler", plugin), ("<exempt>", exempt)] {
        interpreter.set_field(state, route, name, value);
    }
    interpreter.record_call(state, instance, "<route>", vec![Value::Object(route)], site);
}

/// `@fastify/http-proxy`: everything below a prefix goes to another server.
pub(super) fn proxy(
    interpreter: &mut Interpreter,
    state: &mut State,
    instance: ObjectId,
    path: Value,
    guard: Value,
    plugin: Value,
    site: Site,
) {
    serve(interpreter, state, instance, "ALL", path, plugin, "", site);
    if let Some(event) = interpreter.calls_of(state, instance).last()
        && let Some(Value::Object(route)) = event.args.first().copied()
    {
        interpreter.set_field(state, route, "preHandler", guard);
    }
}

/// Prefix and path, joined as they are written; `/` below a prefix is the prefix itself.
pub(super) fn full_path(interpreter: &mut Interpreter, state: &State, outer: &str, path: Value) -> Value {
    let paths: Vec<Value> = path::patterns(interpreter, state, path)
        .into_iter()
        .map(|pattern| {
            let path = match pattern {
                path::Pattern::Text(text) => text,
                _ => "/:unknown".to_owned(),
            };
            let full = match path.as_str() {
                "/" if !outer.is_empty() => outer.to_owned(),
                path if path.starts_with('/') => format!("{}{path}", outer.strip_suffix('/').unwrap_or(outer)),
                path => format!("{outer}{path}"),
            };
            interpreter.values.string(&full)
        })
        .collect();
    interpreter.values.join_all(paths)
}

pub(super) fn routes(interpreter: &mut Interpreter, state: &mut State) -> Vec<Route> {
    let mut out = Vec::new();
    let mut known: Vec<(Decorations, Step)> = Vec::new();
    for instance in interpreter.framework_objects.clone() {
        if !is_instance(interpreter, state, instance) {
            continue;
        }
        let declared: Vec<_> =
            interpreter.calls_of(state, instance).into_iter().filter(|e| interpreter.values.text(e.method) == "<route>").collect();
        if declared.is_empty() {
            continue;
        }
        let decorations = decorations(interpreter, state, instance);
        // Routes whose requests look alike share the step, and what comes of the hooks after it.
        let decorate = match known.iter().find(|(lists, _)| *lists == decorations) {
            Some((_, step)) => step.clone(),
            None => {
                let site = interpreter.function_site(state, Value::Object(instance)).unwrap_or(declared[0].site);
                let step = prepare(interpreter, state, &decorations, site);
                known.push((decorations, step.clone()));
                step
            }
        };
        for event in declared {
            if let Some(Value::Object(route)) = event.args.first().copied() {
                list(interpreter, state, instance, route, &event, &decorate, &mut out);
            }
        }
    }
    out
}

/// What requests and answers get by `decorateRequest` and `decorateReply`: a list each.
type Decorations = [Vec<(Atom, Value)>; 2];

fn decorations(interpreter: &mut Interpreter, state: &State, instance: ObjectId) -> Decorations {
    let mut out: Decorations = [Vec::new(), Vec::new()];
    for id in chain(interpreter, state, instance) {
        for event in interpreter.calls_of(state, id) {
            let list = match interpreter.values.text(event.method) {
                "decorateRequest" => &mut out[0],
                "decorateReply" => &mut out[1],
                _ => continue,
            };
            let Some(Value::Str(name)) = event.args.first().copied() else { continue };
            let value = super::decoration(interpreter, state, event.args.get(1).copied().unwrap_or(Value::Undefined));
            let is_method = is_function(interpreter, state, value) || matches!(value, Value::External(_));
            // A place for an identity that a hook may fill: who brings none is told apart by that.
            let given = matches!(value, Value::Str(_) | Value::Number(_)) && interpreter.truth_of(value) == Some(true);
            if !is_method && !given && names::is_identity_property(interpreter.values.text(name)) {
                continue;
            }
            list.push((name, value));
        }
    }
    out
}

/// A hidden step that gives requests and answers their properties.
fn prepare(interpreter: &mut Interpreter, state: &mut State, lists: &Decorations, site: Site) -> Step {
    let all = interpreter.allocate(state, Object::new(Kind::Plain));
    for (name, list) in ["request", "reply"].into_iter().zip(lists) {
        let mut object = Object::new(Kind::Plain);
        object.slots.extend(list.iter().map(|(name, value)| (name.0, *value)));
        let object = interpreter.allocate(state, object);
        interpreter.set_field(state, all, name, Value::Object(object));
    }
    let function = interpreter.values.native(Native::Prepare(all));
    Step::new(function, site, StepKind::Prepare)
}

/// What the request knows of its route.
fn told(interpreter: &mut Interpreter, state: &mut State, instance: ObjectId, route: ObjectId, site: Site) -> Step {
    let config = match interpreter.field(state, route, "config") {
        Some(config) if config != Value::Undefined => config,
        _ => Value::Object(interpreter.allocate(state, Object::new(Kind::Plain))),
    };
    let options = interpreter.allocate(state, Object::new(Kind::Plain));
    interpreter.set_field(state, options, "config", config);
    for name in ["url", "method", "schema"] {
        let value = interpreter.field(state, route, name).unwrap_or(Value::Undefined);
        interpreter.set_field(state, options, name, value);
    }
    let url = interpreter.field(state, route, "url").unwrap_or(Value::Undefined);
    let options = Value::Object(options);
    let list = [
        ("routeOptions", options),
        ("context", options),
        ("routeConfig", config),
        ("routerPath", url),
        ("server", Value::Object(instance)),
    ]
    .map(|(name, value)| (interpreter.values.atom(name), value));
    prepare(interpreter, state, &[list.to_vec(), Vec::new()], site)
}

/// The routes of one declaration: one per method and path.
pub(super) fn list(
    interpreter: &mut Interpreter,
    state: &mut State,
    instance: ObjectId,
    route: ObjectId,
    event: &Event,
    decorate: &Step,
    out: &mut Vec<Route>,
) {
    let exempt = match interpreter.field(state, route, "<exempt>").and_then(|e| interpreter.values.as_text(e)) {
        Some("static") => Some("static"),
        Some("docs") => Some("docs"),
        _ => None,
    };
    let mut methods: Vec<String> = Vec::new();
    let given = interpreter.field(state, route, "method").unwrap_or(Value::Undefined);
    for alternative in interpreter.values.alternatives(given) {
        let (items, _) = match alternative {
            Value::Object(_) => interpreter.items_of(state, alternative),
            other => (vec![other], false),
        };
        methods.extend(items.into_iter().filter_map(|m| text(interpreter, m)).map(|m| m.to_ascii_uppercase()));
    }
    if methods.is_empty() {
        methods.push("ALL".to_owned());
    }
    let told = told(interpreter, state, instance, route, event.site);
    let handler = interpreter.field(state, route, "handler").filter(|h| *h != Value::Undefined);
    let socket = option(interpreter, state, Value::Object(route), "websocket", event.site) == Value::Bool(true);
    let handler = match (handler, interpreter.field(state, route, "wsHandler")) {
        (None, Some(handler)) => with_socket(interpreter, handler),
        (Some(handler), _) if socket => with_socket(interpreter, handler),
        (handler, _) => bound(interpreter, handler.unwrap_or(Value::UNKNOWN), instance),
    };
    let url = interpreter.field(state, route, "url").unwrap_or(Value::Undefined);
    for pattern in path::patterns(interpreter, state, url) {
        let path::Pattern::Text(full) = pattern else { continue };
        let mut steps = vec![told.clone(), decorate.clone()];
        middleware(interpreter, state, instance, &full, event, &mut steps);
        for kind in HOOKS {
            hook_steps(interpreter, state, instance, route, kind, event, &mut steps);
        }
        steps.push(Step::new(handler, event.site, StepKind::Returning));
        let mut near = near(interpreter, state, instance, &full, event.site);
        near.extend(absent(interpreter, state, instance, event));
        for method in &methods {
            out.push(Route {
                framework: "fastify",
                method: method.clone(),
                path: path::printed(&full),
                site: event.site,
                is_layer: false,
                convention: Convention::Fastify,
                steps: steps.clone(),
                near: near.clone(),
                conditions: event.conditions.clone(),
                dispatches: false,
                exempt,
                taken: Vec::new(),
                respell: Some(path::escaped),
                blind: full.contains(":unknown").then(|| "its path is only known at run time".to_owned()),
            });
        }
    }
}
