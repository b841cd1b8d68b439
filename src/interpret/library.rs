//! Calls into libraries while a request is handled: what each does to an anonymous caller, by the tables in `knowledge`.
//!
//! ```js
//! const payload = jwt.verify(token, key)          // throws
//! const session = await getServerSession(options)  // null
//! passport.authenticate('jwt', callback)(req, res, next)
//! ```

use super::native::Native;
use super::object::{Http, Kind as Shape, Site};
use super::state::{Answer, AnswerKind, Outcomes, State};
use super::upload::UPLOAD;
use super::value::{ExternalId, Plain, Taint, Value};
use super::{EffectKind, Evidence, Interpreter, Mode};
use crate::knowledge::data::{self, Touch};
use crate::knowledge::names::{self};
use crate::knowledge::{self, Kind};

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
        if let Some(value) = self.digest_call(&state, id, name, &args) {
            return Self::done(state, value);
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
            let page = touch == Touch::FileRead && args.first().is_some_and(|a| self.is_page(&state, *a));
            if !page {
                self.touch(&mut state, touch, name);
            }
        } else if let Some(value) = self.cached_by_credential(&mut state, site, id, name, &args) {
            return Self::done(state, value);
        } else if let Some(outcomes) = self.store_operation(&state, site, id, name, &args) {
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
            let asked = matches!(data::effect(name), Some((_, Touch::Network)));
            let answer = if asked { Taint::ANSWER } else { Taint::NONE };
            return Self::done(state, Value::opaque(taint.union(Taint::UNSEEN).union(answer)));
        }
        // A client or builder of the library: what is called on it next will tell.
        let value = self.values.external(super::value::External::Call(id, args.into()));
        Self::done(state, value)
    }

    pub(super) fn touch(&mut self, state: &mut State, touch: Touch, name: &str) {
        let kind = match touch {
            Touch::FileRead => EffectKind::FileRead,
            Touch::FileWrite => EffectKind::FileWrite,
            Touch::Email => EffectKind::Email,
            Touch::Payment => EffectKind::Payment,
            Touch::Process => EffectKind::Process,
            Touch::Network => EffectKind::Network,
            Touch::Token => EffectKind::Token,
            Touch::Metrics => EffectKind::DbRead,
        };
        let subject = match touch {
            Touch::Payment => name.split('.').next().unwrap_or_default(),
            Touch::Metrics => "metrics",
            _ => "",
        };
        self.effect(state, kind, subject);
    }

    /// `(req, res, next)`: what is to be called to pass the request on.
    pub(super) fn middleware_shape(&self, state: &State, args: &[Value]) -> Option<Value> {
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
    pub(super) fn call_middleware(&mut self, mut state: State, site: Site, name: &str, next: Value) -> Outcomes {
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

    pub(super) fn pass(&mut self, mut state: State, site: Site, next: Value) -> Outcomes {
        if next == Value::Undefined {
            state.request.handed_over = true;
            return Self::done(state, Value::UNKNOWN);
        }
        self.call(state, site, next, Value::Undefined, Vec::new())
    }

    /// Ends the request for lack of an identity.
    pub(super) fn reject(&mut self, mut state: State, cause: super::value::CauseId, _next: Value) -> Outcomes {
        state.request.consulted.get_or_insert(cause);
        state.request.denied = Some(cause);
        if state.request.answer.is_none() {
            state.request.answer = Some(Answer { kind: AnswerKind::Rejection, constant: true });
        }
        Self::done(state, Value::Undefined)
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of a call")]
    pub(super) fn call_known(
        &mut self,
        mut state: State,
        site: Site,
        id: ExternalId,
        name: &str,
        kind: Kind,
        shape: Option<Value>,
        args: Vec<Value>,
    ) -> Outcomes {
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
                Some(next) => {
                    if self.keeps_files(&state, id) {
                        self.effect(&mut state, EffectKind::FileWrite, UPLOAD);
                    }
                    self.pass(state, site, next)
                }
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

    // --- guards as values ---
}

/// Functions that only compute: what goes in is what comes out.
fn is_pure(name: &str) -> bool {
    let package = name.split(['.', '(']).next().unwrap_or(name);
    matches!(
        package,
        ":Buffer"
            | ":String"
            | ":Math"
            | ":Date"
            | ":JSON"
            | ":URL"
            | ":Object"
            | ":Symbol"
            | ":Intl"
            | "lodash"
            | "underscore"
            | "ramda"
            | "cookie"
            | "qs"
            | "querystring"
            | "node:querystring"
            | "url"
            | "node:url"
            | "path"
            | "node:path"
            | "uuid"
            | "nanoid"
            | "ms"
            | "dayjs"
            | "moment"
            | "date-fns"
            | "crypto"
            | "node:crypto"
            | "zod"
            | "joi"
            | "yup"
            | "validator"
            | "http-status"
            | "superjson"
            | "js-base64"
            | "base64url"
            | "set-cookie-parser"
            | "cookie-parser"
            | "sanitize-html"
            | "slugify"
            | "util"
            | "node:util"
            | "change-case"
            | "hashids"
    )
}

/// Names that have nothing to do with authentication, whatever their body.
pub(super) fn is_neutral_name(name: &str) -> bool {
    let words = names::words(name);
    words.iter().any(|w| {
        matches!(
            w.as_str(),
            "log"
                | "logger"
                | "cors"
                | "helmet"
                | "limit"
                | "limiter"
                | "rate"
                | "upload"
                | "cache"
                | "compression"
                | "validate"
                | "validator"
                | "validation"
                | "schema"
                | "error"
                | "errors"
                | "parser"
                | "morgan"
                | "metrics"
                | "async"
                | "catch"
                | "wrap"
                | "handler"
                | "router"
                | "routes"
                | "context"
                | "axiom"
                | "sentry"
                | "hog"
        )
    })
}
