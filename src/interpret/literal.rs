//! Templates, lists and objects written out.
//!
//! ```js
//! app.use(`/api/${version}`, { ...defaults, guards: [a, b] })
//! ```

use super::object::{Http, Kind, Object};
use super::state::{Flow, Outcomes, State};
use super::value::{Part, Taint, Value};
use super::{Cx, Interpreter, Mode};
use crate::ir::{ExprId, Key, Property, PropertyKind};

/// How many strings a part of a string may be before it is simply not known.
const MAX_ALTERNATIVES: usize = 4;

impl Interpreter<'_> {
    pub(super) fn template(&mut self, state: State, cx: &Cx, parts: &[ExprId]) -> Outcomes {
        let mut states = vec![(state, Vec::with_capacity(parts.len()))];
        let mut out = Outcomes::new();
        for part in parts {
            if let [(state, values)] = states.as_mut_slice()
                && let Some(value) = self.leaf(state, cx, *part)
            {
                values.push(value);
                continue;
            }
            let mut next = Vec::with_capacity(states.len());
            for (state, mut values) in states {
                let mut outcomes = self.evaluate(state, cx, *part).into_iter();
                while let Some((state, flow)) = outcomes.next() {
                    match flow {
                        Flow::Value(v) => {
                            let mut values: Vec<Value> = if outcomes.len() == 0 { std::mem::take(&mut values) } else { values.clone() };
                            values.push(v);
                            next.push((state, values));
                        }
                        other => out.push((state, other)),
                    }
                }
            }
            states = next;
        }
        for (state, values) in states {
            let value = self.concatenate(&values);
            out.push((state, Flow::Value(value)));
        }
        if out.len() > 1 { self.settle(out) } else { out }
    }

    /// The string made of several values.
    pub fn concatenate(&mut self, values: &[Value]) -> Value {
        if let Some(value) = self.concatenate_each(values) {
            return value;
        }
        let mut parts: Vec<Part> = Vec::new();
        let mut taint = Taint::NONE;
        for value in values {
            if let Value::Pattern(id) = *value {
                let (inner, t) = self.values.pattern_of(id);
                taint = taint.union(t);
                parts.extend(inner.to_vec());
                continue;
            }
            taint = taint.union(self.taint_of(*value));
            match self.to_text(*value) {
                Some(text) => {
                    let text = match parts.last() {
                        Some(Part::Text(last)) => {
                            let joined = format!("{}{text}", self.values.text(*last));
                            parts.pop();
                            joined
                        }
                        _ => text,
                    };
                    if !text.is_empty() {
                        let atom = self.values.atom(&text);
                        parts.push(Part::Text(atom));
                    }
                }
                None if parts.last() == Some(&Part::Hole) => {}
                None => parts.push(Part::Hole),
            }
        }
        self.values.pattern(parts, taint)
    }

    /// While the server starts, what is one of several strings makes one of several: `${process.env.BASE || ''}/api`.
    fn concatenate_each(&mut self, values: &[Value]) -> Option<Value> {
        if self.mode != Mode::Startup {
            return None;
        }
        let at = values.iter().position(|v| matches!(v, Value::Union(_)))?;
        let alternatives = self.values.alternatives(values[at]);
        if alternatives.len() > MAX_ALTERNATIVES || !alternatives.iter().any(|v| matches!(v, Value::Str(_))) {
            return None;
        }
        let mut own = values.to_vec();
        let mut all = Vec::with_capacity(alternatives.len());
        for alternative in alternatives {
            own[at] = alternative;
            all.push(self.concatenate(&own));
        }
        Some(self.values.join_all(all))
    }

    pub(super) fn array_literal(&mut self, state: State, cx: &Cx, items: &[ExprId]) -> Outcomes {
        let lists = self.arguments_or_holes(state, cx, items);
        self.each_list_open(lists, |this, mut state, items, open| {
            let object = this.allocate(&mut state, Object::new(Kind::Array { items, open }));
            Self::done(state, Value::Object(object))
        })
    }

    pub(super) fn object_literal(&mut self, mut state: State, cx: &Cx, properties: &[Property]) -> Outcomes {
        let object = self.allocate(&mut state, Object::new(Kind::Plain));
        let mut outcomes = Self::done(state, Value::Object(object));
        for property in properties {
            if let ([(state, Flow::Value(_))], Some(Key::Static(name)), PropertyKind::Value) =
                (outcomes.as_mut_slice(), property.key, property.kind)
                && let Some(value) = self.leaf(state, cx, property.value)
            {
                let slot = self.atom_in(cx, name).0;
                self.object_mut(state, object).slots.insert(slot, value);
                continue;
            }
            outcomes = self.each(outcomes, |this, state, target| {
                let Value::Object(id) = target else { return Self::done(state, target) };
                let values = this.evaluate(state, cx, property.value);
                this.each(values, |this, state, value| match property.key {
                    None => {
                        let mut state = state;
                        this.copy_properties(&mut state, id, value);
                        Self::done(state, target)
                    }
                    Some(key) => this.with_key(state, cx, key, |this, mut state, key| {
                        let value = match property.kind {
                            PropertyKind::Value => value,
                            PropertyKind::Getter => this.values.native(super::native::Native::Getter(value)),
                            PropertyKind::Setter => return Self::done(state, target),
                        };
                        if let Some(name) = this.name_of_key(key) {
                            this.object_mut(&mut state, id).slots.insert(name.0, value);
                        }
                        Self::done(state, target)
                    }),
                })
            });
        }
        outcomes
    }

    /// `{ ...source }`, `Object.assign(target, source)`.
    pub fn copy_properties(&mut self, state: &mut State, target: super::value::ObjectId, source: Value) {
        match source {
            Value::Object(id) => {
                if let Kind::Namespace(module) = self.object(state, id).kind {
                    for (name, value) in self.namespace_entries(state, module) {
                        self.object_mut(state, target).slots.insert(name.0, value);
                    }
                    return;
                }
                // What a copy inherits is its own.
                let slots = self.object(state, id).slots.iter().filter(|(k, _)| **k != self.names.proto.0);
                let slots: Vec<_> = slots.map(|(k, v)| (*k, *v)).collect();
                let carried = matches!(self.object(state, id).kind, Kind::Http(Http::Carrier(_)));
                self.object_mut(state, target).slots.extend(slots);
                if carried {
                    self.copy_properties(state, target, Value::opaque(Taint::REQUEST));
                }
            }
            Value::Opaque(_) | Value::External(_) => {
                let rest = self.values.atom("<rest>").0;
                let taint = self.taint_of(source);
                self.object_mut(state, target).slots.insert(rest, Value::opaque(taint));
            }
            Value::Union(_) => {
                for alternative in self.values.alternatives(source) {
                    self.copy_properties(state, target, alternative);
                }
            }
            _ => {}
        }
    }

    pub(super) fn with_key(
        &mut self,
        state: State,
        cx: &Cx,
        key: Key,
        mut next: impl FnMut(&mut Self, State, Value) -> Outcomes,
    ) -> Outcomes {
        match key {
            Key::Static(name) => {
                let value = Value::Str(self.atom_in(cx, name));
                next(self, state, value)
            }
            Key::Computed(expr) => self.with(state, cx, expr, next),
        }
    }
}
