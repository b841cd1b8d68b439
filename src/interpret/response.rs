//! Web responses, statuses, and whether an answer holds anything but constants.
//!
//! ```js
//! return NextResponse.json({ error: 'no' }, { status: 401 })
//! ```

use super::Interpreter;
use super::object::{Kind, Object, Site, Status};
use super::state::{Outcomes, State};
use super::value::{Taint, Value};

impl Interpreter<'_> {
    pub(super) fn join_paths(&mut self, args: &[Value]) -> Value {
        let mut parts = Vec::new();
        for (i, arg) in args.iter().enumerate() {
            if i > 0 {
                parts.push(self.values.string("/"));
            }
            parts.push(*arg);
        }
        let joined = self.concatenate(&parts);
        match self.values.as_text(joined).map(str::to_owned) {
            Some(text) => {
                let mut out: Vec<&str> = Vec::new();
                for part in text.split('/') {
                    match part {
                        "" | "." => {}
                        ".." => {
                            out.pop();
                        }
                        other => out.push(other),
                    }
                }
                let path = format!("/{}", out.join("/"));
                self.values.string(&path)
            }
            None => joined,
        }
    }

    /// `new X(…)` of something that the language or the Web platform provides.
    pub(super) fn construct_builtin(&mut self, state: &mut State, site: Site, name: &str, args: &[Value]) -> Option<Outcomes> {
        let first = args.first().copied().unwrap_or(Value::Undefined);
        let mut st = std::mem::take(state);
        let kind = match name {
            ":Map" | ":Set" | ":WeakMap" | ":WeakSet" => {
                let (items, _) = self.items_of(&st, first);
                let mut entries = Vec::new();
                for item in items {
                    let (pair, _) = self.items_of(&st, item);
                    entries.push(match (name, pair.as_slice()) {
                        (":Map", [k, v]) => (*k, *v),
                        _ => (item, item),
                    });
                }
                Kind::Collection { items: entries }
            }
            ":Array" => Kind::Array { items: Vec::new(), open: true },
            ":Object" => Kind::Plain,
            ":Promise" => return Some(self.new_promise(st, site, first)),
            ":Response" | "next/server.NextResponse" => {
                let value = self.response(&mut st, name, args);
                return Some(Self::done(st, value));
            }
            // A copy of the request, or of its headers.
            ":Request" | "next/server.NextRequest" | ":Headers" | ":URLSearchParams"
                if first.as_object().is_some_and(|id| matches!(self.object(&st, id).kind, Kind::Http(_)))
                    && args.get(1).is_none_or(|init| *init == Value::Undefined) =>
            {
                return Some(Self::done(st, first));
            }
            ":RegExp" => {
                let flags = args.get(1).and_then(|f| self.to_text(*f)).unwrap_or_default();
                match self.regex_from(first, &flags) {
                    Some((source, flags)) => Kind::Regex { source, flags },
                    None => {
                        let taint = self.taint_of(first);
                        return Some(Self::done(st, Value::truthy(taint)));
                    }
                }
            }
            ":URL" | "url.URL" | "node:url.URL" if self.taint_of(first).has(Taint::URL) => {
                let url = self.parsed_url(&mut st);
                return Some(Self::done(st, Value::Object(url)));
            }
            // `new URL('./routes', import.meta.url)`: a place beside the module.
            ":URL" if matches!(args.get(1), Some(Value::External(base)) if self.values.external_name(*base) == ":import.meta.url") => {
                let folder = format!("/{}", crate::source::folder(self.path_of(site.module)));
                let folder = self.values.string(&folder);
                let path = self.join_paths(&[folder, first]);
                let name = self.values.atom("pathname");
                let mut object = Object::new(Kind::Plain);
                object.slots.insert(name.0, path);
                let id = self.allocate(&mut st, object);
                return Some(Self::done(st, Value::Object(id)));
            }
            ":URL" | ":URLSearchParams" | ":Headers" | ":FormData" | ":Date" | ":Uint8Array" | ":String" | ":Number" => {
                let taint = self.taint_of_all(&st, args);
                return Some(Self::done(st, Value::truthy(taint)));
            }
            name if name.starts_with(':') && name.ends_with("Error") => Kind::Error { status: Status::Unknown },
            "http-errors" | "createError" => Kind::Error { status: Status::Unknown },
            _ => {
                *state = st;
                return None;
            }
        };
        let id = self.allocate(&mut st, Object::new(kind));
        Some(Self::done(st, Value::Object(id)))
    }

    /// `Response.json(body, { status })`, `NextResponse.redirect(url)`.
    pub(super) fn response(&mut self, state: &mut State, name: &str, args: &[Value]) -> Value {
        let (init, body) = (args.get(1).copied().unwrap_or(Value::Undefined), args.first().copied().unwrap_or(Value::Undefined));
        let redirect = name.ends_with("redirect");
        let passes = name.ends_with("NextResponse.next");
        let status = if redirect {
            Status::Code(307)
        } else {
            match init {
                Value::Undefined => Status::Default,
                Value::Object(id) => {
                    let slot = self.names.status;
                    match self.object(state, id).slots.get(&slot.0) {
                        Some(value) => self.status_in(state, *value),
                        None => Status::Default,
                    }
                }
                _ => Status::Unknown,
            }
        };
        if !redirect && !passes && !name.ends_with("rewrite") && !self.is_constant(state, body) {
            state.request.reveals = true;
        }
        if redirect || name.ends_with("rewrite") {
            let mut object = Object::new(Kind::Response { status, redirect: true, passes });
            let slot = self.values.atom("<location>").0;
            object.slots.insert(slot, body);
            return Value::Object(self.allocate(state, object));
        }
        let mut object = Object::new(Kind::Response { status, redirect, passes });
        let slot = self.values.atom("<body>").0;
        object.slots.insert(slot, body);
        Value::Object(self.allocate(state, object))
    }

    /// The same where it is set: what a `catch` works out to say is an error, unless somebody else has said it.
    pub(super) fn status_in(&self, state: &State, value: Value) -> Status {
        let status = self.status_of(value);
        let own = !matches!(value, Value::External(_)) && !self.taint_of(value).has(Taint::ANSWER);
        if status == Status::Unknown && state.request.failing && own { Status::Code(500) } else { status }
    }

    pub(super) fn status_of(&self, value: Value) -> Status {
        match value {
            Value::Number(bits) => Status::Code(f64::from_bits(bits) as u16),
            Value::Undefined => Status::Default,
            Value::Str(atom) => self.values.text(atom).parse().map_or(Status::Unknown, Status::Code),
            // `err.status ?? 500`: whatever an error says, it is an error.
            other if self.taint_of(other).has(Taint::ERROR) => Status::Code(500),
            Value::Union(id) => {
                let all: Vec<Status> = self.values.union_of(id).iter().map(|v| self.status_of(*v)).collect();
                let known: Vec<&Status> = all.iter().filter(|s| **s != Status::Unknown).collect();
                if known.iter().all(|s| s.is_rejection()) && !known.is_empty() { *known[0] } else { Status::Unknown }
            }
            _ => Status::Unknown,
        }
    }

    /// Whether nothing in a value depends on anything but the code.
    pub fn is_constant(&self, state: &State, value: Value) -> bool {
        self.is_constant_at(state, value, 4)
    }

    pub(super) fn is_constant_at(&self, state: &State, value: Value, depth: u32) -> bool {
        match value {
            Value::Undefined | Value::Null | Value::Bool(_) | Value::Number(_) | Value::Str(_) | Value::Anonymous(..) => true,
            Value::Opaque(o) => o.taint.has(Taint::ERROR) && !o.taint.has(Taint::STORED),
            Value::Pattern(id) => {
                let (_, taint) = self.values.pattern_of(id);
                !taint.has(Taint::STORED) && !taint.has(Taint::SECRET)
            }
            Value::Object(id) if depth > 0 => {
                let object = self.object(state, id);
                let parts = match &object.kind {
                    Kind::Plain => true,
                    Kind::Error { .. } => return true,
                    Kind::Array { items, open } => !open && items.iter().all(|v| self.is_constant_at(state, *v, depth - 1)),
                    _ => false,
                };
                parts && object.slots.values().all(|v| self.is_constant_at(state, *v, depth - 1))
            }
            Value::Union(id) => self.values.union_of(id).iter().all(|v| self.is_constant_at(state, *v, depth)),
            _ => false,
        }
    }
}
