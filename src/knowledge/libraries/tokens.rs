//! Signed tokens, and middleware that verifies them.
//!
//! ```js
//! const payload = jwt.verify(token, key)     // throws
//! app.use(expressjwt({ secret, algorithms }))  // rejects, unless `credentialsRequired: false`
//! ```

use super::{Failure, Kind, Library, check, check_now, guard, guard_unless, is};

pub(super) const ROWS: &[Library] = &[
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
];

/// Whether a library's guards turn a caller away by `next(error)`, so that the server's error handlers answer: express-jwt 8 `index.js`,
/// express-oauth2-jwt-bearer 1 `index.js`, express-openid-connect 2 and 3 `requiresAuth.js` (for whoever does not accept HTML),
/// @clerk/clerk-sdk-node 5 `ClerkExpressRequireAuth`.
pub fn passes_error(canonical: &str) -> bool {
    ["express-jwt", "express-oauth2-jwt-bearer", "express-openid-connect", "@clerk/clerk-sdk-node"].iter().any(|p| canonical.starts_with(p))
}
