//! The new version of a file, written down in the old one's numbers.
//!
//! ```js
//! const a = 1            // expression 0 was a number, and stays 0
//! function f() { b() }   // what is new gets numbers that nothing refers to any more, then further ones
//! ```

use super::super::{
    Class, ClassId, Export, Expr, ExprId, FnId, Function, Import, ImportName, Key, Member, MemberKind, ModuleIr, Param, Pattern, Property,
    ScopeId, Span, Stmt, StrId, Symbol, SymbolId,
};
use super::{NONE, Pairs, Walk};
use rustc_hash::FxHashMap;

/// For every number of the new version, the one that it gets.
struct Numbers {
    exprs: Vec<u32>,
    functions: Vec<u32>,
    classes: Vec<u32>,
    symbols: Vec<u32>,
    scopes: Vec<u32>,
    strings: Vec<u32>,
}

pub(super) fn renumber(walk: &Walk) -> ModuleIr {
    let (old, new) = (walk.old, walk.new);
    let mut known: FxHashMap<&str, u32> = old.strings.iter().enumerate().map(|(i, text)| (&**text, i as u32)).collect();
    let mut strings = old.strings.clone();
    let texts = new.strings.iter().map(|text| {
        *known.entry(text).or_insert_with(|| {
            strings.push(text.clone());
            strings.len() as u32 - 1
        })
    });
    let texts = texts.collect();
    let numbers = Numbers {
        exprs: complete(&walk.exprs),
        functions: complete(&walk.functions),
        classes: complete(&walk.classes),
        symbols: complete(&walk.symbols),
        scopes: complete(&walk.scopes),
        strings: texts,
    };
    ModuleIr {
        path: new.path.clone(),
        strings,
        exprs: place(&numbers.exprs, new.exprs.iter().map(|e| numbers.expr(e)), || Expr::Undefined),
        spans: place(&numbers.exprs, new.spans.iter().copied(), Span::default),
        functions: place(&numbers.functions, new.functions.iter().map(|f| numbers.function(f)), Function::default),
        classes: place(&numbers.classes, new.classes.iter().map(|c| numbers.class(c)), Class::default),
        symbols: place(
            &numbers.symbols,
            new.symbols.iter().map(|s| Symbol { name: numbers.text(s.name), owner: numbers.scope(s.owner) }),
            || Symbol { name: StrId(0), owner: ScopeId(NONE) },
        ),
        imports: new.imports.iter().map(|i| numbers.import(i)).collect(),
        exports: new.exports.iter().map(|e| numbers.export(e)).collect(),
        requests: numbers.texts(&new.requests),
        eager: numbers.texts(&new.eager),
        use_server: new.use_server,
        directives: new.directives.clone(),
        errors: new.errors.clone(),
        lines: new.lines.clone(),
    }
}

/// Numbers for what has none yet: first those that nothing refers to any more.
fn complete(pairs: &Pairs) -> Vec<u32> {
    let mut free = (0..pairs.to_new.len()).filter(|old| pairs.to_new[*old] == NONE).chain(pairs.to_new.len()..);
    pairs.to_old.iter().map(|old| if *old == NONE { free.next().map_or(NONE, |n| n as u32) } else { *old }).collect()
}

fn place<T>(numbers: &[u32], items: impl Iterator<Item = T>, filler: impl FnMut() -> T) -> Vec<T> {
    let mut out = Vec::new();
    out.resize_with(numbers.iter().map(|n| *n as usize + 1).max().unwrap_or(0), filler);
    for (number, item) in numbers.iter().zip(items) {
        out[*number as usize] = item;
    }
    out
}

impl Numbers {
    fn text(&self, id: StrId) -> StrId {
        StrId(self.strings.get(id.index()).copied().unwrap_or(id.0))
    }

    fn texts(&self, ids: &[StrId]) -> Vec<StrId> {
        ids.iter().map(|id| self.text(*id)).collect()
    }

    fn id(&self, id: ExprId) -> ExprId {
        ExprId(self.exprs[id.index()])
    }

    fn ids(&self, ids: &[ExprId]) -> Vec<ExprId> {
        ids.iter().map(|id| self.id(*id)).collect()
    }

    fn fn_id(&self, id: FnId) -> FnId {
        FnId(self.functions[id.index()])
    }

    fn symbol(&self, id: SymbolId) -> SymbolId {
        SymbolId(self.symbols[id.index()])
    }

    fn scope(&self, id: ScopeId) -> ScopeId {
        ScopeId(self.scopes.get(id.index()).copied().unwrap_or(id.0))
    }

    fn import(&self, import: &Import) -> Import {
        let name = match import.name {
            ImportName::Named(name) => ImportName::Named(self.text(name)),
            other => other,
        };
        Import { local: self.symbol(import.local), source: self.text(import.source), name }
    }

    fn export(&self, export: &Export) -> Export {
        match *export {
            Export::Local { name, symbol } => Export::Local { name: self.text(name), symbol: self.symbol(symbol) },
            Export::Default { symbol } => Export::Default { symbol: self.symbol(symbol) },
            Export::From { name, from, source } => Export::From { name: self.text(name), from: self.text(from), source: self.text(source) },
            Export::Star { name, source } => Export::Star { name: name.map(|n| self.text(n)), source: self.text(source) },
            Export::Assign { symbol } => Export::Assign { symbol: self.symbol(symbol) },
        }
    }

    fn function(&self, f: &Function) -> Function {
        Function {
            name: f.name.map(|n| self.text(n)),
            scope: self.scope(f.scope),
            params: f
                .params
                .iter()
                .map(|p| Param { pattern: self.pattern(&p.pattern), type_name: p.type_name.map(|t| self.text(t)) })
                .collect(),
            rest: f.rest.as_ref().map(|p| self.pattern(p)),
            hoisted: f.hoisted.iter().map(|(symbol, function)| (self.symbol(*symbol), self.fn_id(*function))).collect(),
            body: self.statements(&f.body),
            ..*f
        }
    }

    fn class(&self, class: &Class) -> Class {
        Class {
            name: class.name.map(|n| self.text(n)),
            span: class.span,
            extends: class.extends.map(|e| self.id(e)),
            constructor: class.constructor.map(|f| self.fn_id(f)),
            parameter_properties: class.parameter_properties.iter().map(|(i, name)| (*i, self.text(*name))).collect(),
            members: class
                .members
                .iter()
                .map(|m| Member {
                    key: self.key(m.key),
                    is_static: m.is_static,
                    kind: match m.kind {
                        MemberKind::Method(f) => MemberKind::Method(self.fn_id(f)),
                        MemberKind::Getter(f) => MemberKind::Getter(self.fn_id(f)),
                        MemberKind::Setter(f) => MemberKind::Setter(self.fn_id(f)),
                        MemberKind::Field(f) => MemberKind::Field(f.map(|f| self.fn_id(f))),
                        MemberKind::StaticBlock(f) => MemberKind::StaticBlock(self.fn_id(f)),
                    },
                    decorators: self.ids(&m.decorators),
                })
                .collect(),
            decorators: self.ids(&class.decorators),
        }
    }

    fn key(&self, key: Key) -> Key {
        match key {
            Key::Static(name) => Key::Static(self.text(name)),
            Key::Computed(e) => Key::Computed(self.id(e)),
        }
    }

    fn pattern(&self, pattern: &Pattern) -> Pattern {
        let boxed = |p: &Option<Box<Pattern>>| p.as_ref().map(|p| Box::new(self.pattern(p)));
        match pattern {
            Pattern::Symbol(s) => Pattern::Symbol(self.symbol(*s)),
            Pattern::Member(e) => Pattern::Member(self.id(*e)),
            Pattern::Object { props, rest } => {
                Pattern::Object { props: props.iter().map(|(k, p)| (self.key(*k), self.pattern(p))).collect(), rest: boxed(rest) }
            }
            Pattern::Array { items, rest } => {
                Pattern::Array { items: items.iter().map(|p| p.as_ref().map(|p| self.pattern(p))).collect(), rest: boxed(rest) }
            }
            Pattern::Default(inner, e) => Pattern::Default(Box::new(self.pattern(inner)), self.id(*e)),
            Pattern::Global(name) => Pattern::Global(self.text(*name)),
            Pattern::Nothing => Pattern::Nothing,
        }
    }

    fn statements(&self, list: &[Stmt]) -> Vec<Stmt> {
        list.iter().map(|s| self.statement(s)).collect()
    }

    fn statement(&self, statement: &Stmt) -> Stmt {
        let some = |e: &Option<ExprId>| e.map(|e| self.id(e));
        match statement {
            Stmt::Expr(e) => Stmt::Expr(self.id(*e)),
            Stmt::Let { pattern, init } => Stmt::Let { pattern: self.pattern(pattern), init: some(init) },
            Stmt::Return(e) => Stmt::Return(some(e)),
            Stmt::Throw(e) => Stmt::Throw(self.id(*e)),
            Stmt::If { test, then, otherwise } => {
                Stmt::If { test: self.id(*test), then: self.statements(then), otherwise: self.statements(otherwise) }
            }
            Stmt::Block(body) => Stmt::Block(self.statements(body)),
            Stmt::Loop { init, test, body, update, scope, at_least_once } => Stmt::Loop {
                init: self.statements(init),
                test: some(test),
                body: self.statements(body),
                update: some(update),
                scope: self.scope(*scope),
                at_least_once: *at_least_once,
            },
            Stmt::ForOf { pattern, iterable, body, scope, keys } => Stmt::ForOf {
                pattern: self.pattern(pattern),
                iterable: self.id(*iterable),
                body: self.statements(body),
                scope: self.scope(*scope),
                keys: *keys,
            },
            Stmt::Switch { value, cases } => Stmt::Switch {
                value: self.id(*value),
                cases: cases.iter().map(|(test, body)| (some(test), self.statements(body))).collect(),
            },
            Stmt::Try { block, param, handler, finalizer } => Stmt::Try {
                block: self.statements(block),
                param: param.as_ref().map(|p| self.pattern(p)),
                handler: handler.as_ref().map(|h| self.statements(h)),
                finalizer: self.statements(finalizer),
            },
            Stmt::Break(label) => Stmt::Break(label.map(|l| self.text(l))),
            Stmt::Continue(label) => Stmt::Continue(label.map(|l| self.text(l))),
            Stmt::Labelled(label, body) => Stmt::Labelled(self.text(*label), Box::new(self.statement(body))),
        }
    }

    fn expr(&self, expr: &Expr) -> Expr {
        match expr {
            Expr::Str(s) => Expr::Str(self.text(*s)),
            Expr::Regex(source, flags) => Expr::Regex(self.text(*source), self.text(*flags)),
            Expr::Template(parts) => Expr::Template(self.ids(parts)),
            Expr::Symbol(s) => Expr::Symbol(self.symbol(*s)),
            Expr::Global(name) => Expr::Global(self.text(*name)),
            Expr::Array(items) => Expr::Array(self.ids(items)),
            Expr::Object(properties) => Expr::Object(
                properties.iter().map(|p| Property { key: p.key.map(|k| self.key(k)), value: self.id(p.value), kind: p.kind }).collect(),
            ),
            Expr::Function(f) => Expr::Function(self.fn_id(*f)),
            Expr::Class(c) => Expr::Class(ClassId(self.classes[c.index()])),
            Expr::Member { object, name, optional } => {
                Expr::Member { object: self.id(*object), name: self.text(*name), optional: *optional }
            }
            Expr::Index { object, index, optional } => {
                Expr::Index { object: self.id(*object), index: self.id(*index), optional: *optional }
            }
            Expr::Call { callee, args, optional } => Expr::Call { callee: self.id(*callee), args: self.ids(args), optional: *optional },
            Expr::New { callee, args } => Expr::New { callee: self.id(*callee), args: self.ids(args) },
            Expr::Tagged { tag, template } => Expr::Tagged { tag: self.id(*tag), template: self.id(*template) },
            Expr::Spread(e) => Expr::Spread(self.id(*e)),
            Expr::Not(e) => Expr::Not(self.id(*e)),
            Expr::Typeof(e) => Expr::Typeof(self.id(*e)),
            Expr::Void(e) => Expr::Void(self.id(*e)),
            Expr::Await(e) => Expr::Await(self.id(*e)),
            Expr::Yield(e) => Expr::Yield(e.map(|e| self.id(e))),
            Expr::Binary(op, l, r) => Expr::Binary(*op, self.id(*l), self.id(*r)),
            Expr::Logical(op, l, r) => Expr::Logical(*op, self.id(*l), self.id(*r)),
            Expr::Conditional(test, a, b) => Expr::Conditional(self.id(*test), self.id(*a), self.id(*b)),
            Expr::Assign(target, op, value) => Expr::Assign(Box::new(self.pattern(target)), *op, self.id(*value)),
            Expr::Sequence(list) => Expr::Sequence(self.ids(list)),
            Expr::Chain(e) => Expr::Chain(self.id(*e)),
            Expr::Import(e) => Expr::Import(self.id(*e)),
            Expr::Opaque(parts) => Expr::Opaque(self.ids(parts)),
            Expr::Undefined | Expr::Null | Expr::Bool(_) | Expr::Number(_) | Expr::This | Expr::Super | Expr::ImportMeta => expr.clone(),
        }
    }
}
