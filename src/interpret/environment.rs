//! Environment variables, read directly or through a library that validates them.
//!
//! ```js
//! app.use(`/${process.env.API_PREFIX}`, api)                  // .env.example: API_PREFIX=api
//! const env = cleanEnv(process.env, { PREFIX: str() })        // env.PREFIX is process.env.PREFIX
//! if (req.headers['x-key'] !== process.env.ADMIN_KEY) …       // a secret that the server knows
//! const settings = ini.parse(fs.readFileSync('config.ini'))   // as much a setting as a variable, and no secret
//! ```

use super::object::Site;
use super::state::State;
use super::value::{External, ExternalId, Taint, Value};
use super::{Interpreter, Mode, Settings};
use crate::knowledge::names::words;

/// Libraries whose result holds the variables of the environment under their own names.
const LOADERS: [&str; 8] = [
    "env-schema()",
    "env-schema.envSchema()",
    "envalid.cleanEnv()",
    "@t3-oss/env-core.createEnv()",
    "@t3-oss/env-nextjs.createEnv()",
    "znv.parseEnv()",
    "dotenv.config().parsed",
    "dotenv-safe.config().parsed",
];

/// What says that a platform runs the server.
const PLATFORM: &str = "VERCEL";

impl Interpreter<'_> {
    /// Whether some code of the project asks which platform it runs on.
    pub fn asks_for_platform(&self) -> bool {
        self.values.find_atom(PLATFORM).is_some()
    }

    /// A variable of the environment: a secret, unless it says in which mode the server runs, or where it is mounted.
    pub(super) fn environment_variable(&mut self, site: Site, name: &str) -> Value {
        match name {
            "NODE_ENV" if self.mode == Mode::Startup && self.environment.is_none() => {
                self.saw_environment = true;
                let all = ["production", "development", "test"].map(|e| self.values.string(e)).to_vec();
                self.values.join_all(all)
            }
            // The server that matters is the one in production.
            "NODE_ENV" => self.values.string("production"),
            // Vercel's own, which it sets wherever it runs something.
            PLATFORM if self.settings == Settings::Deployed => self.values.string("1"),
            _ => match self.project.documented(self.path_of(site.module), name).filter(|value| is_mount(name, value)) {
                Some(value) => {
                    let value = value.to_owned();
                    self.values.string(&value)
                }
                None => Value::opaque(Taint::SECRET),
            },
        }
    }

    /// Of a variable of the environment or another setting, by which something is now decided: whether it holds where nobody has set it.
    pub(super) fn unset(&mut self, value: Value) -> Option<bool> {
        let Value::Opaque(o) = value else { return None };
        if self.mode != Mode::Anonymous || !o.taint.is_setting() {
            return None;
        }
        self.saw_setting = true;
        Some(o.taint.has(Taint::CONTRARY))
    }

    /// What a library reads from a file of settings: unless somebody has set it, nothing.
    pub(super) fn read_settings(&self, state: &State, name: &str, args: &[Value]) -> Option<Value> {
        let reads = matches!(
            name,
            "ini.parse" | "js-yaml.load" | "js-yaml.safeLoad" | "yaml.parse" | "toml.parse" | "config.get" | "nconf.get" | "convict().get"
        );
        (reads && self.taint_of_all(state, args) == Taint::NONE).then(|| Value::opaque(Taint::SETTING))
    }

    /// Whether an external value holds the variables of the environment.
    pub(super) fn is_environment(&self, id: ExternalId) -> bool {
        if LOADERS.contains(&self.values.external_name(id)) {
            return true;
        }
        match self.values.external_of(id) {
            // `schema.parse(process.env)`
            External::Call(base, args) => {
                matches!(self.values.external_of(*base), External::Member(..))
                    && args.iter().any(|a| matches!(a, Value::External(e) if self.values.external_name(*e) == ":process.env"))
            }
            _ => false,
        }
    }
}

/// Whether a variable says under which path something is mounted: `API_PREFIX=api`, `BASE_PATH=/v1`.
fn is_mount(name: &str, value: &str) -> bool {
    let plain =
        !value.is_empty() && value.len() < 40 && value.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '_' | '.'));
    let lower = name.to_ascii_lowercase();
    plain
        && words(&lower)
            .iter()
            .any(|w| matches!(w.as_str(), "prefix" | "path" | "route" | "base" | "version" | "mount" | "endpoint" | "root"))
        && !words(&lower).iter().any(|w| matches!(w.as_str(), "secret" | "key" | "token" | "password" | "file" | "dir" | "node" | "data"))
}

/// The variables of an `.env.example`, in order.
pub(super) fn variables(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.lines().filter_map(|line| {
        let line = line.trim();
        let (name, value) = line.strip_prefix("export ").unwrap_or(line).split_once('=')?;
        let value = value.split(" #").next().unwrap_or_default().trim().trim_matches(['"', '\'']);
        let named = !name.is_empty() && name.trim_end().chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        named.then(|| (name.trim_end(), value))
    })
}
