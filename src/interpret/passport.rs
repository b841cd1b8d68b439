//! passport: a guard by its strategies, or a check with a callback.
//!
//! ```js
//! app.use(passport.authenticate('jwt', { session: false }))                      // rejects
//! passport.authenticate('jwt', (error, user) => { if (!user) … })(req, res, next) // the callback decides
//! passport.authenticate(['jwt', 'anonymous'])                                    // everybody passes
//! passport.authenticate('jwt', { failWithError: true })                           // error handlers are asked
//! ```

use super::library::LibraryCall;
use super::object::Kind;
use super::state::{AnswerKind, Outcomes, State, gather};
use super::value::{External, Plain, Taint, Value};
use super::{Evidence, Interpreter, Mode};
use crate::knowledge::libraries::providers::presents_credential;

impl Interpreter<'_> {
    pub(super) fn call_passport(&mut self, mut state: State, call: &LibraryCall) -> Outcomes {
        let made_with = match self.values.external_of(call.id) {
            External::Call(_, made_with) => made_with.to_vec(),
            _ => Vec::new(),
        };
        let strategies = made_with.first().copied().unwrap_or(Value::Undefined);
        let label = self.passport_label(&state, strategies);
        let cause = self.cause(&label, call.site, Evidence::Known);
        if let Some(callback) = made_with.last().copied().filter(|a| self.is_function(Some(&state), *a)) {
            state.request.consulted.get_or_insert(cause);
            let user = match self.mode {
                Mode::Anonymous => Value::Anonymous(Plain::False, cause),
                _ => Value::opaque(Taint::IDENTITY),
            };
            return self.call(state, call.site, callback, Value::Undefined, vec![Value::Null, user, Value::truthy(Taint::NONE)]);
        }
        let Some(next) = call.next else { return Self::done(state, Value::UNKNOWN) };
        if self.mode == Mode::Anyone && self.redirects(strategies) {
            let mut answered = state.clone();
            // Where to is made up for the caller: the start of a login, not a guard's way of turning somebody away.
            Self::record(&mut answered, AnswerKind::Redirect, false);
            let mut outcomes = Self::done(answered, Value::Undefined);
            gather(&mut outcomes, self.pass(state, call.site, next));
            return outcomes;
        }
        if self.mode == Mode::Anonymous && !self.has_lenient_strategy(&state, strategies) {
            let options = made_with.get(1).and_then(|o| o.as_object());
            let fails = options.is_some_and(|o| self.field(&state, o, "failWithError") == Some(Value::Bool(true)));
            return if fails { self.fail(state, call.site, next, cause) } else { Self::reject(state, cause) };
        }
        state.request.consulted.get_or_insert(cause);
        self.pass(state, call.site, next)
    }

    fn passport_label(&self, state: &State, strategies: Value) -> String {
        let strategy = match strategies {
            Value::Object(id) => match &self.object(state, id).kind {
                Kind::Array { items, .. } => items.first().and_then(|s| self.values.as_text(*s)),
                _ => None,
            },
            value => self.values.as_text(value),
        };
        strategy.map_or_else(|| "passport.authenticate()".into(), |s| format!("passport.authenticate('{s}')"))
    }

    /// Whether a strategy sends the browser elsewhere and so answers by itself: one of OAuth's and its kin.
    fn redirects(&self, strategies: Value) -> bool {
        self.values.as_text(strategies).is_some_and(|strategy| !presents_credential(strategy))
    }

    /// `anonymous` among the strategies lets everybody through.
    fn has_lenient_strategy(&self, state: &State, strategies: Value) -> bool {
        let items = match strategies {
            Value::Str(_) => vec![strategies],
            other => self.items_of(state, other).0,
        };
        items.iter().any(|s| self.values.as_text(*s).is_some_and(|t| t.contains("anonym") || t == "session" || t == "guest"))
    }
}
