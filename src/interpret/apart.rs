//! Calls that have nothing to do with the request, and calls put off until the modules have run.
//!
//! ```js
//! void metrics.count('visit')        // neither given the request nor anything that could answer it
//! start()                            // async, not awaited: what follows its first `await` comes later
//! ```

use super::native::Native;
use super::object::Kind;
use super::state::{Outcomes, State, unite};
use super::value::{External, ModuleId, ObjectId, Taint, Value};
use super::{Interpreter, Mode};
use crate::ir::{Expr, ExprId, FnId};
use std::rc::Rc;

/// The part of a request's budget that all calls of one function may use which do not concern the caller: one in so many.
const ASIDE: u64 = 128;

/// Steps that all calls of one function may take while the server starts, as long as they register nothing: a library being scanned.
const QUIET: u64 = 300_000;

/// How often a survey enters one function.
const VISITS: u32 = 4;

/// A function, the object it is if start-up made it, and the functions that it is given.
pub(super) type Visitor = ((ModuleId, FnId), Option<ObjectId>, Box<[(ModuleId, FnId)]>);

/// What such calls of one function have cost and done so far, in one request.
#[derive(Default)]
pub(super) struct Spent {
    steps: u64,
    effects: Vec<u32>,
}

/// What was before such a call.
pub(super) struct Aside {
    before: State,
    limit: u64,
    began: u64,
    taint: Taint,
    function: (ModuleId, FnId),
}

impl Interpreter<'_> {
    /// Whether a survey has more to learn from a function: it has not yet been entered often with the same functions among its arguments.
    pub(super) fn is_worth_a_visit(&mut self, state: &State, id: ObjectId, function: (ModuleId, FnId), args: &[Value]) -> bool {
        let functions = args
            .iter()
            .filter_map(|a| a.as_object())
            .filter_map(|a| match &self.object(state, a).kind {
                Kind::Function(closure) => Some((closure.module, closure.function)),
                _ => None,
            })
            .collect();
        // A function that start-up made is one; those made since differ from call to call.
        let identity = self.base_object(id).map(|_| id);
        let visits = self.visits.entry((function, identity, functions)).or_default();
        *visits += 1;
        *visits <= VISITS
    }

    /// Whether a call has nothing to do with the request: a function of the module's own, given neither the request nor anything that
    /// could answer it.
    pub(super) fn is_apart(&self, state: &State, closure: &super::object::Closure, this: Value, args: &[Value]) -> bool {
        let own = matches!(&self.object(state, closure.scope).kind, Kind::Scope { parent: None, .. });
        own && self.is_plain(state, this, 3) && args.iter().all(|a| self.is_plain(state, *a, 3))
    }

    pub(super) fn is_plain(&self, state: &State, value: Value, depth: u32) -> bool {
        match value {
            Value::Native(_) | Value::Anonymous(..) | Value::Union(_) => false,
            Value::Opaque(o) => !o.taint.has(Taint::CREDENTIAL),
            Value::Object(_) if depth == 0 => false,
            Value::Object(id) => {
                let object = self.object(state, id);
                let parts = match &object.kind {
                    Kind::Plain => true,
                    Kind::Array { items, .. } => items.len() < 32 && items.iter().all(|v| self.is_plain(state, *v, depth - 1)),
                    Kind::Regex { .. } | Kind::Error { .. } | Kind::Class(_) => return true,
                    _ => false,
                };
                parts && object.slots.len() < 64 && object.slots.values().all(|v| self.is_plain(state, *v, depth - 1))
            }
            _ => true,
        }
    }

    /// Runs what was put off until the modules have run.
    pub fn run_deferred(&mut self, state: &mut State) {
        let mut rounds = 0;
        while !self.deferred.is_empty() && rounds < 1_000 {
            let task = self.deferred.remove(0);
            rounds += 1;
            let own = std::mem::take(state);
            let ir = std::rc::Rc::clone(&task.cx.ir);
            let forks = self.forks;
            let outcomes = self.run(own, &task.cx, &ir.functions[task.function.index()].body[task.from..]);
            let settled = self.settle(outcomes);
            self.forks = forks;
            let mut first: Option<State> = None;
            for (next, _) in settled {
                first = Some(match first.take() {
                    Some(one) => self.join_states(one, next),
                    None => next,
                });
            }
            *state = first.unwrap_or_default();
            self.flush(state);
        }
    }

    /// Whether what a function does may depend on who is calling: it is given, or has captured, the request, a credential, or something that
    /// an anonymous caller lacks. What the rest does, such as looking up a tenant, need not be followed in every detail.
    pub(super) fn concerns_caller(&self, state: &State, closure: &super::object::Closure, this: Value, args: &[Value]) -> bool {
        args.iter().chain([&this]).any(|v| self.holds_caller(state, *v, 2)) || self.scope_holds_caller(state, closure.scope, 2)
    }

    /// Whether a call at start-up is one of many costly ones that register nothing.
    pub(super) fn is_idle(&self, function: (ModuleId, FnId)) -> bool {
        self.mode == Mode::Startup && self.asides.get(&function).is_some_and(|known| known.steps > QUIET)
    }

    /// Notes a call at start-up: how many steps and how many events there were before it.
    pub(super) fn note_idle(&mut self, function: (ModuleId, FnId), (steps, events): (u64, u32)) {
        if self.mode == Mode::Startup && self.events == events {
            self.asides.entry(function).or_default().steps += self.steps.saturating_sub(steps);
        }
    }

    /// Begins a call that does not concern the caller: it gets a part of the budget, so that it cannot use up what guards need.
    pub(super) fn step_aside(&mut self, state: &State, args: &[Value], function: (ModuleId, FnId)) -> Aside {
        let taint = args.iter().fold(Taint::STORED, |t, a| t.union(self.deep_taint(state, *a)));
        let left = (self.limit / ASIDE).saturating_sub(self.asides.get(&function).map_or(0, |known| known.steps));
        let aside = Aside { before: state.clone(), limit: self.limit, began: self.steps, taint, function };
        self.indifferent += 1;
        self.limit = self.limit.min(self.steps + left);
        aside
    }

    /// Ends it. Where its budget was not enough, what it gives is not known, and what it did is what was seen so far.
    pub(super) fn come_back(&mut self, aside: Aside, outcomes: Outcomes) -> Outcomes {
        let exhausted = self.out_of_budget();
        self.indifferent = self.indifferent.saturating_sub(1);
        self.limit = aside.limit;
        let all_spent = self.out_of_budget();
        let known = self.asides.entry(aside.function).or_default();
        known.steps += self.steps - aside.began;
        unite(&mut known.effects, outcomes.iter().flat_map(|(s, _)| s.request.effects.iter().copied()));
        if !exhausted || all_spent {
            return outcomes;
        }
        let mut state = aside.before;
        unite(Rc::make_mut(&mut state.request.effects), known.effects.iter().copied());
        Self::done(state, Value::opaque(aside.taint.without(Taint::METHOD)))
    }

    pub(super) fn scope_holds_caller(&self, state: &State, mut scope: ObjectId, depth: u32) -> bool {
        for _ in 0..16 {
            let object = self.object(state, scope);
            let Kind::Scope { parent, this, .. } = &object.kind else { return false };
            // A module's own variables are the same for everybody.
            let Some(parent) = *parent else { return false };
            if object.slots.values().chain(this.iter()).any(|v| self.holds_caller(state, *v, depth.saturating_sub(1))) {
                return true;
            }
            scope = parent;
        }
        true
    }

    pub(super) fn holds_caller(&self, state: &State, value: Value, depth: u32) -> bool {
        match value {
            Value::Anonymous(..) => true,
            Value::Opaque(o) => o.taint.has(Taint::CREDENTIAL) || o.taint.has(Taint::UNSEEN) || o.taint.has(Taint::IDENTITY),
            Value::Pattern(id) => self.values.pattern_of(id).1.has(Taint::CREDENTIAL),
            Value::Union(id) => self.values.union_of(id).iter().any(|v| self.holds_caller(state, *v, depth)),
            Value::External(id) => match self.values.external_of(id) {
                External::Call(base, args) | External::New(base, args) if depth > 0 => {
                    args.iter().chain([&Value::External(*base)]).any(|v| self.holds_caller(state, *v, depth - 1))
                }
                External::Member(base, _) => self.holds_caller(state, Value::External(*base), depth),
                _ => false,
            },
            Value::Native(id) => match self.values.native_of(id) {
                Native::Bound { function, this, args } => args.iter().chain([function, this]).any(|v| self.holds_caller(state, *v, depth)),
                Native::Next(_) => true,
                _ => false,
            },
            Value::Object(id) => {
                let object = self.object(state, id);
                match &object.kind {
                    Kind::Http(_) | Kind::Missing(_) => true,
                    _ if depth == 0 => false,
                    Kind::Function(closure) => self.scope_holds_caller(state, closure.scope, depth),
                    Kind::Array { items, .. } => items.iter().take(32).any(|v| self.holds_caller(state, *v, depth.saturating_sub(1))),
                    Kind::Promise(super::object::Settled::Fulfilled(v) | super::object::Settled::Rejected(v)) => {
                        self.holds_caller(state, *v, depth.saturating_sub(1))
                    }
                    Kind::Plain => object.slots.values().take(64).any(|v| self.holds_caller(state, *v, depth.saturating_sub(1))),
                    _ => false,
                }
            }
            _ => false,
        }
    }
}

impl Interpreter<'_> {
    /// `solve(puzzle)`, an `async` function that nobody waits for: what it reads does not get into the answer. What it writes is written.
    /// `unheard`: the effects before such a call. Calls are recorded with all their effects: another time, somebody may wait.
    pub(super) fn heard(&self, unheard: Option<Rc<Vec<u32>>>, mut outcomes: Outcomes) -> Outcomes {
        let Some(before) = unheard else { return outcomes };
        for (state, _) in &mut outcomes {
            let kept = state.request.effects.iter().filter(|n| before.binary_search(n).is_ok() || self.effect_of(**n).kind.writes());
            state.request.effects = Rc::new(kept.copied().collect());
        }
        outcomes
    }
}

pub(super) fn is_rejected(state: &State) -> bool {
    state.request.answer.is_some_and(|a| a.kind == super::state::AnswerKind::Rejection)
}

/// Whether a statement waits for something, itself and not in a function inside it.
pub(super) fn waits(ir: &crate::ir::ModuleIr, statement: &crate::ir::Stmt) -> bool {
    use crate::ir::Stmt;
    let awaits = |e: &ExprId| matches!(ir.expr(*e), Expr::Await(_));
    match statement {
        Stmt::Expr(e) | Stmt::Return(Some(e)) | Stmt::Throw(e) => awaits(e) || matches!(ir.expr(*e), Expr::Assign(_, _, v) if awaits(v)),
        Stmt::Let { init: Some(e), .. } => awaits(e),
        Stmt::If { test, then, otherwise } => awaits(test) || then.iter().chain(otherwise).any(|s| waits(ir, s)),
        Stmt::Block(body) => body.iter().any(|s| waits(ir, s)),
        Stmt::Try { block, .. } => block.iter().any(|s| waits(ir, s)),
        Stmt::ForOf { body, .. } | Stmt::Loop { body, .. } => body.iter().any(|s| waits(ir, s)),
        _ => false,
    }
}
