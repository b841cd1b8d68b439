//! The verdicts of all routes, each kept for as long as nothing changes that it was made of.
//!
//! ```js
//! app.get('/orders', requireUser, list)   // judged again when the body of `requireUser` or `list` is another one
//! app.get('/health', ping)                // not then
//! ```

use super::{Endpoint, is_signup, makes_person, run, sharing, step};
use crate::config::Config;
use crate::interpret::budget::{Budget, Purse};
use crate::interpret::framework::Route;
use crate::interpret::state::State;
use crate::interpret::value::Value;
use crate::interpret::{Blind, Entered, Interpreter};
use crate::report::Auth;
use crate::sorted::{SortedSet, sort_by};
use rustc_hash::FxHashMap;

/// A result, and what it depends on beyond what start-up left.
struct Kept<T> {
    result: T,
    /// The functions that were entered for it.
    entered: Entered,
    /// What could not be seen on the way.
    blind: SortedSet<Blind>,
    /// What it has cost, and whether that was all it was allowed.
    cost: u64,
    short: bool,
}

impl<T> Kept<T> {
    fn new(interpreter: &mut Interpreter, allowance: u64, make: impl FnOnce(&mut Interpreter) -> T) -> Self {
        interpreter.entered.clear();
        interpreter.blind.clear();
        interpreter.begin_endpoint(allowance);
        let result = make(interpreter);
        let (cost, short) = interpreter.end_endpoint();
        Self { result, entered: std::mem::take(&mut interpreter.entered), blind: std::mem::take(&mut interpreter.blind), cost, short }
    }

    fn depends_on(&self, changed: &Entered) -> bool {
        changed.iter().any(|function| self.entered.contains(function))
    }
}

/// What is known of the routes of one run.
pub struct Judgements {
    routes: Vec<Option<Kept<Vec<Endpoint>>>>,
    /// Whether a function that covers some route, or no route, turns anonymous callers away.
    rejecting: FxHashMap<Value, Kept<bool>>,
    /// What start-up could not see.
    blind: SortedSet<Blind>,
    heap: usize,
    /// Whether start-up made a decision by a setting.
    saw_setting: bool,
}

impl Judgements {
    /// Call it when start-up is over.
    pub fn new(interpreter: &Interpreter) -> Self {
        Self {
            routes: Vec::new(),
            rejecting: FxHashMap::default(),
            blind: interpreter.blind.clone(),
            heap: interpreter.heap_size(),
            saw_setting: interpreter.saw_setting,
        }
    }

    /// The bodies of these functions are other ones now.
    pub fn forget(&mut self, changed: &Entered) {
        for kept in &mut self.routes {
            *kept = kept.take().filter(|k| !k.depends_on(changed));
        }
        self.rejecting.retain(|_, kept| !kept.depends_on(changed));
    }

    /// Runs every route that is not judged yet.
    fn run(&mut self, interpreter: &mut Interpreter, state: &State, routes: &[Route], config: &Config) {
        let mut shared = sharing::Shared::new(interpreter.heap_size());
        let mut purse = Purse::new(routes.len());
        self.routes.resize_with(routes.len(), || None);
        for (route, kept) in routes.iter().zip(&mut self.routes) {
            if config.ignores(interpreter.path_of(route.site.module)) {
                continue;
            }
            let judge = |i: &mut Interpreter| run::judge(i, state, route, config, &mut shared);
            let kept = kept.get_or_insert_with(|| Kept::new(interpreter, purse.allowance(), judge));
            purse.take(kept.cost);
        }
        interpreter.forget(self.heap);
    }

    /// Runs every route that is not judged yet. The endpoints are in the order of their places.
    pub fn endpoints(&mut self, interpreter: &mut Interpreter, state: &State, routes: &[Route], config: &Config) -> Vec<Endpoint> {
        let mut out: Vec<Endpoint> = Vec::new();
        let is_short = |kept: &Option<Kept<_>>| kept.as_ref().is_some_and(|k| k.short);
        let lived_on = self.routes.iter().any(Option::is_some);
        self.run(interpreter, state, routes, config);
        // Where the budget is tight, what one endpoint may use depends on what those before it have used: all are run as if for the first time.
        if lived_on && self.routes.iter().any(is_short) {
            self.routes.clear();
            interpreter.saw_setting = self.saw_setting;
            self.run(interpreter, state, routes, config);
        }
        for (route, kept) in routes.iter().zip(&self.routes) {
            let Some(kept) = kept else { continue };
            for mut endpoint in kept.result.iter().cloned() {
                if endpoint.auth != Auth::Required {
                    endpoint.near.retain_mut(|near| {
                        let rejects = |i: &mut Interpreter| step::rejects(i, state, route, near.function, near.kind);
                        near.rejects =
                            self.rejecting.entry(near.function).or_insert_with(|| Kept::new(interpreter, Budget::ASIDE, rejects)).result;
                        near.rejects
                    });
                }
                out.push(endpoint);
            }
        }
        interpreter.forget(self.heap);
        interpreter.blind = self.blind.clone();
        let blind = self.routes.iter().flatten().map(|k| &k.blind).chain(self.rejecting.values().map(|k| &k.blind));
        blind.for_each(|blind| interpreter.blind.extend(blind.iter().cloned()));
        if !out.iter().any(|e| matches!(e.method.as_str(), "POST" | "ALL" | "PUT") && is_signup(&e.path)) {
            for endpoint in out.iter_mut().filter(|e| e.auth != Auth::Required && e.exempt.is_none()) {
                if makes_person(&endpoint.method, &endpoint.path, &endpoint.open_effects) {
                    endpoint.exempt = Some("authentication");
                }
            }
        }
        sort_by(&mut out, |a, b| {
            let place = |e: &Endpoint| {
                (interpreter.path_of(e.site.module).to_owned(), interpreter.span_of(e.site).start, e.path.clone(), e.method.clone())
            };
            place(a).cmp(&place(b))
        });
        // Of what was registered twice, the copy that is known to be open says more than the one that is not known.
        let says_less = |a: Auth, b: Auth| a == b || (a == Auth::Unknown && b != Auth::Required);
        out.dedup_by(|a, b| {
            let same = a.method == b.method && a.path == b.path && a.site == b.site;
            if same && says_less(b.auth, a.auth) {
                std::mem::swap(a, b);
            }
            same && says_less(a.auth, b.auth)
        });
        out
    }
}
