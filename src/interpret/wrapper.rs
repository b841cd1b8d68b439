//! Wrappers and proxies of libraries that hand the request on to a function of the project, and how each does it.
//!
//! ```js
//! export const GET = auth((request) => { if (!request.auth) … })                          // Auth.js: attaches, whoever calls
//! export default withAuth(fn, { callbacks: { authorized: ({ token }) => !!token } })       // next-auth: asks `authorized` first
//! export default clerkMiddleware(async (auth, request) => { if (!isPublic(request)) await auth.protect() })
//! ```

use super::object::{Convention, Http, Kind, Object, Site, Status};
use super::state::{Outcomes, State};
use super::value::{External, ExternalId, Part, Plain, Value};
use super::{Evidence, Interpreter, Mode};
use crate::knowledge::matcher::Matcher;
use crate::knowledge::{self, names};

impl Interpreter<'_> {
    /// What a call of a library's function does, its options considered.
    pub(super) fn kind_with_options(&self, state: &State, name: &str, args: &[Value]) -> Option<knowledge::Kind> {
        for (option, wanted, kind) in knowledge::options(name) {
            let found = args.iter().filter_map(|a| a.as_object()).find_map(|object| self.field(state, object, option));
            if found.and_then(|value| self.to_text(value)).is_some_and(|text| text == wanted) {
                return Some(kind);
            }
        }
        knowledge::find(name).map(|row| row.kind)
    }

    /// A member of a package: `["@clerk/nextjs/server", "auth"]`.
    pub(super) fn external_way(&mut self, way: &[&str]) -> Value {
        let Some((package, members)) = way.split_first() else { return Value::UNKNOWN };
        let atom = self.values.atom(package);
        let mut value = self.values.external(External::Package(atom));
        for member in members {
            if let Value::External(id) = value {
                let atom = self.values.atom(member);
                value = self.values.external(External::Member(id, atom));
            }
        }
        value
    }

    pub(super) fn wrapper_call(&mut self, state: &mut State, site: Site, id: ExternalId, name: &str, args: &[Value]) -> Option<Outcomes> {
        let made_with: Vec<Value> = match self.values.external_of(id) {
            External::Call(_, made_with) => made_with.to_vec(),
            _ => Vec::new(),
        };
        let request = args.first().copied().filter(|r| self.is_web_request(state, *r));
        match name {
            "next-auth().auth()" => {
                let function = self.first_function(state, &made_with)?;
                let request = request?;
                let own = self.attach(state, site, request, "auth", "next-auth().auth", Plain::Null);
                Some(self.call(own, site, function, Value::Undefined, args.to_vec()))
            }
            // Wraps a handler.
            "next-auth().auth" if self.first_function(state, args).is_some() => {
                let value = self.values.called(id, args);
                Some(Self::done(std::mem::take(state), value))
            }
            // As a proxy: `callbacks.authorized` decides.
            "next-auth().auth" => {
                let config = self.made_with(id)?.first().and_then(|c| c.as_object());
                let callbacks = config.and_then(|c| self.field(state, c, "callbacks")).and_then(|c| c.as_object());
                let authorized = callbacks.and_then(|c| self.field(state, c, "authorized"));
                let own = std::mem::take(state);
                Some(match (request, authorized) {
                    (Some(request), Some(authorized)) => {
                        self.ask_authorized(own, site, authorized, ("auth", name), request, |_, state| Self::done(state, Value::Undefined))
                    }
                    (Some(_), None) => Self::done(own, Value::Undefined),
                    _ => {
                        *state = own;
                        return None;
                    }
                })
            }
            "next-auth/middleware.withAuth()" | "next-auth/middleware()" => {
                Some(self.next_auth_proxy(std::mem::take(state), site, name, &made_with, request?, args))
            }
            "next-auth/middleware.withAuth" | "next-auth/middleware" => {
                // As a proxy itself, or called by one with its request.
                let request = request?;
                Some(self.next_auth_proxy(std::mem::take(state), site, name, &args[1..], request, &args[..1]))
            }
            _ if name.starts_with("@clerk/nextjs") => self.clerk_call(state, site, name, &made_with, request, args),
            "@workos-inc/authkit-nextjs.authkitMiddleware()" | "@workos-inc/authkit-nextjs.authkitProxy()" => {
                let options = made_with
                    .first()
                    .and_then(|o| o.as_object())
                    .and_then(|o| self.field(state, o, "middlewareAuth"))
                    .and_then(|o| o.as_object());
                let enabled = options.and_then(|o| self.field(state, o, "enabled")) == Some(Value::Bool(true));
                let open = options.and_then(|o| self.field(state, o, "unauthenticatedPaths"));
                let own = std::mem::take(state);
                if !enabled || open.is_some_and(|open| self.path_matches(&own, open) != Some(false)) {
                    return Some(Self::done(own, Value::Undefined));
                }
                Some(self.turn_away(own, site, name))
            }
            _ => None,
        }
    }

    fn made_with(&self, member: ExternalId) -> Option<Vec<Value>> {
        let External::Member(base, _) = self.values.external_of(member) else { return None };
        match self.values.external_of(*base) {
            External::Call(_, args) => Some(args.to_vec()),
            _ => None,
        }
    }

    fn is_web_request(&self, state: &State, value: Value) -> bool {
        value.as_object().is_some_and(|id| matches!(self.object(state, id).kind, Kind::Http(Http::Request(Convention::Fetch))))
    }

    fn first_function(&self, state: &State, args: &[Value]) -> Option<Value> {
        args.iter().copied().find(|a| self.is_function(Some(state), *a))
    }

    /// Puts what an identity check gives under a name on the request.
    fn attach(&mut self, state: &mut State, site: Site, request: Value, slot: &str, what: &str, plain: Plain) -> State {
        let mut own = std::mem::take(state);
        let value = self.identity(site, what, plain);
        if let Value::Object(id) = request {
            self.set_field(&mut own, id, slot, value);
        }
        own
    }

    /// Answers an anonymous caller with a rejection; lets others pass.
    fn turn_away(&mut self, mut state: State, site: Site, name: &str) -> Outcomes {
        if self.mode == Mode::Anonymous {
            let cause = self.cause(&names::readable(name), site, Evidence::Known);
            state.request.consulted.get_or_insert(cause);
            state.request.denied = Some(cause);
            Self::refuse(&mut state);
        }
        Self::done(state, Value::Undefined)
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
                out.extend(this.turn_away(state.clone(), site, name));
            }
            if this.truth_of(answer) != Some(false) {
                out.extend(go_on(this, state));
            }
            out
        })
    }

    /// next-auth 4: asks `callbacks.authorized`, or whether there is a token; then runs the function, if there is one.
    fn next_auth_proxy(
        &mut self,
        mut state: State,
        site: Site,
        name: &str,
        made_with: &[Value],
        request: Value,
        args: &[Value],
    ) -> Outcomes {
        let function = self.first_function(&state, made_with);
        let options = made_with.iter().filter_map(|a| a.as_object()).find(|o| matches!(self.object(&state, *o).kind, Kind::Plain));
        let callbacks = options.and_then(|o| self.field(&state, o, "callbacks")).and_then(|c| c.as_object());
        let authorized = callbacks.and_then(|c| self.field(&state, c, "authorized"));
        let token = self.identity(site, name, Plain::Null);
        let mut attached = Object::new(Kind::Plain);
        attached.slots.insert(self.values.atom("token").0, token);
        let attached = Value::Object(self.allocate(&mut state, attached));
        if let Value::Object(id) = request {
            self.set_field(&mut state, id, "nextauth", attached);
        }
        let args = args.to_vec();
        let go_on = |this: &mut Self, state: State| match function {
            Some(function) => this.call(state, site, function, Value::Undefined, args.clone()),
            None => Self::done(state, Value::Undefined),
        };
        match authorized {
            Some(authorized) => self.ask_authorized(state, site, authorized, ("token", name), request, go_on),
            None if self.mode == Mode::Anonymous => self.turn_away(state, site, name),
            None => go_on(self, state),
        }
    }

    fn clerk_call(
        &mut self,
        state: &mut State,
        site: Site,
        name: &str,
        made_with: &[Value],
        request: Option<Value>,
        args: &[Value],
    ) -> Option<Outcomes> {
        let way = name.strip_prefix("@clerk/nextjs/server").or_else(|| name.strip_prefix("@clerk/nextjs"))?;
        match way {
            ".clerkMiddleware()" => {
                let request = request?;
                let own = std::mem::take(state);
                let Some(function) = self.first_function(&own, made_with) else { return Some(Self::done(own, Value::Undefined)) };
                let auth = self.external_way(&["@clerk/nextjs/server", "auth"]);
                Some(self.call(own, site, function, Value::Undefined, vec![auth, request, args.get(1).copied().unwrap_or(Value::UNKNOWN)]))
            }
            ".createRouteMatcher()" => {
                let own = std::mem::take(state);
                let value = match made_with.first().and_then(|patterns| self.path_matches(&own, *patterns)) {
                    Some(matches) => Value::Bool(matches),
                    None => Value::UNKNOWN,
                };
                Some(Self::done(own, value))
            }
            ".authMiddleware()" => {
                let request = request?;
                let own = std::mem::take(state);
                let options = made_with.first().and_then(|o| o.as_object());
                let listed = |this: &mut Self, option: &str| match options.and_then(|o| this.field(&own, o, option)) {
                    Some(patterns) => this.path_matches(&own, patterns),
                    None => Some(false),
                };
                let (ignored, public) = (listed(self, "ignoredRoutes"), listed(self, "publicRoutes"));
                if ignored != Some(false) {
                    return Some(Self::done(own, Value::Undefined));
                }
                if let Some(after) = options.and_then(|o| self.field(&own, o, "afterAuth")) {
                    let mut own = own;
                    let mut auth = Object::new(Kind::Plain);
                    for field in ["userId", "sessionId", "orgId"] {
                        let value = self.identity(site, name, Plain::Null);
                        auth.slots.insert(self.values.atom(field).0, value);
                    }
                    let is_public = public.map_or(Value::UNKNOWN, Value::Bool);
                    auth.slots.insert(self.values.atom("isPublicRoute").0, is_public);
                    let auth = Value::Object(self.allocate(&mut own, auth));
                    return Some(self.call(own, site, after, Value::Undefined, vec![auth, request, Value::UNKNOWN]));
                }
                if public != Some(false) {
                    return Some(Self::done(own, Value::Undefined));
                }
                Some(self.turn_away(own, site, name))
            }
            ".auth.redirectToSignIn" => {
                let mut own = std::mem::take(state);
                let kind = Kind::Response { status: Status::Code(307), redirect: true, passes: false };
                let answer = self.allocate(&mut own, Object::new(kind));
                Some(Self::done(own, Value::Object(answer)))
            }
            ".auth.getToken" => Some(Self::done(std::mem::take(state), self.identity(site, name, Plain::Null))),
            _ => None,
        }
    }

    /// Whether the endpoint's path is among a list of matchers, regular expressions included; `None`: not known.
    fn path_matches(&mut self, state: &State, patterns: Value) -> Option<bool> {
        self.read_target = true;
        let mut sample = String::new();
        match self.request_path? {
            Value::Str(atom) => sample.push_str(self.values.text(atom)),
            Value::Pattern(id) => {
                for part in self.values.pattern_of(id).0 {
                    match part {
                        Part::Text(text) => sample.push_str(self.values.text(*text)),
                        Part::Hole => sample.push_str("x-y"),
                    }
                }
            }
            _ => return None,
        }
        let (items, open) = match patterns {
            Value::Object(id) if matches!(self.object(state, id).kind, Kind::Array { .. }) => self.items_of(state, patterns),
            other => (vec![other], false),
        };
        let mut known = !open;
        for item in items {
            let matches = match item {
                Value::Str(atom) => Matcher::new(self.values.text(atom)).map(|m| m.is_match(&sample)),
                Value::Object(id) => match self.object(state, id).kind {
                    Kind::Regex { source, flags } => {
                        knowledge::regex::Regex::new(self.values.text(source), self.values.text(flags)).map(|r| r.is_match(&sample))
                    }
                    _ => None,
                },
                _ => None,
            };
            match matches {
                Some(true) => return Some(true),
                Some(false) => {}
                None => known = false,
            }
        }
        known.then_some(false)
    }
}
