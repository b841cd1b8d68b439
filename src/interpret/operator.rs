//! Operators on abstract values.
//!
//! ```js
//! req.headers['x-api-key'] === process.env.API_KEY   // an anonymous caller: false
//! typeof token === 'string'
//! ```

use super::object::{Http, Kind, Site};
use super::state::{Outcomes, State};
use super::value::{Atom, Plain, Taint, Truth, Value};
use super::{Evidence, Interpreter, Mode, Settings};
use crate::ir::BinaryOp;

/// The value of a comparison, where it is known.
enum Comparison {
    Known(bool),
    /// Decided by the caller's not having a credential.
    Denied(bool, super::value::CauseId),
    Unknown(Taint),
}

impl Interpreter<'_> {
    /// The name of the property that a key means.
    pub(super) fn name_of_key(&mut self, key: Value) -> Option<Atom> {
        match key {
            Value::Str(atom) => Some(atom),
            _ => self.to_text(key).map(|text| self.values.atom(&text)),
        }
    }

    /// A value's text, where it is known: strings, numbers, booleans.
    pub fn to_text(&self, value: Value) -> Option<String> {
        match value {
            Value::Str(atom) => Some(self.values.text(atom).to_owned()),
            Value::Number(bits) => Some(dragonbox_ecma::Buffer::new().format(f64::from_bits(bits)).to_owned()),
            Value::Bool(b) => Some(b.to_string()),
            Value::Null => Some("null".into()),
            _ => None,
        }
    }

    pub(super) fn type_of(&mut self, state: &State, value: Value) -> Value {
        let name = match value {
            Value::Undefined => "undefined",
            Value::Null => "object",
            Value::Bool(_) => "boolean",
            Value::Number(_) => "number",
            Value::Str(_) | Value::Pattern(_) => "string",
            Value::Native(_) => "function",
            Value::Object(id) => match self.object(state, id).kind {
                Kind::Function(_) | Kind::Class(_) => "function",
                _ => "object",
            },
            Value::Anonymous(plain, _) => match plain {
                Plain::Undefined => "undefined",
                Plain::Null => "object",
                Plain::False | Plain::True => "boolean",
                Plain::Zero => "number",
            },
            Value::External(_) | Value::Opaque(_) => return Value::truthy(self.taint_of(value)),
            Value::Union(_) => {
                let all = self.values.alternatives(value);
                let names = all.into_iter().map(|v| self.type_of(state, v)).collect();
                return self.values.join_all(names);
            }
        };
        self.values.string(name)
    }

    pub(super) fn binary(&mut self, mut state: State, site: Site, op: BinaryOp, left: Value, right: Value) -> Outcomes {
        match op {
            BinaryOp::Eq | BinaryOp::StrictEq | BinaryOp::NotEq | BinaryOp::StrictNotEq => {
                let negate = matches!(op, BinaryOp::NotEq | BinaryOp::StrictNotEq);
                let loose = matches!(op, BinaryOp::Eq | BinaryOp::NotEq);
                let mut out = Outcomes::new();
                let lefts = self.values.alternatives(left);
                let rights = self.values.alternatives(right);
                for l in lefts.iter() {
                    for r in rights.iter() {
                        let mut state = state.clone();
                        let value = match self.compare(&state, site, *l, *r, loose) {
                            Comparison::Known(b) => Value::Bool(b != negate),
                            Comparison::Denied(b, cause) => {
                                state.request.consulted.get_or_insert(cause);
                                Value::Anonymous(if b == negate { Plain::False } else { Plain::True }, cause)
                            }
                            Comparison::Unknown(taint) => Value::opaque(if negate { taint.negated() } else { taint }),
                        };
                        out.push((state, super::state::Flow::Value(value)));
                    }
                }
                self.settle(out)
            }
            BinaryOp::Add => {
                let value = match (left, right) {
                    (Value::Number(a), Value::Number(b)) => Value::number(f64::from_bits(a) + f64::from_bits(b)),
                    (Value::Undefined | Value::Opaque(_), Value::Number(_)) | (Value::Number(_), Value::Opaque(_)) => {
                        Value::opaque(self.taint_of(left).union(self.taint_of(right)))
                    }
                    (Value::Anonymous(_, cause), Value::Number(_)) | (Value::Number(_), Value::Anonymous(_, cause)) => {
                        Value::Anonymous(Plain::Zero, cause)
                    }
                    _ => self.concatenate(&[left, right]),
                };
                Self::done(state, value)
            }
            BinaryOp::Less | BinaryOp::LessEq | BinaryOp::Greater | BinaryOp::GreaterEq => {
                let value = self.order(op, left, right);
                if let Value::Anonymous(_, cause) = value {
                    state.request.consulted.get_or_insert(cause);
                }
                Self::done(state, value)
            }
            BinaryOp::In => {
                if let (Some(text), Value::Object(id)) = (self.to_text(left), right)
                    && matches!(self.object(&state, id).kind, Kind::Plain)
                    && self.values.find_atom("<rest>").is_none_or(|rest| !self.object(&state, id).slots.contains_key(&rest.0))
                {
                    let found = self.values.find_atom(&text).is_some_and(|a| self.object(&state, id).slots.contains_key(&a.0));
                    return Self::done(state, Value::Bool(found));
                }
                // `'user' in req`
                if let (Value::Str(name), Value::Object(id)) = (left, right)
                    && matches!(self.object(&state, id).kind, Kind::Http(Http::Request(_) | Http::Session | Http::Locals))
                {
                    let value = match self.property(&mut state, site, id, name) {
                        Value::Anonymous(_, cause) => Value::Anonymous(Plain::False, cause),
                        other => Value::opaque(self.taint_of(other)),
                    };
                    return Self::done(state, value);
                }
                match right {
                    Value::Anonymous(_, cause) => Self::done(state, Value::Anonymous(Plain::False, cause)),
                    _ => Self::done(state, Value::opaque(self.taint_of(left).union(self.taint_of(right)))),
                }
            }
            BinaryOp::InstanceOf => {
                let value = self.instance_of(&state, left, right);
                Self::done(state, value)
            }
            BinaryOp::Other => match (left, right) {
                (Value::Anonymous(_, cause), _) | (_, Value::Anonymous(_, cause)) => {
                    Self::done(state, Value::Anonymous(Plain::Zero, cause))
                }
                _ => Self::done(state, Value::opaque(self.taint_of(left).union(self.taint_of(right)))),
            },
        }
    }

    fn order(&self, op: BinaryOp, left: Value, right: Value) -> Value {
        let number = |value: Value| match value {
            Value::Number(bits) => Some(f64::from_bits(bits)),
            _ => None,
        };
        match (left, right) {
            // Comparisons with what is missing are false, whichever way they point (`undefined` becomes NaN; `null` and 0 become 0).
            (Value::Anonymous(plain, cause), other) | (other, Value::Anonymous(plain, cause)) => {
                let zero = 0.0;
                let result = match (plain, number(other)) {
                    (Plain::Zero | Plain::Null, Some(n)) => {
                        let (a, b) = if matches!(left, Value::Anonymous(..)) { (zero, n) } else { (n, zero) };
                        holds(op, a, b)
                    }
                    _ => false,
                };
                Value::Anonymous(if result { Plain::True } else { Plain::False }, cause)
            }
            _ => match (number(left), number(right)) {
                (Some(a), Some(b)) => Value::Bool(holds(op, a, b)),
                _ => Value::opaque(self.taint_of(left).union(self.taint_of(right))),
            },
        }
    }

    fn compare(&mut self, state: &State, site: Site, left: Value, right: Value, loose: bool) -> Comparison {
        let get = Value::Str(self.names.get);
        self.asked_for_get |= left == get || right == get;
        match (left, right) {
            (Value::Anonymous(plain, cause), other) | (other, Value::Anonymous(plain, cause)) => match other {
                Value::Undefined => Comparison::Denied(plain == Plain::Undefined || (loose && plain.is_nullish()), cause),
                Value::Null => Comparison::Denied(plain == Plain::Null || (loose && plain.is_nullish()), cause),
                Value::Bool(b) => Comparison::Denied(
                    match plain {
                        Plain::True => b,
                        Plain::False => !b,
                        _ => false,
                    },
                    cause,
                ),
                Value::Number(bits) => Comparison::Denied(plain == Plain::Zero && f64::from_bits(bits) == 0.0, cause),
                // What another check did not find either: `undefined === undefined`.
                Value::Anonymous(other, _) => Comparison::Denied(plain == other, cause),
                // What the caller may leave out: `undefined === undefined`, again.
                Value::Opaque(o) if self.may_be_left_out(other) && plain.is_nullish() && (loose || plain == Plain::Undefined) => {
                    Comparison::Unknown(o.taint)
                }
                _ => Comparison::Denied(false, cause),
            },
            _ => {
                if let (Some(a), Some(b)) = (self.constant(left), self.constant(right)) {
                    return Comparison::Known(a == b || (loose && left.is_nullish() && right.is_nullish()));
                }
                if let Some(cause) = self.is_inherited(state, left).or_else(|| self.is_inherited(state, right)) {
                    return Comparison::Denied(false, cause);
                }
                if let (Value::Object(a), Value::Object(b)) = (left, right) {
                    return if a == b { Comparison::Known(true) } else { Comparison::Unknown(Taint::NONE) };
                }
                if let (Value::Pattern(id), Value::Str(text)) | (Value::Str(text), Value::Pattern(id)) = (left, right)
                    && !self.may_equal(id, text)
                {
                    return Comparison::Known(false);
                }
                for (a, b) in [(left, right), (right, left)] {
                    // What nobody has set is no word that the code knows.
                    if matches!(b, Value::Str(_) | Value::Bool(_))
                        && let Some(unset) = self.unset(a)
                        && matches!(self.settings, Settings::Unset | Settings::Unnamed)
                    {
                        return Comparison::Known(unset && b == Value::Bool(true));
                    }
                    let (ta, tb) = (self.taint_of(a), self.taint_of(b));
                    if ta.has(Taint::METHOD)
                        && let Some(text) = self.values.as_text(b)
                    {
                        let text = text.to_owned();
                        self.methods_seen.insert(text);
                    }
                    if b.is_nullish() {
                        return match a {
                            Value::Opaque(o) if o.truth == Truth::Truthy => Comparison::Known(false),
                            Value::Opaque(_) | Value::Union(_) => Comparison::Unknown(ta.negated()),
                            Value::External(id) if !self.is_given(id) => Comparison::Unknown(ta),
                            _ => Comparison::Known(false),
                        };
                    }
                    // `(header || '') === (key || '')`
                    let empty = self.truth_of(a) == Some(false) && self.truth_of(b) == Some(false);
                    if self.mode == Mode::Anonymous && !empty && self.fails_to_match(ta, b, tb) {
                        let what = if tb.has(Taint::SECRET) { "comparison with a secret" } else { "comparison of a credential" };
                        return Comparison::Denied(false, self.cause(what, site, Evidence::Known));
                    }
                }
                Comparison::Unknown(self.taint_of(left).union(self.taint_of(right)))
            }
        }
    }

    /// Whether a value of taint `a`, under the caller's control, cannot equal `b` for lack of a credential.
    fn fails_to_match(&self, a: Taint, b: Value, tb: Taint) -> bool {
        // A part of what the caller presents may be the key itself: `decoded.split(':')[0] === process.env.KEY`.
        if a.has(Taint::SCHEME) && !(a.has(Taint::CREDENTIAL) && tb.has(Taint::SECRET) && !tb.has(Taint::SCHEME)) {
            return false;
        }
        if a.has(Taint::CREDENTIAL) {
            return match b {
                Value::Str(text) => !crate::knowledge::names::is_scheme(self.values.text(text)),
                Value::Opaque(_) => !tb.has(Taint::CREDENTIAL) && (!tb.has(Taint::REQUEST) || tb.has(Taint::SECRET)),
                Value::Pattern(_) | Value::External(_) => !self.is_chosen(b),
                _ => false,
            };
        }
        a.has(Taint::REQUEST) && tb.has(Taint::SECRET)
    }

    pub fn taint_of(&self, value: Value) -> Taint {
        self.values.taint_of(value)
    }

    /// What two constants are compared by.
    fn constant(&self, value: Value) -> Option<String> {
        match value {
            Value::Undefined => Some("u".into()),
            Value::Null => Some("n".into()),
            Value::Bool(b) => Some(format!("b{b}")),
            Value::Number(bits) => Some(format!("d{bits}")),
            Value::Str(atom) => Some(format!("s{}", self.values.text(atom))),
            _ => None,
        }
    }

    fn instance_of(&self, state: &State, left: Value, right: Value) -> Value {
        match (left, right) {
            (Value::Anonymous(_, cause), _) => Value::Anonymous(Plain::False, cause),
            (Value::Undefined | Value::Null | Value::Bool(_) | Value::Number(_) | Value::Str(_), _) => Value::Bool(false),
            (Value::Object(id), right) => {
                let name = match right {
                    Value::External(e) => self.values.external_name(e).to_owned(),
                    _ => String::new(),
                };
                let is_response = name.ends_with("Response");
                match &self.object(state, id).kind {
                    Kind::Response { .. } if is_response => Value::Bool(true),
                    Kind::Response { .. } => Value::Bool(false),
                    Kind::Error { .. } if name == ":Error" => Value::Bool(true),
                    _ if is_response => Value::Bool(false),
                    Kind::Array { .. } if name == ":Array" => Value::Bool(true),
                    _ => self.instance_of_class(state, id, right),
                }
            }
            _ => Value::opaque(self.taint_of(left)),
        }
    }

    fn instance_of_class(&self, state: &State, id: super::value::ObjectId, class: Value) -> Value {
        let Value::Object(class) = class else { return Value::UNKNOWN };
        let prototype = self.object(state, class).slots.get(&self.names.prototype.0).copied();
        let mut proto = self.object(state, id).proto;
        let mut steps = 0;
        while let Some(p) = proto {
            if Some(Value::Object(p)) == prototype {
                return Value::Bool(true);
            }
            proto = self.object(state, p).proto;
            steps += 1;
            if steps > 32 {
                break;
            }
        }
        Value::Bool(false)
    }
}

fn holds(op: BinaryOp, a: f64, b: f64) -> bool {
    match op {
        BinaryOp::Less => a < b,
        BinaryOp::LessEq => a <= b,
        BinaryOp::Greater => a > b,
        _ => a >= b,
    }
}
