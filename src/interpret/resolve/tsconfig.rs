//! `paths` and `baseUrl` of a `tsconfig.json`, with what it extends.
//!
//! ```json
//! { "extends": "@acme/config/nextjs.json", "compilerOptions": { "paths": { "@/*": ["./src/*"] } } }
//! ```

use super::files::{Files, joined};
use super::node::{CONFIGURATIONS, Search};
use serde_json::Value;

/// The part of `compilerOptions` that says where modules are.
#[derive(Debug, Default, Clone)]
pub struct Tsconfig {
    base_url: bool,
    /// What `paths` are relative to.
    base: String,
    paths: Option<Vec<(String, Vec<String>)>>,
}

/// Stands for the folder of the file that extends the others.
const CONFIG_DIR: &str = "${configDir}";
/// How many files one may extend, one through the other.
const DEEPEST: u32 = 16;

impl Tsconfig {
    /// `None`: not JSON, nor what TypeScript makes of it.
    pub fn read(files: &Files, path: &str) -> Option<Self> {
        let mut config = Self::extended(files, path, 0)?;
        let folder = crate::source::folder(path);
        config.base = within(folder, &config.base).unwrap_or(config.base);
        for target in config.paths.iter_mut().flatten().flat_map(|(_, targets)| targets) {
            *target = within(folder, target).unwrap_or_else(|| joined(&config.base, target));
        }
        Some(config)
    }

    fn extended(files: &Files, path: &str, depth: u32) -> Option<Self> {
        let real = files.real(path);
        let mut text = files.text(&real)?.trim_start_matches('\u{feff}').to_owned();
        json_strip_comments::strip(&mut text).ok()?;
        let json: Value = if text.trim().is_empty() { Value::Null } else { serde_json::from_str(&text).ok()? };
        let folder = crate::source::folder(&real);
        let options = json.get("compilerOptions");
        let base_url = options.and_then(|options| options.get("baseUrl")).and_then(Value::as_str);
        let mut config = Self {
            base_url: base_url.is_some(),
            base: match base_url {
                Some(base) if base.starts_with(CONFIG_DIR) => base.to_owned(),
                Some(base) => joined(folder, base),
                None => folder.to_owned(),
            },
            paths: options.and_then(|options| options.get("paths")).and_then(Value::as_object).map(|paths| {
                let texts = |list: &Value| list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
                paths.iter().map(|(pattern, targets)| (pattern.clone(), texts(targets))).collect()
            }),
        };
        let extends = match json.get("extends") {
            Some(Value::Array(list)) => list.as_slice(),
            Some(one) => std::slice::from_ref(one),
            None => &[],
        };
        // Of several, the last counts. One that was not given says nothing; the rest of the file still does.
        for specifier in extends.iter().rev().filter_map(Value::as_str) {
            if depth < DEEPEST
                && let Some(path) = extended_path(files, folder, specifier)
                && let Some(other) = Self::extended(files, &path, depth + 1)
            {
                config.inherit(other);
            }
        }
        Some(config)
    }

    fn inherit(&mut self, other: Self) {
        let own_base = self.base_url;
        if !own_base && (other.base_url || self.paths.is_none()) {
            self.base = other.base;
            self.base_url = other.base_url;
        }
        if self.paths.is_none() {
            self.paths = other.paths;
        }
    }

    /// The paths that a specifier may stand for.
    pub fn candidates(&self, specifier: &str) -> Vec<String> {
        let paths = self.paths.as_deref().unwrap_or_default();
        let exact = paths.iter().find(|(pattern, _)| pattern == specifier).map(|(_, targets)| targets.clone());
        let mut found = exact
            .or_else(|| {
                let fitting = paths.iter().filter_map(|(pattern, targets)| {
                    let (start, end) = pattern.split_once('*')?;
                    let hole = specifier.strip_prefix(start)?.strip_suffix(end)?;
                    Some((start.len(), hole, targets))
                });
                // The longest beginning counts; of two, the first.
                let (_, hole, targets) = fitting.reduce(|best, other| if other.0 > best.0 { other } else { best })?;
                Some(targets.iter().map(|target| target.replacen('*', hole, 1)).collect())
            })
            .unwrap_or_default();
        if found.is_empty() && self.base_url {
            found.push(joined(&self.base, specifier));
        }
        found
    }
}

fn within(folder: &str, path: &str) -> Option<String> {
    path.strip_prefix(CONFIG_DIR).map(|rest| joined(folder, rest.trim_start_matches('/')))
}

fn extended_path(files: &Files, folder: &str, specifier: &str) -> Option<String> {
    let search = Search { files, options: &CONFIGURATIONS };
    let path = match specifier.bytes().next()? {
        b'.' | b'/' => joined(folder, specifier),
        b'#' => search.import(folder, specifier).ok()??,
        _ => search.bare(folder, specifier).ok()??,
    };
    if files.is_file(&path) {
        Some(path)
    } else if files.is_folder(&path) {
        Some(format!("{path}/tsconfig.json"))
    } else {
        Some(format!("{path}.json"))
    }
}
