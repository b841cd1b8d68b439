//! Operations on data: which method names read or write, and of what.
//!
//! ```js
//! prisma.user.findUnique({ where })   User.findByIdAndUpdate(id, …)   db.query('SELECT * FROM users')   redis.get(key)
//! ```

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// One record, or nothing.
    ReadOne,
    /// One record, or an exception.
    ReadOneOrThrow,
    /// A list, a count, a cursor.
    ReadMany,
    Write,
}

/// Methods whose name alone tells, on anything that is not part of the request.
pub fn operation(method: &str) -> Option<Operation> {
    use Operation::{ReadMany, ReadOne, ReadOneOrThrow, Write};
    Some(match method {
        "findOne" | "findUnique" | "findFirst" | "findById" | "findByPk" | "findOneBy" | "getOne" | "findByEmail" | "findByUsername"
        | "findByToken" | "hget" | "hgetall" | "maybeSingle" | "getRawOne" | "findByLogin" | "findByApiKey" | "findByUserId" => ReadOne,
        "findOneOrFail" | "findOneByOrFail" | "findUniqueOrThrow" | "findFirstOrThrow" | "getOneOrFail" | "firstOrFail" | "findOrFail"
        | "single" => ReadOneOrThrow,
        "findMany"
        | "findAll"
        | "findAndCount"
        | "findAndCountAll"
        | "findBy"
        | "countDocuments"
        | "estimatedDocumentCount"
        | "groupBy"
        | "aggregate"
        | "$queryRaw"
        | "$queryRawUnsafe"
        | "getMany"
        | "getManyAndCount"
        | "getRawMany"
        | "lrange"
        | "smembers"
        | "zrange"
        | "paginate"
        | "queryRaw"
        | "distinct" => ReadMany,
        "create"
        | "createMany"
        | "createManyAndReturn"
        | "insertOne"
        | "insertMany"
        | "insert"
        | "updateOne"
        | "updateMany"
        | "updateManyAndReturn"
        | "upsert"
        | "save"
        | "deleteOne"
        | "deleteMany"
        | "destroy"
        | "bulkCreate"
        | "bulkWrite"
        | "findOneAndUpdate"
        | "findOneAndDelete"
        | "findOneAndReplace"
        | "findOneAndRemove"
        | "findByIdAndUpdate"
        | "findByIdAndDelete"
        | "findByIdAndRemove"
        | "replaceOne"
        | "$executeRaw"
        | "$executeRawUnsafe"
        | "softDelete"
        | "softRemove"
        | "increment"
        | "decrement"
        | "findOrCreate"
        | "hset"
        | "lpush"
        | "rpush"
        | "sadd"
        | "zadd"
        | "setex"
        | "incr"
        | "truncate"
        | "insertGraph"
        | "patchAndFetchById"
        | "executeTransaction" => Write,
        _ => return None,
    })
}

/// Methods that mean an operation only on something known, or looking like, a database.
pub fn operation_on_store(method: &str) -> Option<Operation> {
    use Operation::{ReadMany, ReadOne, Write};
    // `createServerClient()`, `getClient()`: makes what is then worked with.
    if method.ends_with("Client") {
        return None;
    }
    if let Some(operation) = operation(method) {
        return Some(operation);
    }
    Some(match method {
        "get" | "getex" | "getdel" | "first" | "lookup" | "load" | "fetch" | "read" | "exists" | "has" => ReadOne,
        "find" | "query" | "execute" | "all" | "list" | "search" | "scan" | "select" | "count" | "values" | "raw" | "keys" | "mget"
        | "filter" | "sum" | "max" | "run" | "exec" | "any" | "many" | "one" | "oneOrNone" | "manyOrNone" => ReadMany,
        "update" | "delete" | "remove" | "set" | "put" | "add" | "push" | "store" | "write" | "del" | "expire" | "publish" | "record"
        | "append" | "replace" | "clear" | "drop" | "modify" | "enable" | "disable" | "increase" | "none" => Write,
        _ if method.starts_with("find")
            || method.starts_with("get")
            || method.starts_with("list")
            || method.starts_with("fetch")
            || method.starts_with("load")
            || method.starts_with("count")
            || method.starts_with("search")
            || method.starts_with("read") =>
        {
            ReadMany
        }
        _ if [
            "create", "insert", "update", "delete", "remove", "save", "add", "set", "put", "store", "upsert", "destroy", "write", "record",
            "mark", "reset", "archive",
        ]
        .iter()
        .any(|p| method.strip_prefix(p).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()))) =>
        {
            Write
        }
        _ => return None,
    })
}

/// Whether a canonical name is a database, a model, a store: `pg`, `prisma`, `db`, `User`, `usersRepository`.
pub fn is_store(canonical: &str) -> bool {
    let name = canonical.strip_prefix("new ").unwrap_or(canonical);
    let package = name.split(['.', '(']).next().unwrap_or(name);
    if DATABASE_PACKAGES.iter().any(|p| package.strip_prefix(p).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))) {
        return true;
    }
    name.split(['.', '/', ':', '?', '(', ')']).filter(|s| !s.is_empty()).any(is_store_name)
}

/// What has methods named like those of stores, and keeps nothing of the users': `console.count()`, `dogstatsd.increment('hits')`.
pub fn holds_nothing(canonical: &str) -> bool {
    let name = canonical.strip_prefix("new ").unwrap_or(canonical);
    [
        ":console",
        ":Math",
        ":Date",
        ":Reflect",
        ":Object",
        "async_hooks",
        "node:async_hooks",
        "dd-trace",
        "hot-shots",
        "node-statsd",
        "prom-client",
        "@opentelemetry/",
        "@sentry/",
        "newrelic",
    ]
    .iter()
    .any(|known| name.starts_with(known))
}

/// Whether a canonical name begins with a database: `db.users`, `prisma.user`.
pub fn is_database(canonical: &str) -> bool {
    let name = canonical.strip_prefix(':').unwrap_or(canonical);
    matches!(name.split('.').next(), Some("db" | "database" | "prisma"))
}

/// Methods that lead to an operation rather than being one.
pub fn is_builder(method: &str) -> bool {
    matches!(
        method,
        "collection"
            | "model"
            | "table"
            | "from"
            | "getRepository"
            | "transaction"
            | "$transaction"
            | "connect"
            | "$connect"
            | "$disconnect"
            | "$extends"
            | "with"
            | "schema"
            | "withSchema"
            | "prepare"
            | "then"
            | "on"
            | "sync"
            | "define"
            | "close"
            | "end"
            | "authenticate"
            | "session"
    )
}

/// Functions whose first argument names a model, a table, a collection.
pub fn names_model(function: &str) -> bool {
    matches!(function, "model" | "define" | "collection" | "table" | "from" | "into" | "getRepository" | "discriminator")
}

pub fn is_store_name(last: &str) -> bool {
    let lower = last.to_ascii_lowercase();
    matches!(
        lower.as_str(),
        "db" | "database"
            | "prisma"
            | "knex"
            | "sequelize"
            | "mongo"
            | "mongodb"
            | "redis"
            | "pool"
            | "sql"
            | "pg"
            | "mysql"
            | "store"
            | "repository"
            | "repo"
            | "dao"
            | "model"
            | "models"
            | "collection"
            | "connection"
            | "client"
            | "kv"
            | "cache"
            | "em"
            | "orm"
            | "tx"
            | "trx"
            | "storage"
    ) || ["repository", "repo", "model", "dao", "collection", "store", "db", "service", "table"]
        .iter()
        .any(|s| lower.ends_with(s) && lower.len() > s.len())
        || (last.starts_with(|c: char| c.is_ascii_uppercase())
            && !last.contains("Error")
            && last.len() > 2
            && last.chars().any(|c| c.is_ascii_lowercase()))
}

const DATABASE_PACKAGES: &[&str] = &[
    "pg",
    "mysql",
    "mysql2",
    "mongoose",
    "mongodb",
    "sequelize",
    "knex",
    "typeorm",
    "@prisma/client",
    "drizzle-orm",
    "kysely",
    "redis",
    "ioredis",
    "better-sqlite3",
    "sqlite3",
    "sqlite",
    "objection",
    "bookshelf",
    "@mikro-orm/core",
    "nedb",
    "lowdb",
    "marsdb",
    "@upstash/redis",
    "@vercel/kv",
    "@vercel/postgres",
    "postgres",
    "slonik",
    "firebase-admin",
    "@supabase/supabase-js",
    "@supabase/ssr",
    "@planetscale/database",
    "@neondatabase/serverless",
    "@aws-sdk/client-dynamodb",
    "@libsql/client",
    "@fastify/postgres",
    "@fastify/mongodb",
    "@fastify/mysql",
    "pg-promise",
    "@google-cloud/firestore",
    "level",
];

/// Effects of other libraries, by the beginning of the canonical name and its last word.
pub fn effect(canonical: &str) -> Option<EffectKind> {
    let name = canonical.strip_prefix("new ").unwrap_or(canonical);
    let package = name.split(['.', '(']).next().unwrap_or(name);
    let last = name.trim_end_matches("()").rsplit('.').next().unwrap_or(name);
    let kind = match package {
        "fs" | "fs/promises" | "node:fs" | "node:fs/promises" | "fs-extra" | "graceful-fs" => match last {
            "writeFile" | "writeFileSync" | "appendFile" | "appendFileSync" | "unlink" | "unlinkSync" | "rm" | "rmSync" | "rename"
            | "renameSync" | "mkdir" | "mkdirSync" | "createWriteStream" | "copyFile" | "copyFileSync" | "remove" | "move"
            | "outputFile" | "rmdir" | "writeJson" => EffectKind::FileWrite,
            "readFile" | "readFileSync" | "createReadStream" | "readdir" | "readdirSync" | "readJson" => EffectKind::FileRead,
            _ => return None,
        },
        "child_process" | "node:child_process" | "execa" => EffectKind::Process,
        "nodemailer" | "@sendgrid/mail" | "resend" | "postmark" | "mailgun.js" | "@aws-sdk/client-ses"
            if last.starts_with("send") || last == "create" =>
        {
            EffectKind::Email
        }
        "stripe" | "braintree" | "@paypal/checkout-server-sdk" | "razorpay" | "square" => EffectKind::Payment,
        "axios" | "got" | "node-fetch" | "undici" | "ky" | "superagent" | ":fetch" | "request" | "needle" => EffectKind::Network,
        "@aws-sdk/client-s3" | "@vercel/blob" | "@google-cloud/storage" | "minio" => match last {
            "put" | "upload" | "putObject" | "del" | "deleteObject" | "PutObjectCommand" | "DeleteObjectCommand" | "save" | "delete" => {
                EffectKind::FileWrite
            }
            _ => EffectKind::FileRead,
        },
        // What the server knows about its own work.
        "prom-client" if matches!(last, "metrics" | "getMetricsAsJSON" | "getSingleMetricAsString") => EffectKind::DbRead,
        _ if makes_token(package, last) => EffectKind::Token,
        _ => return None,
    };
    Some(kind)
}

/// `auth.createPublicToken()`, `generateClientToken()`: what lets its holder use another service.
fn makes_token(package: &str, last: &str) -> bool {
    if matches!(package, "jsonwebtoken" | "jose" | "uuid" | "nanoid" | "crypto" | "csrf" | "tokens" | "otplib" | "next-auth")
        || package.starts_with([':', '?'])
    {
        return false;
    }
    let words = super::names::words(last);
    let (Some(first), Some(end)) = (words.first(), words.last()) else { return false };
    matches!(first.as_str(), "create" | "generate" | "mint" | "issue")
        && end == "token"
        && !words.iter().any(|w| matches!(w.as_str(), "csrf" | "xsrf"))
}

/// What kind of thing a handler does to the world outside the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EffectKind {
    DbRead,
    DbWrite,
    FileRead,
    FileWrite,
    Email,
    Payment,
    Process,
    /// A request to another server.
    Network,
    /// A credential for another service is made.
    Token,
}

impl EffectKind {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DbRead => "db-read",
            Self::DbWrite => "db-write",
            Self::FileRead => "file-read",
            Self::FileWrite => "file-write",
            Self::Email => "email",
            Self::Payment => "payment",
            Self::Process => "process",
            Self::Network => "network",
            Self::Token => "token",
        }
    }

    /// Whether it changes something outside the process.
    pub const fn writes(self) -> bool {
        matches!(self, Self::DbWrite | Self::FileWrite | Self::Email | Self::Payment | Self::Process)
    }
}

/// The table that an SQL text reads or writes, and whether it writes.
pub fn sql(text: &str) -> Option<(String, bool)> {
    let lower = text.trim_start().to_ascii_lowercase();
    let mut words = lower.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '.')).filter(|w| !w.is_empty());
    let verb = words.next()?;
    let after = |word: &str, words: &mut dyn Iterator<Item = &str>| -> String {
        words.skip_while(|w| *w != word).nth(1).unwrap_or_default().rsplit('.').next().unwrap_or_default().to_owned()
    };
    match verb {
        "select" | "with" => Some((after("from", &mut words), false)),
        "insert" | "replace" => Some((after("into", &mut words), true)),
        "update" => Some((words.next().unwrap_or_default().to_owned(), true)),
        "delete" => Some((after("from", &mut words), true)),
        "create" | "drop" | "alter" | "truncate" => Some((String::new(), true)),
        _ => None,
    }
}

/// Whether a look-up leaves a filter out whose value is `undefined`, and so finds what comes first: Prisma, except by a unique key, which it
/// insists on (prisma.io/docs, "Null and undefined"), and TypeORM (typeorm.io/docs, "Handling null and undefined values in where conditions").
pub fn drops_undefined(receiver: &str, method: &str) -> bool {
    (receiver.contains("PrismaClient") && !method.starts_with("findUnique")) || receiver.contains("typeorm.")
}
