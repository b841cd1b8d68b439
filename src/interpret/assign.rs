//! Assignments, and writing properties.
//!
//! ```js
//! user ||= guest   count += 1
//! req.user = user   module.exports.list = list   table[key] = value
//! ```

use super::object::{Kind, Settled};
use super::state::{Outcomes, State};
use super::value::{Atom, Taint, Value};
use super::{Cx, Interpreter};
use crate::ir::{AssignOp, BinaryOp, ExprId, LogicalOp, Pattern};

impl Interpreter<'_> {
    pub(super) fn assignment(&mut self, state: State, cx: &Cx, id: ExprId, target: &Pattern, op: AssignOp, value: ExprId) -> Outcomes {
        let site = cx.site(id);
        match op {
            AssignOp::Set => self.with(state, cx, value, |this, state, value| this.bind_then(state, cx, target, value)),
            AssignOp::Logical(op) => {
                let current = self.read_pattern(state, cx, target);
                self.each(current, |this, state, current| {
                    let keeps = match (op, this.truth_of(current)) {
                        (LogicalOp::Nullish, _) if !current.is_nullish() && this.taint_of(current) == Taint::NONE => {
                            !matches!(current, Value::Opaque(_) | Value::Union(_))
                        }
                        (LogicalOp::Or, Some(true)) | (LogicalOp::And, Some(false)) => true,
                        _ => false,
                    };
                    if keeps {
                        return Self::done(state, current);
                    }
                    this.with(state, cx, value, |this, state, value| this.bind_then(state, cx, target, value))
                })
            }
            AssignOp::Add | AssignOp::Other => {
                let current = self.read_pattern(state, cx, target);
                self.each(current, |this, state, current| {
                    let values = this.evaluate(state, cx, value);
                    this.each(values, |this, state, value| {
                        let op = if op == AssignOp::Add { BinaryOp::Add } else { BinaryOp::Other };
                        let sums = this.binary(state, site, op, current, value);
                        this.each(sums, |this, state, sum| this.bind_then(state, cx, target, sum))
                    })
                })
            }
        }
    }

    fn bind_then(&mut self, state: State, cx: &Cx, target: &Pattern, value: Value) -> Outcomes {
        let bound = self.bind(state, cx, target, value);
        self.each(bound, |_, state, _| Self::done(state, value))
    }

    fn read_pattern(&mut self, state: State, cx: &Cx, target: &Pattern) -> Outcomes {
        match target {
            Pattern::Symbol(symbol) => self.read_symbol(state, cx, *symbol),
            Pattern::Member(expr) => self.evaluate(state, cx, *expr),
            _ => Self::done(state, Value::UNKNOWN),
        }
    }

    pub fn set(&mut self, state: &mut State, object: Value, name: Atom, value: Value) {
        match object {
            Value::Object(id) => {
                if let Kind::Http(http) = self.object(state, id).kind {
                    self.set_http(state, http, id, name, value);
                    return;
                }
                self.object_mut(state, id).slots.insert(name.0, value);
            }
            Value::Union(_) => {
                for alternative in self.values.alternatives(object) {
                    if let Value::Object(id) = alternative
                        && !matches!(self.object(state, id).kind, Kind::Http(_) | Kind::Framework(_))
                    {
                        let old = self.object(state, id).slots.get(&name.0).copied().unwrap_or(Value::Undefined);
                        let joined = self.values.join(old, value);
                        self.object_mut(state, id).slots.insert(name.0, joined);
                    } else {
                        self.set(state, alternative, name, value);
                    }
                }
            }
            Value::External(id) if self.values.external_name(id) == ":globalThis" => self.set_global_property(name, value),
            _ => {}
        }
    }

    pub(super) fn set_index(&mut self, state: &mut State, object: Value, key: Value, value: Value) {
        match self.to_text(key) {
            Some(text) => {
                if let Value::Object(id) = object
                    && let Ok(i) = text.parse::<usize>()
                    && let Kind::Array { items, .. } = &mut self.object_mut(state, id).kind
                {
                    if i < 10_000 {
                        items.resize(items.len().max(i + 1), Value::Undefined);
                        items[i] = value;
                    }
                    return;
                }
                let name = self.values.atom(&text);
                self.set(state, object, name, value);
            }
            None => {
                let Value::Object(id) = object else { return };
                if matches!(self.object(state, id).kind, Kind::Http(_)) && self.taint_of(key).has(Taint::REQUEST) {
                    self.copy_properties(state, id, Value::opaque(self.taint_of(value)));
                }
                self.set_any(state, id, value);
            }
        }
    }

    /// A fulfilled promise, allocated.
    pub(super) fn promise(&mut self, state: &mut State, settled: Settled) -> Value {
        Value::Object(self.allocate(state, super::object::Object::new(Kind::Promise(settled))))
    }
}
