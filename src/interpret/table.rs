//! Tables: objects that are read or written by a key that is computed.
//!
//! ```js
//! const handlers = { GET: list, POST: add }
//! const handler = handlers[req.method]                        // one endpoint per method
//! const action = routes[`${req.method} /${path.join('/')}`]   // those whose key fits what is known of it
//! flags[name] = true                                          // any of them may be true now
//! if (!KEYS[req.get('x-api-key')]) …                          // `constructor` is found in every plain object
//! ```

use super::object::{Kind, Object, Site};
use super::state::{Lost, State};
use super::value::{Atom, CauseId, ObjectId, Plain, Taint, Value};
use super::{Evidence, Interpreter, Mode};

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

    /// What a caller finds in a table who may choose any key: nothing, or what a plain object inherits, which is no record: `table.toString`
    /// has a `name` and a `length`, and nothing else that a guard asks for.
    pub(super) fn or_inherited(&mut self, state: &mut State, id: ObjectId, missing: Value, cause: CauseId) -> Value {
        let table = self.object(state, id);
        if !matches!(table.kind, Kind::Plain) || table.slots.get(&self.names.proto.0) == Some(&Value::Null) {
            return missing;
        }
        let mut inherited = Object::new(Kind::Plain);
        inherited.slots.insert(self.values.atom("name").0, Value::truthy(Taint::NONE));
        inherited.slots.insert(self.names.length.0, Value::UNKNOWN);
        inherited.slots.insert(self.values.atom("<rest>").0, missing);
        state.request.lost.get_or_insert((cause, Lost::Inherited));
        let inherited = Value::Object(self.allocate(state, inherited));
        self.values.join(missing, inherited)
    }

    /// The other way round: why such a value is no string, number or record.
    pub(super) fn is_inherited(&self, state: &State, value: Value) -> Option<CauseId> {
        match self.field(state, value.as_object()?, "<rest>")? {
            Value::Anonymous(_, cause) => Some(cause),
            _ => None,
        }
    }

    /// `Object.hasOwn(table, key)`, `table.hasOwnProperty(key)`: nothing is there under what an anonymous caller presents.
    pub(super) fn has_own(&mut self, state: &State, site: Site, table: Value, key: Value) -> Value {
        let taint = self.taint_of(key);
        let Value::Object(id) = table else { return Value::opaque(taint) };
        let object = self.object(state, id);
        if let Some(text) = self.to_text(key)
            && self.field(state, id, "<rest>").is_none()
        {
            return Value::Bool(self.values.find_atom(&text).is_some_and(|a| object.slots.contains_key(&a.0)));
        }
        if self.mode == Mode::Anonymous && taint.has(Taint::CREDENTIAL) && !matches!(object.kind, Kind::Http(_)) {
            return Value::Anonymous(Plain::False, self.cause("look-up by a credential", site, Evidence::Known));
        }
        if let Value::Anonymous(_, cause) = key { Value::Anonymous(Plain::False, cause) } else { Value::opaque(taint) }
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
