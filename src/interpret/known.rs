//! Calls of libraries that the table knows: what each kind of function does to an anonymous caller, and to others.
//!
//! ```js
//! app.use(expressjwt({ secret, algorithms }))        // a guard: rejects
//! app.use(session({ secret }))                       // attaches: passes
//! const claims = jwt.decode(token)                   // decodes: the caller chose what is in it
//! export default withApiAuthRequired(handler)        // wraps: the handler runs only behind the check
//! ```

use super::library::LibraryCall;
use super::native::Native;
use super::object::Site;
use super::state::{Answer, AnswerKind, Lost, Outcomes, State};
use super::upload::UPLOAD;
use super::value::{CauseId, External, ExternalId, Taint, Value};
use super::{EffectKind, Evidence, Interpreter, Mode};
use crate::knowledge::{self, Kind, names};

impl Interpreter<'_> {
    pub(super) fn call_known(&mut self, state: &mut State, call: &LibraryCall) -> Option<Outcomes> {
        let kind = self.kind_with_options(state, call)?;
        let state = std::mem::take(state);
        Some(match kind {
            Kind::Check { failure, promise } => self.call_check(state, call, failure, promise),
            Kind::Guard { unless } => self.call_known_guard(state, call, unless),
            Kind::Passport => self.call_passport(state, call),
            Kind::Attach | Kind::Neutral => self.call_neutral(state, call),
            Kind::Answer(label) => self.call_answering(state, call, label),
            Kind::Decode => self.decode(state, call),
            Kind::Runs => match self.first_function(&state, call.args) {
                Some(function) => self.call(state, call.site, function, Value::Undefined, vec![Value::truthy(Taint::NONE)]),
                None => self.library_value(state, call),
            },
            Kind::GuardWrapper => {
                let wrapped = self.first_function(&state, call.args);
                let name = self.values.atom(call.name);
                Self::done(state, self.values.native(Native::Guard { name, wrapped }))
            }
            Kind::AttachWrapper => {
                let wrapped = self.first_function(&state, call.args);
                let value = wrapped.map_or(Value::UNKNOWN, |function| self.values.native(Native::Wrapped { function }));
                Self::done(state, value)
            }
        })
    }

    /// What the function does, its options considered.
    fn kind_with_options(&self, state: &State, call: &LibraryCall) -> Option<Kind> {
        for (option, wanted, kind) in knowledge::options(call.name) {
            let found = call.args.iter().filter_map(|a| a.as_object()).find_map(|object| self.field(state, object, option));
            if found.and_then(|value| self.to_text(value)).is_some_and(|text| text == wanted) {
                return Some(kind);
            }
        }
        knowledge::find(call.name).map(|row| row.kind)
    }

    fn call_known_guard(&mut self, mut state: State, call: &LibraryCall, unless: &[(&str, Option<bool>)]) -> Outcomes {
        if let External::Call(_, given) = self.values.external_of(call.id)
            && call.name.contains("protect")
            && given.iter().any(|a| matches!(a, Value::Str(_)))
        {
            // `keycloak.protect('admin')`.
            self.role_seen = true;
        }
        let anonymous = self.mode == Mode::Anonymous;
        if !anonymous || self.is_opted_out(&state, call.id, unless) || self.is_broken_basic_auth(&state, call) {
            let Some(next) = call.next else { return Self::done(state, Value::opaque(Taint::IDENTITY)) };
            let cause = self.cause(&names::readable(call.name), call.site, Evidence::Known);
            state.request.consulted.get_or_insert(cause);
            if anonymous {
                state.request.lost.get_or_insert((cause, Lost::Optional));
                // It believes what the caller sends: `request.auth.user`.
                if call.name == "express-basic-auth()"
                    && let Some(Value::Object(request)) = call.args.first().copied()
                {
                    self.set_field(&mut state, request, "auth", Value::truthy(Taint::REQUEST));
                }
            }
            return self.pass(state, call.site, next);
        }
        let cause = self.cause(&names::readable(call.name), call.site, Evidence::Known);
        match call.next {
            Some(next) if knowledge::libraries::passes_error(call.name) => self.fail(state, call.site, next, cause),
            Some(_) => Self::reject(state, cause),
            // Called as a helper: it throws.
            None if call.name.ends_with("()") || call.name.ends_with("protect") => self.settled_denied(state, cause),
            None => self.library_value(state, call),
        }
    }

    /// Whether the call that made a middleware switched its rejection off.
    pub(super) fn is_opted_out(&self, state: &State, id: ExternalId, unless: &[(&str, Option<bool>)]) -> bool {
        let External::Call(_, args) = self.values.external_of(id) else { return false };
        args.iter().filter_map(|a| a.as_object()).any(|object| {
            unless.iter().any(|(option, value)| {
                self.field(state, object, option).is_some_and(|found| value.is_none_or(|expected| found == Value::Bool(expected)))
            })
        })
    }

    /// `express-basic-auth` takes the promise of an asynchronous authorizer for a yes.
    fn is_broken_basic_auth(&self, state: &State, call: &LibraryCall) -> bool {
        if call.name != "express-basic-auth()" {
            return false;
        }
        let External::Call(_, args) = self.values.external_of(call.id) else { return false };
        let Some(Value::Object(options)) = args.first().copied() else { return false };
        let asynchronous = self.field(state, options, "authorizer").is_some_and(|f| self.is_async(state, f));
        asynchronous && self.field(state, options, "authorizeAsync") != Some(Value::Bool(true))
    }

    fn call_neutral(&mut self, mut state: State, call: &LibraryCall) -> Outcomes {
        match call.next {
            Some(next) => {
                if self.keeps_files(&state, call.id) {
                    self.effect(&mut state, EffectKind::FileWrite, UPLOAD);
                }
                self.pass(state, call.site, next)
            }
            None if self.any_function(&state, call.args) => self.call_unknown(state, call.site, Taint::NONE, call.args),
            None => self.library_value(state, call),
        }
    }

    fn call_answering(&mut self, mut state: State, call: &LibraryCall, label: Option<&str>) -> Outcomes {
        match call.next {
            // A file that is not there is left to what follows.
            Some(next) if label == Some("static") => self.pass(state, call.site, next),
            Some(_) => {
                Self::record(&mut state, AnswerKind::Success, false);
                Self::done(state, Value::Undefined)
            }
            None => self.library_value(state, call),
        }
    }

    /// The caller chose what is in it, or sent nothing to decode.
    fn decode(&mut self, state: State, call: &LibraryCall) -> Outcomes {
        let decoded = Value::opaque(Taint::REQUEST);
        match call.args.iter().rev().copied().find(|a| self.is_function(Some(&state), *a)) {
            Some(callback) => self.call(state, call.site, callback, Value::Undefined, vec![Value::Null, decoded]),
            None => Self::done(state, decoded),
        }
    }

    /// A middleware of a library that is not known: it passes, unless its name is all there is to see and says otherwise.
    pub(super) fn call_middleware(&mut self, state: &mut State, call: &LibraryCall) -> Option<Outcomes> {
        let next = call.next?;
        let mut state = std::mem::take(state);
        let last = names::last_word(call.name);
        if names::is_role_field(last) {
            self.role_seen = true;
        }
        let configured = self.configured_name(call.name);
        if self.mode == Mode::Anonymous && (names::is_guard(last) || configured) {
            let evidence = if configured { Evidence::Config } else { Evidence::Name };
            let cause = self.cause(last, call.site, evidence);
            return Some(Self::reject(state, cause));
        }
        if call.name.starts_with("new :Proxy") || (call.name.starts_with('?') && !names::is_neutral(last)) {
            let cause = self.cause(last, call.site, Evidence::Unseen);
            state.request.unseen.get_or_insert(cause);
        }
        Some(self.pass(state, call.site, next))
    }

    /// Passes the request on.
    pub(super) fn pass(&mut self, mut state: State, site: Site, next: Value) -> Outcomes {
        if next == Value::Undefined {
            state.request.handed_over = true;
            return Self::done(state, Value::UNKNOWN);
        }
        self.call(state, site, next, Value::Undefined, Vec::new())
    }

    /// Hands the lack of an identity on as an error: who handles errors decides what becomes of the request.
    pub(super) fn fail(&mut self, mut state: State, site: Site, next: Value, cause: CauseId) -> Outcomes {
        state.request.consulted.get_or_insert(cause);
        state.request.denied = Some(cause);
        self.call(state, site, next, Value::Undefined, vec![Value::truthy(Taint::ERROR)])
    }

    /// Ends the request for lack of an identity.
    pub(super) fn reject(mut state: State, cause: CauseId) -> Outcomes {
        state.request.consulted.get_or_insert(cause);
        state.request.denied = Some(cause);
        if state.request.answer.is_none() {
            state.request.answer = Some(Answer { kind: AnswerKind::Rejection, constant: true });
        }
        Self::done(state, Value::Undefined)
    }
}
