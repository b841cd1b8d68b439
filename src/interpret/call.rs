//! Calls.
//!
//! ```js
//! const user = await requireUser(req, { optional: true })   // entered, with its arguments bound
//! passport.authenticate('jwt', { session: false })(req, res, next)
//! ```

use super::apart::{is_rejected, waits};
use super::native::Native;
use super::object::{Kind, Site};
use super::state::{Flow, Outcomes, State, gather};
use super::value::{ObjectId, Taint, Truth, Value};
use super::{Cx, Interpreter, Mode};
use crate::ir::{Expr, ExprId};

/// States with the values of an argument list; or a flow that is not a value.
pub(super) type Lists = Vec<(State, Result<(Vec<Value>, bool), Flow>)>;

/// The rest of an `async` function after its first `await`, when nobody waits for it.
pub(super) struct Deferred {
    pub cx: Cx,
    pub function: crate::ir::FnId,
    pub from: usize,
}

/// How often a function may be on the stack at once.
const MAX_RECURSION: usize = 2;

impl Interpreter<'_> {
    pub(super) fn evaluate_call(&mut self, state: State, cx: &Cx, id: ExprId, callee: ExprId, args: &[ExprId], optional: bool) -> Outcomes {
        let site = cx.site(id);
        let ir = std::rc::Rc::clone(&cx.ir);
        match ir.expr(callee) {
            Expr::Member { object, name, optional: chained } => {
                let name_atom = self.atom_in(cx, *name);
                if matches!(ir.expr(*object), Expr::Super) {
                    let functions = self.super_property(state, cx, name_atom);
                    let this = self.this_value(cx, &functions);
                    return self.each(functions, |i, state, function| {
                        let lists = i.arguments(state, cx, args);
                        i.each_list(lists, |i, state, args| i.call(state, site, function, this, args))
                    });
                }
                let chained = *chained;
                let objects = self.evaluate(state, cx, *object);
                self.each(objects, |this, state, object| this.call_member(state, cx, site, object, name_atom, chained, optional, args))
            }
            Expr::Super => {
                let lists = self.arguments(state, cx, args);
                self.each_list(lists, |this, state, args| this.call_super(state, cx, site, args))
            }
            Expr::Global(name) if ir.str(*name) == "require" => {
                let lists = self.arguments(state, cx, args);
                self.each_list(lists, |this, state, args| {
                    this.require(state, site, cx.module, args.first().copied().unwrap_or(Value::Undefined))
                })
            }
            _ => {
                let callees = self.evaluate(state, cx, callee);
                self.each(callees, |this, state, function| {
                    if optional && function.is_nullish() {
                        return vec![(state, Flow::Break(Some(u32::MAX)))];
                    }
                    let lists = this.arguments(state, cx, args);
                    this.each_list(lists, |this, state, args| this.call(state, site, function, Value::Undefined, args))
                })
            }
        }
    }

    pub(super) fn this_value(&self, cx: &Cx, outcomes: &Outcomes) -> Value {
        outcomes.first().map_or(Value::Undefined, |(state, _)| self.this(state, cx))
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of a call expression")]
    pub(super) fn call_member(
        &mut self,
        state: State,
        cx: &Cx,
        site: Site,
        object: Value,
        name: super::value::Atom,
        chained: bool,
        optional: bool,
        args: &[ExprId],
    ) -> Outcomes {
        if let Value::Union(_) = object {
            let mut out = Outcomes::new();
            for alternative in self.values.alternatives(object) {
                if matches!(alternative, Value::Undefined | Value::Null) {
                    continue;
                }
                gather(&mut out, self.call_member(state.clone(), cx, site, alternative, name, chained, optional, args));
            }
            return if out.is_empty() { Self::done(state, Value::UNKNOWN) } else { self.settle(out) };
        }
        if object.is_nullish() && !matches!(object, Value::Anonymous(..)) && chained {
            return vec![(state, Flow::Break(Some(u32::MAX)))];
        }
        let mut state = state;
        if let Value::Anonymous(plain, cause) = object {
            state.request.consulted.get_or_insert(cause);
            if plain.is_nullish() {
                if chained {
                    return Self::short_circuit(state, object);
                }
                state.request.denied = Some(cause);
                return vec![(state, Flow::Throw(Value::truthy(Taint::ERROR)))];
            }
        }
        let lists = self.arguments(state, cx, args);
        let mut outcomes = self.each_list(lists, |this, state, args| this.call_method(state, site, object, name, args, optional));
        // `header?.slice(7)` is not there without it.
        if chained && matches!(object, Value::Opaque(o) if o.truth == Truth::Either && !o.taint.has(Taint::DEFAULTED)) {
            for (_, flow) in &mut outcomes {
                if let Flow::Value(Value::Opaque(o)) = flow {
                    o.taint = o.taint.without(Taint::DEFAULTED);
                }
            }
        }
        outcomes
    }

    pub fn call(&mut self, state: State, site: Site, callee: Value, this: Value, args: Vec<Value>) -> Outcomes {
        match callee {
            Value::Object(id) => match &self.object(&state, id).kind {
                Kind::Function(closure) => {
                    let closure = std::rc::Rc::clone(closure);
                    self.call_closure(state, site, id, &closure, this, args)
                }
                Kind::Framework(object) => {
                    let framework = self.frameworks[object.framework];
                    match framework.call(self, state.clone(), id, "", &args, site) {
                        Some(outcomes) => outcomes,
                        None => Self::done(state, Value::UNKNOWN),
                    }
                }
                Kind::Class(_) => self.construct(state, site, callee, args),
                _ => Self::done(state, Value::UNKNOWN),
            },
            Value::Native(id) => {
                let native = self.values.native_of(id).clone();
                self.call_native(state, site, native, this, args)
            }
            Value::External(id) => self.call_external(state, site, id, args),
            Value::Union(_) => {
                let mut out = Outcomes::new();
                for alternative in self.values.alternatives(callee) {
                    if matches!(alternative, Value::Undefined | Value::Null) {
                        continue;
                    }
                    gather(&mut out, self.call(state.clone(), site, alternative, this, args.clone()));
                }
                if out.is_empty() { Self::done(state, Value::UNKNOWN) } else { self.settle(out) }
            }
            Value::Anonymous(plain, cause) if plain.is_nullish() => {
                let mut state = state;
                state.request.consulted.get_or_insert(cause);
                state.request.denied = Some(cause);
                vec![(state, Flow::Throw(Value::truthy(Taint::ERROR)))]
            }
            other => {
                let taint = self.taint_of(other);
                self.call_unknown(state, site, taint, &args)
            }
        }
    }

    pub(super) fn call_closure(
        &mut self,
        mut state: State,
        site: Site,
        id: ObjectId,
        closure: &super::object::Closure,
        this: Value,
        args: Vec<Value>,
    ) -> Outcomes {
        let key = (closure.module, closure.function);
        self.entered.insert(key);
        if let Some(guard) = self.configured_guard(closure) {
            return self.call_native(state, site, guard, this, args);
        }
        let recursion = if self.indifferent > 0 || self.mode == Mode::Anyone { 1 } else { MAX_RECURSION };
        if self.depth >= super::budget::Budget::DEPTH
            || self.stack.iter().filter(|k| **k == key).count() >= recursion
            || self.is_idle(key)
            || !self.spend()
        {
            self.cuts += 1;
            let taint = self.taint_of_all(&state, &args);
            return Self::done(state, Value::opaque(taint.derived()));
        }
        let ir = std::rc::Rc::clone(&self.modules[closure.module.0 as usize].ir);
        let function = &ir.functions[closure.function.index()];
        let detached = self.detached.take_if(|s| *s == site).is_some();
        let apart = self.mode != Mode::Startup && self.is_apart(&state, closure, this, &args);
        if apart && detached && self.passing_only && function.name.is_none_or(|n| crate::knowledge::names::helper(ir.str(n)).is_none()) {
            return Self::done(state, Value::UNKNOWN);
        }
        let unheard = detached && function.is_async && self.mode != Mode::Startup;
        let before_unheard = unheard.then(|| std::rc::Rc::clone(&state.request.effects));
        let recording = if self.mode == Mode::Startup {
            None
        } else {
            if let Some(outcomes) = self.recall(&state, id, this, &args) {
                return self.heard(before_unheard, outcomes);
            }
            if self.mode == Mode::Anyone && !self.is_worth_a_visit(&state, id, key, &args) {
                let taint = args.iter().fold(Taint::STORED, |t, a| t.union(self.deep_taint(&state, *a)));
                return Self::done(state, Value::opaque(taint));
            }
            Some((self.begin_recording(&state), args.as_slice().into()))
        };
        let detached = detached && function.is_async && self.mode == Mode::Startup;
        let had_rejection = is_rejected(&state);
        let so_far = (self.steps, self.events);
        self.depth += 1;
        self.stack.push(key);
        let forks = self.forks;
        let conditions = std::rc::Rc::clone(&state.conditions);
        let mark = self.base.len();
        let indifferent = self.mode == Mode::Anonymous && self.indifferent == 0 && !self.concerns_caller(&state, closure, this, &args);
        let aside = indifferent.then(|| self.step_aside(&state, &args, key));
        let scope = self.activation(&mut state, closure, id, function, this);
        let cx = Cx { ir: std::rc::Rc::clone(&ir), module: closure.module, scope };
        let bound = self.bind_parameters(state, &cx, function, args);
        let mut outcomes = self.each(bound, |interpreter, mut state, _| {
            interpreter.hoist(&mut state, &cx, function);
            if detached && let Some(from) = function.body.iter().position(|s| waits(&cx.ir, s)) {
                interpreter.deferred.push(Deferred { cx: cx.clone(), function: closure.function, from });
                return interpreter.run(state, &cx, &function.body[..from]);
            }
            interpreter.run(state, &cx, &function.body)
        });
        self.stack.pop();
        self.depth -= 1;
        self.note_idle(key, so_far);
        if self.mode != Mode::Startup {
            for (state, _) in &mut outcomes {
                self.release(state, scope);
            }
        }
        if self.depth > 0 && self.mode == Mode::Anonymous && !had_rejection {
            // A helper that answers and returns leaves it to its caller to stop.
            for (state, flow) in &mut outcomes {
                if !matches!(flow, Flow::Throw(_)) && is_rejected(state) && !state.request.escaped {
                    state.request.escaped = true;
                }
            }
        }
        for (_, flow) in &mut outcomes {
            *flow = match *flow {
                Flow::Return(value) => Flow::Value(value),
                Flow::Value(_) | Flow::Break(_) | Flow::Continue(_) => Flow::Value(Value::Undefined),
                Flow::Throw(error) => Flow::Throw(error),
            };
        }
        if self.mode == Mode::Startup {
            let mut settled = self.settle(outcomes);
            // A path that throws ends the process: what matters is the others.
            if settled.iter().any(|(_, f)| matches!(f, Flow::Value(_))) {
                settled.retain(|(_, f)| matches!(f, Flow::Value(_)));
            }
            self.forks = forks;
            for (state, _) in &mut settled {
                state.conditions = std::rc::Rc::clone(&conditions);
                self.flush(state);
            }
            outcomes = settled;
        }
        if let Some(aside) = aside {
            outcomes = self.come_back(aside, outcomes);
        }
        if function.is_async {
            outcomes = self.as_promises(outcomes);
        } else if function.is_generator {
            outcomes = outcomes.into_iter().map(|(s, _)| (s, Flow::Value(Value::UNKNOWN))).collect();
        }
        let outcomes = self.settle_call(outcomes, mark);
        if let Some((recording, args)) = recording {
            self.end_recording(recording, id, this, args, &outcomes);
        }
        self.heard(before_unheard, outcomes)
    }

    pub(super) fn call_native(&mut self, mut state: State, site: Site, native: Native, this: Value, args: Vec<Value>) -> Outcomes {
        match native {
            Native::Getter(getter) => self.call(state, site, getter, this, Vec::new()),
            Native::Bound { function, this, args: first } => {
                let mut all = first.to_vec();
                all.extend(args);
                self.call(state, site, function, this, all)
            }
            Native::Method { object: Value::Object(id), name } if matches!(self.object(&state, id).kind, Kind::Http(_)) => {
                // Kept before the project put something else in its place.
                let Kind::Http(http) = self.object(&state, id).kind else { return Self::done(state, Value::UNKNOWN) };
                let name = self.values.text(name).to_owned();
                self.http_method(state, site, id, http, &name, args)
            }
            Native::Method { object, name } => self.call_method(state, site, object, name, args, false),
            Native::Resolve(promise) => {
                let value = args.first().copied().unwrap_or(Value::Undefined);
                self.resolve(&mut state, promise, value);
                Self::done(state, Value::Undefined)
            }
            Native::Reject(promise) => {
                let value = args.first().copied().unwrap_or(Value::Undefined);
                // Where every check may pass or fail, what follows a rejection must not hide what follows success.
                if self.mode != Mode::Anyone
                    && let Kind::Promise(settled @ super::object::Settled::Pending) = &mut self.object_mut(&mut state, promise).kind
                {
                    *settled = super::object::Settled::Rejected(value);
                }
                Self::done(state, Value::Undefined)
            }
            Native::Next(convention) => self.call_next(state, convention, &args),
            Native::Require(module) => {
                let specifier = args.first().copied().unwrap_or(Value::Undefined);
                self.require(state, site, super::value::ModuleId(module), specifier)
            }
            Native::Nothing => Self::done(state, Value::Undefined),
            Native::Wrapped { function, .. } => self.call(state, site, function, this, args),
            Native::Perhaps(function) => {
                let mut outcomes = Outcomes::new();
                if self.mode == Mode::Anonymous
                    && let Some(next) = args.iter().copied().rfind(|a| self.is_function(Some(&state), *a))
                {
                    let cause = self.cause("a list that a guard may be missing from", site, super::Evidence::Unseen);
                    let mut without = state.clone();
                    without.request.unseen.get_or_insert(cause);
                    outcomes = self.call(without, site, next, Value::Undefined, Vec::new());
                }
                gather(&mut outcomes, self.call(state, site, function, this, args));
                outcomes
            }
            Native::Promisified(function) => {
                let outcomes = self.call(state, site, function, this, args);
                self.as_promises(outcomes)
            }
            Native::Crud { model, writes } => {
                let model = self.values.text(model).to_owned();
                self.effect(&mut state, if writes { super::EffectKind::DbWrite } else { super::EffectKind::DbRead }, &model);
                Self::record(&mut state, super::state::AnswerKind::Success, false);
                Self::done(state, Value::Undefined)
            }
            Native::Guard { name, wrapped } => self.call_guard(state, site, name, wrapped, args),
            Native::Several { members, all } => self.call_several(state, site, members, all, args),
            Native::Prepare(properties) => self.prepare(state, properties, &args),
        }
    }
}
