//! Promises: awaited or not.
//!
//! ```js
//! await requireUser(req)                 // a rejection is thrown here
//! requireUser(req)                       // it is lost
//! check(req).then(() => next()).catch(next)
//! ```

use super::object::{Kind, Settled, Site};
use super::state::{Flow, Outcomes, State, gather};
use super::value::{ObjectId, Taint, Value};
use super::{Interpreter, Mode};

impl Interpreter<'_> {
    /// What an `async` function's outcomes look like to its caller.
    pub(super) fn as_promises(&mut self, outcomes: Outcomes) -> Outcomes {
        outcomes
            .into_iter()
            .map(|(mut state, flow)| {
                let settled = match flow {
                    Flow::Throw(error) => Settled::Rejected(error),
                    Flow::Value(value) => match value {
                        Value::Object(id) => match self.object(&state, id).kind {
                            // `return promise` adopts it.
                            Kind::Promise(_) => return (state, Flow::Value(value)),
                            _ => Settled::Fulfilled(value),
                        },
                        _ => Settled::Fulfilled(value),
                    },
                    other => return (state, other),
                };
                let promise = self.promise(&mut state, settled);
                (state, Flow::Value(promise))
            })
            .collect()
    }

    pub(super) fn is_promise(&self, state: &State, id: ObjectId) -> bool {
        matches!(self.object(state, id).kind, Kind::Promise(_))
    }

    pub(super) fn resolve(&mut self, state: &mut State, promise: ObjectId, value: Value) {
        let settled = match value {
            Value::Object(id) => match self.object(state, id).kind {
                Kind::Promise(inner) => inner,
                _ => Settled::Fulfilled(value),
            },
            _ => Settled::Fulfilled(value),
        };
        if let Kind::Promise(current @ Settled::Pending) = &mut self.object_mut(state, promise).kind {
            *current = settled;
        }
    }

    /// `await value`.
    pub fn wait_for(&mut self, mut state: State, value: Value) -> Outcomes {
        match value {
            Value::Union(_) => {
                let mut out = Outcomes::new();
                for alternative in self.values.alternatives(value) {
                    gather(&mut out, self.wait_for(state.clone(), alternative));
                }
                self.settle(out)
            }
            Value::Object(id) => match &self.object(&state, id).kind {
                Kind::Promise(Settled::Fulfilled(inner)) => {
                    let inner = *inner;
                    if inner == value { Self::done(state, Value::UNKNOWN) } else { self.wait_for(state, inner) }
                }
                Kind::Promise(Settled::Rejected(error)) => {
                    let error = *error;
                    vec![(state, Flow::Throw(error))]
                }
                Kind::Promise(Settled::Pending) => Self::done(state, Value::UNKNOWN),
                Kind::Framework(object) => {
                    let framework = self.frameworks[object.framework];
                    framework.awaited(self, &mut state, id);
                    Self::done(state, value)
                }
                Kind::Plain => {
                    // A thenable of the project's own.
                    let then = self.names.then;
                    if self.object(&state, id).slots.contains_key(&then.0) {
                        Self::done(state, Value::UNKNOWN)
                    } else {
                        Self::done(state, value)
                    }
                }
                _ => Self::done(state, value),
            },
            other => Self::done(state, other),
        }
    }

    /// `promise.then(a, b)`, `.catch(b)`, `.finally(c)`.
    pub(super) fn promise_method(&mut self, mut state: State, site: Site, promise: Value, name: &str, args: &[Value]) -> Outcomes {
        let settled = match promise {
            Value::Object(id) => match self.object(&state, id).kind {
                Kind::Promise(settled) => settled,
                _ => Settled::Fulfilled(promise),
            },
            other => Settled::Fulfilled(other),
        };
        let arg = |i: usize| args.get(i).copied().filter(|v| !matches!(v, Value::Undefined | Value::Null));
        let (on_value, on_error) = match name {
            "then" => (arg(0), arg(1)),
            "catch" => (None, arg(0)),
            _ => {
                let Some(callback) = arg(0) else { return Self::done(state, promise) };
                let outcomes = self.call(state, site, callback, Value::Undefined, Vec::new());
                return self.each(outcomes, |_, state, _| Self::done(state, promise));
            }
        };
        let mut outcomes = Outcomes::new();
        match settled {
            Settled::Fulfilled(value) => match on_value {
                Some(callback) => {
                    // A promise of a promise is one promise.
                    for (state, flow) in self.wait_for(state, value) {
                        match flow {
                            Flow::Value(value) => gather(&mut outcomes, self.call(state, site, callback, Value::Undefined, vec![value])),
                            other => outcomes.push((state, other)),
                        }
                    }
                }
                None => {
                    // Code that cannot be seen may also reject.
                    if let (Some(callback), Value::Opaque(_) | Value::External(_)) = (on_error, value)
                        && self.mode == Mode::Anonymous
                    {
                        let mut failed = state.clone();
                        failed.request.caught = true;
                        gather(&mut outcomes, self.call(failed, site, callback, Value::Undefined, vec![Value::truthy(Taint::ERROR)]));
                    }
                    outcomes.push((state, Flow::Value(value)));
                }
            },
            Settled::Rejected(error) => match on_error {
                Some(callback) => {
                    let denied = state.request.denied;
                    outcomes = self.call(state, site, callback, Value::Undefined, vec![error]);
                    for (state, flow) in &mut outcomes {
                        if let (Some(cause), Flow::Value(_), None, None) = (denied, *flow, state.request.answer, state.request.next) {
                            state.request.lost.get_or_insert((cause, super::state::Lost::Swallowed));
                        }
                    }
                }
                None => {
                    let rejected = self.promise(&mut state, Settled::Rejected(error));
                    return Self::done(state, rejected);
                }
            },
            Settled::Pending => {
                for callback in [on_value, on_error].into_iter().flatten() {
                    gather(&mut outcomes, self.call(state.clone(), site, callback, Value::Undefined, vec![Value::UNKNOWN]));
                }
                if outcomes.is_empty() {
                    return Self::done(state, promise);
                }
                outcomes = self.settle(outcomes);
            }
        }
        let outcomes = self.as_promises(outcomes);
        self.settle(outcomes)
    }

    /// `Promise.any(list)`: rejected only if all of them are. `Promise.race(list)`: what any of them comes to, as each may be the first.
    pub(super) fn promise_first(&mut self, state: State, list: Value, any: bool) -> Outcomes {
        let (items, open) = self.items_of(&state, list);
        let mut out = Outcomes::new();
        let mut states = vec![state];
        for item in items {
            let pending = item.as_object().is_some_and(|id| matches!(self.object(&states[0], id).kind, Kind::Promise(Settled::Pending)));
            if pending {
                continue;
            }
            let waited: Outcomes = states.iter().flat_map(|state| self.wait_for(state.clone(), item)).collect();
            let (rejected, other): (Vec<_>, Vec<_>) = waited.into_iter().partition(|(_, flow)| matches!(flow, Flow::Throw(_)));
            out.extend(other);
            if any {
                states = rejected.into_iter().map(|(state, _)| state).collect();
                if states.is_empty() {
                    break;
                }
            } else {
                out.extend(rejected);
            }
        }
        if open || (!any && out.is_empty()) {
            out.extend(states.into_iter().map(|state| (state, Flow::Value(Value::opaque(self.taint_of(list))))));
        } else if any {
            out.extend(states.into_iter().map(|state| (state, Flow::Throw(Value::truthy(Taint::ERROR)))));
        }
        for (state, flow) in &mut out {
            if let (Some(cause), Flow::Value(_)) = (state.request.denied, *flow) {
                state.request.lost.get_or_insert((cause, super::state::Lost::Swallowed));
            }
        }
        let outcomes = self.as_promises(out);
        self.settle(outcomes)
    }

    /// `Promise.all(list)`: rejected if one of them is.
    pub(super) fn promise_all(&mut self, mut state: State, list: Value) -> Outcomes {
        if let Value::Union(_) = list {
            let lists = self.values.alternatives(list);
            let out = lists.into_iter().flat_map(|list| self.promise_all(state.clone(), list)).collect();
            return self.settle(out);
        }
        let (items, open) = self.items_of(&state, list);
        let mut states: Vec<(State, Vec<Value>)> = vec![(state.clone(), Vec::new())];
        let mut out = Outcomes::new();
        for item in items {
            let mut next = Vec::new();
            for (state, values) in states {
                for (mut state, flow) in self.wait_for(state, item) {
                    match flow {
                        Flow::Value(v) => {
                            let mut values = values.clone();
                            values.push(v);
                            next.push((state, values));
                        }
                        Flow::Throw(error) => {
                            let rejected = self.promise(&mut state, Settled::Rejected(error));
                            out.push((state, Flow::Value(rejected)));
                        }
                        other => out.push((state, other)),
                    }
                }
            }
            states = next;
        }
        if open && states.len() == 1 && states[0].1.is_empty() {
            let value = Value::opaque(self.taint_of(list));
            let promise = self.promise(&mut state, Settled::Fulfilled(value));
            return Self::done(state, promise);
        }
        for (mut state, items) in states {
            let array = self.allocate(&mut state, super::object::Object::new(Kind::Array { items, open }));
            let promise = self.promise(&mut state, Settled::Fulfilled(Value::Object(array)));
            out.push((state, Flow::Value(promise)));
        }
        self.settle(out)
    }
}
