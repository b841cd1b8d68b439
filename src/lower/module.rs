//! A file's imports and exports.
//!
//! ```ts
//! import express, { Router } from 'express'
//! export { handler as GET, handler as POST }
//! export * from './routes'
//! export default async function handler(req, res) {}
//! ```

use super::Lowering;
use crate::ir::{self, Export, Expr, FnId, Function, Import, ImportName, Lines, Pattern, ScopeId, Stmt, StrId, SymbolId};
use oxc_ast::ast::{self, Declaration, ExportDefaultDeclarationKind, ImportDeclarationSpecifier, ModuleExportName, Statement};
use oxc_span::GetSpan;

impl Lowering {
    pub(super) fn program(&mut self, program: &ast::Program) {
        let scope = self.owner(program.scope_id.get());
        let id = self.begin_function(program.span, scope);
        debug_assert_eq!(id, FnId(0));
        self.ir.use_server = program.directives.iter().any(|d| d.directive == "use server");
        let body = self.statements(&program.body);
        let hoisted = std::mem::take(&mut self.hoisted);
        let module = Function { body, hoisted, is_async: false, ..self.ir.functions[0].clone() };
        self.ir.functions[0] = module;
    }

    pub(super) fn module_statement(&mut self, statement: &Statement, out: &mut Vec<Stmt>) {
        match statement {
            Statement::ImportDeclaration(s) => self.import(s),
            Statement::ExportAllDeclaration(s) => {
                if s.export_kind.is_type() {
                    return;
                }
                let source = self.request_source(&s.source);
                let name = s.exported.as_ref().map(|name| self.export_name(name));
                self.ir.exports.push(Export::Star { name, source });
            }
            Statement::ExportNamedDeclaration(s) => {
                for specifier in &s.specifiers {
                    if s.export_kind.is_type() || specifier.export_kind.is_type() {
                        continue;
                    }
                    let name = self.export_name(&specifier.exported);
                    if let ModuleExportName::IdentifierReference(id) = &specifier.local
                        && let Expr::Symbol(symbol) = self.reference(id)
                    {
                        self.ir.exports.push(Export::Local { name, symbol });
                    }
                }
            }
            Statement::ExportFromDeclaration(s) => {
                if s.export_kind.is_type() {
                    return;
                }
                let source = self.request_source(&s.source);
                for specifier in &s.specifiers {
                    if specifier.export_kind.is_type() {
                        continue;
                    }
                    let from = self.export_name(&specifier.local);
                    let name = self.export_name(&specifier.exported);
                    self.ir.exports.push(Export::From { name, from, source });
                }
            }
            Statement::ExportDeclaration(s) => self.export_declaration(&s.declaration, out),
            Statement::ExportDefaultDeclaration(s) => self.export_default(&s.declaration, out),
            Statement::TSExportAssignment(s) => {
                let value = self.expression(&s.expression);
                let symbol = self.hidden("export=", value, out);
                self.ir.exports.push(Export::Assign { symbol });
            }
            Statement::TSImportEqualsDeclaration(s) => self.import_equals(s, out),
            _ => {}
        }
    }

    fn import(&mut self, declaration: &ast::ImportDeclaration) {
        if declaration.import_kind.is_type() {
            return;
        }
        let Some(specifiers) = &declaration.specifiers else {
            self.request_source(&declaration.source);
            return;
        };
        let typescript = crate::source::dialect(&self.ir.path) != crate::source::Dialect::Js;
        let mut used = specifiers.is_empty();
        for specifier in specifiers {
            let (local, name) = match specifier {
                ImportDeclarationSpecifier::ImportSpecifier(s) => {
                    if s.import_kind.is_type() {
                        continue;
                    }
                    let imported = self.export_name(&s.imported);
                    let name = if self.ir.str(imported) == "default" { ImportName::Default } else { ImportName::Named(imported) };
                    (&s.local, name)
                }
                ImportDeclarationSpecifier::ImportDefaultSpecifier(s) => (&s.local, ImportName::Default),
                ImportDeclarationSpecifier::ImportNamespaceSpecifier(s) => (&s.local, ImportName::Namespace),
            };
            // TypeScript drops imports that are only used as types.
            if typescript
                && let Some(symbol) = local.symbol_id.get()
                && !self.scoping.get_resolved_references(symbol).any(|r| !r.is_type())
            {
                continue;
            }
            used = true;
            let Some(local) = self.binding(local) else { continue };
            let source = self.intern(&declaration.source.value);
            self.ir.imports.push(Import { local, source, name });
        }
        if used {
            self.request_source(&declaration.source);
        }
    }

    /// `import x = require('y')`, `import x = A.b`.
    fn import_equals(&mut self, declaration: &ast::TSImportEqualsDeclaration, out: &mut Vec<Stmt>) {
        if declaration.import_kind.is_type() {
            return;
        }
        let Some(local) = self.binding(&declaration.id) else { return };
        match &declaration.module_reference {
            ast::TSModuleReference::ExternalModuleReference(reference) => {
                let source = self.request_source(&reference.expression);
                let require = self.intern("require");
                let callee = self.push(declaration.span, Expr::Global(require));
                let specifier = self.push(declaration.span, Expr::Str(source));
                let call = self.push(declaration.span, Expr::Call { callee, args: vec![specifier], optional: false });
                out.push(Stmt::Let { pattern: Pattern::Symbol(local), init: Some(call) });
            }
            ast::TSModuleReference::IdentifierReference(id) => {
                let value = self.reference(id);
                let value = self.push(declaration.span, value);
                out.push(Stmt::Let { pattern: Pattern::Symbol(local), init: Some(value) });
            }
            ast::TSModuleReference::QualifiedName(_) => {}
        }
    }

    fn export_declaration(&mut self, declaration: &Declaration, out: &mut Vec<Stmt>) {
        match declaration {
            Declaration::VariableDeclaration(d) => {
                let start = out.len();
                self.variables(d, out);
                let mut symbols = Vec::new();
                for statement in &out[start..] {
                    if let Stmt::Let { pattern, .. } = statement {
                        pattern_symbols(pattern, &mut symbols);
                    }
                }
                for symbol in symbols {
                    self.export_local(symbol);
                }
            }
            Declaration::FunctionDeclaration(d) => {
                self.function_declaration(d);
                if let Some(symbol) = d.id.as_ref().and_then(|id| self.binding(id)) {
                    self.export_local(symbol);
                }
            }
            Declaration::ClassDeclaration(d) => {
                if let Some(symbol) = self.class_declaration(d, out) {
                    self.export_local(symbol);
                }
            }
            Declaration::TSEnumDeclaration(d) => {
                self.enumeration(d, out);
                if let Some(symbol) = self.binding(&d.id) {
                    self.export_local(symbol);
                }
            }
            Declaration::TSImportEqualsDeclaration(d) => {
                self.import_equals(d, out);
                if let Some(symbol) = self.binding(&d.id) {
                    self.export_local(symbol);
                }
            }
            _ => {}
        }
    }

    fn export_local(&mut self, symbol: SymbolId) {
        let name = self.ir.symbols[symbol.index()].name;
        self.ir.exports.push(Export::Local { name, symbol });
    }

    fn export_default(&mut self, declaration: &ExportDefaultDeclarationKind, out: &mut Vec<Stmt>) {
        let symbol = match declaration {
            ExportDefaultDeclarationKind::FunctionDeclaration(d) => {
                if d.body.is_none() {
                    return;
                }
                let function = self.function(d);
                let symbol = d.id.as_ref().and_then(|id| self.binding(id)).unwrap_or_else(|| self.default_symbol());
                self.hoisted.push((symbol, function));
                symbol
            }
            ExportDefaultDeclarationKind::ClassDeclaration(d) => match self.class_declaration(d, out) {
                Some(symbol) => symbol,
                None => {
                    // An anonymous class: its value is the statement just pushed.
                    let Some(Stmt::Expr(value)) = out.pop() else { return };
                    self.hidden("default", value, out)
                }
            },
            ExportDefaultDeclarationKind::TSInterfaceDeclaration(_) => return,
            other => {
                let Some(expression) = other.as_expression() else { return };
                let value = self.expression(expression);
                debug_assert!(other.span().start <= other.span().end);
                self.hidden("default", value, out)
            }
        };
        self.ir.exports.push(Export::Default { symbol });
    }

    fn default_symbol(&mut self) -> SymbolId {
        let owner = self.ir.functions[0].scope;
        self.fresh_symbol("default", owner)
    }

    /// A symbol that the source does not name, holding `value`.
    fn hidden(&mut self, name: &str, value: ir::ExprId, out: &mut Vec<Stmt>) -> SymbolId {
        let owner: ScopeId = self.ir.functions[0].scope;
        let symbol = self.fresh_symbol(name, owner);
        out.push(Stmt::Let { pattern: Pattern::Symbol(symbol), init: Some(value) });
        symbol
    }

    fn request_source(&mut self, literal: &ast::StringLiteral) -> StrId {
        let source = self.intern(&literal.value);
        self.request_at(source, literal.span.start);
        if !self.ir.eager.contains(&source) {
            self.ir.eager.push(source);
        }
        source
    }

    /// Notes that the file needs another at run time.
    pub(super) fn request_at(&mut self, specifier: StrId, offset: u32) {
        if !self.ir.requests.contains(&specifier) {
            self.ir.requests.push(specifier);
            self.ir.request_offsets.push(offset);
        }
    }

    fn export_name(&mut self, name: &ModuleExportName) -> StrId {
        let name = name.name();
        self.intern(&name)
    }
}

fn pattern_symbols(pattern: &Pattern, out: &mut Vec<SymbolId>) {
    match pattern {
        Pattern::Symbol(symbol) => out.push(*symbol),
        Pattern::Object { props, rest } => {
            props.iter().for_each(|(_, p)| pattern_symbols(p, out));
            rest.iter().for_each(|p| pattern_symbols(p, out));
        }
        Pattern::Array { items, rest } => {
            items.iter().flatten().for_each(|p| pattern_symbols(p, out));
            rest.iter().for_each(|p| pattern_symbols(p, out));
        }
        Pattern::Default(p, _) => pattern_symbols(p, out),
        Pattern::Member(_) | Pattern::Global(_) | Pattern::Nothing => {}
    }
}

/// The `authlint-public` comments of a file.
pub(super) fn directives(program: &ast::Program, text: &str, lines: &Lines) -> Vec<ir::Directive> {
    program
        .comments
        .iter()
        .filter_map(|comment| {
            let span = comment.content_span();
            let content = text.get(span.start as usize..span.end as usize)?.trim();
            let reason = content.strip_prefix("authlint-public")?.trim_start_matches(':').trim();
            let before = text.get(..span.start as usize)?;
            let alone = before.rsplit('\n').next().is_none_or(|start| start.trim().trim_end_matches(['/', '*']).trim().is_empty());
            Some(ir::Directive { line: lines.line(span.start), alone, reason: reason.to_owned() })
        })
        .collect()
}
