//! Expressions.
//!
//! ```js
//! const user = (await auth())?.user ?? null
//! ```

use super::object::{Kind, Object};
use super::state::{Flow, Outcomes, State, gather};
use super::value::{Taint, Value};
use super::{Cx, Interpreter, Mode};
use crate::ir::{Expr, ExprId, LogicalOp};

/// What an optional chain that met `null` or `undefined` throws to its boundary.
const SHORT_CIRCUIT: Option<u32> = Some(u32::MAX);
/// The same, where it met what an anonymous caller lacks: this plus the number of the cause.
const SHORT_CIRCUIT_ANONYMOUS: u32 = 1 << 30;

impl Interpreter<'_> {
    pub(super) fn evaluate(&mut self, mut state: State, cx: &Cx, id: ExprId) -> Outcomes {
        match self.leaf(&mut state, cx, id) {
            Some(value) => Self::done(state, value),
            None => self.evaluate_parts(state, cx, id),
        }
    }

    /// Evaluates, and goes on with each value.
    pub(super) fn with(
        &mut self,
        mut state: State,
        cx: &Cx,
        id: ExprId,
        mut next: impl FnMut(&mut Self, State, Value) -> Outcomes,
    ) -> Outcomes {
        match self.leaf(&mut state, cx, id) {
            Some(value) => next(self, state, value),
            None => {
                let values = self.evaluate_parts(state, cx, id);
                self.each(values, next)
            }
        }
    }

    /// The value of an expression that has no parts, and so neither forks nor fails: half of all are like that.
    pub(super) fn leaf(&mut self, state: &mut State, cx: &Cx, id: ExprId) -> Option<Value> {
        let expression = cx.ir.expr(id);
        match expression {
            Expr::Undefined
            | Expr::Null
            | Expr::Bool(_)
            | Expr::Number(_)
            | Expr::Str(_)
            | Expr::Symbol(_)
            | Expr::Global(_)
            | Expr::This
            | Expr::Super
            | Expr::ImportMeta => {}
            _ => return None,
        }
        if !self.spend() || !self.descend() {
            return Some(Value::UNKNOWN);
        }
        let value = match expression {
            Expr::Undefined => Value::Undefined,
            Expr::Null => Value::Null,
            Expr::Bool(b) => Value::Bool(*b),
            Expr::Number(n) => Value::number(*n),
            Expr::Str(s) => Value::Str(self.atom_in(cx, *s)),
            Expr::Symbol(symbol) => self.symbol_value(state, cx, *symbol),
            Expr::Global(name) => self.global(state, cx, cx.ir.str(*name)),
            Expr::This => self.this(state, cx),
            Expr::ImportMeta => self.values.external_global("import.meta"),
            _ => Value::UNKNOWN,
        };
        self.levels -= 1;
        Some(value)
    }

    fn evaluate_parts(&mut self, state: State, cx: &Cx, id: ExprId) -> Outcomes {
        if !self.spend() || !self.descend() {
            return Self::done(state, Value::UNKNOWN);
        }
        let outcomes = self.expression(state, cx, id);
        self.levels -= 1;
        outcomes
    }

    #[inline]
    fn expression(&mut self, state: State, cx: &Cx, id: ExprId) -> Outcomes {
        let ir = &*cx.ir;
        let value = match ir.expr(id) {
            Expr::Regex(source, flags) => {
                let kind = Kind::Regex { source: self.values.atom(ir.str(*source)), flags: self.values.atom(ir.str(*flags)) };
                let mut state = state;
                let object = self.allocate(&mut state, Object::new(kind));
                return Self::done(state, Value::Object(object));
            }
            Expr::Template(parts) => return self.template(state, cx, parts),
            Expr::Array(items) => return self.array_literal(state, cx, items),
            Expr::Object(properties) => return self.object_literal(state, cx, properties),
            Expr::Function(function) => {
                let mut state = state;
                let value = self.make_function(&mut state, cx, *function, None);
                return Self::done(state, value);
            }
            Expr::Class(class) => return self.make_class(state, cx, *class),
            Expr::Member { object, name, optional } => {
                let (site, name) = (cx.site(id), self.atom_in(cx, *name));
                if matches!(ir.expr(*object), Expr::Super) {
                    return self.super_property(state, cx, name);
                }
                let optional = *optional;
                return self.with(state, cx, *object, |this, state, object| this.get_in_chain(state, site, object, name, optional));
            }
            Expr::Index { object, index, optional } => {
                let (site, index, optional) = (cx.site(id), *index, *optional);
                return self.with(state, cx, *object, |this, state, object| {
                    if optional && object.is_nullish() {
                        return Self::short_circuit(state, object);
                    }
                    this.with(state, cx, index, |this, state, index| this.get_index(state, site, object, index))
                });
            }
            Expr::Call { callee, args, optional } => return self.evaluate_call(state, cx, id, *callee, args, *optional),
            Expr::New { callee, args } => {
                let site = cx.site(id);
                return self.with(state, cx, *callee, |this, state, callee| {
                    let lists = this.arguments(state, cx, args);
                    this.each_list(lists, |this, state, args| this.construct(state, site, callee, args))
                });
            }
            Expr::Tagged { tag, template } => {
                let (site, template) = (cx.site(id), *template);
                let tags = self.evaluate(state, cx, *tag);
                return self.each(tags, |this, state, tag| {
                    let texts = this.evaluate(state, cx, template);
                    this.each(texts, |this, state, text| this.call(state, site, tag, Value::Undefined, vec![text]))
                });
            }
            Expr::Spread(inner) => return self.evaluate(state, cx, *inner),
            Expr::Not(inner) => {
                return self.with(state, cx, *inner, |this, state, value| Self::done(state, this.not(value)));
            }
            Expr::Typeof(inner) => {
                return self.with(state, cx, *inner, |this, state, value| {
                    let result = this.type_of(&state, value);
                    Self::done(state, result)
                });
            }
            Expr::Void(inner) => {
                let values = self.evaluate(state, cx, *inner);
                return self.each(values, |_, state, _| Self::done(state, Value::Undefined));
            }
            Expr::Await(inner) => {
                return self.with(state, cx, *inner, |this, state, value| this.wait_for(state, value));
            }
            Expr::Yield(inner) => {
                if let Some(inner) = inner {
                    let values = self.evaluate(state, cx, *inner);
                    return self.each(values, |_, state, value| Self::done(state, value));
                }
                Value::UNKNOWN
            }
            Expr::Binary(op, left, right) => {
                let (op, left, right, site) = (*op, *left, *right, cx.site(id));
                return self.with(state, cx, left, |this, state, l| {
                    this.with(state, cx, right, |this, state, r| this.binary(state, site, op, l, r))
                });
            }
            Expr::Logical(op, left, right) => return self.logical(state, cx, *op, *left, *right),
            Expr::Conditional(test, then, otherwise) => {
                let site = cx.site(*test);
                let (test, then, otherwise) = (*test, *then, *otherwise);
                return self.either(
                    state,
                    cx,
                    site,
                    test,
                    |this, state, cx| this.evaluate(state, cx, then),
                    |this, state, cx| this.evaluate(state, cx, otherwise),
                );
            }
            Expr::Assign(target, op, value) => return self.assignment(state, cx, id, target, *op, *value),
            Expr::Sequence(list) => {
                let mut outcomes = Self::done(state, Value::Undefined);
                for item in list {
                    outcomes = self.each(outcomes, |this, state, _| this.evaluate(state, cx, *item));
                }
                return outcomes;
            }
            Expr::Chain(inner) => {
                let outcomes = self.evaluate(state, cx, *inner);
                let outcomes = outcomes
                    .into_iter()
                    .map(|(state, flow)| match flow {
                        // The value travels in `Flow::Return`-like fashion: see `short_circuit`.
                        Flow::Break(SHORT_CIRCUIT) => (state, Flow::Value(Value::Undefined)),
                        Flow::Break(Some(code)) if code >= SHORT_CIRCUIT_ANONYMOUS => {
                            let cause = super::value::CauseId(code - SHORT_CIRCUIT_ANONYMOUS);
                            (state, Flow::Value(Value::Anonymous(super::value::Plain::Undefined, cause)))
                        }
                        other => (state, other),
                    })
                    .collect();
                return self.settle(outcomes);
            }
            Expr::Import(source) => {
                let site = cx.site(id);
                let sources = self.evaluate(state, cx, *source);
                return self.each(sources, |this, state, source| this.dynamic_import(state, site, source));
            }
            Expr::Opaque(parts) => {
                let mut outcomes = Self::done(state, Value::UNKNOWN);
                for part in parts {
                    outcomes = self.each(outcomes, |this, state, _| this.evaluate(state, cx, *part));
                }
                return self.each(outcomes, |i, state, value| Self::done(state, Value::opaque(i.taint_of(value).derived())));
            }
            // The rest has no parts: see `leaf`.
            _ => Value::UNKNOWN,
        };
        Self::done(state, value)
    }

    pub(super) fn get_in_chain(
        &mut self,
        state: State,
        site: super::object::Site,
        object: Value,
        name: super::value::Atom,
        optional: bool,
    ) -> Outcomes {
        if optional {
            if let Value::Union(_) = object {
                let mut out = Outcomes::new();
                for alternative in self.values.alternatives(object) {
                    gather(&mut out, self.get_in_chain(state.clone(), site, alternative, name, true));
                }
                return self.settle(out);
            }
            if object.is_nullish() {
                return Self::short_circuit(state, object);
            }
            if let Value::Opaque(o) = object
                && o.truth == super::value::Truth::Falsy
            {
                return Self::short_circuit(state, object);
            }
        }
        self.get(state, site, object, name)
    }

    /// Leaves the optional chain around this expression with `undefined`; what an anonymous caller lacks stays marked.
    pub(super) fn short_circuit(state: State, object: Value) -> Outcomes {
        match object {
            Value::Anonymous(_, cause) => vec![(state, Flow::Break(Some(SHORT_CIRCUIT_ANONYMOUS + cause.0)))],
            _ => vec![(state, Flow::Break(SHORT_CIRCUIT))],
        }
    }

    pub(super) fn logical(&mut self, state: State, cx: &Cx, op: LogicalOp, left: ExprId, right: ExprId) -> Outcomes {
        let site = cx.site(left);
        if op == LogicalOp::Nullish {
            let lefts = self.evaluate(state, cx, left);
            return self.each(lefts, |this, state, value| {
                let mut out = Outcomes::new();
                for alternative in this.values.alternatives(value) {
                    match alternative {
                        Value::Undefined | Value::Null => gather(&mut out, this.evaluate(state.clone(), cx, right)),
                        Value::Anonymous(plain, cause) if plain.is_nullish() => {
                            let mut state = state.clone();
                            state.request.consulted.get_or_insert(cause);
                            // A constant that stands in for what is missing still says that it was missing.
                            for (state, flow) in this.evaluate(state, cx, right) {
                                let flow = match flow {
                                    Flow::Value(v) => Flow::Value(this.stand_in(v, cause)),
                                    other => other,
                                };
                                out.push((state, flow));
                            }
                        }
                        Value::Opaque(o)
                            if o.truth == super::value::Truth::Either && (this.mode == Mode::Startup || this.is_presented(o.taint)) =>
                        {
                            let others = this.evaluate(state.clone(), cx, right);
                            let there = others.iter().all(|(_, flow)| matches!(flow, Flow::Value(Value::Str(_))));
                            let taint = if there { o.taint.union(Taint::DEFAULTED) } else { o.taint };
                            out.push((state.clone(), Flow::Value(Value::opaque(taint))));
                            out.extend(others.into_iter().map(|(state, flow)| (state, this.still_presented(flow, o.taint))));
                        }
                        other => out.push((state.clone(), Flow::Value(other))),
                    }
                }
                this.settle(out)
            });
        }
        // `a && b` is `a ? b : a`, `a || b` is `a ? a : b`, with `a` evaluated once.
        let branches = self.test(state, cx, left);
        let mut out: Outcomes = branches.threw;
        let (skip, go) = if op == LogicalOp::And { (branches.falsy, branches.truthy) } else { (branches.truthy, branches.falsy) };
        out.extend(skip.into_iter().map(|(state, value)| (state, Flow::Value(value))));
        let fork = !out.is_empty() && !go.is_empty();
        for (mut state, left) in go {
            if fork {
                self.enter_branch(&mut state, site, op == LogicalOp::And);
            }
            let evaluated = self.evaluate(state, cx, right);
            if fork {
                self.leave_branch();
            }
            for (state, flow) in evaluated {
                let flow = match (flow, left) {
                    (flow, Value::Opaque(o)) if op == LogicalOp::Or => self.still_presented(flow, o.taint),
                    (Flow::Value(v), Value::Anonymous(_, cause)) if op == LogicalOp::Or => Flow::Value(self.stand_in(v, cause)),
                    (flow, _) => flow,
                };
                out.push((state, flow));
            }
        }
        for truth in [true, false] {
            let side = out.iter_mut().filter_map(|(state, flow)| match *flow {
                Flow::Value(value) if self.truth_of(value) == Some(truth) => Some((state, value)),
                _ => None,
            });
            super::branch::share_lack(side);
        }
        let mut out = self.settle(out);
        if let [(state, _)] = out.as_mut_slice() {
            self.flush(state);
        }
        out
    }

    /// Whether an anonymous caller presents it as a credential, or presents none.
    fn is_presented(&self, taint: Taint) -> bool {
        self.mode == Mode::Anonymous && taint.has(Taint::CREDENTIAL)
    }

    /// `header || ''`, `header ?? null`: what is not a valid credential either way.
    fn still_presented(&self, flow: Flow, taint: Taint) -> Flow {
        match flow {
            Flow::Value(value)
                if self.is_presented(taint) && self.truth_of(value) == Some(false) && !matches!(value, Value::Anonymous(..)) =>
            {
                let taint = if value.is_nullish() { taint } else { taint.union(Taint::DEFAULTED) };
                Flow::Value(Value::Opaque(super::value::Opaque { taint, truth: super::value::Truth::Falsy }))
            }
            other => other,
        }
    }

    /// A plain constant used instead of what an anonymous caller lacks.
    pub(super) fn stand_in(&self, value: Value, cause: super::value::CauseId) -> Value {
        use super::value::Plain;
        match value {
            Value::Undefined => Value::Anonymous(Plain::Undefined, cause),
            Value::Null => Value::Anonymous(Plain::Null, cause),
            Value::Bool(false) => Value::Anonymous(Plain::False, cause),
            Value::Str(atom) if self.values.text(atom).is_empty() => Value::Anonymous(Plain::False, cause),
            Value::Number(bits) if f64::from_bits(bits) == 0.0 => Value::Anonymous(Plain::Zero, cause),
            other => other,
        }
    }
}
