//! Functions of frameworks that handlers call without having been handed them.
//!
//! ```js
//! const token = (await cookies()).get('session')?.value    // next/headers
//! redirect('/login')                                        // next/navigation: throws
//! ```

use super::Interpreter;
use super::object::{Carrier, Http, Kind, Object, Site, Status};
use super::state::{AnswerKind, Flow, Outcomes, State};
use super::value::{Taint, Value};

impl Interpreter<'_> {
    pub(super) fn platform_call(&mut self, state: &mut State, _site: Site, name: &str, args: &[Value]) -> Option<Outcomes> {
        let mut own = std::mem::take(state);
        let carrier = match name {
            "next/headers.cookies" => Carrier::Cookies,
            "next/headers.headers" => Carrier::Headers,
            "next/navigation.redirect" | "next/navigation.permanentRedirect" => {
                own.request.status = Some(Status::Code(307));
                self.record(&mut own, AnswerKind::Redirect, true);
                return Some(vec![(own, Flow::Throw(Value::truthy(Taint::ERROR)))]);
            }
            "next/navigation.notFound" | "next/navigation.unauthorized" | "next/navigation.forbidden" => {
                self.record(&mut own, AnswerKind::Rejection, true);
                return Some(vec![(own, Flow::Throw(Value::truthy(Taint::ERROR)))]);
            }
            "http-errors" | "createError" | "@hapi/boom.unauthorized" => {
                let error = self.allocate(&mut own, Object::new(Kind::Error { status: Status::Code(401) }));
                return Some(Self::done(own, Value::Object(error)));
            }
            "next/server.after" | "@vercel/functions.waitUntil" => {
                return Some(self.run_callbacks(own, _site, args, Taint::NONE, Value::Undefined));
            }
            _ => {
                *state = own;
                return None;
            }
        };
        let object = self.allocate(&mut own, Object::new(Kind::Http(Http::Carrier(carrier))));
        Some(Self::done(own, Value::Object(object)))
    }
}
