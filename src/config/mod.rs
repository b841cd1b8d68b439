//! The configuration: checked strictly, the same for all hosts.
//!
//! ```json
//! { "publicRoutes": ["GET /catalogue/**"], "guards": [{ "import": "@acme/auth", "name": "requireUser" }] }
//! ```

use crate::report::Severity;
use serde_json::Value;

/// A checked configuration.
#[derive(Debug, Clone)]
pub struct Config {
    pub public_routes: Vec<RoutePattern>,
    pub guards: Vec<Guard>,
    /// Findings below this are listed in the inventory only.
    pub min_severity: Severity,
    /// Report endpoints whose protection cannot be told.
    pub report_unknown: bool,
    pub rules: Vec<(String, RuleLevel)>,
    /// Paths that are left out, as globs.
    pub ignore: Vec<String>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            public_routes: Vec::new(),
            guards: Vec::new(),
            min_severity: Severity::Medium,
            report_unknown: false,
            rules: Vec::new(),
            ignore: Vec::new(),
        }
    }
}

/// A function that authenticates, named because its body cannot tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guard {
    pub import: Option<String>,
    pub name: Option<String>,
}

/// `GET /catalogue/**`; without a method, any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoutePattern {
    pub method: Option<String>,
    pub path: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleLevel {
    Off,
    On,
    At(Severity),
}

/// Methods that frameworks route by, and `ALL`.
const METHODS: [&str; 10] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "ALL"];
const KEYS: [&str; 7] = ["$schema", "publicRoutes", "guards", "minSeverity", "reportUnknown", "rules", "ignore"];

impl Config {
    /// Checks a parsed configuration. The message names the key and what was expected.
    pub fn from_json(value: &Value, rules: &[&str]) -> Result<Self, String> {
        let Value::Object(map) = value else {
            return Err(format!("the configuration must be an object, not {}", kind(value)));
        };
        let mut config = Self::default();
        for (key, value) in map {
            match key.as_str() {
                "$schema" => {}
                "publicRoutes" => {
                    for (i, item) in list(key, value)?.iter().enumerate() {
                        config.public_routes.push(RoutePattern::parse(&format!("{key}[{i}]"), item)?);
                    }
                }
                "guards" => {
                    for (i, item) in list(key, value)?.iter().enumerate() {
                        config.guards.push(guard(&format!("{key}[{i}]"), item)?);
                    }
                }
                "ignore" => {
                    for (i, item) in list(key, value)?.iter().enumerate() {
                        config.ignore.push(text(&format!("{key}[{i}]"), item)?.to_owned());
                    }
                }
                "minSeverity" => config.min_severity = severity(key, value)?,
                "reportUnknown" => {
                    config.report_unknown = value.as_bool().ok_or_else(|| format!("`{key}` must be true or false, not {}", kind(value)))?;
                }
                "rules" => {
                    let Value::Object(levels) = value else {
                        return Err(format!("`{key}` must be an object from rule names to levels, not {}", kind(value)));
                    };
                    for (rule, level) in levels {
                        if !rules.contains(&rule.as_str()) {
                            return Err(format!("`rules` names the unknown rule `{rule}`; the rules are {}", rules.join(", ")));
                        }
                        let at = format!("rules.{rule}");
                        let level = match level.as_str() {
                            Some("off") => RuleLevel::Off,
                            Some("on") => RuleLevel::On,
                            _ => RuleLevel::At(
                                severity(&at, level)
                                    .map_err(|_| format!("`{at}` must be \"off\", \"on\" or a severity, not {}", shown(level)))?,
                            ),
                        };
                        config.rules.push((rule.clone(), level));
                    }
                }
                other => {
                    return Err(format!("unknown key `{other}`; the keys are {}", KEYS[1..].join(", ")));
                }
            }
        }
        Ok(config)
    }

    pub fn level(&self, rule: &str) -> RuleLevel {
        self.rules.iter().find(|(name, _)| name == rule).map_or(RuleLevel::On, |(_, level)| *level)
    }

    /// Whether a path is left out.
    pub fn ignores(&self, path: &str) -> bool {
        self.ignore.iter().any(|glob| glob_matches(glob.trim_start_matches("./"), path))
    }

    pub fn is_public(&self, method: &str, path: &str) -> bool {
        self.public_routes
            .iter()
            .any(|route| route.method.as_deref().is_none_or(|m| m == method || m == "ALL") && route_matches(&route.path, path))
    }
}

impl RoutePattern {
    fn parse(key: &str, value: &Value) -> Result<Self, String> {
        let text = text(key, value)?.trim();
        let (method, path) = match text.split_once(char::is_whitespace) {
            Some((method, path)) if !method.starts_with('/') => (Some(method.to_ascii_uppercase()), path.trim()),
            _ => (None, text),
        };
        let is_method = method.as_deref().is_none_or(|m| METHODS.contains(&m));
        if !is_method || !path.starts_with(['/', '*']) {
            return Err(format!("`{key}` must be a path that begins with `/`, with a method before it or none, not {}", shown(value)));
        }
        Ok(Self { method, path: path.to_owned() })
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// A string itself, of everything else what it is.
fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| kind(value).to_owned(), |text| format!("{text:?}"))
}

fn list<'v>(key: &str, value: &'v Value) -> Result<&'v [Value], String> {
    value.as_array().map(Vec::as_slice).ok_or_else(|| format!("`{key}` must be a list, not {}", kind(value)))
}

fn text<'v>(key: &str, value: &'v Value) -> Result<&'v str, String> {
    value.as_str().ok_or_else(|| format!("`{key}` must be a string, not {}", kind(value)))
}

fn severity(key: &str, value: &Value) -> Result<Severity, String> {
    match value.as_str().map(str::to_ascii_lowercase).as_deref() {
        Some("low") => Ok(Severity::Low),
        Some("medium") => Ok(Severity::Medium),
        Some("high") => Ok(Severity::High),
        Some("critical") => Ok(Severity::Critical),
        _ => Err(format!("`{key}` must be \"low\", \"medium\", \"high\" or \"critical\", not {}", shown(value))),
    }
}

fn guard(key: &str, value: &Value) -> Result<Guard, String> {
    if let Value::String(name) = value {
        return Ok(Guard { import: None, name: Some(name.clone()) });
    }
    let Value::Object(map) = value else {
        return Err(format!("`{key}` must be an object with `name` and `import`, not {}", kind(value)));
    };
    let mut out = Guard { import: None, name: None };
    for (field, value) in map {
        let at = format!("{key}.{field}");
        match field.as_str() {
            "import" => out.import = Some(text(&at, value)?.to_owned()),
            "name" => out.name = Some(text(&at, value)?.to_owned()),
            _ => return Err(format!("unknown key `{at}`; a guard has `name` and `import`")),
        }
    }
    if out.import.is_none() && out.name.is_none() {
        return Err(format!("`{key}` must have `name`, `import`, or both"));
    }
    Ok(out)
}

/// `*` within a segment, `**` across segments.
pub fn glob_matches(glob: &str, path: &str) -> bool {
    let (glob, path): (Vec<&str>, Vec<&str>) = (glob.split('/').collect(), path.split('/').collect());
    segments_match(&glob, &path)
}

fn segments_match(glob: &[&str], path: &[&str]) -> bool {
    match (glob.split_first(), path.split_first()) {
        (None, None) => true,
        (Some((&"**", rest)), _) => (0..=path.len()).any(|skip| segments_match(rest, &path[skip..])),
        (Some((g, rest)), Some((p, tail))) => segment_matches(g, p) && segments_match(rest, tail),
        _ => false,
    }
}

fn segment_matches(glob: &str, text: &str) -> bool {
    match glob.split_once('*') {
        None => glob == text,
        Some((before, after)) => text
            .strip_prefix(before)
            .is_some_and(|rest| (0..=rest.len()).any(|i| rest.is_char_boundary(i) && segment_matches(after, &rest[i..]))),
    }
}

/// Route paths: parameters match whatever they are called.
fn route_matches(pattern: &str, path: &str) -> bool {
    let normal = |p: &str| -> Vec<String> {
        p.trim_matches('/').split('/').map(|s| if s.starts_with(':') { ":".to_owned() } else { s.to_owned() }).collect()
    };
    let (pattern, path) = (normal(pattern), normal(path));
    let pattern: Vec<&str> = pattern.iter().map(|s| if s == ":" { "*" } else { s.as_str() }).collect();
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    segments_match(&pattern, &path)
}
