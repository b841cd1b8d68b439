//! What an edit leaves as it was keeps its numbers.
//!
//! ```js
//! app.get('/orders', list)                 // unchanged: the same expressions as before, some lines further down
//! async function list(req, res) { … }      // its body is another one: new expressions, the same function
//! ```
//!
//! Two lowered versions of a file are walked side by side. Where the only differences lie in the bodies of functions that nobody has
//! entered yet, the new version is renumbered so that whatever was made of the old one (closures, scopes, sites) fits it as well.

mod renumber;

use super::{
    Class, ClassId, Export, Expr, ExprId, FnId, Function, ImportName, Key, MemberKind, ModuleIr, Pattern, ScopeId, Stmt, StrId, SymbolId,
};

/// The new version in the old one's numbers, and the functions whose bodies differ.
pub struct Graft {
    pub ir: ModuleIr,
    pub changed: Vec<FnId>,
}

/// Fits `new` to `old`. `None`: they differ in more than the bodies of functions for which `is_entered` is false.
pub fn graft(old: &ModuleIr, new: &ModuleIr, is_entered: &dyn Fn(FnId) -> bool) -> Option<Graft> {
    let mut walk = Walk {
        old,
        new,
        is_entered,
        exprs: Pairs::new(old.exprs.len(), new.exprs.len()),
        functions: Pairs::new(old.functions.len(), new.functions.len()),
        classes: Pairs::new(old.classes.len(), new.classes.len()),
        symbols: Pairs::new(old.symbols.len(), new.symbols.len()),
        scopes: Pairs::new(scopes_of(old), scopes_of(new)),
        changed: Vec::new(),
    };
    if !walk.module() {
        return None;
    }
    let changed = walk.changed.iter().map(|(old, _)| *old).collect();
    let ir = renumber::renumber(&walk);
    Some(Graft { ir, changed })
}

/// How many scopes a file has.
fn scopes_of(ir: &ModuleIr) -> usize {
    let mut count = 0;
    let mut note = |scope: ScopeId| {
        if scope.0 != NONE {
            count = count.max(scope.index() + 1);
        }
    };
    ir.symbols.iter().for_each(|symbol| note(symbol.owner));
    for function in &ir.functions {
        note(function.scope);
        loops(&function.body, &mut note);
    }
    count
}

fn loops(body: &[Stmt], note: &mut impl FnMut(ScopeId)) {
    for statement in body {
        match statement {
            Stmt::Loop { init, body, scope, .. } => {
                note(*scope);
                loops(init, note);
                loops(body, note);
            }
            Stmt::ForOf { body, scope, .. } => {
                note(*scope);
                loops(body, note);
            }
            Stmt::If { then, otherwise, .. } => {
                loops(then, note);
                loops(otherwise, note);
            }
            Stmt::Block(body) => loops(body, note),
            Stmt::Switch { cases, .. } => cases.iter().for_each(|(_, body)| loops(body, note)),
            Stmt::Try { block, handler, finalizer, .. } => {
                loops(block, note);
                loops(handler.as_deref().unwrap_or_default(), note);
                loops(finalizer, note);
            }
            Stmt::Labelled(_, body) => loops(std::slice::from_ref(body), note),
            _ => {}
        }
    }
}

const NONE: u32 = u32::MAX;

/// A partial one-to-one relation between two ranges of numbers, from the new one to the old one and back.
struct Pairs {
    to_old: Vec<u32>,
    to_new: Vec<u32>,
    log: Vec<(u32, u32)>,
}

impl Pairs {
    fn new(old: usize, new: usize) -> Self {
        Self { to_old: vec![NONE; new], to_new: vec![NONE; old], log: Vec::new() }
    }

    /// Relates the two, unless one of them is related to another.
    fn relate(&mut self, old: u32, new: u32) -> bool {
        if old == NONE || new == NONE {
            return old == new;
        }
        let (Some(to_old), Some(to_new)) = (self.to_old.get_mut(new as usize), self.to_new.get_mut(old as usize)) else { return false };
        if *to_old == NONE && *to_new == NONE {
            (*to_old, *to_new) = (old, new);
            self.log.push((old, new));
            return true;
        }
        *to_old == old && *to_new == new
    }

    fn undo(&mut self, mark: usize) {
        for (old, new) in self.log.drain(mark..) {
            self.to_old[new as usize] = NONE;
            self.to_new[old as usize] = NONE;
        }
    }
}

struct Walk<'w> {
    old: &'w ModuleIr,
    new: &'w ModuleIr,
    is_entered: &'w dyn Fn(FnId) -> bool,
    exprs: Pairs,
    functions: Pairs,
    classes: Pairs,
    symbols: Pairs,
    scopes: Pairs,
    /// Functions whose bodies differ, old and new.
    changed: Vec<(FnId, FnId)>,
}

fn both<T>(old: &[T], new: &[T], mut same: impl FnMut(&T, &T) -> bool) -> bool {
    old.len() == new.len() && old.iter().zip(new).all(|(o, n)| same(o, n))
}

fn either<T>(old: Option<&T>, new: Option<&T>, same: impl FnOnce(&T, &T) -> bool) -> bool {
    match (old, new) {
        (None, None) => true,
        (Some(o), Some(n)) => same(o, n),
        _ => false,
    }
}

impl Walk<'_> {
    fn module(&mut self) -> bool {
        let (old, new) = (self.old, self.new);
        old.use_server == new.use_server
            && both(&old.requests, &new.requests, |o, n| self.text(*o, *n))
            && both(&old.eager, &new.eager, |o, n| self.text(*o, *n))
            && both(&old.imports, &new.imports, |o, n| {
                let names = match (o.name, n.name) {
                    (ImportName::Named(o), ImportName::Named(n)) => self.text(o, n),
                    (o, n) => o == n,
                };
                names && self.text(o.source, n.source) && self.symbol(o.local, n.local)
            })
            && both(&old.exports, &new.exports, |o, n| self.export(o, n))
            && old.functions.is_empty() == new.functions.is_empty()
            && (old.functions.is_empty() || self.functions.relate(0, 0) && self.header(FnId(0), FnId(0)) && self.body(FnId(0), FnId(0)))
    }

    fn export(&mut self, old: &Export, new: &Export) -> bool {
        match (old, new) {
            (Export::Local { name: o, symbol: a }, Export::Local { name: n, symbol: b }) => self.text(*o, *n) && self.symbol(*a, *b),
            (Export::Default { symbol: a }, Export::Default { symbol: b })
            | (Export::Assign { symbol: a }, Export::Assign { symbol: b }) => self.symbol(*a, *b),
            (Export::From { name: o, from: f, source: s }, Export::From { name: n, from: g, source: t }) => {
                self.text(*o, *n) && self.text(*f, *g) && self.text(*s, *t)
            }
            (Export::Star { name: o, source: s }, Export::Star { name: n, source: t }) => self.optional_text(*o, *n) && self.text(*s, *t),
            _ => false,
        }
    }

    fn text(&self, old: StrId, new: StrId) -> bool {
        self.old.str(old) == self.new.str(new)
    }

    fn optional_text(&self, old: Option<StrId>, new: Option<StrId>) -> bool {
        either(old.as_ref(), new.as_ref(), |o, n| self.text(*o, *n))
    }

    fn symbol(&mut self, old: SymbolId, new: SymbolId) -> bool {
        let (Some(o), Some(n)) = (self.old.symbols.get(old.index()), self.new.symbols.get(new.index())) else { return false };
        self.symbols.relate(old.0, new.0) && self.text(o.name, n.name) && self.scopes.relate(o.owner.0, n.owner.0)
    }

    fn scope(&mut self, old: ScopeId, new: ScopeId) -> bool {
        self.scopes.relate(old.0, new.0)
    }

    /// A function that is the same, or one whose body alone differs.
    fn function(&mut self, old: FnId, new: FnId) -> bool {
        let mark = self.mark();
        if self.functions.relate(old.0, new.0) && self.header(old, new) && self.body(old, new) {
            return true;
        }
        self.undo(mark);
        if (self.is_entered)(old) || !self.functions.relate(old.0, new.0) || !self.header(old, new) {
            self.undo(mark);
            return false;
        }
        self.changed.push((old, new));
        true
    }

    fn header(&mut self, old: FnId, new: FnId) -> bool {
        let (o, n): (&Function, &Function) = (&self.old.functions[old.index()], &self.new.functions[new.index()]);
        (o.is_async, o.is_generator, o.is_arrow, o.use_server) == (n.is_async, n.is_generator, n.is_arrow, n.use_server)
            && self.optional_text(o.name, n.name)
            && self.scope(o.scope, n.scope)
            && both(&o.params, &n.params, |o, n| self.optional_text(o.type_name, n.type_name) && self.pattern(&o.pattern, &n.pattern))
            && either(o.rest.as_ref(), n.rest.as_ref(), |o, n| self.pattern(o, n))
    }

    fn body(&mut self, old: FnId, new: FnId) -> bool {
        let (o, n): (&Function, &Function) = (&self.old.functions[old.index()], &self.new.functions[new.index()]);
        both(&o.hoisted, &n.hoisted, |(s, f), (t, g)| self.symbol(*s, *t) && self.function(*f, *g)) && self.statements(&o.body, &n.body)
    }

    fn class(&mut self, old: ClassId, new: ClassId) -> bool {
        let (o, n): (&Class, &Class) = (&self.old.classes[old.index()], &self.new.classes[new.index()]);
        self.classes.relate(old.0, new.0)
            && self.optional_text(o.name, n.name)
            && self.optional(o.extends, n.extends)
            && either(o.constructor.as_ref(), n.constructor.as_ref(), |o, n| self.function(*o, *n))
            && both(&o.parameter_properties, &n.parameter_properties, |o, n| o.0 == n.0 && self.text(o.1, n.1))
            && self.expressions(&o.decorators, &n.decorators)
            && both(&o.members, &n.members, |o, n| {
                o.is_static == n.is_static
                    && self.key(o.key, n.key)
                    && self.expressions(&o.decorators, &n.decorators)
                    && match (&o.kind, &n.kind) {
                        (MemberKind::Method(o), MemberKind::Method(n))
                        | (MemberKind::Getter(o), MemberKind::Getter(n))
                        | (MemberKind::Setter(o), MemberKind::Setter(n))
                        | (MemberKind::StaticBlock(o), MemberKind::StaticBlock(n)) => self.function(*o, *n),
                        (MemberKind::Field(o), MemberKind::Field(n)) => either(o.as_ref(), n.as_ref(), |o, n| self.function(*o, *n)),
                        _ => false,
                    }
            })
    }

    fn key(&mut self, old: Key, new: Key) -> bool {
        match (old, new) {
            (Key::Static(o), Key::Static(n)) => self.text(o, n),
            (Key::Computed(o), Key::Computed(n)) => self.expression(o, n),
            _ => false,
        }
    }

    fn pattern(&mut self, old: &Pattern, new: &Pattern) -> bool {
        match (old, new) {
            (Pattern::Symbol(o), Pattern::Symbol(n)) => self.symbol(*o, *n),
            (Pattern::Member(o), Pattern::Member(n)) => self.expression(*o, *n),
            (Pattern::Object { props: o, rest: r }, Pattern::Object { props: n, rest: s }) => {
                both(o, n, |(k, p), (l, q)| self.key(*k, *l) && self.pattern(p, q))
                    && either(r.as_ref(), s.as_ref(), |o, n| self.pattern(o, n))
            }
            (Pattern::Array { items: o, rest: r }, Pattern::Array { items: n, rest: s }) => {
                both(o, n, |o, n| either(o.as_ref(), n.as_ref(), |o, n| self.pattern(o, n)))
                    && either(r.as_ref(), s.as_ref(), |o, n| self.pattern(o, n))
            }
            (Pattern::Default(o, d), Pattern::Default(n, e)) => self.pattern(o, n) && self.expression(*d, *e),
            (Pattern::Global(o), Pattern::Global(n)) => self.text(*o, *n),
            (Pattern::Nothing, Pattern::Nothing) => true,
            _ => false,
        }
    }

    fn statements(&mut self, old: &[Stmt], new: &[Stmt]) -> bool {
        both(old, new, |o, n| self.statement(o, n))
    }

    fn statement(&mut self, old: &Stmt, new: &Stmt) -> bool {
        match (old, new) {
            (Stmt::Expr(o), Stmt::Expr(n)) | (Stmt::Throw(o), Stmt::Throw(n)) => self.expression(*o, *n),
            (Stmt::Let { pattern: p, init: o }, Stmt::Let { pattern: q, init: n }) => self.optional(*o, *n) && self.pattern(p, q),
            (Stmt::Return(o), Stmt::Return(n)) => self.optional(*o, *n),
            (Stmt::If { test: o, then: a, otherwise: b }, Stmt::If { test: n, then: c, otherwise: d }) => {
                self.expression(*o, *n) && self.statements(a, c) && self.statements(b, d)
            }
            (Stmt::Block(o), Stmt::Block(n)) => self.statements(o, n),
            (
                Stmt::Loop { init, test, body, update, scope, at_least_once },
                Stmt::Loop { init: i, test: t, body: b, update: u, scope: s, at_least_once: l },
            ) => {
                at_least_once == l
                    && self.scope(*scope, *s)
                    && self.statements(init, i)
                    && self.optional(*test, *t)
                    && self.statements(body, b)
                    && self.optional(*update, *u)
            }
            (Stmt::ForOf { pattern, iterable, body, scope, keys }, Stmt::ForOf { pattern: p, iterable: i, body: b, scope: s, keys: k }) => {
                keys == k
                    && self.scope(*scope, *s)
                    && self.expression(*iterable, *i)
                    && self.pattern(pattern, p)
                    && self.statements(body, b)
            }
            (Stmt::Switch { value: o, cases: a }, Stmt::Switch { value: n, cases: b }) => {
                self.expression(*o, *n) && both(a, b, |(o, a), (n, b)| self.optional(*o, *n) && self.statements(a, b))
            }
            (Stmt::Try { block, param, handler, finalizer }, Stmt::Try { block: b, param: p, handler: h, finalizer: f }) => {
                self.statements(block, b)
                    && either(param.as_ref(), p.as_ref(), |o, n| self.pattern(o, n))
                    && either(handler.as_ref(), h.as_ref(), |o, n| self.statements(o, n))
                    && self.statements(finalizer, f)
            }
            (Stmt::Break(o), Stmt::Break(n)) | (Stmt::Continue(o), Stmt::Continue(n)) => self.optional_text(*o, *n),
            (Stmt::Labelled(o, a), Stmt::Labelled(n, b)) => self.text(*o, *n) && self.statement(a, b),
            _ => false,
        }
    }

    fn optional(&mut self, old: Option<ExprId>, new: Option<ExprId>) -> bool {
        either(old.as_ref(), new.as_ref(), |o, n| self.expression(*o, *n))
    }

    fn expressions(&mut self, old: &[ExprId], new: &[ExprId]) -> bool {
        both(old, new, |o, n| self.expression(*o, *n))
    }

    fn expression(&mut self, old: ExprId, new: ExprId) -> bool {
        if !self.exprs.relate(old.0, new.0) {
            return false;
        }
        match (self.old.expr(old), self.new.expr(new)) {
            (Expr::Str(o), Expr::Str(n)) | (Expr::Global(o), Expr::Global(n)) => self.text(*o, *n),
            (Expr::Number(o), Expr::Number(n)) => o.to_bits() == n.to_bits(),
            (Expr::Bool(o), Expr::Bool(n)) => o == n,
            (Expr::Regex(o, f), Expr::Regex(n, g)) => self.text(*o, *n) && self.text(*f, *g),
            (Expr::Symbol(o), Expr::Symbol(n)) => self.symbol(*o, *n),
            (Expr::Template(o), Expr::Template(n))
            | (Expr::Array(o), Expr::Array(n))
            | (Expr::Sequence(o), Expr::Sequence(n))
            | (Expr::Opaque(o), Expr::Opaque(n)) => self.expressions(o, n),
            (Expr::Object(o), Expr::Object(n)) => both(o, n, |o, n| {
                o.kind == n.kind && either(o.key.as_ref(), n.key.as_ref(), |o, n| self.key(*o, *n)) && self.expression(o.value, n.value)
            }),
            (Expr::Function(o), Expr::Function(n)) => self.function(*o, *n),
            (Expr::Class(o), Expr::Class(n)) => self.class(*o, *n),
            (Expr::Member { object: o, name: a, optional: p }, Expr::Member { object: n, name: b, optional: q }) => {
                p == q && self.text(*a, *b) && self.expression(*o, *n)
            }
            (Expr::Index { object: o, index: a, optional: p }, Expr::Index { object: n, index: b, optional: q }) => {
                p == q && self.expression(*o, *n) && self.expression(*a, *b)
            }
            (Expr::Call { callee: o, args: a, optional: p }, Expr::Call { callee: n, args: b, optional: q }) => {
                p == q && self.expression(*o, *n) && self.expressions(a, b)
            }
            (Expr::New { callee: o, args: a }, Expr::New { callee: n, args: b }) => self.expression(*o, *n) && self.expressions(a, b),
            (Expr::Tagged { tag: o, template: a }, Expr::Tagged { tag: n, template: b }) => {
                self.expression(*o, *n) && self.expression(*a, *b)
            }
            (Expr::Spread(o), Expr::Spread(n))
            | (Expr::Not(o), Expr::Not(n))
            | (Expr::Typeof(o), Expr::Typeof(n))
            | (Expr::Void(o), Expr::Void(n))
            | (Expr::Await(o), Expr::Await(n))
            | (Expr::Chain(o), Expr::Chain(n))
            | (Expr::Import(o), Expr::Import(n)) => self.expression(*o, *n),
            (Expr::Yield(o), Expr::Yield(n)) => self.optional(*o, *n),
            (Expr::Binary(p, o, a), Expr::Binary(q, n, b)) => p == q && self.expression(*o, *n) && self.expression(*a, *b),
            (Expr::Logical(p, o, a), Expr::Logical(q, n, b)) => p == q && self.expression(*o, *n) && self.expression(*a, *b),
            (Expr::Conditional(o, a, c), Expr::Conditional(n, b, d)) => {
                self.expression(*o, *n) && self.expression(*a, *b) && self.expression(*c, *d)
            }
            (Expr::Assign(t, p, o), Expr::Assign(u, q, n)) => p == q && self.expression(*o, *n) && self.pattern(t, u),
            (o, n) => {
                let is_leaf = |e: &Expr| matches!(e, Expr::Undefined | Expr::Null | Expr::This | Expr::Super | Expr::ImportMeta);
                is_leaf(o) && std::mem::discriminant(o) == std::mem::discriminant(n)
            }
        }
    }

    fn mark(&self) -> [usize; 6] {
        let pairs = [&self.exprs, &self.functions, &self.classes, &self.symbols, &self.scopes].map(|p| p.log.len());
        [pairs[0], pairs[1], pairs[2], pairs[3], pairs[4], self.changed.len()]
    }

    fn undo(&mut self, mark: [usize; 6]) {
        let pairs = [&mut self.exprs, &mut self.functions, &mut self.classes, &mut self.symbols, &mut self.scopes];
        pairs.into_iter().zip(mark).for_each(|(pairs, mark)| pairs.undo(mark));
        self.changed.truncate(mark[5]);
    }
}
