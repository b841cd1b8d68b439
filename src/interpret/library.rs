//! Calls into libraries while a request is handled: what each does to an anonymous caller, by the tables in `knowledge`.
//!
//! ```js
//! const payload = jwt.verify(token, key)          // throws
//! const session = await getServerSession(options)  // null
//! passport.authenticate('jwt', callback)(req, res, next)
//! ```

use super::native::Native;
use super::object::{Http, Kind as Shape, Object, Settled, Site};
use super::state::{Answer, AnswerKind, Flow, Next, Outcomes, State};
use super::value::{Atom, ExternalId, Plain, Taint, Value};
use super::public::PUBLIC;
use super::{EffectKind, Evidence, Interpreter, Mode};
use crate::knowledge::data::{self, Operation, Touch};
use crate::knowledge::names::{self, Helper};
use crate::knowledge::sensitivity;
use crate::knowledge::{self, Failure, Kind};

impl Interpreter<'_> {
    /// A property of a library's value that stands for part of a request: `cookies()`, `headers()`.
    pub(super) fn library_property(&mut self, _state: &mut State, _site: Site, _id: ExternalId, _name: &str) -> Option<Value> {
        None
    }

    pub(super) fn call_library(&mut self, mut state: State, site: Site, id: ExternalId, name: &str, args: Vec<Value>) -> Outcomes {
        if let Some(outcomes) = self.platform_call(&mut state, site, name, &args) {
            return outcomes;
        }
        if let Some(outcomes) = self.upload_call(&mut state, site, id, name, &args) {
            return outcomes;
        }
        if let Some(outcomes) = self.wrapper_call(&mut state, site, id, name, &args) {
            return outcomes;
        }
        let shape = self.middleware_shape(&state, &args);
        if let (Some(base), Some(next)) = (name.strip_suffix(".unless()"), shape)
            && let Some(row) = knowledge::find(base)
            && matches!(row.kind, Kind::Guard { .. })
        {
            return self.call_unless(state, site, id, base, next, args);
        }
        if shape.is_none() && knowledge::find(name).is_none() && knowledge::find(&format!("{name}()")).is_some() {
            // A factory of middleware, called while a request is handled.
            let value = self.values.external(super::value::External::Call(id, args.into()));
            return Self::done(state, value);
        }
        if let Some(kind) = self.kind_with_options(&state, name, &args) {
            return self.call_known(state, site, id, name, kind, shape, args);
        }
        if let Some(next) = shape {
            return self.call_middleware(state, site, name, next);
        }
        if knowledge::hashes_password(name) {
            self.hashes_password = true;
        }
        if let Some((_, touch)) = data::effect(name) {
            let page = touch == Touch::FileRead && args.first().is_some_and(|a| self.known_path(*a).is_some());
            if !page {
                self.touch(&mut state, touch, name);
            }
        } else if let Some(outcomes) = self.store_operation(&state, site, name, &args) {
            return outcomes;
        }
        if self.mode == Mode::Anonymous
            && !name.starts_with(':')
            && (!args.is_empty() || name.starts_with('?'))
            && let Some(outcomes) = self.check_by_name(&mut state, site, names::last_word(name), &args)
        {
            return outcomes;
        }
        if let Some(global) = name.strip_prefix(':')
            && self.mode == Mode::Anonymous
            && !global.contains('.')
            && let Some(outcomes) = self.check_by_name(&mut state, site, global, &args)
        {
            return outcomes;
        }
        if is_pure(name) {
            let taint = args.iter().fold(Taint::NONE, |t, a| t.union(self.deep_taint(&state, *a)));
            return Self::done(state, Value::opaque(taint.without(Taint::ERROR)));
        }
        let has_functions = self.any_function(&state, &args);
        let mut taint = Taint::NONE;
        for arg in &args {
            taint = taint.union(self.deep_taint(&state, *arg));
            if self.is_answer(&state, *arg) {
                state.request.handed_over = true;
            }
        }
        if has_functions {
            return self.call_unknown(state, site, Taint::NONE, args);
        }
        if taint.has(Taint::CREDENTIAL) {
            return Self::done(state, Value::opaque(taint.union(Taint::UNSEEN)));
        }
        // A client or builder of the library: what is called on it next will tell.
        let value = self.values.external(super::value::External::Call(id, args.into()));
        Self::done(state, value)
    }

    fn touch(&mut self, state: &mut State, touch: Touch, name: &str) {
        let kind = match touch {
            Touch::FileRead => EffectKind::FileRead,
            Touch::FileWrite => EffectKind::FileWrite,
            Touch::Email => EffectKind::Email,
            Touch::Payment => EffectKind::Payment,
            Touch::Process => EffectKind::Process,
            Touch::Network => EffectKind::Network,
            Touch::Token => EffectKind::Token,
        };
        let subject = if kind == EffectKind::Payment { name.split('.').next().unwrap_or_default() } else { "" };
        self.effect(state, kind, subject);
    }

    /// `(req, res, next)`: what is to be called to pass the request on.
    fn middleware_shape(&self, state: &State, args: &[Value]) -> Option<Value> {
        let [request, answer, ..] = args else { return None };
        let is = |value: &Value, test: fn(&Http) -> bool| {
            value.as_object().is_some_and(|id| matches!(&self.object(state, id).kind, Shape::Http(http) if test(http)))
        };
        if !is(request, |h| matches!(h, Http::Request(_))) || !is(answer, |h| matches!(h, Http::Response(_))) {
            return None;
        }
        Some(args.get(2).copied().unwrap_or(Value::Undefined))
    }

    /// A middleware of a library that is not known: it passes, unless its name is all there is to see and says otherwise.
    fn call_middleware(&mut self, mut state: State, site: Site, name: &str, next: Value) -> Outcomes {
        let last = names::last_word(name);
        if names::is_role_field(last) {
            self.role_seen = true;
        }
        if self.mode == Mode::Anonymous && (names::is_guard(last) || self.configured_name(name)) {
            let evidence = if self.configured_name(name) { Evidence::Config } else { Evidence::Name };
            let cause = self.cause(last, site, evidence);
            return self.reject(state, cause, next);
        }
        if name.starts_with('?') && !is_neutral_name(last) {
            let cause = self.cause(last, site, Evidence::Unseen);
            state.request.unseen.get_or_insert(cause);
        }
        self.pass(state, site, next)
    }

    fn pass(&mut self, mut state: State, site: Site, next: Value) -> Outcomes {
        if next == Value::Undefined {
            state.request.handed_over = true;
            return Self::done(state, Value::UNKNOWN);
        }
        self.call(state, site, next, Value::Undefined, Vec::new())
    }

    /// Ends the request for lack of an identity.
    fn reject(&mut self, mut state: State, cause: super::value::CauseId, _next: Value) -> Outcomes {
        state.request.consulted.get_or_insert(cause);
        state.request.denied = Some(cause);
        if state.request.answer.is_none() {
            state.request.answer = Some(Answer { kind: AnswerKind::Rejection, constant: true });
        }
        Self::done(state, Value::Undefined)
    }

    /// `jwt({ … }).unless({ path: ['/login', /^\/public/] })`: a guard, except for some paths.
    fn call_unless(&mut self, state: State, site: Site, id: ExternalId, base: &str, next: Value, args: Vec<Value>) -> Outcomes {
        // Not to be remembered for other paths.
        self.read_target = true;
        let path = args.first().and_then(|r| r.as_object()).and_then(|request| {
            let slot = self.values.find_atom("originalUrl")?;
            self.object(&state, request).slots.get(&slot.0).copied()
        });
        let path = path.and_then(|p| self.known_text(p)).unwrap_or_default();
        let path = path.strip_suffix('?').unwrap_or(&path).to_owned();
        let mut exempt = false;
        if let super::value::External::Call(_, options) = self.values.external_of(id).clone()
            && let Some(Value::Object(options)) = options.first().copied()
            && let Some(listed) = self.values.find_atom("path").and_then(|a| self.object(&state, options).slots.get(&a.0).copied())
        {
            let (items, _) = match listed {
                Value::Object(list) if matches!(self.object(&state, list).kind, Shape::Array { .. }) => self.items_of(&state, listed),
                other => (vec![other], false),
            };
            exempt = items.iter().any(|item| self.exempts(&state, *item, &path));
        }
        if exempt || self.mode != Mode::Anonymous {
            return self.pass(state, site, next);
        }
        let cause = self.cause(&names::readable(base), site, Evidence::Known);
        self.reject(state, cause, next)
    }

    /// Whether an entry of an exemption list names the path.
    fn exempts(&self, state: &State, entry: Value, path: &str) -> bool {
        match entry {
            Value::Str(atom) => self.values.text(atom).trim_end_matches('/') == path.trim_end_matches('/'),
            Value::Object(id) => match &self.object(state, id).kind {
                Shape::Regex { source, flags } => {
                    crate::knowledge::regex::Regex::new(self.values.text(*source), self.values.text(*flags)).is_some_and(|r| r.is_match(path))
                }
                _ => self.values.find_atom("url").and_then(|a| self.object(state, id).slots.get(&a.0).copied()).is_some_and(|url| self.exempts(state, url, path)),
            },
            _ => false,
        }
    }

    /// `express-basic-auth` takes the promise of an asynchronous authorizer for a yes.
    fn is_broken_basic_auth(&self, state: &State, id: ExternalId, name: &str) -> bool {
        if name != "express-basic-auth()" {
            return false;
        }
        let super::value::External::Call(_, args) = self.values.external_of(id) else { return false };
        let Some(Value::Object(options)) = args.first().copied() else { return false };
        let field = |name: &str| self.values.find_atom(name).and_then(|a| self.object(state, options).slots.get(&a.0).copied());
        let asynchronous = field("authorizer").and_then(Value::as_object).is_some_and(|f| match &self.object(state, f).kind {
            Shape::Function(closure) => self.modules[closure.module.0 as usize].ir.functions[closure.function.index()].is_async,
            _ => false,
        });
        asynchronous && field("authorizeAsync") != Some(Value::Bool(true))
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of a call")]
    fn call_known(&mut self, mut state: State, site: Site, id: ExternalId, name: &str, kind: Kind, shape: Option<Value>, args: Vec<Value>) -> Outcomes {
        match kind {
            Kind::Check { failure, promise } => self.call_check(state, site, name, failure, promise, args),
            Kind::Guard { unless } => {
                if let super::value::External::Call(_, given) = self.values.external_of(id)
                    && name.contains("protect")
                    && given.iter().any(|a| matches!(a, Value::Str(_)))
                {
                    self.role_seen = true;
                }
                if self.mode != Mode::Anonymous || self.is_opted_out(&state, id, unless) || self.is_broken_basic_auth(&state, id, name) {
                    if let Some(next) = shape {
                        let cause = self.cause(&names::readable(name), site, Evidence::Known);
                        state.request.consulted.get_or_insert(cause);
                        if self.mode == Mode::Anonymous {
                            state.request.lost.get_or_insert((cause, super::state::Lost::Optional));
                        }
                        return self.pass(state, site, next);
                    }
                    return Self::done(state, Value::opaque(Taint::IDENTITY));
                }
                let cause = self.cause(&names::readable(name), site, Evidence::Known);
                match shape {
                    Some(next) => self.reject(state, cause, next),
                    // Called as a helper: it throws.
                    None if name.ends_with("()") || name.ends_with("protect") => {
                        state.request.consulted.get_or_insert(cause);
                        state.request.denied = Some(cause);
                        self.settled_denied(state, cause)
                    }
                    None => {
                        let value = self.values.external(super::value::External::Call(id, args.into()));
                        Self::done(state, value)
                    }
                }
            }
            Kind::Passport => {
                let (arguments, callback) = match self.values.external_of(id).clone() {
                    super::value::External::Call(_, arguments) => {
                        let callback = arguments.last().copied().filter(|a| self.is_function(Some(&state), *a));
                        (arguments.to_vec(), callback)
                    }
                    _ => (Vec::new(), None),
                };
                let label = self.passport_label(&state, &arguments);
                let cause = self.cause(&label, site, Evidence::Known);
                if let Some(callback) = callback {
                    state.request.consulted.get_or_insert(cause);
                    let user = match self.mode {
                        Mode::Anonymous => Value::Anonymous(Plain::False, cause),
                        _ => Value::opaque(Taint::IDENTITY),
                    };
                    return self.call(state, site, callback, Value::Undefined, vec![Value::Null, user, Value::truthy(Taint::NONE)]);
                }
                // A strategy that sends the browser elsewhere answers by itself.
                if self.mode == Mode::Anyone && shape.is_some() && self.redirects(&arguments) {
                    let mut answered = state.clone();
                    self.record(&mut answered, AnswerKind::Redirect, true);
                    let mut outcomes = Self::done(answered, Value::Undefined);
                    if let Some(next) = shape {
                        outcomes.extend(self.pass(state, site, next));
                    }
                    return outcomes;
                }
                let lenient = self.has_lenient_strategy(&state, &arguments);
                match shape {
                    Some(next) if self.mode != Mode::Anonymous || lenient => {
                        state.request.consulted.get_or_insert(cause);
                        self.pass(state, site, next)
                    }
                    Some(next) => self.reject(state, cause, next),
                    None => Self::done(state, Value::UNKNOWN),
                }
            }
            Kind::Attach | Kind::Neutral => match shape {
                Some(next) => self.pass(state, site, next),
                None if self.any_function(&state, &args) => self.call_unknown(state, site, Taint::NONE, args),
                None => {
                    let value = self.values.external(super::value::External::Call(id, args.into()));
                    Self::done(state, value)
                }
            },
            Kind::Answer(label) => {
                if let (Some("static"), Some(next)) = (label, shape) {
                    // A file that is not there is left to what follows.
                    return self.pass(state, site, next);
                }
                if shape.is_some() {
                    self.record(&mut state, AnswerKind::Success, false);
                    return Self::done(state, Value::Undefined);
                }
                let value = self.values.external(super::value::External::Call(id, args.into()));
                Self::done(state, value)
            }
            Kind::Decode => {
                if let Some(callback) = args.iter().rev().find(|a| self.is_function(Some(&state), **a)) {
                    return self.call(state, site, *callback, Value::Undefined, vec![Value::Null, Value::truthy(Taint::REQUEST)]);
                }
                // The caller chose what is in it.
                Self::done(state, Value::truthy(Taint::REQUEST))
            }
            Kind::GuardWrapper | Kind::AttachWrapper => {
                let wrapped = args.iter().copied().find(|a| self.is_function(Some(&state), *a));
                let label = self.values.atom(name);
                let value = match (kind, wrapped) {
                    (Kind::GuardWrapper, wrapped) => self.values.native(Native::Guard { name: label, wrapped }),
                    (_, Some(function)) => self.values.native(Native::Wrapped { function, library: label }),
                    _ => Value::UNKNOWN,
                };
                Self::done(state, value)
            }
        }
    }

    fn call_check(&mut self, mut state: State, site: Site, name: &str, failure: Failure, promise: bool, args: Vec<Value>) -> Outcomes {
        let callback = args.iter().rev().copied().find(|a| self.is_function(Some(&state), *a));
        if self.mode != Mode::Anonymous {
            let identity = Value::opaque(Taint::IDENTITY);
            return match callback {
                Some(callback) => self.call(state, site, callback, Value::Undefined, vec![Value::opaque(Taint::ERROR), identity]),
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
            let value = if failure == Failure::Throws { Value::Anonymous(Plain::Undefined, cause) } else { self.failure_value(&mut state, failure, cause) };
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

    fn failure_value(&mut self, state: &mut State, failure: Failure, cause: super::value::CauseId) -> Value {
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
            Failure::Handle => Value::UNKNOWN,
            Failure::True => Value::Anonymous(Plain::True, cause),
            Failure::Status(code) => Value::number(f64::from(code)),
            Failure::Member(way) => self.external_way(way),
        }
    }

    /// Whether the call that made this middleware switched its rejection off.
    fn is_opted_out(&self, state: &State, id: ExternalId, unless: &[(&str, Option<bool>)]) -> bool {
        let super::value::External::Call(_, args) = self.values.external_of(id) else { return false };
        args.iter().filter_map(|a| a.as_object()).any(|object| {
            unless.iter().any(|(option, value)| {
                self.values.find_atom(option).and_then(|a| self.object(state, object).slots.get(&a.0)).is_some_and(|found| match value {
                    Some(expected) => *found == Value::Bool(*expected),
                    None => true,
                })
            })
        })
    }

    fn passport_label(&self, state: &State, args: &[Value]) -> String {
        let strategy = match args.first() {
            Some(Value::Object(id)) => match &self.object(state, *id).kind {
                Shape::Array { items, .. } => items.first().and_then(|s| self.values.as_text(*s)),
                _ => None,
            },
            Some(value) => self.values.as_text(*value),
            None => None,
        };
        strategy.map_or_else(|| "passport.authenticate()".into(), |s| format!("passport.authenticate('{s}')"))
    }

    /// Whether a passport strategy is one of OAuth's and its kin.
    fn redirects(&self, args: &[Value]) -> bool {
        args.first().and_then(|a| self.values.as_text(*a)).is_some_and(|strategy| {
            !["jwt", "local", "basic", "bearer", "session", "token", "apikey", "api-key", "headerapikey", "custom", "anonymous", "digest", "hmac", "cookie"]
                .iter()
                .any(|known| strategy.to_ascii_lowercase().contains(known))
        })
    }

    /// `anonymous` among the strategies lets everybody through.
    fn has_lenient_strategy(&self, state: &State, args: &[Value]) -> bool {
        let (items, _) = args.first().map_or((Vec::new(), false), |first| match first {
            Value::Str(_) => (vec![*first], false),
            other => self.items_of(state, *other),
        });
        items.iter().any(|s| self.values.as_text(*s).is_some_and(|t| t.contains("anonym") || t == "session" || t == "guest"))
    }

    /// A function that cannot be seen, called with the request or with a credential, and named like a check.
    pub(super) fn check_by_name(&mut self, state: &mut State, site: Site, name: &str, args: &[Value]) -> Option<Outcomes> {
        let helper = names::helper(name)?;
        let taint = args.iter().fold(Taint::NONE, |t, a| t.union(self.deep_taint(state, *a)));
        let anonymous = args.iter().find_map(|a| self.deep_cause(state, *a, 2));
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

    /// A method of a library or undeclared object that reads or writes data.
    fn store_operation(&mut self, state: &State, site: Site, name: &str, args: &[Value]) -> Option<Outcomes> {
        let (receiver, method) = name.rsplit_once('.')?;
        if receiver.starts_with(":console") || receiver.starts_with(":Math") || receiver.starts_with(":Date") {
            return None;
        }
        self.data_operation(state.clone(), site, Some(receiver), method, args, Taint::NONE)
    }

    /// Reads or writes data. A read keyed by what an anonymous caller lacks finds nothing.
    pub(super) fn data_operation(&mut self, mut state: State, site: Site, receiver: Option<&str>, method: &str, args: &[Value], taint: Taint) -> Option<Outcomes> {
        let on_store = receiver.is_some_and(data::is_store);
        let operation = if on_store { data::operation_on_store(method) } else { data::operation(method) };
        let operation = operation.or_else(|| (receiver.is_some_and(data::is_database) && !data::is_builder(method)).then_some(Operation::ReadMany))?;
        let mut subject = receiver.map_or(String::new(), subject_of);
        let mut write = operation == Operation::Write;
        let mut query_taint = args.iter().fold(Taint::NONE, |t, a| t.union(self.deep_taint(&state, *a)));
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
        if !write && args.iter().any(|a| self.only_public(&state, *a, 6)) {
            subject.push_str(PUBLIC);
        }
        let callback = args.iter().rev().copied().find(|a| self.is_function(Some(&state), *a));
        let mut result = Value::opaque(Taint::STORED.union(taint.without(Taint::REQUEST)));
        if self.mode == Mode::Anonymous && !write {
            let lacking = args.iter().find_map(|a| self.deep_cause(&state, *a, 2));
            let by_credential = query_taint.has(Taint::CREDENTIAL) && !args.iter().any(|a| self.is_request(&state, *a));
            if by_credential || (lacking.is_some() && operation != Operation::ReadMany) {
                let cause = lacking.unwrap_or_else(|| self.cause(&format!("{} by a credential", if subject.is_empty() { "look-up" } else { &subject }), site, Evidence::Known));
                state.request.consulted.get_or_insert(cause);
                result = match operation {
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
            query_taint = Taint::STORED;
            result = Value::truthy(query_taint);
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

    fn is_request(&self, state: &State, value: Value) -> bool {
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

    /// Fields that a query names.
    fn note_selected(&mut self, state: &State, args: &[Value]) {
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

    // --- guards as values ---

    /// A wrapper of a library around one of the project's functions, if the library's name says nothing else.
    pub(super) fn transparent_wrapper(&mut self, state: &State, name: &str, args: &[Value]) -> Option<Value> {
        let function = args.iter().copied().find(|a| self.is_function(Some(state), *a))?;
        if (name.contains("()") || name.starts_with("new ") || name.starts_with(":set")) && knowledge::find(name).is_none() {
            return None;
        }
        let last = names::last_word(name);
        match knowledge::find(name).map(|row| row.kind) {
            Some(Kind::GuardWrapper) => {
                let name = self.values.atom(name);
                return Some(self.values.native(Native::Guard { name, wrapped: Some(function) }));
            }
            Some(Kind::AttachWrapper) => return Some(function_wrapped(self, function, name)),
            Some(_) => return None,
            None => {}
        }
        if knowledge::find(&format!("{name}()")).is_some() {
            return None;
        }
        if self.configured_name(name) || (names::is_guard(last) && (name.starts_with('?') || name.starts_with(':') || !is_neutral_name(last))) {
            let name = self.values.atom(name);
            return Some(self.values.native(Native::Guard { name, wrapped: Some(function) }));
        }
        let wraps = args.len() <= 2 && !["use", "on", "once", "listen", "register", "after", "ready", "get", "post", "put", "delete", "patch", "all", "addHook", "then"].contains(&last);
        wraps.then(|| function_wrapped(self, function, name))
    }

    pub(super) fn call_guard(&mut self, mut state: State, site: Site, name: Atom, wrapped: Option<Value>, args: Vec<Value>) -> Outcomes {
        let text = self.values.text(name).to_owned();
        if self.mode == Mode::Anonymous {
            let evidence = if self.configured_name(&text) {
                Evidence::Config
            } else if knowledge::find(&text).is_some() {
                Evidence::Known
            } else {
                Evidence::Name
            };
            let cause = self.cause(&names::readable(&text), site, evidence);
            let next = args.get(2).copied().unwrap_or(Value::Undefined);
            return self.reject(state, cause, next);
        }
        match wrapped {
            Some(function) => self.call(state, site, function, Value::Undefined, args),
            None => match args.get(2).copied() {
                Some(next) => self.call(state, site, next, Value::Undefined, Vec::new()),
                None => {
                    state.request.next = Some(Next::Called);
                    Self::done(state, Value::Undefined)
                }
            },
        }
    }

    pub(super) fn call_verified(&mut self, state: State, site: Site, name: Atom, callback: Value, _args: Vec<Value>) -> Outcomes {
        let text = self.values.text(name).to_owned();
        let cause = self.cause(&names::readable(&text), site, Evidence::Known);
        let user = if self.mode == Mode::Anonymous { Value::Anonymous(Plain::False, cause) } else { Value::opaque(Taint::IDENTITY) };
        self.call(state, site, callback, Value::Undefined, vec![Value::Null, user, Value::Undefined])
    }

    /// Whether the configuration names this function as a guard.
    fn configured_name(&self, canonical: &str) -> bool {
        let last = names::last_word(canonical);
        let package = canonical.strip_prefix('?').unwrap_or(canonical);
        self.config.guards.iter().any(|guard| {
            let named = guard.name.as_deref().is_none_or(|n| n == last);
            let imported = guard.import.as_deref().is_none_or(|i| package == i || package.strip_prefix(i).is_some_and(|rest| rest.starts_with(['.', '('])));
            named && imported && (guard.name.is_some() || guard.import.is_some())
        })
    }

    /// A function of the project that the configuration names as a guard.
    pub(super) fn configured_guard(&mut self, _state: &State, closure: &super::object::Closure) -> Option<Native> {
        if self.mode != Mode::Anonymous || self.config.guards.is_empty() {
            return None;
        }
        let ir = &self.modules[closure.module.0 as usize].ir;
        let name = ir.str(ir.functions[closure.function.index()].name?).to_owned();
        let path = ir.path.clone();
        let hit = self.config.guards.iter().any(|g| {
            g.name.as_deref() == Some(name.as_str())
                && g.import.as_deref().is_none_or(|i| path.starts_with(i.trim_start_matches("./")) || path.contains(i.trim_start_matches("./")))
        });
        if !hit {
            return None;
        }
        let name = self.values.atom(&name);
        Some(Native::Guard { name, wrapped: None })
    }
}

fn function_wrapped(interpreter: &mut Interpreter, function: Value, name: &str) -> Value {
    let library = interpreter.values.atom(name);
    interpreter.values.native(Native::Wrapped { function, library })
}

/// `prisma.user` → `user`; `db` → nothing in particular.
fn subject_of(receiver: &str) -> String {
    let last = names::last_word(receiver);
    let lower = last.to_ascii_lowercase();
    if matches!(lower.as_str(), "db" | "database" | "prisma" | "pool" | "client" | "knex" | "connection" | "redis" | "kv" | "store" | "sql" | "tx" | "query") {
        return String::new();
    }
    let trimmed = ["Repository", "Repo", "Model", "Dao", "Collection", "Store", "Service", "Table"].iter().find_map(|s| last.strip_suffix(s)).filter(|s| !s.is_empty());
    trimmed.unwrap_or(last).to_owned()
}

/// Functions that only compute: what goes in is what comes out.
fn is_pure(name: &str) -> bool {
    let package = name.split(['.', '(']).next().unwrap_or(name);
    matches!(
        package,
        ":Buffer" | ":String" | ":Math" | ":Date" | ":JSON" | ":URL" | ":Object" | ":Symbol" | ":Intl" | "lodash" | "underscore" | "ramda" | "cookie" | "qs"
            | "querystring" | "node:querystring" | "url" | "node:url" | "path" | "node:path" | "uuid" | "nanoid" | "ms" | "dayjs" | "moment" | "date-fns" | "crypto"
            | "node:crypto" | "zod" | "joi" | "yup" | "validator" | "http-status" | "superjson" | "js-base64" | "base64url" | "set-cookie-parser" | "cookie-parser"
            | "sanitize-html" | "slugify" | "util" | "node:util" | "change-case" | "hashids"
    )
}

/// Names that have nothing to do with authentication, whatever their body.
fn is_neutral_name(name: &str) -> bool {
    let words = names::words(name);
    words.iter().any(|w| matches!(w.as_str(), "log" | "logger" | "cors" | "helmet" | "limit" | "limiter" | "rate" | "upload" | "cache" | "compression" | "validate" | "validator" | "validation" | "schema" | "error" | "errors" | "parser" | "morgan" | "metrics" | "async" | "catch" | "wrap" | "handler" | "router" | "routes" | "context" | "axiom" | "sentry" | "hog"))
}
