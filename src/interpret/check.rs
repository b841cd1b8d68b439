//! Identity checks of libraries, and of helpers whose name is all there is to see.
//!
//! ```js
//! const session = await getServerSession(options)   // null
//! const user = await requireUser(req)               // './auth' was not given: by its name, it throws
//! ```

use super::library::LibraryCall;
use super::object::{Kind as Shape, Object, Settled, Site};
use super::state::{Flow, Outcomes, State};
use super::value::{Atom, CauseId, External, Plain, Taint, Value};
use super::{Evidence, Interpreter, Mode};
use crate::knowledge::names::{self, Helper};
use crate::knowledge::{self, Failure};

impl Interpreter<'_> {
    pub(super) fn call_check(&mut self, mut state: State, call: &LibraryCall, failure: Failure, promise: bool) -> Outcomes {
        let LibraryCall { site, name, args, .. } = *call;
        // A function that `jose` is given finds the key.
        let callback = args.iter().rev().copied().find(|a| !name.starts_with("jose") && self.is_function(Some(&state), *a));
        let passed = match self.mode {
            Mode::Anonymous => self.passes_anybody(&state, call, callback).map(|value| (Value::Null, value)),
            _ => Some((Value::opaque(Taint::ERROR), Value::opaque(Taint::IDENTITY))),
        };
        if let Some((error, identity)) = passed {
            return match callback {
                Some(callback) => self.call(state, site, callback, Value::Undefined, vec![error, identity]),
                None => Self::done(state, identity),
            };
        }
        let cause = self.cause(&names::readable(name), site, Evidence::Known);
        state.request.consulted.get_or_insert(cause);
        if let Failure::Fields(fields) = failure
            && fields.iter().any(|(_, f)| matches!(f, Failure::Status(_)))
        {
            // It says how to answer.
            state.request.denied = Some(cause);
        }
        // What answers with an object does not tell a callback.
        if let Some(callback) = callback.filter(|_| !matches!(failure, Failure::Fields(_))) {
            let error = if failure == Failure::Throws { Value::Anonymous(Plain::True, cause) } else { Value::Null };
            let value = if failure == Failure::Throws {
                Value::Anonymous(Plain::Undefined, cause)
            } else {
                self.failure_value(&mut state, failure, cause)
            };
            return self.call(state, site, callback, Value::Undefined, vec![error, value]);
        }
        if failure == Failure::Throws {
            if promise {
                return self.settled_denied(state, cause);
            }
            state.request.denied = Some(cause);
            return vec![(state, Flow::Throw(Value::truthy(Taint::ERROR)))];
        }
        let value = self.failure_value(&mut state, failure, cause);
        if promise { self.settled(state, Settled::Fulfilled(value)) } else { Self::done(state, value) }
    }

    pub(super) fn failure_value(&mut self, state: &mut State, failure: Failure, cause: CauseId) -> Value {
        match failure {
            Failure::Null => Value::Anonymous(Plain::Null, cause),
            Failure::Undefined | Failure::Throws => Value::Anonymous(Plain::Undefined, cause),
            Failure::False => Value::Anonymous(Plain::False, cause),
            Failure::Fields(fields) => {
                let mut object = Object::new(Shape::Plain);
                for (name, inner) in fields {
                    let value = self.failure_value(state, *inner, cause);
                    object.slots.insert(self.values.atom(name).0, value);
                }
                Value::Object(self.allocate(state, object))
            }
            Failure::Empty => Value::Object(self.allocate(state, Object::new(Shape::Missing(cause)))),
            Failure::True => Value::Anonymous(Plain::True, cause),
            Failure::Status(code) => Value::number(f64::from(code)),
            Failure::Member(way) => self.external_way(way),
        }
    }

    /// A member of a package: `["@clerk/nextjs/server", "auth"]`.
    pub(super) fn external_way(&mut self, way: &[&str]) -> Value {
        let Some((package, members)) = way.split_first() else { return Value::UNKNOWN };
        let atom = self.values.atom(package);
        let mut value = self.values.external(External::Package(atom));
        for member in members {
            if let Value::External(id) = value {
                let atom = self.values.atom(member);
                value = self.values.external(External::Member(id, atom));
            }
        }
        value
    }

    /// `user.matchPassword(entered)`: a method of a stored record, given what the caller says the password is.
    pub(super) fn compares_password(&mut self, state: &State, site: Site, name: &str, args: &[Value]) -> Option<CauseId> {
        let given = args.iter().any(|a| self.deep_taint(state, *a).has(Taint::CREDENTIAL));
        (given && knowledge::compares_password(name)).then(|| self.cause(name, site, Evidence::Name))
    }

    /// A function that cannot be seen, called with the request or with a credential, and named like a check.
    pub(super) fn check_by_name(&mut self, state: &mut State, site: Site, name: &str, args: &[Value]) -> Option<Outcomes> {
        let helper = names::helper(name)?;
        let taint = self.taint_of_all(state, args);
        let anonymous = args.iter().find_map(|a| self.deep_cause(state, *a, 2, false));
        if !taint.has(Taint::CREDENTIAL) && anonymous.is_none() && !(args.is_empty() && helper != Helper::ReturnsFalse) {
            return None;
        }
        if names::is_role_field(name) {
            self.role_seen = true;
        }
        let cause = self.cause(name, site, Evidence::Name);
        let mut state = std::mem::take(state);
        state.request.consulted.get_or_insert(cause);
        Some(match helper {
            Helper::Throws => self.settled_denied(state, cause),
            Helper::ReturnsNull => self.settled(state, Settled::Fulfilled(Value::Anonymous(Plain::Null, cause))),
            Helper::ReturnsFalse => self.settled(state, Settled::Fulfilled(Value::Anonymous(Plain::False, cause))),
        })
    }

    /// A library that validates what is missing: `schema.safeParse(payload)` of a token that did not verify.
    pub(super) fn validate_missing(&mut self, state: &State, object: Value, name: Atom, args: &[Value]) -> Option<Outcomes> {
        let missing = args.first().copied().filter(|a| a.is_nullish() && self.mode == Mode::Anonymous)?;
        let is_library = match object {
            Value::External(id) => !self.values.external_name(id).starts_with(':'),
            other => matches!(other, Value::Opaque(_)),
        };
        if !is_library || !matches!(self.values.text(name), "safeParse" | "safeParseAsync") {
            return None;
        }
        let mut state = state.clone();
        let success = match missing {
            Value::Anonymous(_, cause) => Value::Anonymous(Plain::False, cause),
            _ => Value::Bool(false),
        };
        let result = self.allocate(&mut state, Object::new(Shape::Plain));
        self.set_field(&mut state, result, "success", success);
        self.set_field(&mut state, result, "data", missing);
        self.set_field(&mut state, result, "error", Value::truthy(Taint::ERROR));
        Some(Self::done(state, Value::Object(result)))
    }
}
