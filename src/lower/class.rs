//! Functions and classes.
//!
//! ```ts
//! class Users { private router = Router(); constructor(private db: Db) {} @Get() list = async () => this.db.all() }
//! ```

use super::{Lowering, to_span};
use crate::ir::{Class, ClassId, Expr, FnId, Function, Key, Member, MemberKind, Param, ScopeId, Stmt, StrId};
use oxc_ast::ast;
use oxc_span::{GetSpan, Span};

impl Lowering {
    pub(super) fn function(&mut self, function: &ast::Function) -> FnId {
        let scope = self.owner(function.scope_id.get());
        let name = function.id.as_ref().map(|id| self.intern(&id.name));
        let id = self.begin_function(function.span, scope);
        let (params, rest) = self.params(&function.params);
        let saved = std::mem::take(&mut self.hoisted);
        let body = function.body.as_ref().map_or(Vec::new(), |body| self.statements(&body.statements));
        let hoisted = std::mem::replace(&mut self.hoisted, saved);
        let use_server = function.body.as_ref().is_some_and(|b| has_use_server(&b.directives));
        self.ir.functions[id.index()] = Function {
            name,
            span: to_span(function.span),
            scope,
            params,
            rest,
            hoisted,
            body,
            is_async: function.r#async,
            is_generator: function.generator,
            is_arrow: false,
            use_server,
        };
        id
    }

    pub(super) fn arrow(&mut self, arrow: &ast::ArrowFunctionExpression) -> FnId {
        let scope = self.owner(arrow.scope_id.get());
        let id = self.begin_function(arrow.span, scope);
        let (params, rest) = self.params(&arrow.params);
        let saved = std::mem::take(&mut self.hoisted);
        let mut use_server = false;
        let body = match &arrow.body {
            ast::ArrowFunctionBody::FunctionBody(body) => {
                use_server = has_use_server(&body.directives);
                self.statements(&body.statements)
            }
            other => match other.as_expression() {
                Some(expression) => vec![Stmt::Return(Some(self.expression(expression)))],
                None => Vec::new(),
            },
        };
        let hoisted = std::mem::replace(&mut self.hoisted, saved);
        self.ir.functions[id.index()] = Function {
            name: None,
            span: to_span(arrow.span),
            scope,
            params,
            rest,
            hoisted,
            body,
            is_async: arrow.r#async,
            is_generator: false,
            is_arrow: true,
            use_server,
        };
        id
    }

    /// Reserves the function's place, so that inner functions get higher numbers.
    pub(super) fn begin_function(&mut self, span: Span, scope: ScopeId) -> FnId {
        let id = FnId(self.ir.functions.len() as u32);
        self.ir.functions.push(Function {
            name: None,
            span: to_span(span),
            scope,
            params: Vec::new(),
            rest: None,
            hoisted: Vec::new(),
            body: Vec::new(),
            is_async: false,
            is_generator: false,
            is_arrow: false,
            use_server: false,
        });
        id
    }

    fn params(&mut self, params: &ast::FormalParameters) -> (Vec<Param>, Option<crate::ir::Pattern>) {
        let list = params
            .items
            .iter()
            .map(|param| {
                let mut pattern = self.binding_pattern(&param.pattern);
                if let Some(initializer) = &param.initializer {
                    pattern = crate::ir::Pattern::Default(Box::new(pattern), self.expression(initializer));
                }
                Param { pattern, type_name: param.type_annotation.as_ref().and_then(|t| self.type_name(&t.type_annotation)) }
            })
            .collect();
        let rest = params.rest.as_ref().map(|rest| self.binding_pattern(&rest.rest.argument));
        (list, rest)
    }

    fn type_name(&mut self, ty: &ast::TSType) -> Option<StrId> {
        let ast::TSType::TSTypeReference(reference) = ty else { return None };
        match &reference.type_name {
            ast::TSTypeName::IdentifierReference(id) => Some(self.intern(&id.name)),
            ast::TSTypeName::QualifiedName(name) => Some(self.intern(&name.right.name)),
            ast::TSTypeName::ThisExpression(_) => None,
        }
    }

    pub(super) fn class(&mut self, class: &ast::Class) -> ClassId {
        let name = class.id.as_ref().map(|id| self.intern(&id.name));
        let extends = class.heritage.as_ref().map(|h| self.expression(&h.expression));
        let decorators = class.decorators.iter().map(|d| self.expression(&d.expression)).collect();
        let mut constructor = None;
        let mut parameter_properties = Vec::new();
        let mut members = Vec::new();
        for element in &class.body.body {
            match element {
                ast::ClassElement::MethodDefinition(method) => {
                    if method.value.body.is_none() {
                        continue;
                    }
                    if method.kind == ast::MethodDefinitionKind::Constructor {
                        parameter_properties = self.parameter_properties(&method.value.params);
                        constructor = Some(self.function(&method.value));
                        continue;
                    }
                    let key = self.key(&method.key, method.computed);
                    let decorators = method.decorators.iter().map(|d| self.expression(&d.expression)).collect();
                    let function = self.function(&method.value);
                    self.name_function(function, key);
                    let kind = match method.kind {
                        ast::MethodDefinitionKind::Get => MemberKind::Getter(function),
                        ast::MethodDefinitionKind::Set => MemberKind::Setter(function),
                        _ => MemberKind::Method(function),
                    };
                    members.push(Member { key, is_static: method.r#static, kind, decorators });
                }
                ast::ClassElement::PropertyDefinition(property) => {
                    let key = self.key(&property.key, property.computed);
                    let decorators = property.decorators.iter().map(|d| self.expression(&d.expression)).collect();
                    let init = property.value.as_ref().map(|value| self.initialiser(value));
                    members.push(Member { key, is_static: property.r#static, kind: MemberKind::Field(init), decorators });
                }
                ast::ClassElement::AccessorProperty(property) => {
                    let key = self.key(&property.key, property.computed);
                    let init = property.value.as_ref().map(|value| self.initialiser(value));
                    members.push(Member { key, is_static: property.r#static, kind: MemberKind::Field(init), decorators: Vec::new() });
                }
                ast::ClassElement::StaticBlock(block) => {
                    let scope = self.owner(block.scope_id.get());
                    let id = self.begin_function(block.span, scope);
                    let body = self.statements(&block.body);
                    self.ir.functions[id.index()].body = body;
                    let key = Key::Static(self.intern(""));
                    members.push(Member { key, is_static: true, kind: MemberKind::StaticBlock(id), decorators: Vec::new() });
                }
                ast::ClassElement::TSIndexSignature(_) => {}
            }
        }
        let id = ClassId(self.ir.classes.len() as u32);
        self.ir.classes.push(Class { name, span: to_span(class.span), extends, constructor, parameter_properties, members, decorators });
        id
    }

    fn parameter_properties(&mut self, params: &ast::FormalParameters) -> Vec<(u32, StrId)> {
        let mut out = Vec::new();
        for (i, param) in params.items.iter().enumerate() {
            if (param.accessibility.is_some() || param.readonly)
                && let Some(id) = param.pattern.get_binding_identifier()
            {
                out.push((i as u32, self.intern(&id.name)));
            }
        }
        out
    }

    /// A field's initialiser as a function of no parameters, so that it has its own `this`.
    fn initialiser(&mut self, value: &ast::Expression) -> FnId {
        let id = self.begin_function(value.span(), ScopeId(u32::MAX));
        let value = self.expression(value);
        self.ir.functions[id.index()].body = vec![Stmt::Return(Some(value))];
        id
    }

    fn name_function(&mut self, function: FnId, key: Key) {
        if let Key::Static(name) = key {
            self.ir.functions[function.index()].name = Some(name);
        }
    }

    /// An anonymous function takes the name of what it is assigned to.
    pub(super) fn name_value(&mut self, value: crate::ir::ExprId, name: StrId) {
        if let Expr::Function(function) = *self.ir.expr(value)
            && self.ir.functions[function.index()].name.is_none()
        {
            self.ir.functions[function.index()].name = Some(name);
        }
    }
}

fn has_use_server(directives: &[ast::Directive]) -> bool {
    directives.iter().any(|d| d.directive == "use server")
}
