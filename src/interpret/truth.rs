//! What is true, and what is not: of values of which not everything is known.
//!
//! ```js
//! if (express) …              // there: a module is
//! if (config.auth.enabled) …  // not known: a package may export anything
//! ```

use super::value::{External, ExternalId, Opaque, Part, Plain, Truth, Value};
use super::{Interpreter, Mode};

impl Interpreter<'_> {
    /// Whether a value is truthy, where that is known.
    pub fn truth_of(&self, value: Value) -> Option<bool> {
        match value {
            Value::Undefined | Value::Null => Some(false),
            Value::Bool(b) => Some(b),
            Value::Number(bits) => Some(f64::from_bits(bits) != 0.0 && !f64::from_bits(bits).is_nan()),
            Value::Str(atom) => Some(!self.values.text(atom).is_empty()),
            Value::Pattern(id) => {
                let (parts, _) = self.values.pattern_of(id);
                parts.iter().any(|p| matches!(p, Part::Text(_))).then_some(true)
            }
            Value::Object(_) | Value::Native(_) => Some(true),
            Value::External(id) => self.is_given(id).then_some(true),
            Value::Anonymous(plain, _) => Some(plain.is_truthy()),
            Value::Opaque(o) => match o.truth {
                Truth::Either => None,
                Truth::Truthy => Some(true),
                Truth::Falsy => Some(false),
            },
            Value::Union(id) => {
                let mut seen = None;
                for alternative in self.values.union_of(id) {
                    match (seen, self.truth_of(*alternative)) {
                        (_, None) => return None,
                        (None, t) => seen = t,
                        (Some(a), Some(b)) if a != b => return None,
                        _ => {}
                    }
                }
                seen
            }
        }
    }

    /// Whether a library's value is surely there: modules and instances are, and middleware that it makes. What its other calls return
    /// may not be, nor what it exports: `cluster.isPrimary`, `config.auth.enabled`.
    pub(super) fn is_given(&self, mut id: ExternalId) -> bool {
        let mut depth = 0;
        loop {
            match self.values.external_of(id) {
                External::Package(_) | External::Missing(_) | External::New(..) => return depth == 0,
                External::Global(_) => return true,
                External::Call(..) => {
                    return self.mode == Mode::Startup
                        && crate::knowledge::find(self.values.external_name(id)).is_some_and(|row| row.kind.is_middleware());
                }
                External::Member(base, name) => {
                    depth += u32::from(*name != self.names.default);
                    id = *base;
                }
            }
        }
    }

    pub(super) fn not(&self, value: Value) -> Value {
        match value {
            Value::Anonymous(plain, cause) => Value::Anonymous(plain.negated(), cause),
            Value::Opaque(o) => {
                let truth = match o.truth {
                    Truth::Either => Truth::Either,
                    Truth::Truthy => Truth::Falsy,
                    Truth::Falsy => Truth::Truthy,
                };
                Value::Opaque(Opaque { taint: o.taint.negated(), truth })
            }
            other => match self.truth_of(other) {
                // One of them is what the caller lacks.
                Some(truth) => match self.values.alternatives(other).iter().find(|v| matches!(v, Value::Anonymous(..))) {
                    Some(Value::Anonymous(_, cause)) => Value::Anonymous(if truth { Plain::False } else { Plain::True }, *cause),
                    _ => Value::Bool(!truth),
                },
                None => Value::UNKNOWN,
            },
        }
    }
}
