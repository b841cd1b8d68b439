//! Look-ups of what is public.
//!
//! ```js
//! db.post.findMany({ where: { published: true } })
//! db.folder.findFirst({ where: { id, OR: [{ ownerId }, { isPublic: true }] } })   // to an anonymous caller: the public ones
//! ```

use super::Interpreter;
use super::object::Kind;
use super::state::State;
use super::value::{Atom, Value};

/// Said after the name of a model of which only public records are looked up.
pub const PUBLIC: &str = " (public)";

impl Interpreter<'_> {
    /// Whether a query asks for public records only.
    pub(super) fn only_public(&self, state: &State, query: Value, depth: u32) -> bool {
        let Value::Object(id) = query else { return false };
        if depth == 0 {
            return false;
        }
        let object = self.object(state, id);
        match &object.kind {
            Kind::Array { items, .. } => items.iter().take(16).any(|item| self.only_public(state, *item, depth - 1)),
            Kind::Plain => object.slots.iter().take(32).any(|(slot, value)| {
                let name = self.values.text(Atom(*slot));
                // What is selected says nothing about what is looked for.
                if matches!(name, "select" | "include" | "data" | "orderBy" | "attributes" | "columns" | "with") {
                    return false;
                }
                self.says_public(name, *value) || self.only_public(state, *value, depth - 1)
            }),
            _ => false,
        }
    }

    fn says_public(&self, name: &str, value: Value) -> bool {
        let words = || crate::knowledge::names::words(name);
        match value {
            Value::Bool(true) => words().iter().any(|w| matches!(w.as_str(), "public" | "published")),
            Value::Str(text) => {
                matches!(self.values.text(text).to_ascii_lowercase().as_str(), "public" | "published")
                    && words().iter().any(|w| matches!(w.as_str(), "status" | "visibility" | "access" | "state" | "privacy"))
            }
            _ => false,
        }
    }
}
