//! Tests: which sides of a branch can be taken, and what each side then knows.
//!
//! ```js
//! if (!session || typeof token === 'string') return res.status(401).end()
//! // here: session is not null, token is not a string
//! ```

use super::object::{Condition, Site};
use super::state::{Flow, Outcomes, State, gather};
use super::value::{Opaque, Taint, Truth, Value};
use super::{Cx, Evidence, Interpreter, Mode, Settings};
use crate::ir::{Expr, ExprId, LogicalOp, ModuleIr, SymbolId};
use std::rc::Rc;

/// The states in which a test holds, and in which it does not, each with the value tested.
#[derive(Default)]
pub(super) struct Branches {
    pub truthy: Vec<(State, Value)>,
    pub falsy: Vec<(State, Value)>,
    pub threw: Outcomes,
}

/// A variable that may hold more values than this is tested as a whole.
const ALTERNATIVES: usize = 12;

/// The variables whose parts a test looks at.
fn subjects_of(ir: &ModuleIr, test: ExprId, out: &mut Vec<SymbolId>) {
    match *ir.expr(test) {
        Expr::Symbol(symbol) => out.push(symbol),
        Expr::Member { object, .. } | Expr::Index { object, .. } => subjects_of(ir, object, out),
        Expr::Chain(inner) | Expr::Typeof(inner) | Expr::Not(inner) => subjects_of(ir, inner, out),
        Expr::Binary(_, left, right) => {
            subjects_of(ir, left, out);
            subjects_of(ir, right, out);
        }
        Expr::Call { callee, .. } if matches!(ir.expr(callee), Expr::Member { .. }) => subjects_of(ir, callee, out),
        _ => {}
    }
}

/// `process.env.KEY && key === process.env.KEY`: where nobody has set it, a caller is treated as one without the key is.
pub(super) fn share_lack<'s>(side: impl Iterator<Item = (&'s mut State, Value)>) {
    let (mut lacks, mut others) = (None, Vec::new());
    for (state, value) in side {
        match value {
            Value::Anonymous(_, cause) => lacks = Some(cause),
            _ => others.push(state),
        }
    }
    for state in others {
        state.request.lacking = state.request.lacking.or(lacks);
    }
}

impl Interpreter<'_> {
    /// Evaluates a test and splits its outcomes by truth.
    pub(super) fn test(&mut self, state: State, cx: &Cx, id: ExprId) -> Branches {
        let ir = Rc::clone(&cx.ir);
        match ir.expr(id) {
            Expr::Not(inner) => {
                let mut inner = self.test(state, cx, *inner);
                let flip = |side: Vec<(State, Value)>, this: &Self| side.into_iter().map(|(s, v)| (s, this.not(v))).collect();
                let (truthy, falsy) = (flip(inner.falsy, self), flip(inner.truthy, self));
                inner.truthy = truthy;
                inner.falsy = falsy;
                inner
            }
            Expr::Logical(op @ (LogicalOp::And | LogicalOp::Or), left, right) => {
                let mut out = self.test(state, cx, *left);
                let go = std::mem::take(if *op == LogicalOp::And { &mut out.truthy } else { &mut out.falsy });
                for (mut state, _) in go {
                    let known = self.assume(&mut state, cx, *left, *op == LogicalOp::And);
                    let inner = self.test(state, cx, *right);
                    self.assumptions.truncate(known);
                    out.truthy.extend(inner.truthy);
                    out.falsy.extend(inner.falsy);
                    out.threw.extend(inner.threw);
                }
                for side in [&mut out.truthy, &mut out.falsy] {
                    share_lack(side.iter_mut().map(|(state, value)| (state, *value)));
                    self.settle_side(side);
                }
                out
            }
            _ => {
                let mut out = Branches::default();
                for state in self.by_alternative(state, cx, id) {
                    for (state, flow) in self.evaluate(state, cx, id) {
                        match flow {
                            Flow::Value(value) => self.split(state, cx, id, value, &mut out),
                            other => out.threw.push((state, other)),
                        }
                    }
                }
                self.settle_side(&mut out.truthy);
                self.settle_side(&mut out.falsy);
                out
            }
        }
    }

    /// One state for each of the values that the variable may hold which a test is about, so that what the test finds holds of all its
    /// properties: `result.status === 'invalid'`, then `result.user`.
    fn by_alternative(&mut self, state: State, cx: &Cx, test: ExprId) -> Vec<State> {
        if self.mode != Mode::Anonymous {
            return vec![state];
        }
        let mut subjects = Vec::new();
        subjects_of(&cx.ir, test, &mut subjects);
        for symbol in subjects {
            let Some(scope) = self.scope_of(&state, cx, symbol) else { continue };
            let Some(Value::Union(id)) = self.object(&state, scope).slots.get(&symbol.0).copied() else { continue };
            let alternatives = self.values.union_of(id).to_vec();
            if alternatives.len() > ALTERNATIVES {
                continue;
            }
            return alternatives
                .into_iter()
                .map(|value| {
                    let mut side = state.clone();
                    self.object_mut(&mut side, scope).slots.insert(symbol.0, value);
                    side
                })
                .collect();
        }
        vec![state]
    }

    fn settle_side(&mut self, side: &mut Vec<(State, Value)>) {
        if side.len() > 1 {
            let outcomes = std::mem::take(side).into_iter().map(|(s, v)| (s, Flow::Value(v))).collect();
            *side =
                self.settle(outcomes).into_iter().filter_map(|(s, f)| if let Flow::Value(v) = f { Some((s, v)) } else { None }).collect();
        }
    }

    /// Puts a tested value on the sides that it can take, and notes what each side then knows of it.
    fn split(&mut self, mut state: State, cx: &Cx, id: ExprId, value: Value, out: &mut Branches) {
        match value {
            Value::Anonymous(plain, cause) => {
                state.request.consulted.get_or_insert(cause);
                state.request.denied = Some(cause);
                if plain.is_truthy() { out.truthy.push((state, value)) } else { out.falsy.push((state, value)) }
            }
            Value::Union(_) => {
                let alternatives = self.values.alternatives(value);
                let (mut yes, mut no) = (Vec::new(), Vec::new());
                for alternative in alternatives {
                    match self.truth_of(alternative) {
                        Some(true) => yes.push(alternative),
                        Some(false) => no.push(alternative),
                        None => {
                            yes.push(alternative);
                            no.push(alternative);
                        }
                    }
                }
                if !yes.is_empty() {
                    let narrowed = self.values.join_all(yes);
                    let mut side = state.clone();
                    self.narrow(&mut side, cx, id, narrowed);
                    out.truthy.push((side, narrowed));
                }
                if !no.is_empty() {
                    for alternative in no {
                        let mut side = state.clone();
                        if let Value::Anonymous(_, cause) = alternative {
                            side.request.consulted.get_or_insert(cause);
                            side.request.denied = Some(cause);
                        }
                        self.narrow(&mut side, cx, id, alternative);
                        out.falsy.push((side, alternative));
                    }
                }
            }
            Value::Opaque(o) if o.truth == Truth::Either => {
                let unseen = o.taint.has(Taint::UNSEEN);
                let unset = self.unset(value).filter(|_| self.settings == Settings::Unset);
                for (truth, mut side) in [(Truth::Truthy, state.clone()), (Truth::Falsy, state)] {
                    if unset.is_some_and(|holds| holds != (truth == Truth::Truthy)) {
                        continue;
                    }
                    if unseen && truth == Truth::Truthy {
                        let cause = self.cause("code that cannot be seen", cx.site(id), Evidence::Unseen);
                        side.request.unseen.get_or_insert(cause);
                    }
                    if truth == Truth::Falsy && o.taint.has(Taint::CREDENTIAL) && self.mode == Mode::Anonymous {
                        let cause = self.cause("the lack of a credential", cx.site(id), Evidence::Known);
                        side.request.lacking = Some(cause);
                    }
                    let narrowed = Value::Opaque(Opaque { taint: o.taint, truth });
                    self.narrow(&mut side, cx, id, narrowed);
                    if truth == Truth::Truthy { out.truthy.push((side, narrowed)) } else { out.falsy.push((side, narrowed)) }
                }
            }
            Value::Object(promise) if self.mode == Mode::Anonymous && self.is_promise(&state, promise) => {
                // A promise that nobody waited for is true, whatever it comes to.
                if let Some(cause) = state.request.consulted {
                    if state.request.lost.is_none() {
                        self.suggest_await(&mut state, cx, id);
                    }
                    state.request.lost.get_or_insert((cause, super::state::Lost::PromiseIsTrue));
                }
                out.truthy.push((state, value));
            }
            other => match self.truth_of(other) {
                Some(true) => out.truthy.push((state, other)),
                Some(false) => out.falsy.push((state, other)),
                None => {
                    out.truthy.push((state.clone(), other));
                    out.falsy.push((state, other));
                }
            },
        }
    }

    /// Takes both sides of a branch as far as they can be taken, and settles what comes out.
    pub(super) fn either(
        &mut self,
        state: State,
        cx: &Cx,
        site: Site,
        test: ExprId,
        mut then: impl FnMut(&mut Self, State, &Cx) -> Outcomes,
        mut otherwise: impl FnMut(&mut Self, State, &Cx) -> Outcomes,
    ) -> Outcomes {
        // The test itself may fork during start-up.
        self.forks += 1;
        let outer = std::mem::take(&mut self.saw_environment);
        let before = (self.mode == Mode::Startup).then(|| state.clone());
        let branches = self.test(state, cx, test);
        // Which side the server takes in production is known: what it registers there is not conditional.
        let mut production = None;
        if self.saw_environment
            && let Some(before) = before
            && !branches.truthy.is_empty()
            && !branches.falsy.is_empty()
        {
            self.environment = Some("production");
            let sides = self.test(before, cx, test);
            self.environment = None;
            production = match (sides.truthy.is_empty(), sides.falsy.is_empty()) {
                (false, true) => Some(true),
                (true, false) => Some(false),
                _ => None,
            };
        }
        self.saw_environment |= outer;
        self.forks -= 1;
        let mut out = branches.threw;
        let undecided = !branches.truthy.is_empty() && !branches.falsy.is_empty();
        if !undecided {
            for (mut state, _) in branches.truthy {
                self.flush(&mut state);
                gather(&mut out, then(self, state, cx));
            }
            for (mut state, _) in branches.falsy {
                self.flush(&mut state);
                gather(&mut out, otherwise(self, state, cx));
            }
            return self.settle(out);
        }
        for (mut state, _) in branches.truthy {
            self.enter_branch(&mut state, site, true);
            if production == Some(true) {
                Rc::make_mut(&mut state.conditions).pop();
            }
            let known = self.assume(&mut state, cx, test, true);
            gather(&mut out, then(self, state, cx));
            self.assumptions.truncate(known);
            self.leave_branch();
        }
        for (mut state, _) in branches.falsy {
            self.enter_branch(&mut state, site, false);
            if production == Some(false) {
                Rc::make_mut(&mut state.conditions).pop();
            }
            let known = self.assume(&mut state, cx, test, false);
            gather(&mut out, otherwise(self, state, cx));
            self.assumptions.truncate(known);
            self.leave_branch();
        }
        let mut out = self.settle(out);
        if let [(state, _)] = out.as_mut_slice() {
            self.flush(state);
        } else if self.mode == Mode::Startup {
            // Several flows go on: what they hold must stay apart until they meet at the end of the function.
            self.forks += 1;
        }
        out
    }

    pub(super) fn enter_branch(&mut self, state: &mut State, site: Site, taken: bool) {
        if self.mode == Mode::Startup {
            self.forks += 1;
            Rc::make_mut(&mut state.conditions).push(Condition { site, taken });
        }
    }

    pub(super) fn leave_branch(&mut self) {
        if self.mode == Mode::Startup {
            self.forks = self.forks.saturating_sub(1);
        }
    }
}
