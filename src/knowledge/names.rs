//! What names suggest. Names are evidence of last resort: they decide only where a body cannot be seen, and which of the caller's
//! data is meant as a credential.
//!
//! ```js
//! req.headers['x-api-key'], req.cookies.session, req.query.token   // credentials
//! import { requireAuth } from './missing'                          // a guard, by its name
//! authLimiter, authorName, authRouter, isNotAuthenticated          // not guards
//! ```

pub use super::request::*;

/// The words of an identifier, in lower case: `isLoggedIn` → `is`, `logged`, `in`.
pub fn words(name: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut current = String::new();
    let mut before: Option<char> = None;
    let mut chars = name.chars().peekable();
    while let Some(c) = chars.next() {
        let last = before.replace(c);
        if !c.is_alphanumeric() {
            if !current.is_empty() {
                out.push(std::mem::take(&mut current));
            }
            continue;
        }
        let boundary = c.is_uppercase()
            && (last.is_some_and(|b| b.is_lowercase() || b.is_ascii_digit()) || chars.peek().is_some_and(|n| n.is_lowercase()));
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

const AUTH_NOUNS: &[&str] = &[
    "auth",
    "authed",
    "authenticated",
    "authentication",
    "authorized",
    "authorization",
    "login",
    "logged",
    "loggedin",
    "signed",
    "user",
    "session",
    "admin",
    "role",
    "roles",
    "permission",
    "permissions",
    "token",
    "jwt",
    "apikey",
    "access",
    "owner",
    "member",
    "workspace",
    "team",
    "org",
    "signature",
    "credentials",
    "identity",
    "account",
    "scope",
    "scopes",
    "bearer",
    "cron",
    "key",
];

/// Words that turn a guard-like name into something else.
const NOT_GUARDS: &[&str] = &[
    "limiter",
    "limit",
    "rate",
    "ratelimit",
    "throttle",
    "throttler",
    "not",
    "un",
    "anonymous",
    "guest",
    "optional",
    "maybe",
    "possibly",
    "if",
    "unless",
    "skip",
    "public",
    "router",
    "routes",
    "route",
    "controller",
    "service",
    "schema",
    "validation",
    "options",
    "config",
    "header",
    "headers",
    "url",
    "type",
    "client",
    "utils",
    "author",
    "provider",
    "module",
    "csrf",
    "cors",
    "captcha",
    "email",
    "log",
    "logger",
    "attach",
    "load",
    "populate",
    "parse",
    "decode",
    "deserialize",
    "serialize",
    "set",
    "append",
    "create",
    "generate",
    "sign",
    "handler",
    "register",
    "redirect",
    "page",
    "analytics",
    "exists",
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
        "require" | "requires" | "ensure" | "must" | "assert" | "enforce" | "is" | "has" | "verify" | "validate" | "check" | "with"
        | "only" | "guard" | "protect" | "restrict"
            if noun =>
        {
            true
        }
        "authenticate" | "authorize" | "protect" | "protected" | "authenticated" | "authorized" | "authorization" | "authentication" => {
            true
        }
        "auth" | "jwt" | "admin" | "login" => {
            words.len() == 1 || matches!(last, "middleware" | "guard" | "required" | "only" | "check" | "hook" | "protect")
        }
        _ => {
            matches!(last, "guard" | "protect" | "authenticate" | "authorize")
                || (matches!(last, "middleware" | "required" | "only") && words.iter().any(|w| AUTH_NOUNS.contains(&w.as_str())))
        }
    }
}

/// Whether a name says that who is calling matters.
pub fn speaks_of_identity(name: &str) -> bool {
    is_guard(last_word(name)) || words(name).iter().any(|w| AUTH_NOUNS.contains(&w.as_str()))
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
    let traps: &[&str] = &[
        "optional",
        "maybe",
        "not",
        "anonymous",
        "guest",
        "limiter",
        "limit",
        "rate",
        "email",
        "captcha",
        "csrf",
        "author",
        "create",
        "sign",
        "generate",
        "decode",
        "by",
        "all",
        "agent",
        "handler",
        "for",
    ];
    if words.is_empty() || has(traps) {
        return None;
    }
    let is_noun = |w: &String| {
        matches!(
            w.as_str(),
            "auth"
                | "session"
                | "user"
                | "token"
                | "jwt"
                | "admin"
                | "login"
                | "apikey"
                | "access"
                | "permission"
                | "permissions"
                | "signature"
                | "request"
                | "identity"
                | "credentials"
                | "role"
                | "authenticated"
                | "authorized"
                | "logged"
                | "key"
                | "secret"
                | "bearer"
        )
    };
    let noun = words.iter().skip(1).any(is_noun);
    // What the caller presents, `getToken` gives as it is presented.
    let presented = |w: &String| {
        matches!(w.as_str(), "token" | "jwt" | "key" | "apikey" | "secret" | "bearer" | "credentials" | "signature" | "request")
    };
    // `getUser`, `getUserFromRequest`, `getUserOrThrow`; not `getUserSettings`.
    let gives = noun && (has(&["from", "or"]) || words.last().is_some_and(|w| is_noun(w) && !presented(w)));
    match words[0].as_str() {
        "require" | "ensure" | "assert" | "must" | "enforce" | "protect" if noun => Some(Helper::Throws),
        "get" | "fetch" | "resolve" | "extract" | "load" | "find" if gives => Some(Helper::ReturnsNull),
        "verify" | "validate" | "introspect" | "authenticate" if noun => Some(Helper::ReturnsNull),
        "authenticate" | "auth" | "introspect" => Some(Helper::ReturnsNull),
        "is" | "has" | "check" | "can" if noun => Some(Helper::ReturnsFalse),
        "authorize" => Some(Helper::ReturnsFalse),
        _ => None,
    }
}

/// Names that have nothing to do with authentication, whatever their body.
pub fn is_neutral(name: &str) -> bool {
    words(name).iter().any(|w| {
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

/// Methods that register a function rather than wrap it.
pub fn registers(name: &str) -> bool {
    matches!(
        name,
        "use"
            | "on"
            | "once"
            | "listen"
            | "register"
            | "after"
            | "ready"
            | "get"
            | "post"
            | "put"
            | "delete"
            | "patch"
            | "all"
            | "addHook"
            | "then"
    )
}
