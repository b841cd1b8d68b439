//! Libraries that answer by themselves, and libraries whose middleware is never authentication.
//!
//! ```js
//! app.use(helmet(), cors(), rateLimit())             // nobody is turned away for lack of an identity
//! app.use('/docs', swaggerUi.serve, swaggerUi.setup(spec))
//! ```

use super::{Failure, Kind, Library, check, check_now, guard, is};

pub(super) const ROWS: &[Library] = &[
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
    // Arcjet, rate limits, feature flags: never an identity.
    is("@arcjet/", "", Kind::Neutral),
    is("@upstash/ratelimit", "", Kind::Neutral),
    // Contexts, traces, locks, retries: what is inside runs as if they were not there.
    is("async_hooks", ".run", Kind::Runs),
    is("node:async_hooks", ".run", Kind::Runs),
    is("@opentelemetry/api", ".with", Kind::Runs),
    is("@opentelemetry/api", ".startActiveSpan", Kind::Runs),
    is("@sentry/", ".startSpan", Kind::Runs),
    is("@sentry/", ".startSpanManual", Kind::Runs),
    is("@sentry/", ".continueTrace", Kind::Runs),
    is("@sentry/", ".withScope", Kind::Runs),
    is("@sentry/", ".withIsolationScope", Kind::Runs),
    is("@sentry/", ".withServerActionInstrumentation", Kind::Runs),
    is("dd-trace", ".trace", Kind::Runs),
    is("async-mutex", ".runExclusive", Kind::Runs),
    is("async-retry", "", Kind::Runs),
    is("p-retry", "", Kind::Runs),
    is("p-limit", "()", Kind::Runs),
];

/// Functions that only compute: what goes in is what comes out.
pub fn only_computes(name: &str) -> bool {
    let package = name.split(['.', '(']).next().unwrap_or(name);
    matches!(
        package,
        ":Buffer"
            | ":String"
            | ":Math"
            | ":Date"
            | ":JSON"
            | ":URL"
            | ":Object"
            | ":Symbol"
            | ":Intl"
            | "lodash"
            | "underscore"
            | "ramda"
            | "cookie"
            | "qs"
            | "querystring"
            | "node:querystring"
            | "url"
            | "node:url"
            | "path"
            | "node:path"
            | "uuid"
            | "nanoid"
            | "ms"
            | "dayjs"
            | "moment"
            | "date-fns"
            | "crypto"
            | "node:crypto"
            | "zod"
            | "joi"
            | "yup"
            | "validator"
            | "http-status"
            | "superjson"
            | "js-base64"
            | "base64url"
            | "set-cookie-parser"
            | "cookie-parser"
            | "sanitize-html"
            | "slugify"
            | "util"
            | "node:util"
            | "change-case"
            | "hashids"
    )
}
