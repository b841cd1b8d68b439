//! What a test has shown of what the caller sends: once found to be there, it is there.
//!
//! ```js
//! if (!req.headers['x-api-key']) return res.sendStatus(401)
//! await prisma.key.findFirst({ where: { value: req.headers['x-api-key'] } })   // by that key, not by none
//! if (req.get('x-api-key')) …                                                  // the same header
//! if (typeof token === 'string' && token.startsWith('sk_')) …
//! ```

use super::object::{Http, Kind};
use super::state::State;
use super::value::{Atom, ObjectId, Taint, Truth, Value};
use super::{Cx, Interpreter, Mode};
use crate::ir::{BinaryOp, Expr, ExprId};

impl Interpreter<'_> {
    /// Notes that a credential is there which the caller may leave out.
    pub(super) fn note_sent(&mut self, state: &mut State, cx: &Cx, test: ExprId, value: Value) {
        let truth = self.truth_of(value);
        match cx.ir.expr(test) {
            Expr::Chain(inner) => self.note_sent(state, cx, *inner, value),
            Expr::Binary(op @ (BinaryOp::Eq | BinaryOp::StrictEq | BinaryOp::NotEq | BinaryOp::StrictNotEq), left, right) => {
                let equal = truth == Some(matches!(op, BinaryOp::Eq | BinaryOp::StrictEq));
                for (side, kind) in [(left, right), (right, left)] {
                    if let (Expr::Typeof(inner), Expr::Str(kind)) = (cx.ir.expr(*side), cx.ir.expr(*kind))
                        && truth.is_some()
                        && equal == (cx.ir.str(*kind) != "undefined")
                    {
                        self.note_there(state, cx, *inner);
                    }
                }
            }
            Expr::Call { callee, .. }
                if truth == Some(true)
                    && let Expr::Member { object, name, .. } = cx.ir.expr(*callee) =>
            {
                match cx.ir.str(*name) {
                    "startsWith" | "endsWith" | "includes" | "match" => self.note_there(state, cx, *object),
                    _ => self.note_there(state, cx, test),
                }
            }
            Expr::Member { .. } if truth == Some(true) => self.note_there(state, cx, test),
            _ => {}
        }
    }

    /// Notes that an expression gives something, if it gives a credential of the caller.
    fn note_there(&mut self, state: &mut State, cx: &Cx, expression: ExprId) {
        let (owner, name) = match cx.ir.expr(expression) {
            Expr::Chain(inner) => return self.note_there(state, cx, *inner),
            Expr::Symbol(symbol) if let Some(scope) = self.scope_of(state, cx, *symbol) => (scope, Atom(symbol.0)),
            Expr::Member { object, name, .. } if let Some(owner) = self.held(state, cx, *object) => (owner, self.atom_in(cx, *name)),
            Expr::Call { callee, args, .. } if let Some(place) = self.header(state, cx, *callee, args) => place,
            _ => return,
        };
        let object = self.object(state, owner);
        let value = match (object.slots.get(&name.0), &object.kind) {
            (Some(value), _) => *value,
            (None, Kind::Http(Http::Carrier(carrier))) => Self::carried(*carrier, self.values.text(name)),
            _ => return,
        };
        if self.mode == Mode::Anonymous
            && let Value::Opaque(o) = value
            && o.taint.has(Taint::CREDENTIAL)
            && o.truth == Truth::Either
        {
            let value = Value::opaque(o.taint.union(Taint::DEFAULTED));
            self.object_mut(state, owner).slots.insert(name.0, value);
        }
    }

    /// The place of what `req.get('X-Api-Key')` or `request.headers.get('x-api-key')` reads.
    fn header(&mut self, state: &mut State, cx: &Cx, callee: ExprId, args: &[ExprId]) -> Option<(ObjectId, Atom)> {
        let (Expr::Member { object, name, .. }, [name_of_header]) = (cx.ir.expr(callee), args) else { return None };
        if !matches!(cx.ir.str(*name), "get" | "header") {
            return None;
        }
        let owner = self.held(state, cx, *object)?;
        let carrier = match self.object(state, owner).kind {
            Kind::Http(Http::Request(_)) => self.field(state, owner, "headers")?.as_object()?,
            _ => owner,
        };
        let header = self.leaf(state, cx, *name_of_header)?;
        let header = self.to_text(header)?.to_ascii_lowercase();
        Some((carrier, self.values.atom(&header)))
    }

    /// The object that a variable or a property of one holds.
    fn held(&self, state: &State, cx: &Cx, expression: ExprId) -> Option<ObjectId> {
        let value = match cx.ir.expr(expression) {
            Expr::Symbol(symbol) => *self.object(state, self.scope_of(state, cx, *symbol)?).slots.get(&symbol.0)?,
            Expr::Member { object, name, .. } => {
                let owner = self.held(state, cx, *object)?;
                self.field(state, owner, cx.ir.str(*name))?
            }
            _ => return None,
        };
        value.as_object()
    }

    /// What is known of a header.
    pub(super) fn header_sent(&self, state: &State, request: ObjectId, name: &str) -> Option<Value> {
        let carrier = match self.object(state, request).kind {
            Kind::Http(Http::Request(_)) => self.field(state, request, "headers")?.as_object()?,
            _ => request,
        };
        self.field(state, carrier, &name.to_ascii_lowercase())
    }
}
