//! Clerk for Next.js: its proxies and what they hand to the project's functions.
//!
//! ```js
//! const isPublic = createRouteMatcher(['/sign-in(.*)'])
//! export default clerkMiddleware(async (auth, request) => { if (!isPublic(request)) await auth.protect() })
//! export default authMiddleware({ publicRoutes: ['/'] })     // before 5
//! ```

use super::super::Interpreter;
use super::super::library::LibraryCall;
use super::super::object::{Kind, Object, Status};
use super::super::state::{Outcomes, State};
use super::super::value::{Plain, Value};

impl Interpreter<'_> {
    pub(super) fn call_clerk(&mut self, state: &mut State, call: &LibraryCall) -> Option<Outcomes> {
        let way = call.name.strip_prefix("@clerk/nextjs/server").or_else(|| call.name.strip_prefix("@clerk/nextjs"))?;
        let request = self.web_request(state, call.args);
        match way {
            ".clerkMiddleware()" => request.map(|request| self.call_clerk_middleware(std::mem::take(state), call, request)),
            ".authMiddleware()" => request.map(|request| self.call_auth_middleware(std::mem::take(state), call, request)),
            ".createRouteMatcher()" => {
                let made_with = self.made_with(call.id);
                let matches = made_with.first().and_then(|patterns| self.path_matches(state, *patterns));
                Some(Self::done(std::mem::take(state), matches.map_or(Value::UNKNOWN, Value::Bool)))
            }
            ".auth.redirectToSignIn" => {
                let mut own = std::mem::take(state);
                let kind = Kind::Response { status: Status::Code(307), redirect: true, passes: false };
                let answer = self.allocate(&mut own, Object::new(kind));
                Some(Self::done(own, Value::Object(answer)))
            }
            ".auth.getToken" => Some(Self::done(std::mem::take(state), self.identity(call.site, call.name, Plain::Null))),
            _ => None,
        }
    }

    /// Enforces nothing by itself: its function does.
    fn call_clerk_middleware(&mut self, state: State, call: &LibraryCall, request: Value) -> Outcomes {
        let made_with = self.made_with(call.id);
        let Some(function) = self.first_function(&state, &made_with) else { return Self::done(state, Value::Undefined) };
        let auth = self.external_way(&["@clerk/nextjs/server", "auth"]);
        let event = call.args.get(1).copied().unwrap_or(Value::UNKNOWN);
        self.call(state, call.site, function, Value::Undefined, vec![auth, request, event])
    }

    /// Before version 5: everything but the listed routes is protected, unless `afterAuth` decides.
    fn call_auth_middleware(&mut self, mut state: State, call: &LibraryCall, request: Value) -> Outcomes {
        let made_with = self.made_with(call.id);
        let options = made_with.first().and_then(|o| o.as_object());
        let listed = |this: &mut Self, option: &str| match options.and_then(|o| this.field(&state, o, option)) {
            Some(patterns) => this.path_matches(&state, patterns),
            None => Some(false),
        };
        let (ignored, public) = (listed(self, "ignoredRoutes"), listed(self, "publicRoutes"));
        if ignored != Some(false) {
            return Self::done(state, Value::Undefined);
        }
        if let Some(after) = options.and_then(|o| self.field(&state, o, "afterAuth")) {
            let auth = self.allocate(&mut state, Object::new(Kind::Plain));
            for field in ["userId", "sessionId", "orgId"] {
                let value = self.identity(call.site, call.name, Plain::Null);
                self.set_field(&mut state, auth, field, value);
            }
            self.set_field(&mut state, auth, "isPublicRoute", public.map_or(Value::UNKNOWN, Value::Bool));
            return self.call(state, call.site, after, Value::Undefined, vec![Value::Object(auth), request, Value::UNKNOWN]);
        }
        if public != Some(false) {
            return Self::done(state, Value::Undefined);
        }
        self.turn_away(state, call.site, call.name)
    }
}
