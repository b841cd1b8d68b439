//! The request and the answer, as handlers see them.
//!
//! ```js
//! req.headers.authorization, req.cookies.token, req.session.userId, req.user   // what an anonymous caller cannot bring
//! res.status(401).json({ error }), reply.unauthorized(), res.redirect('/login')
//! ```

use super::native::Native;
use super::object::{Carrier, Convention, Http, Kind, Object, Settled, Site, Status};
use super::state::{Answer, AnswerKind, Flow, Next, Outcomes, State};
use super::value::{Atom, ObjectId, Plain, Taint, Value};
use super::{Evidence, Interpreter, Mode};
use crate::knowledge::names;

impl Interpreter<'_> {
    /// The two values that one run of a handler begins with: a request, and an answer or a context. `path` is the endpoint's, as far as it is known.
    pub fn exchange(&mut self, state: &mut State, convention: Convention, method: Option<&str>, path: Option<Value>) -> (Value, Value) {
        let request = self.allocate(state, Object::new(Kind::Http(Http::Request(convention))));
        let response = self.allocate(state, Object::new(Kind::Http(Http::Response(convention))));
        let method = match method {
            Some(method) => self.values.string(method),
            None => Value::truthy(Taint::METHOD),
        };
        let slot = self.names.method;
        self.object_mut(state, request).slots.insert(slot.0, method);
        self.request_path = path;
        if let Some(path) = path {
            let query = [super::value::Part::Hole];
            let mut parts = match path {
                Value::Str(atom) => vec![super::value::Part::Text(atom)],
                Value::Pattern(id) => self.values.pattern_of(id).0.to_vec(),
                _ => Vec::new(),
            };
            if !parts.is_empty() {
                if parts.last() != Some(&super::value::Part::Hole) {
                    parts.extend(query);
                }
                let url = match convention {
                    Convention::Fetch => self.full_url(path),
                    _ => self.with_query(path, parts),
                };
                for (name, value) in [("url", url), ("originalUrl", url), ("path", path), ("pathname", path)] {
                    let slot = self.values.atom(name);
                    self.object_mut(state, request).slots.insert(slot.0, value);
                }
            }
        }
        for (name, value) in [("res", Value::Object(response)), ("req", Value::Object(request))] {
            let slot = self.values.atom(name).0;
            self.object_mut(state, request).slots.insert(slot, value);
            self.object_mut(state, response).slots.insert(slot, value);
        }
        for name in ["request", "raw"] {
            let slot = self.values.atom(name).0;
            self.object_mut(state, response).slots.insert(slot, if name == "raw" { Value::Object(response) } else { Value::Object(request) });
            self.object_mut(state, request).slots.insert(slot, Value::Object(request));
        }
        let second = if convention == Convention::Fetch { self.fetch_context(state) } else { Value::Object(response) };
        (Value::Object(request), second)
    }

    /// `request.url`: the path alone, or followed by `?` and the query.
    fn with_query(&mut self, path: Value, parts: Vec<super::value::Part>) -> Value {
        let taint = Taint::REQUEST.union(Taint::URL);
        let Value::Str(atom) = path else { return self.values.pattern(parts, taint) };
        let start = format!("{}?", self.values.text(atom));
        let start = super::value::Part::Text(self.values.atom(&start));
        let queried = self.values.pattern(vec![start, super::value::Part::Hole], taint);
        self.values.join(path, queried)
    }

    fn carrier(&mut self, state: &mut State, owner: ObjectId, name: Atom, http: Http) -> Value {
        let id = self.allocate(state, Object::new(Kind::Http(http)));
        self.object_mut(state, owner).slots.insert(name.0, Value::Object(id));
        Value::Object(id)
    }

    /// What an identity check on the request gives.
    pub(super) fn identity(&mut self, site: Site, what: &str, plain: Plain) -> Value {
        if names::is_role_field(what) {
            self.role_seen = true;
        }
        match self.mode {
            Mode::Anonymous => Value::Anonymous(plain, self.cause(what, site, Evidence::Known)),
            _ => Value::opaque(Taint::IDENTITY),
        }
    }

    pub(super) fn http_property(&mut self, state: &mut State, site: Site, id: ObjectId, http: Http, name: Atom) -> Value {
        let text = self.values.text(name).to_owned();
        match http {
            Http::Request(convention) => match text.as_str() {
                "headers" | "rawHeaders" => self.carrier(state, id, name, Http::Carrier(Carrier::Headers)),
                "nextUrl" => {
                    let url = self.parsed_url(state);
                    self.object_mut(state, id).slots.insert(name.0, Value::Object(url));
                    Value::Object(url)
                }
                "query" | "searchParams" => self.carrier(state, id, name, Http::Carrier(Carrier::Query)),
                "body" if convention != Convention::Fetch => self.carrier(state, id, name, Http::Carrier(Carrier::Body)),
                "params" => self.carrier(state, id, name, Http::Carrier(Carrier::Params)),
                "cookies" | "signedCookies" => self.carrier(state, id, name, Http::Carrier(Carrier::Cookies)),
                "session" => self.carrier(state, id, name, Http::Session),
                "context" | "routeOptions" | "locals" | "state" => self.carrier(state, id, name, Http::Locals),
                "method" => Value::truthy(Taint::METHOD),
                "url" | "originalUrl" | "path" | "baseUrl" | "pathname" | "href" => Value::truthy(Taint::REQUEST.union(Taint::URL)),
                "app" | "server" | "log" | "logger" | "socket" | "connection" => Value::truthy(Taint::NONE),
                "ip" | "ips" | "hostname" | "host" | "protocol" | "file" | "files" | "rawBody" | "subdomains" => Value::opaque(Taint::REQUEST),
                "body" => Value::opaque(Taint::REQUEST),
                "isAuthenticated" | "jwtVerify" | "isUnauthenticated" => self.values.native(Native::Method { object: Value::Object(id), name }),
                _ if names::is_request_method(&text) => self.values.native(Native::Method { object: Value::Object(id), name }),
                _ if names::is_identity_property(&text) => self.identity(site, &format!("{}.{text}", request_word(convention)), Plain::Undefined),
                // Set by middleware that was seen, it would be there.
                _ => Value::Undefined,
            },
            Http::Response(_) => match text.as_str() {
                "locals" => self.carrier(state, id, name, Http::Locals),
                "headersSent" | "sent" | "finished" | "writableEnded" => Value::Bool(state.request.answer.is_some()),
                "statusCode" => match state.request.status {
                    Some(Status::Code(code)) => Value::number(f64::from(code)),
                    Some(Status::Unknown) => Value::UNKNOWN,
                    _ => Value::number(200.0),
                },
                "log" | "server" | "app" => Value::truthy(Taint::NONE),
                _ => self.values.native(Native::Method { object: Value::Object(id), name }),
            },
            Http::Carrier(carrier) => {
                if names::is_carrier_method(&text) {
                    return self.values.native(Native::Method { object: Value::Object(id), name });
                }
                match (carrier, text.as_str()) {
                    (Carrier::Query, "searchParams") => Value::Object(id),
                    (Carrier::Query, "pathname" | "href" | "search" | "origin") => Value::truthy(Taint::REQUEST.union(Taint::URL)),
                    _ => self.carried(carrier, &text),
                }
            }
            Http::Session => {
                if names::is_session_method(&text) {
                    return self.values.native(Native::Method { object: Value::Object(id), name });
                }
                if names::is_session_identity(&text) {
                    self.identity(site, &format!("session.{text}"), Plain::Undefined)
                } else {
                    Value::UNKNOWN
                }
            }
            Http::Locals => {
                if names::is_identity_property(&text) || text == "session" {
                    self.identity(site, &format!("locals.{text}"), Plain::Undefined)
                } else {
                    Value::Undefined
                }
            }
        }
    }

    /// The caller's data under a name; a credential, if the name says so.
    pub(super) fn carried(&mut self, carrier: Carrier, name: &str) -> Value {
        let credential = match carrier {
            Carrier::Headers => names::is_credential_header(name),
            // A name that is computed is that of one link, one tenant, one session.
            Carrier::Cookies => name.is_empty() || name.contains('?') || names::is_credential_cookie(name),
            Carrier::Query | Carrier::Body | Carrier::Params => names::is_credential_field(name),
        };
        Value::opaque(if credential { Taint::REQUEST.union(Taint::CREDENTIAL) } else { Taint::REQUEST })
    }

    pub(super) fn set_http(&mut self, state: &mut State, http: Http, id: ObjectId, name: Atom, value: Value) {
        if let (Http::Response(_), "statusCode" | "status") = (http, self.values.text(name)) {
            state.request.status = Some(self.status_of(value));
            return;
        }
        self.object_mut(state, id).slots.insert(name.0, value);
    }

    pub(super) fn http_method(&mut self, mut state: State, site: Site, id: ObjectId, http: Http, name: &str, args: Vec<Value>) -> Outcomes {
        let first = args.first().copied().unwrap_or(Value::Undefined);
        match http {
            Http::Request(convention) => match name {
                "get" | "header" | "param" => {
                    let text = self.to_text(first).unwrap_or_default();
                    let carrier = if name == "param" { Carrier::Params } else { Carrier::Headers };
                    let value = self.carried(carrier, &text);
                    Self::done(state, value)
                }
                "isAuthenticated" => {
                    let value = self.identity(site, "req.isAuthenticated()", Plain::False);
                    Self::done(state, value)
                }
                "isUnauthenticated" => {
                    let value = self.identity(site, "req.isUnauthenticated()", Plain::True);
                    Self::done(state, value)
                }
                "jwtVerify" | "authenticate" | "accessVerify" | "refreshVerify" => match self.mode {
                    Mode::Anonymous => {
                        let cause = self.cause(&format!("request.{name}()"), site, Evidence::Known);
                        state.request.consulted.get_or_insert(cause);
                        state.request.denied = Some(cause);
                        // With a callback, the error is its first argument.
                        if let Some(callback) = args.iter().rev().find(|a| self.is_function(Some(&state), **a)) {
                            return self.call(state, site, *callback, Value::Undefined, vec![Value::truthy(Taint::ERROR)]);
                        }
                        let error = self.values.atom(name);
                        let _ = error;
                        let mut rejected = state;
                        rejected.request.denied = None;
                        self.settled_denied(rejected, cause)
                    }
                    _ => Self::done(state, Value::opaque(Taint::IDENTITY)),
                },
                "jwtDecode" => Self::done(state, Value::truthy(Taint::REQUEST)),
                "json" | "formData" | "text" if convention == Convention::Fetch => {
                    let body = self.values.atom("<body>");
                    let value = match self.object(&state, id).slots.get(&body.0) {
                        Some(value) => *value,
                        None => self.carrier(&mut state, id, body, Http::Carrier(Carrier::Body)),
                    };
                    Self::done(state, value)
                }
                "login" | "logIn" | "logout" | "logOut" | "saveRequestFiles" | "flash" | "on" | "once" | "pipe" => {
                    self.run_callbacks(state, site, &args, Taint::REQUEST, Value::Object(id))
                }
                _ => {
                    if self.mode == Mode::Anonymous
                        && let Some(outcomes) = self.check_by_name(&mut state, site, name, &args)
                    {
                        return outcomes;
                    }
                    Self::done(state, Value::opaque(Taint::REQUEST))
                }
            },
            Http::Response(convention) => self.answer_method(state, site, id, convention, name, args),
            Http::Carrier(carrier) => match name {
                "get" | "getAll" | "has" => {
                    let text = self.known_text(first).unwrap_or_default();
                    let mut value = self.carried(carrier, &text);
                    if let (Value::Opaque(o), "has") = (&mut value, name) {
                        // That one is there says nothing about whether it is valid.
                        o.taint = o.taint.union(Taint::SCHEME);
                    }
                    Self::done(state, value)
                }
                "set" | "delete" | "append" => Self::done(state, Value::Object(id)),
                _ => Self::done(state, Value::opaque(Taint::REQUEST)),
            },
            Http::Session => match name {
                "get" => {
                    let text = self.to_text(first).unwrap_or_default();
                    let value = if names::is_session_identity(&text) {
                        self.identity(site, &format!("session.{text}"), Plain::Undefined)
                    } else {
                        Value::UNKNOWN
                    };
                    Self::done(state, value)
                }
                _ => self.run_callbacks(state, site, &args, Taint::NONE, Value::UNKNOWN),
            },
            Http::Locals => Self::done(state, Value::UNKNOWN),
        }
    }

    /// A promise rejected for lack of a credential.
    pub(super) fn settled_denied(&mut self, mut state: State, cause: super::value::CauseId) -> Outcomes {
        state.request.consulted.get_or_insert(cause);
        let error = Value::truthy(Taint::ERROR);
        state.request.denied = Some(cause);
        let promise = self.promise(&mut state, Settled::Rejected(error));
        Self::done(state, promise)
    }

    fn answer_method(&mut self, mut state: State, site: Site, id: ObjectId, convention: Convention, name: &str, args: Vec<Value>) -> Outcomes {
        let this = Value::Object(id);
        let first = args.first().copied().unwrap_or(Value::Undefined);
        match name {
            "status" | "code" | "writeHead" => {
                state.request.status = Some(self.status_of(first));
                Self::done(state, this)
            }
            "sendStatus" => {
                state.request.status = Some(self.status_of(first));
                self.answer(&mut state, &[]);
                Self::done(state, this)
            }
            "json" | "send" | "end" | "jsonp" | "render" | "view" | "sendFile" | "download" | "sendfile" | "write" | "format" | "serialize" => {
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
                    _ => &args,
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
                self.answer(&mut state, body);
                Self::done(state, this)
            }
            "redirect" => {
                let status = if matches!(first, Value::Number(_)) { self.status_of(first) } else { Status::Code(302) };
                state.request.status = Some(status);
                self.record(&mut state, AnswerKind::Redirect, true);
                Self::done(state, this)
            }
            _ if names::rejecting_reply(name).is_some() => {
                let code = names::rejecting_reply(name).unwrap_or(401);
                state.request.status = Some(Status::Code(code));
                self.record(&mut state, AnswerKind::Rejection, true);
                Self::done(state, this)
            }
            "pipe" | "hijack" | "callNotFound" => {
                self.record(&mut state, AnswerKind::Success, false);
                Self::done(state, this)
            }
            "jwtSign" | "generateCsrf" => Self::done(state, Value::truthy(Taint::NONE)),
            "on" | "once" | "addListener" => {
                let _ = site;
                Self::done(state, this)
            }
            // Headers, cookies and the like.
            _ => Self::done(state, this),
        }
    }

    fn answer(&mut self, state: &mut State, body: &[Value]) {
        let constant = body.iter().all(|v| self.is_constant(state, *v));
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
        self.record(state, kind, constant);
    }

    /// An answer of the framework itself that turns the request away.
    pub fn refuse(&mut self, state: &mut State) {
        self.record(state, AnswerKind::Rejection, true);
    }

    /// Notes that an answer was sent; only the first counts.
    pub(super) fn record(&mut self, state: &mut State, kind: AnswerKind, constant: bool) {
        if state.request.answer.is_none() {
            state.request.answer = Some(Answer { kind, constant });
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
    pub(super) fn call_next(&mut self, mut state: State, convention: Convention, args: Vec<Value>) -> Outcomes {
        let argument = args.first().copied().unwrap_or(Value::Undefined);
        if state.request.next.is_some() {
            return Self::done(state, Value::Undefined);
        }
        let rejected = state.request.answer.is_some_and(|a| a.kind == AnswerKind::Rejection);
        if rejected && convention == Convention::Express {
            state.request.escaped = true;
        }
        if self.values.as_text(argument).is_some_and(|t| t == "route" || t == "router") {
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

const fn request_word(convention: Convention) -> &'static str {
    match convention {
        Convention::Express => "req",
        Convention::Fastify | Convention::Fetch => "request",
    }
}
