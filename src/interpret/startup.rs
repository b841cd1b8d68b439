//! Running a server's start-up code: which modules, in which order, and what to do with functions that nothing calls.
//!
//! ```js
//! // routes.js, required by a script that was not given:
//! module.exports = (app, passport) => { app.get('/profile', isLoggedIn, show) }
//! ```

use super::Interpreter;
use super::object::Kind;
use super::project::Project;
use super::resolve::Resolution;
use super::state::{Flow, State};
use super::value::{ModuleId, Value};
use crate::sorted::sort_by;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeSet;

/// Runs it all; true if something had to be called whose caller is not known.
pub fn run(interpreter: &mut Interpreter, state: &mut State, project: &Project, seeds: &BTreeSet<String>) -> bool {
    let mut imported: FxHashSet<String> = FxHashSet::default();
    let mut importers: FxHashMap<String, Vec<String>> = FxHashMap::default();
    for ir in project.irs() {
        for request in &ir.requests {
            if let Resolution::File(path) = project.resolve(&ir.path, ir.str(*request))
                && path != ir.path
            {
                importers.entry(path.clone()).or_default().push(ir.path.clone());
                imported.insert(path);
            }
        }
    }
    for list in importers.values_mut() {
        sort_by(list, Ord::cmp);
    }
    // What leads to a file that registers endpoints may be where the process starts.
    let mut seeds = seeds.clone();
    let mut queue: Vec<String> = seeds.iter().cloned().collect();
    while let Some(path) = queue.pop() {
        for importer in importers.get(&path).into_iter().flatten() {
            if seeds.insert(importer.clone()) {
                queue.push(importer.clone());
            }
        }
    }
    // What nothing imports is where a process may start; cycles that nothing enters come last.
    let (entries, rest): (Vec<&String>, Vec<&String>) = seeds.iter().partition(|path| !imported.contains(*path));
    let mut evaluated = Vec::new();
    for (is_entry, path) in entries.into_iter().map(|p| (true, p)).chain(rest.into_iter().map(|p| (false, p))) {
        if let Some(id) = interpreter.load(state, path) {
            interpreter.evaluate_module(state, id);
            evaluated.push((!is_entry, path.matches('/').count(), id));
        }
    }
    interpreter.run_deferred(state);
    started(interpreter, state);
    // First what makes applications, importers before what they import: they call each other. Then what takes one; of those, what nothing
    // imports, from the top folder down.
    let mut uncalled = false;
    for path in importers_first(&seeds, &importers) {
        if let Some(id) = interpreter.load(state, path) {
            uncalled |= call_uncalled(interpreter, state, id, false);
        }
    }
    started(interpreter, state);
    sort_by(&mut evaluated, Ord::cmp);
    for (_, _, id) in evaluated {
        uncalled |= call_uncalled(interpreter, state, id, true);
    }
    uncalled
}

/// The files, each after those that import it, as far as no cycle stands against it.
fn importers_first<'p>(paths: &'p BTreeSet<String>, importers: &'p FxHashMap<String, Vec<String>>) -> Vec<&'p String> {
    let mut order = Vec::new();
    let mut seen: FxHashSet<&String> = FxHashSet::default();
    for path in paths {
        let mut stack = vec![(path, 0)];
        while let Some((path, at)) = stack.pop() {
            if at == 0 && !seen.insert(path) {
                continue;
            }
            match importers.get(path).and_then(|list| list.get(at)) {
                Some(importer) => stack.extend([(path, at + 1), (importer, 0)]),
                None => order.push(path),
            }
        }
    }
    order
}

/// Runs the modules that only code in functions asks for: what they make belongs to the server, not to the request that asks first.
pub fn load_rest(interpreter: &mut Interpreter, state: &mut State) {
    let mut at = 0;
    while let Some(module) = interpreter.modules.get(at) {
        let ir = std::rc::Rc::clone(&module.ir);
        for request in &ir.requests {
            if let Resolution::File(path) = interpreter.project.resolve(&ir.path, ir.str(*request))
                && let Some(id) = interpreter.load(state, &path)
            {
                interpreter.evaluate_module(state, id);
            }
        }
        at += 1;
    }
}

fn started(interpreter: &mut Interpreter, state: &mut State) {
    for framework in interpreter.frameworks {
        framework.started(interpreter, state);
    }
}

/// Calls exported functions that nothing called and that take, or make, an application: their caller was not given.
fn call_uncalled(interpreter: &mut Interpreter, state: &mut State, id: ModuleId, takes: bool) -> bool {
    let mut any = false;
    let mut exported: Vec<Value> = interpreter.namespace_entries(state, id).into_iter().map(|(_, value)| value).collect();
    // `module.exports = (app) => …` is its export itself. A loader that left it out did so on purpose.
    let path = interpreter.path_of(id);
    if !interpreter.loaders.iter().any(|folder| path.starts_with(folder.as_str())) {
        exported.extend(Some(interpreter.namespace(state, id)).filter(|value| interpreter.is_function(Some(state), *value)));
    }
    for value in exported {
        let mut candidates = vec![value];
        if let Value::Object(object) = value
            && matches!(interpreter.object(state, object).kind, Kind::Plain)
        {
            candidates.extend(interpreter.object(state, object).slots.values().copied().take(64));
        }
        for candidate in candidates {
            let Some(uncalled) = interpreter.uncalled(state, candidate) else { continue };
            let site = uncalled.site;
            let mut hinted = false;
            let mut args = Vec::new();
            for (type_name, name) in &uncalled.params {
                let mut value = None;
                // A framework that the file imports knows its own parameters best.
                let (imported, others): (Vec<&dyn super::Framework>, Vec<_>) =
                    interpreter.frameworks.iter().copied().partition(|f| f.packages().iter().any(|p| interpreter.imports(id, p)));
                for framework in imported.into_iter().chain(others) {
                    value = framework.parameter(interpreter, state, type_name.as_deref(), name, site);
                    if value.is_some() {
                        break;
                    }
                }
                hinted |= value.is_some();
                args.push(value.unwrap_or(Value::UNKNOWN));
            }
            if hinted != takes || (!hinted && !uncalled.mentions_package) {
                continue;
            }
            any = true;
            let own = std::mem::take(state);
            let outcomes = if uncalled.is_class {
                interpreter.construct(own, site, candidate, args)
            } else {
                interpreter.call(own, site, candidate, Value::Undefined, args)
            };
            let mut settled = outcomes.into_iter().filter(|(_, f)| matches!(f, Flow::Value(_) | Flow::Throw(_)));
            if let Some((next, _)) = settled.next() {
                *state = next;
            }
            if takes {
                started(interpreter, state);
            }
        }
    }
    any
}
