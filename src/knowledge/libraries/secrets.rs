//! Signatures of webhooks, passwords, one-time codes.
//!
//! ```js
//! stripe.webhooks.constructEvent(body, signature, secret)   // throws
//! if (!(await bcrypt.compare(password, user.hash))) …        // false
//! ```

use super::{Failure, Kind, Library, check, check_now, guard, is};

pub(super) const ROWS: &[Library] = &[
    // Webhooks: the sender is authenticated.
    check_now("stripe", ".webhooks.constructEvent", Failure::Throws),
    check("stripe", ".webhooks.constructEventAsync", Failure::Throws),
    check_now("svix", ".verify", Failure::Throws),
    check_now("standardwebhooks", ".verify", Failure::Throws),
    check("@octokit/webhooks", ".verifyAndReceive", Failure::Throws),
    check("@octokit/webhooks", ".verify", Failure::False),
    check("@octokit/webhooks-methods", "verify", Failure::False),
    is("@upstash/qstash/", "verifySignatureAppRouter", Kind::GuardWrapper),
    is("@upstash/qstash/", "verifySignature", Kind::GuardWrapper),
    is("@upstash/qstash/", "verifySignatureEdge", Kind::GuardWrapper),
    check_now("twilio", ".validateRequest", Failure::False),
    guard("twilio", ".webhook()"),
    check("@slack/bolt", "verifySlackRequest", Failure::Throws),
    check_now("@slack/", "verifySlackRequest", Failure::Throws),
    check("@shopify/", ".webhooks.validate", Failure::Fields(&[("valid", Failure::False)])),
    check("@paddle/", ".webhooks.unmarshal", Failure::Throws),
    check_now("tsscmp", "", Failure::False),
    check_now("secure-compare", "", Failure::False),
    check_now("safe-compare", "", Failure::False),
    check("google-auth-library", ".verifyIdToken", Failure::Throws),
    check("apple-signin-auth", ".verifyIdToken", Failure::Throws),
    is("@vercel/blob/client", "handleUpload", Kind::Neutral),
    check("@upstash/qstash/", ".verify", Failure::Throws),
    guard("@upstash/workflow/", "serve()"),
    guard("@upstash/workflow/", "serve().POST"),
    guard("inngest/", "serve()"),
    guard("inngest/", "serve().GET"),
    guard("inngest/", "serve().POST"),
    guard("inngest/", "serve().PUT"),
    // A directory's bearer secret is checked before its functions are told.
    check(
        "@boxyhq/saml-jackson",
        ".directorySyncController.requests.handle",
        Failure::Fields(&[("status", Failure::Status(401)), ("data", Failure::Null)]),
    ),
    check("discord-interactions", "verifyKey", Failure::False),
    check("tweetnacl", ".sign.detached.verify", Failure::False),
    // Passwords and one-time codes.
    check("bcrypt", ".compare", Failure::False),
    check("bcryptjs", ".compare", Failure::False),
    check_now("bcrypt", ".compareSync", Failure::False),
    check_now("bcryptjs", ".compareSync", Failure::False),
    check("argon2", ".verify", Failure::False),
    check("@node-rs/", "verify", Failure::False),
    check_now("otplib", ".check", Failure::False),
    check_now("otplib", ".verify", Failure::False),
    check_now("speakeasy", ".verify", Failure::False),
    check_now("crypto", ".timingSafeEqual", Failure::False),
    check_now("node:crypto", ".timingSafeEqual", Failure::False),
    check_now(":crypto", ".timingSafeEqual", Failure::False),
    check(":crypto", ".subtle.verify", Failure::False),
];

/// Whether a call hashes a password, to store it.
pub fn hashes_password(canonical: &str) -> bool {
    let name = canonical.strip_prefix("new ").unwrap_or(canonical);
    let package = name.split(['.', '(']).next().unwrap_or(name);
    let last = name.trim_end_matches("()").rsplit('.').next().unwrap_or(name);
    (matches!(package, "bcrypt" | "bcryptjs" | "argon2" | "bcrypt-ts" | "scrypt-kdf" | "oslo/password") || package.starts_with("@node-rs/"))
        && matches!(last, "hash" | "hashSync" | "hashRaw" | "kdf")
}

/// Whether an identity check by this name compares a password with a stored one.
pub fn compares_password(what: &str) -> bool {
    ["bcrypt", "bcryptjs", "argon2", "bcrypt-ts", "scrypt-kdf", "oslo/password", "@node-rs/"].iter().any(|p| what.starts_with(p)) || {
        let words = crate::knowledge::names::words(what);
        let has = |list: &[&str]| words.iter().any(|w| list.contains(&w.as_str()));
        has(&["password", "passwd", "pwd"])
            && has(&["compare", "match", "matches", "matched", "check", "verify", "valid", "validate", "correct", "is", "authenticate"])
    }
}
