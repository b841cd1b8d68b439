//! Binding patterns and assignment targets.
//!
//! ```js
//! const { error, user: { id } = {} } = result
//! ;[first, ...rest] = list
//! ```

use super::Lowering;
use crate::ir::{Key, Pattern};
use oxc_ast::ast::{AssignmentTarget, AssignmentTargetMaybeDefault, AssignmentTargetProperty, BindingPattern, PropertyKey};

impl Lowering {
    pub(super) fn binding_pattern(&mut self, pattern: &BindingPattern) -> Pattern {
        match pattern {
            BindingPattern::BindingIdentifier(id) => self.binding(id).map_or(Pattern::Nothing, Pattern::Symbol),
            BindingPattern::ObjectPattern(object) => {
                let props = object
                    .properties
                    .iter()
                    .map(|property| (self.key(&property.key, property.computed), self.binding_pattern(&property.value)))
                    .collect();
                let rest = object.rest.as_ref().map(|rest| Box::new(self.binding_pattern(&rest.argument)));
                Pattern::Object { props, rest }
            }
            BindingPattern::ArrayPattern(array) => {
                let items = array.elements.iter().map(|e| e.as_ref().map(|e| self.binding_pattern(e))).collect();
                let rest = array.rest.as_ref().map(|rest| Box::new(self.binding_pattern(&rest.argument)));
                Pattern::Array { items, rest }
            }
            BindingPattern::AssignmentPattern(with_default) => {
                let left = self.binding_pattern(&with_default.left);
                let right = self.expression(&with_default.right);
                Pattern::Default(Box::new(left), right)
            }
        }
    }

    pub(super) fn key(&mut self, key: &PropertyKey, computed: bool) -> Key {
        if let Some(name) = key.static_name() {
            return Key::Static(self.intern(&name));
        }
        match key {
            PropertyKey::PrivateIdentifier(id) => {
                let name = format!("#{}", id.name);
                Key::Static(self.intern(&name))
            }
            _ => match key.as_expression() {
                Some(expression) if computed => Key::Computed(self.expression(expression)),
                _ => Key::Static(self.intern("")),
            },
        }
    }

    pub(super) fn target(&mut self, target: &AssignmentTarget) -> Pattern {
        match target {
            AssignmentTarget::AssignmentTargetIdentifier(id) => match self.reference(id) {
                crate::ir::Expr::Symbol(symbol) => Pattern::Symbol(symbol),
                crate::ir::Expr::Global(name) => Pattern::Global(name),
                _ => Pattern::Nothing,
            },
            AssignmentTarget::ObjectAssignmentTarget(object) => {
                let props = object.properties.iter().map(|property| self.target_property(property)).collect();
                let rest = object.rest.as_ref().map(|rest| Box::new(self.target(&rest.target)));
                Pattern::Object { props, rest }
            }
            AssignmentTarget::ArrayAssignmentTarget(array) => {
                let items = array.elements.iter().map(|e| e.as_ref().map(|e| self.target_or_default(e))).collect();
                let rest = array.rest.as_ref().map(|rest| Box::new(self.target(&rest.target)));
                Pattern::Array { items, rest }
            }
            other => {
                if let Some(member) = other.as_member_expression() {
                    return Pattern::Member(self.member(member));
                }
                match other.get_expression() {
                    Some(expression) => Pattern::Member(self.expression(expression)),
                    None => Pattern::Nothing,
                }
            }
        }
    }

    fn target_property(&mut self, property: &AssignmentTargetProperty) -> (Key, Pattern) {
        match property {
            AssignmentTargetProperty::AssignmentTargetPropertyIdentifier(id) => {
                let key = Key::Static(self.intern(&id.binding.name));
                let pattern = match self.reference(&id.binding) {
                    crate::ir::Expr::Symbol(symbol) => Pattern::Symbol(symbol),
                    _ => Pattern::Nothing,
                };
                match &id.init {
                    Some(init) => (key, Pattern::Default(Box::new(pattern), self.expression(init))),
                    None => (key, pattern),
                }
            }
            AssignmentTargetProperty::AssignmentTargetPropertyProperty(property) => {
                (self.key(&property.name, property.computed), self.target_or_default(&property.binding))
            }
        }
    }

    fn target_or_default(&mut self, target: &AssignmentTargetMaybeDefault) -> Pattern {
        match target {
            AssignmentTargetMaybeDefault::AssignmentTargetWithDefault(with_default) => {
                let left = self.target(&with_default.binding);
                Pattern::Default(Box::new(left), self.expression(&with_default.init))
            }
            other => other.as_assignment_target().map_or(Pattern::Nothing, |target| self.target(target)),
        }
    }
}
