//! Libraries that authenticate, that look as if they did, and that surely do not.
//!
//! Facts are from the packages and experiments that `design/auth-libraries.md` cites, by package and version.

use rustc_hash::FxHashMap;
use std::sync::LazyLock;

/// What a call gives an anonymous caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    Null,
    Undefined,
    False,
    Throws,
    /// An object whose named fields are missing: `{ userId: null }`.
    Fields(&'static [(&'static str, Failure)]),
    /// An object without the fields that an identity would have.
    Empty,
    /// An object none of whose fields says anything about the caller's identity until a method is called.
    Handle,
    /// A constant that says that something is wrong.
    True,
    /// The status to answer with.
    Status(u16),
    /// A member of a package, by the way that leads to it.
    Member(&'static [&'static str]),
}

/// What a library's function does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Checks and says so: the result must be looked at, or the call throws. `promise`: it must also be awaited.
    Check { failure: Failure, promise: bool },
    /// A middleware, or what a factory of that name returns: rejects anonymous callers, unless one of the options is set so.
    Guard { unless: &'static [(&'static str, Option<bool>)] },
    /// Wraps a handler and rejects anonymous callers before it.
    GuardWrapper,
    /// Wraps a handler, adds an identity if there is one.
    AttachWrapper,
    /// A middleware that adds an identity if there is one.
    Attach,
    /// Reads a credential without checking it.
    Decode,
    /// Has nothing to do with authentication; calls what it is given.
    Neutral,
    /// Answers requests by itself. The word says which exception it falls under, if any.
    Answer(Option<&'static str>),
    /// `passport.authenticate`: a guard, or a check if it is given a callback.
    Passport,
}

/// One row: the package (or `package/` for all its paths), what its canonical name ends with, and what it does.
#[derive(Debug, Clone, Copy)]
pub struct Library {
    pub package: &'static str,
    pub name: &'static str,
    pub kind: Kind,
}

const fn check(package: &'static str, name: &'static str, failure: Failure) -> Library {
    Library { package, name, kind: Kind::Check { failure, promise: true } }
}

const fn check_now(package: &'static str, name: &'static str, failure: Failure) -> Library {
    Library { package, name, kind: Kind::Check { failure, promise: false } }
}

const fn guard(package: &'static str, name: &'static str) -> Library {
    Library { package, name, kind: Kind::Guard { unless: &[] } }
}

const fn guard_unless(package: &'static str, name: &'static str, unless: &'static [(&'static str, Option<bool>)]) -> Library {
    Library { package, name, kind: Kind::Guard { unless } }
}

const fn is(package: &'static str, name: &'static str, kind: Kind) -> Library {
    Library { package, name, kind }
}

const NO_USER: Failure = Failure::Fields(&[
    ("userId", Failure::Null),
    ("sessionId", Failure::Null),
    ("orgId", Failure::Null),
    ("isAuthenticated", Failure::False),
    ("sessionClaims", Failure::Null),
]);
const NO_SUPABASE_USER: Failure =
    Failure::Fields(&[("data", Failure::Fields(&[("user", Failure::Null), ("claims", Failure::Null)])), ("user", Failure::Null)]);
const NO_LUCIA: Failure = Failure::Fields(&[("user", Failure::Null), ("session", Failure::Null)]);
const NO_UNKEY: Failure = Failure::Fields(&[
    ("valid", Failure::False),
    ("result", Failure::Fields(&[("valid", Failure::False)])),
    ("data", Failure::Fields(&[("valid", Failure::False)])),
]);

/// Looked through in order: the first row that fits counts.
pub const LIBRARIES: &[Library] = &[
    // jsonwebtoken 9, express-jwt 8, jose 6 and relatives.
    check_now("jsonwebtoken", ".verify", Failure::Throws),
    is("jsonwebtoken", ".decode", Kind::Decode),
    check("jose", "jwtVerify", Failure::Throws),
    check("jose", "jwtDecrypt", Failure::Throws),
    check("jose", "compactVerify", Failure::Throws),
    check("jose", "flattenedVerify", Failure::Throws),
    check("jose", "generalVerify", Failure::Throws),
    check("jose", "compactDecrypt", Failure::Throws),
    is("jose", "decodeJwt", Kind::Decode),
    is("jose", "decodeProtectedHeader", Kind::Decode),
    is("jose", ".decode", Kind::Decode),
    is("jwt-decode", "", Kind::Decode),
    is("@kinde/jwt-decoder", "", Kind::Decode),
    check_now("jws", ".verify", Failure::False),
    is("jws", ".decode", Kind::Decode),
    check_now("jwt-simple", ".decode", Failure::Throws),
    check_now("fast-jwt", "createVerifier()", Failure::Throws),
    is("fast-jwt", "createDecoder()", Kind::Decode),
    check("paseto", ".verify", Failure::Throws),
    check("paseto", ".decrypt", Failure::Throws),
    guard_unless("express-jwt", "()", &[("credentialsRequired", Some(false))]),
    guard_unless("express-jwt", ".expressjwt()", &[("credentialsRequired", Some(false))]),
    guard_unless("express-jwt", ".jwt()", &[("credentialsRequired", Some(false))]),
    guard_unless("koa-jwt", "()", &[("passthrough", Some(true))]),
    guard("express-basic-auth", "()"),
    guard_unless("express-oauth2-jwt-bearer", ".auth()", &[("authRequired", Some(false))]),
    guard("express-oauth2-jwt-bearer", ".requiredScopes()"),
    guard("express-oauth2-jwt-bearer", ".claimCheck()"),
    guard("express-oauth2-jwt-bearer", ".claimEquals()"),
    guard("express-oauth2-jwt-bearer", ".claimIncludes()"),
    guard("express-oauth2-jwt-bearer", ".scopeIncludesAny()"),
    guard_unless("express-openid-connect", ".auth()", &[("authRequired", Some(false))]),
    guard("express-openid-connect", ".requiresAuth()"),
    guard("express-openid-connect", ".claimEquals()"),
    guard("express-openid-connect", ".claimIncludes()"),
    guard("express-openid-connect", ".claimCheck()"),
    is("express-openid-connect", ".attemptSilentLogin()", Kind::Attach),
    guard("connect-ensure-login", "()"),
    guard("connect-ensure-login", ".ensureLoggedIn()"),
    guard("http-auth-connect", "()"),
    guard("http-auth", ".check()"),
    guard("keycloak-connect", ".protect()"),
    guard("keycloak-connect", ".enforcer()"),
    is("keycloak-connect", ".middleware()", Kind::Attach),
    is("keycloak-connect", ".checkSso()", Kind::Attach),
    guard("@okta/oidc-middleware", ".ensureAuthenticated()"),
    check("@okta/jwt-verifier", ".verifyAccessToken", Failure::Throws),
    check("@okta/jwt-verifier", ".verifyIdToken", Failure::Throws),
    // passport 0.7.
    is("passport", ".authenticate()", Kind::Passport),
    is("passport", ".authorize()", Kind::Passport),
    is("passport", ".initialize()", Kind::Attach),
    is("passport", ".session()", Kind::Attach),
    is("koa-passport", ".authenticate()", Kind::Passport),
    is("@fastify/passport", ".authenticate()", Kind::Passport),
    is("basic-auth", "", Kind::Decode),
    // Sessions: they attach.
    is("express-session", "()", Kind::Attach),
    is("cookie-session", "()", Kind::Attach),
    is("client-sessions", "()", Kind::Attach),
    is("cookie-parser", "()", Kind::Attach),
    check("iron-session", "getIronSession", Failure::Empty),
    check("iron-session", "unsealData", Failure::Empty),
    is("iron-session", "withIronSessionApiRoute", Kind::AttachWrapper),
    is("iron-session/next", "withIronSessionApiRoute", Kind::AttachWrapper),
    // Firebase, Supertokens, Descope, WorkOS, Unkey, Lucia.
    check("firebase-admin/", ".verifyIdToken", Failure::Throws),
    check("firebase-admin/", ".verifySessionCookie", Failure::Throws),
    guard_unless("supertokens-node/", "verifySession()", &[("sessionRequired", Some(false))]),
    check("supertokens-node/", ".getSession", Failure::Throws),
    is("supertokens-node/", "middleware()", Kind::Attach),
    check("@descope/node-sdk", ".validateSession", Failure::Throws),
    check("@descope/node-sdk", ".validateJwt", Failure::Throws),
    check("@descope/node-sdk", ".validateAndRefreshSession", Failure::Throws),
    check("@workos-inc/node", ".authenticate", Failure::Fields(&[("authenticated", Failure::False), ("user", Failure::Undefined)])),
    check("@unkey/api", "verifyKey", NO_UNKEY),
    check("lucia", ".validateSession", NO_LUCIA),
    check("lucia", ".validateRequest", Failure::Null),
    // next-auth 4 and 5.
    check("next-auth/jwt", "getToken", Failure::Null),
    check("next-auth/", "getServerSession", Failure::Null),
    check("next-auth/", "unstable_getServerSession", Failure::Null),
    check("next-auth/react", "getSession", Failure::Null),
    check("next-auth/client", "getSession", Failure::Null),
    check("next-auth/jwt", "decode", Failure::Null),
    is("next-auth", ".handlers", Kind::Answer(Some("authentication"))),
    is("next-auth", "().handlers.GET", Kind::Answer(Some("authentication"))),
    is("next-auth", "().handlers.POST", Kind::Answer(Some("authentication"))),
    check("next-auth", "().auth", Failure::Null),
    is("next-auth", "()", Kind::Answer(Some("authentication"))),
    guard("next-auth/middleware", "withAuth()"),
    guard("next-auth/middleware", ""),
    check("@auth/", "getSession", Failure::Null),
    // Clerk 5-7.
    guard("@clerk/", ".auth.protect"),
    guard("@clerk/", ".auth().protect"),
    check("@clerk/nextjs/server", ".auth", NO_USER),
    check("@clerk/nextjs", ".auth", NO_USER),
    check("@clerk/", "currentUser", Failure::Null),
    check_now("@clerk/", "getAuth", NO_USER),
    check("@clerk/backend", "verifyToken", Failure::Throws),
    check("@clerk/", ".authenticateRequest", Failure::Fields(&[("isAuthenticated", Failure::False), ("isSignedIn", Failure::False)])),
    check("@clerk/", "verifyWebhook", Failure::Throws),
    is("@clerk/express", ".clerkMiddleware()", Kind::Attach),
    guard("@clerk/express", ".requireAuth()"),
    guard("@clerk/clerk-sdk-node", "ClerkExpressRequireAuth()"),
    is("@clerk/clerk-sdk-node", "ClerkExpressWithAuth()", Kind::Attach),
    guard_unless("@clerk/nextjs", ".authMiddleware()", &[("publicRoutes", None)]),
    // better-auth: the cookie's mere existence never counts.
    check("better-auth", ".api.getSession", Failure::Null),
    is("better-auth/cookies", "getSessionCookie", Kind::Decode),
    is("better-auth", "toNextJsHandler()", Kind::Answer(Some("authentication"))),
    is("better-auth/node", "toNodeHandler()", Kind::Answer(Some("authentication"))),
    is("better-auth/next-js", "toNextJsHandler()", Kind::Answer(Some("authentication"))),
    is("better-auth", ".handler", Kind::Answer(Some("authentication"))),
    // Supabase: getSession() on the server reads the cookie without checking it.
    check("@supabase/", ".auth.getUser", NO_SUPABASE_USER),
    check("@supabase/", ".auth.getClaims", Failure::Fields(&[("data", Failure::Null)])),
    is("@supabase/", ".auth.getSession", Kind::Decode),
    // Auth0, AuthKit, Kinde, Stack.
    check("@auth0/nextjs-auth0", ".getSession", Failure::Null),
    is("@auth0/nextjs-auth0", ".withApiAuthRequired", Kind::GuardWrapper),
    is("@auth0/nextjs-auth0", ".withPageAuthRequired", Kind::GuardWrapper),
    is("@auth0/nextjs-auth0", ".withMiddlewareAuthRequired", Kind::GuardWrapper),
    is("@auth0/nextjs-auth0", ".handleAuth()", Kind::Answer(Some("authentication"))),
    is("@auth0/nextjs-auth0", ".middleware", Kind::Attach),
    check("@workos-inc/authkit-nextjs", "withAuth", Failure::Fields(&[("user", Failure::Null)])),
    check("@kinde-oss/kinde-auth-nextjs", ".isAuthenticated", Failure::False),
    check("@kinde-oss/kinde-auth-nextjs", ".getUser", Failure::Null),
    is("@kinde-oss/kinde-auth-nextjs", "protectApi", Kind::GuardWrapper),
    check("@stackframe/", ".getUser", Failure::Null),
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
    check("@upstash/qstash", ".verify", Failure::False),
    check_now("twilio", ".validateRequest", Failure::False),
    guard("twilio", ".webhook()"),
    check_now("@slack/", "verifySlackRequest", Failure::Throws),
    check("@shopify/", ".webhooks.validate", Failure::Fields(&[("valid", Failure::False)])),
    check("@paddle/", ".webhooks.unmarshal", Failure::Throws),
    check_now("tsscmp", "", Failure::False),
    check_now("secure-compare", "", Failure::False),
    check_now("safe-compare", "", Failure::False),
    check("google-auth-library", ".verifyIdToken", Failure::Throws),
    check("apple-signin-auth", ".verifyIdToken", Failure::Throws),
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
    // Fastify.
    check_now("@fastify/jwt", ".verify", Failure::Throws),
    check("@fastify/jwt", ".jwtVerify", Failure::Throws),
    is("@fastify/jwt", ".decode", Kind::Decode),
    is("@fastify/jwt", "", Kind::Neutral),
    guard("@fastify/basic-auth", ".basicAuth"),
    guard("@fastify/bearer-auth", ".verifyBearerAuth"),
    is("@fastify/static", "", Kind::Answer(Some("static"))),
    is("@fastify/swagger-ui", "", Kind::Answer(Some("docs"))),
    is("@fastify/http-proxy", "", Kind::Answer(None)),
    // Never authentication.
    is("helmet", "", Kind::Neutral),
    is("cors", "", Kind::Neutral),
    is("csurf", "", Kind::Neutral),
    is("csrf-csrf", "", Kind::Neutral),
    is("lusca", "", Kind::Neutral),
    is("express-rate-limit", "", Kind::Neutral),
    is("rate-limiter-flexible", "", Kind::Neutral),
    is("@upstash/ratelimit", "", Kind::Neutral),
    is("express-validator", "", Kind::Neutral),
    is("celebrate", "", Kind::Neutral),
    is("express-openapi-validator", "", Kind::Neutral),
    is("body-parser", "", Kind::Neutral),
    is("express-fileupload", "", Kind::Neutral),
    is("multer", "", Kind::Neutral),
    is("morgan", "", Kind::Neutral),
    is("compression", "", Kind::Neutral),
    is("express", ".json()", Kind::Neutral),
    is("express", ".urlencoded()", Kind::Neutral),
    is("express", ".text()", Kind::Neutral),
    is("express", ".raw()", Kind::Neutral),
    is("express", ".static()", Kind::Answer(Some("static"))),
    is("serve-static", "()", Kind::Answer(Some("static"))),
    is("sirv", "()", Kind::Answer(Some("static"))),
    is("serve-favicon", "()", Kind::Neutral),
    is("serve-index", "()", Kind::Answer(None)),
    is("swagger-ui-express", ".setup()", Kind::Answer(Some("docs"))),
    is("swagger-ui-express", ".serve", Kind::Neutral),
    is("redoc-express", "()", Kind::Answer(Some("docs"))),
    is("@scalar/", "()", Kind::Answer(Some("docs"))),
    is("express-security.txt", "()", Kind::Answer(Some("public"))),
    is("express-security.txt", ".setup()", Kind::Answer(Some("public"))),
    is("express-robots-txt", "()", Kind::Answer(Some("public"))),
    is("http-proxy-middleware", "()", Kind::Answer(None)),
    is("express-http-proxy", "()", Kind::Answer(None)),
    is("@apollo/server/express4", ".expressMiddleware()", Kind::Answer(None)),
    is("@as-integrations/", ".expressMiddleware()", Kind::Answer(None)),
    is("express-graphql", "()", Kind::Answer(None)),
    is("graphql-http/", "createHandler()", Kind::Answer(None)),
    is("bull-board/", ".getRouter()", Kind::Answer(None)),
    is("@bull-board/", ".getRouter()", Kind::Answer(None)),
];

/// The row for a canonical name, if there is one.
pub fn find(canonical: &str) -> Option<&'static Library> {
    let name = canonical.strip_prefix("new ").unwrap_or(canonical);
    BY_HEAD.get(head(name))?.iter().copied().find(|row| fits(name, row.package, row.name))
}

/// The rows by the beginning of their package, in their order.
static BY_HEAD: LazyLock<FxHashMap<&'static str, Vec<&'static Library>>> = LazyLock::new(|| {
    let mut rows: FxHashMap<_, Vec<_>> = FxHashMap::default();
    for row in super::web::ROWS.iter().chain(LIBRARIES) {
        rows.entry(head(row.package)).or_default().push(row);
    }
    rows
});

/// `@clerk/express.auth()` → `@clerk`: the same for a package and for what is in it.
fn head(name: &str) -> &str {
    name.split(['/', '.', '(']).next().unwrap_or(name)
}

/// Options of a call that make something else of it: name, value as text, and what it then is.
pub fn options(canonical: &str) -> impl Iterator<Item = (&'static str, &'static str, Kind)> {
    let name = canonical.strip_prefix("new ").unwrap_or(canonical);
    super::web::OPTIONS.iter().filter(move |row| fits(name, row.0, row.1)).map(|row| (row.2, row.3, row.4))
}

fn fits(name: &str, package: &str, wanted: &str) -> bool {
    let Some(rest) = package_rest(name, package) else { return false };
    wanted.is_empty() || rest == wanted || (rest.ends_with(wanted) && !wanted.starts_with("()") && ends_at_word(rest, wanted))
}

/// What follows the package in a canonical name.
fn package_rest<'a>(name: &'a str, package: &str) -> Option<&'a str> {
    match package.strip_suffix('/') {
        // A whole family: `firebase-admin/` is `firebase-admin` and its paths, `@clerk/` every package of the scope.
        Some(family) => {
            let rest = name.strip_prefix(family)?;
            if rest.is_empty() || rest.starts_with(['.', '(', '/']) { Some(rest) } else { None }
        }
        None => {
            let rest = name.strip_prefix(package)?;
            (rest.is_empty() || rest.starts_with(['.', '('])).then_some(rest)
        }
    }
}

fn ends_at_word(rest: &str, name: &str) -> bool {
    if name.starts_with('.') {
        return true;
    }
    let before = rest[..rest.len() - name.len()].chars().next_back();
    before.is_none_or(|c| matches!(c, '.' | '/'))
}
