//! Classes and `new`.
//!
//! ```ts
//! class Users extends Controller { router = Router(); constructor(private auth: Auth) { super(); this.router.get('/', this.list) } }
//! function Handler(db) { this.isLoggedIn = (req, res, next) => … }; new Handler(db)
//! ```

use super::object::{ClassValue, Kind, Node, Object, Settled, Site};
use super::state::{Flow, Outcomes, State, gather};
use super::value::{Atom, External, Taint, Value};
use super::{Cx, Interpreter};
use crate::ir::{ClassId, Key, MemberKind};
use std::rc::Rc;

impl Interpreter<'_> {
    pub(super) fn make_class(&mut self, state: State, cx: &Cx, id: ClassId) -> Outcomes {
        let ir = Rc::clone(&cx.ir);
        let class = &ir.classes[id.index()];
        let parents = match class.extends {
            Some(parent) => {
                let parents = self.evaluate(state, cx, parent);
                self.each(parents, |_, state, parent| Self::done(state, parent))
            }
            None => Self::done(state, Value::Undefined),
        };
        self.each(parents, |this, mut state, parent| {
            let parent = (parent != Value::Undefined).then_some(parent);
            let kind = Kind::Class(Rc::new(ClassValue { module: cx.module, class: id, scope: cx.scope, parent }));
            let object = this.allocate(&mut state, Object::new(kind));
            let prototype = this.prototype_of(&mut state, object);
            if let Some(Value::Object(parent)) = parent {
                let inherited = this.prototype_of(&mut state, parent);
                this.object_mut(&mut state, prototype).proto = Some(inherited);
            }
            let mut outcomes = Self::done(state, Value::Object(object));
            for member in &class.members {
                outcomes = this.each(outcomes, |this, state, value| {
                    this.with_key(state, cx, member.key, |this, mut state, key| {
                        let target = if member.is_static { object } else { prototype };
                        let Some(name) = this.name_of_key(key) else { return Self::done(state, value) };
                        let slot = name.0;
                        match member.kind {
                            MemberKind::Method(function) => {
                                let method = this.make_function(&mut state, cx, function, Some(object));
                                this.object_mut(&mut state, target).slots.insert(slot, method);
                            }
                            MemberKind::Getter(function) => {
                                let getter = this.make_function(&mut state, cx, function, Some(object));
                                let getter = this.values.native(super::native::Native::Getter(getter));
                                this.object_mut(&mut state, target).slots.insert(slot, getter);
                            }
                            MemberKind::Field(Some(init)) if member.is_static => {
                                let function = this.make_function(&mut state, cx, init, Some(object));
                                let site = Site { module: cx.module, node: Node::Class(id) };
                                let values = this.call(state, site, function, Value::Object(object), Vec::new());
                                return this.each(values, |this, mut state, field| {
                                    this.object_mut(&mut state, object).slots.insert(slot, field);
                                    Self::done(state, value)
                                });
                            }
                            MemberKind::StaticBlock(block) => {
                                let function = this.make_function(&mut state, cx, block, Some(object));
                                let site = Site { module: cx.module, node: Node::Class(id) };
                                let outcomes = this.call(state, site, function, Value::Object(object), Vec::new());
                                return this.each(outcomes, |_, state, _| Self::done(state, value));
                            }
                            _ => {}
                        }
                        Self::done(state, value)
                    })
                });
            }
            outcomes
        })
    }

    pub fn construct(&mut self, mut state: State, site: Site, callee: Value, args: Vec<Value>) -> Outcomes {
        match callee {
            Value::Object(id) => match self.object(&state, id).kind.clone() {
                Kind::Class(_) => {
                    let prototype = self.prototype_of(&mut state, id);
                    let mut object = Object::new(Kind::Plain);
                    object.proto = Some(prototype);
                    let instance = self.allocate(&mut state, object);
                    let built = self.initialise(state, site, id, Value::Object(instance), args);
                    self.each(built, |_, state, value| {
                        // A constructor may return another object.
                        Self::done(state, if matches!(value, Value::Object(_)) { value } else { Value::Object(instance) })
                    })
                }
                Kind::Function(_) => {
                    let prototype = self.prototype_of(&mut state, id);
                    let mut object = Object::new(Kind::Plain);
                    object.proto = Some(prototype);
                    let instance = self.allocate(&mut state, object);
                    let outcomes = self.call(state, site, callee, Value::Object(instance), args);
                    self.each(outcomes, |_, state, value| {
                        Self::done(state, if matches!(value, Value::Object(_)) { value } else { Value::Object(instance) })
                    })
                }
                _ => Self::done(state, Value::UNKNOWN),
            },
            Value::External(id) => {
                let name = self.values.shared_external_name(id);
                let name = &*name;
                let as_new = format!("new {name}");
                for i in 0..self.frameworks.len() {
                    if let Some(value) = self.frameworks[i].construct(self, &mut state, &as_new, &args, site) {
                        return Self::done(state, value);
                    }
                }
                if let Some(outcomes) = self.construct_builtin(&mut state, site, name, &args) {
                    return outcomes;
                }
                let value = self.values.external(External::New(id, args.into()));
                Self::done(state, value)
            }
            Value::Union(_) => {
                let mut out = Outcomes::new();
                for alternative in self.values.alternatives(callee) {
                    gather(&mut out, self.construct(state.clone(), site, alternative, args.clone()));
                }
                self.settle(out)
            }
            other => {
                let taint = args.iter().fold(self.taint_of(other), |t, a| t.union(self.deep_taint(&state, *a)));
                Self::done(state, Value::truthy(taint.without(Taint::CREDENTIAL)))
            }
        }
    }

    /// Runs the field initialisers and the constructor of a class on an instance.
    fn initialise(&mut self, state: State, site: Site, class_id: super::value::ObjectId, instance: Value, args: Vec<Value>) -> Outcomes {
        let Kind::Class(value) = self.object(&state, class_id).kind.clone() else { return Self::done(state, instance) };
        let ir = Rc::clone(&self.modules[value.module.0 as usize].ir);
        let class = &ir.classes[value.class.index()];
        let cx = Cx { ir: Rc::clone(&ir), module: value.module, scope: value.scope };
        let derived_fields_later = value.parent.is_some() && class.constructor.is_some();
        let mut outcomes = if value.parent.is_some() && class.constructor.is_none() {
            match value.parent {
                Some(Value::Object(parent)) => {
                    let built = self.initialise(state, site, parent, instance, args.clone());
                    self.each(built, |_, state, _| Self::done(state, instance))
                }
                _ => Self::done(state, instance),
            }
        } else {
            Self::done(state, instance)
        };
        if !derived_fields_later {
            outcomes = self.each(outcomes, |this, state, _| this.initialise_fields(state, &cx, class_id, instance));
        }
        let Some(constructor) = class.constructor else { return outcomes };
        self.each(outcomes, |this, mut state, _| {
            if let Value::Object(id) = instance {
                for (i, name) in &class.parameter_properties {
                    let slot = this.atom_in(&cx, *name).0;
                    let value = args.get(*i as usize).copied().unwrap_or(Value::UNKNOWN);
                    this.object_mut(&mut state, id).slots.insert(slot, value);
                }
            }
            let function = this.make_function(&mut state, &cx, constructor, Some(class_id));
            this.call(state, site, function, instance, args.clone())
        })
    }

    fn initialise_fields(&mut self, state: State, cx: &Cx, class_id: super::value::ObjectId, instance: Value) -> Outcomes {
        let Kind::Class(value) = self.object(&state, class_id).kind.clone() else { return Self::done(state, instance) };
        let ir = Rc::clone(&self.modules[value.module.0 as usize].ir);
        let class = &ir.classes[value.class.index()];
        let Value::Object(id) = instance else { return Self::done(state, instance) };
        let mut outcomes = Self::done(state, instance);
        for member in class.members.iter().filter(|m| !m.is_static) {
            let (MemberKind::Field(Some(init)), Key::Static(name)) = (&member.kind, member.key) else { continue };
            let slot = self.atom_in(cx, name).0;
            outcomes = self.each(outcomes, |this, mut state, _| {
                let function = this.make_function(&mut state, cx, *init, Some(class_id));
                let site = Site { module: cx.module, node: Node::Class(value.class) };
                let values = this.call(state, site, function, instance, Vec::new());
                this.each(values, |this, mut state, field| {
                    this.object_mut(&mut state, id).slots.insert(slot, field);
                    Self::done(state, instance)
                })
            });
        }
        outcomes
    }

    /// `super(…)`.
    pub(super) fn call_super(&mut self, state: State, cx: &Cx, site: Site, args: Vec<Value>) -> Outcomes {
        let Some((this_value, home)) = self.home_of(&state, cx) else { return Self::done(state, Value::Undefined) };
        let Kind::Class(class) = self.object(&state, home).kind.clone() else { return Self::done(state, Value::Undefined) };
        let parent_built = match class.parent {
            Some(Value::Object(parent)) if matches!(self.object(&state, parent).kind, Kind::Class(_)) => {
                self.initialise(state, site, parent, this_value, args)
            }
            Some(parent @ Value::Object(_)) => self.call(state, site, parent, this_value, args),
            _ => Self::done(state, Value::Undefined),
        };
        let class_cx = Cx { ir: Rc::clone(&self.modules[class.module.0 as usize].ir), module: class.module, scope: class.scope };
        self.each(parent_built, |this, state, _| this.initialise_fields(state, &class_cx, home, this_value))
    }

    /// `super.name`.
    pub(super) fn super_property(&mut self, mut state: State, cx: &Cx, name: Atom) -> Outcomes {
        let Some((_, home)) = self.home_of(&state, cx) else { return Self::done(state, Value::UNKNOWN) };
        let Kind::Class(class) = self.object(&state, home).kind.clone() else { return Self::done(state, Value::UNKNOWN) };
        let value = match class.parent {
            Some(Value::Object(parent)) => {
                let prototype = self.prototype_of(&mut state, parent);
                let site = Site::file(cx.module);
                self.property(&mut state, site, prototype, name)
            }
            Some(Value::External(parent)) => self.values.external(External::Member(parent, name)),
            _ => Value::UNKNOWN,
        };
        Self::done(state, value)
    }

    /// `this` of the method being run, and the class that it belongs to.
    fn home_of(&self, state: &State, cx: &Cx) -> Option<(Value, super::value::ObjectId)> {
        let mut scope = Some(cx.scope);
        while let Some(id) = scope {
            match &self.object(state, id).kind {
                Kind::Scope { this: Some(this), function: Some(function), .. } => {
                    let Kind::Function(closure) = &self.object(state, *function).kind else { return None };
                    return closure.home.map(|home| (*this, home));
                }
                Kind::Scope { parent, .. } => scope = *parent,
                _ => return None,
            }
        }
        None
    }

    /// `new Promise((resolve, reject) => …)`.
    pub(super) fn new_promise(&mut self, mut state: State, site: Site, executor: Value) -> Outcomes {
        let Value::Object(promise) = self.promise(&mut state, Settled::Pending) else { return Self::done(state, Value::UNKNOWN) };
        let resolve = self.values.native(super::native::Native::Resolve(promise));
        let reject = self.values.native(super::native::Native::Reject(promise));
        let outcomes = self.call(state, site, executor, Value::Undefined, vec![resolve, reject]);
        outcomes
            .into_iter()
            .map(|(mut state, flow)| {
                if let Flow::Throw(error) = flow
                    && let Kind::Promise(settled @ Settled::Pending) = &mut self.object_mut(&mut state, promise).kind
                {
                    *settled = Settled::Rejected(error);
                }
                (state, Flow::Value(Value::Object(promise)))
            })
            .collect()
    }
}
