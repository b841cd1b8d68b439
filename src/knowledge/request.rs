//! What the parts of a request and of an answer mean, by their names.
//!
//! ```js
//! req.headers['x-api-key'], req.cookies.session, req.query.token   // credentials
//! req.user, req.session.userId                                      // an identity
//! reply.unauthorized()                                              // a rejection
//! ```

use super::names::words;

/// Parts of `Authorization` that are no secret, and other well-known constants.
pub fn is_scheme(text: &str) -> bool {
    matches!(
        text.trim().to_ascii_lowercase().as_str(),
        "bearer"
            | "basic"
            | "token"
            | "jwt"
            | "digest"
            | "apikey"
            | "undefined"
            | "null"
            | "string"
            | "object"
            | "true"
            | "false"
            | "authorization"
            | "access_token"
            | "refresh_token"
            | "id_token"
            | "api-key"
            | "key"
            | "yes"
            | "on"
            | "ok"
            | "1"
            | "admin"
            | "user"
            | "authenticated"
    )
}

/// Headers that say where a request comes from, or through what: anybody may write so.
pub fn is_origin_header(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    matches!(lower.as_str(), "host" | "origin" | "referer" | "referrer" | "user-agent" | "x-real-ip" | "forwarded")
        || lower.starts_with("x-forwarded-")
}

pub fn is_credential_header(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    matches!(
        lower.as_str(),
        "authorization" | "cookie" | "proxy-authorization" | "signature" | "x-hub-signature-256" | "apikey" | "token" | "session"
    ) || {
        let words = words(&lower);
        let has = |w: &str| words.iter().any(|x| x == w);
        !has("csrf")
            && !has("xsrf")
            && !has("idempotency")
            && (has("token")
                || has("apikey")
                || has("secret")
                || has("signature")
                || has("hmac")
                || has("auth")
                || has("jwt")
                || (has("key") && words.len() > 1))
    }
}

pub fn is_credential_cookie(name: &str) -> bool {
    let words = words(name);
    let has = |list: &[&str]| words.iter().any(|w| list.contains(&w.as_str()));
    has(&["token", "session", "sid", "sess", "auth", "jwt", "sessionid", "access", "refresh", "connect", "login"])
        && !has(&["csrf", "xsrf"])
}

pub fn is_credential_field(name: &str) -> bool {
    let words = words(name);
    let has = |w: &str| words.iter().any(|x| x == w);
    if has("csrf") || has("xsrf") || has("captcha") || has("push") || has("next") || has("page") || has("device") || has("continuation") {
        return false;
    }
    let last = words.last().map_or("", String::as_str);
    matches!(
        last,
        "token"
            | "secret"
            | "signature"
            | "sig"
            | "jwt"
            | "apikey"
            | "password"
            | "passphrase"
            | "passwd"
            | "hmac"
            | "authorization"
            | "credential"
            | "otp"
            | "totp"
    ) || (last == "key" && words.len() > 1 && (has("api") || has("secret") || has("access") || has("auth")))
        || (has("token") && matches!(last, "hash" | "value"))
        || (has("session") && matches!(last, "id"))
}

/// Properties of the request under which an identity is kept.
pub fn is_identity_property(name: &str) -> bool {
    matches!(
        name,
        "user"
            | "auth"
            | "account"
            | "userId"
            | "user_id"
            | "userID"
            | "currentUser"
            | "authUser"
            | "authenticatedUser"
            | "uid"
            | "identity"
            | "principal"
            | "jwt"
            | "token"
            | "decoded"
            | "payload"
            | "session"
            | "oidc"
            | "kauth"
            | "admin"
            | "member"
            | "me"
            | "viewer"
            | "apiKey"
            | "accountId"
            | "isAuth"
            | "isLoggedIn"
            | "authenticated"
            | "tokenPayload"
            | "jwtPayload"
            | "claims"
            | "userInfo"
            | "userRole"
            | "role"
            | "username"
            | "loggedIn"
            | "userToken"
            | "authInfo"
            | "decodedToken"
            | "sessionUser"
            | "customer"
            | "employee"
            | "login"
            | "loggedInUser"
            | "tokenData"
            | "isAdmin"
    )
}

/// Fields of a session that only a logged-in caller has.
pub fn is_session_identity(name: &str) -> bool {
    is_identity_property(name)
        || !matches!(name, "sessionId" | "sessionID" | "encryptedSessionId")
            && !words(name).iter().any(|w| {
                matches!(
                    w.as_str(),
                    "csrf"
                        | "flash"
                        | "views"
                        | "view"
                        | "count"
                        | "counter"
                        | "visits"
                        | "cart"
                        | "basket"
                        | "return"
                        | "redirect"
                        | "nonce"
                        | "state"
                        | "verifier"
                        | "cookie"
                        | "lang"
                        | "language"
                        | "locale"
                        | "captcha"
                        | "challenge"
                        | "theme"
                        | "messages"
                        | "errors"
                        | "blocked"
                        | "last"
                        | "oauth"
                        | "code"
                        | "step"
                        | "wizard"
                        | "options"
                        | "reset"
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
        "get"
            | "header"
            | "param"
            | "is"
            | "accepts"
            | "acceptsLanguages"
            | "login"
            | "logIn"
            | "logout"
            | "logOut"
            | "on"
            | "once"
            | "pipe"
            | "json"
            | "text"
            | "formData"
            | "arrayBuffer"
            | "blob"
            | "clone"
            | "jwtDecode"
            | "flash"
            | "csrfToken"
            | "saveRequestFiles"
            | "parts"
            | "authenticate"
            | "accessVerify"
            | "refreshVerify"
            | "unsignCookie"
            | "validateInput"
    )
}

/// Data that is kept about requests rather than for them.
pub fn is_bookkeeping(subject: &str) -> bool {
    words(subject).iter().any(|w| {
        matches!(
            w.as_str(),
            "log"
                | "logs"
                | "audit"
                | "attempt"
                | "attempts"
                | "limit"
                | "rate"
                | "session"
                | "sessions"
                | "cache"
                | "metric"
                | "metrics"
                | "analytics"
                | "redis"
                | "token"
                | "tokens"
                | "visit"
                | "counter"
                | "captcha"
        )
    })
}

/// A captcha is made for anonymous callers.
pub fn is_captcha(subject: &str) -> bool {
    words(subject).iter().any(|w| w == "captcha")
}

/// Methods of `Headers`, `URLSearchParams` and the like.
pub fn is_carrier_method(name: &str) -> bool {
    matches!(
        name,
        "get" | "getAll" | "has" | "set" | "delete" | "append" | "entries" | "keys" | "values" | "forEach" | "toString" | "hasOwnProperty"
    )
}

/// Fields of an identity that say what it may do.
pub fn is_role_field(name: &str) -> bool {
    let words = words(name);
    words.iter().any(|w| {
        matches!(
            w.as_str(),
            "role"
                | "roles"
                | "admin"
                | "permission"
                | "permissions"
                | "scope"
                | "scopes"
                | "superuser"
                | "owner"
                | "privileges"
                | "groups"
        )
    })
}

/// Fields by which a server says that what it was shown is valid.
pub fn says_valid(name: &str) -> bool {
    matches!(name, "ok" | "active" | "valid" | "isValid" | "authenticated" | "authorized" | "isAuthenticated" | "allowed")
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
    [
        "unauthor",
        "unauthenticated",
        "not authenticated",
        "forbidden",
        "access denied",
        "not logged",
        "must be logged",
        "login required",
        "log in",
        "not allowed",
        "invalid token",
        "missing token",
        "no token",
        "permission",
        "denied",
        "authenticate",
        "api key",
        "invalid",
        "not found",
        "expired",
    ]
    .iter()
    .any(|mark| lower.contains(mark))
}
