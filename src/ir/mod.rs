//! The intermediate representation of one file: what remains of its syntax tree once types, JSX and comments are gone.
//!
//! ```js
//! const { error, user } = await parse(req)
//! if (error) return res.status(401).end()
//! ```
//!
//! becomes a `Let` with an object pattern over `Await(Call(Symbol, [Symbol]))` and an `If` over a symbol. Names are resolved: an
//! identifier is a [`SymbolId`] (declared in this file) or a [`Expr::Global`]. The IR owns everything, has no lifetimes, and is a pure
//! function of the file's bytes, so it can be cached, sent between threads and merged.
//!
//! Invariant: nothing here knows oxc; nothing here knows a framework.

pub mod graft;
mod position;
mod visit;

pub use position::Lines;
use serde::{Deserialize, Serialize};

macro_rules! index_types {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
        pub struct $name(pub u32);
        impl $name {
            pub const fn index(self) -> usize {
                self.0 as usize
            }
        }
    )*};
}

index_types! {
    /// Index into [`ModuleIr::exprs`].
    ExprId,
    /// Index into [`ModuleIr::functions`]; 0 is the module's own body.
    FnId,
    /// Index into [`ModuleIr::classes`].
    ClassId,
    /// Index into [`ModuleIr::symbols`].
    SymbolId,
    /// Index into [`ModuleIr::strings`].
    StrId,
    /// A function or loop body: what a fresh set of variables is made for.
    ScopeId,
}

/// Byte offsets into the file, end exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Span {
    pub start: u32,
    pub end: u32,
}

/// A file, lowered.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct ModuleIr {
    pub path: String,
    pub strings: Vec<Box<str>>,
    pub exprs: Vec<Expr>,
    /// Parallel to `exprs`.
    pub spans: Vec<Span>,
    pub functions: Vec<Function>,
    pub classes: Vec<Class>,
    pub symbols: Vec<Symbol>,
    pub imports: Vec<Import>,
    pub exports: Vec<Export>,
    /// Specifiers that the file needs at run time, literal ones only: imports, re-exports, `require`, `import()`.
    pub requests: Vec<StrId>,
    /// Parallel to `requests`: where each stands first.
    pub request_offsets: Vec<u32>,
    /// Those of them that are evaluated before the file's own body: `import` and `export … from`, in order.
    pub eager: Vec<StrId>,
    /// The file starts with `'use server'`.
    pub use_server: bool,
    pub directives: Vec<Directive>,
    pub errors: Vec<SyntaxError>,
    pub lines: Lines,
}

impl ModuleIr {
    pub fn str(&self, id: StrId) -> &str {
        self.strings.get(id.index()).map_or("", |s| s)
    }

    pub fn expr(&self, id: ExprId) -> &Expr {
        &self.exprs[id.index()]
    }

    /// The variable, global or `this` that a chain of calls and members begins with; none, where it begins with anything else.
    pub fn base(&self, mut id: ExprId) -> Option<ExprId> {
        loop {
            match *self.expr(id) {
                Expr::Symbol(_) | Expr::Global(_) | Expr::This => return Some(id),
                Expr::Call { callee: inner, .. }
                | Expr::Member { object: inner, .. }
                | Expr::Index { object: inner, .. }
                | Expr::Chain(inner) => id = inner,
                _ => return None,
            }
        }
    }

    pub fn span(&self, id: ExprId) -> Span {
        self.spans.get(id.index()).copied().unwrap_or_default()
    }
}

/// A problem that the parser or the semantic pass found.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SyntaxError {
    pub offset: u32,
    pub message: String,
}

/// `// authlint-public: reason`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Directive {
    pub line: u32,
    /// Nothing else stands on the line: it speaks of the next one too.
    pub alone: bool,
    /// Empty where the reason is missing.
    pub reason: String,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Symbol {
    pub name: StrId,
    pub owner: ScopeId,
    /// The module's own, and some function assigns to it.
    pub changes: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Import {
    pub local: SymbolId,
    pub source: StrId,
    pub name: ImportName,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ImportName {
    Named(StrId),
    Default,
    Namespace,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Export {
    /// `export { local as name }`, `export const name = …`.
    Local { name: StrId, symbol: SymbolId },
    /// `export default expression`; the value lives in a hidden symbol.
    Default { symbol: SymbolId },
    /// `export { from as name } from 'source'`.
    From { name: StrId, from: StrId, source: StrId },
    /// `export * from 'source'`, `export * as name from 'source'`.
    Star { name: Option<StrId>, source: StrId },
    /// `export = expression`.
    Assign { symbol: SymbolId },
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Function {
    pub name: Option<StrId>,
    pub span: Span,
    pub scope: ScopeId,
    pub params: Vec<Param>,
    pub rest: Option<Pattern>,
    /// Function declarations of the body, hoisted.
    pub hoisted: Vec<(SymbolId, FnId)>,
    pub body: Vec<Stmt>,
    pub is_async: bool,
    pub is_generator: bool,
    pub is_arrow: bool,
    /// `'use server'` as the function's first statement.
    pub use_server: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Param {
    pub pattern: Pattern,
    /// The last word of the annotated type: `Express` in `app: express.Express`.
    pub type_name: Option<StrId>,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Class {
    pub name: Option<StrId>,
    pub span: Span,
    pub extends: Option<ExprId>,
    pub constructor: Option<FnId>,
    /// TypeScript parameter properties: `constructor(private readonly db: Db)`.
    pub parameter_properties: Vec<(u32, StrId)>,
    pub members: Vec<Member>,
    pub decorators: Vec<ExprId>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Member {
    pub key: Key,
    pub is_static: bool,
    pub kind: MemberKind,
    pub decorators: Vec<ExprId>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum MemberKind {
    Method(FnId),
    Getter(FnId),
    Setter(FnId),
    /// The initialiser is a function without parameters, so that it has its own `this`.
    Field(Option<FnId>),
    StaticBlock(FnId),
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Key {
    Static(StrId),
    Computed(ExprId),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Pattern {
    Symbol(SymbolId),
    Member(ExprId),
    Object {
        props: Vec<(Key, Pattern)>,
        rest: Option<Box<Pattern>>,
    },
    Array {
        items: Vec<Option<Pattern>>,
        rest: Option<Box<Pattern>>,
    },
    Default(Box<Pattern>, ExprId),
    /// An assignment to something that is not declared in this file.
    Global(StrId),
    Nothing,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Stmt {
    Expr(ExprId),
    Let { pattern: Pattern, init: Option<ExprId> },
    Return(Option<ExprId>),
    Throw(ExprId),
    If { test: ExprId, then: Vec<Stmt>, otherwise: Vec<Stmt> },
    Block(Vec<Stmt>),
    Loop { init: Vec<Stmt>, test: Option<ExprId>, body: Vec<Stmt>, update: Option<ExprId>, scope: ScopeId, at_least_once: bool },
    ForOf { pattern: Pattern, iterable: ExprId, body: Vec<Stmt>, scope: ScopeId, keys: bool },
    Switch { value: ExprId, cases: Vec<(Option<ExprId>, Vec<Stmt>)> },
    Try { block: Vec<Stmt>, param: Option<Pattern>, handler: Option<Vec<Stmt>>, finalizer: Vec<Stmt> },
    Break(Option<StrId>),
    Continue(Option<StrId>),
    Labelled(StrId, Box<Stmt>),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Expr {
    Undefined,
    Null,
    Bool(bool),
    Number(f64),
    Str(StrId),
    /// The pattern and its flags.
    Regex(StrId, StrId),
    /// Alternating: text, hole, text, hole, …, text.
    Template(Vec<ExprId>),
    Symbol(SymbolId),
    Global(StrId),
    This,
    Super,
    Array(Vec<ExprId>),
    Object(Vec<Property>),
    Function(FnId),
    Class(ClassId),
    Member {
        object: ExprId,
        name: StrId,
        optional: bool,
    },
    Index {
        object: ExprId,
        index: ExprId,
        optional: bool,
    },
    Call {
        callee: ExprId,
        args: Vec<ExprId>,
        optional: bool,
    },
    New {
        callee: ExprId,
        args: Vec<ExprId>,
    },
    Tagged {
        tag: ExprId,
        template: ExprId,
    },
    Spread(ExprId),
    Not(ExprId),
    Typeof(ExprId),
    Void(ExprId),
    Await(ExprId),
    Yield(Option<ExprId>),
    Binary(BinaryOp, ExprId, ExprId),
    Logical(LogicalOp, ExprId, ExprId),
    Conditional(ExprId, ExprId, ExprId),
    Assign(Box<Pattern>, AssignOp, ExprId),
    Sequence(Vec<ExprId>),
    /// The short-circuit boundary of an optional chain.
    Chain(ExprId),
    /// `import(x)`.
    Import(ExprId),
    ImportMeta,
    /// Arithmetic and the like: evaluated for its effects, the value is not known.
    Opaque(Vec<ExprId>),
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Property {
    /// `None`: a spread.
    pub key: Option<Key>,
    pub value: ExprId,
    pub kind: PropertyKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PropertyKind {
    Value,
    Getter,
    Setter,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum BinaryOp {
    Eq,
    NotEq,
    StrictEq,
    StrictNotEq,
    Less,
    LessEq,
    Greater,
    GreaterEq,
    Add,
    In,
    InstanceOf,
    /// Arithmetic: the value is a number that is not known.
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum LogicalOp {
    And,
    Or,
    Nullish,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum AssignOp {
    Set,
    Add,
    Logical(LogicalOp),
    Other,
}
