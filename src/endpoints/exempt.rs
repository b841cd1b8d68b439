//! Endpoints that may be open, by their path (R0, "Exceptions").
//!
//! ```text
//! GET /health, GET /api-docs, POST /auth/login, POST /webhooks/stripe, GET /public/logo
//! ```

use crate::knowledge::names::words;

const HEALTH: &[&str] = &[
    "health",
    "healthz",
    "healthcheck",
    "health-check",
    "ready",
    "readyz",
    "readiness",
    "live",
    "livez",
    "liveness",
    "status",
    "ping",
    "heartbeat",
    "alive",
    "_health",
];
const DOCS: &[&str] = &[
    "docs",
    "api-docs",
    "api-doc",
    "apidocs",
    "swagger",
    "swagger-ui",
    "swagger.json",
    "openapi",
    "openapi.json",
    "openapi.yaml",
    "redoc",
    "documentation",
    "reference",
    "scalar",
];
const PUBLIC: &[&str] = &[
    "public",
    "blog",
    "robots.txt",
    "favicon.ico",
    "sitemap.xml",
    "sitemap",
    ".well-known",
    "security.txt",
    "humans.txt",
    "manifest.json",
    "assets",
    "static",
];
const LOGIN: &[&str] = &[
    "login",
    "signin",
    "sign-in",
    "log-in",
    "logon",
    "signup",
    "sign-up",
    "register",
    "registration",
    "logout",
    "signout",
    "sign-out",
    "log-out",
    "forgot-password",
    "forgotpassword",
    "forgetpassword",
    "forget-password",
    "forgotpw",
    "forgot",
    "reset-password",
    "resetpassword",
    "resetpw",
    "password-reset",
    "reset",
    "verify-email",
    "verifyemail",
    "confirm-email",
    "send-verification-email",
    "request-verification-email",
    "resend-verification",
    "activate",
    "callback",
    "oauth",
    "oauth2",
    "saml",
    "sso",
    "refresh",
    "refresh-token",
    "refresh-tokens",
    "refreshtoken",
    "nextauth",
    "magic-link",
    "passwordless",
    "verify-code",
    "login-link",
    "otp",
    "2fa",
    "mfa",
    "authorize",
    "logins",
    "password-recovery",
    "recover",
    "authenticate",
];
const PROVIDERS: &[&str] = &[
    "google",
    "github",
    "apple",
    "facebook",
    "twitter",
    "microsoft",
    "gitlab",
    "discord",
    "local",
    "linkedin",
    "slack",
    "token",
    "tokens",
    "session",
    "verify",
    "saml",
    "oidc",
    "providers",
    "csrf",
    "mobile",
    "credentials",
    "basic",
    "ldap",
];

/// Which exception an endpoint falls under.
pub fn exemption(method: &str, path: &str) -> Option<&'static str> {
    let lower = path.to_ascii_lowercase();
    let segments: Vec<&str> = lower.split('/').filter(|s| !s.is_empty()).collect();
    let plain: Vec<&str> = segments.iter().copied().filter(|s| !s.starts_with(':') && !s.starts_with('*')).collect();
    let last = plain.last().copied().unwrap_or("");
    let reads = matches!(method, "GET" | "HEAD" | "ALL");
    if reads && HEALTH.contains(&last) && segments.last() == plain.last() {
        return Some("health");
    }
    if reads && plain.iter().any(|s| DOCS.contains(s)) {
        return Some("docs");
    }
    if plain.iter().any(|s| words(s).iter().any(|w| matches!(w.as_str(), "webhook" | "webhooks"))) {
        return Some("webhook");
    }
    if plain.iter().any(|s| PUBLIC.contains(s)) && reads {
        return Some("public");
    }
    if is_authentication(&segments, &plain) {
        return Some("authentication");
    }
    None
}

fn is_authentication(segments: &[&str], plain: &[&str]) -> bool {
    let last = plain.last().copied().unwrap_or("");
    // `/users/:id/reset` acts on somebody; `/reset-password/:token` is the flow itself.
    let after_parameter = segments.iter().position(|s| s.starts_with(':')).is_some_and(|i| segments[i..].contains(&last));
    if LOGIN.contains(&last) && !after_parameter {
        return true;
    }
    // `/login/2fa/totp`, `/signup/verify/:token`: the steps of it.
    if matches!(plain.first().copied(), Some("login" | "signin" | "sign-in" | "signup" | "sign-up")) {
        return true;
    }
    if segments.last().is_some_and(|s| s.starts_with("*nextauth") || s.starts_with(":nextauth")) {
        return true;
    }
    match plain.iter().position(|s| matches!(*s, "auth" | "authentication" | "oauth" | "sso" | "saml" | "oauth2")) {
        Some(at) => {
            let rest = &plain[at + 1..];
            matches!(plain[at], "oauth" | "sso" | "saml" | "oauth2")
                || rest.iter().any(|s| LOGIN.contains(s))
                || (!rest.is_empty() && rest.iter().all(|s| PROVIDERS.contains(s) || LOGIN.contains(s)))
        }
        None => false,
    }
}

/// What an endpoint was seen to do.
pub struct Behaviour<'b> {
    pub effects: &'b crate::sorted::SortedSet<crate::interpret::Effect>,
    /// It hashes a password that the caller chose.
    pub hashes_password: bool,
    /// It writes into the session who the caller is.
    pub signs_in: bool,
    /// What turns an anonymous caller away.
    pub rejected_by: Option<&'b str>,
}

impl Behaviour<'_> {
    /// Whether an endpoint is part of logging in or signing up, by what it does rather than by its path.
    pub fn is_authentication(&self, method: &str, path: &str) -> bool {
        use crate::interpret::EffectKind::{DbRead, DbWrite};
        // `passport.authenticate('github')`: the browser is sent on to log in.
        if let Some(strategy) = self.rejected_by.and_then(|what| what.strip_prefix("passport.authenticate('")?.strip_suffix("')"))
            && !crate::knowledge::libraries::providers::presents_credential(strategy)
        {
            return true;
        }
        if !matches!(method, "POST" | "ALL" | "PUT")
            || path.split('/').flat_map(words).any(|w| {
                matches!(
                    w.as_str(),
                    "admin" | "internal" | "invite" | "invites" | "invitation" | "invitations" | "member" | "members" | "team" | "teams"
                )
            })
        {
            return false;
        }
        let on_person = |kind| self.effects.iter().any(|e| e.kind == kind && is_person(&e.subject));
        match self.rejected_by {
            // A password is compared with the one stored for a user.
            Some(what) => crate::knowledge::compares_password(what) && on_person(DbRead),
            None => {
                self.signs_in
                    || (self.hashes_password && on_person(DbWrite))
                    || self.effects.iter().any(|e| e.kind == DbWrite && is_one_time(&e.subject))
            }
        }
    }
}

/// Whether an open endpoint makes a record of a person in the list of them: `POST /users`. In a server that has no other way to sign up,
/// this is the one.
pub fn makes_person(method: &str, path: &str, open_effects: &crate::sorted::SortedSet<crate::interpret::Effect>) -> bool {
    let segments: Vec<&str> = path.split('/').filter(|s| !s.is_empty()).collect();
    method == "POST"
        && segments.last().is_some_and(|last| is_person(last))
        && !segments.iter().any(|s| s.starts_with([':', '*']) || matches!(s.to_ascii_lowercase().as_str(), "admin" | "internal"))
        && open_effects.iter().any(|e| e.kind == crate::interpret::EffectKind::DbWrite && is_person(&e.subject))
}

/// Whether a path is that of signing up.
pub fn is_signup(path: &str) -> bool {
    let last = path.rsplit('/').find(|s| !s.is_empty() && !s.starts_with([':', '*'])).unwrap_or_default().to_ascii_lowercase();
    matches!(last.as_str(), "signup" | "sign-up" | "register" | "registration")
}

fn is_person(subject: &str) -> bool {
    words(subject).last().is_some_and(|w| {
        matches!(crate::knowledge::sensitivity::singular(w), "user" | "account" | "customer" | "admin" | "person" | "viewer")
    })
}

/// `verificationToken`, `loginCode`, `magicLink`, `otp`.
fn is_one_time(subject: &str) -> bool {
    let words = words(subject);
    let has = |list: &[&str]| words.iter().any(|w| list.contains(&crate::knowledge::sensitivity::singular(w)));
    has(&["otp", "passcode"])
        || (has(&["verification", "login", "magic", "signin", "confirmation"]) && has(&["token", "code", "link", "challenge"]))
}
