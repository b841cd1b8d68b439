//! Modules: loading, evaluating, importing, exporting.
//!
//! ```js
//! import { router } from './routes'      // evaluated when first needed; in a cycle, what is there so far
//! module.exports = (app) => { … }
//! ```

use super::object::{Kind, Object, Settled, Site};
use super::resolve::Resolution;
use super::state::{Flow, Outcomes, State};
use super::value::{Atom, External, ModuleId, ObjectId, Taint, Value};
use super::{Cx, Interpreter};
use crate::ir::{Export, ImportName, ModuleIr, ScopeId, StrId, SymbolId};
use rustc_hash::FxHashMap;
use std::rc::Rc;

/// A module of the project, as far as it was evaluated.
pub struct Module {
    pub ir: Rc<ModuleIr>,
    pub(super) progress: Progress,
    pub(super) scope: ObjectId,
    /// `module`, with `exports`.
    pub(super) object: ObjectId,
    imports: FxHashMap<SymbolId, Import>,
    /// By name; `default` among them.
    pub(super) exports: FxHashMap<Box<str>, usize>,
    pub(super) namespace: Option<ObjectId>,
    /// Its strings, as far as they were asked for.
    atoms: Vec<Option<Atom>>,
}

/// What an `import` declares.
#[derive(Clone, Copy)]
struct Import {
    source: StrId,
    name: ImportName,
    /// The module that it leads to, once that is known.
    target: Option<ModuleId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    New,
    Running,
    Done,
}

impl Interpreter<'_> {
    /// A string of a module's source.
    pub(super) fn atom_in(&mut self, cx: &Cx, id: StrId) -> Atom {
        let module = &mut self.modules[cx.module.0 as usize];
        if module.atoms.is_empty() {
            module.atoms.resize(module.ir.strings.len(), None);
        }
        match module.atoms.get_mut(id.index()) {
            Some(place) => *place.get_or_insert_with(|| self.values.atom(cx.ir.str(id))),
            None => self.values.atom(cx.ir.str(id)),
        }
    }

    /// The module at a path, made known but not yet evaluated. `None`: there is no such file, or it was not lowered.
    pub fn load(&mut self, state: &mut State, path: &str) -> Option<ModuleId> {
        if let Some(id) = self.by_path.get(path) {
            return Some(*id);
        }
        let ir = self.project.ir(path)?;
        let id = ModuleId(self.modules.len() as u32);
        let owner = ir.functions.first().map_or(ScopeId(0), |f| f.scope);
        // While a request is handled, nothing made may outlive it: modules are loaded at start-up.
        let kind = Kind::Scope { parent: None, owner, module: id, this: None, function: None };
        let scope = self.allocate(state, Object::new(kind));
        let exports = self.allocate(state, Object::new(Kind::Plain));
        let mut module = Object::new(Kind::Plain);
        module.slots.insert(self.names.exports.0, Value::Object(exports));
        let object = self.allocate(state, module);
        let imports = ir.imports.iter().map(|i| (i.local, Import { source: i.source, name: i.name, target: None })).collect();
        let mut names = FxHashMap::default();
        for (i, export) in ir.exports.iter().enumerate() {
            let name = match export {
                Export::Local { name, .. } | Export::From { name, .. } | Export::Star { name: Some(name), .. } => ir.str(*name),
                Export::Default { .. } => "default",
                Export::Star { name: None, .. } | Export::Assign { .. } => continue,
            };
            names.insert(Box::from(name), i);
        }
        self.modules.push(Module {
            ir,
            progress: Progress::New,
            scope,
            object,
            imports,
            exports: names,
            namespace: None,
            atoms: Vec::new(),
        });
        self.by_path.insert(path.to_owned(), id);
        Some(id)
    }

    /// The module at a path, if it is loaded.
    pub fn module_at(&self, path: &str) -> Option<ModuleId> {
        self.by_path.get(path).copied()
    }

    /// Puts a new version of a module in its place that differs from it only in what start-up did not enter.
    pub fn replace_module(&mut self, id: ModuleId, ir: Rc<ModuleIr>) {
        let module = &mut self.modules[id.0 as usize];
        module.atoms.clear();
        module.ir = ir;
    }

    /// Runs a module's body, and first those of what it imports, unless that has happened or is happening.
    pub fn evaluate_module(&mut self, state: &mut State, id: ModuleId) {
        let module = &mut self.modules[id.0 as usize];
        if module.progress != Progress::New {
            return;
        }
        module.progress = Progress::Running;
        let ir = Rc::clone(&module.ir);
        let scope = module.scope;
        if self.depth >= super::budget::Budget::DEPTH * 4 {
            // A chain of imports this long is cut: its exports are not known.
            self.blind_spot(Site::file(id), "imports are nested too deeply to follow");
            self.modules[id.0 as usize].progress = Progress::Done;
            return;
        }
        self.depth += 1;
        for source in &ir.eager {
            if let Resolution::File(path) = self.project.resolve(&ir.path, ir.str(*source))
                && let Some(target) = self.load(state, &path)
            {
                self.evaluate_module(state, target);
            }
        }
        self.depth -= 1;
        let depth = std::mem::take(&mut self.depth);
        let stack = std::mem::take(&mut self.stack);
        let cx = Cx { ir: Rc::clone(&ir), module: id, scope };
        if let Some(function) = ir.functions.first() {
            let mut own = std::mem::take(state);
            if let Kind::Scope { this, .. } = &mut self.object_mut(&mut own, scope).kind {
                *this = Some(Value::Undefined);
            }
            let forks = self.forks;
            let conditions = Rc::clone(&own.conditions);
            self.hoist(&mut own, &cx, function);
            let outcomes = self.run(own, &cx, &function.body);
            // Paths that throw end the process; of the others, there is one.
            let mut settled = self.settle(outcomes);
            if settled.iter().any(|(_, f)| !matches!(f, Flow::Throw(_))) {
                settled.retain(|(_, f)| !matches!(f, Flow::Throw(_)));
            }
            let mut states = settled.into_iter().map(|(s, _)| s);
            *state = states.next().unwrap_or_default();
            for other in states {
                let first = std::mem::take(state);
                *state = self.join_states(first, other);
            }
            state.conditions = conditions;
            self.forks = forks;
            self.flush(state);
        }
        self.depth = depth;
        self.stack = stack;
        self.modules[id.0 as usize].progress = Progress::Done;
    }

    pub(super) fn module_object(&self, id: ModuleId) -> Value {
        Value::Object(self.modules[id.0 as usize].object)
    }

    /// The value of a symbol that an `import` declares.
    pub(super) fn imported(&mut self, state: &mut State, cx: &Cx, symbol: SymbolId) -> Option<Value> {
        let module = self.modules.get(cx.module.0 as usize)?;
        if module.imports.is_empty() {
            return None;
        }
        let import = *module.imports.get(&symbol)?;
        let name = match import.name {
            ImportName::Named(name) => Some(self.values.atom(cx.ir.str(name))),
            ImportName::Default => Some(self.names.default),
            ImportName::Namespace => None,
        };
        let specifier = cx.ir.str(import.source);
        let target = match import.target {
            None if let Resolution::File(path) = self.project.resolve(&cx.ir.path, specifier) => {
                let target = self.load(state, &path);
                if let Some(known) = self.modules[cx.module.0 as usize].imports.get_mut(&symbol) {
                    known.target = target;
                }
                target
            }
            known => known,
        };
        Some(match target {
            Some(target) => self.import_from(state, target, name),
            None => self.import(state, cx.module, specifier, name),
        })
    }

    fn import_from(&mut self, state: &mut State, target: ModuleId, name: Option<Atom>) -> Value {
        self.evaluate_module(state, target);
        match name {
            None => self.namespace(state, target),
            Some(name) => self.export(state, target, name).unwrap_or(Value::Undefined),
        }
    }

    /// What `import { name } from 'specifier'` gives; without a name, the namespace.
    pub(super) fn import(&mut self, state: &mut State, from: ModuleId, specifier: &str, name: Option<Atom>) -> Value {
        let importer = self.path_of(from).to_owned();
        match self.project.resolve(&importer, specifier) {
            Resolution::File(path) => match self.load(state, &path) {
                Some(target) => self.import_from(state, target, name),
                None => self.unloaded(&path, specifier, name),
            },
            Resolution::Package(package) => {
                let atom = self.values.atom(&package);
                let value = self.values.external(External::Package(atom));
                self.member_of(value, name)
            }
            Resolution::Missing => {
                let atom = self.values.atom(specifier);
                let value = self.values.external(External::Missing(atom));
                self.member_of(value, name)
            }
        }
    }

    /// A file that exists but was not lowered: data, styles, or something asked for only now.
    pub(super) fn unloaded(&mut self, path: &str, specifier: &str, name: Option<Atom>) -> Value {
        if crate::source::is_source(path) {
            if self.project.failed(path) {
                let atom = self.values.atom(specifier);
                let value = self.values.external(External::Missing(atom));
                return self.member_of(value, name);
            }
            self.demanded.insert(path.to_owned());
        }
        Value::truthy(Taint::NONE)
    }

    pub(super) fn member_of(&mut self, value: Value, name: Option<Atom>) -> Value {
        match (value, name) {
            (Value::External(id), Some(name)) => self.values.external(External::Member(id, name)),
            (value, _) => value,
        }
    }

    /// `require(specifier)`.
    pub(super) fn require(&mut self, mut state: State, site: Site, from: ModuleId, specifier: Value) -> Outcomes {
        let value = match specifier {
            Value::Str(atom) => {
                let text = self.values.text(atom).to_owned();
                self.require_text(&mut state, from, &text)
            }
            Value::Pattern(_) => self.require_pattern(&mut state, site, from, specifier),
            _ => {
                self.blind_spot(site, "a module is required by a name that is only known at run time");
                Value::UNKNOWN
            }
        };
        Self::done(state, value)
    }

    pub(super) fn require_text(&mut self, state: &mut State, from: ModuleId, specifier: &str) -> Value {
        self.import(state, from, specifier, None)
    }

    /// `require('./routes/' + name)`: every file that fits.
    pub(super) fn require_pattern(&mut self, state: &mut State, site: Site, from: ModuleId, pattern: Value) -> Value {
        let importer = self.path_of(from).to_owned();
        let Value::Pattern(id) = pattern else { return Value::UNKNOWN };
        let (parts, _) = self.values.pattern_of(id);
        let texts: Vec<Option<String>> =
            parts.iter().map(|p| if let super::value::Part::Text(t) = p { Some(self.values.text(*t).to_owned()) } else { None }).collect();
        let paths = self.project.matching(&importer, &texts);
        if paths.is_empty() {
            self.blind_spot(site, "a module is required by a name that is only known at run time");
            return Value::UNKNOWN;
        }
        let mut values = Vec::new();
        for path in paths {
            match self.load(state, &path) {
                Some(target) => {
                    self.evaluate_module(state, target);
                    values.push(self.namespace(state, target));
                }
                None => {
                    self.demanded.insert(path);
                }
            }
        }
        if values.is_empty() { Value::UNKNOWN } else { self.values.join_all(values) }
    }

    /// `import(specifier)`.
    pub(super) fn dynamic_import(&mut self, state: State, site: Site, specifier: Value) -> Outcomes {
        let outcomes = self.require(state, site, site.module, specifier);
        self.each(outcomes, |this, mut state, value| {
            let value = match value {
                // The default export of a CommonJS module is what it exports.
                Value::Object(id) if !matches!(this.object(&state, id).kind, Kind::Namespace(_)) => {
                    let slot = this.names.default.0;
                    if this.object(&state, id).slots.contains_key(&slot) {
                        value
                    } else {
                        let mut copy = Object::new(Kind::Plain);
                        copy.slots = this.object(&state, id).slots.clone();
                        copy.slots.insert(slot, value);
                        Value::Object(this.allocate(&mut state, copy))
                    }
                }
                other => other,
            };
            let promise = this.promise(&mut state, Settled::Fulfilled(value));
            Self::done(state, promise)
        })
    }
}
