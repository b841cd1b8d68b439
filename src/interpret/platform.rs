//! Functions of frameworks that handlers call without having been handed them.
//!
//! ```js
//! const token = (await cookies()).get('session')?.value    // next/headers
//! redirect('/login')                                        // next/navigation: throws
//! ```

use super::Interpreter;
use super::object::{Carrier, Http, Kind, Object, Site, Status};
use super::state::{AnswerKind, Flow, Outcomes, State};
use super::value::{External, ExternalId, Taint, Value};

impl Interpreter<'_> {
    pub(super) fn platform_call(&mut self, state: &mut State, site: Site, name: &str, args: &[Value]) -> Option<Outcomes> {
        let mut own = std::mem::take(state);
        let carrier = match name {
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
                return Some(self.run_callbacks(own, site, args, Taint::NONE, Value::Undefined));
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
    pub(super) fn digest_call(&mut self, state: &State, id: ExternalId, name: &str, args: &[Value]) -> Option<Value> {
        let name = name.strip_prefix("node:").unwrap_or(name).strip_prefix("crypto.")?;
        let rest = ["createHash", "createHmac", "createSign"].into_iter().find_map(|f| name.strip_prefix(f))?;
        if rest.is_empty() || rest.ends_with("().update") {
            return Some(self.values.called(id, args));
        }
        if !rest.ends_with("().digest") && !rest.ends_with("().sign") {
            return None;
        }
        let mut taint = self.taint_of_all(state, args);
        let mut step = id;
        for _ in 0..32 {
            match self.values.external_of(step) {
                External::Call(base, args) => {
                    taint = args.iter().fold(taint, |t, a| t.union(self.deep_taint(state, *a)));
                    step = *base;
                }
                External::Member(base, _) => step = *base,
                _ => break,
            }
        }
        Some(Value::truthy(taint.without(Taint::ERROR)))
    }
}
