//! What execution finds out: why a caller is told apart, what a handler does, what could not be seen.

use super::object::Site;
use crate::knowledge::data::EffectKind;

/// Why an anonymous caller is told apart: an identity check, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Cause {
    /// What checks: `jsonwebtoken.verify`, `req.user`.
    pub what: String,
    pub site: Site,
    pub evidence: Evidence,
}

/// How it is known that something checks an identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Evidence {
    /// A library function whose behaviour is known, or a comparison or look-up that was executed.
    Known,
    /// Its name alone: the body cannot be seen.
    Name,
    /// The configuration says so.
    Config,
    /// Not known whether it checks anything.
    Unseen,
}

/// Something that a handler does to the world.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Effect {
    pub kind: EffectKind,
    /// The model, table or file concerned; empty if not known.
    pub subject: String,
}

/// Something that could not be seen or decided.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Blind {
    pub site: Site,
    pub why: String,
}
