//! The request and the answer, as handlers see them.
//!
//! ```js
//! req.headers.authorization, req.cookies.token, req.session.userId, req.user   // what an anonymous caller cannot bring
//! res.status(401).json({ error }), reply.unauthorized(), res.redirect('/login')
//! ```

use super::native::Native;
use super::object::{Carrier, Convention, Http, Kind, Object, Settled, Site, Status};
use super::state::{Outcomes, State};
use super::value::{Atom, ObjectId, Plain, Taint, Value};
use super::{Evidence, Interpreter, Mode};
use crate::knowledge::{Failure, names};

/// Properties of a request that differ from route to route.
pub const TARGET: [&str; 10] =
    ["url", "originalUrl", "path", "pathname", "method", "routeOptions", "context", "routeConfig", "routerPath", "server"];

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
                parts.extend(query);
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
            self.object_mut(state, response)
                .slots
                .insert(slot, if name == "raw" { Value::Object(response) } else { Value::Object(request) });
            self.object_mut(state, request).slots.insert(slot, Value::Object(request));
        }
        // There from the start, so that what one course of a guard reads from them or puts into them does not make them another object on
        // the others. (What a validator picks from a request are its body, query and parameters: those are made when they are read.)
        let carriers = [
            ("headers", Http::Carrier(Carrier::Headers)),
            ("cookies", Http::Carrier(Carrier::Cookies)),
            ("session", Http::Session),
            ("locals", Http::Locals),
            ("state", Http::Locals),
        ];
        for (name, http) in carriers {
            let name = self.values.atom(name);
            self.carrier(state, request, name, http);
        }
        let locals = self.values.atom("locals");
        self.carrier(state, response, locals, Http::Locals);
        let second = if convention == Convention::Fetch { self.fetch_context(state) } else { Value::Object(response) };
        (Value::Object(request), second)
    }

    /// `request.url`: the path alone, or followed by `?` and the query.
    pub fn with_query(&mut self, path: Value, parts: Vec<super::value::Part>) -> Value {
        let taint = Taint::REQUEST.union(Taint::URL);
        let Value::Str(atom) = path else { return self.values.pattern(parts, taint) };
        let start = format!("{}?", self.values.text(atom));
        let start = super::value::Part::Text(self.values.atom(&start));
        let queried = self.values.pattern(vec![start, super::value::Part::Hole], taint);
        self.values.join(path, queried)
    }

    pub(super) fn carrier(&mut self, state: &mut State, owner: ObjectId, name: Atom, http: Http) -> Value {
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
        let text = self.values.shared_text(name);
        let text = &*text;
        // `Object.assign(req, req.body)`: a property that the caller may have set.
        if let Some(rest) = self.field(state, id, "<rest>")
            && (names::is_identity_property(text) || http == Http::Session)
        {
            return rest;
        }
        match http {
            Http::Request(convention) => match text {
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
                "sessionID" => Value::truthy(Taint::NONE),
                "ip" | "ips" | "hostname" | "host" | "protocol" => Value::opaque(Taint::REQUEST.union(Taint::SCHEME)),
                "file" | "files" | "rawBody" | "subdomains" | "xhr" | "fresh" | "stale" => Value::opaque(Taint::REQUEST),
                "body" => Value::opaque(Taint::REQUEST),
                "isAuthenticated" | "jwtVerify" | "isUnauthenticated" => {
                    self.values.native(Native::Method { object: Value::Object(id), name })
                }
                _ if names::is_request_method(text) => self.values.native(Native::Method { object: Value::Object(id), name }),
                _ if names::is_identity_property(text) => {
                    self.identity(site, &format!("{}.{text}", request_word(convention)), Plain::Undefined)
                }
                // Set by middleware that was seen, it would be there.
                _ => Value::Undefined,
            },
            Http::Response(_) => match text {
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
                if names::is_carrier_method(text) {
                    return self.values.native(Native::Method { object: Value::Object(id), name });
                }
                match (carrier, text) {
                    (Carrier::Query, "searchParams") => Value::Object(id),
                    (Carrier::Query, "pathname" | "href" | "search" | "origin") => Value::truthy(Taint::REQUEST.union(Taint::URL)),
                    _ => Self::carried(carrier, text),
                }
            }
            Http::Session => {
                if names::is_session_method(text) {
                    return self.values.native(Native::Method { object: Value::Object(id), name });
                }
                if text == "id" && self.modules.iter().any(|m| m.ir.requests.iter().any(|r| m.ir.str(*r) == "express-session")) {
                    // Everybody is given one.
                    Value::truthy(Taint::NONE)
                } else if names::is_session_identity(text) {
                    self.identity(site, &format!("session.{text}"), Plain::Undefined)
                } else {
                    Value::UNKNOWN
                }
            }
            Http::Locals => {
                if names::is_identity_property(text) || text == "session" {
                    self.identity(site, &format!("locals.{text}"), Plain::Undefined)
                } else {
                    Value::Undefined
                }
            }
        }
    }

    /// The caller's data under a name; a credential, if the name says so.
    pub(super) fn carried(carrier: Carrier, name: &str) -> Value {
        let credential = match carrier {
            Carrier::Headers => names::is_credential_header(name),
            // A name that is computed is that of one link, one tenant, one session.
            Carrier::Cookies => name.is_empty() || name.contains('?') || names::is_credential_cookie(name),
            Carrier::Query | Carrier::Body | Carrier::Params => names::is_credential_field(name),
        };
        let taint = match carrier {
            _ if credential => Taint::REQUEST.union(Taint::CREDENTIAL),
            Carrier::Headers if names::is_origin_header(name) => Taint::REQUEST.union(Taint::SCHEME),
            _ => Taint::REQUEST,
        };
        // A parameter of the path is there, or the path is another.
        if let Carrier::Params = carrier { Value::truthy(taint) } else { Value::opaque(taint) }
    }

    pub(super) fn set_http(&mut self, state: &mut State, http: Http, id: ObjectId, name: Atom, value: Value) {
        if let (Http::Response(_), "statusCode" | "status") = (http, self.values.text(name)) {
            state.request.status = Some(self.status_in(state, value));
            return;
        }
        if http == Http::Session && !value.is_nullish() && names::is_identity_property(self.values.text(name)) {
            self.signs_in = true;
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
                    let known = self.header_sent(&state, id, &text).filter(|_| name != "param");
                    let value = known.unwrap_or_else(|| Self::carried(carrier, &text));
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
                        let mut rejected = state;
                        rejected.request.denied = None;
                        self.settled_denied(rejected, cause)
                    }
                    _ => Self::done(state, Value::opaque(Taint::IDENTITY)),
                },
                "clone" if convention == Convention::Fetch => Self::done(state, Value::Object(id)),
                "unsignCookie" if self.mode == Mode::Anonymous => {
                    let cause = self.cause("request.unsignCookie()", site, Evidence::Known);
                    state.request.consulted.get_or_insert(cause);
                    let failure = Failure::Fields(&[("valid", Failure::False), ("value", Failure::Null)]);
                    let value = self.failure_value(&mut state, failure, cause);
                    Self::done(state, value)
                }
                "jwtDecode" => Self::done(state, Value::opaque(Taint::REQUEST)),
                "json" | "formData" | "text" if convention == Convention::Fetch => {
                    let body = self.values.atom("<body>");
                    let value = match self.object(&state, id).slots.get(&body.0) {
                        Some(value) => *value,
                        None => self.carrier(&mut state, id, body, Http::Carrier(Carrier::Body)),
                    };
                    Self::done(state, value)
                }
                "login" | "logIn" => {
                    self.signs_in = true;
                    self.run_callbacks(state, site, &args, Taint::REQUEST, Value::Object(id))
                }
                "logout" | "logOut" | "saveRequestFiles" | "flash" | "on" | "once" | "pipe" => {
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
            Http::Response(convention) => self.answer_method(state, id, convention, name, &args),
            Http::Carrier(carrier) => match name {
                "get" | "getAll" | "has" => {
                    let text = self.known_text(first).unwrap_or_default();
                    let known = self.header_sent(&state, id, &text).filter(|_| carrier == Carrier::Headers && name == "get");
                    let mut value = known.unwrap_or_else(|| Self::carried(carrier, &text));
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
}

const fn request_word(convention: Convention) -> &'static str {
    match convention {
        Convention::Express => "req",
        Convention::Fastify | Convention::Fetch => "request",
    }
}
