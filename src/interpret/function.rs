//! Making functions, and binding what they are called with.
//!
//! ```js
//! const auth = (role) => async (req, res, next) => { … }   // the inner function captures `role`
//! ```

use super::object::{Closure, Kind, Node, Object, Site};
use super::state::{Outcomes, State};
use super::value::{ObjectId, Value};
use super::{Cx, Interpreter};
use crate::ir::{FnId, Function};
use std::rc::Rc;

impl Interpreter<'_> {
    pub(super) fn make_function(&mut self, state: &mut State, cx: &Cx, function: FnId, home: Option<ObjectId>) -> Value {
        self.capture(state, cx.scope);
        let closure = Closure { module: cx.module, function, scope: cx.scope, home };
        Value::Object(self.allocate(state, Object::new(Kind::Function(Rc::new(closure)))))
    }

    /// Notes that a function refers to a scope and those around it.
    fn capture(&mut self, state: &State, scope: ObjectId) {
        let mut current = Some(scope);
        while let Some(id) = current {
            if !self.captured.insert(id) {
                return;
            }
            current = match &self.object(state, id).kind {
                Kind::Scope { parent, .. } => *parent,
                _ => None,
            };
        }
    }

    /// Drops the variables of a call that is over, unless a function made in it may still use them.
    pub(super) fn release(&self, state: &mut State, scope: ObjectId) {
        if !self.captured.contains(&scope) {
            state.overlay.remove(scope);
        }
    }

    /// The variables of one call.
    pub(super) fn activation(&mut self, state: &mut State, closure: &Closure, id: ObjectId, function: &Function, this: Value) -> ObjectId {
        let kind = Kind::Scope {
            parent: Some(closure.scope),
            owner: function.scope,
            module: closure.module,
            this: (!function.is_arrow).then_some(this),
            function: (!function.is_arrow).then_some(id),
        };
        self.allocate(state, Object::new(kind))
    }

    pub(super) fn bind_parameters(&mut self, state: State, cx: &Cx, function: &Function, args: Vec<Value>) -> Outcomes {
        let mut outcomes = Self::done(state, Value::Undefined);
        for (i, param) in function.params.iter().enumerate() {
            let value = args.get(i).copied().unwrap_or(Value::Undefined);
            outcomes = self.each(outcomes, |this, state, _| this.bind(state, cx, &param.pattern, value));
        }
        if let Some(rest) = &function.rest {
            let items = args.get(function.params.len()..).unwrap_or_default().to_vec();
            outcomes = self.each(outcomes, |this, mut state, _| {
                let list = this.allocate(&mut state, Object::new(Kind::Array { items: items.clone(), open: false }));
                this.bind(state, cx, rest, Value::Object(list))
            });
        }
        outcomes
    }

    /// Declares the functions of a body before it runs.
    pub(super) fn hoist(&mut self, state: &mut State, cx: &Cx, function: &Function) {
        for (symbol, id) in &function.hoisted {
            let value = self.make_function(state, cx, *id, None);
            // A function declared in an inner block may belong to a loop's scope; the function's own serves all.
            let scope = self.scope_of(state, cx, *symbol).unwrap_or(cx.scope);
            self.object_mut(state, scope).slots.insert(symbol.0, value);
        }
    }

    /// The prototype of a function or class, made when it is first asked for.
    pub(super) fn prototype_of(&mut self, state: &mut State, function: ObjectId) -> ObjectId {
        if let Some(Value::Object(id)) = self.object(state, function).slots.get(&self.names.prototype.0).copied() {
            return id;
        }
        let mut prototype = Object::new(Kind::Plain);
        prototype.slots.insert(self.names.constructor.0, Value::Object(function));
        let id = self.allocate(state, prototype);
        let slot = self.names.prototype.0;
        self.object_mut(state, function).slots.insert(slot, Value::Object(id));
        id
    }

    /// The name that people know a function by, for messages.
    pub fn function_name(&self, state: &State, value: Value) -> Option<String> {
        match value {
            Value::Object(id) => match &self.object(state, id).kind {
                Kind::Function(closure) => {
                    let ir = &self.modules.get(closure.module.0 as usize)?.ir;
                    ir.functions[closure.function.index()].name.map(|n| ir.str(n).to_owned())
                }
                _ => None,
            },
            Value::External(id) => Some(crate::knowledge::names::readable(self.values.external_name(id))),
            Value::Native(id) => match self.values.native_of(id) {
                super::native::Native::Bound { function, .. }
                | super::native::Native::Wrapped { function }
                | super::native::Native::Perhaps(function) => self.function_name(state, *function),
                super::native::Native::Guard { name, .. } => Some(crate::knowledge::names::readable(self.values.text(*name))),
                super::native::Native::Method { name, .. } => Some(self.values.text(*name).to_owned()),
                super::native::Native::Several { members, all } => Some(self.several_name(state, *members, *all)),
                _ => None,
            },
            _ => None,
        }
    }

    /// Where a function of the project stands.
    pub fn function_site(&self, state: &State, value: Value) -> Option<super::object::Site> {
        match value {
            Value::Object(id) => match &self.object(state, id).kind {
                Kind::Function(closure) => Some(Site { module: closure.module, node: Node::Function(closure.function) }),
                Kind::Framework(object) => Some(object.site),
                _ => None,
            },
            Value::Native(id) => match self.values.native_of(id) {
                super::native::Native::Bound { function, .. }
                | super::native::Native::Wrapped { function }
                | super::native::Native::Perhaps(function) => self.function_site(state, *function),
                super::native::Native::Guard { wrapped: Some(function), .. } => self.function_site(state, *function),
                _ => None,
            },
            _ => None,
        }
    }

    pub(super) fn is_async(&self, state: &State, value: Value) -> bool {
        let Value::Object(id) = value else { return false };
        match &self.object(state, id).kind {
            Kind::Function(closure) => self.modules[closure.module.0 as usize].ir.functions[closure.function.index()].is_async,
            _ => false,
        }
    }

    /// How many parameters a function of the project declares.
    pub fn arity(&self, state: &State, value: Value) -> Option<usize> {
        match value {
            Value::Object(id) => match &self.object(state, id).kind {
                Kind::Function(closure) => {
                    let ir = &self.modules.get(closure.module.0 as usize)?.ir;
                    Some(ir.functions[closure.function.index()].params.len())
                }
                _ => None,
            },
            Value::Native(id) => match self.values.native_of(id) {
                super::native::Native::Bound { function, args, .. } => self.arity(state, *function).map(|n| n.saturating_sub(args.len())),
                super::native::Native::Wrapped { function } | super::native::Native::Perhaps(function) => self.arity(state, *function),
                _ => None,
            },
            _ => None,
        }
    }
}

/// A function or class of the project that nothing has called.
pub struct Uncalled {
    pub site: Site,
    /// Type and name of each parameter.
    pub params: Vec<(Option<String>, String)>,
    pub is_class: bool,
    /// Its module imports a framework's package.
    pub mentions_package: bool,
}

impl Interpreter<'_> {
    /// A value as a function that nothing has called yet.
    pub fn uncalled(&self, state: &State, value: Value) -> Option<Uncalled> {
        let Value::Object(id) = value else { return None };
        let (module, function, node, is_class) = match &self.object(state, id).kind {
            Kind::Function(closure) => (closure.module, Some(closure.function), Node::Function(closure.function), false),
            Kind::Class(class) => {
                let ir = &self.modules[class.module.0 as usize].ir;
                (class.module, ir.classes[class.class.index()].constructor, Node::Class(class.class), true)
            }
            _ => return None,
        };
        if function.is_some_and(|f| self.entered.contains(&(module, f))) {
            return None;
        }
        let ir = &self.modules[module.0 as usize].ir;
        let params = function.map_or(Vec::new(), |f| {
            ir.functions[f.index()]
                .params
                .iter()
                .map(|p| {
                    let name = match &p.pattern {
                        crate::ir::Pattern::Symbol(s) => ir.str(ir.symbols[s.index()].name).to_owned(),
                        _ => String::new(),
                    };
                    (p.type_name.map(|t| ir.str(t).to_owned()), name)
                })
                .collect()
        });
        let mentions_package = ir.requests.iter().any(|r| {
            let specifier = ir.str(*r);
            self.frameworks.iter().any(|f| f.packages().contains(&specifier))
        });
        Some(Uncalled { site: Site { module, node }, params, is_class, mentions_package })
    }

    pub fn class_name(&self, state: &State, id: ObjectId) -> Option<String> {
        let Kind::Class(class) = &self.object(state, id).kind else { return None };
        let ir = &self.modules.get(class.module.0 as usize)?.ir;
        ir.classes[class.class.index()].name.map(|n| ir.str(n).to_owned())
    }
}
