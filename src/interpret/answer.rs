//! Answers: what handlers do with the response object, and passing the request on.
//!
//! ```js
//! res.status(401).json({ error })   reply.unauthorized()   res.redirect('/login')   next(error)
//! ```

use super::object::{Convention, Http, Kind, Status};
use super::state::{Answer, AnswerKind, Flow, Next, Outcomes, State};
use super::value::{Atom, ObjectId, Taint, Value};
use super::{EffectKind, Interpreter};
use crate::knowledge::names;

impl Interpreter<'_> {
    pub(super) fn answer_method(&mut self, mut state: State, id: ObjectId, convention: Convention, name: &str, args: &[Value]) -> Outcomes {
        let this = Value::Object(id);
        let first = args.first().copied().unwrap_or(Value::Undefined);
        match name {
            "status" | "code" | "writeHead" => {
                state.request.status = Some(self.status_in(&state, first));
                Self::done(state, this)
            }
            "sendStatus" => {
                state.request.status = Some(self.status_of(first));
                self.sent(state, this, |i, state| i.answer(state, &[]))
            }
            "json" | "send" | "end" | "jsonp" | "render" | "view" | "sendFile" | "download" | "sendfile" | "write" | "format"
            | "serialize" => {
                if matches!(name, "sendFile" | "download" | "sendfile") {
                    // A file that the code names is a page; one that the caller names may be any.
                    if self.known_path(first).is_none() {
                        self.effect(&mut state, super::EffectKind::FileRead, "");
                        state.request.reveals = true;
                    }
                }
                if name == "write" && convention == Convention::Express && state.request.answer.is_some() {
                    return Self::done(state, this);
                }
                let body: &[Value] = match name {
                    "render" | "view" => args.get(1..).unwrap_or_default(),
                    "end" | "json" | "send" if args.len() == 2 && self.is_function(Some(&state), args[1]) => &args[..1],
                    // Express 4: `res.send(status, body)`.
                    "send" | "json" if args.len() == 2 && matches!(first, Value::Number(_)) => {
                        state.request.status = Some(self.status_of(first));
                        &args[1..]
                    }
                    _ => args,
                };
                if let [Value::Number(bits)] = body
                    && convention == Convention::Express
                    && name == "send"
                {
                    state.request.status = Some(Status::Code(f64::from_bits(*bits) as u16));
                }
                // A thrown error that is sent: Fastify takes its status.
                if name == "send"
                    && convention == Convention::Fastify
                    && body.first().is_some_and(|b| self.deep_taint(&state, *b).has(Taint::ERROR))
                    && state.request.status.is_none()
                {
                    state.request.status = Some(Status::Code(500));
                }
                if matches!(name, "send" | "json" | "jsonp") {
                    return self.sent(state, this, |i, state| i.answer(state, body));
                }
                self.answer(&mut state, body);
                Self::done(state, this)
            }
            "redirect" => {
                let status = if matches!(first, Value::Number(_)) { self.status_of(first) } else { Status::Code(302) };
                state.request.status = Some(status);
                self.sent(state, this, |i, state| i.redirect(state, args.last().copied().unwrap_or(Value::Undefined)))
            }
            _ if names::rejecting_reply(name).is_some() => {
                let code = names::rejecting_reply(name).unwrap_or(401);
                state.request.status = Some(Status::Code(code));
                Self::record(&mut state, AnswerKind::Rejection, true);
                Self::done(state, this)
            }
            "pipe" | "hijack" | "callNotFound" => {
                Self::record(&mut state, AnswerKind::Success, false);
                Self::done(state, this)
            }
            "jwtSign" | "generateCsrf" => Self::done(state, Value::truthy(Taint::NONE)),
            // Headers, cookies, listeners.
            _ => Self::done(state, this),
        }
    }

    /// Sends an answer with headers of its own: Express throws where one was sent before.
    fn sent(&self, mut state: State, this: Value, send: impl FnOnce(&Self, &mut State)) -> Outcomes {
        let again = state.request.answer.is_some() && self.mode == super::Mode::Anonymous;
        let express = matches!(this, Value::Object(id) if self.object(&state, id).kind == Kind::Http(Http::Response(Convention::Express)));
        send(self, &mut state);
        let flow = if again && express { Flow::Throw(Value::truthy(Taint::ERROR)) } else { Flow::Value(this) };
        vec![(state, flow)]
    }

    pub(super) fn answer(&self, state: &mut State, body: &[Value]) {
        let constant = body.iter().all(|v| self.is_constant(state, *v) || self.is_version(state, *v));
        let says_error = body.iter().any(|v| self.says_error(state, *v));
        let kind = match state.request.status.unwrap_or(Status::Default) {
            status if status.is_rejection() => AnswerKind::Rejection,
            status if status.is_redirect() => AnswerKind::Redirect,
            Status::Unknown if state.request.caught => AnswerKind::Rejection,
            // `{ success: false, error: 'Unauthorized' }` with status 200, to a caller who was found to lack an identity.
            _ if constant && says_error && state.request.denied.is_some() => AnswerKind::Rejection,
            // What a `catch` answers when nothing else was done.
            _ if constant && state.request.caught => AnswerKind::Rejection,
            _ => AnswerKind::Success,
        };
        Self::record(state, kind, constant);
    }

    /// Notes a redirect: a rejection where the caller was found to lack an identity. One to a fixed place is also what a `catch` answers when
    /// nothing else was done, or what a caller without a credential is sent away with.
    fn redirect(&self, state: &mut State, place: Value) {
        let request = &state.request;
        let sent_away = request.caught || (request.lacking.is_some() && !request.worked);
        let rejects = (request.denied.is_some() && !self.has_worked(state)) || (sent_away && self.is_constant(state, place));
        let kind = if rejects { AnswerKind::Rejection } else { AnswerKind::Redirect };
        Self::record(state, kind, true);
    }

    /// Whether something was changed on the way that is more than a note about the request.
    pub fn has_worked(&self, state: &State) -> bool {
        state.request.effects.iter().map(|n| self.effect_of(*n)).any(|effect| {
            effect.kind.writes()
                && (effect.kind != EffectKind::DbWrite || !effect.subject.is_empty())
                && !names::is_bookkeeping(&effect.subject)
        })
    }

    /// `{ version: pkg.version }`: which program answers is no data of its users.
    fn is_version(&self, state: &State, body: Value) -> bool {
        let Value::Object(id) = body else { return false };
        let object = self.object(state, id);
        let names = |slot: &u32| {
            names::words(self.values.text(Atom(*slot))).iter().any(|w| matches!(w.as_str(), "version" | "uptime" | "commit" | "timestamp"))
        };
        matches!(object.kind, super::object::Kind::Plain)
            && !object.slots.is_empty()
            && object.slots.iter().all(|(slot, value)| {
                let own = self.taint_of(*value);
                let given = own.has(Taint::REQUEST) || own.has(Taint::STORED) || own.has(Taint::IDENTITY);
                (names(slot) && !given) || self.is_constant(state, *value)
            })
    }

    /// An answer of the framework itself that turns the request away.
    pub fn refuse(state: &mut State) {
        Self::record(state, AnswerKind::Rejection, true);
    }

    /// Notes that an answer was sent; only the first counts.
    pub(super) fn record(state: &mut State, kind: AnswerKind, constant: bool) {
        if state.request.answer.is_none() {
            state.request.answer = Some(Answer { kind, constant });
            // A later answer has a status of its own.
            state.request.status = None;
        } else if state.request.escaped && kind == AnswerKind::Success {
            state.request.worked_after_rejection = true;
        }
        if !constant {
            state.request.reveals = true;
        }
    }

    /// Whether an answer's body is an error message.
    pub(super) fn says_error(&self, state: &State, body: Value) -> bool {
        let Value::Object(id) = body else {
            return self.values.as_text(body).is_some_and(names::is_rejection_text);
        };
        if self.object(state, id).slots.len() > 4 {
            return false;
        }
        self.object(state, id).slots.iter().any(|(slot, value)| {
            let name = self.values.text(Atom(*slot));
            match name {
                "error" | "errors" | "err" => !matches!(value, Value::Bool(false) | Value::Null | Value::Undefined),
                "success" | "ok" | "authenticated" | "isAuthenticated" => *value == Value::Bool(false),
                "message" | "msg" | "reason" => self.values.as_text(*value).is_some_and(names::is_rejection_text),
                "status" | "code" | "statusCode" => self.status_of(*value).is_rejection(),
                _ => false,
            }
        })
    }

    /// `next()`, `next(error)`, Fastify's `done()`.
    pub(super) fn call_next(&self, mut state: State, convention: Convention, args: &[Value]) -> Outcomes {
        let argument = args.first().copied().unwrap_or(Value::Undefined);
        if state.request.next.is_some() {
            return Self::done(state, Value::Undefined);
        }
        let rejected = state.request.answer.is_some_and(|a| a.kind == AnswerKind::Rejection);
        if rejected && convention == Convention::Express {
            state.request.escaped = true;
        }
        let word = self.values.as_text(argument);
        if word == Some("route") && !self.in_route {
            state.request.next = Some(Next::Called);
            return Self::done(state, Value::Undefined);
        }
        if matches!(word, Some("route" | "router")) {
            state.request.next = Some(Next::Skipped);
            return Self::done(state, Value::Undefined);
        }
        let taint = self.deep_taint(&state, argument);
        match self.truth_of(argument) {
            Some(false) => {
                state.request.next = Some(Next::Called);
                Self::done(state, Value::Undefined)
            }
            Some(true) => {
                state.request.next = Some(Next::Failed);
                Self::done(state, Value::Undefined)
            }
            None if taint.has(Taint::ERROR) => {
                state.request.next = Some(Next::Failed);
                Self::done(state, Value::Undefined)
            }
            None => {
                let mut failed = state.clone();
                failed.request.next = Some(Next::Failed);
                state.request.next = Some(Next::Called);
                vec![(state, Flow::Value(Value::Undefined)), (failed, Flow::Value(Value::Undefined))]
            }
        }
    }
}
