//! Functions that let a request pass by returning, or by a callback: Fastify's hooks, one or several as one.
//!
//! ```js
//! async (request, reply) => { await request.jwtVerify() }     // passes when its promise is fulfilled
//! (request, reply, done) => { done(new Error('401')) }        // passes when it calls `done()`; without that, the request waits
//! fastify.auth([verifyToken, [verifyKey, verifyAddress]])     // one of them passes
//! ```

use super::native::Native;
use super::object::{Kind, Site};
use super::state::{Flow, Next, Outcomes, State, gather};
use super::value::{ObjectId, Taint, Value};
use super::{Evidence, Interpreter, Mode};

/// What a hook does with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Through {
    Passed,
    /// By an error: whoever called it decides what that means.
    Failed,
    /// It answered, or goes on for ever.
    Stopped,
}

/// How many courses of several guards are followed.
const MAX_COURSES: usize = 32;

impl Interpreter<'_> {
    /// Calls a hook with `(request, reply, done)` or, for `preParsing`, `(request, reply, payload, done)`.
    pub fn pass_hook(&mut self, state: State, site: Site, function: Value, args: Vec<Value>) -> Vec<(State, Through)> {
        let mut out = Vec::new();
        for (mut state, flow) in self.call(state, site, function, Value::Undefined, args) {
            let Flow::Value(value) = flow else {
                out.push((state, Through::Failed));
                continue;
            };
            match value {
                Value::Opaque(_) | Value::External(_) | Value::Union(_) => {}
                Value::Object(id) if matches!(self.object(&state, id).kind, Kind::Promise(_)) => {}
                // Not a promise: only the callback counts.
                _ => {
                    let passage = match state.request.next {
                        Some(Next::Failed) => Through::Failed,
                        Some(_) if state.request.answer.is_none() => Through::Passed,
                        _ => Through::Stopped,
                    };
                    out.push((state, passage));
                    continue;
                }
            }
            if let (Value::Opaque(_), Value::Opaque(_) | Value::Union(_)) = (value, function)
                && state.request.next.is_none()
            {
                let cause = self.cause("a function that cannot be seen", site, Evidence::Unseen);
                state.request.unseen.get_or_insert(cause);
            }
            for (state, flow) in self.wait_for(state, value) {
                let passage = match (flow, state.request.next) {
                    (Flow::Throw(_), _) | (_, Some(Next::Failed)) => Through::Failed,
                    _ if state.request.answer.is_none() => Through::Passed,
                    _ => Through::Stopped,
                };
                out.push((state, passage));
            }
        }
        out
    }

    pub(super) fn call_several(&mut self, state: State, site: Site, members: ObjectId, all: bool, args: Vec<Value>) -> Outcomes {
        let done = args.get(2).copied().unwrap_or(Value::Undefined);
        let mut out = Outcomes::new();
        for (mut state, passage) in self.try_members(state, site, members, all, &args, 4) {
            state.request.next = None;
            match passage {
                Through::Passed => gather(&mut out, self.call(state, site, done, Value::Undefined, Vec::new())),
                Through::Failed => gather(&mut out, self.call(state, site, done, Value::Undefined, vec![Value::truthy(Taint::ERROR)])),
                Through::Stopped => out.push((state, Flow::Value(Value::Undefined))),
            }
        }
        for (_, flow) in &mut out {
            *flow = Flow::Value(Value::Undefined);
        }
        self.settle(out)
    }

    fn try_members(&mut self, state: State, site: Site, members: ObjectId, all: bool, args: &[Value], depth: u32) -> Vec<(State, Through)> {
        let (items, open) = self.items_of(&state, Value::Object(members));
        let mut live = vec![state];
        let mut out = Vec::new();
        for member in items {
            let mut next = Vec::new();
            for state in live {
                let before = state.request.denied;
                for (mut state, passage) in self.try_member(state, site, member, all, args, depth) {
                    match (passage, all) {
                        (Through::Passed, true) => next.push(state),
                        (Through::Failed, false) => {
                            state.request.next = None;
                            next.push(state);
                        }
                        (Through::Passed, false) => {
                            state.request.denied = before;
                            out.push((state, passage));
                        }
                        _ => out.push((state, passage)),
                    }
                }
            }
            next.truncate(MAX_COURSES);
            live = next;
        }
        let end = if all { Through::Passed } else { Through::Failed };
        for mut state in live {
            if open && !all && self.mode == Mode::Anonymous {
                let cause = self.cause("a guard that cannot be seen", site, Evidence::Unseen);
                let mut other = state.clone();
                other.request.unseen.get_or_insert(cause);
                other.request.denied = None;
                out.push((other, Through::Passed));
            }
            state.request.next = None;
            out.push((state, end));
        }
        out
    }

    fn try_member(&mut self, mut state: State, site: Site, member: Value, all: bool, args: &[Value], depth: u32) -> Vec<(State, Through)> {
        if let Value::Object(id) = member
            && depth > 0
            && matches!(self.object(&state, id).kind, Kind::Array { .. })
        {
            return self.try_members(state, site, id, !all, args, depth - 1);
        }
        let status = state.request.status;
        state.request.next = None;
        let mut out = self.pass_hook(state, site, member, args.to_vec());
        if !matches!(member, Value::Object(_)) {
            // A guard that a library provides reports its failure; it does not answer by itself here.
            for (state, passage) in &mut out {
                if *passage == Through::Stopped && state.request.denied.is_some() && state.request.answer.take().is_some() {
                    state.request.status = status;
                    *passage = Through::Failed;
                }
            }
        }
        out
    }

    pub(super) fn several_name(&self, state: &State, members: ObjectId, all: bool) -> String {
        let (items, _) = self.items_of(state, Value::Object(members));
        let names: Vec<String> = items
            .iter()
            .map(|item| match item {
                Value::Object(id) if *id != members && matches!(self.object(state, *id).kind, Kind::Array { .. }) => "(…)".to_owned(),
                other => self.function_name(state, *other).unwrap_or_else(|| "anonymous function".to_owned()),
            })
            .collect();
        names.join(if all { " and " } else { " or " })
    }

    /// See [`Native::Prepare`].
    pub(super) fn prepare(&mut self, mut state: State, properties: ObjectId, args: &[Value]) -> Outcomes {
        for (i, name) in ["request", "reply"].into_iter().enumerate() {
            let slot = self.values.atom(name).0;
            let (Some(Value::Object(target)), Some(Value::Object(source))) =
                (args.get(i).copied(), self.object(&state, properties).slots.get(&slot).copied())
            else {
                continue;
            };
            let slots: Vec<_> = self.object(&state, source).slots.iter().map(|(k, v)| (*k, *v)).collect();
            self.object_mut(&mut state, target).slots.extend(slots);
        }
        Self::done(state, Value::Undefined)
    }

    /// What [`Native::Prepare`] gives the request.
    pub fn prepared_request(&self, state: &State, function: Value) -> Option<Value> {
        let Value::Native(id) = function else { return None };
        let Native::Prepare(properties) = self.values.native_of(id) else { return None };
        let slot = self.values.find_atom("request")?.0;
        self.object(state, *properties).slots.get(&slot).copied()
    }

    /// A native function that stands for several guards.
    pub fn several(&mut self, members: ObjectId, all: bool) -> Value {
        self.values.native(Native::Several { members, all })
    }
}
