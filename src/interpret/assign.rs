//! Writing properties.
//!
//! ```js
//! req.user = user   module.exports.list = list   table[key] = value
//! ```

use super::Interpreter;
use super::object::{Kind, Settled};
use super::state::State;
use super::value::{Atom, Taint, Value};

impl Interpreter<'_> {
    pub fn set(&mut self, state: &mut State, object: Value, name: Atom, value: Value) {
        match object {
            Value::Object(id) => {
                if let Kind::Http(http) = self.object(state, id).kind {
                    self.set_http(state, http, id, name, value);
                    return;
                }
                self.object_mut(state, id).slots.insert(name.0, value);
            }
            Value::Union(_) => {
                for alternative in self.values.alternatives(object) {
                    if let Value::Object(id) = alternative
                        && !matches!(self.object(state, id).kind, Kind::Http(_) | Kind::Framework(_))
                    {
                        let old = self.object(state, id).slots.get(&name.0).copied().unwrap_or(Value::Undefined);
                        let joined = self.values.join(old, value);
                        self.object_mut(state, id).slots.insert(name.0, joined);
                    } else {
                        self.set(state, alternative, name, value);
                    }
                }
            }
            Value::External(id) if self.values.external_name(id) == ":globalThis" => self.set_global_property(name, value),
            _ => {}
        }
    }

    pub(super) fn set_index(&mut self, state: &mut State, object: Value, key: Value, value: Value) {
        match self.to_text(key) {
            Some(text) => {
                if let Value::Object(id) = object
                    && let Ok(i) = text.parse::<usize>()
                    && let Kind::Array { items, .. } = &mut self.object_mut(state, id).kind
                {
                    if i < 10_000 {
                        items.resize(items.len().max(i + 1), Value::Undefined);
                        items[i] = value;
                    }
                    return;
                }
                let name = self.values.atom(&text);
                self.set(state, object, name, value);
            }
            None => {
                let Value::Object(id) = object else { return };
                if matches!(self.object(state, id).kind, Kind::Http(_)) && self.taint_of(key).has(Taint::REQUEST) {
                    self.copy_properties(state, id, Value::opaque(self.taint_of(value)));
                }
                self.set_any(state, id, value);
            }
        }
    }

    /// A fulfilled promise, allocated.
    pub(super) fn promise(&mut self, state: &mut State, settled: Settled) -> Value {
        Value::Object(self.allocate(state, super::object::Object::new(Kind::Promise(settled))))
    }
}
