//! What names suggest. Names are evidence of last resort: they decide only where a body cannot be seen, and which of the caller's
//! data is meant as a credential.
//!
//! ```js
//! req.headers['x-api-key'], req.cookies.session, req.query.token   // credentials
//! import { requireAuth } from './missing'                          // a guard, by its name
//! authLimiter, authorName, authRouter, isNotAuthenticated          // not guards
//! ```

/// The words of an identifier, in lower case: `isLoggedIn` → `is`, `logged`, `in`.
pub fn words(name: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut current = String::new();
    let chars: Vec<char> = name.chars().collect();
    for (i, c) in chars.iter().enumerate() {
        if !c.is_alphanumeric() {
            if !current.is_empty() {
                out.push(std::mem::take(&mut current));
            }
            continue;
        }
        let boundary = c.is_uppercase()
            && (i > 0 && (chars[i - 1].is_lowercase() || chars[i - 1].is_ascii_digit()) || chars.get(i + 1).is_some_and(|n| n.is_lowercase()));
        if boundary && !current.is_empty() {
            out.push(std::mem::take(&mut current));
        }
        current.extend(c.to_lowercase());
    }
    if !current.is_empty() {
        out.push(current);
    }
    out
}

/// A canonical name as people would write it: `?./auth.requireAuth` → `requireAuth`, `:app` → `app`.
pub fn readable(canonical: &str) -> String {
    let name = canonical.strip_prefix("new ").unwrap_or(canonical);
    if let Some(global) = name.strip_prefix(':') {
        return global.to_owned();
    }
    if name.starts_with('?') {
        return last_word(name).to_owned();
    }
    name.to_owned()
}

/// The last identifier of a canonical name.
pub fn last_word(canonical: &str) -> &str {
    let name = canonical.trim_end_matches("()");
    name.rsplit(['.', '/', ':', '?', ' ']).find(|w| !w.is_empty()).unwrap_or(name)
}

/// Parts of `Authorization` that are no secret, and other well-known constants.
pub fn is_scheme(text: &str) -> bool {
    matches!(
        text.trim().to_ascii_lowercase().as_str(),
        "bearer" | "basic" | "token" | "jwt" | "digest" | "apikey" | "undefined" | "null" | "string" | "object" | "true" | "false" | "authorization"
            | "access_token" | "refresh_token" | "id_token" | "api-key" | "key"
    )
}

pub fn is_credential_header(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    matches!(lower.as_str(), "authorization" | "cookie" | "proxy-authorization" | "signature" | "x-hub-signature-256" | "apikey" | "token" | "session")
        || {
            let words = words(&lower);
            let has = |w: &str| words.iter().any(|x| x == w);
            !has("csrf")
                && !has("xsrf")
                && !has("idempotency")
                && (has("token") || has("apikey") || has("secret") || has("signature") || has("hmac") || has("auth") || has("jwt") || (has("key") && words.len() > 1))
        }
}

pub fn is_credential_cookie(name: &str) -> bool {
    let words = words(name);
    let has = |list: &[&str]| words.iter().any(|w| list.contains(&w.as_str()));
    has(&["token", "session", "sid", "sess", "auth", "jwt", "sessionid", "access", "refresh", "connect", "login"]) && !has(&["csrf", "xsrf"])
}

pub fn is_credential_field(name: &str) -> bool {
    let words = words(name);
    let has = |w: &str| words.iter().any(|x| x == w);
    if has("csrf") || has("xsrf") || has("captcha") || has("push") || has("next") || has("page") || has("device") || has("continuation") {
        return false;
    }
    let last = words.last().map_or("", String::as_str);
    matches!(last, "token" | "secret" | "signature" | "sig" | "jwt" | "apikey" | "password" | "passphrase" | "passwd" | "hmac" | "authorization" | "credential" | "otp" | "totp")
        || (last == "key" && words.len() > 1 && (has("api") || has("secret") || has("access") || has("auth")))
        || (has("token") && matches!(last, "hash" | "value"))
        || (has("session") && matches!(last, "id"))
}

/// Properties of the request under which an identity is kept.
pub fn is_identity_property(name: &str) -> bool {
    matches!(
        name,
        "user" | "auth" | "account" | "userId" | "user_id" | "userID" | "currentUser" | "authUser" | "authenticatedUser" | "uid" | "identity" | "principal"
            | "jwt" | "token" | "decoded" | "payload" | "session" | "oidc" | "kauth" | "admin" | "member" | "me" | "viewer" | "apiKey" | "accountId"
            | "isAuth" | "isLoggedIn" | "authenticated" | "tokenPayload" | "jwtPayload" | "claims" | "userInfo" | "userRole" | "role" | "username" | "loggedIn"
            | "userToken" | "authInfo" | "decodedToken" | "sessionUser" | "customer" | "employee" | "login" | "loggedInUser" | "tokenData" | "isAdmin"
    )
}

/// Fields of a session that only a logged-in caller has.
pub fn is_session_identity(name: &str) -> bool {
    is_identity_property(name)
        || !words(name).iter().any(|w| {
            matches!(
                w.as_str(),
                "csrf" | "flash" | "views" | "view" | "count" | "counter" | "visits" | "cart" | "basket" | "return" | "redirect" | "nonce" | "state" | "verifier" | "cookie" | "lang" | "language"
                    | "locale" | "captcha" | "challenge" | "theme" | "messages" | "errors" | "blocked" | "last" | "oauth" | "code" | "step" | "wizard" | "options" | "reset"
            )
        })
}

pub fn is_session_method(name: &str) -> bool {
    matches!(name, "destroy" | "save" | "regenerate" | "reload" | "touch" | "get" | "set" | "delete" | "flash" | "commit" | "update")
}

/// Methods of request objects, as opposed to data on them.
pub fn is_request_method(name: &str) -> bool {
    matches!(
        name,
        "get" | "header" | "param" | "is" | "accepts" | "acceptsLanguages" | "login" | "logIn" | "logout" | "logOut" | "on" | "once" | "pipe" | "json" | "text"
            | "formData" | "arrayBuffer" | "blob" | "clone" | "jwtDecode" | "flash" | "csrfToken" | "saveRequestFiles" | "parts" | "authenticate"
            | "accessVerify" | "refreshVerify" | "unsignCookie" | "validateInput"
    )
}

/// Data that is kept about requests rather than for them.
pub fn is_bookkeeping(subject: &str) -> bool {
    words(subject).iter().any(|w| matches!(w.as_str(), "log" | "logs" | "audit" | "attempt" | "attempts" | "limit" | "rate" | "session" | "sessions" | "cache" | "metric" | "metrics" | "analytics" | "redis" | "token" | "tokens" | "visit" | "counter" | "captcha"))
}

/// A captcha is made for anonymous callers.
pub fn is_captcha(subject: &str) -> bool {
    words(subject).iter().any(|w| w == "captcha")
}

/// Methods of `Headers`, `URLSearchParams` and the like.
pub fn is_carrier_method(name: &str) -> bool {
    matches!(name, "get" | "getAll" | "has" | "set" | "delete" | "append" | "entries" | "keys" | "values" | "forEach" | "toString" | "hasOwnProperty")
}

/// Fields of an identity that say what it may do.
pub fn is_role_field(name: &str) -> bool {
    let words = words(name);
    words.iter().any(|w| matches!(w.as_str(), "role" | "roles" | "admin" | "permission" | "permissions" | "scope" | "scopes" | "superuser" | "owner" | "privileges" | "groups"))
}

/// `reply.unauthorized()`, `res.forbidden()`: replies that reject, with their status.
pub fn rejecting_reply(name: &str) -> Option<u16> {
    Some(match name {
        "unauthorized" | "unAuthorized" | "notAuthenticated" => 401,
        "forbidden" => 403,
        "notFound" => 404,
        "badRequest" => 400,
        "methodNotAllowed" => 405,
        "notAcceptable" => 406,
        "conflict" => 409,
        "unprocessableEntity" => 422,
        "tooManyRequests" => 429,
        "internalServerError" | "serverError" => 500,
        "boom" => 401,
        _ => return None,
    })
}

/// A message that turns somebody away.
pub fn is_rejection_text(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    ["unauthor", "unauthenticated", "not authenticated", "forbidden", "access denied", "not logged", "must be logged", "login required", "log in", "not allowed", "invalid token",
        "missing token", "no token", "permission", "denied", "authenticate", "api key", "invalid", "not found", "expired"]
        .iter()
        .any(|mark| lower.contains(mark))
}

const AUTH_NOUNS: &[&str] = &[
    "auth", "authed", "authenticated", "authentication", "authorized", "authorization", "login", "logged", "loggedin", "signed", "user", "session", "admin", "role", "roles", "permission",
    "permissions", "token", "jwt", "apikey", "access", "owner", "member", "workspace", "team", "org", "signature", "credentials", "identity", "account", "scope", "scopes", "bearer", "cron", "key",
];

/// Words that turn a guard-like name into something else.
const NOT_GUARDS: &[&str] = &[
    "limiter", "limit", "rate", "ratelimit", "throttle", "throttler", "not", "un", "anonymous", "guest", "optional", "maybe", "possibly", "if", "unless", "skip", "public", "router", "routes",
    "route", "controller", "service", "schema", "validation", "options", "config", "header", "headers", "url", "type", "client", "utils", "author", "provider", "module", "csrf", "cors", "captcha",
    "email", "log", "logger", "attach", "load", "populate", "parse", "decode", "deserialize", "serialize", "set", "append", "create", "generate", "sign", "handler", "register", "redirect", "page",
    "analytics", "exists",
];

/// Whether a function that cannot be seen guards, judging by its name, when it is used as middleware or as a wrapper.
pub fn is_guard(name: &str) -> bool {
    let words = words(name);
    let has = |list: &[&str]| words.iter().any(|w| list.contains(&w.as_str()));
    if has(NOT_GUARDS) || words.is_empty() {
        return false;
    }
    let (first, last) = (words[0].as_str(), words[words.len() - 1].as_str());
    let noun = words.iter().skip(1).any(|w| AUTH_NOUNS.contains(&w.as_str()));
    match first {
        "require" | "requires" | "ensure" | "must" | "assert" | "enforce" | "is" | "has" | "verify" | "validate" | "check" | "with" | "only" | "guard" | "protect" | "restrict" if noun => true,
        "authenticate" | "authorize" | "protect" | "protected" | "authenticated" | "authorized" | "authorization" | "authentication" => true,
        "auth" | "jwt" | "admin" | "login" => words.len() == 1 || matches!(last, "middleware" | "guard" | "required" | "only" | "check" | "hook" | "protect"),
        _ => matches!(last, "guard" | "protect" | "authenticate" | "authorize") || (matches!(last, "middleware" | "required" | "only") && words.iter().any(|w| AUTH_NOUNS.contains(&w.as_str()))),
    }
}

/// What a helper that cannot be seen does to an anonymous caller, judging by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Helper {
    Throws,
    ReturnsNull,
    ReturnsFalse,
}

/// A helper that cannot be seen, called with the request or a credential.
pub fn helper(name: &str) -> Option<Helper> {
    let words = words(name);
    let has = |list: &[&str]| words.iter().any(|w| list.contains(&w.as_str()));
    let traps: &[&str] = &["optional", "maybe", "not", "anonymous", "guest", "limiter", "limit", "rate", "email", "captcha", "csrf", "author", "create", "sign", "generate", "decode", "by", "all", "agent"];
    if words.is_empty() || has(traps) {
        return None;
    }
    let noun = words.iter().skip(1).any(|w| {
        matches!(w.as_str(), "auth" | "session" | "user" | "token" | "jwt" | "admin" | "login" | "apikey" | "access" | "permission" | "permissions" | "signature" | "request" | "identity" | "credentials" | "role" | "authenticated" | "authorized" | "logged" | "key" | "secret" | "bearer")
    });
    match words[0].as_str() {
        "require" | "ensure" | "assert" | "must" | "enforce" | "protect" if noun => Some(Helper::Throws),
        "get" | "verify" | "validate" | "fetch" | "resolve" | "extract" | "load" | "find" | "introspect" | "authenticate" if noun => Some(Helper::ReturnsNull),
        "authenticate" | "auth" | "introspect" => Some(Helper::ReturnsNull),
        "is" | "has" | "check" | "can" if noun => Some(Helper::ReturnsFalse),
        "authorize" => Some(Helper::ReturnsFalse),
        _ => None,
    }
}
