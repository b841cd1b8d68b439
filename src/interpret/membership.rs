//! Is it one of these: lists, sets and patterns asked about a value that is known in part, or may be one of several.
//!
//! ```js
//! if (PUBLIC.includes(req.url)) return      // asked once for the bare path, once for the path with a query
//! if (OPEN.has(req.path)) return next()     // a set that was made of constants
//! if (/^\/public\//.test(req.path)) return next()
//! ```

use super::object::{Kind, Site};
use super::state::{Outcomes, State, gather};
use super::value::{Atom, Part, PatternId, Plain, Taint, Value};
use super::{Evidence, Interpreter, Mode};
use crate::knowledge::regex::{Beginning, Regex, Then, beginnings};

/// Ends the flags of an expression that is known in part; no engine has such a flag, so that nothing takes it for the whole.
const HOLES: char = '?';

/// How many words of an expression are tried as parameters of a path.
const MAX_WORDS: usize = 16;

impl Interpreter<'_> {
    /// Whether a method only asks something about its argument, so that it can be asked for each alternative by itself.
    pub(super) fn asks_whether(&self, state: &State, object: Value, name: Atom) -> bool {
        let kind = match object {
            Value::Object(id) => &self.object(state, id).kind,
            Value::Str(_) | Value::Pattern(_) => {
                return matches!(self.values.text(name), "includes" | "startsWith" | "endsWith" | "indexOf" | "lastIndexOf");
            }
            _ => return false,
        };
        match kind {
            Kind::Array { .. } => matches!(self.values.text(name), "includes" | "indexOf" | "lastIndexOf"),
            Kind::Collection { .. } => matches!(self.values.text(name), "has" | "get"),
            Kind::Regex { .. } => matches!(self.values.text(name), "test" | "exec"),
            _ => false,
        }
    }

    /// Asks once for each alternative of the first argument.
    pub(super) fn ask_each(&mut self, state: State, site: Site, object: Value, name: Atom, args: Vec<Value>) -> Outcomes {
        let mut out = Outcomes::new();
        for alternative in self.values.alternatives(args[0]) {
            let mut own = args.clone();
            own[0] = alternative;
            gather(&mut out, self.call_method(state.clone(), site, object, name, own, false));
        }
        self.settle(out)
    }

    /// `list.includes(value)`, `list.indexOf(value)`.
    pub(super) fn is_among(&mut self, site: Site, items: &[Value], open: bool, name: &str, value: Value) -> Value {
        if let Value::Anonymous(plain, cause) = value {
            let same = |item: &Value| matches!((plain, *item), (Plain::Undefined, Value::Undefined) | (Plain::Null, Value::Null));
            return Value::Anonymous(if items.iter().any(same) { Plain::True } else { Plain::False }, cause);
        }
        self.asked_for_get |= value == Value::Str(self.names.get);
        let asks = name == "includes";
        if items.contains(&value) && is_constant(value) {
            return if asks { Value::Bool(true) } else { Value::UNKNOWN };
        }
        if !open && self.is_none_of(items, value) {
            return if asks { Value::Bool(false) } else { Value::number(-1.0) };
        }
        let taint = self.taint_of(value);
        if taint.has(Taint::METHOD) {
            for item in items {
                if let Some(text) = self.values.as_text(*item) {
                    let text = text.to_owned();
                    self.methods_seen.insert(text);
                }
            }
        }
        // A list of secrets or stored keys that an anonymous caller's credential is not in.
        let secret = open || items.iter().any(|i| self.taint_of(*i).has(Taint::SECRET));
        if self.mode == Mode::Anonymous && taint.has(Taint::CREDENTIAL) && !taint.has(Taint::SCHEME) && secret {
            let cause = self.cause("look-up by a credential", site, Evidence::Known);
            return Value::Anonymous(Plain::False, cause);
        }
        Value::opaque(taint)
    }

    /// Whether a value known whole or in part is surely none of some constants.
    fn is_none_of(&self, items: &[Value], value: Value) -> bool {
        (is_constant(value) && items.iter().all(|i| is_constant(*i)))
            || (matches!(value, Value::Pattern(_)) && items.iter().all(|i| self.cannot_equal(value, *i)))
    }

    /// Whether a string may be one that is known in part: it begins and ends as that does.
    pub(super) fn may_equal(&self, pattern: PatternId, text: Atom) -> bool {
        self.may_be(pattern, self.values.text(text))
    }

    pub(super) fn may_be(&self, pattern: PatternId, text: &str) -> bool {
        use super::value::Part;
        if self.values.pattern_of(pattern).1.has(Taint::URL) && self.taken.iter().any(|path| path == text) {
            return false;
        }
        let (parts, _) = self.values.pattern_of(pattern);
        let starts = |p: &Part| matches!(p, Part::Text(t) if !text.starts_with(self.values.text(*t)));
        let ends = |p: &Part| matches!(p, Part::Text(t) if !text.ends_with(self.values.text(*t)));
        !(parts.first().is_some_and(starts) || parts.last().is_some_and(ends))
    }

    /// A set or map that was made of constants while the server started, asked for the request's own path or another constant: such a
    /// table is not what requests write their own keys to.
    pub(super) fn in_constants(&self, items: &[(Value, Value)], key: Value, name: &str) -> Option<Value> {
        if items.is_empty() || !items.iter().all(|(k, _)| matches!(k, Value::Str(_))) {
            return None;
        }
        let keys: Vec<Value> = items.iter().map(|(k, _)| *k).collect();
        match items.iter().find(|(k, _)| *k == key) {
            Some((_, value)) => Some(if name == "get" { *value } else { Value::Bool(true) }),
            None if self.is_none_of(&keys, key) => Some(if name == "get" { Value::Undefined } else { Value::Bool(false) }),
            None => None,
        }
    }

    fn regex_of(&self, state: &State, value: Value) -> Option<(Atom, Atom)> {
        match self.object(state, value.as_object()?).kind {
            Kind::Regex { source, flags } => Some((source, flags)),
            _ => None,
        }
    }

    /// Whether a string matches the regular expression that its method is given.
    pub(super) fn matches_argument(&self, state: &State, string: Value, args: &[Value]) -> Option<bool> {
        let (source, flags) = self.regex_of(state, *args.first()?)?;
        self.matches(string, source, flags)
    }

    /// Whether a string matches an expression, as far as both are known.
    pub(super) fn matches(&self, subject: Value, source: Atom, flags: Atom) -> Option<bool> {
        match self.values.as_text(subject) {
            Some(text) => self.matches_text(text, source, flags),
            None => self.matches_pattern(subject, source, flags),
        }
    }

    /// Whether every string that one known in part may be matches, or none.
    fn matches_pattern(&self, subject: Value, source: Atom, flags: Atom) -> Option<bool> {
        let Value::Pattern(id) = subject else { return None };
        let (source, flags) = (self.values.text(source), self.values.text(flags));
        let (flags, whole) = flags.strip_suffix(HOLES).map_or((flags, true), |flags| (flags, false));
        let regex = Regex::new(source, flags)?;
        if whole && let Some(matches) = self.begins_like(id, source, flags) {
            return Some(matches);
        }
        if let Some(Part::Text(start)) = self.values.pattern_of(id).0.first()
            // What follows does not matter to an expression that asks nothing of it.
            && whole
            && !source.contains(['$', '!'])
            && !source.contains("\\b")
            && regex.is_match(self.values.text(*start))
        {
            return Some(true);
        }
        let samples = self.samples(id, source)?;
        let matching = samples.iter().filter(|s| regex.is_match(s)).count();
        if matching == 0 { Some(false) } else { (whole && matching == samples.len()).then_some(true) }
    }

    /// Whether what a string begins with decides, by what an anchored expression lets texts begin with.
    fn begins_like(&self, id: PatternId, source: &str, flags: &str) -> Option<bool> {
        let Some(Part::Text(head)) = self.values.pattern_of(id).0.first() else { return None };
        let fold = |text: &str| if flags.contains('i') { text.to_lowercase() } else { text.to_owned() };
        let head = fold(self.values.text(*head));
        if flags.contains('m') {
            return None;
        }
        let mut matches = Some(false);
        for Beginning { text, then } in beginnings(source)? {
            let text = fold(&text);
            match then {
                Then::Anything if head.starts_with(&text) => return Some(true),
                Then::End if flags.is_empty() && !self.may_be(id, &text) => {}
                _ if !head.starts_with(&text) && !text.starts_with(&head) => {}
                _ => matches = None,
            }
        }
        matches
    }

    /// Paths that a route's path with parameters stands for, as parameters what an expression may be looking for, too. `None`: it is not only
    /// parameters that are not known, but perhaps a query.
    fn samples(&self, id: PatternId, source: &str) -> Option<Vec<String>> {
        let (parts, taint) = self.values.pattern_of(id);
        let text = |part: &Part| if let Part::Text(text) = part { self.values.text(*text) } else { "" };
        // A parameter is a whole segment.
        let whole = parts.iter().zip(parts.iter().skip(1)).all(|(a, b)| *b != Part::Hole || text(a).ends_with('/'));
        if !taint.has(Taint::URL) || !whole || parts.first() == Some(&Part::Hole) || parts.iter().any(|p| text(p).contains('?')) {
            return None;
        }
        let words = source.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))).filter(|w| !w.is_empty());
        let fill = |value: &str| parts.iter().map(|p| if *p == Part::Hole { value } else { text(p) }).collect::<String>();
        Some(
            ["x-y", "7", "a1b2c3d4"].into_iter().chain(words.take(MAX_WORDS)).map(fill).filter(|path| !self.taken.contains(path)).collect(),
        )
    }

    /// Whether a constant text matches an expression.
    fn matches_text(&self, text: &str, source: Atom, flags: Atom) -> Option<bool> {
        let (source, flags) = (self.values.text(source), self.values.text(flags));
        match flags.strip_suffix(HOLES) {
            Some(flags) => (!Regex::new(source, flags)?.is_match(text)).then_some(false),
            None => Some(Regex::new(source, flags)?.is_match(text)),
        }
    }

    /// `new RegExp(`^${base}/public`)`: an expression that may be known in part only. Then only that it does not match can be told.
    pub(super) fn regex_from(&mut self, source: Value, flags: &str) -> Option<(Atom, Atom)> {
        let (text, whole) = self.regex_text(source)?;
        let flags = if whole { flags.to_owned() } else { format!("{flags}{HOLES}") };
        Some((self.values.atom(&text), self.values.atom(&flags)))
    }

    /// The text of an expression, with what is not known standing for anything; and whether all of it is known.
    fn regex_text(&self, source: Value) -> Option<(String, bool)> {
        const ANYTHING: &str = r"[\s\S]*";
        match source {
            Value::Str(atom) => Some((self.values.text(atom).to_owned(), true)),
            Value::Pattern(id) if !self.values.pattern_of(id).1.has(Taint::REQUEST) => {
                let parts = self.values.pattern_of(id).0.iter();
                Some((parts.map(|p| if let Part::Text(text) = p { self.values.text(*text) } else { ANYTHING }).collect(), false))
            }
            Value::Opaque(o) if !o.taint.has(Taint::REQUEST) => Some((ANYTHING.to_owned(), false)),
            Value::Union(id) => {
                let all: Option<Vec<(String, bool)>> = self.values.union_of(id).iter().map(|v| self.regex_text(*v)).collect();
                let all = all?;
                let texts: Vec<&str> = all.iter().map(|(text, _)| text.as_str()).collect();
                // Which of them it is is not known either.
                Some((format!("(?:{})", texts.join("|")), false))
            }
            _ => None,
        }
    }
}

const fn is_constant(value: Value) -> bool {
    matches!(value, Value::Str(_) | Value::Number(_) | Value::Bool(_))
}
