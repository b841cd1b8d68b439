//! Reading and writing properties.
//!
//! ```js
//! module.exports.list = list
//! req.user = await User.findByToken(token)
//! const { id } = session.user   // session is null for an anonymous caller: this throws
//! ```

use super::native::Native;
use super::object::{Kind, Site, Status};
use super::state::{Flow, Outcomes, State, gather};
use super::value::{Atom, External, ObjectId, Opaque, Plain, Taint, Truth, Value};
use super::{Interpreter, Mode};

impl Interpreter<'_> {
    pub(super) fn get(&mut self, mut state: State, site: Site, object: Value, name: Atom) -> Outcomes {
        match object {
            Value::Union(_) => {
                let mut out = Outcomes::new();
                for alternative in self.values.alternatives(object) {
                    // Of several alternatives, those without properties are left out: the others were meant.
                    if matches!(alternative, Value::Undefined | Value::Null) {
                        continue;
                    }
                    gather(&mut out, self.get(state.clone(), site, alternative, name));
                }
                if out.is_empty() { Self::done(state, Value::UNKNOWN) } else { self.settle(out) }
            }
            Value::Anonymous(plain, cause) => {
                state.request.consulted.get_or_insert(cause);
                if plain.is_nullish() {
                    // TypeError: the request fails before its work.
                    state.request.denied = Some(cause);
                    return vec![(state, Flow::Throw(Value::truthy(Taint::ERROR)))];
                }
                Self::done(state, Value::Anonymous(Plain::Undefined, cause))
            }
            Value::Object(id) => {
                let value = self.property(&mut state, site, id, name);
                match value {
                    Value::Native(native) => {
                        if let Native::Getter(getter) = self.values.native_of(native).clone() {
                            return self.call(state, site, getter, object, Vec::new());
                        }
                        Self::done(state, value)
                    }
                    _ => Self::done(state, value),
                }
            }
            Value::External(id) => {
                let value = self.external_property(site, id, name);
                Self::done(state, value)
            }
            Value::Opaque(o) => {
                let value = self.opaque_property(site, o, name);
                Self::done(state, value)
            }
            Value::Str(atom) if name == self.names.length => {
                let length = self.values.text(atom).encode_utf16().count();
                Self::done(state, Value::number(length as f64))
            }
            Value::Native(_) => {
                let value = self.values.native(Native::Method { object, name });
                Self::done(state, value)
            }
            Value::Str(_) | Value::Pattern(_) => Self::done(state, Value::opaque(self.taint_of(object))),
            Value::Bool(_) | Value::Number(_) => Self::done(state, Value::Undefined),
            Value::Undefined | Value::Null => Self::done(state, Value::UNKNOWN),
        }
    }

    pub(super) fn get_index(&mut self, mut state: State, site: Site, object: Value, index: Value) -> Outcomes {
        if let Value::Str(name) = index
            && !self.values.text(name).starts_with(|c: char| c.is_ascii_digit() || c == '+')
        {
            return self.get(state, site, object, name);
        }
        if let Some(text) = self.to_text(index) {
            if let Value::Object(id) = object
                && let Ok(i) = text.parse::<usize>()
            {
                match &self.object(&state, id).kind {
                    Kind::Array { items, open } => {
                        let value = items.get(i).copied().unwrap_or(if *open { Value::UNKNOWN } else { Value::Undefined });
                        return Self::done(state, value);
                    }
                    Kind::Missing(cause) => {
                        let value = Value::Anonymous(Plain::Undefined, *cause);
                        return Self::done(state, value);
                    }
                    _ => {}
                }
            }
            // The scheme of `Bearer token` is no secret.
            if text == "0"
                && let Value::Opaque(o) = object
                && o.taint.has(Taint::SCHEME)
            {
                return Self::done(state, Value::Opaque(Opaque { taint: o.taint, truth: Truth::Either }));
            }
            if let Value::Opaque(o) = object
                && o.taint.has(Taint::SCHEME)
                && text.parse::<usize>().is_ok()
            {
                return Self::done(state, Value::opaque(o.taint.element()));
            }
            let name = self.values.atom(&text);
            return self.get(state, site, object, name);
        }
        let key_taint = self.taint_of(index);
        if let (Value::Undefined, Value::Object(_), Some(cause)) = (index, object, state.request.lacking) {
            // A helper found no credential to look up.
            return Self::done(state, Value::Anonymous(Plain::Undefined, cause));
        }
        match object {
            Value::Object(id) => {
                // A table keyed by a credential holds nothing for a caller who has none.
                if self.mode == Mode::Anonymous
                    && key_taint.has(Taint::CREDENTIAL)
                    && !matches!(self.object(&state, id).kind, Kind::Http(_))
                {
                    let cause = self.cause("look-up by a credential", site, super::Evidence::Known);
                    let missing = Value::Anonymous(Plain::Undefined, cause);
                    let value = if self.is_chosen(index) { self.or_inherited(&mut state, id, missing, cause) } else { missing };
                    return Self::done(state, value);
                }
                if let Value::Anonymous(_, cause) = index {
                    return Self::done(state, Value::Anonymous(Plain::Undefined, cause));
                }
                if let Kind::Http(super::object::Http::Carrier(carrier)) = self.object(&state, id).kind {
                    let value = Self::carried(carrier, "");
                    return Self::done(state, value);
                }
                if let Some(value) = self.entries_by(&state, id, index) {
                    return Self::done(state, value);
                }
                let mut values = self.all_values(&state, id);
                let value = if values.is_empty() {
                    Value::opaque(key_taint.derived())
                } else {
                    values.push(Value::Undefined);
                    self.values.join_all(values)
                };
                Self::done(state, value)
            }
            Value::Anonymous(..) => {
                let any = self.names.parent;
                self.get(state, site, object, any)
            }
            other => {
                let (own, key) = (self.taint_of(other), key_taint.element());
                Self::done(state, Value::opaque(own.union(if own.has(Taint::REQUEST) { key } else { key.derived() })))
            }
        }
    }

    pub(super) fn all_values(&self, state: &State, id: ObjectId) -> Vec<Value> {
        match &self.object(state, id).kind {
            Kind::Array { items, .. } => items.clone(),
            Kind::Plain => self.object(state, id).slots.values().copied().collect(),
            _ => Vec::new(),
        }
    }

    /// An object's own or inherited property; `undefined` where it is known to have none.
    pub fn property(&mut self, state: &mut State, site: Site, id: ObjectId, name: Atom) -> Value {
        self.asked_for_get |= name == self.names.get;
        if let Some(value) = self.own_property(state, id, name) {
            if let Kind::Http(super::object::Http::Request(_)) = self.object(state, id).kind
                && super::http::TARGET.contains(&self.values.text(name))
            {
                self.read_target = true;
                self.read_path |= name != self.names.method;
                self.read_method |= name == self.names.method;
            }
            return value;
        }
        let mut proto = self.object(state, id).proto;
        let mut steps = 0;
        while let Some(p) = proto {
            if let Some(value) = self.object(state, p).slots.get(&name.0) {
                return *value;
            }
            proto = self.object(state, p).proto;
            steps += 1;
            if steps > 64 {
                break;
            }
        }
        self.special_property(state, site, id, name)
    }

    pub(super) fn own_property(&self, state: &State, id: ObjectId, name: Atom) -> Option<Value> {
        self.object(state, id).slots.get(&name.0).copied()
    }

    pub(super) fn special_property(&mut self, state: &mut State, site: Site, id: ObjectId, name: Atom) -> Value {
        match &self.object(state, id).kind {
            Kind::Namespace(module) => self.export(state, *module, name).unwrap_or(Value::Undefined),
            Kind::Array { items, open } => {
                if name == self.names.length {
                    return if *open { Value::UNKNOWN } else { Value::number(items.len() as f64) };
                }
                self.values.native(Native::Method { object: Value::Object(id), name })
            }
            Kind::Missing(cause) => {
                let (cause, text) = (*cause, self.values.text(name));
                Value::Anonymous(
                    if text == "length" || text == "size" || text == "rowCount" { Plain::Zero } else { Plain::Undefined },
                    cause,
                )
            }
            Kind::Function(_) | Kind::Class(_) => {
                if name == self.names.prototype {
                    let prototype = self.prototype_of(state, id);
                    return Value::Object(prototype);
                }
                let text = self.values.text(name);
                if matches!(text, "bind" | "call" | "apply") {
                    return self.values.native(Native::Method { object: Value::Object(id), name });
                }
                if text == "name" {
                    return Value::UNKNOWN;
                }
                if let Kind::Class(class) = self.object(state, id).kind.clone()
                    && let Some(parent) = class.parent
                {
                    return match parent {
                        Value::Object(parent) => self.property(state, site, parent, name),
                        _ => Value::UNKNOWN,
                    };
                }
                Value::Undefined
            }
            // What the promise comes to is not looked at: `const { error } = check(req)` without `await`.
            Kind::Promise(_) if !matches!(self.values.text(name), "then" | "catch" | "finally") => Value::Undefined,
            Kind::Promise(_) => self.values.native(Native::Method { object: Value::Object(id), name }),
            Kind::Http(http) => self.http_property(state, site, id, *http, name),
            Kind::Framework(object) => {
                let framework = self.frameworks[object.framework];
                framework
                    .property(self, state, id, name, site)
                    .unwrap_or_else(|| self.values.native(Native::Method { object: Value::Object(id), name }))
            }
            Kind::Response { status, .. } => match self.values.text(name) {
                "status" => match *status {
                    Status::Code(code) => Value::number(f64::from(code)),
                    Status::Default => Value::number(200.0),
                    Status::Unknown => Value::UNKNOWN,
                },
                "ok" => match status {
                    Status::Unknown => Value::UNKNOWN,
                    other => Value::Bool(!other.is_rejection()),
                },
                "body" | "bodyUsed" | "headers" | "cookies" | "redirected" | "statusText" | "type" | "url" => Value::truthy(Taint::NONE),
                "arrayBuffer" | "blob" | "bytes" | "clone" | "formData" | "json" | "text" => Value::truthy(Taint::NONE),
                _ => Value::Undefined,
            },
            Kind::Error { .. } => Value::truthy(Taint::ERROR),
            Kind::Collection { items } => match self.values.text(name) {
                "size" if self.mode == Mode::Startup => Value::number(items.len() as f64),
                _ => self.values.native(Native::Method { object: Value::Object(id), name }),
            },
            Kind::Regex { .. } => self.values.native(Native::Method { object: Value::Object(id), name }),
            Kind::Plain => {
                let rest = self.values.atom("<rest>").0;
                if let Some(rest) = self.object(state, id).slots.get(&rest).copied() {
                    return match rest {
                        Value::Opaque(o) => self.opaque_property(site, o, name),
                        Value::Anonymous(..) => rest,
                        _ => Value::UNKNOWN,
                    };
                }
                if name == self.names.constructor {
                    return Value::UNKNOWN;
                }
                if self.object(state, id).proto.is_some_and(|p| self.inherits_unknown(state, p)) {
                    return Value::UNKNOWN;
                }
                if matches!(self.values.text(name), "hasOwnProperty" | "toString" | "valueOf") {
                    return self.values.native(Native::Method { object: Value::Object(id), name });
                }
                Value::Undefined
            }
            Kind::Scope { .. } => Value::UNKNOWN,
        }
    }

    /// Whether a class somewhere up the chain extends something outside the project.
    pub(super) fn inherits_unknown(&self, state: &State, mut proto: ObjectId) -> bool {
        for _ in 0..64 {
            let object = self.object(state, proto);
            if let Some(Value::Object(constructor)) = object.slots.get(&self.names.constructor.0)
                && let Kind::Class(class) = &self.object(state, *constructor).kind
                && class.parent.is_some_and(|p| !matches!(p, Value::Object(_)))
            {
                return true;
            }
            match object.proto {
                Some(next) => proto = next,
                None => return false,
            }
        }
        true
    }

    pub(super) fn opaque_property(&mut self, site: Site, object: Opaque, name: Atom) -> Value {
        let text = self.values.text(name);
        let mut taint = object.taint.without(Taint::METHOD).without(Taint::DEFAULTED);
        // How long a secret is may be tried out.
        if name == self.names.length {
            taint = taint.union(Taint::SCHEME);
        }
        if taint.has(Taint::REQUEST) && !taint.has(Taint::CREDENTIAL) && crate::knowledge::names::is_credential_field(text) {
            taint = taint.union(Taint::CREDENTIAL);
        }
        // A function before the handler asks another server, and is told whether to let the caller through.
        if taint.has(Taint::ANSWER) && self.passing_only && self.mode == Mode::Anonymous && crate::knowledge::names::says_valid(text) {
            let cause = self.cause("the answer of another server", site, super::Evidence::Known);
            return Value::Anonymous(Plain::False, cause);
        }
        if taint.has(Taint::IDENTITY) && crate::knowledge::names::is_role_field(text) {
            self.role_seen = true;
        }
        if taint.has(Taint::STORED) || taint.has(Taint::IDENTITY) {
            self.fields_seen.insert(name);
        }
        Value::opaque(taint)
    }

    pub(super) fn external_property(&mut self, site: Site, id: super::value::ExternalId, name: Atom) -> Value {
        let text = self.values.shared_text(name);
        let text = &*text;
        match self.values.external_name(id) {
            ":process" if text == "env" => {}
            // A program on somebody's desk is no server.
            ":process.versions" if text == "electron" => return Value::Undefined,
            ":globalThis" => return self.global_property(name),
            ":process.env" | ":import.meta.env" => return self.environment_variable(site, text),
            _ if self.is_environment(id) => return self.environment_variable(site, text),
            ":import.meta" if text == "dirname" => {
                let path = format!("/{}", crate::source::folder(self.path_of(site.module)));
                return self.values.string(&path);
            }
            ":import.meta" if text == "filename" => {
                let path = format!("/{}", self.path_of(site.module));
                return self.values.string(&path);
            }
            _ => {}
        }
        self.values.external(External::Member(id, name))
    }
}
