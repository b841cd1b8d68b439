//! What a verification proves: something only if the caller presents what is verified, and does not choose what it is verified with.
//!
//! ```js
//! jwt.verify(req.get('x-token'), KEY)                        // only who was given such a token gets through
//! jwt.verify(process.env.SERVICE_TOKEN, KEY)                 // the server's own: it succeeds, whoever calls
//! jwt.verify(req.get('x-token'), req.get('x-key'))           // signed with the key that comes along
//! await bcrypt.compare(req.body.password, req.body.hash)     // the same for a hash
//! ```

use super::library::LibraryCall;
use super::object::{Kind as Shape, Site};
use super::state::State;
use super::value::{External, ExternalId, Plain, Taint, Value};
use super::{Evidence, Interpreter, Mode};
use crate::knowledge;

/// What the caller itself chose, and nothing that was looked up by it.
const CHOSEN: Taint = Taint(Taint::REQUEST.0 | Taint::CREDENTIAL.0 | Taint::SCHEME.0 | Taint::URL.0 | Taint::METHOD.0 | Taint::DEFAULTED.0);
/// What the server has.
const OWN: Taint = Taint(Taint::SECRET.0 | Taint::STORED.0);

impl Interpreter<'_> {
    /// What comes of a verification that everybody passes.
    pub(super) fn passes_anybody(&self, state: &State, call: &LibraryCall, callback: Option<Value>) -> Option<Value> {
        if !knowledge::libraries::verifies_arguments(call.name) {
            return None;
        }
        let mut parts = Vec::new();
        for (i, arg) in call.args.iter().enumerate().filter(|(_, arg)| Some(**arg) != callback) {
            match arg.as_object().map(|id| self.object(state, id)) {
                // `{ secret, token }`; what comes later are options.
                Some(object) if matches!(object.kind, Shape::Plain) => parts.extend(object.slots.values().filter(|_| i == 0)),
                _ => parts.push(*arg),
            }
        }
        // `jwt.verify(token, '', { algorithms: ['none'] })`
        let unsigned = call.args.get(1).is_some_and(|key| self.truth_of(*key) == Some(false))
            && call
                .args
                .get(2)
                .and_then(|o| self.field(state, o.as_object()?, "algorithms"))
                .is_some_and(|list| self.items_of(state, list).0.iter().any(|a| self.values.as_text(*a) == Some("none")));
        let own = !parts.is_empty() && parts.iter().all(|p| self.is_own(*p));
        // What it was made with may be a key.
        let alone = !call.name.contains('(') && !call.name.starts_with("new ");
        let chosen = unsigned || (alone && parts.len() > 1 && parts.iter().all(|p| self.is_chosen(*p)));
        (own || chosen).then(|| Value::opaque(if chosen { Taint::REQUEST } else { Taint::STORED }))
    }

    /// `header.startsWith(text)`, `list.has(text)`. What the caller sends holds no secret.
    pub(super) fn asked_of_text(&mut self, state: &State, site: Site, taint: Taint, method: &str, args: &[Value]) -> Value {
        let secret = args.first().is_some_and(|a| self.taint_of(*a).has(Taint::SECRET));
        if secret
            && taint.has(Taint::CREDENTIAL)
            && matches!(method, "startsWith" | "endsWith" | "includes")
            && self.mode == Mode::Anonymous
        {
            return Value::Anonymous(Plain::False, self.cause("comparison with a secret", site, Evidence::Known));
        }
        Value::opaque(taint.union(self.taint_of_all(state, args)).union(Taint::SCHEME))
    }

    /// Whether a value is the server's, and there.
    fn is_own(&self, value: Value) -> bool {
        match value {
            Value::Bool(_) | Value::Number(_) => true,
            Value::Str(atom) => !self.values.text(atom).is_empty(),
            Value::Opaque(_) | Value::Pattern(_) => {
                let taint = self.taint_of(value);
                taint != Taint::NONE && taint.without(OWN) == Taint::NONE
            }
            // A token that the server has just signed.
            Value::External(id) => self.values.external_name(id).trim_end_matches("()").ends_with("sign"),
            Value::Union(id) => self.values.union_of(id).iter().all(|v| self.is_own(*v)),
            _ => false,
        }
    }

    /// Whether a value is the caller's own choice.
    pub(super) fn is_chosen(&self, value: Value) -> bool {
        let taint = match value {
            Value::External(id) => self.given(id),
            _ => self.taint_of(value),
        };
        taint.has(Taint::REQUEST) && taint.without(CHOSEN) == Taint::NONE
    }

    /// What the arguments come from that the calls leading to a library's value were given.
    pub(super) fn given(&self, mut id: ExternalId) -> Taint {
        let mut taint = Taint::NONE;
        for _ in 0..32 {
            match self.values.external_of(id) {
                External::Call(base, args) | External::New(base, args) => {
                    taint = args.iter().fold(taint, |t, a| t.union(self.taint_of(*a)));
                    id = *base;
                }
                External::Member(base, _) => id = *base,
                _ => break,
            }
        }
        taint
    }
}
