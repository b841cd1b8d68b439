//! More libraries: those around Next.js and the Web platform's `Request` and `Response`.
//!
//! Facts are from the packages that `design/auth-libraries.md`, section 2, cites, by package and version.

use super::libraries::{Failure, Kind, Library};

const fn row(package: &'static str, name: &'static str, kind: Kind) -> Library {
    Library { package, name, kind }
}

const fn check(package: &'static str, name: &'static str, failure: Failure) -> Library {
    row(package, name, Kind::Check { failure, promise: true })
}

const NO_CLERK: Failure = Failure::Fields(&[
    ("userId", Failure::Null),
    ("sessionId", Failure::Null),
    ("orgId", Failure::Null),
    ("orgRole", Failure::Null),
    ("sessionClaims", Failure::Null),
    ("isAuthenticated", Failure::False),
    ("has", Failure::Null),
    ("protect", Failure::Member(&["@clerk/nextjs/server", "auth", "protect"])),
    ("redirectToSignIn", Failure::Member(&["@clerk/nextjs/server", "auth", "redirectToSignIn"])),
    ("getToken", Failure::Member(&["@clerk/nextjs/server", "auth", "getToken"])),
]);
const NO_USER: Failure = Failure::Fields(&[("user", Failure::Null)]);
const LOGIN: Kind = Kind::Answer(Some("authentication"));

/// Looked through before the others.
pub const ROWS: &[Library] = &[
    // Auth.js: the wrapper only attaches; as a proxy it asks `callbacks.authorized`. `interpret/wrapper.rs` runs both.
    row("next-auth", "().auth()", Kind::Attach),
    row("next-auth/middleware", ".withAuth()", Kind::Attach),
    row("next-auth/middleware", "()", Kind::Attach),
    row("next-auth", "().signIn", Kind::Neutral),
    row("next-auth", "().signOut", Kind::Neutral),
    // Clerk: `auth()` was synchronous before 6, and answers an object that is always truthy.
    row("@clerk/nextjs/server", ".auth", Kind::Check { failure: NO_CLERK, promise: false }),
    row("@clerk/nextjs", ".auth", Kind::Check { failure: NO_CLERK, promise: false }),
    row("@clerk/nextjs/", ".getAuth", Kind::Check { failure: NO_CLERK, promise: false }),
    row("@clerk/nextjs/", ".clerkMiddleware()", Kind::Attach),
    row("@clerk/nextjs/", ".authMiddleware()", Kind::Attach),
    row("@clerk/nextjs/", ".createRouteMatcher()", Kind::Attach),
    // Supabase.
    row("@supabase/", ".auth.exchangeCodeForSession", Kind::Neutral),
    check("@supabase/", ".auth.getUser", Failure::Fields(&[("data", NO_USER), ("error", Failure::True), ("user", Failure::Null)])),
    check("@supabase/", ".auth.getClaims", Failure::Fields(&[("data", Failure::Null), ("error", Failure::True)])),
    // iron-session: an object that holds what the sealed cookie held, so nothing.
    check("iron-session", "getIronSession", Failure::Empty),
    check("iron-session", "unsealData", Failure::Empty),
    row("iron-session/next", "withIronSessionApiRoute()", Kind::Attach),
    // better-auth.
    row("better-auth/", ".toNextJsHandler().GET", LOGIN),
    row("better-auth/", ".toNextJsHandler().POST", LOGIN),
    row("better-auth", ".betterAuth().handler", LOGIN),
    check("better-auth", ".betterAuth().api.getSession", Failure::Null),
    row("better-auth/cookies", "getCookieCache", Kind::Decode),
    // Auth0 3 and 4.
    check("@auth0/nextjs-auth0/", ".getSession", Failure::Null),
    check("@auth0/nextjs-auth0/", ".getAccessToken", Failure::Throws),
    row("@auth0/nextjs-auth0/", ".withApiAuthRequired", Kind::GuardWrapper),
    row("@auth0/nextjs-auth0/", ".withPageAuthRequired", Kind::GuardWrapper),
    row("@auth0/nextjs-auth0/", ".withMiddlewareAuthRequired", Kind::GuardWrapper),
    row("@auth0/nextjs-auth0/", ".handleAuth()", LOGIN),
    row("@auth0/nextjs-auth0/", ".middleware", Kind::Attach),
    // Kinde.
    row("@kinde-oss/kinde-auth-nextjs/", "getKindeServerSession", Kind::Neutral),
    check("@kinde-oss/kinde-auth-nextjs/", ".isAuthenticated", Failure::False),
    check("@kinde-oss/kinde-auth-nextjs/", ".getUser", Failure::Null),
    check("@kinde-oss/kinde-auth-nextjs/", ".getPermission", Failure::Null),
    row("@kinde-oss/kinde-auth-nextjs/", "protectApi", Kind::GuardWrapper),
    row("@kinde-oss/kinde-auth-nextjs/", "handleAuth()", LOGIN),
    row("@kinde-oss/kinde-auth-nextjs/", "withAuth()", Kind::Guard { unless: &[] }),
    // WorkOS AuthKit: its proxy only enforces where it is told to.
    check("@workos-inc/authkit-nextjs", "withAuth", NO_USER),
    row("@workos-inc/authkit-nextjs", "handleAuth()", LOGIN),
    row("@workos-inc/authkit-nextjs", "authkitMiddleware()", Kind::Attach),
    row("@workos-inc/authkit-nextjs", "authkitProxy()", Kind::Attach),
    // Stack.
    check("@stackframe/", ".getUser", Failure::Null),
    row("@stackframe/", "StackHandler", LOGIN),
    // Arcjet, rate limits, feature flags: never an identity.
    row("@arcjet/", "", Kind::Neutral),
    row("@upstash/ratelimit", "", Kind::Neutral),
    // Signed by the sender.
    row("@vercel/blob/client", "handleUpload", Kind::Neutral),
    check("@upstash/qstash/", ".verify", Failure::Throws),
    row("@upstash/workflow/", "serve()", Kind::Guard { unless: &[] }),
    row("@upstash/workflow/", "serve().POST", Kind::Guard { unless: &[] }),
    row("inngest/", "serve()", Kind::Guard { unless: &[] }),
    row("inngest/", "serve().GET", Kind::Guard { unless: &[] }),
    row("inngest/", "serve().POST", Kind::Guard { unless: &[] }),
    row("inngest/", "serve().PUT", Kind::Guard { unless: &[] }),
    // A directory's bearer secret is checked before its functions are told.
    check(
        "@boxyhq/saml-jackson",
        ".directorySyncController.requests.handle",
        Failure::Fields(&[("status", Failure::Status(401)), ("data", Failure::Null)]),
    ),
    check("@slack/bolt", "verifySlackRequest", Failure::Throws),
    check("discord-interactions", "verifyKey", Failure::False),
    check("tweetnacl", ".sign.detached.verify", Failure::False),
];

/// What an option in a call's argument makes of it: package, name, option, value, and what it then is.
pub const OPTIONS: &[(&str, &str, &str, &str, Kind)] = &[
    // Without verification.
    ("next-auth/jwt", "getToken", "raw", "true", Kind::Decode),
    ("@workos-inc/authkit-nextjs", "withAuth", "ensureSignedIn", "true", THROWS),
    ("@stackframe/", ".getUser", "or", "redirect", THROWS),
    ("@stackframe/", ".getUser", "or", "throw", THROWS),
    ("@stackframe/", ".getUser", "or", "anonymous", Kind::Attach),
];

const THROWS: Kind = Kind::Check { failure: Failure::Throws, promise: true };

/// How a library that takes uploads uses the functions it is given.
#[derive(Debug, Clone, Copy)]
pub struct Upload {
    /// Asked first: an exception ends the request.
    pub asks: &'static [&'static str],
    /// They get the request and the answer.
    pub with_exchange: bool,
    /// Told afterwards.
    pub tells: &'static [&'static str],
    /// It answers by itself.
    pub answers: bool,
}

const BLOB: Upload = Upload { asks: &["onBeforeGenerateToken"], with_exchange: false, tells: &["onUploadCompleted"], answers: false };
const TUS: Upload = Upload {
    asks: &["onIncomingRequest", "onUploadCreate"],
    with_exchange: true,
    tells: &["namingFunction", "onUploadFinish", "onResponseError"],
    answers: true,
};

/// The calls that hand a request to such a library.
pub fn upload(canonical: &str) -> Option<&'static Upload> {
    match canonical {
        "@vercel/blob/client.handleUpload" => Some(&BLOB),
        "new @tus/server.Server.handle" | "new @tus/server.Server.handleWeb" | "new tus-node-server.Server.handle" => Some(&TUS),
        _ => None,
    }
}

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
        let words = super::names::words(what);
        let has = |list: &[&str]| words.iter().any(|w| list.contains(&w.as_str()));
        has(&["password", "passwd", "pwd"])
            && has(&["compare", "match", "matches", "matched", "check", "verify", "valid", "validate", "correct", "is", "authenticate"])
    }
}

/// Whether a strategy of passport sends the browser to somebody else to log in: all but those that look at what the request brings.
pub fn is_redirecting(strategy: &str) -> bool {
    let lower = strategy.to_ascii_lowercase();
    !["jwt", "local", "basic", "bearer", "session", "token", "apikey", "api-key", "custom", "anonymous", "digest", "hmac", "cookie"]
        .iter()
        .any(|known| lower.contains(known))
}
