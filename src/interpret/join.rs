//! Joining states: what keeps the number of courses small.
//!
//! ```js
//! if (verbose) log(req.url)      // both sides lead to the same course: one state goes on
//! if (!user) res.status(401).end()   // they do not: two states go on
//! ```

use super::object::{Http, Kind, Object, Settled};
use super::state::{Answer, AnswerKind, Flow, Next, Outcomes, RequestState, State, unite};
use super::value::{Atom, Value};
use super::{Interpreter, Mode};
use std::rc::Rc;

/// How many states of the same course may live side by side, so that values stay correlated.
const SAME_COURSE: usize = 4;
/// How deep two records are compared that two courses have made.
const ALIKE: u32 = 3;
/// How many states may live side by side at all.
const ALL: usize = 24;

impl Interpreter<'_> {
    /// Reduces outcomes to as few as the mode allows.
    pub(super) fn settle(&mut self, outcomes: Outcomes) -> Outcomes {
        self.settle_to(outcomes, SAME_COURSE)
    }

    /// Like `settle`, but one state per course: between the rounds of a loop.
    pub(super) fn settle_round(&mut self, outcomes: Outcomes) -> Outcomes {
        self.settle_to(outcomes, 1)
    }

    fn settle_to(&mut self, outcomes: Outcomes, limit: usize) -> Outcomes {
        if outcomes.len() <= 1 {
            return outcomes;
        }
        if self.mode == Mode::Startup {
            return self.settle_startup(outcomes);
        }
        let mut out: Outcomes = Vec::with_capacity(outcomes.len());
        for (state, flow) in outcomes {
            let surveys = self.mode == Mode::Anyone;
            let alike = |s: &State, f: &Flow| same_kind(*f, flow) && if surveys { s.same_answer(&state) } else { s.same_course(&state) };
            if !surveys && out.iter().any(|(s, f)| *f == flow && s.same_course(&state) && s.same_heap(&state)) {
                continue;
            }
            let limit = if surveys || self.indifferent > 0 || self.is_costly() { 1 } else { limit };
            let count = out.iter().filter(|(s, f)| alike(s, f)).count();
            if count >= limit
                && let Some(at) = out.iter().rposition(|(s, f)| alike(s, f))
            {
                let (other, other_flow) = out.swap_remove(at);
                let flow = self.join_flow((&other, other_flow), (&state, flow));
                let joined = self.join_states(other, state);
                out.push((joined, flow));
                continue;
            }
            out.push((state, flow));
        }
        let most = if self.is_costly() { ALL / 6 } else { ALL };
        while out.len() > most {
            let Some((state, flow)) = out.pop() else { break };
            // Rather courses that have answered alike than any.
            let alike = |(s, f): &(State, Flow)| same_kind(*f, flow) && s.same_answer(&state);
            let Some(at) = out.iter().rposition(alike).or_else(|| out.iter().rposition(|(_, f)| same_kind(*f, flow))) else {
                out.push((state, flow));
                break;
            };
            let (other, other_flow) = out.swap_remove(at);
            let flow = self.join_flow((&other, other_flow), (&state, flow));
            let joined = self.join_states(other, state);
            out.push((joined, flow));
        }
        out
    }

    /// Whether so much of the budget is spent that precision has to give way.
    fn is_costly(&self) -> bool {
        self.steps > self.limit / 64
    }

    /// Leaves out outcomes of a call that its caller cannot tell from others: they differ in nothing that existed before it, when the heap's
    /// size was `mark`.
    pub(super) fn settle_call(&mut self, outcomes: Outcomes, mark: usize) -> Outcomes {
        if outcomes.len() > 1 && self.mode != Mode::Startup {
            let mut out: Outcomes = Vec::with_capacity(outcomes.len());
            for (state, flow) in outcomes {
                let known = out.iter().any(|(s, f)| {
                    s.same_course(&state) && self.same_result(s, *f, &state, flow, mark) && self.same_before(s, &state, mark)
                });
                if !known {
                    out.push((state, flow));
                }
            }
            return self.settle(out);
        }
        self.settle(outcomes)
    }

    /// Equal values, or promises made by the call that came to equal values.
    fn same_result(&self, a: &State, fa: Flow, b: &State, fb: Flow, mark: usize) -> bool {
        let old = |value: Value| value.as_object().is_none_or(|id| (id.0 as usize) < mark);
        match (fa, fb) {
            (Flow::Value(x), Flow::Value(y)) if x == y => old(x),
            (Flow::Value(Value::Object(x)), Flow::Value(Value::Object(y))) => match (&self.object(a, x).kind, &self.object(b, y).kind) {
                (Kind::Promise(Settled::Fulfilled(p)), Kind::Promise(Settled::Fulfilled(q)))
                | (Kind::Promise(Settled::Rejected(p)), Kind::Promise(Settled::Rejected(q))) => p == q && old(*p),
                _ => false,
            },
            (Flow::Throw(x), Flow::Throw(y)) => x == y && old(x),
            _ => false,
        }
    }

    /// Whether the older heap is the same in two states.
    fn same_before(&self, a: &State, b: &State, mark: usize) -> bool {
        a.overlay.differences_below(mark as u32, &b.overlay, |id, ours, theirs| {
            let base = self.base_object(id);
            ours.or(base) == theirs.or(base)
        })
    }

    /// One state per kind of flow; during start-up a path that throws ends the process, so it does not count.
    fn settle_startup(&mut self, outcomes: Outcomes) -> Outcomes {
        let mut out: Outcomes = Vec::with_capacity(2);
        for (state, flow) in outcomes {
            match out.iter().position(|(_, f)| same_kind(*f, flow)) {
                Some(at) => {
                    let (other, other_flow) = out.swap_remove(at);
                    let flow = self.join_flow((&other, other_flow), (&state, flow));
                    let joined = self.join_states(other, state);
                    out.push((joined, flow));
                }
                None => out.push((state, flow)),
            }
        }
        out
    }

    fn join_flow(&mut self, (in_a, a): (&State, Flow), (in_b, b): (&State, Flow)) -> Flow {
        match (a, b) {
            (Flow::Value(a), Flow::Value(b)) => Flow::Value(self.join_results((in_a, a), (in_b, b))),
            (Flow::Return(a), Flow::Return(b)) => Flow::Return(self.join_results((in_a, a), (in_b, b))),
            (Flow::Throw(a), Flow::Throw(b)) => Flow::Throw(self.values.join(a, b)),
            (a, _) => a,
        }
    }

    /// Either of two values that code has come to. Answers of the same status are one answer, records of the same content one record.
    fn join_results(&mut self, (in_a, a): (&State, Value), (in_b, b): (&State, Value)) -> Value {
        if a == b {
            return a;
        }
        let mut all = self.values.alternatives(a).to_vec();
        for value in self.values.alternatives(b) {
            if !all.iter().any(|other| self.alike((in_a, *other), (in_b, value), ALIKE)) {
                all.push(value);
            }
        }
        self.values.join_all(all)
    }

    fn alike(&self, (in_a, a): (&State, Value), (in_b, b): (&State, Value), depth: u32) -> bool {
        let (Value::Object(x), Value::Object(y)) = (a, b) else { return a == b };
        if x == y {
            return true;
        }
        let (one, other) = (self.object(in_a, x), self.object(in_b, y));
        let inner = |v: &Value, w: &Value| depth > 0 && self.alike((in_a, *v), (in_b, *w), depth - 1);
        let same = match (&one.kind, &other.kind) {
            (Kind::Response { .. }, _) => return one.kind == other.kind,
            (Kind::Plain, Kind::Plain) => one.proto == other.proto,
            (Kind::Array { items, open }, Kind::Array { items: others, open: p }) => {
                open == p && items.len() == others.len() && items.iter().zip(others).all(|(v, w)| inner(v, w))
            }
            (Kind::Promise(Settled::Fulfilled(v)), Kind::Promise(Settled::Fulfilled(w))) => inner(v, w),
            _ => false,
        };
        same && one.slots.len() == other.slots.len() && one.slots.iter().all(|(slot, v)| other.slots.get(slot).is_some_and(|w| inner(v, w)))
    }

    /// One state for two: each variable and property may hold either's value.
    pub fn join(&mut self, a: State, b: State) -> State {
        self.join_states(a, b)
    }

    pub(super) fn join_states(&mut self, a: State, b: State) -> State {
        let conditions = if a.conditions == b.conditions {
            Rc::clone(&a.conditions)
        } else {
            Rc::new(a.conditions.iter().zip(b.conditions.iter()).take_while(|(x, y)| x == y).map(|(x, _)| *x).collect())
        };
        let request = join_requests(&a.request, &b.request);
        let (overlay, cost) = a.overlay.merge(&b.overlay, self.started, |id, ours, theirs| {
            let base = if ours.is_some() && theirs.is_some() { None } else { self.base_object(id).cloned() };
            match (ours.or(base.as_ref()), theirs.or(base.as_ref())) {
                (Some(ours), Some(theirs)) if Rc::ptr_eq(ours, theirs) || ours == theirs => Rc::clone(ours),
                (Some(ours), Some(theirs)) => Rc::new(self.join_objects(ours, theirs)),
                (one, other) => one.or(other).map_or_else(|| Rc::new(Object::new(Kind::Plain)), Rc::clone),
            }
        });
        // Joining costs about as much as there is to join.
        self.steps += cost / 8;
        State { overlay, conditions, request }
    }

    fn join_objects(&mut self, a: &Object, b: &Object) -> Object {
        let mut out = a.clone();
        let is_scope = matches!(a.kind, Kind::Scope { .. });
        out.slots.merge(&b.slots, |slot, ours, theirs| match ours {
            Some(ours) => self.values.join(ours, theirs),
            // A variable that one side has not declared yet is not `undefined` on that side.
            None if is_scope => theirs,
            None => {
                let absent = self.absent(a, slot);
                self.values.join(absent, theirs)
            }
        });
        if !is_scope {
            for (slot, ours) in a.slots.iter().filter(|(slot, _)| !b.slots.contains_key(slot)) {
                let absent = self.absent(a, *slot);
                let joined = self.values.join(*ours, absent);
                out.slots.insert(*slot, joined);
            }
        }
        out.kind = self.join_kinds(&a.kind, &b.kind);
        out
    }

    /// What an object has where nothing was written: of what the caller sends, anything.
    fn absent(&self, object: &Object, slot: u32) -> Value {
        match object.kind {
            Kind::Http(Http::Carrier(carrier)) => Self::carried(carrier, self.values.text(Atom(slot))),
            _ => Value::Undefined,
        }
    }

    fn join_kinds(&mut self, a: &Kind, b: &Kind) -> Kind {
        match (a, b) {
            (a, b) if a == b => a.clone(),
            (Kind::Array { items: x, open: o }, Kind::Array { items: y, open: p }) => {
                let mut items = Vec::with_capacity(x.len().max(y.len()));
                for i in 0..x.len().max(y.len()) {
                    match (x.get(i), y.get(i)) {
                        (Some(a), Some(b)) => items.push(self.values.join(*a, *b)),
                        (Some(v), None) | (None, Some(v)) => items.push(*v),
                        (None, None) => {}
                    }
                }
                // How many there are is not known either.
                Kind::Array { items, open: *o || *p || x.len() != y.len() }
            }
            (Kind::Framework(x), Kind::Framework(y)) => {
                let common = x.events.iter().zip(&y.events).take_while(|(a, b)| Rc::ptr_eq(a, b)).count();
                let mut joined = x.clone();
                joined.events.extend(y.events[common..].iter().cloned());
                Kind::Framework(joined)
            }
            (Kind::Collection { items: x }, Kind::Collection { items: y }) => {
                let mut items = x.clone();
                items.extend(y.iter().filter(|i| !x.contains(i)));
                Kind::Collection { items }
            }
            (Kind::Promise(Settled::Pending), other) | (other, Kind::Promise(Settled::Pending)) => other.clone(),
            (Kind::Promise(Settled::Fulfilled(x)), Kind::Promise(Settled::Fulfilled(y))) => {
                Kind::Promise(Settled::Fulfilled(self.values.join(*x, *y)))
            }
            (Kind::Promise(Settled::Rejected(x)), Kind::Promise(Settled::Rejected(y))) => {
                Kind::Promise(Settled::Rejected(self.values.join(*x, *y)))
            }
            // A rejection that need not happen protects nothing.
            (fulfilled @ Kind::Promise(Settled::Fulfilled(_)), Kind::Promise(_))
            | (Kind::Promise(_), fulfilled @ Kind::Promise(Settled::Fulfilled(_))) => fulfilled.clone(),
            (Kind::Response { redirect, passes, .. }, Kind::Response { redirect: r, passes: p, .. }) => {
                Kind::Response { status: super::object::Status::Unknown, redirect: *redirect && *r, passes: *passes || *p }
            }
            (a, _) => a.clone(),
        }
    }
}

fn same_kind(a: Flow, b: Flow) -> bool {
    match (a, b) {
        (Flow::Value(_), Flow::Value(_)) | (Flow::Return(_), Flow::Return(_)) | (Flow::Throw(_), Flow::Throw(_)) => true,
        (a, b) => a == b,
    }
}

/// What holds of both courses; where they differ, what makes the endpoint look more open.
fn join_requests(a: &RequestState, b: &RequestState) -> RequestState {
    if a == b {
        return a.clone();
    }
    // `next(error)` on one of them only is an answer among others.
    let failed = |r: &RequestState| r.next == Some(Next::Failed);
    let (next, apart) = match (a.next, b.next) {
        (x, y) if x == y => (x, false),
        (Some(Next::Failed), None) | (None, Some(Next::Failed)) => (None, true),
        _ => (Some(Next::Called), false),
    };
    let given = |r: &RequestState| r.answer.or((apart && failed(r)).then_some(Answer { kind: AnswerKind::Rejection, constant: true }));
    let mut effects = (*a.effects).clone();
    unite(&mut effects, b.effects.iter().copied());
    RequestState {
        consulted: a.consulted.or(b.consulted),
        denied: a.denied.and(b.denied),
        partly_denied: [a.denied, b.denied, a.partly_denied, b.partly_denied].into_iter().find_map(|cause| cause),
        unseen: a.unseen.and(b.unseen),
        status: if a.status == b.status { a.status } else { Some(super::object::Status::Unknown) },
        answer: given(a).zip(given(b)).map(|(a, b)| Answer { kind: a.kind.min(b.kind), constant: a.constant && b.constant }),
        next,
        escaped: a.escaped || b.escaped,
        worked_after_rejection: a.worked_after_rejection || b.worked_after_rejection,
        effects: Rc::new(effects),
        caught: a.caught && b.caught,
        failing: a.failing && b.failing,
        reveals: a.reveals || b.reveals,
        lost: a.lost.or(b.lost),
        lacking: a.lacking.and(b.lacking),
        worked: a.worked || b.worked,
        handed_over: a.handed_over || b.handed_over,
        method: a.method.filter(|_| a.method == b.method),
        mend: a.mend.or(b.mend),
    }
}
