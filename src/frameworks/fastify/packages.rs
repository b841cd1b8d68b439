//! Plugins from packages: what registering them adds.
//!
//! ```js
//! app.register(require('@fastify/bearer-auth'), { keys })   // guards everything, also what was declared before
//! app.register(require('@fastify/basic-auth'), { validate }) // only adds app.basicAuth
//! app.register(require('@fastify/static'), { root, prefix: '/files/' })
//! ```

use super::{autoload, option, routes, text};
use crate::interpret::Interpreter;
use crate::interpret::native::Native;
use crate::interpret::object::{Kind, Object, Site};
use crate::interpret::state::State;
use crate::interpret::value::{External, ObjectId, Taint, Value};

/// `@fastify/jwt` of `@fastify/jwt.fastifyJwt()`; packages of old are known by their new names.
fn package_of(canonical: &str) -> String {
    let name = canonical.strip_prefix("new ").unwrap_or(canonical);
    let start = name.rfind('/').map_or(0, |i| i + 1);
    let end = name[start..].find(['.', '(']).map_or(name.len(), |i| start + i);
    let package = &name[..end];
    match package.strip_prefix("fastify-") {
        Some("plugin") | None => package.to_owned(),
        Some(
            rest @ ("autoload" | "jwt" | "auth" | "bearer-auth" | "basic-auth" | "static" | "env" | "http-proxy" | "cookie" | "cors"
            | "helmet" | "swagger" | "rate-limit" | "multipart" | "formbody" | "sensible" | "websocket" | "redis" | "postgres"
            | "mongodb" | "compress" | "passport" | "session" | "secure-session" | "swagger-ui" | "oauth2" | "csrf-protection"
            | "caching" | "etag" | "accepts" | "mysql" | "view"),
        ) => format!("@fastify/{rest}"),
        Some(_) => package.to_owned(),
    }
}

/// A plugin of a package, loaded on an instance: nearly all of them are wrapped with `fastify-plugin`.
pub(super) fn register(interpreter: &mut Interpreter, state: &mut State, instance: ObjectId, plugin: Value, options: Value, site: Site) {
    let Value::External(id) = plugin else { return };
    let canonical = interpreter.values.external_name(id).to_owned();
    match package_of(&canonical).as_str() {
        "@fastify/autoload" => autoload::run(interpreter, state, instance, options, site),
        "@fastify/jwt" => jwt(interpreter, state, instance, options, site),
        "@fastify/auth" => {
            let relation = option(interpreter, state, options, "defaultRelation", site);
            if relation != Value::Undefined {
                interpreter.set_field(state, instance, "<relation>", relation);
            }
        }
        "@fastify/bearer-auth" => {
            let guard = guard(interpreter, "@fastify/bearer-auth.verifyBearerAuth");
            match option(interpreter, state, options, "addHook", site) {
                Value::Bool(false) => interpreter.set_field(state, instance, "verifyBearerAuth", guard),
                hook => {
                    let kind = text(interpreter, hook).unwrap_or_else(|| "onRequest".to_owned());
                    let kind = interpreter.values.string(&kind);
                    interpreter.record_call(state, instance, "addHook", vec![kind, guard], site);
                }
            }
        }
        "@fastify/basic-auth" => {
            let guard = guard(interpreter, "@fastify/basic-auth.basicAuth");
            interpreter.set_field(state, instance, "basicAuth", guard);
        }
        "@fastify/env" => environment(interpreter, state, instance, options, site),
        "@fastify/static" => {
            if option(interpreter, state, options, "serve", site) != Value::Bool(false) {
                let prefix = option(interpreter, state, options, "prefix", site);
                let path = below(interpreter, prefix);
                routes::serve(interpreter, state, instance, "GET", path, plugin, "static", site);
            }
        }
        "@fastify/swagger-ui" | "@scalar/fastify-api-reference" => {
            let fallback = if canonical.starts_with("@scalar") { "/reference" } else { "/documentation" };
            let path = match option(interpreter, state, options, "routePrefix", site) {
                Value::Undefined => interpreter.values.string(fallback),
                given => given,
            };
            routes::serve(interpreter, state, instance, "GET", path, plugin, "docs", site);
        }
        "@fastify/http-proxy" => {
            let prefix = option(interpreter, state, options, "prefix", site);
            let path = below(interpreter, prefix);
            let handler = option(interpreter, state, options, "preHandler", site);
            routes::proxy(interpreter, state, instance, path, handler, plugin, site);
        }
        package if package.starts_with("@fastify/") => interpreter.set_field(state, instance, "<ecosystem>", Value::Bool(true)),
        _ => interpreter.set_field(state, instance, "<unseen>", Value::Bool(true)),
    }
}

/// Everything below a prefix.
fn below(interpreter: &mut Interpreter, prefix: Value) -> Value {
    let slash = interpreter.values.string("/");
    let star = interpreter.values.string("*");
    match prefix {
        Value::Undefined | Value::Null => interpreter.values.string("/*"),
        given if interpreter.values.as_text(given).is_some_and(|t| t.ends_with('/')) => interpreter.concatenate(&[given, star]),
        given => interpreter.concatenate(&[given, slash, star]),
    }
}

fn guard(interpreter: &mut Interpreter, name: &str) -> Value {
    let name = interpreter.values.atom(name);
    interpreter.values.native(Native::Guard { name, wrapped: None })
}

fn member(interpreter: &mut Interpreter, base: Value, name: &str) -> Value {
    let name = interpreter.values.atom(name);
    match base {
        Value::External(id) => interpreter.values.external(External::Member(id, name)),
        other => other,
    }
}

/// `fastify.jwt`, and with a namespace `request.<namespace>JwtVerify`.
fn jwt(interpreter: &mut Interpreter, state: &mut State, instance: ObjectId, options: Value, site: Site) {
    let package = interpreter.values.atom("@fastify/jwt");
    let jwt = interpreter.values.external(External::Package(package));
    interpreter.set_field(state, instance, "jwt", jwt);
    let namespace = option(interpreter, state, options, "namespace", site);
    let named = option(interpreter, state, options, "jwtVerify", site);
    let name = match (text(interpreter, named), text(interpreter, namespace)) {
        (Some(name), _) => name,
        (None, Some(namespace)) => format!("{namespace}JwtVerify"),
        (None, None) => return,
    };
    let verify = member(interpreter, jwt, "jwtVerify");
    let name = interpreter.values.string(&name);
    interpreter.record_call(state, instance, "decorateRequest", vec![name, verify], site);
}

/// `fastify.config`: the defaults of the schema where it has some, otherwise what only the server knows.
fn environment(interpreter: &mut Interpreter, state: &mut State, instance: ObjectId, options: Value, site: Site) {
    let schema = option(interpreter, state, options, "schema", site);
    let properties = option(interpreter, state, schema, "properties", site);
    let config = interpreter.allocate(state, Object::new(Kind::Plain));
    if let Value::Object(id) = properties {
        let slots: Vec<(u32, Value)> = interpreter.object(state, id).slots.iter().map(|(k, v)| (*k, *v)).collect();
        for (name, property) in slots {
            let default = match property {
                Value::Object(property) => interpreter.field(state, property, "default"),
                _ => None,
            };
            let value = match default {
                Some(value @ (Value::Str(_) | Value::Number(_) | Value::Bool(_))) => value,
                _ => Value::opaque(Taint::SECRET),
            };
            interpreter.object_mut(state, config).slots.insert(name, value);
        }
    } else {
        interpreter.set_field(state, config, "<rest>", Value::opaque(Taint::SECRET));
    }
    let name = option(interpreter, state, options, "confKey", site);
    let name = text(interpreter, name).unwrap_or_else(|| "config".to_owned());
    interpreter.set_field(state, instance, &name, Value::Object(config));
}
