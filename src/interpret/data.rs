//! Reads and writes of data while a request is handled.
//!
//! ```js
//! await prisma.session.findUnique({ where: { token } })   // keyed by a credential: an anonymous caller finds nothing
//! await db.query('SELECT name FROM members')
//! ```

use super::library::LibraryCall;
use super::object::{Http, Kind as Shape, Object, Site};
use super::state::{Lost, Outcomes, State};
use super::value::{Atom, External, ExternalId, Plain, Taint, Truth, Value};
use super::{EffectKind, Evidence, Interpreter, Mode, PUBLIC};
use crate::knowledge::data::{self, Operation};
use crate::knowledge::names::{self};
use crate::knowledge::sensitivity;

impl Interpreter<'_> {
    /// A method of a library or undeclared object that reads or writes data.
    pub(super) fn store_operation(&mut self, state: &State, call: &LibraryCall) -> Option<Outcomes> {
        let (receiver, method) = call.name.rsplit_once('.')?;
        if data::holds_nothing(receiver) {
            return None;
        }
        // `auth.getUser(req)`: no store is given the request.
        if call.args.iter().any(|a| self.is_request(state, *a)) {
            return None;
        }
        let named = self.named_model(call.id).map(|model| format!("{receiver}.{model}Model"));
        self.data_operation(state.clone(), call.site, Some(named.as_deref().unwrap_or(receiver)), method, call.args, Taint::NONE)
    }

    /// `sessions.get(token)` of a library's cache: nothing was kept under what an anonymous caller presents.
    pub(super) fn cached_by_credential(&mut self, state: &mut State, call: &LibraryCall) -> Option<Outcomes> {
        let (cache, method) = call.name.rsplit_once('.')?;
        let External::Member(base, _) = *self.values.external_of(call.id) else { return None };
        let made = matches!(self.values.external_of(base), External::New(..));
        let keeps = || names::words(cache).iter().any(|w| matches!(w.as_str(), "cache" | "lru" | "keyv"));
        let keyed = self.mode == Mode::Anonymous && call.args.first().is_some_and(|a| self.deep_taint(state, *a).has(Taint::CREDENTIAL));
        if !(made && keyed && matches!(method, "get" | "has" | "peek" | "getAsync") && keeps()) {
            return None;
        }
        let cause = self.cause("look-up by a credential", call.site, Evidence::Known);
        state.request.consulted.get_or_insert(cause);
        let plain = if method == "has" { Plain::False } else { Plain::Undefined };
        Some(Self::done(std::mem::take(state), Value::Anonymous(plain, cause)))
    }

    /// The model or table that the way to an operation names: `mongoose.model('User').find`, `knex('users').where(…).first`.
    fn named_model(&self, mut id: ExternalId) -> Option<String> {
        for _ in 0..32 {
            match self.values.external_of(id) {
                External::Call(base, args) => {
                    let maker = self.values.external_name(*base);
                    let names = data::names_model(names::last_word(maker)) || maker == "knex()";
                    if names && let Some(name) = args.first().and_then(|a| self.model_name(*a)) {
                        return Some(name);
                    }
                    id = *base;
                }
                External::New(base, _) | External::Member(base, _) => id = *base,
                _ => return None,
            }
        }
        None
    }

    /// `'users'`; a table that a library made under that name.
    fn model_name(&self, value: Value) -> Option<String> {
        match value {
            Value::Str(atom) => {
                let text = self.values.text(atom);
                let plain =
                    !text.is_empty() && text.len() < 40 && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'));
                plain.then(|| text.to_owned())
            }
            Value::External(id) => match self.values.external_of(id) {
                External::Call(base, args) if self.values.external_name(*base).ends_with("Table") => self.model_name(*args.first()?),
                _ => None,
            },
            _ => None,
        }
    }

    /// Reads or writes data. A read keyed by what an anonymous caller lacks finds nothing.
    pub(super) fn data_operation(
        &mut self,
        mut state: State,
        site: Site,
        receiver: Option<&str>,
        method: &str,
        args: &[Value],
        taint: Taint,
    ) -> Option<Outcomes> {
        let on_store = receiver.is_some_and(data::is_store);
        let operation = if on_store { data::operation_on_store(method) } else { data::operation(method) };
        let operation =
            operation.or_else(|| (receiver.is_some_and(data::is_database) && !data::is_builder(method)).then_some(Operation::ReadMany))?;
        let mut subject = receiver.map_or(String::new(), subject_of);
        let mut write = operation == Operation::Write;
        if let Some(text) = args.first().and_then(|a| self.known_text(*a))
            && let Some((table, writes)) = data::sql(&text)
        {
            subject = table;
            write = writes;
            for word in text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')) {
                if sensitivity::of(word) == sensitivity::Sensitivity::Critical {
                    let word = self.values.atom(word);
                    self.fields_seen.insert(word);
                }
            }
        }
        self.note_selected(&state, args);
        self.note_included(&mut state, args);
        if !write && args.iter().any(|a| self.only_public(&state, *a, 6)) {
            subject.push_str(PUBLIC);
        }
        let callback = args.iter().rev().copied().find(|a| self.is_function(Some(&state), *a));
        let mut result = Value::opaque(Taint::STORED.union(taint.without(Taint::REQUEST)));
        if self.mode == Mode::Anonymous && !write {
            let no_request = !args.iter().any(|a| self.is_request(&state, *a));
            let lacking = |drops| args.iter().find_map(|a| self.deep_cause(&state, *a, 2, drops));
            let keyed = |drops| no_request && args.iter().any(|a| self.keyed(&state, *a, 4, drops));
            let drops = receiver.is_some_and(|r| data::drops_undefined(r, method));
            let (sought, asked) = (lacking(drops), keyed(drops));
            let finds_any = drops && sought.is_none() && !asked;
            let (lacking, by_credential) = if finds_any { (lacking(false), keyed(false)) } else { (sought, asked) };
            if by_credential || (lacking.is_some() && operation != Operation::ReadMany) {
                let cause = lacking.unwrap_or_else(|| {
                    self.cause(&format!("{} by a credential", if subject.is_empty() { "look-up" } else { &subject }), site, Evidence::Known)
                });
                state.request.consulted.get_or_insert(cause);
                result = match operation {
                    _ if finds_any => {
                        state.request.lost.get_or_insert((cause, Lost::LeftOut));
                        result
                    }
                    Operation::ReadOneOrThrow => {
                        return Some(self.settled_denied(state, cause));
                    }
                    Operation::ReadMany => Value::Object(self.allocate(&mut state, Object::new(Shape::Missing(cause)))),
                    _ => Value::Anonymous(Plain::Null, cause),
                };
            }
        }
        // What an anonymous caller's look-up does not find is not read.
        if write || matches!(result, Value::Opaque(_)) {
            self.effect(&mut state, if write { EffectKind::DbWrite } else { EffectKind::DbRead }, &subject);
        }
        if operation == Operation::ReadMany && matches!(result, Value::Opaque(_)) {
            result = Value::truthy(Taint::STORED);
        }
        if let Some(callback) = callback {
            let error = Value::opaque(Taint::ERROR);
            return Some(self.call(state, site, callback, Value::Undefined, vec![error, result, Value::UNKNOWN]));
        }
        if write {
            result = Value::truthy(Taint::STORED);
        }
        Some(Self::done(state, result))
    }

    /// Whether a query asks for a credential; of alternatives, each must: `{ OR: [{ token }, { email }] }` finds by the address as well.
    /// `drops`: what the caller may leave out is then not asked for.
    fn keyed(&self, state: &State, query: Value, depth: u32, drops: bool) -> bool {
        let parts = match query.as_object().map(|id| self.object(state, id)) {
            Some(object) if depth > 0 && matches!(object.kind, Shape::Plain) => object,
            _ => return self.deep_taint(state, query).has(Taint::CREDENTIAL) && !(drops && self.may_be_left_out(query)),
        };
        parts.slots.iter().any(|(name, value)| match self.values.text(Atom(*name)) {
            "OR" | "$or" => {
                let (items, open) = self.items_of(state, *value);
                !open && items.iter().all(|item| self.keyed(state, *item, depth - 1, drops))
            }
            _ => self.keyed(state, *value, depth - 1, drops),
        })
    }

    /// Whether a value is, or may be, `undefined` because the caller did not send it.
    pub(super) fn may_be_left_out(&self, value: Value) -> bool {
        match value {
            Value::Undefined | Value::Anonymous(Plain::Undefined, _) => true,
            Value::Opaque(o) => o.truth == Truth::Either && !o.taint.has(Taint::DEFAULTED) && self.is_chosen(value),
            Value::Union(id) => self.values.union_of(id).iter().any(|v| self.may_be_left_out(*v)),
            _ => false,
        }
    }

    pub(super) fn is_request(&self, state: &State, value: Value) -> bool {
        value.as_object().is_some_and(|id| matches!(self.object(state, id).kind, Shape::Http(Http::Request(_) | Http::Response(_))))
    }

    /// The text of a path that the code itself gives.
    pub(super) fn known_path(&self, value: Value) -> Option<String> {
        match value {
            Value::Str(atom) => Some(self.values.text(atom).to_owned()),
            Value::Pattern(id) if !self.values.pattern_of(id).1.has(Taint::REQUEST) => self.known_text(value),
            _ => None,
        }
    }

    /// Whether a path is the code's own choice, though where exactly it leads depends on the configuration.
    pub(super) fn is_page(&self, state: &State, path: Value) -> bool {
        let taint = self.deep_taint(state, path);
        self.known_path(path).is_some() || (matches!(path, Value::Union(_)) && !taint.has(Taint::REQUEST) && !taint.has(Taint::STORED))
    }

    /// A string's text, holes as `?`.
    pub(super) fn known_text(&self, value: Value) -> Option<String> {
        match value {
            Value::Str(atom) => Some(self.values.text(atom).to_owned()),
            Value::Pattern(id) => {
                let (parts, _) = self.values.pattern_of(id);
                Some(parts.iter().map(|p| if let super::value::Part::Text(t) = p { self.values.text(*t) } else { "?" }).collect())
            }
            _ => None,
        }
    }

    /// `include: [User]`, `include: { author: true }`: other models that are read along. A selection of their fields speaks for itself.
    fn note_included(&mut self, state: &mut State, args: &[Value]) {
        let mut models = Vec::new();
        for arg in args {
            let Value::Object(id) = *arg else { continue };
            let Some(Value::Object(included)) = self.field(state, id, "include") else { continue };
            match &self.object(state, included).kind {
                Shape::Array { items, .. } => {
                    models.extend(items.iter().take(16).filter_map(|item| self.class_name(state, item.as_object()?)));
                }
                Shape::Plain => {
                    let whole = self.object(state, included).slots.iter().filter(|(_, value)| **value == Value::Bool(true));
                    models.extend(whole.take(16).map(|(name, _)| self.values.text(Atom(*name)).to_owned()));
                }
                _ => {}
            }
        }
        for model in models {
            self.effect(state, EffectKind::DbRead, &subject_of(&model));
        }
    }

    /// Fields that a query names.
    pub(super) fn note_selected(&mut self, state: &State, args: &[Value]) {
        for arg in args {
            let Value::Object(id) = *arg else { continue };
            for word in ["select", "attributes", "include"] {
                let Some(slot) = self.values.find_atom(word) else { continue };
                if let Some(Value::Object(selected)) = self.object(state, id).slots.get(&slot.0).copied() {
                    let fields: Vec<u32> = self.object(state, selected).slots.keys().copied().collect();
                    self.fields_seen.extend(fields.into_iter().map(Atom));
                }
            }
        }
    }
}

/// `prisma.user` → `user`; `db` → nothing in particular.
pub(super) fn subject_of(receiver: &str) -> String {
    let last = names::last_word(receiver);
    let lower = last.to_ascii_lowercase();
    if matches!(
        lower.as_str(),
        "db" | "database" | "prisma" | "pool" | "client" | "knex" | "connection" | "redis" | "kv" | "store" | "sql" | "tx" | "query"
    ) {
        return String::new();
    }
    let trimmed = ["Repository", "Repo", "Model", "Dao", "Collection", "Store", "Service", "Table"]
        .iter()
        .find_map(|s| last.strip_suffix(s))
        .filter(|s| !s.is_empty());
    trimmed.unwrap_or(last).to_owned()
}
