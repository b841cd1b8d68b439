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
//! Order and scope are what the real Fastify did: `js-tests/differential` boots it and compares.

mod autoload;
mod hooks;
mod instance;
mod packages;
mod register;
mod routes;

use super::FASTIFY;
use crate::interpret::framework::{Framework, Route};
use crate::interpret::object::Site;
use crate::interpret::state::{Flow, Outcomes, State};
use crate::interpret::value::{Atom, ObjectId, Taint, Value};
use crate::interpret::{Cx, Interpreter, Mode};
use instance::{
    call_unseen, chain, decorated, decoration, done, inherited, is_by_name, is_function, is_instance, is_open, make, option, prefix, root,
    several, text, unseen,
};

pub(super) struct Fastify;

/// Shorthand methods; more come by `addHttpMethod`.
pub(super) const METHODS: [&str; 20] = [
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
pub(super) const API: [&str; 46] = [
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
pub(super) fn is_instance_type(name: &str) -> bool {
    name.starts_with("Fastify") && name.ends_with("Instance")
}

impl Framework for Fastify {
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
        let site = Site::file(cx.module);
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
            "addHook" if hooks::HOOKS.iter().any(|h| interpreter.values.as_text(arg(0)) == Some(h)) => {
                register::add_hook(interpreter, &mut state, object, args, site);
                done(state, this)
            }
            "addHook" | "use" | "decorateRequest" | "decorateReply" => {
                interpreter.record_call(&mut state, object, method, args.to_vec(), site);
                done(state, this)
            }
            "decorate" => {
                if let Some(name) = text(interpreter, arg(0)) {
                    let value = decoration(interpreter, &state, arg(1));
                    interpreter.set_field(&mut state, object, &name, value);
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
                    interpreter.set_field(&mut state, root, &format!("<method {}>", name.to_ascii_lowercase()), Value::Bool(true));
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
                    interpreter.record_call(state, object, "<absent>", vec![Value::Str(name)], site);
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
