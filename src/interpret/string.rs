//! Strings and regular expressions.
//!
//! ```js
//! if (req.path.startsWith('/public')) return next()
//! const token = header.split(' ')[1]
//! ```

use super::Interpreter;
use super::object::{Kind, Object};
use super::state::{Outcomes, State};
use super::value::{Atom, Part, Taint, Value};

impl Interpreter<'_> {
    pub(super) fn string_method(&mut self, mut state: State, string: Value, name: Atom, args: Vec<Value>) -> Outcomes {
        let method = self.values.shared_text(name);
        let method = &*method;
        let first = args.first().and_then(|a| self.to_text(*a));
        let taint = self.taint_of(string);
        if let Value::Pattern(id) = string {
            let (parts, _) = self.values.pattern_of(id);
            let parts = parts.to_vec();
            let value = match (method, first.as_deref()) {
                ("startsWith", Some(prefix)) => match parts.first() {
                    Some(Part::Text(text)) => {
                        let text = self.values.text(*text);
                        if text.starts_with(prefix) {
                            Value::Bool(true)
                        } else if prefix.starts_with(text) {
                            Value::opaque(taint)
                        } else {
                            Value::Bool(false)
                        }
                    }
                    _ => Value::opaque(taint),
                },
                ("endsWith", Some(suffix)) => match parts.last() {
                    Some(Part::Text(text)) if self.values.text(*text).ends_with(suffix) => Value::Bool(true),
                    Some(Part::Text(text)) if !suffix.ends_with(self.values.text(*text)) => Value::Bool(false),
                    _ => Value::opaque(taint),
                },
                ("includes", Some(needle)) => {
                    let found = parts.iter().any(|p| matches!(p, Part::Text(t) if self.values.text(*t).contains(needle)));
                    if found { Value::Bool(true) } else { Value::opaque(taint) }
                }
                ("match", _) => match self.matches_argument(&state, string, &args) {
                    Some(true) => Value::truthy(taint),
                    Some(false) => Value::Null,
                    _ => Value::opaque(taint),
                },
                ("toLowerCase" | "toLocaleLowerCase", _) => self.rewritten(string, str::to_lowercase),
                ("toUpperCase", _) => self.rewritten(string, str::to_uppercase),
                ("toString" | "trim", _) => string,
                ("split", Some("?")) => {
                    // The path before the query string.
                    let path = match parts.first() {
                        Some(Part::Text(text)) if parts.len() == 2 => {
                            let path = self.values.text(*text).split('?').next().unwrap_or_default().to_owned();
                            self.values.string(&path)
                        }
                        _ => string,
                    };
                    let array = self.allocate(&mut state, Object::new(Kind::Array { items: vec![path], open: true }));
                    Value::Object(array)
                }
                _ => Value::opaque(taint),
            };
            return Self::done(state, value);
        }
        let Some(text) = self.values.as_text(string).map(str::to_owned) else { return Self::done(state, Value::opaque(taint)) };
        let value = match (method, first.as_deref()) {
            ("startsWith", Some(p)) => Value::Bool(text.starts_with(p)),
            ("endsWith", Some(p)) => Value::Bool(text.ends_with(p)),
            ("includes", Some(p)) => Value::Bool(text.contains(p)),
            ("toLowerCase" | "toLocaleLowerCase", _) => self.rewritten(string, str::to_lowercase),
            ("toUpperCase", _) => self.rewritten(string, str::to_uppercase),
            ("trim", _) => self.values.string(text.trim()),
            ("toString" | "valueOf" | "normalize", _) => string,
            ("concat", _) => {
                let mut parts = vec![string];
                parts.extend(args);
                self.concatenate(&parts)
            }
            ("replace" | "replaceAll", Some(from)) => match args.get(1).and_then(|a| self.to_text(*a)) {
                Some(to) => {
                    let replaced = if method == "replace" { text.replacen(from, &to, 1) } else { text.replace(from, &to) };
                    self.values.string(&replaced)
                }
                None => Value::UNKNOWN,
            },
            ("replace" | "replaceAll", None) => self.replace_regex(&state, &text, &args),
            ("split", Some(separator)) => {
                let parts: Vec<String> = if separator.is_empty() {
                    text.chars().map(String::from).collect()
                } else {
                    text.split(separator).map(str::to_owned).collect()
                };
                let items = parts.iter().map(|p| self.values.string(p)).collect();
                let array = self.allocate(&mut state, Object::new(Kind::Array { items, open: false }));
                Value::Object(array)
            }
            ("slice" | "substring", _) => {
                let chars: Vec<char> = text.chars().collect();
                let bound = |v: Option<&Value>, default: usize| match v {
                    Some(Value::Number(bits)) => {
                        let n = f64::from_bits(*bits);
                        if n < 0.0 { chars.len().saturating_sub(-n as usize) } else { (n as usize).min(chars.len()) }
                    }
                    _ => default,
                };
                let (from, to) = (bound(args.first(), 0), bound(args.get(1), chars.len()));
                let piece: String = chars.get(from..to.max(from)).unwrap_or_default().iter().collect();
                self.values.string(&piece)
            }
            ("charAt", _) => match args.first() {
                Some(Value::Number(bits)) => {
                    let c: String = text.chars().nth(f64::from_bits(*bits) as usize).map(String::from).unwrap_or_default();
                    self.values.string(&c)
                }
                _ => Value::UNKNOWN,
            },
            ("match", _) => match self.matches_argument(&state, string, &args) {
                Some(true) => Value::truthy(taint),
                Some(false) => Value::Null,
                None => Value::UNKNOWN,
            },
            ("indexOf", Some(p)) => Value::number(text.find(p).map_or(-1.0, |i| i as f64)),
            _ => Value::UNKNOWN,
        };
        Self::done(state, value)
    }

    /// A string with what is known of it written otherwise.
    pub(super) fn rewritten(&mut self, string: Value, write: fn(&str) -> String) -> Value {
        match string {
            Value::Str(atom) => {
                let text = write(self.values.text(atom));
                self.values.string(&text)
            }
            Value::Pattern(id) => {
                let (parts, taint) = self.values.pattern_of(id);
                let mut parts = parts.to_vec();
                for part in &mut parts {
                    if let Part::Text(atom) = part {
                        let text = write(self.values.text(*atom));
                        *atom = self.values.atom(&text);
                    }
                }
                self.values.pattern(parts, taint)
            }
            Value::Union(_) => {
                let all = self.values.alternatives(string).into_iter().map(|v| self.rewritten(v, write)).collect();
                self.values.join_all(all)
            }
            other => other,
        }
    }

    /// Only the commonest shape of pattern is understood: a plain ending.
    fn replace_regex(&mut self, state: &State, text: &str, args: &[Value]) -> Value {
        let (Some(Value::Object(id)), Some(to)) = (args.first(), args.get(1).and_then(|a| self.to_text(*a))) else { return Value::UNKNOWN };
        let Kind::Regex { source, flags } = self.object(state, *id).kind else { return Value::UNKNOWN };
        let global = self.values.text(flags).contains('g');
        match crate::knowledge::regex::Regex::new(self.values.text(source), self.values.text(flags)) {
            Some(regex) => {
                let replaced = regex.replace(text, &to, global);
                self.values.string(&replaced)
            }
            None => Value::UNKNOWN,
        }
    }

    pub(super) fn regex_method(&self, state: State, source: Atom, flags: Atom, name: &str, args: &[Value]) -> Outcomes {
        let subject = args.first().copied().unwrap_or(Value::Undefined);
        let unknown = Value::opaque(self.taint_of(subject).union(Taint::SCHEME));
        let matches = if name == "test" { self.matches(subject, source, flags) } else { None };
        let value = matches.map_or(unknown, Value::Bool);
        Self::done(state, value)
    }

    /// Whether a string known in part cannot be a given constant.
    pub(super) fn cannot_equal(&self, pattern: Value, constant: Value) -> bool {
        let (Value::Pattern(id), Some(text)) = (pattern, self.values.as_text(constant)) else { return false };
        if !self.may_be(id, text) {
            return true;
        }
        let (parts, _) = self.values.pattern_of(id);
        let mut rest = text;
        for (i, part) in parts.iter().enumerate() {
            match part {
                Part::Text(t) => {
                    let t = self.values.text(*t);
                    if i == 0 {
                        let Some(r) = rest.strip_prefix(t) else { return true };
                        rest = r;
                    } else {
                        match rest.find(t) {
                            Some(at) => rest = &rest[at + t.len()..],
                            None => return true,
                        }
                    }
                }
                Part::Hole => {}
            }
        }
        matches!(parts.last(), Some(Part::Text(_))) && !rest.is_empty()
    }
}
