//! What a test has shown is remembered of the variable or property that was tested.
//!
//! ```js
//! if (token === undefined) return   // from here on, there is a token
//! if (req.method === 'GET') …       // in here, the method is known
//! ```

use super::object::{Kind, Object};
use super::state::State;
use super::value::{ModuleId, Opaque, Taint, Truth, Value};
use super::{Cx, Interpreter, Mode};
use crate::ir::{BinaryOp, Expr, ExprId, LogicalOp, SymbolId};

/// What a test has shown of a variable of another module, which nothing here can be written to: in one call, while a branch is taken.
pub(super) struct Assumption {
    depth: u32,
    module: ModuleId,
    symbol: SymbolId,
    value: Value,
}

impl Interpreter<'_> {
    /// Notes what a test that came out like this says of imported variables: `KEY && key === KEY`. How many notes there were before.
    pub(super) fn assume(&mut self, state: &mut State, cx: &Cx, test: ExprId, truth: bool) -> usize {
        let known = self.assumptions.len();
        if self.mode == Mode::Anonymous {
            self.assume_more(state, cx, test, truth);
        }
        known
    }

    fn assume_more(&mut self, state: &mut State, cx: &Cx, test: ExprId, truth: bool) {
        match *cx.ir.expr(test) {
            Expr::Not(inner) => self.assume_more(state, cx, inner, !truth),
            Expr::Logical(op, left, right) if (op == LogicalOp::And && truth) || (op == LogicalOp::Or && !truth) => {
                self.assume_more(state, cx, left, truth);
                self.assume_more(state, cx, right, truth);
            }
            Expr::Symbol(symbol) if self.imported(state, cx, symbol).is_some() => {
                let value = self.symbol_value(state, cx, symbol);
                if matches!(value, Value::Union(_)) {
                    let mut alternatives = self.values.alternatives(value).to_vec();
                    alternatives.retain(|a| self.truth_of(*a) != Some(!truth));
                    let value = self.values.join_all(alternatives);
                    self.assumptions.push(Assumption { depth: self.depth, module: cx.module, symbol, value });
                }
            }
            _ => {}
        }
    }

    /// What was assumed of a variable in the call that is being executed.
    pub(super) fn assumed(&self, cx: &Cx, symbol: SymbolId) -> Option<Value> {
        let holds = |a: &&Assumption| a.depth == self.depth && a.module == cx.module && a.symbol == symbol;
        self.assumptions.iter().rev().find(holds).map(|a| a.value)
    }

    /// Writes what a test has shown back into the variable or property that was tested.
    pub(super) fn narrow(&mut self, state: &mut State, cx: &Cx, id: ExprId, value: Value) {
        if self.mode == Mode::Startup {
            return;
        }
        self.note_sent(state, cx, id, value);
        match *cx.ir.expr(id) {
            Expr::Symbol(symbol) => {
                if let Some(scope) = self.scope_of(state, cx, symbol)
                    && self.object(state, scope).slots.get(&symbol.0).is_some_and(|v| *v != value)
                {
                    self.object_mut(state, scope).slots.insert(symbol.0, value);
                }
            }
            Expr::Member { object, name, .. } if self.atom_in(cx, name) == self.names.length && self.truth_of(value) == Some(true) => {
                self.narrow_to_filled(state, cx, object);
            }
            Expr::Binary(BinaryOp::Greater, length, zero) if matches!(cx.ir.expr(zero), Expr::Number(_)) => {
                self.narrow(state, cx, length, value)
            }
            Expr::Member { object, name, .. } => {
                if let Expr::Symbol(symbol) = *cx.ir.expr(object)
                    && let Some(scope) = self.scope_of(state, cx, symbol)
                    && let Some(Value::Object(target)) = self.object(state, scope).slots.get(&symbol.0).copied()
                {
                    let slot = self.atom_in(cx, name).0;
                    if let Some(before) = self.object(state, target).slots.get(&slot).copied().filter(|v| *v != value) {
                        if let Value::Str(method) = value
                            && slot == self.names.method.0
                            && self.taint_of(before).has(Taint::METHOD)
                        {
                            state.request.method = Some(method);
                        }
                        self.object_mut(state, target).slots.insert(slot, value);
                    }
                }
            }
            Expr::Assign(ref pattern, ..) => {
                if let crate::ir::Pattern::Symbol(symbol) = **pattern
                    && let Some(scope) = self.scope_of(state, cx, symbol)
                {
                    self.object_mut(state, scope).slots.insert(symbol.0, value);
                }
            }
            Expr::Binary(op, left, right) => {
                // `token === undefined`, `kind !== 'link'`: the side on which they are equal knows the value.
                let equal = match op {
                    BinaryOp::StrictEq | BinaryOp::Eq => Truth::Truthy,
                    BinaryOp::StrictNotEq | BinaryOp::NotEq => Truth::Falsy,
                    _ => return,
                };
                let Value::Opaque(o) = value else { return };
                for (variable, constant) in [(left, right), (right, left)] {
                    let known = match *cx.ir.expr(constant) {
                        Expr::Str(s) => self.values.string(cx.ir.str(s)),
                        Expr::Null => Value::Null,
                        Expr::Undefined => Value::Undefined,
                        Expr::Symbol(symbol) => {
                            match self.scope_of(state, cx, symbol).map(|s| self.object(state, s).slots.get(&symbol.0)) {
                                Some(Some(text @ Value::Str(_))) => *text,
                                _ => continue,
                            }
                        }
                        _ => continue,
                    };
                    if matches!(cx.ir.expr(variable), Expr::Symbol(_) | Expr::Member { .. }) {
                        if o.truth == equal {
                            self.narrow(state, cx, variable, known);
                        } else if known.is_nullish() {
                            self.narrow_if_opaque(state, cx, variable);
                        }
                    }
                }
            }
            _ => {}
        }
    }

    /// `rows.length > 0`: a stored list has an element.
    fn narrow_to_filled(&mut self, state: &mut State, cx: &Cx, variable: ExprId) {
        if let Expr::Symbol(symbol) = *cx.ir.expr(variable)
            && let Some(scope) = self.scope_of(state, cx, symbol)
            && let Some(list) = self.object(state, scope).slots.get(&symbol.0).copied()
            && self.truth_of(list) != Some(false)
            && (self.taint_of(list) == Taint::STORED || matches!(list, Value::External(_)))
        {
            let items = vec![Value::truthy(self.taint_of(list))];
            let list = self.allocate(state, Object::new(Kind::Array { items, open: true }));
            self.object_mut(state, scope).slots.insert(symbol.0, Value::Object(list));
        }
    }

    /// The variable was found not to be `null`: take that for truthy.
    fn narrow_if_opaque(&mut self, state: &mut State, cx: &Cx, variable: ExprId) {
        if let Expr::Symbol(symbol) = *cx.ir.expr(variable)
            && let Some(scope) = self.scope_of(state, cx, symbol)
            && let Some(Value::Opaque(o)) = self.object(state, scope).slots.get(&symbol.0).copied()
            && o.truth == Truth::Either
        {
            let value = Value::Opaque(Opaque { taint: o.taint, truth: Truth::Truthy });
            self.object_mut(state, scope).slots.insert(symbol.0, value);
        }
    }
}
