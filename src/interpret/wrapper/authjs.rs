//! Auth.js and next-auth: handlers and proxies that they wrap.
//!
//! ```js
//! export const GET = auth((request) => { if (!request.auth) … })                          // attaches, whoever calls
//! export default withAuth(fn, { callbacks: { authorized: ({ token }) => !!token } })       // asks `authorized` first
//! ```

use super::super::library::LibraryCall;
use super::super::object::{Kind, Object, Site};
use super::super::state::{Outcomes, State, gather};
use super::super::value::{External, ObjectId, Plain, Value};
use super::super::{Interpreter, Mode};

impl Interpreter<'_> {
    pub(super) fn call_authjs(&mut self, state: &mut State, call: &LibraryCall) -> Option<Outcomes> {
        let request = self.web_request(state, call.args);
        match call.name {
            "next-auth().auth()" => self.call_auth_wrapped(state, call, request?),
            // Wraps a handler.
            "next-auth().auth" if self.first_function(state, call.args).is_some() => Some(self.library_value(std::mem::take(state), call)),
            "next-auth().auth" => self.call_auth_as_proxy(state, call, request?),
            "next-auth/middleware.withAuth()" | "next-auth/middleware()" => {
                let (request, made_with) = (request?, self.made_with(call.id));
                Some(self.next_auth_proxy(std::mem::take(state), call, &made_with, request, call.args))
            }
            // As a proxy itself, or called by one with its request.
            "next-auth/middleware.withAuth" | "next-auth/middleware" => {
                let request = request?;
                let (first, made_with) = call.args.split_at(1);
                Some(self.next_auth_proxy(std::mem::take(state), call, made_with, request, first))
            }
            _ => None,
        }
    }

    /// `auth((request) => …)`: the function runs with `request.auth`, whoever calls.
    fn call_auth_wrapped(&mut self, state: &mut State, call: &LibraryCall, request: Value) -> Option<Outcomes> {
        let made_with = self.made_with(call.id);
        let function = self.first_function(state, &made_with)?;
        let mut own = std::mem::take(state);
        let identity = self.identity(call.site, "next-auth().auth", Plain::Null);
        if let Value::Object(id) = request {
            self.set_field(&mut own, id, "auth", identity);
        }
        Some(self.call(own, call.site, function, Value::Undefined, call.args.to_vec()))
    }

    /// `export { auth as proxy }`: `callbacks.authorized` of the configuration decides.
    fn call_auth_as_proxy(&mut self, state: &mut State, call: &LibraryCall, request: Value) -> Option<Outcomes> {
        let External::Member(base, _) = self.values.external_of(call.id) else { return None };
        let External::Call(_, made_with) = self.values.external_of(*base) else { return None };
        let config = made_with.first().copied().and_then(Value::as_object);
        let own = std::mem::take(state);
        Some(match config.and_then(|config| self.authorized_of(&own, config)) {
            Some(authorized) => {
                let go_on = |_: &mut Self, state| Self::done(state, Value::Undefined);
                self.ask_authorized(own, call.site, authorized, ("auth", call.name), request, go_on)
            }
            None => Self::done(own, Value::Undefined),
        })
    }

    /// `callbacks.authorized` of some options.
    fn authorized_of(&self, state: &State, options: ObjectId) -> Option<Value> {
        let callbacks = self.field(state, options, "callbacks")?.as_object()?;
        self.field(state, callbacks, "authorized")
    }

    /// Calls `authorized({ auth | token, request })` and goes on where it agrees.
    fn ask_authorized(
        &mut self,
        mut state: State,
        site: Site,
        authorized: Value,
        (slot, name): (&str, &str),
        request: Value,
        mut go_on: impl FnMut(&mut Self, State) -> Outcomes,
    ) -> Outcomes {
        let identity = self.identity(site, name, Plain::Null);
        let mut argument = Object::new(Kind::Plain);
        for (name, value) in [(slot, identity), ("request", request), ("req", request)] {
            argument.slots.insert(self.values.atom(name).0, value);
        }
        let argument = Value::Object(self.allocate(&mut state, argument));
        let answers = self.call(state, site, authorized, Value::Undefined, vec![argument]);
        let answers = self.each(answers, |this, state, value| this.wait_for(state, value));
        self.each(answers, |this, state, answer| {
            if let Value::Object(id) = answer
                && matches!(this.object(&state, id).kind, Kind::Response { .. })
            {
                return Self::done(state, answer);
            }
            let mut out = Outcomes::new();
            if this.truth_of(answer) != Some(true) {
                gather(&mut out, this.turn_away(state.clone(), site, name));
            }
            if this.truth_of(answer) != Some(false) {
                out.extend(go_on(this, state));
            }
            out
        })
    }

    /// next-auth 4: asks `callbacks.authorized`, or whether there is a token; then runs the function, if there is one.
    fn next_auth_proxy(&mut self, mut state: State, call: &LibraryCall, made_with: &[Value], request: Value, args: &[Value]) -> Outcomes {
        let LibraryCall { site, name, .. } = *call;
        let function = self.first_function(&state, made_with);
        let options = made_with.iter().filter_map(|a| a.as_object()).find(|o| matches!(self.object(&state, *o).kind, Kind::Plain));
        let authorized = options.and_then(|options| self.authorized_of(&state, options));
        let token = self.identity(site, name, Plain::Null);
        let attached = self.allocate(&mut state, Object::new(Kind::Plain));
        self.set_field(&mut state, attached, "token", token);
        if let Value::Object(id) = request {
            self.set_field(&mut state, id, "nextauth", Value::Object(attached));
        }
        let go_on = |this: &mut Self, state: State| match function {
            Some(function) => this.call(state, site, function, Value::Undefined, args.to_vec()),
            None => Self::done(state, Value::Undefined),
        };
        match authorized {
            Some(authorized) => self.ask_authorized(state, site, authorized, ("token", name), request, go_on),
            None if self.mode == Mode::Anonymous => self.turn_away(state, site, name),
            None => go_on(self, state),
        }
    }
}
