//! Exports: following re-exports, and the two module systems through each other.
//!
//! ```js
//! export { list as GET } from './list'   export * from './routes'   module.exports = router
//! ```

use super::object::{Kind, Object, Site};
use super::resolve::Resolution;
use super::state::State;
use super::value::{Atom, External, ModuleId, Value};
use super::{Cx, Interpreter, Mode};
use crate::ir::{Export, ModuleIr};
use std::rc::Rc;

/// How many modules may pass a name on with `export *`.
const STARS: u32 = 16;

impl Interpreter<'_> {
    /// An export of a module, following re-exports.
    pub fn export(&mut self, state: &mut State, id: ModuleId, name: Atom) -> Option<Value> {
        // Modules that re-export each other's names without end.
        if self.depth >= super::budget::Budget::DEPTH * 4 {
            return None;
        }
        self.depth += 1;
        let value = self.export_at(state, id, name, STARS);
        self.depth -= 1;
        value
    }

    pub(super) fn export_at(&mut self, state: &mut State, id: ModuleId, name: Atom, depth: u32) -> Option<Value> {
        if depth == 0 {
            return None;
        }
        let module = &self.modules[id.0 as usize];
        let ir = Rc::clone(&module.ir);
        let text = self.values.shared_text(name);
        let text = &*text;
        if let Some(index) = module.exports.get(text).copied() {
            match &ir.exports[index] {
                Export::Local { symbol, .. } | Export::Default { symbol } | Export::Assign { symbol } => {
                    let cx = Cx { ir: Rc::clone(&ir), module: id, scope: module.scope };
                    let symbol = *symbol;
                    return Some(self.symbol_value(state, &cx, symbol));
                }
                Export::From { from, source, .. } => {
                    let (from, specifier) = (ir.str(*from).to_owned(), ir.str(*source).to_owned());
                    let from = self.values.atom(&from);
                    return Some(self.import(state, id, &specifier, Some(from)));
                }
                Export::Star { source, .. } => {
                    let specifier = ir.str(*source).to_owned();
                    return Some(self.import(state, id, &specifier, None));
                }
            }
        }
        for export in &ir.exports {
            match export {
                Export::Star { name: None, source } if name != self.names.default => {
                    let specifier = ir.str(*source).to_owned();
                    match self.project.resolve(&ir.path, &specifier) {
                        Resolution::File(path) => {
                            if let Some(target) = self.load(state, &path) {
                                self.evaluate_module(state, target);
                                if let Some(value) = self.export_at(state, target, name, depth - 1) {
                                    return Some(value);
                                }
                            }
                        }
                        Resolution::Package(package) if !has_own_exports(&ir) => {
                            let atom = self.values.atom(&package);
                            let value = self.values.external(External::Package(atom));
                            return Some(self.member_of(value, Some(name)));
                        }
                        _ => {}
                    }
                }
                Export::Assign { symbol } => {
                    let cx = Cx { ir: Rc::clone(&ir), module: id, scope: self.modules[id.0 as usize].scope };
                    let value = self.symbol_value(state, &cx, *symbol);
                    return Some(self.member_or_default(state, id, value, name));
                }
                _ => {}
            }
        }
        if !ir.exports.is_empty() {
            return None;
        }
        let exports = self.common_exports(state, id);
        // A file of types among those that a barrel passes on: it has nothing under this name, and does not hide it from the next.
        if depth < STARS
            && let Value::Object(object) = exports
            && self.object(state, object).kind == Kind::Plain
            && !self.object(state, object).slots.contains_key(&name.0)
        {
            return None;
        }
        Some(self.member_or_default(state, id, exports, name))
    }

    pub(super) fn member_or_default(&mut self, state: &mut State, module: ModuleId, value: Value, name: Atom) -> Value {
        let own = match value {
            Value::Object(id) => self.object(state, id).slots.get(&name.0).copied(),
            _ => None,
        };
        if let Some(own) = own {
            return own;
        }
        if name == self.names.default {
            return value;
        }
        match value {
            Value::Object(id) => {
                let site = Site::file(module);
                self.property(state, site, id, name)
            }
            Value::External(id) => self.values.external(External::Member(id, name)),
            _ => Value::UNKNOWN,
        }
    }

    pub(super) fn common_exports(&self, state: &State, id: ModuleId) -> Value {
        let object = self.modules[id.0 as usize].object;
        self.object(state, object).slots.get(&self.names.exports.0).copied().unwrap_or(Value::UNKNOWN)
    }

    pub fn namespace(&mut self, state: &mut State, id: ModuleId) -> Value {
        let module = &self.modules[id.0 as usize];
        if module.ir.exports.is_empty() {
            // CommonJS: the namespace is what it exports.
            return self.common_exports(state, id);
        }
        if let Some(object) = module.namespace {
            return Value::Object(object);
        }
        let object = self.allocate(state, Object::new(Kind::Namespace(id)));
        if self.mode == Mode::Startup && self.forks == 0 {
            self.modules[id.0 as usize].namespace = Some(object);
        }
        Value::Object(object)
    }

    /// Every export of a module with its value.
    pub fn namespace_entries(&mut self, state: &mut State, id: ModuleId) -> Vec<(Atom, Value)> {
        let ir = Rc::clone(&self.modules[id.0 as usize].ir);
        let mut out = Vec::new();
        for export in &ir.exports {
            let name = match export {
                Export::Local { name, .. } | Export::From { name, .. } | Export::Star { name: Some(name), .. } => ir.str(*name).to_owned(),
                Export::Default { .. } => "default".to_owned(),
                Export::Star { name: None, source } => {
                    let specifier = ir.str(*source).to_owned();
                    if let Resolution::File(path) = self.project.resolve(&ir.path, &specifier)
                        && let Some(target) = self.load(state, &path)
                        && target != id
                        && self.depth < 60
                    {
                        self.evaluate_module(state, target);
                        self.depth += 1;
                        out.extend(self.namespace_entries(state, target).into_iter().filter(|(n, _)| *n != self.names.default));
                        self.depth -= 1;
                    }
                    continue;
                }
                Export::Assign { .. } => continue,
            };
            let name = self.values.atom(&name);
            if let Some(value) = self.export(state, id, name) {
                out.push((name, value));
            }
        }
        if ir.exports.is_empty()
            && let Value::Object(exports) = self.common_exports(state, id)
        {
            out.extend(self.object(state, exports).slots.iter().map(|(k, v)| (Atom(*k), *v)));
        }
        out
    }
}

/// Whether a module exports something itself, rather than only what other modules do.
fn has_own_exports(ir: &ModuleIr) -> bool {
    ir.exports.iter().any(|e| !matches!(e, Export::Star { name: None, .. }))
}
