//! `exports` and `imports` of a `package.json`, as Node's documentation has it (`PACKAGE_EXPORTS_RESOLVE` and what it uses).
//!
//! ```json
//! { "exports": { ".": { "import": "./src/index.ts" }, "./*": "./src/*.ts" }, "imports": { "#db": "./src/db.ts" } }
//! ```

use super::files::{Stop, joined};
use serde_json::{Map, Value};

/// Where an entry leads: a path, or for `imports` also the specifier of another package.
#[derive(Debug, PartialEq)]
pub enum Target {
    Path(String),
    Package(String),
}

/// What a subpath (`.`, `./x`) of the package in `folder` stands for.
pub fn export(folder: &str, subpath: &str, exports: &Value, conditions: &[&str]) -> Result<Target, Stop> {
    let map = exports.as_object();
    let dots = map.map_or(0, |map| map.keys().filter(|key| key.starts_with(['.', '#'])).count());
    if map.is_some_and(|map| dots > 0 && dots < map.len()) {
        return Err(Stop);
    }
    if subpath == "." {
        let main = if dots == 0 { Some(exports) } else { map.and_then(|map| map.get(".")) };
        if let Some(main) = main
            && let Some(found) = target(folder, ".", main, None, false, conditions)?
        {
            return Ok(found);
        }
    }
    match map {
        Some(map) => matched(folder, subpath, map, false, conditions)?.ok_or(Stop),
        None => Err(Stop),
    }
}

/// The entry of `exports` or `imports` that fits best.
pub fn matched(folder: &str, key: &str, map: &Map<String, Value>, imports: bool, conditions: &[&str]) -> Result<Option<Target>, Stop> {
    if key.ends_with('/') {
        return Ok(None);
    }
    if !key.contains('*')
        && let Some(entry) = map.get(key)
    {
        return target(folder, key, entry, None, imports, conditions);
    }
    let mut best: Option<(&str, &str, &Value)> = None;
    for (pattern, entry) in map.iter().filter(|(pattern, _)| pattern.starts_with("./") || pattern.starts_with('#')) {
        let hole = match pattern.split_once('*') {
            Some((_, end)) if end.contains('*') => None,
            Some((start, end)) => {
                key.strip_prefix(start).and_then(|rest| rest.strip_suffix(end)).filter(|hole| end.is_empty() || !hole.is_empty())
            }
            // Deprecated, still in use: `"./dist/": "./dist/"`.
            None if pattern.ends_with('/') => key.strip_prefix(pattern.as_str()),
            None => None,
        };
        if let Some(hole) = hole
            && best.is_none_or(|(other, ..)| specificity(pattern) > specificity(other))
        {
            best = Some((pattern, hole, entry));
        }
    }
    match best {
        Some((pattern, hole, entry)) => target(folder, pattern, entry, Some(hole), imports, conditions),
        None => Ok(None),
    }
}

/// `PATTERN_KEY_COMPARE`: the longer beginning wins, then the longer pattern.
fn specificity(pattern: &str) -> (usize, bool, usize) {
    let star = pattern.find('*');
    (star.map_or(pattern.len(), |at| at + 1), star.is_some(), pattern.len())
}

/// `PACKAGE_TARGET_RESOLVE`.
fn target(folder: &str, key: &str, entry: &Value, hole: Option<&str>, imports: bool, conditions: &[&str]) -> Result<Option<Target>, Stop> {
    match entry {
        Value::String(text) => {
            let text = text.split(['?', '#']).next().unwrap_or_default();
            let relative = text.starts_with("./");
            if !relative && (!imports || text.starts_with("../") || text.starts_with('/')) {
                return Err(Stop);
            }
            let text = match hole {
                Some(hole) if key.contains('*') || text.contains('*') => text.replace('*', hole),
                Some(hole) if key.ends_with('/') && text.ends_with('/') => format!("{text}{hole}"),
                Some(_) => return Err(Stop),
                None => text.to_owned(),
            };
            if !relative {
                return Ok(Some(Target::Package(text)));
            }
            if text.split('/').any(|part| part == ".." || part.eq_ignore_ascii_case("node_modules")) {
                return Err(Stop);
            }
            Ok(Some(Target::Path(joined(folder, &text))))
        }
        Value::Object(map) => {
            for (condition, entry) in map {
                if (condition == "default" || conditions.contains(&condition.as_str()))
                    && let Some(found) = target(folder, key, entry, hole, imports, conditions)?
                {
                    return Ok(Some(found));
                }
            }
            Ok(None)
        }
        Value::Array(list) => {
            let mut last = Err(Stop);
            for entry in list {
                last = target(folder, key, entry, hole, imports, conditions);
                if let Ok(Some(_)) = last {
                    break;
                }
            }
            last
        }
        _ => Ok(None),
    }
}
