//! Functions of libraries that write the properties of one object into another.
//!
//! ```js
//! _.merge(config, require('./production'))   // deep; what is `undefined` is left out
//! extend(options, req.body)
//! _.defaults(options, { public: false })     // what is there stays
//! ```

use super::Interpreter;
use super::object::Kind;
use super::state::State;
use super::value::{ObjectId, Value};

/// How deep records are merged: they may hold themselves.
const DEPTH: u32 = 8;

/// How a library's function writes the properties of one object into another.
#[derive(Clone, Copy)]
pub(super) struct Merge {
    /// How many levels below these are merged, too.
    deep: u32,
    /// What is there stays.
    keeps: bool,
}

impl Merge {
    pub(super) fn of(name: &str) -> Option<Self> {
        let (package, function) = name.split_once(['.', '/']).unwrap_or((name, name));
        if !matches!(package, "lodash" | "lodash-es" | "underscore" | "extend" | "deep-extend" | "object-assign" | "util" | "node:util") {
            return None;
        }
        let deep = matches!(function, "merge" | "defaultsDeep" | "deep-extend");
        let keeps = matches!(function, "defaults" | "defaultsDeep");
        let merge = Self { deep: if deep { DEPTH } else { 0 }, keeps };
        (deep || keeps || matches!(function, "assign" | "assignIn" | "extend" | "object-assign" | "_extend")).then_some(merge)
    }
}

impl Interpreter<'_> {
    /// `_.merge(config, require('./local'))`, `_.defaults(options, common)`: what the target has already may stay.
    pub(super) fn merge_properties(&mut self, state: &mut State, target: ObjectId, source: Value, merge: Merge) {
        let Some(from) = source.as_object().filter(|id| matches!(self.object(state, *id).kind, Kind::Plain)) else {
            return self.copy_properties(state, target, source);
        };
        let slots: Vec<_> = self.object(state, from).slots.iter().map(|(k, v)| (*k, *v)).collect();
        for (name, value) in slots {
            let own = self.object(state, target).slots.get(&name).copied();
            match (own, value) {
                (Some(Value::Object(own)), Value::Object(_))
                    if merge.deep > 0 && self.spend() && matches!(self.object(state, own).kind, Kind::Plain) =>
                {
                    self.merge_properties(state, own, value, Merge { deep: merge.deep - 1, ..merge });
                }
                (Some(own), _) if merge.keeps && own != Value::Undefined => {}
                // A setting that nobody has set is `undefined`, and left out.
                (Some(_), Value::Undefined) if merge.deep > 0 => {}
                (Some(_), Value::Opaque(o)) if merge.deep > 0 && o.taint.is_setting() => {}
                _ => {
                    self.object_mut(state, target).slots.insert(name, value);
                }
            }
        }
    }
}
