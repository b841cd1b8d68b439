//! Statements.
//!
//! ```js
//! for (const { path, router } of routes) app.use(path, router)
//! ```

use super::{Lowering, MAX_DEPTH};
use crate::ir::{Expr, Pattern, ScopeId, Stmt, SymbolId};
use oxc_ast::ast::{self, ForStatementInit, ForStatementLeft, Statement};

impl Lowering {
    pub(super) fn statements(&mut self, statements: &[Statement]) -> Vec<Stmt> {
        let mut out = Vec::with_capacity(statements.len());
        for statement in statements {
            self.statement(statement, &mut out);
        }
        out
    }

    fn body(&mut self, statement: &Statement) -> Vec<Stmt> {
        let mut out = Vec::new();
        self.statement(statement, &mut out);
        out
    }

    fn statement(&mut self, statement: &Statement, out: &mut Vec<Stmt>) {
        self.depth += 1;
        if self.depth <= MAX_DEPTH {
            self.statement_inner(statement, out);
        }
        self.depth -= 1;
    }

    fn statement_inner(&mut self, statement: &Statement, out: &mut Vec<Stmt>) {
        match statement {
            Statement::ExpressionStatement(s) => {
                let e = self.expression(&s.expression);
                out.push(Stmt::Expr(e));
            }
            Statement::VariableDeclaration(s) => self.variables(s, out),
            Statement::FunctionDeclaration(s) => self.function_declaration(s),
            Statement::ClassDeclaration(s) => {
                self.class_declaration(s, out);
            }
            Statement::ReturnStatement(s) => {
                let value = s.argument.as_ref().map(|e| self.expression(e));
                out.push(Stmt::Return(value));
            }
            Statement::ThrowStatement(s) => {
                let value = self.expression(&s.argument);
                out.push(Stmt::Throw(value));
            }
            Statement::IfStatement(s) => {
                let test = self.expression(&s.test);
                let then = self.body(&s.consequent);
                let otherwise = s.alternate.as_ref().map_or(Vec::new(), |s| self.body(s));
                out.push(Stmt::If { test, then, otherwise });
            }
            Statement::BlockStatement(s) => {
                let body = self.statements(&s.body);
                out.push(Stmt::Block(body));
            }
            Statement::ForOfStatement(s) => {
                let scope = self.owner(s.scope_id.get());
                let pattern = self.for_left(&s.left);
                let iterable = self.expression(&s.right);
                let body = self.body(&s.body);
                out.push(Stmt::ForOf { pattern, iterable, body, scope, keys: false });
            }
            Statement::ForInStatement(s) => {
                let scope = self.owner(s.scope_id.get());
                let pattern = self.for_left(&s.left);
                let iterable = self.expression(&s.right);
                let body = self.body(&s.body);
                out.push(Stmt::ForOf { pattern, iterable, body, scope, keys: true });
            }
            Statement::ForStatement(s) => {
                let scope = self.owner(s.scope_id.get());
                let mut init = Vec::new();
                match &s.init {
                    Some(ForStatementInit::VariableDeclaration(d)) => self.variables(d, &mut init),
                    Some(other) => {
                        if let Some(e) = other.as_expression() {
                            let e = self.expression(e);
                            init.push(Stmt::Expr(e));
                        }
                    }
                    None => {}
                }
                let test = s.test.as_ref().map(|e| self.expression(e));
                let update = s.update.as_ref().map(|e| self.expression(e));
                let body = self.body(&s.body);
                out.push(Stmt::Loop { init, test, body, update, scope, at_least_once: false });
            }
            Statement::WhileStatement(s) => {
                let test = Some(self.expression(&s.test));
                let body = self.body(&s.body);
                out.push(Stmt::Loop { init: Vec::new(), test, body, update: None, scope: ScopeId(u32::MAX), at_least_once: false });
            }
            Statement::DoWhileStatement(s) => {
                let test = Some(self.expression(&s.test));
                let body = self.body(&s.body);
                out.push(Stmt::Loop { init: Vec::new(), test, body, update: None, scope: ScopeId(u32::MAX), at_least_once: true });
            }
            Statement::SwitchStatement(s) => {
                let value = self.expression(&s.discriminant);
                let mut cases = Vec::with_capacity(s.cases.len());
                for case in &s.cases {
                    let test = case.test.as_ref().map(|e| self.expression(e));
                    cases.push((test, self.statements(&case.consequent)));
                }
                out.push(Stmt::Switch { value, cases });
            }
            Statement::TryStatement(s) => {
                let block = self.statements(&s.block.body);
                let param = s.handler.as_ref().and_then(|h| h.param.as_ref()).map(|p| self.binding_pattern(&p.pattern));
                let handler = s.handler.as_ref().map(|h| self.statements(&h.body.body));
                let finalizer = s.finalizer.as_ref().map_or(Vec::new(), |f| self.statements(&f.body));
                out.push(Stmt::Try { block, param, handler, finalizer });
            }
            Statement::BreakStatement(s) => {
                let label = s.label.as_ref().map(|l| self.intern(&l.name));
                out.push(Stmt::Break(label));
            }
            Statement::ContinueStatement(s) => {
                let label = s.label.as_ref().map(|l| self.intern(&l.name));
                out.push(Stmt::Continue(label));
            }
            Statement::LabeledStatement(s) => {
                let label = self.intern(&s.label.name);
                let mut body = self.body(&s.body);
                let inner = if body.len() == 1 { body.remove(0) } else { Stmt::Block(body) };
                out.push(Stmt::Labelled(label, Box::new(inner)));
            }
            Statement::WithStatement(s) => {
                let body = self.body(&s.body);
                out.push(Stmt::Block(body));
            }
            Statement::TSEnumDeclaration(s) => self.enumeration(s, out),
            other => self.module_statement(other, out),
        }
    }

    pub(super) fn variables(&mut self, declaration: &ast::VariableDeclaration, out: &mut Vec<Stmt>) {
        if declaration.declare {
            return;
        }
        for declarator in &declaration.declarations {
            let pattern = self.binding_pattern(&declarator.id);
            let init = declarator.init.as_ref().map(|e| self.expression(e));
            if let (Pattern::Symbol(symbol), Some(init)) = (&pattern, init) {
                self.name_value(init, self.ir.symbols[symbol.index()].name);
            }
            // `var x;` after a use must not reset it: without initialiser there is nothing to do.
            if init.is_some() || !declaration.kind.is_var() {
                out.push(Stmt::Let { pattern, init });
            }
        }
    }

    pub(super) fn function_declaration(&mut self, function: &ast::Function) {
        if function.body.is_none() {
            return;
        }
        let id = self.function(function);
        if let Some(symbol) = function.id.as_ref().and_then(|id| self.binding(id)) {
            self.hoisted.push((symbol, id));
        }
    }

    pub(super) fn class_declaration(&mut self, class: &ast::Class, out: &mut Vec<Stmt>) -> Option<SymbolId> {
        if class.declare {
            return None;
        }
        let symbol = class.id.as_ref().and_then(|id| self.binding(id));
        let id = self.class(class);
        let value = self.push(class.span, Expr::Class(id));
        match symbol {
            Some(symbol) => out.push(Stmt::Let { pattern: Pattern::Symbol(symbol), init: Some(value) }),
            None => out.push(Stmt::Expr(value)),
        }
        symbol
    }

    /// `enum Role { Admin = 'admin' }` is an object.
    pub(super) fn enumeration(&mut self, declaration: &ast::TSEnumDeclaration, out: &mut Vec<Stmt>) {
        let Some(symbol) = self.binding(&declaration.id) else { return };
        let mut next = 0.0;
        let mut properties = Vec::new();
        for member in &declaration.body.members {
            let key = self.intern(&member.id.static_name());
            let value = match &member.initializer {
                Some(initializer) => self.expression(initializer),
                None => self.push(member.span, Expr::Number(next)),
            };
            if let Expr::Number(n) = self.ir.expr(value) {
                next = n + 1.0;
            }
            properties.push(crate::ir::Property { key: Some(crate::ir::Key::Static(key)), value, kind: crate::ir::PropertyKind::Value });
        }
        let value = self.push(declaration.span, Expr::Object(properties));
        out.push(Stmt::Let { pattern: Pattern::Symbol(symbol), init: Some(value) });
    }

    fn for_left(&mut self, left: &ForStatementLeft) -> Pattern {
        match left {
            ForStatementLeft::VariableDeclaration(d) => d.declarations.first().map_or(Pattern::Nothing, |d| self.binding_pattern(&d.id)),
            other => other.as_assignment_target().map_or(Pattern::Nothing, |t| self.target(t)),
        }
    }
}
