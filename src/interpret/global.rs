//! What a program keeps on `globalThis`.
//!
//! ```js
//! const prisma = globalThis.prisma ?? new PrismaClient()     // a new process has none yet
//! if (!globalThis.controller) globalThis.controller = (await library(options)).controller
//! ```

use super::value::{Atom, Value};
use super::{Interpreter, Mode};

impl Interpreter<'_> {
    pub(super) fn global_property(&mut self, name: Atom) -> Value {
        if let Some(value) = self.globals.get(&name) {
            return *value;
        }
        let text = self.values.shared_text(name);
        let text = &*text;
        if is_provided(text) { self.values.external_global(text) } else { Value::Undefined }
    }

    /// Kept where it outlives the request: what a request itself has made is not known to the next.
    pub(super) fn set_global_property(&mut self, name: Atom, value: Value) {
        let outlives = self.mode == Mode::Startup || !matches!(value, Value::Object(_) | Value::Union(_) | Value::Anonymous(..));
        let value = if outlives { value } else { Value::UNKNOWN };
        self.globals.insert(name, value);
    }
}

/// Whether the platform itself provides a global of this name.
fn is_provided(name: &str) -> bool {
    // Classes and namespaces; a project's own are written to it before they are read.
    name.starts_with(|c: char| c.is_ascii_uppercase())
        || name.starts_with("set")
        || name.starts_with("clear")
        || matches!(
            name,
            "fetch"
                | "crypto"
                | "process"
                | "console"
                | "performance"
                | "structuredClone"
                | "queueMicrotask"
                | "atob"
                | "btoa"
                | "globalThis"
                | "global"
                | "self"
                | "navigator"
                | "location"
                | "document"
                | "localStorage"
                | "encodeURIComponent"
                | "decodeURIComponent"
                | "parseInt"
                | "parseFloat"
                | "isNaN"
                | "require"
        )
}
