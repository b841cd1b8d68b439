//! From bytes to IR: the only layer that knows oxc.
//!
//! ```ts
//! export const GET = withAuth<Params>(async (req: Request) => Response.json(await list()))
//! ```
//!
//! becomes an export of a symbol whose initialiser is `Call(withAuth, [Function])`: type arguments, annotations and `as` are gone, names
//! are resolved by `oxc_semantic`. Never panics; broken syntax yields what could be recovered, plus errors.

mod class;
mod expression;
mod module;
mod pattern;
mod scan;
mod statement;

pub use scan::mentions_server;

use crate::ir::{self, Expr, ExprId, FnId, Lines, ModuleIr, ScopeId, StrId, SymbolId, SyntaxError};
use crate::source::Dialect;
use oxc_allocator::Allocator;
use oxc_ast::ast;
use oxc_semantic::{Scoping, SemanticBuilder};
use oxc_span::{SourceType, Span};
use rustc_hash::{FxHashMap, FxHashSet};
use std::borrow::Cow;

/// Lowers one file. `bytes` need not be valid UTF-8.
pub fn lower(path: &str, bytes: &[u8]) -> ModuleIr {
    // Nearly always valid, which is quicker to find out than what is not.
    let text = std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed);
    let mut ir = ModuleIr { path: path.to_owned(), lines: Lines::new(&text), ..ModuleIr::default() };
    if let Cow::Owned(_) = text {
        let offset = std::str::from_utf8(bytes).err().map_or(0, |e| e.valid_up_to() as u32);
        ir.errors.push(SyntaxError { offset, message: "not valid UTF-8; the bytes were replaced".into() });
    }
    let text = crate::source::script(path, &text);
    let allocator = Allocator::default();
    let source_type = source_type(path);
    let mut parsed = oxc_parser::Parser::new(&allocator, &text, source_type).parse();
    if parsed.panicked && source_type.is_javascript() {
        // Flow or TypeScript syntax in a `.js` file.
        let typed = oxc_parser::Parser::new(&allocator, &text, SourceType::tsx()).parse();
        if !typed.panicked {
            parsed = typed;
        }
    }
    for diagnostic in parsed.diagnostics.iter() {
        // The end of the file is where its last line is, not the empty one after it.
        let end = text.trim_end().len().saturating_sub(1) as u32;
        let offset = diagnostic.labels.first().map_or(0, |label| label.offset().min(end));
        ir.errors.push(SyntaxError { offset, message: diagnostic.message.to_string() });
    }
    let program = &parsed.program;
    let semantic = SemanticBuilder::new().with_build_nodes(false).build(program);
    let scoping = semantic.semantic.into_scoping();
    ir.directives = module::directives(program, &text, &ir.lines);
    let mut lowering = Lowering {
        ir,
        scoping,
        strings: FxHashMap::default(),
        owners: FxHashSet::default(),
        symbols: FxHashMap::default(),
        hoisted: Vec::new(),
        depth: 0,
    };
    lowering.program(program);
    lowering.ir
}

fn source_type(path: &str) -> SourceType {
    match crate::source::dialect(path) {
        Dialect::Ts => SourceType::ts(),
        Dialect::Tsx => SourceType::tsx(),
        // `.js` may be a module or a script, and may hold JSX.
        Dialect::Js => SourceType::jsx().with_unambiguous(true),
    }
}

/// The state of lowering one file.
struct Lowering {
    ir: ModuleIr,
    scoping: Scoping,
    strings: FxHashMap<Box<str>, StrId>,
    /// Scopes that own variables: functions and loop bodies.
    owners: FxHashSet<u32>,
    symbols: FxHashMap<u32, SymbolId>,
    /// Function declarations of the function being lowered.
    hoisted: Vec<(SymbolId, FnId)>,
    depth: u32,
}

/// Nesting beyond which an expression's parts are dropped: the interpreter recurses over them.
const MAX_DEPTH: u32 = 400;

impl Lowering {
    fn intern(&mut self, text: &str) -> StrId {
        if let Some(id) = self.strings.get(text) {
            return *id;
        }
        let id = StrId(self.ir.strings.len() as u32);
        self.ir.strings.push(text.into());
        self.strings.insert(text.into(), id);
        id
    }

    fn push(&mut self, span: Span, expr: Expr) -> ExprId {
        let id = ExprId(self.ir.exprs.len() as u32);
        self.ir.exprs.push(expr);
        self.ir.spans.push(to_span(span));
        id
    }

    /// Declares a scope to be one that owns variables.
    fn owner(&mut self, scope: Option<oxc_syntax::scope::ScopeId>) -> ScopeId {
        let id = scope.map_or(0, |s| s.index() as u32);
        self.owners.insert(id);
        ScopeId(id)
    }

    /// The IR's symbol for one of oxc's.
    fn symbol(&mut self, id: oxc_syntax::symbol::SymbolId) -> SymbolId {
        if let Some(symbol) = self.symbols.get(&(id.index() as u32)) {
            return *symbol;
        }
        let scope = self.scoping.symbol_scope_id(id);
        let owner = self.scoping.scope_ancestors(scope).map(|s| s.index() as u32).find(|s| self.owners.contains(s)).unwrap_or(0);
        let name = self.scoping.symbol_name(id).to_owned();
        let symbol = self.fresh_symbol(&name, ScopeId(owner));
        let in_function = |scope| self.scoping.scope_ancestors(scope).any(|s| self.scoping.scope_flags(s).is_function());
        self.ir.symbols[symbol.index()].changes =
            owner == 0 && self.scoping.get_resolved_references(id).any(|r| r.is_write() && in_function(r.scope_id()));
        self.symbols.insert(id.index() as u32, symbol);
        symbol
    }

    fn fresh_symbol(&mut self, name: &str, owner: ScopeId) -> SymbolId {
        let name = self.intern(name);
        let id = SymbolId(self.ir.symbols.len() as u32);
        self.ir.symbols.push(ir::Symbol { name, owner, changes: false });
        id
    }

    fn binding(&mut self, id: &ast::BindingIdentifier) -> Option<SymbolId> {
        id.symbol_id.get().map(|s| self.symbol(s))
    }

    fn reference(&mut self, id: &ast::IdentifierReference) -> Expr {
        let symbol = id.reference_id.get().and_then(|r| self.scoping.get_reference(r).symbol_id());
        match symbol {
            Some(symbol) => Expr::Symbol(self.symbol(symbol)),
            None if id.name == "undefined" => Expr::Undefined,
            None => Expr::Global(self.intern(&id.name)),
        }
    }
}

fn to_span(span: Span) -> ir::Span {
    ir::Span { start: span.start, end: span.end }
}
