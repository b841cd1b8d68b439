//! Calls.
//!
//! ```js
//! const user = await requireUser(req, { optional: true })   // entered, with its arguments bound
//! passport.authenticate('jwt', { session: false })(req, res, next)
//! ```

use super::native::Native;
use super::object::{Kind, Site};
use super::state::{Flow, Outcomes, State};
use super::value::{External, ObjectId, Plain, Taint, Value};
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

/// What a call that has nothing to do with the request came to.
#[derive(Clone)]
pub(super) struct Known {
    value: Value,
    effects: std::rc::Rc<Vec<u32>>,
}

/// How often a function may be on the stack at once.
const MAX_RECURSION: usize = 2;

impl Interpreter<'_> {
    pub(super) fn evaluate_call(&mut self, state: State, cx: &Cx, id: ExprId, callee: ExprId, args: &[ExprId], optional: bool) -> Outcomes {
        let site = cx.site(id);
        let ir = std::rc::Rc::clone(&cx.ir);
        match ir.expr(callee) {
            Expr::Member { object, name, optional: chained } => {
                let name_atom = self.values.atom(ir.str(*name));
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

    fn this_value(&self, cx: &Cx, outcomes: &Outcomes) -> Value {
        outcomes.first().map_or(Value::Undefined, |(state, _)| {
            let mut scope = Some(cx.scope);
            while let Some(id) = scope {
                match &self.object(state, id).kind {
                    Kind::Scope { this: Some(this), .. } => return *this,
                    Kind::Scope { parent, .. } => scope = *parent,
                    _ => break,
                }
            }
            Value::Undefined
        })
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of a call expression")]
    fn call_member(
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
                out.extend(self.call_member(state.clone(), cx, site, alternative, name, chained, optional, args));
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
                    return self.short_circuit(state, object);
                }
                state.request.denied = Some(cause);
                return vec![(state, Flow::Throw(Value::truthy(Taint::ERROR)))];
            }
        }
        let lists = self.arguments(state, cx, args);
        self.each_list(lists, |this, state, args| this.call_method(state, site, object, name, args, optional))
    }

    // --- arguments ---

    pub(super) fn arguments(&mut self, state: State, cx: &Cx, args: &[ExprId]) -> Lists {
        self.arguments_or_holes(state, cx, args)
    }

    pub(super) fn arguments_or_holes(&mut self, state: State, cx: &Cx, args: &[ExprId]) -> Lists {
        let mut lists: Lists = vec![(state, Ok((Vec::with_capacity(args.len()), false)))];
        for arg in args {
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
                Ok((values, open)) => out.extend(next(self, state, values, open)),
                Err(flow) => out.push((state, flow)),
            }
        }
        if out.len() > 1 { self.settle(out) } else { out }
    }

    // --- calling ---

    pub fn call(&mut self, state: State, site: Site, callee: Value, this: Value, args: Vec<Value>) -> Outcomes {
        match callee {
            Value::Object(id) => match self.object(&state, id).kind.clone() {
                Kind::Function(closure) => self.call_closure(state, site, id, &closure, this, args),
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
                    out.extend(self.call(state.clone(), site, alternative, this, args.clone()));
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
                self.call_unknown(state, site, taint, args)
            }
        }
    }

    /// A call of something that is not known: its callbacks may run, its result depends on what it was given.
    pub(super) fn call_unknown(&mut self, mut state: State, site: Site, taint: Taint, args: Vec<Value>) -> Outcomes {
        let mut result = taint.without(Taint::METHOD);
        for arg in &args {
            result = result.union(self.deep_taint(&state, *arg));
            if self.is_answer(&state, *arg) {
                state.request.handed_over = true;
            }
        }
        if result.has(Taint::CREDENTIAL) {
            result = result.union(Taint::UNSEEN);
        }
        self.run_callbacks(state, site, &args, result, Value::opaque(result.without(Taint::ERROR)))
    }

    /// Runs the functions among the arguments, each of which may or may not be called, with values that are not known.
    pub(super) fn run_callbacks(&mut self, state: State, site: Site, args: &[Value], taint: Taint, result: Value) -> Outcomes {
        let mut states = vec![state];
        for arg in args {
            if !self.is_function(states.first(), *arg) {
                continue;
            }
            let mut next = Vec::new();
            for state in states {
                let unknown = Value::opaque(taint);
                // Node's convention: an error first. Whether it is set cannot be told.
                let called = self.call(state.clone(), site, *arg, Value::Undefined, vec![unknown; 4]);
                if self.mode != Mode::Startup {
                    next.push(state);
                }
                next.extend(called.into_iter().map(|(s, _)| s));
            }
            let outcomes = next.into_iter().map(|s| (s, Flow::Value(Value::Undefined))).collect();
            states = self.settle(outcomes).into_iter().map(|(s, _)| s).collect();
        }
        states.into_iter().map(|s| (s, Flow::Value(result))).collect()
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

    /// What a value and its parts come from.
    pub(super) fn deep_taint(&self, state: &State, value: Value) -> Taint {
        self.deep_taint_at(state, value, 4)
    }

    fn deep_taint_at(&self, state: &State, value: Value, depth: u32) -> Taint {
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
            Kind::Http(super::object::Http::Request(_) | super::object::Http::Carrier(super::object::Carrier::Headers | super::object::Carrier::Cookies)) => {
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
    pub(super) fn deep_cause(&self, state: &State, value: Value, depth: u32) -> Option<super::value::CauseId> {
        match value {
            Value::Anonymous(_, cause) => Some(cause),
            Value::Object(id) if depth > 0 => match &self.object(state, id).kind {
                Kind::Plain => self.object(state, id).slots.values().take(64).find_map(|v| self.deep_cause(state, *v, depth - 1)),
                Kind::Array { items, .. } => items.iter().take(16).find_map(|v| self.deep_cause(state, *v, depth - 1)),
                Kind::Missing(cause) => Some(*cause),
                _ => None,
            },
            _ => None,
        }
    }

    fn call_closure(&mut self, mut state: State, site: Site, id: ObjectId, closure: &super::object::Closure, this: Value, args: Vec<Value>) -> Outcomes {
        let key = (closure.module, closure.function);
        self.entered.insert(key);
        if let Some(guard) = self.configured_guard(&state, closure) {
            return self.call_native(state, site, guard, this, args);
        }
        if self.depth >= super::Budget::DEPTH || self.stack.iter().filter(|k| **k == key).count() >= MAX_RECURSION || !self.spend() {
            let taint = args.iter().fold(Taint::NONE, |t, a| t.union(self.deep_taint(&state, *a)));
            return Self::done(state, Value::opaque(taint));
        }
        let ir = std::rc::Rc::clone(&self.modules[closure.module.0 as usize].ir);
        let function = &ir.functions[closure.function.index()];
        let detached = self.detached.take_if(|s| *s == site).is_some();
        let apart = self.mode != Mode::Startup && self.is_apart(&state, closure, this, &args);
        if apart && detached && self.passing_only && !function.name.is_some_and(|n| crate::knowledge::names::helper(ir.str(n)).is_some()) {
            return Self::done(state, Value::UNKNOWN);
        }
        let memo = apart.then(|| (id, args.clone()));
        if let Some(known) = memo.as_ref().and_then(|key| self.known_calls.get(key)).cloned() {
            for effect in known.effects.iter() {
                let effect = self.effect_of(*effect).clone();
                self.effect(&mut state, effect.kind, &effect.subject);
            }
            return Self::done(state, known.value);
        }
        let before = memo.is_some().then(|| state.request.clone());
        let detached = detached && function.is_async && self.mode == Mode::Startup;
        let had_rejection = is_rejected(&state);
        self.depth += 1;
        self.stack.push(key);
        let forks = self.forks;
        let conditions = std::rc::Rc::clone(&state.conditions);
        let mark = self.base.len();
        let indifferent = self.mode == Mode::Anonymous && !self.concerns_caller(&state, closure, this, &args);
        self.indifferent += u32::from(indifferent);
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
        if function.is_async {
            outcomes = self.as_promises(outcomes);
        } else if function.is_generator {
            outcomes = outcomes.into_iter().map(|(s, _)| (s, Flow::Value(Value::UNKNOWN))).collect();
        }
        let outcomes = self.settle_call(outcomes, mark);
        self.indifferent = self.indifferent.saturating_sub(u32::from(indifferent));
        if let (Some(key), Some(before), [(state, Flow::Value(value))]) = (memo, before, outcomes.as_slice())
            && !matches!(value, Value::Object(_) | Value::Union(_) | Value::Native(_))
        {
            let same = super::state::RequestState { effects: std::rc::Rc::clone(&state.request.effects), ..before.clone() } == state.request;
            if same {
                let effects = state.request.effects.iter().filter(|e| !before.effects.contains(e)).copied().collect();
                self.known_calls.insert(key, Known { value: *value, effects: std::rc::Rc::new(effects) });
            }
        }
        outcomes
    }

    /// Whether a call has nothing to do with the request: a function of the module's own, given neither the request nor anything that
    /// could answer it.
    fn is_apart(&self, state: &State, closure: &super::object::Closure, this: Value, args: &[Value]) -> bool {
        let own = matches!(&self.object(state, closure.scope).kind, Kind::Scope { parent: None, .. });
        own && self.is_plain(state, this, 3) && args.iter().all(|a| self.is_plain(state, *a, 3))
    }

    fn is_plain(&self, state: &State, value: Value, depth: u32) -> bool {
        match value {
            Value::Native(_) | Value::Anonymous(..) | Value::Union(_) => false,
            Value::Opaque(o) => !o.taint.has(Taint::CREDENTIAL),
            Value::Object(_) if depth == 0 => false,
            Value::Object(id) => {
                let object = self.object(state, id);
                let parts = match &object.kind {
                    Kind::Plain => true,
                    Kind::Array { items, .. } => items.len() < 32 && items.iter().all(|v| self.is_plain(state, *v, depth - 1)),
                    Kind::Regex { .. } | Kind::Error { .. } | Kind::Class(_) => return true,
                    _ => false,
                };
                parts && object.slots.len() < 64 && object.slots.values().all(|v| self.is_plain(state, *v, depth - 1))
            }
            _ => true,
        }
    }

    /// Runs what was put off until the modules have run.
    pub fn run_deferred(&mut self, state: &mut State) {
        let mut rounds = 0;
        while !self.deferred.is_empty() && rounds < 1_000 {
            let task = self.deferred.remove(0);
            rounds += 1;
            let own = std::mem::take(state);
            let ir = std::rc::Rc::clone(&task.cx.ir);
            let forks = self.forks;
            let outcomes = self.run(own, &task.cx, &ir.functions[task.function.index()].body[task.from..]);
            let settled = self.settle(outcomes);
            self.forks = forks;
            let mut first: Option<State> = None;
            for (next, _) in settled {
                first = Some(match first.take() {
                    Some(one) => self.join_states(one, next),
                    None => next,
                });
            }
            *state = first.unwrap_or_default();
            self.flush(state);
        }
    }

    /// Whether what a function does may depend on who is calling: it is given, or has captured, the request, a credential, or something that
    /// an anonymous caller lacks. What the rest does, such as looking up a tenant, need not be followed in every detail.
    fn concerns_caller(&self, state: &State, closure: &super::object::Closure, this: Value, args: &[Value]) -> bool {
        args.iter().chain([&this]).any(|v| self.holds_caller(state, *v, 3)) || self.scope_holds_caller(state, closure.scope, 3)
    }

    fn scope_holds_caller(&self, state: &State, mut scope: ObjectId, depth: u32) -> bool {
        for _ in 0..16 {
            let object = self.object(state, scope);
            let Kind::Scope { parent, this, .. } = &object.kind else { return false };
            // A module's own variables are the same for everybody.
            let Some(parent) = *parent else { return false };
            if object.slots.values().chain(this.iter()).any(|v| self.holds_caller(state, *v, depth.saturating_sub(1))) {
                return true;
            }
            scope = parent;
        }
        true
    }

    fn holds_caller(&self, state: &State, value: Value, depth: u32) -> bool {
        match value {
            Value::Anonymous(..) => true,
            Value::Opaque(o) => o.taint.has(Taint::CREDENTIAL) || o.taint.has(Taint::UNSEEN) || o.taint.has(Taint::IDENTITY),
            Value::Pattern(id) => self.values.pattern_of(id).1.has(Taint::CREDENTIAL),
            Value::Union(id) => self.values.union_of(id).iter().any(|v| self.holds_caller(state, *v, depth)),
            Value::Native(id) => match self.values.native_of(id) {
                Native::Bound { function, this, args } => {
                    args.iter().chain([function, this]).any(|v| self.holds_caller(state, *v, depth))
                }
                Native::Next(_) => true,
                _ => false,
            },
            Value::Object(id) => {
                let object = self.object(state, id);
                match &object.kind {
                    Kind::Http(_) | Kind::Missing(_) => true,
                    _ if depth == 0 => false,
                    Kind::Function(closure) => self.scope_holds_caller(state, closure.scope, depth),
                    Kind::Array { items, .. } => items.iter().take(32).any(|v| self.holds_caller(state, *v, depth.saturating_sub(1))),
                    Kind::Promise(super::object::Settled::Fulfilled(v) | super::object::Settled::Rejected(v)) => self.holds_caller(state, *v, depth.saturating_sub(1)),
                    Kind::Plain => object.slots.values().take(64).any(|v| self.holds_caller(state, *v, depth.saturating_sub(1))),
                    _ => false,
                }
            }
            _ => false,
        }
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
                if let Kind::Promise(settled @ super::object::Settled::Pending) = &mut self.object_mut(&mut state, promise).kind {
                    *settled = super::object::Settled::Rejected(value);
                }
                Self::done(state, Value::Undefined)
            }
            Native::Next(convention) => self.call_next(state, convention, args),
            Native::Require(module) => {
                let specifier = args.first().copied().unwrap_or(Value::Undefined);
                self.require(state, site, super::value::ModuleId(module), specifier)
            }
            Native::Nothing => Self::done(state, Value::Undefined),
            Native::Wrapped { function, .. } => self.call(state, site, function, this, args),
            Native::Crud { model, writes } => {
                let model = self.values.text(model).to_owned();
                self.effect(&mut state, if writes { super::EffectKind::DbWrite } else { super::EffectKind::DbRead }, &model);
                self.record(&mut state, super::state::AnswerKind::Success, false);
                Self::done(state, Value::Undefined)
            }
            Native::Guard { name, wrapped } => self.call_guard(state, site, name, wrapped, args),
            Native::Verified { name, callback } => self.call_verified(state, site, name, callback, args),
            Native::Several { members, all } => self.call_several(state, site, members, all, args),
            Native::Prepare(properties) => self.prepare(state, properties, &args),
        }
    }

    pub(super) fn call_external(&mut self, mut state: State, site: Site, id: super::value::ExternalId, args: Vec<Value>) -> Outcomes {
        let name = self.values.external_name(id).to_owned();
        for i in 0..self.frameworks.len() {
            if let Some(value) = self.frameworks[i].construct(self, &mut state, &name, &args, site) {
                return Self::done(state, value);
            }
        }
        if let Some(outcomes) = self.call_builtin(&mut state, site, &name, &args) {
            return outcomes;
        }
        if self.mode == Mode::Startup {
            return self.call_external_at_startup(state, site, id, &name, args);
        }
        self.call_library(state, site, id, &name, args)
    }

    /// While the server starts, a library call makes something whose use will tell what it is.
    fn call_external_at_startup(&mut self, state: State, site: Site, id: super::value::ExternalId, name: &str, args: Vec<Value>) -> Outcomes {
        if crate::knowledge::runs_callbacks_at_startup(name) && self.any_function(&state, &args) {
            let result = self.values.external(External::Call(id, args.clone().into()));
            return self.run_callbacks(state, site, &args, Taint::NONE, result);
        }
        if let Some(function) = self.transparent_wrapper(&state, name, &args) {
            let library = self.values.atom(name);
            let value = self.values.native(Native::Wrapped { function, library });
            return Self::done(state, value);
        }
        let result = self.values.external(External::Call(id, args.into()));
        Self::done(state, result)
    }
}

fn is_rejected(state: &State) -> bool {
    state.request.answer.is_some_and(|a| a.kind == super::state::AnswerKind::Rejection)
}

/// Whether a statement waits for something, itself and not in a function inside it.
fn waits(ir: &crate::ir::ModuleIr, statement: &crate::ir::Stmt) -> bool {
    use crate::ir::Stmt;
    let awaits = |e: &ExprId| matches!(ir.expr(*e), Expr::Await(_));
    match statement {
        Stmt::Expr(e) | Stmt::Return(Some(e)) | Stmt::Throw(e) => awaits(e) || matches!(ir.expr(*e), Expr::Assign(_, _, v) if awaits(v)),
        Stmt::Let { init: Some(e), .. } => awaits(e),
        Stmt::If { test, then, otherwise } => awaits(test) || then.iter().chain(otherwise).any(|s| waits(ir, s)),
        Stmt::Block(body) => body.iter().any(|s| waits(ir, s)),
        Stmt::Try { block, .. } => block.iter().any(|s| waits(ir, s)),
        Stmt::ForOf { body, .. } | Stmt::Loop { body, .. } => body.iter().any(|s| waits(ir, s)),
        _ => false,
    }
}
