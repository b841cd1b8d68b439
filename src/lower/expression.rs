//! Expressions.
//!
//! ```ts
//! (await auth())?.user.id ?? req.headers['x-user'] as string
//! ```

use super::{Lowering, MAX_DEPTH};
use crate::ir::{AssignOp, BinaryOp, Expr, ExprId, LogicalOp, Pattern, Property, PropertyKind};
use oxc_ast::ast::{self, Argument, ArrayExpressionElement, ChainElement, Expression, MemberExpression, ObjectPropertyKind};
use oxc_span::GetSpan;
use oxc_syntax::operator::{AssignmentOperator, BinaryOperator, LogicalOperator, UnaryOperator};

impl Lowering {
    pub(super) fn expression(&mut self, expression: &Expression) -> ExprId {
        self.depth += 1;
        let id =
            if self.depth > MAX_DEPTH { self.push(expression.span(), Expr::Opaque(Vec::new())) } else { self.expression_inner(expression) };
        self.depth -= 1;
        id
    }

    fn expression_inner(&mut self, expression: &Expression) -> ExprId {
        let span = expression.span();
        let expr = match expression {
            Expression::BooleanLiteral(e) => Expr::Bool(e.value),
            Expression::NullLiteral(_) => Expr::Null,
            Expression::NumericLiteral(e) => Expr::Number(e.value),
            Expression::StringLiteral(e) => Expr::Str(self.intern(&e.value)),
            Expression::RegExpLiteral(e) => {
                let flags = e.regex.flags.to_string();
                Expr::Regex(self.intern(&e.regex.pattern.text), self.intern(&flags))
            }
            Expression::TemplateLiteral(e) => return self.template(e),
            Expression::Identifier(e) => self.reference(e),
            Expression::Super(_) => Expr::Super,
            Expression::ThisExpression(_) => Expr::This,
            Expression::ArrayExpression(e) => Expr::Array(e.elements.iter().map(|e| self.array_element(e)).collect()),
            Expression::ObjectExpression(e) => Expr::Object(e.properties.iter().map(|p| self.property(p)).collect()),
            Expression::ArrowFunctionExpression(e) => Expr::Function(self.arrow(e)),
            Expression::FunctionExpression(e) => Expr::Function(self.function(e)),
            Expression::ClassExpression(e) => Expr::Class(self.class(e)),
            Expression::AssignmentExpression(e) => {
                let target = self.target(&e.left);
                let value = self.expression(&e.right);
                Expr::Assign(Box::new(target), assign_op(e.operator), value)
            }
            Expression::UpdateExpression(e) => {
                let step = if e.operator == oxc_syntax::operator::UpdateOperator::Increment { 1.0 } else { -1.0 };
                let step = self.push(e.span, Expr::Number(step));
                let target = match &e.argument {
                    ast::SimpleAssignmentTarget::AssignmentTargetIdentifier(id) => match self.reference(id) {
                        Expr::Symbol(symbol) => Pattern::Symbol(symbol),
                        _ => Pattern::Nothing,
                    },
                    other => other.as_member_expression().map_or(Pattern::Nothing, |m| Pattern::Member(self.member(m))),
                };
                Expr::Assign(Box::new(target), AssignOp::Add, step)
            }
            Expression::AwaitExpression(e) => Expr::Await(self.expression(&e.argument)),
            Expression::YieldExpression(e) => Expr::Yield(e.argument.as_ref().map(|e| self.expression(e))),
            Expression::BinaryExpression(e) => {
                let left = self.expression(&e.left);
                let right = self.expression(&e.right);
                Expr::Binary(binary_op(e.operator), left, right)
            }
            Expression::LogicalExpression(e) => {
                let left = self.expression(&e.left);
                let right = self.expression(&e.right);
                Expr::Logical(logical_op(e.operator), left, right)
            }
            Expression::ConditionalExpression(e) => {
                let test = self.expression(&e.test);
                let then = self.expression(&e.consequent);
                let otherwise = self.expression(&e.alternate);
                Expr::Conditional(test, then, otherwise)
            }
            Expression::UnaryExpression(e) => {
                let argument = self.expression(&e.argument);
                match e.operator {
                    UnaryOperator::LogicalNot => Expr::Not(argument),
                    UnaryOperator::Typeof => Expr::Typeof(argument),
                    UnaryOperator::Void => Expr::Void(argument),
                    _ => Expr::Opaque(vec![argument]),
                }
            }
            Expression::CallExpression(e) => return self.call(e),
            Expression::NewExpression(e) => {
                let callee = self.expression(&e.callee);
                Expr::New { callee, args: self.arguments(&e.arguments) }
            }
            Expression::ChainExpression(e) => {
                let inner = match &e.expression {
                    ChainElement::CallExpression(call) => self.call(call),
                    ChainElement::TSNonNullExpression(e) => self.expression(&e.expression),
                    other => match other.as_member_expression() {
                        Some(member) => self.member(member),
                        None => self.push(span, Expr::Undefined),
                    },
                };
                Expr::Chain(inner)
            }
            Expression::ImportExpression(e) => {
                let source = self.expression(&e.source);
                self.request(source);
                Expr::Import(source)
            }
            Expression::SequenceExpression(e) => Expr::Sequence(e.expressions.iter().map(|e| self.expression(e)).collect()),
            Expression::TaggedTemplateExpression(e) => {
                let tag = self.expression(&e.tag);
                let template = self.template(&e.quasi);
                Expr::Tagged { tag, template }
            }
            Expression::ImportMeta(_) => Expr::ImportMeta,
            Expression::ParenthesizedExpression(e) => {
                let inner = self.expression(&e.expression);
                // Where text can be inserted before a chain: `(req as Request).check()`.
                if let Some(base) = self.ir.base(inner) {
                    self.ir.spans[base.index()].start = e.span.start;
                }
                return inner;
            }
            Expression::TSAsExpression(e) => return self.expression(&e.expression),
            Expression::TSSatisfiesExpression(e) => return self.expression(&e.expression),
            Expression::TSTypeAssertion(e) => return self.expression(&e.expression),
            Expression::TSNonNullExpression(e) => return self.expression(&e.expression),
            Expression::TSInstantiationExpression(e) => return self.expression(&e.expression),
            other => match other.as_member_expression() {
                Some(member) => return self.member(member),
                None => Expr::Opaque(Vec::new()),
            },
        };
        self.push(span, expr)
    }

    fn call(&mut self, call: &ast::CallExpression) -> ExprId {
        let callee = self.expression(&call.callee);
        let args = self.arguments(&call.arguments);
        if let (Expr::Global(name), [source]) = (self.ir.expr(callee), args.as_slice())
            && self.ir.str(*name) == "require"
        {
            self.request(*source);
        }
        let mut span = call.span;
        // `app.route('/a').get(list)`, or a chain over several lines: a call stands where its own name stands.
        if let Some(member) = call.callee.as_member_expression()
            && let Some((name, _)) = member.static_property_info()
            && (matches!(member.object(), Expression::CallExpression(_)) || name.start > member.object().span().end + 2)
        {
            span.start = name.start;
        }
        self.push(span, Expr::Call { callee, args, optional: call.optional })
    }

    /// Notes a literal specifier that the file loads at run time.
    fn request(&mut self, source: ExprId) {
        if let Expr::Str(specifier) = *self.ir.expr(source) {
            self.request_at(specifier, self.ir.span(source).start);
        }
    }

    pub(super) fn member(&mut self, member: &MemberExpression) -> ExprId {
        self.depth += 1;
        let id = if self.depth > MAX_DEPTH { self.push(member.span(), Expr::Opaque(Vec::new())) } else { self.member_inner(member) };
        self.depth -= 1;
        id
    }

    fn member_inner(&mut self, member: &MemberExpression) -> ExprId {
        match member {
            MemberExpression::ComputedMemberExpression(e) => {
                let object = self.expression(&e.object);
                let index = self.expression(&e.expression);
                let expr = match *self.ir.expr(index) {
                    Expr::Str(name) => Expr::Member { object, name, optional: e.optional },
                    _ => Expr::Index { object, index, optional: e.optional },
                };
                self.push(e.span, expr)
            }
            MemberExpression::StaticMemberExpression(e) => {
                let object = self.expression(&e.object);
                let name = self.intern(&e.property.name);
                self.push(e.span, Expr::Member { object, name, optional: e.optional })
            }
            MemberExpression::PrivateFieldExpression(e) => {
                let object = self.expression(&e.object);
                let name = self.intern(&format!("#{}", e.field.name));
                self.push(e.span, Expr::Member { object, name, optional: e.optional })
            }
        }
    }

    fn arguments(&mut self, arguments: &[Argument]) -> Vec<ExprId> {
        arguments
            .iter()
            .map(|argument| match argument {
                Argument::SpreadElement(e) => self.spread(e),
                other => match other.as_expression() {
                    Some(e) => self.expression(e),
                    None => self.push(other.span(), Expr::Undefined),
                },
            })
            .collect()
    }

    fn array_element(&mut self, element: &ArrayExpressionElement) -> ExprId {
        match element {
            ArrayExpressionElement::SpreadElement(e) => self.spread(e),
            other => match other.as_expression() {
                Some(e) => self.expression(e),
                None => self.push(other.span(), Expr::Undefined),
            },
        }
    }

    fn spread(&mut self, spread: &ast::SpreadElement) -> ExprId {
        let inner = self.expression(&spread.argument);
        self.push(spread.span, Expr::Spread(inner))
    }

    fn property(&mut self, property: &ObjectPropertyKind) -> Property {
        match property {
            ObjectPropertyKind::SpreadProperty(e) => Property { key: None, value: self.expression(&e.argument), kind: PropertyKind::Value },
            ObjectPropertyKind::ObjectProperty(p) => {
                let key = self.key(&p.key, p.computed);
                let value = self.expression(&p.value);
                if let crate::ir::Key::Static(name) = key {
                    self.name_value(value, name);
                }
                let kind = match p.kind {
                    ast::PropertyKind::Init => PropertyKind::Value,
                    ast::PropertyKind::Get => PropertyKind::Getter,
                    ast::PropertyKind::Set => PropertyKind::Setter,
                };
                Property { key: Some(key), value, kind }
            }
        }
    }

    fn template(&mut self, template: &ast::TemplateLiteral) -> ExprId {
        let mut parts = Vec::with_capacity(template.quasis.len() * 2);
        for (i, quasi) in template.quasis.iter().enumerate() {
            let text = quasi.value.cooked.as_ref().map_or("", |c| c.as_str());
            let text = self.intern(text);
            parts.push(self.push(quasi.span, Expr::Str(text)));
            if let Some(hole) = template.expressions.get(i) {
                parts.push(self.expression(hole));
            }
        }
        if let [only] = parts.as_slice() {
            return *only;
        }
        self.push(template.span, Expr::Template(parts))
    }
}

fn logical_op(operator: LogicalOperator) -> LogicalOp {
    match operator {
        LogicalOperator::And => LogicalOp::And,
        LogicalOperator::Or => LogicalOp::Or,
        LogicalOperator::Coalesce => LogicalOp::Nullish,
    }
}

fn binary_op(operator: BinaryOperator) -> BinaryOp {
    match operator {
        BinaryOperator::Equality => BinaryOp::Eq,
        BinaryOperator::Inequality => BinaryOp::NotEq,
        BinaryOperator::StrictEquality => BinaryOp::StrictEq,
        BinaryOperator::StrictInequality => BinaryOp::StrictNotEq,
        BinaryOperator::LessThan => BinaryOp::Less,
        BinaryOperator::LessEqualThan => BinaryOp::LessEq,
        BinaryOperator::GreaterThan => BinaryOp::Greater,
        BinaryOperator::GreaterEqualThan => BinaryOp::GreaterEq,
        BinaryOperator::Addition => BinaryOp::Add,
        BinaryOperator::In => BinaryOp::In,
        BinaryOperator::Instanceof => BinaryOp::InstanceOf,
        _ => BinaryOp::Other,
    }
}

fn assign_op(operator: AssignmentOperator) -> AssignOp {
    match operator {
        AssignmentOperator::Assign => AssignOp::Set,
        AssignmentOperator::Addition => AssignOp::Add,
        AssignmentOperator::LogicalAnd => AssignOp::Logical(LogicalOp::And),
        AssignmentOperator::LogicalOr => AssignOp::Logical(LogicalOp::Or),
        AssignmentOperator::LogicalNullish => AssignOp::Logical(LogicalOp::Nullish),
        _ => AssignOp::Other,
    }
}
