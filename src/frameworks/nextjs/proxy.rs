//! `middleware.ts` and `proxy.ts`: what stands in front of the paths that its matcher covers.
//!
//! ```js
//! export async function proxy(request) {
//!   if (!(await getToken({ req: request }))) return NextResponse.redirect(new URL('/login', request.url))
//! }
//! export const config = { matcher: ['/api/:path*', '/((?!_next).*)'] }   // anchored, case-sensitive; without it: everything
//! ```

use super::files::{Address, join};
use crate::interpret::Interpreter;
use crate::interpret::framework::{Near, Step, StepKind};
use crate::interpret::object::{Kind, Site};
use crate::interpret::state::State;
use crate::interpret::value::{ModuleId, ObjectId, Value};
use crate::knowledge::matcher::Matcher;
use rustc_hash::FxHashMap;
use std::rc::Rc;

/// The proxies of a project, by the folder in which they stand.
#[derive(Default)]
pub struct Proxies {
    known: FxHashMap<String, Option<Proxy>>,
}

#[derive(Clone)]
struct Proxy {
    function: Value,
    site: Site,
    /// `None`: everything.
    entries: Option<Rc<[Entry]>>,
    /// It covers some endpoint of its project.
    covers_some: bool,
}

/// One entry of a matcher.
struct Entry {
    source: String,
    /// What Next cannot parse it rejects at build time; where this matcher cannot, the benefit of the doubt is not given.
    matcher: Option<Matcher>,
    /// `has` and `missing` look at what the caller sends.
    conditional: bool,
}

impl Proxies {
    /// What runs before a route, or the proxy that does not.
    pub fn before(
        &mut self,
        interpreter: &mut Interpreter,
        state: &mut State,
        address: &Address,
        all: &[(&str, Address)],
    ) -> (Vec<Step>, Vec<Near>) {
        let found = match self.known.get(&address.folder) {
            Some(found) => found.clone(),
            None => {
                let found = find(interpreter, state, &address.folder, all);
                self.known.insert(address.folder.clone(), found.clone());
                found
            }
        };
        let Some(Proxy { function, site, entries, covers_some }) = found else { return (Vec::new(), Vec::new()) };
        let Some(entries) = entries else {
            return (
                vec![Step {
                    function,
                    site,
                    kind: StepKind::Front,
                    conditional: false,
                    conditions: Vec::new(),
                    mounted: 0,
                    routers: Rc::default(),
                }],
                Vec::new(),
            );
        };
        let covering: Vec<&Entry> = entries.iter().filter(|e| e.covers(&address.path)).collect();
        if !covering.is_empty() {
            let conditional = covering.iter().all(|e| e.conditional);
            return (
                vec![Step {
                    function,
                    site,
                    kind: StepKind::Front,
                    conditional,
                    conditions: Vec::new(),
                    mounted: 0,
                    routers: Rc::default(),
                }],
                Vec::new(),
            );
        }
        // A proxy for pages leaves the API out on purpose: it is near what its matcher almost covers, or where it covers other endpoints.
        let mistaken = entries.iter().any(|e| begins(&e.source, &address.path));
        if !mistaken && !covers_some {
            return (Vec::new(), Vec::new());
        }
        let why = "its matcher does not cover this path".to_owned();
        (Vec::new(), vec![Near { function, site, why, kind: StepKind::Front, rejects: false }])
    }
}

/// Whether the plain beginning of a matcher leads to a route's path: `/api` to `/api/users`.
fn begins(source: &str, path: &str) -> bool {
    let plain = source.split(['(', ':', '*', '{']).next().unwrap_or_default().trim_end_matches('/');
    !plain.is_empty()
        && path.to_ascii_lowercase().strip_prefix(&plain.to_ascii_lowercase()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

impl Entry {
    fn new(source: &str, conditional: bool) -> Self {
        Self { source: source.to_owned(), matcher: Matcher::new(source), conditional }
    }

    /// Whether every address below a route's path is matched, as far as samples tell.
    fn covers(&self, path: &str) -> bool {
        self.matcher.as_ref().is_some_and(|matcher| samples(path).iter().all(|sample| matcher.is_match(sample)))
    }
}

fn samples(path: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    for segment in path.split('/').filter(|s| !s.is_empty()) {
        let words: &[&str] = if segment.starts_with('*') {
            &["x-y", "x-y/z"]
        } else if segment.starts_with(':') {
            &["x-y"]
        } else {
            &[segment]
        };
        out = out.iter().flat_map(|before| words.iter().map(move |word| format!("{before}/{word}"))).collect();
    }
    out.into_iter().map(|s| if s.is_empty() { "/".to_owned() } else { s }).collect()
}

fn find(interpreter: &mut Interpreter, state: &mut State, folder: &str, all: &[(&str, Address)]) -> Option<Proxy> {
    for (stem, names) in [("proxy", ["proxy", "default"]), ("middleware", ["middleware", "default"])] {
        for extension in ["ts", "js", "tsx", "mjs", "jsx", "cjs"] {
            let path = join(folder, &format!("{stem}.{extension}"));
            if !interpreter.project.contains(&path) {
                continue;
            }
            let Some(module) = interpreter.load(state, &path) else { continue };
            interpreter.evaluate_module(state, module);
            for name in names {
                let Some((function, site)) = super::endpoint(interpreter, state, module, name) else { continue };
                let entries = matcher(interpreter, state, module);
                let covers_some = entries
                    .iter()
                    .flat_map(|e: &Rc<[Entry]>| e.iter())
                    .any(|e| all.iter().any(|(_, a)| a.folder == folder && e.covers(&a.path)));
                return Some(Proxy { function, site, entries, covers_some });
            }
        }
    }
    None
}

/// The entries of `config.matcher`; `None` where there is none, or where it is not written out, which Next ignores.
fn matcher(interpreter: &mut Interpreter, state: &mut State, module: ModuleId) -> Option<Rc<[Entry]>> {
    if !interpreter.is_literal_export(module, "config") {
        return None;
    }
    let (config, matcher) = (interpreter.values.atom("config"), interpreter.values.atom("matcher"));
    let config = interpreter.export(state, module, config)?.as_object()?;
    let value = interpreter.object(state, config).slots.get(&matcher.0).copied()?;
    let items = match value {
        Value::Object(id) if matches!(interpreter.object(state, id).kind, Kind::Array { .. }) => interpreter.items_of(state, value).0,
        other => vec![other],
    };
    items.into_iter().map(|item| entry(interpreter, state, item)).collect()
}

fn entry(interpreter: &Interpreter, state: &State, value: Value) -> Option<Entry> {
    let id = match value {
        Value::Object(id) => id,
        other => return Some(Entry::new(interpreter.values.as_text(other)?, false)),
    };
    let slot = |name: &str| slot(interpreter, state, id, name);
    Some(Entry::new(interpreter.values.as_text(slot("source")?)?, slot("has").is_some() || slot("missing").is_some()))
}

fn slot(interpreter: &Interpreter, state: &State, object: ObjectId, name: &str) -> Option<Value> {
    let atom = interpreter.values.find_atom(name)?;
    interpreter.object(state, object).slots.get(&atom.0).copied()
}
