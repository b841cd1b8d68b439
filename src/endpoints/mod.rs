//! Endpoints: every route, run as an anonymous caller, with the verdict and the evidence for it.
//!
//! ```js
//! app.get('/orders', requireUser, async (req, res) => res.json(await Order.find()))
//! //                 rejects: required              never reached
//! ```

mod detour;
mod exempt;
mod outcome;
mod run;
mod sharing;
mod step;
mod verdict;

pub use exempt::{Behaviour, exemption, is_signup, makes_person};
pub use verdict::{Guard, GuardEffect, Ineffective};

use crate::config::Config;
use crate::interpret::framework::{Near, Route};
use crate::interpret::object::Site;
use crate::interpret::state::State;
use crate::interpret::value::{Atom, Value};
use crate::interpret::{Effect, EffectKind, Interpreter};
use crate::report::Auth;
use std::collections::BTreeSet;

/// An endpoint with its verdict.
#[derive(Debug, Clone)]
pub struct Endpoint {
    pub framework: &'static str,
    pub method: String,
    pub path: String,
    pub site: Site,
    pub handler_site: Option<Site>,
    pub handler_name: Option<String>,
    pub auth: Auth,
    /// Why, in one sentence.
    pub why: String,
    /// A role or permission is looked at.
    pub role: bool,
    pub exempt: Option<&'static str>,
    pub guards: Vec<Guard>,
    pub near: Vec<Near>,
    pub ineffective: Vec<Ineffective>,
    /// What the handler does, whoever calls.
    pub effects: BTreeSet<Effect>,
    /// What an anonymous caller can make it do.
    pub open_effects: BTreeSet<Effect>,
    /// What an anonymous caller is told is more than constants.
    pub reveals: bool,
    /// Names of stored fields that the handler looks at.
    pub fields: Vec<String>,
    /// Another route of the same path answers first, always.
    pub shadowed: bool,
    /// A rate limiter stands before it.
    pub limited: bool,
}

/// Runs every route and judges it.
pub fn endpoints(interpreter: &mut Interpreter, state: &State, routes: Vec<Route>, config: &Config) -> Vec<Endpoint> {
    let mut out: Vec<Endpoint> = Vec::new();
    // Whether a function that covers some route, or no route, turns anonymous callers away.
    let mut shared = sharing::Shared::new(interpreter.heap_size());
    let mut rejecting: rustc_hash::FxHashMap<Value, bool> = rustc_hash::FxHashMap::default();
    for route in routes {
        if config.ignores(interpreter.path_of(route.site.module)) {
            continue;
        }
        for mut endpoint in run::judge(interpreter, state, &route, config, &mut shared) {
            if endpoint.auth != Auth::Required {
                for near in &mut endpoint.near {
                    near.rejects = *rejecting
                        .entry(near.function)
                        .or_insert_with(|| step::rejects(interpreter, state, &route, near.function, near.kind));
                }
                endpoint.near.retain(|near| near.rejects);
            }
            out.push(endpoint);
        }
    }
    if !out.iter().any(|e| matches!(e.method.as_str(), "POST" | "ALL" | "PUT") && is_signup(&e.path)) {
        for endpoint in out.iter_mut().filter(|e| e.auth != Auth::Required && e.exempt.is_none()) {
            if makes_person(&endpoint.method, &endpoint.path, &endpoint.open_effects) {
                endpoint.exempt = Some("authentication");
            }
        }
    }
    out.sort_by(|a, b| {
        let place = |e: &Endpoint| (interpreter.path_of(e.site.module).to_owned(), e.site.span.start, e.path.clone(), e.method.clone());
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

impl Endpoint {
    /// Whether what an anonymous caller reaches changes anything.
    pub fn writes(&self) -> bool {
        self.open_effects.iter().any(|e| e.kind.writes() && !crate::knowledge::names::is_captcha(&e.subject))
    }

    pub fn reads(&self) -> bool {
        self.open_effects.iter().any(|e| matches!(e.kind, EffectKind::DbRead | EffectKind::FileRead | EffectKind::Token))
    }
}

pub(crate) fn effect_names(interpreter: &Interpreter, numbers: impl Iterator<Item = u32>) -> BTreeSet<Effect> {
    let mut out = BTreeSet::new();
    out.extend(numbers.map(|n| interpreter.effect_of(n).clone()));
    out
}

pub(crate) fn field_names(interpreter: &Interpreter, fields: &BTreeSet<Atom>) -> Vec<String> {
    fields.iter().map(|a| interpreter.values.text(*a).to_owned()).collect()
}
