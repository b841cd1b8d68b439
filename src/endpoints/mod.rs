//! Endpoints: every route, run as an anonymous caller, with the verdict and the evidence for it.
//!
//! ```js
//! app.get('/orders', requireUser, async (req, res) => res.json(await Order.find()))
//! //                 rejects: required              never reached
//! ```

mod detour;
mod exempt;
mod judgements;
mod outcome;
mod run;
mod setup;
mod sharing;
mod step;
mod unexpected;
mod verdict;

pub use exempt::{Behaviour, exemption, is_signup, makes_person};
pub use judgements::Judgements;
pub use verdict::{Guard, GuardEffect, Ineffective};

use crate::interpret::framework::Near;
use crate::interpret::object::Site;
use crate::interpret::value::Atom;
use crate::interpret::{Effect, EffectKind, Interpreter};
use crate::report::Auth;
use crate::sorted::SortedSet;

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
    pub effects: SortedSet<Effect>,
    /// What an anonymous caller can make it do.
    pub open_effects: SortedSet<Effect>,
    /// What an anonymous caller is told is more than constants.
    pub reveals: bool,
    /// Names of stored fields that the handler looks at.
    pub fields: Vec<String>,
    /// Another route of the same path answers first, always.
    pub shadowed: bool,
    /// A rate limiter stands before it.
    pub limited: bool,
    /// Only where the server does not run on its platform do anonymous callers get through.
    pub deployed: bool,
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

pub(crate) fn effect_names(interpreter: &Interpreter, numbers: impl Iterator<Item = u32>) -> SortedSet<Effect> {
    numbers.map(|n| interpreter.effect_of(n).clone()).collect()
}

pub(crate) fn field_names(interpreter: &Interpreter, fields: &SortedSet<Atom>) -> Vec<String> {
    fields.iter().map(|a| interpreter.values.text(*a).to_owned()).collect()
}
