//! `switch`, and `try` with its `catch` and `finally`.
//!
//! ```js
//! switch (req.method) { case 'GET': return list(req, res) }
//! try { req.user = jwt.verify(token, key) } catch { return res.sendStatus(401) }
//! ```

use super::object::{Node, Site};
use super::state::{AnswerKind, Flow, Outcomes, State, gather};
use super::value::{Taint, Value};
use super::{Cx, Interpreter, Mode};
use crate::ir::{ExprId, Pattern, Stmt};

impl Interpreter<'_> {
    pub(super) fn switch(
        &mut self,
        state: State,
        cx: &Cx,
        subject: ExprId,
        value: Value,
        cases: &[(Option<ExprId>, Vec<Stmt>)],
    ) -> Outcomes {
        let site = cx.site(subject);
        let mut out = Outcomes::new();
        // States that have not matched yet, and where each that has matched enters.
        let mut looking = vec![state];
        let mut entering: Vec<Vec<State>> = vec![Vec::new(); cases.len()];
        for (i, (test, _)) in cases.iter().enumerate() {
            let Some(test) = test else { continue };
            let mut still = Vec::new();
            for state in looking {
                for (state, flow) in self.evaluate(state, cx, *test) {
                    let Flow::Value(case) = flow else {
                        out.push((state, flow));
                        continue;
                    };
                    for (mut state, flow) in self.binary(state, site, crate::ir::BinaryOp::StrictEq, value, case) {
                        let Flow::Value(equal) = flow else { continue };
                        if let Value::Anonymous(_, cause) = equal {
                            state.request.denied = Some(cause);
                        }
                        match self.truth_of(equal) {
                            Some(true) => entering[i].push(state),
                            Some(false) => still.push(state),
                            None => {
                                entering[i].push(state.clone());
                                still.push(state);
                            }
                        }
                    }
                }
            }
            looking = still;
        }
        match cases.iter().position(|(test, _)| test.is_none()) {
            Some(default) => entering[default].extend(looking),
            None => out.extend(looking.into_iter().map(|s| (s, Flow::Value(Value::Undefined)))),
        }
        let undecided = entering.iter().filter(|e| !e.is_empty()).count() + usize::from(!out.is_empty()) > 1;
        let mut falling: Vec<State> = Vec::new();
        for (i, (_, body)) in cases.iter().enumerate() {
            let mut live = std::mem::take(&mut falling);
            live.append(&mut entering[i]);
            for mut state in live {
                if undecided {
                    self.enter_branch(&mut state, Site { module: cx.module, node: Node::Case(subject, i as u32) }, true);
                }
                let after = self.arm(state, cx, body);
                if undecided {
                    self.leave_branch();
                }
                for (state, flow) in after {
                    match flow {
                        Flow::Value(_) => falling.push(state),
                        Flow::Break(None) => out.push((state, Flow::Value(Value::Undefined))),
                        other => out.push((state, other)),
                    }
                }
            }
        }
        out.extend(falling.into_iter().map(|s| (s, Flow::Value(Value::Undefined))));
        let mut out = self.settle(out);
        if let [(state, _)] = out.as_mut_slice() {
            self.flush(state);
        } else if undecided && self.mode == Mode::Startup {
            self.forks += 1;
        }
        out
    }

    pub(super) fn try_catch(
        &mut self,
        state: State,
        cx: &Cx,
        block: &[Stmt],
        param: Option<&Pattern>,
        handler: Option<&[Stmt]>,
        finalizer: &[Stmt],
    ) -> Outcomes {
        let before = state.clone();
        let before_failing = before.request.failing;
        let inside = self.run(state, cx, block);
        let mut out = Outcomes::new();
        match handler {
            Some(handler) => {
                let mut thrown: Vec<(State, Value)> = Vec::new();
                for (mut state, flow) in inside {
                    match flow {
                        Flow::Throw(error) => {
                            state.request.failing = true;
                            thrown.push((state, error));
                        }
                        other => out.push((state, other)),
                    }
                }
                let saw_effects = self.mode != Mode::Startup && has_await_or_call(block);
                if saw_effects {
                    // Code that cannot be seen may throw: the handler runs with what was known before the block.
                    let mut state = before;
                    state.request.caught = true;
                    thrown.push((state, Value::truthy(Taint::ERROR)));
                }
                for (state, error) in thrown {
                    let denied = state.request.denied.filter(|_| state.request.answer.is_none());
                    let from = out.len();
                    let had_answered = state.request.answer.is_some();
                    let bound = match param {
                        Some(param) => self.bind(state, cx, param, error),
                        None => Self::done(state, Value::Undefined),
                    };
                    gather(&mut out, self.each(bound, |this, state, _| this.arm(state, cx, handler)));
                    for (state, flow) in &mut out[from..] {
                        state.request.failing = before_failing;
                        if self.mode == Mode::Anonymous
                            && matches!(flow, Flow::Value(_))
                            && !had_answered
                            && state.request.answer.is_some_and(|a| a.kind == AnswerKind::Rejection)
                        {
                            state.request.escaped = true;
                        }
                        if let (Some(cause), Flow::Value(_), None, None) = (denied, *flow, state.request.answer, state.request.next) {
                            state.request.lost.get_or_insert((cause, super::state::Lost::Swallowed));
                        }
                    }
                }
            }
            None => out = inside,
        }
        if finalizer.is_empty() {
            return self.settle(out);
        }
        let mut finished = Outcomes::new();
        for (state, flow) in out {
            for (state, last) in self.run(state, cx, finalizer) {
                finished.push((state, if matches!(last, Flow::Value(_)) { flow } else { last }));
            }
        }
        self.settle(finished)
    }
}

/// Whether a block does anything that may fail in ways that cannot be seen.
pub(super) fn has_await_or_call(block: &[Stmt]) -> bool {
    !block.is_empty()
}
