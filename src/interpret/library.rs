//! Calls into libraries while a request is handled: who knows what such a call does.
//!
//! ```js
//! const payload = jwt.verify(token, key)           // by the table of libraries: throws
//! await prisma.user.findMany()                     // by the tables of stores: reads users
//! const user = await requireUser(req)              // by its name, where its body cannot be seen
//! passport.authenticate('jwt', callback)(req, res, next)
//! ```

use super::object::{Http, Kind as Shape, Site};
use super::state::{Outcomes, State};
use super::value::{ExternalId, Taint, Value};
use super::{EffectKind, Interpreter, Mode};
use crate::knowledge::libraries::others::only_computes;
use crate::knowledge::{self, data, names};

/// A call of a library's value.
pub(super) struct LibraryCall<'c> {
    pub(super) site: Site,
    pub(super) id: ExternalId,
    /// The canonical name: `jsonwebtoken.verify`.
    pub(super) name: &'c str,
    pub(super) args: &'c [Value],
    /// Called as a middleware is, with a request and an answer: what passes the request on.
    pub(super) next: Option<Value>,
}

/// What a library's name alone tells.
#[derive(Clone, Copy)]
pub(super) struct Facts {
    /// Calling it makes something that is known.
    makes: bool,
    effect: Option<EffectKind>,
    hashes_password: bool,
}

/// Answers a call that it knows, and then takes the state; leaves it to the next otherwise.
type Step<'a> = fn(&mut Interpreter<'a>, &mut State, &LibraryCall) -> Option<Outcomes>;

impl<'a> Interpreter<'a> {
    pub(super) fn call_library(&mut self, mut state: State, site: Site, id: ExternalId, name: &str, args: &[Value]) -> Outcomes {
        let call = LibraryCall { site, id, name, args, next: self.next_of(&state, args) };
        // From what is known for certain to what a name suggests.
        let steps: [Step<'a>; 11] = [
            Self::call_platform,
            Self::call_upload,
            Self::call_wrapper,
            Self::call_digest,
            Self::call_unless,
            Self::make_middleware,
            Self::call_known,
            Self::call_middleware,
            Self::call_store,
            Self::call_helper,
            Self::compute,
        ];
        for step in steps {
            if let Some(outcomes) = step(self, &mut state, &call) {
                return outcomes;
            }
        }
        self.call_unseen(state, &call)
    }

    /// Worked out once for each name.
    fn facts(&mut self, call: &LibraryCall) -> Facts {
        let (at, name) = (call.id.0 as usize, call.name);
        if self.facts.len() <= at {
            self.facts.resize(at + 1, None);
        }
        *self.facts[at].get_or_insert_with(|| Facts {
            makes: knowledge::find(name).is_none() && knowledge::find(&format!("{name}()")).is_some(),
            effect: data::effect(name),
            hashes_password: knowledge::hashes_password(name),
        })
    }

    /// `(req, res, next)`: what is to be called to pass the request on.
    fn next_of(&self, state: &State, args: &[Value]) -> Option<Value> {
        let [request, answer, ..] = args else { return None };
        let is = |value: &Value, test: fn(&Http) -> bool| {
            value.as_object().is_some_and(|id| matches!(&self.object(state, id).kind, Shape::Http(http) if test(http)))
        };
        if !is(request, |h| matches!(h, Http::Request(_))) || !is(answer, |h| matches!(h, Http::Response(_))) {
            return None;
        }
        Some(args.get(2).copied().unwrap_or(Value::Undefined))
    }

    /// A factory of middleware, called while a request is handled.
    fn make_middleware(&mut self, state: &mut State, call: &LibraryCall) -> Option<Outcomes> {
        let is_factory = call.next.is_none() && self.facts(call).makes;
        is_factory.then(|| self.library_value(std::mem::take(state), call))
    }

    /// What the call touches, and what an anonymous caller gets from a data store.
    fn call_store(&mut self, state: &mut State, call: &LibraryCall) -> Option<Outcomes> {
        let facts = self.facts(call);
        self.hashes_password |= facts.hashes_password;
        let Some(kind) = facts.effect else {
            return self.cached_by_credential(state, call).or_else(|| self.store_operation(state, call));
        };
        // A file that the code names is a page.
        let page = kind == EffectKind::FileRead && call.args.first().is_some_and(|a| self.is_page(state, *a));
        if !page {
            let subject = match kind {
                EffectKind::Payment => call.name.split('.').next().unwrap_or_default(),
                EffectKind::DbRead => "metrics",
                _ => "",
            };
            self.effect(state, kind, subject);
        }
        None
    }

    /// A helper that is named like an identity check.
    fn call_helper(&mut self, state: &mut State, call: &LibraryCall) -> Option<Outcomes> {
        if self.mode != Mode::Anonymous {
            return None;
        }
        let name = match call.name.strip_prefix(':') {
            Some(global) if !global.contains('.') => global,
            // A method of one of the platform's own objects.
            Some(_) => return None,
            None if call.args.is_empty() && !call.name.starts_with('?') => return None,
            None => names::last_word(call.name),
        };
        self.check_by_name(state, call.site, name, call.args)
    }

    /// What goes in is what comes out.
    fn compute(&mut self, state: &mut State, call: &LibraryCall) -> Option<Outcomes> {
        only_computes(call.name).then(|| {
            let taint = self.taint_of_all(state, call.args);
            Self::done(std::mem::take(state), Value::opaque(taint.without(Taint::ERROR).derived()))
        })
    }

    /// A call of which nothing is known but what it is given.
    fn call_unseen(&mut self, mut state: State, call: &LibraryCall) -> Outcomes {
        if call.args.iter().any(|a| self.is_answer(&state, *a)) {
            state.request.handed_over = true;
        }
        if self.any_function(&state, call.args) {
            return self.call_unknown(state, call.site, Taint::NONE, call.args);
        }
        let taint = self.taint_of_all(&state, call.args);
        if taint.has(Taint::CREDENTIAL) {
            let asked = self.facts(call).effect == Some(EffectKind::Network);
            let answer = if asked { Taint::ANSWER } else { Taint::NONE };
            return Self::done(state, Value::opaque(taint.union(Taint::UNSEEN).union(answer)));
        }
        self.library_value(state, call)
    }

    /// A client, builder or middleware of the library: what is done with it next will tell.
    pub(super) fn library_value(&mut self, state: State, call: &LibraryCall) -> Outcomes {
        let value = self.values.called(call.id, call.args);
        Self::done(state, value)
    }
}
