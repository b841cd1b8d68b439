//! Libraries that authenticate, that look as if they did, and that surely do not.
//!
//! ```js
//! jwt.verify(token, key)             // jsonwebtoken.verify: a check that throws
//! jwt.decode(token)                  // jsonwebtoken.decode: no check at all
//! app.use(passport.authenticate())   // passport.authenticate(): a guard
//! ```
//!
//! The tables are in the files below, by what the libraries are for. Facts are from the packages' own code, by version.

pub mod others;
pub mod providers;
mod secrets;
mod tokens;

pub use secrets::{compares_password, hashes_password};
pub use tokens::passes_error;

use rustc_hash::FxHashMap;
use std::sync::OnceLock;

/// What a call gives an anonymous caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    Null,
    Undefined,
    False,
    Throws,
    /// An object whose named fields are missing: `{ userId: null }`.
    Fields(&'static [(&'static str, Failure)]),
    /// An object without the fields that an identity would have.
    Empty,
    /// A constant that says that something is wrong.
    True,
    /// The status to answer with.
    Status(u16),
    /// A member of a package, by the way that leads to it.
    Member(&'static [&'static str]),
}

/// What a library's function does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Checks and says so: the result must be looked at, or the call throws. `promise`: it must also be awaited.
    Check { failure: Failure, promise: bool },
    /// A middleware, or what a factory of that name returns: rejects anonymous callers, unless one of the options is set so.
    Guard { unless: &'static [(&'static str, Option<bool>)] },
    /// Wraps a handler and rejects anonymous callers before it.
    GuardWrapper,
    /// Wraps a handler, adds an identity if there is one.
    AttachWrapper,
    /// A middleware that adds an identity if there is one.
    Attach,
    /// Reads a credential without checking it.
    Decode,
    /// Has nothing to do with authentication; calls what it is given.
    Neutral,
    /// Answers requests by itself. The word says which exception it falls under, if any.
    Answer(Option<&'static str>),
    /// Calls the function that it is given, and gives back what that returns.
    Runs,
    /// `passport.authenticate`: a guard, or a check if it is given a callback.
    Passport,
}

impl Kind {
    /// Whether it stands between a request and its handler.
    pub const fn is_middleware(self) -> bool {
        matches!(self, Self::Guard { .. } | Self::Attach | Self::Passport)
    }
}

/// One row: the package (or `package/` for all its paths), what its canonical name ends with, and what it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Library {
    pub package: &'static str,
    pub name: &'static str,
    pub kind: Kind,
}

const fn check(package: &'static str, name: &'static str, failure: Failure) -> Library {
    Library { package, name, kind: Kind::Check { failure, promise: true } }
}

const fn check_now(package: &'static str, name: &'static str, failure: Failure) -> Library {
    Library { package, name, kind: Kind::Check { failure, promise: false } }
}

const fn guard(package: &'static str, name: &'static str) -> Library {
    Library { package, name, kind: Kind::Guard { unless: &[] } }
}

const fn guard_unless(package: &'static str, name: &'static str, unless: &'static [(&'static str, Option<bool>)]) -> Library {
    Library { package, name, kind: Kind::Guard { unless } }
}

const fn is(package: &'static str, name: &'static str, kind: Kind) -> Library {
    Library { package, name, kind }
}

const LOGIN: Kind = Kind::Answer(Some("authentication"));
const THROWS: Kind = Kind::Check { failure: Failure::Throws, promise: true };

/// Looked through in order: the first row that fits counts, so that of one package the longer names come first.
const TABLES: &[&[Library]] = &[tokens::ROWS, providers::ROWS, secrets::ROWS, others::ROWS];

/// What an option in a call's argument makes of it: package, name, option, value, and what it then is.
const OPTIONS: &[(&str, &str, &str, &str, Kind)] = &[
    // Without verification.
    ("next-auth/jwt", "getToken", "raw", "true", Kind::Decode),
    ("@workos-inc/authkit-nextjs", "withAuth", "ensureSignedIn", "true", THROWS),
    ("@stackframe/", ".getUser", "or", "redirect", THROWS),
    ("@stackframe/", ".getUser", "or", "throw", THROWS),
    ("@stackframe/", ".getUser", "or", "anonymous", Kind::Attach),
];

/// The row for a canonical name, if there is one.
pub fn find(canonical: &str) -> Option<&'static Library> {
    static INDEX: OnceLock<FxHashMap<&'static str, Vec<&'static Library>>> = OnceLock::new();
    let index = INDEX.get_or_init(|| {
        let mut index: FxHashMap<&'static str, Vec<&'static Library>> = FxHashMap::default();
        for row in TABLES.iter().copied().flatten() {
            index.entry(root(row.package)).or_default().push(row);
        }
        index
    });
    let name = canonical.strip_prefix("new ").unwrap_or(canonical);
    index.get(root(name))?.iter().copied().find(|row| fits(name, row.package, row.name))
}

/// Whether a check verifies what it is given, rather than what it finds in the request by itself.
pub fn verifies_arguments(canonical: &str) -> bool {
    find(canonical).is_some_and(|row| [tokens::ROWS, secrets::ROWS].iter().any(|rows| rows.contains(row)))
}

/// What a canonical name and the package that it fits have in common: `@clerk` of `@clerk/nextjs.auth()`.
fn root(name: &str) -> &str {
    name.split(['.', '(', '/']).next().unwrap_or_default()
}

/// Options of a call that make something else of it: name, value as text, and what it then is.
pub fn options(canonical: &str) -> impl Iterator<Item = (&'static str, &'static str, Kind)> {
    let name = canonical.strip_prefix("new ").unwrap_or(canonical);
    OPTIONS.iter().filter(move |row| fits(name, row.0, row.1)).map(|row| (row.2, row.3, row.4))
}

fn fits(name: &str, package: &str, wanted: &str) -> bool {
    let Some(rest) = package_rest(name, package) else { return false };
    wanted.is_empty() || rest == wanted || (rest.ends_with(wanted) && !wanted.starts_with("()") && ends_at_word(rest, wanted))
}

/// What follows the package in a canonical name.
fn package_rest<'a>(name: &'a str, package: &str) -> Option<&'a str> {
    match package.strip_suffix('/') {
        // A whole family: `firebase-admin/` is `firebase-admin` and its paths, `@clerk/` every package of the scope.
        Some(family) => {
            let rest = name.strip_prefix(family)?;
            if rest.is_empty() || rest.starts_with(['.', '(', '/']) { Some(rest) } else { None }
        }
        None => {
            let rest = name.strip_prefix(package)?;
            (rest.is_empty() || rest.starts_with(['.', '('])).then_some(rest)
        }
    }
}

fn ends_at_word(rest: &str, name: &str) -> bool {
    if name.starts_with('.') {
        return true;
    }
    let before = rest[..rest.len() - name.len()].chars().next_back();
    before.is_none_or(|c| matches!(c, '.' | '/'))
}
