//! Argument lists, and what is known of what is in them.
//!
//! ```js
//! check(req, ...rest, { token: req.cookies.token })
//! ```

use super::object::Kind;
use super::state::{Flow, Outcomes, State, gather};
use super::value::{Taint, Value};
use super::{Cx, Interpreter, Mode};
use crate::ir::{Expr, ExprId};

use super::call::Lists;

impl Interpreter<'_> {
    pub(super) fn arguments(&mut self, state: State, cx: &Cx, args: &[ExprId]) -> Lists {
        self.arguments_or_holes(state, cx, args)
    }

    pub(super) fn arguments_or_holes(&mut self, state: State, cx: &Cx, args: &[ExprId]) -> Lists {
        let mut lists: Lists = vec![(state, Ok((Vec::with_capacity(args.len()), false)))];
        for arg in args {
            if let [(state, Ok((values, _)))] = lists.as_mut_slice()
                && let Some(value) = self.leaf(state, cx, *arg)
            {
                values.push(value);
                continue;
            }
            let mut next: Lists = Vec::with_capacity(lists.len());
            let spread = matches!(cx.ir.expr(*arg), Expr::Spread(_));
            for (state, list) in lists {
                let Ok((values, open)) = list else {
                    next.push((state, list));
                    continue;
                };
                let outcomes = self.evaluate(state, cx, *arg);
                let last = outcomes.len().saturating_sub(1);
                let mut values = Some(values);
                for (i, (state, flow)) in outcomes.into_iter().enumerate() {
                    match flow {
                        Flow::Value(value) => {
                            let mut values = if i == last { values.take().unwrap_or_default() } else { values.clone().unwrap_or_default() };
                            let mut open = open;
                            if spread {
                                let (items, more) = self.items_of(&state, value);
                                values.extend(items);
                                if more && self.mode == Mode::Startup {
                                    values.push(Value::UNKNOWN);
                                }
                                open |= more;
                            } else {
                                values.push(value);
                            }
                            next.push((state, Ok((values, open))));
                        }
                        other => next.push((state, Err(other))),
                    }
                }
            }
            lists = next;
        }
        lists
    }

    pub(super) fn each_list(&mut self, lists: Lists, mut next: impl FnMut(&mut Self, State, Vec<Value>) -> Outcomes) -> Outcomes {
        self.each_list_open(lists, |this, state, args, _| next(this, state, args))
    }

    pub(super) fn each_list_open(
        &mut self,
        lists: Lists,
        mut next: impl FnMut(&mut Self, State, Vec<Value>, bool) -> Outcomes,
    ) -> Outcomes {
        let mut out = Outcomes::new();
        for (state, list) in lists {
            match list {
                Ok((values, open)) => gather(&mut out, next(self, state, values, open)),
                Err(flow) => out.push((state, flow)),
            }
        }
        if out.len() > 1 { self.settle(out) } else { out }
    }

    pub(super) fn is_function(&self, state: Option<&State>, value: Value) -> bool {
        match (state, value) {
            (Some(state), Value::Object(id)) => matches!(self.object(state, id).kind, Kind::Function(_)),
            (_, Value::Native(_)) => true,
            _ => false,
        }
    }

    /// Whether the value is the answer object of the request, or holds it.
    pub(super) fn is_answer(&self, state: &State, value: Value) -> bool {
        match value {
            Value::Object(id) => match &self.object(state, id).kind {
                Kind::Http(super::object::Http::Response(_)) => true,
                Kind::Plain => self.object(state, id).slots.values().any(|v| {
                    v.as_object().is_some_and(|o| matches!(self.object(state, o).kind, Kind::Http(super::object::Http::Response(_))))
                }),
                _ => false,
            },
            _ => false,
        }
    }

    /// What the arguments of a call and their parts come from.
    pub(super) fn taint_of_all(&self, state: &State, args: &[Value]) -> Taint {
        args.iter().fold(Taint::NONE, |taint, arg| taint.union(self.deep_taint(state, *arg)))
    }

    /// What a value and its parts come from.
    pub(super) fn deep_taint(&self, state: &State, value: Value) -> Taint {
        self.deep_taint_at(state, value, 4)
    }

    pub(super) fn deep_taint_at(&self, state: &State, value: Value, depth: u32) -> Taint {
        let Value::Object(id) = value else { return self.taint_of(value) };
        if depth == 0 {
            return Taint::NONE;
        }
        let object = self.object(state, id);
        let mut taint = Taint::NONE;
        match &object.kind {
            Kind::Plain => {}
            Kind::Array { items, .. } => {
                for item in items.iter().take(32) {
                    taint = taint.union(self.deep_taint_at(state, *item, depth - 1));
                }
            }
            Kind::Promise(super::object::Settled::Fulfilled(v)) => return self.deep_taint_at(state, *v, depth - 1),
            Kind::Http(
                super::object::Http::Request(_)
                | super::object::Http::Carrier(super::object::Carrier::Headers | super::object::Carrier::Cookies),
            ) => {
                return Taint::REQUEST.union(Taint::CREDENTIAL);
            }
            Kind::Http(super::object::Http::Carrier(_)) => return Taint::REQUEST,
            Kind::Error { .. } => return Taint::ERROR,
            _ => return Taint::NONE,
        }
        for value in object.slots.values().take(64) {
            taint = taint.union(self.deep_taint_at(state, *value, depth - 1));
        }
        taint
    }

    /// What an anonymous caller lacks, if a value or one of its parts is that.
    pub(super) fn deep_cause(&self, state: &State, value: Value, depth: u32, drops: bool) -> Option<super::value::CauseId> {
        match value {
            Value::Anonymous(super::value::Plain::Undefined, _) if drops => None,
            Value::Anonymous(_, cause) => Some(cause),
            Value::Object(id) if depth > 0 => match &self.object(state, id).kind {
                Kind::Plain => self.object(state, id).slots.values().take(64).find_map(|v| self.deep_cause(state, *v, depth - 1, drops)),
                Kind::Array { items, .. } => items.iter().take(16).find_map(|v| self.deep_cause(state, *v, depth - 1, drops)),
                Kind::Missing(cause) => Some(*cause),
                _ => None,
            },
            _ => None,
        }
    }
}
