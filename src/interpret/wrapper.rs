//! Wrappers and proxies of libraries that hand the request on to a function of the project, and what they share.
//!
//! ```js
//! export const GET = auth((request) => { if (!request.auth) … })     // Auth.js: see `authjs.rs`
//! export default clerkMiddleware(async (auth, request) => { … })      // Clerk: see `clerk.rs`
//! export default authkitMiddleware({ middlewareAuth: { enabled: true, unauthenticatedPaths: ['/login'] } })
//! ```

mod authjs;
mod clerk;

use super::library::LibraryCall;
use super::object::{Convention, Http, Kind, Site};
use super::state::{Outcomes, State};
use super::value::{External, ExternalId, Part, Value};
use super::{Evidence, Interpreter, Mode};
use crate::knowledge::matcher::Matcher;
use crate::knowledge::{self, names};

impl Interpreter<'_> {
    pub(super) fn call_wrapper(&mut self, state: &mut State, call: &LibraryCall) -> Option<Outcomes> {
        let package = call.name.split(['.', '(']).next()?;
        match package {
            "next-auth" | "next-auth/middleware" => self.call_authjs(state, call),
            "@clerk/nextjs" | "@clerk/nextjs/server" => self.call_clerk(state, call),
            "@workos-inc/authkit-nextjs" => self.call_authkit(state, call),
            _ => None,
        }
    }

    /// AuthKit's proxy enforces only where it is told to.
    fn call_authkit(&mut self, state: &mut State, call: &LibraryCall) -> Option<Outcomes> {
        if !matches!(call.name, "@workos-inc/authkit-nextjs.authkitMiddleware()" | "@workos-inc/authkit-nextjs.authkitProxy()") {
            return None;
        }
        let own = std::mem::take(state);
        let made_with = self.made_with(call.id);
        let options = made_with.first().and_then(|o| o.as_object());
        let options = options.and_then(|o| self.field(&own, o, "middlewareAuth")).and_then(Value::as_object);
        let enabled = options.and_then(|o| self.field(&own, o, "enabled")) == Some(Value::Bool(true));
        let open = options.and_then(|o| self.field(&own, o, "unauthenticatedPaths"));
        if !enabled || open.is_some_and(|open| self.path_matches(&own, open) != Some(false)) {
            return Some(Self::done(own, Value::Undefined));
        }
        Some(self.turn_away(own, call.site, call.name))
    }

    /// What the call that made a value was given.
    fn made_with(&self, id: ExternalId) -> Vec<Value> {
        match self.values.external_of(id) {
            External::Call(_, args) => args.to_vec(),
            _ => Vec::new(),
        }
    }

    /// The request that a proxy or a route handler is called with.
    pub(super) fn web_request(&self, state: &State, args: &[Value]) -> Option<Value> {
        let is_request = |id| matches!(self.object(state, id).kind, Kind::Http(Http::Request(Convention::Fetch)));
        args.first().copied().filter(|value| value.as_object().is_some_and(is_request))
    }

    pub(super) fn first_function(&self, state: &State, args: &[Value]) -> Option<Value> {
        args.iter().copied().find(|a| self.is_function(Some(state), *a))
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
