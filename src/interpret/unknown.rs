//! Calls of what is not known: callbacks may run, the result depends on what was given.
//!
//! ```js
//! pool.query(sql, (error, rows) => res.json(rows))
//! ```

use super::object::Site;
use super::state::{Flow, Outcomes, State};
use super::value::{Taint, Value};
use super::{Interpreter, Mode};
use crate::knowledge;

impl Interpreter<'_> {
    /// A call of something that is not known: its callbacks may run, its result depends on what it was given.
    pub(super) fn call_unknown(&mut self, mut state: State, site: Site, taint: Taint, args: &[Value]) -> Outcomes {
        let mut result = taint.without(Taint::METHOD);
        for arg in args {
            result = result.union(self.deep_taint(&state, *arg));
            if self.is_answer(&state, *arg) {
                state.request.handed_over = true;
            }
        }
        if result.has(Taint::CREDENTIAL) {
            result = result.union(Taint::UNSEEN);
        } else {
            result = result.derived();
        }
        self.run_callbacks(state, site, args, result, Value::opaque(result.without(Taint::ERROR)))
    }

    /// Runs the functions among the arguments, each of which may or may not be called, with values that are not known.
    pub(super) fn run_callbacks(&mut self, state: State, site: Site, args: &[Value], taint: Taint, result: Value) -> Outcomes {
        let mut states = vec![state];
        for arg in args {
            if !self.is_function(states.first(), *arg) {
                continue;
            }
            let mut next = Vec::new();
            for state in states {
                let unknown = Value::opaque(taint);
                // Node's convention: an error first. Whether it is set cannot be told.
                let called = self.call(state.clone(), site, *arg, Value::Undefined, vec![unknown; 4]);
                if self.mode != Mode::Startup {
                    next.push(state);
                }
                next.extend(called.into_iter().map(|(s, _)| s));
            }
            let outcomes = next.into_iter().map(|s| (s, Flow::Value(Value::Undefined))).collect();
            states = self.settle(outcomes).into_iter().map(|(s, _)| s).collect();
        }
        states.into_iter().map(|s| (s, Flow::Value(result))).collect()
    }

    pub(super) fn call_external(&mut self, mut state: State, site: Site, id: super::value::ExternalId, args: Vec<Value>) -> Outcomes {
        let name = self.values.shared_external_name(id);
        let name = &*name;
        for i in 0..self.frameworks.len() {
            if let Some(value) = self.frameworks[i].construct(self, &mut state, name, &args, site) {
                return Self::done(state, value);
            }
        }
        if let Some(outcomes) = self.call_builtin(&mut state, site, name, &args) {
            return outcomes;
        }
        if self.mode == Mode::Startup {
            return self.call_external_at_startup(state, site, id, name, args);
        }
        self.call_library(state, site, id, name, &args)
    }

    /// While the server starts, a library call makes something whose use will tell what it is.
    pub(super) fn call_external_at_startup(
        &mut self,
        state: State,
        site: Site,
        id: super::value::ExternalId,
        name: &str,
        args: Vec<Value>,
    ) -> Outcomes {
        if knowledge::runs_callbacks_at_startup(name) && self.any_function(&state, &args) {
            let result = self.values.called(id, args.clone());
            return self.run_callbacks(state, site, &args, Taint::NONE, result);
        }
        if let Some(function) = self.first_function(&state, &args)
            && matches!(knowledge::find(name), Some(row) if row.kind == knowledge::Kind::Runs)
        {
            return self.call(state, site, function, Value::Undefined, vec![Value::truthy(Taint::NONE)]);
        }
        if let Some(wrapper) = self.transparent_wrapper(&state, name, &args) {
            return Self::done(state, wrapper);
        }
        let result = self.values.called(id, args);
        Self::done(state, result)
    }
}
