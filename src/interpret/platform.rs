//! Functions of frameworks that handlers call without having been handed them.
//!
//! ```js
//! const token = (await cookies()).get('session')?.value    // next/headers
//! redirect('/login')                                        // next/navigation: throws
//! ```

use super::Interpreter;
use super::library::LibraryCall;
use super::object::{Carrier, Http, Kind, Object, Status};
use super::state::{AnswerKind, Flow, Outcomes, State};
use super::value::{External, Taint, Value};

impl Interpreter<'_> {
    pub(super) fn call_platform(&mut self, state: &mut State, call: &LibraryCall) -> Option<Outcomes> {
        let mut own = std::mem::take(state);
        let carrier = match call.name {
            "next/headers.cookies" => Carrier::Cookies,
            "next/headers.headers" => Carrier::Headers,
            "next/navigation.redirect" | "next/navigation.permanentRedirect" => {
                own.request.status = Some(Status::Code(307));
                Self::record(&mut own, AnswerKind::Redirect, true);
                return Some(vec![(own, Flow::Throw(Value::truthy(Taint::ERROR)))]);
            }
            "next/navigation.notFound" | "next/navigation.unauthorized" | "next/navigation.forbidden" => {
                Self::record(&mut own, AnswerKind::Rejection, true);
                return Some(vec![(own, Flow::Throw(Value::truthy(Taint::ERROR)))]);
            }
            "http-errors" | "createError" | "@hapi/boom.unauthorized" => {
                let error = self.allocate(&mut own, Object::new(Kind::Error { status: Status::Code(401) }));
                return Some(Self::done(own, Value::Object(error)));
            }
            "next/server.after" | "@vercel/functions.waitUntil" => {
                return Some(self.run_callbacks(own, call.site, call.args, Taint::NONE, Value::Undefined));
            }
            _ => {
                *state = own;
                return None;
            }
        };
        let object = self.allocate(&mut own, Object::new(Kind::Http(Http::Carrier(carrier))));
        Some(Self::done(own, Value::Object(object)))
    }

    /// `createHmac('sha256', key).update(body).digest('hex')`: made of everything that went in.
    pub(super) fn call_digest(&mut self, state: &mut State, call: &LibraryCall) -> Option<Outcomes> {
        let name = call.name.strip_prefix("node:").unwrap_or(call.name).strip_prefix("crypto.")?;
        if matches!(name, "scrypt" | "scryptSync" | "pbkdf2" | "pbkdf2Sync" | "hkdf" | "hkdfSync") {
            let state = std::mem::take(state);
            let derived = Value::truthy(self.taint_of_all(&state, call.args).without(Taint::SCHEME));
            return Some(match call.args.last() {
                Some(callback) if self.is_function(Some(&state), *callback) => {
                    self.call(state, call.site, *callback, Value::Undefined, vec![Value::opaque(Taint::ERROR), derived])
                }
                _ => Self::done(state, derived),
            });
        }
        let rest = ["createHash", "createHmac", "createSign"].into_iter().find_map(|f| name.strip_prefix(f))?;
        if rest.is_empty() || rest.ends_with("().update") {
            return Some(self.library_value(std::mem::take(state), call));
        }
        if !rest.ends_with("().digest") && !rest.ends_with("().sign") {
            return None;
        }
        let mut taint = self.taint_of_all(state, call.args);
        let mut step = call.id;
        for _ in 0..32 {
            match self.values.external_of(step) {
                External::Call(base, args) => {
                    taint = taint.union(self.taint_of_all(state, args));
                    // Whatever the key is, the caller has not got it.
                    if let Some(key @ (Value::Opaque(_) | Value::Pattern(_) | Value::External(_) | Value::Union(_))) = args.get(1)
                        && self.values.external_name(*base).ends_with("createHmac")
                        && !self.taint_of(*key).has(Taint::REQUEST)
                    {
                        taint = taint.union(Taint::SECRET);
                    }
                    step = *base;
                }
                External::Member(base, _) => step = *base,
                _ => break,
            }
        }
        Some(Self::done(std::mem::take(state), Value::truthy(taint.without(Taint::ERROR))))
    }
}
