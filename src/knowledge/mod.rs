//! What is known of libraries, and what names may suggest: data, no algorithms.
//!
//! ```js
//! await getServerSession(authOptions)   // next-auth: null for an anonymous caller
//! jwt.decode(token)                      // jsonwebtoken: no check at all
//! prisma.user.findMany()                 // reads users
//! ```

pub mod data;
pub mod libraries;
pub mod matcher;
pub mod names;
pub mod regex;
pub mod request;
pub mod sensitivity;
mod web;

pub use libraries::{Failure, Kind, Library, find, options};
pub use web::{Upload, compares_password, hashes_password, is_redirecting, upload};

/// Library calls whose callbacks run while the server starts.
pub fn runs_callbacks_at_startup(name: &str) -> bool {
    [
        ".then",
        ".connect",
        ".listen",
        ".on",
        ".once",
        ".sync",
        ".initialize",
        ".ready",
        ".after",
        ".authenticate",
        ".use",
        ".prepare",
        "glob",
        ".forEach",
        ".catch",
        ".finally",
    ]
    .iter()
    .any(|suffix| name.trim_end_matches("()").ends_with(suffix))
        && !name.starts_with("passport")
}
