//! Statements.
//!
//! ```js
//! for (const route of routes) app.use(route.path, route.router)
//! try { req.user = jwt.verify(token, key) } catch { return res.sendStatus(401) }
//! ```

use super::object::{Kind, Object};
use super::state::{AnswerKind, Flow, Mend, Outcomes, State, Word, gather};
use super::value::{Taint, Value};
use super::{Cx, Interpreter, Mode};
use crate::ir::{ExprId, Pattern, ScopeId, Stmt};

/// How often a loop is run over a known list: generous while the server starts, little while it answers.
const STARTUP_ITERATIONS: usize = 2_000;
const REQUEST_ITERATIONS: usize = 16;
/// Steps that a loop may take while the server starts without registering anything.
const QUIET_LOOP: u64 = 50_000;

impl Interpreter<'_> {
    pub(super) fn run(&mut self, state: State, cx: &Cx, body: &[Stmt]) -> Outcomes {
        let mut live = vec![state];
        let mut out = Outcomes::new();
        for statement in body {
            if live.is_empty() {
                break;
            }
            let mut next = Outcomes::new();
            live.reverse();
            while let Some(state) = live.pop() {
                gather(&mut next, self.statement(state, cx, statement));
            }
            let settled = if next.len() > 1 { self.settle(next) } else { next };
            for (state, flow) in settled {
                match flow {
                    Flow::Value(_) => live.push(state),
                    other => out.push((state, other)),
                }
            }
        }
        out.extend(live.into_iter().map(|state| (state, Flow::Value(Value::Undefined))));
        if out.len() > 1 { self.settle(out) } else { out }
    }

    pub(super) fn statement(&mut self, state: State, cx: &Cx, statement: &Stmt) -> Outcomes {
        if !self.spend() || !self.descend() {
            return Self::done(state, Value::Undefined);
        }
        let outcomes = self.statement_inner(state, cx, statement);
        self.levels -= 1;
        outcomes
    }

    #[inline]
    fn statement_inner(&mut self, state: State, cx: &Cx, statement: &Stmt) -> Outcomes {
        match statement {
            Stmt::Expr(e) => {
                self.detached = match cx.ir.expr(*e) {
                    crate::ir::Expr::Call { .. } => Some(cx.site(*e)),
                    crate::ir::Expr::Void(call) => Some(cx.site(*call)),
                    _ => None,
                };
                let mut outcomes = self.evaluate(state, cx, *e);
                // What a framework calls later, for the same statement, is waited for.
                self.detached = None;
                if self.mode == Mode::Anonymous {
                    for (state, flow) in &mut outcomes {
                        let had_lost = state.request.lost.is_some();
                        self.note_lost(state, *flow);
                        if !had_lost && state.request.lost.is_some() {
                            self.suggest_await(state, cx, *e);
                        }
                    }
                }
                outcomes
            }
            Stmt::Let { pattern, init } => match init {
                Some(init) => self.with(state, cx, *init, |this, state, value| this.bind(state, cx, pattern, value)),
                None => self.bind(state, cx, pattern, Value::Undefined),
            },
            Stmt::Return(value) => {
                let values = match value {
                    Some(value) => self.evaluate(state, cx, *value),
                    None => Self::done(state, Value::Undefined),
                };
                finish(values, Flow::Return)
            }
            Stmt::Throw(value) => {
                let values = self.evaluate(state, cx, *value);
                finish(values, Flow::Throw)
            }
            Stmt::If { test, then, otherwise } => {
                let site = cx.site(*test);
                self.either(
                    state,
                    cx,
                    site,
                    *test,
                    |this, state, cx| this.arm(state, cx, then),
                    |this, state, cx| this.arm(state, cx, otherwise),
                )
            }
            Stmt::Block(body) => self.run(state, cx, body),
            Stmt::Loop { init, test, body, update, scope, at_least_once } => {
                let mut cx = cx.clone();
                let mut state = state;
                if scope.0 != u32::MAX {
                    cx.scope = self.child_scope(&mut state, &cx, *scope);
                }
                let started = self.run(state, &cx, init);
                let cx = &cx;
                self.each(started, |this, state, _| this.repeat(state, cx, *test, body, *update, *at_least_once))
            }
            Stmt::ForOf { pattern, iterable, body, scope, keys } => {
                let values = self.evaluate(state, cx, *iterable);
                self.each(values, |this, mut state, value| {
                    let (items, open) = if *keys { this.keys_of(&state, value) } else { this.rounds_of(&mut state, value) };
                    this.for_each(state, cx, pattern, items, open, body, *scope)
                })
            }
            Stmt::Switch { value, cases } => {
                let values = self.evaluate(state, cx, *value);
                let subject = *value;
                self.each(values, |this, state, value| this.switch(state, cx, subject, value, cases))
            }
            Stmt::Try { block, param, handler, finalizer } => {
                self.try_catch(state, cx, block, param.as_ref(), handler.as_deref(), finalizer)
            }
            Stmt::Break(label) => vec![(state, Flow::Break(label.map(|l| l.0)))],
            Stmt::Continue(label) => vec![(state, Flow::Continue(label.map(|l| l.0)))],
            Stmt::Labelled(label, inner) => {
                let outcomes = self.statement(state, cx, inner);
                outcomes
                    .into_iter()
                    .map(|(state, flow)| match flow {
                        Flow::Break(Some(l)) if l == label.0 => (state, Flow::Value(Value::Undefined)),
                        other => (state, other),
                    })
                    .collect()
            }
        }
    }

    /// A statement whose value is a rejected promise: the rejection goes nowhere.
    pub(super) fn note_lost(&self, state: &mut State, flow: Flow) {
        if let Flow::Value(Value::Object(id)) = flow
            && let Kind::Promise(super::object::Settled::Rejected(_)) = self.object(state, id).kind
            && let Some(cause) = state.request.denied.or(state.request.consulted)
        {
            state.request.lost.get_or_insert((cause, super::state::Lost::NotAwaited));
        }
    }

    /// Notes that a call should have been waited for, where that can be done.
    pub(super) fn suggest_await(&self, state: &mut State, cx: &Cx, call: ExprId) {
        let is_async = self.stack.last().is_some_and(|(_, function)| cx.ir.functions[function.index()].is_async);
        if is_async
            && matches!(cx.ir.expr(call), crate::ir::Expr::Call { .. } | crate::ir::Expr::Chain(_))
            && let Some(base) = cx.ir.base(call)
        {
            state.request.mend.get_or_insert(Mend { before: cx.site(base), word: Word::Await });
        }
    }

    /// One side of an `if`. A rejection that was sent here, by a side that then goes on, is a missing `return`.
    pub(super) fn arm(&mut self, state: State, cx: &Cx, body: &[Stmt]) -> Outcomes {
        let rejected = |state: &State| state.request.answer.is_some_and(|a| a.kind == AnswerKind::Rejection);
        let before = rejected(&state);
        let mut out = self.run(state, cx, body);
        if !before && self.mode == Mode::Anonymous {
            for (state, flow) in &mut out {
                if matches!(flow, Flow::Value(_)) && rejected(state) {
                    state.request.escaped = true;
                    // A helper that returns here leaves it to its caller to stop.
                    if self.depth == 1
                        && let Some(base) = last_expression(body).and_then(|last| cx.ir.base(last))
                    {
                        state.request.mend.get_or_insert(Mend { before: cx.site(base), word: Word::Return });
                    }
                }
            }
        }
        out
    }

    pub(super) fn child_scope(&mut self, state: &mut State, cx: &Cx, owner: ScopeId) -> super::value::ObjectId {
        let kind = Kind::Scope { parent: Some(cx.scope), owner, module: cx.module, this: None, function: None };
        self.allocate(state, Object::new(kind))
    }

    pub(super) fn repeat(
        &mut self,
        state: State,
        cx: &Cx,
        test: Option<ExprId>,
        body: &[Stmt],
        update: Option<ExprId>,
        first: bool,
    ) -> Outcomes {
        let limit = if self.mode == Mode::Startup { STARTUP_ITERATIONS } else { REQUEST_ITERATIONS };
        let mut out = Outcomes::new();
        let mut live = vec![state];
        let mut unconditional = first;
        let (mut quiet_since, mut events) = (self.steps, self.events);
        for _ in 0..limit {
            if self.events != events {
                (quiet_since, events) = (self.steps, self.events);
            }
            // What waits for an answer, or fills a table with random numbers, has nothing more to say.
            let idle = self.mode == Mode::Startup && self.steps - quiet_since > QUIET_LOOP;
            if live.is_empty() || idle || self.out_of_budget() {
                break;
            }
            let mut decided = true;
            let mut inside = Vec::new();
            for state in live {
                match test {
                    Some(test) if !unconditional => {
                        let branches = self.test(state, cx, test);
                        decided &= branches.truthy.is_empty() || branches.falsy.is_empty();
                        out.extend(branches.threw);
                        out.extend(branches.falsy.into_iter().map(|(s, _)| (s, Flow::Value(Value::Undefined))));
                        inside.extend(branches.truthy.into_iter().map(|(s, _)| s));
                    }
                    _ => inside.push(state),
                }
            }
            unconditional = false;
            let mut after = Outcomes::new();
            for state in inside {
                gather(&mut after, self.run(state, cx, body));
            }
            live = self.end_round(after, &mut out);
            if let Some(update) = update {
                let mut updated = Vec::new();
                for state in live {
                    updated.extend(self.evaluate(state, cx, update).into_iter().map(|(s, _)| s));
                }
                live = updated;
            }
            if !decided || test.is_none() {
                // Whether it goes round again cannot be told; once stands for all rounds.
                break;
            }
        }
        out.extend(live.into_iter().map(|s| (s, Flow::Value(Value::Undefined))));
        self.settle(out)
    }

    /// What goes on to the next round of a loop; what leaves the loop is added to `out`.
    fn end_round(&mut self, round: Outcomes, out: &mut Outcomes) -> Vec<State> {
        let mut on = Vec::new();
        for (state, flow) in self.settle_round(round) {
            match flow {
                Flow::Value(_) | Flow::Continue(None) => on.push(state),
                Flow::Break(None) => out.push((state, Flow::Value(Value::Undefined))),
                other => out.push((state, other)),
            }
        }
        on
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of a loop")]
    pub(super) fn for_each(
        &mut self,
        state: State,
        cx: &Cx,
        pattern: &Pattern,
        items: Vec<Value>,
        open: bool,
        body: &[Stmt],
        scope: ScopeId,
    ) -> Outcomes {
        let limit = if self.mode == Mode::Startup { STARTUP_ITERATIONS } else { REQUEST_ITERATIONS };
        let mut out = Outcomes::new();
        let mut live = vec![state];
        let rounds: Vec<(Value, bool)> =
            items.into_iter().take(limit).map(|v| (v, false)).chain(open.then_some((Value::opaque(Taint::NONE), true))).collect();
        for (item, maybe) in rounds {
            let mut after = Outcomes::new();
            for mut state in live {
                if maybe {
                    // The loop may also be over.
                    after.push((state.clone(), Flow::Value(Value::Undefined)));
                }
                let mut inner = cx.clone();
                inner.scope = self.child_scope(&mut state, cx, scope);
                let bound = self.bind(state, &inner, pattern, item);
                let mut rounds = self.each(bound, |this, state, _| this.run(state, &inner, body));
                if self.mode != Mode::Startup {
                    for (state, _) in &mut rounds {
                        self.release(state, inner.scope);
                    }
                }
                gather(&mut after, rounds);
            }
            live = self.end_round(after, &mut out);
            if live.is_empty() || self.out_of_budget() {
                break;
            }
        }
        out.extend(live.into_iter().map(|s| (s, Flow::Value(Value::Undefined))));
        self.settle(out)
    }
}

fn last_expression(body: &[Stmt]) -> Option<ExprId> {
    match body.last()? {
        Stmt::Expr(expression) => Some(*expression),
        Stmt::Block(inner) => last_expression(inner),
        _ => None,
    }
}

fn finish(values: Outcomes, wrap: impl Fn(Value) -> Flow) -> Outcomes {
    values
        .into_iter()
        .map(|(state, flow)| match flow {
            Flow::Value(value) => (state, wrap(value)),
            other => (state, other),
        })
        .collect()
}
