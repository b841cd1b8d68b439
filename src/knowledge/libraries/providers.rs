//! Sessions and identity providers.
//!
//! ```js
//! const session = await getServerSession(options)   // next-auth: null
//! const { userId } = await auth()                    // Clerk: { userId: null }
//! ```

use super::{Failure, Kind, LOGIN, Library, check, check_now, guard, guard_unless, is};

const NO_CLERK_AUTH: Failure = Failure::Fields(&[
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
const NO_CLERK_IDS: Failure = Failure::Fields(&[
    ("userId", Failure::Null),
    ("sessionId", Failure::Null),
    ("orgId", Failure::Null),
    ("isAuthenticated", Failure::False),
    ("sessionClaims", Failure::Null),
]);
const NO_LUCIA: Failure = Failure::Fields(&[("user", Failure::Null), ("session", Failure::Null)]);
const NO_UNKEY: Failure = Failure::Fields(&[
    ("valid", Failure::False),
    ("result", Failure::Fields(&[("valid", Failure::False)])),
    ("data", Failure::Fields(&[("valid", Failure::False)])),
]);
const NO_USER: Failure = Failure::Fields(&[("user", Failure::Null)]);

pub(super) const ROWS: &[Library] = &[
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
    is("iron-session", "withIronSessionApiRoute", Kind::AttachWrapper),
    is("iron-session/next", "withIronSessionApiRoute", Kind::AttachWrapper),
    // iron-session: an object that holds what the sealed cookie held, so nothing.
    check("iron-session", "getIronSession", Failure::Empty),
    check("iron-session", "unsealData", Failure::Empty),
    is("iron-session/next", "withIronSessionApiRoute()", Kind::Attach),
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
    // next-auth 4, Auth.js 5: the wrapper only attaches; as a proxy it asks `callbacks.authorized`. `interpret/wrapper.rs` runs both.
    is("next-auth", "().auth()", Kind::Attach),
    is("next-auth/middleware", ".withAuth()", Kind::Attach),
    is("next-auth/middleware", "()", Kind::Attach),
    is("next-auth", "().signIn", Kind::Neutral),
    is("next-auth", "().signOut", Kind::Neutral),
    check("next-auth/jwt", "getToken", Failure::Null),
    check("next-auth/", "getServerSession", Failure::Null),
    check("next-auth/", "unstable_getServerSession", Failure::Null),
    check("next-auth/react", "getSession", Failure::Null),
    check("next-auth/client", "getSession", Failure::Null),
    check("next-auth/jwt", "decode", Failure::Null),
    is("next-auth", ".handlers", LOGIN),
    is("next-auth", "().handlers.GET", LOGIN),
    is("next-auth", "().handlers.POST", LOGIN),
    check("next-auth", "().auth", Failure::Null),
    is("next-auth", "()", LOGIN),
    guard("next-auth/middleware", ""),
    check("@auth/", "getSession", Failure::Null),
    // Clerk 5-7: `auth()` was synchronous before 6, and answers an object that is always truthy.
    check_now("@clerk/nextjs/server", ".auth", NO_CLERK_AUTH),
    check_now("@clerk/nextjs", ".auth", NO_CLERK_AUTH),
    check_now("@clerk/nextjs/", ".getAuth", NO_CLERK_AUTH),
    is("@clerk/nextjs/", ".clerkMiddleware()", Kind::Attach),
    is("@clerk/nextjs/", ".authMiddleware()", Kind::Attach),
    is("@clerk/nextjs/", ".createRouteMatcher()", Kind::Attach),
    guard("@clerk/", ".auth.protect"),
    guard("@clerk/", ".auth().protect"),
    check("@clerk/", "currentUser", Failure::Null),
    check_now("@clerk/", "getAuth", NO_CLERK_IDS),
    check("@clerk/backend", "verifyToken", Failure::Throws),
    check("@clerk/", ".authenticateRequest", Failure::Fields(&[("isAuthenticated", Failure::False), ("isSignedIn", Failure::False)])),
    check("@clerk/", "verifyWebhook", Failure::Throws),
    is("@clerk/express", ".clerkMiddleware()", Kind::Attach),
    guard("@clerk/express", ".requireAuth()"),
    guard("@clerk/clerk-sdk-node", "ClerkExpressRequireAuth()"),
    is("@clerk/clerk-sdk-node", "ClerkExpressWithAuth()", Kind::Attach),
    // better-auth: the cookie's mere existence never counts.
    is("better-auth/", ".toNextJsHandler().GET", LOGIN),
    is("better-auth/", ".toNextJsHandler().POST", LOGIN),
    is("better-auth", ".betterAuth().handler", LOGIN),
    check("better-auth", ".betterAuth().api.getSession", Failure::Null),
    is("better-auth/cookies", "getCookieCache", Kind::Decode),
    check("better-auth", ".api.getSession", Failure::Null),
    is("better-auth/cookies", "getSessionCookie", Kind::Decode),
    is("better-auth", "toNextJsHandler()", LOGIN),
    is("better-auth/node", "toNodeHandler()", LOGIN),
    is("better-auth/next-js", "toNextJsHandler()", LOGIN),
    is("better-auth", ".handler", LOGIN),
    // Supabase: getSession() on the server reads the cookie without checking it.
    is("@supabase/", ".auth.exchangeCodeForSession", Kind::Neutral),
    check("@supabase/", ".auth.getUser", Failure::Fields(&[("data", NO_USER), ("error", Failure::True), ("user", Failure::Null)])),
    check("@supabase/", ".auth.getClaims", Failure::Fields(&[("data", Failure::Null), ("error", Failure::True)])),
    is("@supabase/", ".auth.getSession", Kind::Decode),
    // Auth0 3 and 4.
    check("@auth0/nextjs-auth0/", ".getSession", Failure::Null),
    check("@auth0/nextjs-auth0/", ".getAccessToken", Failure::Throws),
    is("@auth0/nextjs-auth0/", ".withApiAuthRequired", Kind::GuardWrapper),
    is("@auth0/nextjs-auth0/", ".withPageAuthRequired", Kind::GuardWrapper),
    is("@auth0/nextjs-auth0/", ".withMiddlewareAuthRequired", Kind::GuardWrapper),
    is("@auth0/nextjs-auth0/", ".handleAuth()", LOGIN),
    is("@auth0/nextjs-auth0/", ".middleware", Kind::Attach),
    // Kinde.
    is("@kinde-oss/kinde-auth-nextjs/", "getKindeServerSession", Kind::Neutral),
    check("@kinde-oss/kinde-auth-nextjs/", ".isAuthenticated", Failure::False),
    check("@kinde-oss/kinde-auth-nextjs/", ".getUser", Failure::Null),
    check("@kinde-oss/kinde-auth-nextjs/", ".getPermission", Failure::Null),
    is("@kinde-oss/kinde-auth-nextjs/", "protectApi", Kind::GuardWrapper),
    is("@kinde-oss/kinde-auth-nextjs/", "handleAuth()", LOGIN),
    guard("@kinde-oss/kinde-auth-nextjs/", "withAuth()"),
    // WorkOS AuthKit: its proxy only enforces where it is told to.
    check("@workos-inc/authkit-nextjs", "withAuth", NO_USER),
    is("@workos-inc/authkit-nextjs", "handleAuth()", LOGIN),
    is("@workos-inc/authkit-nextjs", "authkitMiddleware()", Kind::Attach),
    is("@workos-inc/authkit-nextjs", "authkitProxy()", Kind::Attach),
    // Stack.
    check("@stackframe/", ".getUser", Failure::Null),
    is("@stackframe/", "StackHandler", LOGIN),
];

/// Whether a passport strategy looks at what the request brings, rather than sending the browser to a provider.
pub fn presents_credential(strategy: &str) -> bool {
    let strategy = strategy.to_ascii_lowercase();
    [
        "jwt",
        "local",
        "basic",
        "bearer",
        "session",
        "token",
        "apikey",
        "api-key",
        "headerapikey",
        "custom",
        "anonymous",
        "digest",
        "hmac",
        "cookie",
    ]
    .iter()
    .any(|known| strategy.contains(known))
}
