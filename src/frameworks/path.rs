//! Route paths: joining prefixes, and whether one pattern covers another.
//!
//! ```js
//! app.use('/api', guard)          // covers /api and /api/x, not /apix
//! app.all('/admin/*', guard)      // covers /admin/x
//! ```

use crate::interpret::Interpreter;
use crate::interpret::object::Kind;
use crate::interpret::state::State;
use crate::interpret::value::{Part, Value};
use crate::knowledge::regex::Regex;

/// A path as code gives it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Pattern {
    /// `/users/:id`, `*`.
    Text(String),
    /// A regular expression: source and flags.
    Regex(String, String),
    /// Not known.
    Unknown,
}

/// The paths that a route method's first argument stands for.
pub fn patterns(interpreter: &Interpreter, state: &State, value: Value) -> Vec<Pattern> {
    match value {
        Value::Str(atom) => vec![Pattern::Text(interpreter.values.text(atom).to_owned())],
        Value::Pattern(id) => {
            let (parts, _) = interpreter.values.pattern_of(id);
            let mut text = String::new();
            for part in parts {
                match part {
                    Part::Text(t) => text.push_str(interpreter.values.text(*t)),
                    Part::Hole => text.push_str(":unknown"),
                }
            }
            vec![Pattern::Text(text)]
        }
        Value::Object(id) => match &interpreter.object(state, id).kind {
            Kind::Array { items, .. } => items.iter().flat_map(|item| patterns(interpreter, state, *item)).collect(),
            Kind::Regex { source, flags } => {
                vec![Pattern::Regex(interpreter.values.text(*source).to_owned(), interpreter.values.text(*flags).to_owned())]
            }
            _ => vec![Pattern::Unknown],
        },
        Value::Union(_) => {
            let all: Vec<Pattern> =
                interpreter.values.alternatives(value).into_iter().flat_map(|v| patterns(interpreter, state, v)).collect();
            // `process.env.PREFIX || '/api'`: the default is where it is mounted unless somebody says otherwise.
            let known: Vec<Pattern> = all.iter().filter(|p| !is_unknown(p)).cloned().collect();
            if known.is_empty() { all } else { known }
        }
        _ => vec![Pattern::Unknown],
    }
}

fn is_unknown(pattern: &Pattern) -> bool {
    match pattern {
        Pattern::Text(text) => text.contains(":unknown"),
        Pattern::Regex(..) => false,
        Pattern::Unknown => true,
    }
}

/// Whether a value can only be meant as a path.
pub fn is_path(interpreter: &Interpreter, state: &State, value: Value) -> bool {
    match value {
        Value::Str(_) | Value::Pattern(_) => true,
        Value::Object(id) => match &interpreter.object(state, id).kind {
            Kind::Regex { .. } => true,
            Kind::Array { items, .. } => !items.is_empty() && items.iter().all(|i| is_path(interpreter, state, *i)),
            _ => false,
        },
        Value::Union(_) => {
            let (paths, others): (Vec<Value>, Vec<Value>) =
                interpreter.values.alternatives(value).into_iter().partition(|v| is_path(interpreter, state, *v));
            // `process.env.PREFIX || '/api'`
            !paths.is_empty() && others.iter().all(|v| matches!(v, Value::Opaque(_) | Value::Undefined | Value::Null))
        }
        _ => false,
    }
}

/// Joins a mount's prefix and a path below it.
pub fn join(prefix: &str, path: &str) -> String {
    let mut out = String::from("/");
    for part in prefix.split('/').chain(path.split('/')).filter(|p| !p.is_empty()) {
        if !out.ends_with('/') {
            out.push('/');
        }
        out.push_str(part);
    }
    out
}

/// A path as the inventory prints it: `:name` without its pattern, `*` or `*name` for the rest, no trailing slash.
pub fn printed(path: &str) -> String {
    let mut parts: Vec<String> = Vec::new();
    for part in without_assertions(path).split('/').filter(|p| !p.is_empty()) {
        parts.push(printed_segment(part));
    }
    if parts.is_empty() { "/".to_owned() } else { format!("/{}", parts.join("/")) }
}

/// A path without look-aheads: `/ftp(?!/quarantine)/:file` → `/ftp/:file`.
fn without_assertions(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut rest = path;
    while let Some(at) = rest.find("(?") {
        out.push_str(&rest[..at]);
        let mut depth = 0_u32;
        let end = rest[at..].char_indices().find_map(|(i, c)| {
            match c {
                '(' => depth += 1,
                ')' => depth -= 1,
                _ => {}
            }
            (depth == 0).then_some(at + i + 1)
        });
        match end {
            Some(end) => rest = &rest[end..],
            None => return out,
        }
    }
    out.push_str(rest);
    out
}

fn printed_segment(segment: &str) -> String {
    let segment = segment.trim_start_matches('{').trim_end_matches('}').trim_start_matches('/');
    if let Some(name) = segment.strip_prefix(':') {
        let end = name.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(name.len());
        let (word, rest) = name.split_at(end);
        if rest.is_empty() || rest.starts_with(['(', '?', '*', '+']) {
            return format!(":{word}");
        }
        // `:a-:b`, `:file.:ext`.
        return segment.to_owned();
    }
    match segment {
        "*" | "(.*)" | ".*" => "*".to_owned(),
        other => other.replace("(.*)", "*"),
    }
}

/// Whether a path begins with what is plain in another, or nearly: `/api/reports` with `/api/report`.
pub fn begins_like(path: &str, other: &str) -> bool {
    let plain = other.split([':', '*', '(', '{']).next().unwrap_or_default().trim_end_matches('/');
    !plain.is_empty() && path.to_ascii_lowercase().starts_with(&plain.to_ascii_lowercase())
}

/// A concrete path that the pattern matches, for trying guards' patterns on: parameters become `x`.
pub fn sample(path: &str) -> String {
    let mut parts: Vec<String> = Vec::new();
    for part in path.split('/').filter(|p| !p.is_empty()) {
        let part = part.trim_matches(['{', '}']);
        parts.push(if part.starts_with(':') || part.starts_with('*') || part == "(.*)" {
            "x-y".to_owned()
        } else {
            part.replace('*', "x")
        });
    }
    format!("/{}", parts.join("/"))
}

/// Whether a layer's pattern covers every request that a route's path matches. `exact`: the layer is a route itself.
pub fn covers(layer: &Pattern, layer_prefix: &str, path: &str, exact: bool) -> bool {
    match layer {
        Pattern::Text(text) => {
            let full = join(layer_prefix, &text.replace("{/", "/{"));
            segments_cover(&segments(&full), &segments(path), exact, Some(segments(layer_prefix).len()))
        }
        Pattern::Regex(source, flags) => {
            let (prefix, sample) = (sample(layer_prefix), sample(path));
            let Some(rest) = sample.strip_prefix(prefix.trim_end_matches('/')) else { return false };
            match Regex::new(source, flags) {
                Some(regex) if exact => regex.is_match(rest),
                // A middleware's expression must match up to a segment's end.
                Some(regex) => {
                    regex.prefix_len(rest).is_some_and(|n| n >= rest.len() || rest[n..].starts_with('/') || rest[..n].ends_with('/'))
                }
                None => false,
            }
        }
        Pattern::Unknown => false,
    }
}

fn segments(path: &str) -> Vec<&str> {
    path.split('/').filter(|s| !s.is_empty()).collect()
}

/// `before`: how many of the layer's segments belong to where it is mounted; `None` when its own first segment is behind.
fn segments_cover(layer: &[&str], path: &[&str], exact: bool, before: Option<usize>) -> bool {
    let deeper = before.and_then(|n| n.checked_sub(1));
    match (layer.split_first(), path.split_first()) {
        (None, None) => true,
        (None, Some(_)) => !exact,
        (Some((l, rest)), _) if is_rest(l) => {
            // `/files/*` does not match `/files`, nor `/*rest` the root; `*` and `{/*rest}` match everything.
            let everything = l.starts_with('{') || (before == Some(0) && matches!(*l, "*" | "(.*)"));
            let least = usize::from(!everything);
            if rest.is_empty() { path.len() >= least } else { (least..=path.len()).any(|i| segments_cover(rest, &path[i..], exact, None)) }
        }
        (Some((l, rest)), Some((p, tail))) => {
            if is_rest(p) {
                // The route takes anything here; the layer only something.
                return false;
            }
            segment_covers(l, p) && segments_cover(rest, tail, exact, deeper)
        }
        (Some((l, rest)), None) => is_optional(l) && segments_cover(rest, path, exact, deeper),
    }
}

fn is_rest(segment: &str) -> bool {
    let segment = segment.trim_matches(['{', '}']);
    segment == "*"
        || segment == "(.*)"
        || (segment.starts_with('*') && segment.len() > 1)
        || (segment.starts_with(':') && (segment.ends_with('*') || segment.ends_with('+') || segment.ends_with("(.*)")))
}

fn is_optional(segment: &str) -> bool {
    segment.ends_with('?') || (segment.starts_with('{') && segment.ends_with('}'))
}

fn segment_covers(layer: &str, path: &str) -> bool {
    let layer = layer.trim_matches(['{', '}']);
    if let Some(name) = layer.strip_prefix(':') {
        let end = name.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(name.len());
        let rest = &name[end..];
        if let Some(inner) = rest.strip_prefix('(').and_then(|r| r.find(')').map(|i| &r[..i])) {
            return match Regex::new(&format!("^(?:{inner})$"), "") {
                Some(regex) if !path.starts_with(':') => regex.is_match(path),
                _ => layer == path,
            };
        }
        return rest.is_empty() || rest == "?";
    }
    if let Some((before, after)) = layer.split_once('*') {
        // Express 4: `/api*`.
        return path.starts_with(before) && path.ends_with(after) && path.len() >= before.len() + after.len();
    }
    layer.eq_ignore_ascii_case(path)
}

/// The path in capitals and with a slash at the end, which Express takes for the same: `/ADMIN/:id/`.
pub(super) fn capitals(path: &str) -> String {
    respelled(path, str::to_ascii_uppercase) + "/"
}

/// The path with letters escaped, which Fastify takes for the same, and `request.url` keeps: `/%61dmin/:id`.
pub(super) fn escaped(path: &str) -> String {
    respelled(path, |text| match text.split_at_checked(1) {
        Some((first, rest)) => format!("%{:x}{rest}", first.as_bytes()[0]),
        None => String::new(),
    })
}

/// Rewrites the segments that are no parameters.
fn respelled(path: &str, write: impl Fn(&str) -> String) -> String {
    path.split('/').map(|s| if s.starts_with([':', '*']) { s.to_owned() } else { write(s) }).collect::<Vec<_>>().join("/")
}
