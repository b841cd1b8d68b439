//! Fastify 4 and 5.
//!
//! ```js
//! const app = Fastify()
//! app.get('/status', status)                                   // guarded: hooks cover the whole instance, in any order
//! app.register(require('./users'), { prefix: '/users' })       // a child instance, made when this function is done
//! app.register(fp(async (f) => f.decorate('known', check)))    // no child: what it adds belongs to `app`
//! app.addHook('onRequest', async (request) => { await request.jwtVerify() })
//! ```
//!
//! Facts about order and scope were executed: `design/frameworks.md`, sections 0 and 2.

mod autoload;
mod packages;
mod register;
mod routes;

use super::FASTIFY;
use crate::interpret::framework::{Framework, Route};
use crate::interpret::native::Native;
use crate::interpret::object::{Event, FrameworkObject, Kind, Object, Site};
use crate::interpret::state::{Flow, Outcomes, State};
use crate::interpret::value::{Atom, External, ObjectId, Taint, Value};
use crate::interpret::{Cx, Interpreter, Mode};
use crate::knowledge::names;
use std::rc::Rc;

pub struct Fastify;

/// Shorthand methods; more come by `addHttpMethod`.
const METHODS: [&str; 20] = [
    "get",
    "head",
    "post",
    "put",
    "delete",
    "options",
    "patch",
    "query",
    "trace",
    "all",
    "propfind",
    "proppatch",
    "mkcol",
    "copy",
    "move",
    "lock",
    "unlock",
    "search",
    "report",
    "mkcalendar",
];

/// Methods of an instance besides those.
const API: [&str; 46] = [
    "register",
    "after",
    "ready",
    "then",
    "listen",
    "close",
    "inject",
    "route",
    "addHook",
    "decorate",
    "decorateRequest",
    "decorateReply",
    "hasDecorator",
    "hasRequestDecorator",
    "hasReplyDecorator",
    "getDecorator",
    "use",
    "addHttpMethod",
    "setErrorHandler",
    "setNotFoundHandler",
    "setValidatorCompiler",
    "setSerializerCompiler",
    "setSchemaController",
    "setSchemaErrorFormatter",
    "setReplySerializer",
    "setChildLoggerFactory",
    "setGenReqId",
    "addContentTypeParser",
    "removeContentTypeParser",
    "removeAllContentTypeParsers",
    "hasContentTypeParser",
    "getDefaultJsonParser",
    "defaultTextParser",
    "addSchema",
    "getSchema",
    "getSchemas",
    "withTypeProvider",
    "printRoutes",
    "printPlugins",
    "addresses",
    "hasRoute",
    "findRoute",
    "hasPlugin",
    "addConstraintStrategy",
    "hasConstraintStrategy",
    "routing",
];

/// Types of a parameter that is an instance.
fn is_instance_type(name: &str) -> bool {
    name.starts_with("Fastify") && name.ends_with("Instance")
}

impl Framework for Fastify {
    fn name(&self) -> &'static str {
        "fastify"
    }

    fn packages(&self) -> &'static [&'static str] {
        &["fastify", "fastify-plugin", "@fastify/autoload", "fastify-autoload"]
    }

    fn construct(&self, interpreter: &mut Interpreter, state: &mut State, name: &str, args: &[Value], site: Site) -> Option<Value> {
        match name {
            "fastify" | "fastify.fastify" => Some(Value::Object(make(interpreter, state, None, "", false, site))),
            "fastify-plugin" | "fastify-plugin.fastifyPlugin" => {
                let plugin = args.first().copied().unwrap_or(Value::Undefined);
                Some(register::lift(interpreter, state, plugin, args.get(1).copied().unwrap_or(Value::Undefined)))
            }
            _ => None,
        }
    }

    fn global(&self, interpreter: &mut Interpreter, state: &mut State, name: &str, cx: &Cx) -> Option<Value> {
        let site = Site { module: cx.module, span: crate::ir::Span::default() };
        (name == "fastify").then(|| Value::Object(make(interpreter, state, None, "", true, site)))
    }

    fn parameter(
        &self,
        interpreter: &mut Interpreter,
        state: &mut State,
        type_name: Option<&str>,
        name: &str,
        site: Site,
    ) -> Option<Value> {
        let fits = match type_name {
            Some(type_name) => is_instance_type(type_name),
            None => {
                name == "fastify" || (matches!(name, "app" | "server" | "instance" | "api") && interpreter.imports(site.module, "fastify"))
            }
        };
        fits.then(|| Value::Object(make(interpreter, state, None, "", true, site)))
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
        if !is_instance(interpreter, &state, object) || method.is_empty() {
            return None;
        }
        let this = Value::Object(object);
        let arg = |i: usize| args.get(i).copied().unwrap_or(Value::Undefined);
        if let Some(own) = decorated(interpreter, &state, object, method) {
            return Some(interpreter.call(state, site, own, this, args.to_vec()));
        }
        if method == "auth" {
            let value = several(interpreter, &state, object, args).unwrap_or(Value::UNKNOWN);
            return done(state, value);
        }
        if interpreter.mode != Mode::Startup {
            return match method {
                "getDecorator" => {
                    let value =
                        text(interpreter, arg(0)).and_then(|n| decorated(interpreter, &state, object, &n)).unwrap_or(Value::UNKNOWN);
                    done(state, value)
                }
                _ if API.contains(&method) || METHODS.contains(&method) => done(state, Value::UNKNOWN),
                _ => Some(call_unseen(interpreter, state, object, method, args, site)),
            };
        }
        match method {
            "register" | "after" | "ready" => {
                register::enqueue(interpreter, &mut state, object, method, args, site);
                done(state, this)
            }
            "listen" => {
                // Calls its callback when the server is up.
                let mut outcomes = vec![(state, Flow::Value(this))];
                for callback in args.iter().copied().filter(|a| matches!(a, Value::Object(_) | Value::Native(_))) {
                    outcomes = interpreter.each(outcomes, |i, state, _| {
                        if !is_function(i, &state, callback) {
                            return vec![(state, Flow::Value(this))];
                        }
                        let called = i.call(state, site, callback, this, vec![Value::Null, Value::UNKNOWN]);
                        called.into_iter().map(|(s, _)| (s, Flow::Value(this))).collect()
                    });
                }
                Some(outcomes)
            }
            "then" => {
                self.awaited(interpreter, &mut state, object);
                Some(if is_function(interpreter, &state, arg(0)) {
                    interpreter.call(state, site, arg(0), Value::Undefined, vec![this])
                } else {
                    vec![(state, Flow::Value(this))]
                })
            }
            "addHook" | "use" | "decorateRequest" | "decorateReply" => {
                record(interpreter, &mut state, object, method, args.to_vec(), site);
                done(state, this)
            }
            "decorate" => {
                if let Some(name) = text(interpreter, arg(0)) {
                    let value = decoration(interpreter, &state, arg(1));
                    set(interpreter, &mut state, object, &name, value);
                }
                done(state, this)
            }
            "hasDecorator" => {
                let value = match text(interpreter, arg(0)) {
                    Some(name) if decorated(interpreter, &state, object, &name).is_some() => Value::Bool(true),
                    Some(_) if !is_open(interpreter, &state, object) => Value::Bool(false),
                    _ => Value::UNKNOWN,
                };
                done(state, value)
            }
            "getDecorator" => {
                let name = text(interpreter, arg(0))?;
                let value = match decorated(interpreter, &state, object, &name) {
                    Some(value) => value,
                    None => unseen(interpreter, &state, object, &name),
                };
                done(state, value)
            }
            "addHttpMethod" => {
                if let Some(name) = text(interpreter, arg(0)) {
                    let root = root(interpreter, &state, object);
                    set(interpreter, &mut state, root, &format!("<method {}>", name.to_ascii_lowercase()), Value::Bool(true));
                }
                done(state, this)
            }
            "route" => Some(routes::declare(interpreter, state, object, None, args, site)),
            _ if METHODS.contains(&method) || inherited(interpreter, &state, object, &format!("<method {method}>")).is_some() => {
                Some(routes::declare(interpreter, state, object, Some(method), args, site))
            }
            "close" | "inject" | "hasRequestDecorator" | "hasReplyDecorator" | "hasPlugin" | "hasRoute" | "getSchema" | "getSchemas" => {
                done(state, Value::UNKNOWN)
            }
            _ if API.contains(&method) => done(state, this),
            _ => Some(call_unseen(interpreter, state, object, method, args, site)),
        }
    }

    fn property(&self, interpreter: &mut Interpreter, state: &mut State, object: ObjectId, name: Atom, site: Site) -> Option<Value> {
        if !is_instance(interpreter, state, object) {
            return Some(Value::Undefined);
        }
        let text = interpreter.values.text(name).to_owned();
        Some(match text.as_str() {
            "log" | "server" | "initialConfig" | "version" | "pluginName" | "listeningOrigin" => Value::truthy(Taint::NONE),
            "prefix" => {
                let prefix = prefix(interpreter, state, object);
                interpreter.values.string(&prefix)
            }
            other if METHODS.contains(&other) || API.contains(&other) || other == "auth" => return None,
            other => {
                let value = unseen(interpreter, state, object, other);
                if value == Value::Undefined && interpreter.mode == Mode::Startup {
                    record(interpreter, state, object, "<absent>", vec![Value::Str(name)], site);
                }
                value
            }
        })
    }

    fn awaited(&self, interpreter: &mut Interpreter, state: &mut State, object: ObjectId) {
        if interpreter.mode == Mode::Startup && is_instance(interpreter, state, object) {
            let root = root(interpreter, state, object);
            register::drain(interpreter, state, root);
        }
    }

    fn started(&self, interpreter: &mut Interpreter, state: &mut State) {
        let mut i = 0;
        // Plugins may make further instances.
        while let Some(id) = interpreter.framework_objects.get(i).copied() {
            i += 1;
            if is_instance(interpreter, state, id) && root(interpreter, state, id) == id {
                register::drain(interpreter, state, id);
                register::ready(interpreter, state, id);
            }
        }
    }

    fn routes(&self, interpreter: &mut Interpreter, state: &mut State) -> Vec<Route> {
        routes::routes(interpreter, state)
    }
}

fn done(state: State, value: Value) -> Option<Outcomes> {
    Some(vec![(state, Flow::Value(value))])
}

/// Makes a root instance, or a child.
fn make(interpreter: &mut Interpreter, state: &mut State, parent: Option<ObjectId>, prefix: &str, by_name: bool, site: Site) -> ObjectId {
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

fn is_instance(interpreter: &Interpreter, state: &State, object: ObjectId) -> bool {
    matches!(&interpreter.object(state, object).kind, Kind::Framework(f) if f.framework == FASTIFY && f.role == "instance")
}

fn events(interpreter: &Interpreter, state: &State, object: ObjectId) -> Vec<Rc<Event>> {
    match &interpreter.object(state, object).kind {
        Kind::Framework(f) => f.events.clone(),
        _ => Vec::new(),
    }
}

/// Notes one call.
fn record(interpreter: &mut Interpreter, state: &mut State, object: ObjectId, method: &str, args: Vec<Value>, site: Site) {
    let event = Rc::new(Event { method: interpreter.values.atom(method), args, site, conditions: state.conditions.to_vec() });
    if let Kind::Framework(f) = &mut interpreter.object_mut(state, object).kind {
        f.events.push(event);
    }
}

/// An instance and those that it is in, from the root down.
fn chain(interpreter: &Interpreter, state: &State, object: ObjectId) -> Vec<ObjectId> {
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

fn root(interpreter: &Interpreter, state: &State, object: ObjectId) -> ObjectId {
    chain(interpreter, state, object).first().copied().unwrap_or(object)
}

fn own(interpreter: &Interpreter, state: &State, object: ObjectId, name: &str) -> Option<Value> {
    interpreter.values.find_atom(name).and_then(|a| interpreter.object(state, object).slots.get(&a.0).copied())
}

/// A property of an instance or of one that it is in.
fn inherited(interpreter: &Interpreter, state: &State, object: ObjectId, name: &str) -> Option<Value> {
    chain(interpreter, state, object).into_iter().rev().find_map(|id| own(interpreter, state, id, name))
}

/// What the project, or a package, put on the instance under this name.
fn decorated(interpreter: &Interpreter, state: &State, object: ObjectId, name: &str) -> Option<Value> {
    inherited(interpreter, state, object, name).filter(|v| *v != Value::Undefined)
}

fn set(interpreter: &mut Interpreter, state: &mut State, object: ObjectId, name: &str, value: Value) {
    let slot = interpreter.values.atom(name).0;
    interpreter.object_mut(state, object).slots.insert(slot, value);
}

fn prefix(interpreter: &Interpreter, state: &State, object: ObjectId) -> String {
    own(interpreter, state, object, "<prefix>").and_then(|v| interpreter.values.as_text(v)).unwrap_or_default().to_owned()
}

fn text(interpreter: &Interpreter, value: Value) -> Option<String> {
    interpreter.values.as_text(value).map(str::to_owned)
}

/// An option of an object that the project gave.
fn option(interpreter: &mut Interpreter, state: &mut State, options: Value, name: &str, site: Site) -> Value {
    let Value::Object(id) = options else { return Value::Undefined };
    let name = interpreter.values.atom(name);
    interpreter.property(state, site, id, name)
}

fn is_function(interpreter: &Interpreter, state: &State, value: Value) -> bool {
    match value {
        Value::Object(id) => matches!(interpreter.object(state, id).kind, Kind::Function(_)),
        Value::Native(_) => true,
        _ => false,
    }
}

/// What `decorate` was given: a value, or `{ getter, setter }`.
fn decoration(interpreter: &mut Interpreter, state: &State, value: Value) -> Value {
    if let Value::Object(id) = value
        && interpreter.object(state, id).kind == Kind::Plain
        && let Some(getter) = own(interpreter, state, id, "getter")
    {
        return interpreter.values.native(Native::Getter(getter));
    }
    value
}

/// Whether something that cannot be seen may have decorated the instance.
fn is_open(interpreter: &Interpreter, state: &State, object: ObjectId) -> bool {
    is_by_name(interpreter, state, object) || inherited(interpreter, state, object, "<unseen>").is_some()
}

fn is_by_name(interpreter: &Interpreter, state: &State, object: ObjectId) -> bool {
    let root = root(interpreter, state, object);
    matches!(&interpreter.object(state, root).kind, Kind::Framework(f) if f.by_name)
}

/// A property that nobody was seen to set. Where everything was seen there is none; packages of the ecosystem set some, but no guards
/// other than those that are known.
fn unseen(interpreter: &mut Interpreter, state: &State, object: ObjectId, name: &str) -> Value {
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

fn call_unseen(interpreter: &mut Interpreter, state: State, object: ObjectId, method: &str, args: &[Value], site: Site) -> Outcomes {
    let function = match unseen(interpreter, &state, object, method) {
        Value::Undefined => Value::UNKNOWN,
        other => other,
    };
    interpreter.call(state, site, function, Value::Object(object), args.to_vec())
}

/// `fastify.auth([a, b, [c, d]], { relation })` of `@fastify/auth`.
fn several(interpreter: &mut Interpreter, state: &State, object: ObjectId, args: &[Value]) -> Option<Value> {
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
