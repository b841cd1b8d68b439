//! Tables: objects that are read or written by a key that is computed.
//!
//! ```js
//! const handlers = { GET: list, POST: add }
//! const handler = handlers[req.method]                        // one endpoint per method
//! const action = routes[`${req.method} /${path.join('/')}`]   // those whose key fits what is known of it
//! flags[name] = true                                          // any of them may be true now
//! ```

use super::Interpreter;
use super::object::Kind;
use super::state::State;
use super::value::{Atom, ObjectId, Taint, Value};

impl Interpreter<'_> {
    /// The entries of a plain object that a key known in part may mean, and `undefined` for none of them. `None`: not such an object.
    pub(super) fn entries_by(&mut self, state: &State, id: ObjectId, key: Value) -> Option<Value> {
        if !matches!(self.object(state, id).kind, Kind::Plain) {
            return None;
        }
        // `STATUS[error.code]`: whichever it is, an error says so.
        let constant = |v: &Value| matches!(v, Value::Number(_) | Value::Str(_));
        if self.taint_of(key).has(Taint::ERROR) && self.object(state, id).slots.values().all(constant) {
            return Some(Value::opaque(Taint::ERROR));
        }
        if let Value::Union(keys) = key {
            let names: Option<Vec<_>> = self.values.union_of(keys).iter().map(|k| self.to_text(*k)).collect();
            if let Some(names) = names {
                let slot = |name: String| self.own_property(state, id, self.values.find_atom(&name)?);
                let values = names.into_iter().map(|name| slot(name).unwrap_or(Value::Undefined)).collect();
                return Some(self.values.join_all(values));
            }
        }
        let by_method = self.taint_of(key).has(Taint::METHOD);
        let slots: Vec<(u32, Value)> = self.object(state, id).slots.iter().map(|(k, v)| (*k, *v)).collect();
        if slots.is_empty() {
            return None;
        }
        let mut values = Vec::new();
        for (slot, value) in slots {
            let name = Value::Str(Atom(slot));
            if matches!(key, Value::Pattern(_)) && self.cannot_equal(key, name) {
                continue;
            }
            if by_method && let Some(method) = self.values.text(Atom(slot)).split([' ', ':', '/']).next().map(str::to_ascii_uppercase) {
                self.methods_seen.insert(method);
            }
            values.push(value);
        }
        values.push(Value::Undefined);
        Some(self.values.join_all(values))
    }

    /// `object[key] = value` with a key that is not known: any of its properties may have changed.
    pub(super) fn set_any(&mut self, state: &mut State, id: ObjectId, value: Value) {
        if !matches!(self.object(state, id).kind, Kind::Plain) {
            return;
        }
        let slots: Vec<(u32, Value)> = self.object(state, id).slots.iter().map(|(k, v)| (*k, *v)).collect();
        for (slot, old) in slots {
            let joined = self.values.join(old, value);
            self.object_mut(state, id).slots.insert(slot, joined);
        }
        let rest = self.values.atom("<rest>").0;
        let taint = self.taint_of(value);
        self.object_mut(state, id).slots.insert(rest, Value::opaque(taint));
    }
}
