//! Names: variables by the scope that owns them, `this`, and globals.
//!
//! ```js
//! const routes = []; routes.forEach((route) => app.use(route.path, this.guard, route.router))
//! ```

use super::object::Kind;
use super::state::{Outcomes, State};
use super::value::Value;
use super::{Cx, Interpreter, Mode};
use crate::ir::SymbolId;

impl Interpreter<'_> {
    pub(super) fn read_symbol(&mut self, mut state: State, cx: &Cx, symbol: SymbolId) -> Outcomes {
        let value = self.symbol_value(&mut state, cx, symbol);
        Self::done(state, value)
    }

    pub(super) fn symbol_value(&mut self, state: &mut State, cx: &Cx, symbol: SymbolId) -> Value {
        if let Some(value) = self.imported(state, cx, symbol) {
            return self.assumed(cx, symbol).unwrap_or(value);
        }
        match self.scope_of(state, cx, symbol) {
            Some(scope) => match self.object(state, scope).slots.get(&symbol.0) {
                Some(value) => self.as_others_left_it(state, cx, scope, symbol, *value),
                // Not initialised yet: a cycle of imports, or a branch that was not taken.
                None => Value::Undefined,
            },
            None => Value::UNKNOWN,
        }
    }

    /// `let ready = false`, which some function changes: what it is by the time of a request cannot be told.
    fn as_others_left_it(&mut self, state: &State, cx: &Cx, scope: super::value::ObjectId, symbol: SymbolId, value: Value) -> Value {
        let constant = matches!(value, Value::Bool(_) | Value::Null | Value::Undefined);
        if !constant || self.mode != Mode::Anonymous || !cx.ir.symbols[symbol.index()].changes || state.changed(scope) {
            return value;
        }
        self.saw_variable = true;
        if matches!(value, Value::Bool(_)) { Value::UNKNOWN } else { value }
    }

    /// The set of variables that holds a symbol.
    pub(super) fn scope_of(&self, state: &State, cx: &Cx, symbol: SymbolId) -> Option<super::value::ObjectId> {
        let owner = cx.ir.symbols.get(symbol.index())?.owner;
        let mut scope = Some(cx.scope);
        let mut module_scope = None;
        while let Some(id) = scope {
            match &self.object(state, id).kind {
                Kind::Scope { owner: o, .. } if *o == owner => return Some(id),
                Kind::Scope { parent, .. } => {
                    module_scope = Some(id);
                    scope = *parent;
                }
                _ => return None,
            }
        }
        module_scope
    }

    pub(super) fn this(&self, state: &State, cx: &Cx) -> Value {
        let mut scope = Some(cx.scope);
        while let Some(id) = scope {
            match &self.object(state, id).kind {
                Kind::Scope { this: Some(this), .. } => return *this,
                Kind::Scope { parent, .. } => scope = *parent,
                _ => break,
            }
        }
        Value::Undefined
    }
}
