//! Every number that a piece of the IR refers to others by, in order.
//!
//! ```js
//! user.name = read(id)   // the symbols of `user`, `read` and `id`, the text `name`, and the expressions that they stand in
//! ```

use super::{
    Class, ClassId, Export, Expr, ExprId, FnId, Function, Import, ImportName, Key, Member, MemberKind, Param, Pattern, Property, ScopeId,
    Stmt, StrId, Symbol, SymbolId,
};

/// What a number refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum To {
    Expr,
    Function,
    Class,
    Symbol,
    Text,
    Scope,
}

type Visitor<'v> = &'v mut dyn FnMut(To, &mut u32);

/// Something that refers to other pieces of the same file by number.
pub trait Numbers {
    fn numbers(&mut self, visit: Visitor);
}

macro_rules! ids {
    ($($name:ident $to:ident),*) => {$(
        impl Numbers for $name {
            fn numbers(&mut self, visit: Visitor) {
                visit(To::$to, &mut self.0);
            }
        }
    )*};
}

ids!(ExprId Expr, FnId Function, ClassId Class, SymbolId Symbol, StrId Text, ScopeId Scope);

impl<T: Numbers> Numbers for [T] {
    fn numbers(&mut self, visit: Visitor) {
        for item in self {
            item.numbers(visit);
        }
    }
}

impl<T: Numbers> Numbers for Option<T> {
    fn numbers(&mut self, visit: Visitor) {
        if let Some(item) = self {
            item.numbers(visit);
        }
    }
}

impl<T: Numbers> Numbers for Vec<T> {
    fn numbers(&mut self, visit: Visitor) {
        self.as_mut_slice().numbers(visit);
    }
}

impl<T: Numbers> Numbers for Box<T> {
    fn numbers(&mut self, visit: Visitor) {
        (**self).numbers(visit);
    }
}

impl<A: Numbers, B: Numbers> Numbers for (A, B) {
    fn numbers(&mut self, visit: Visitor) {
        self.0.numbers(visit);
        self.1.numbers(visit);
    }
}

impl Numbers for u32 {
    fn numbers(&mut self, _: Visitor) {}
}

macro_rules! fields {
    ($visit:ident: $($field:expr),* $(,)?) => {{ $($field.numbers($visit);)* }};
}

impl Numbers for Symbol {
    fn numbers(&mut self, visit: Visitor) {
        fields!(visit: self.name, self.owner);
    }
}

impl Numbers for Import {
    fn numbers(&mut self, visit: Visitor) {
        fields!(visit: self.local, self.source);
        if let ImportName::Named(name) = &mut self.name {
            name.numbers(visit);
        }
    }
}

impl Numbers for Export {
    fn numbers(&mut self, visit: Visitor) {
        match self {
            Self::Local { name, symbol } => fields!(visit: name, symbol),
            Self::Default { symbol } | Self::Assign { symbol } => symbol.numbers(visit),
            Self::From { name, from, source } => fields!(visit: name, from, source),
            Self::Star { name, source } => fields!(visit: name, source),
        }
    }
}

impl Numbers for Param {
    fn numbers(&mut self, visit: Visitor) {
        fields!(visit: self.pattern, self.type_name);
    }
}

impl Numbers for Function {
    fn numbers(&mut self, visit: Visitor) {
        fields!(visit: self.name, self.scope, self.params, self.rest, self.hoisted, self.body);
    }
}

impl Numbers for Class {
    fn numbers(&mut self, visit: Visitor) {
        fields!(visit: self.name, self.extends, self.constructor, self.parameter_properties, self.members, self.decorators);
    }
}

impl Numbers for Member {
    fn numbers(&mut self, visit: Visitor) {
        fields!(visit: self.key, self.decorators);
        match &mut self.kind {
            MemberKind::Method(f) | MemberKind::Getter(f) | MemberKind::Setter(f) | MemberKind::StaticBlock(f) => f.numbers(visit),
            MemberKind::Field(f) => f.numbers(visit),
        }
    }
}

impl Numbers for Key {
    fn numbers(&mut self, visit: Visitor) {
        match self {
            Self::Static(name) => name.numbers(visit),
            Self::Computed(key) => key.numbers(visit),
        }
    }
}

impl Numbers for Pattern {
    fn numbers(&mut self, visit: Visitor) {
        match self {
            Self::Symbol(symbol) => symbol.numbers(visit),
            Self::Member(target) => target.numbers(visit),
            Self::Object { props, rest } => fields!(visit: props, rest),
            Self::Array { items, rest } => fields!(visit: items, rest),
            Self::Default(inner, value) => fields!(visit: inner, value),
            Self::Global(name) => name.numbers(visit),
            Self::Nothing => {}
        }
    }
}

impl Numbers for Stmt {
    fn numbers(&mut self, visit: Visitor) {
        match self {
            Self::Expr(e) | Self::Throw(e) => e.numbers(visit),
            Self::Let { pattern, init } => fields!(visit: init, pattern),
            Self::Return(e) => e.numbers(visit),
            Self::If { test, then, otherwise } => fields!(visit: test, then, otherwise),
            Self::Block(body) => body.numbers(visit),
            Self::Loop { init, test, body, update, scope, .. } => fields!(visit: scope, init, test, body, update),
            Self::ForOf { pattern, iterable, body, scope, .. } => fields!(visit: scope, iterable, pattern, body),
            Self::Switch { value, cases } => fields!(visit: value, cases),
            Self::Try { block, param, handler, finalizer } => fields!(visit: block, param, handler, finalizer),
            Self::Break(label) | Self::Continue(label) => label.numbers(visit),
            Self::Labelled(label, body) => fields!(visit: label, body),
        }
    }
}

impl Numbers for Property {
    fn numbers(&mut self, visit: Visitor) {
        fields!(visit: self.key, self.value);
    }
}

impl Numbers for Expr {
    fn numbers(&mut self, visit: Visitor) {
        match self {
            Self::Undefined | Self::Null | Self::Bool(_) | Self::Number(_) | Self::This | Self::Super | Self::ImportMeta => {}
            Self::Str(text) | Self::Global(text) => text.numbers(visit),
            Self::Regex(source, flags) => fields!(visit: source, flags),
            Self::Template(list) | Self::Array(list) | Self::Sequence(list) | Self::Opaque(list) => list.numbers(visit),
            Self::Symbol(symbol) => symbol.numbers(visit),
            Self::Object(properties) => properties.numbers(visit),
            Self::Function(function) => function.numbers(visit),
            Self::Class(class) => class.numbers(visit),
            Self::Member { object, name, .. } => fields!(visit: object, name),
            Self::Call { callee, args, .. } | Self::New { callee, args } => fields!(visit: callee, args),
            Self::Index { object: a, index: b, .. }
            | Self::Tagged { tag: a, template: b }
            | Self::Binary(_, a, b)
            | Self::Logical(_, a, b) => fields!(visit: a, b),
            Self::Spread(e) | Self::Not(e) | Self::Typeof(e) | Self::Void(e) | Self::Await(e) | Self::Chain(e) | Self::Import(e) => {
                e.numbers(visit)
            }
            Self::Yield(e) => e.numbers(visit),
            Self::Conditional(test, a, b) => fields!(visit: test, a, b),
            Self::Assign(target, _, value) => fields!(visit: value, target),
        }
    }
}
