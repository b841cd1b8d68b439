//! ECMAScript regular expressions, as route paths and matchers use them.
//!
//! ```js
//! app.get(/^\/admin\/(?!login)/, list)
//! ```

// In WebAssembly the host's own engine: a second one, with its Unicode tables, would be a fifth of the module.
#[cfg(target_arch = "wasm32")]
use crate::host::RegExp;
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::rc::Rc;

/// A compiled pattern.
#[derive(Clone)]
pub struct Regex(Rc<RegExp>);

/// All that an expression may have: others are a `SyntaxError`.
const FLAGS: &str = "dgimsuvy";

/// How many compiled patterns are kept.
const KEPT: usize = 1_000;

thread_local! {
    /// Compiling costs far more than matching, and every route asks about the same few patterns.
    static COMPILED: RefCell<FxHashMap<String, Option<Regex>>> = RefCell::default();
}

impl Regex {
    /// `None`: not valid, or of a shape whose matching may take exponential time.
    pub fn new(source: &str, flags: &str) -> Option<Self> {
        Self::kept(source, flags, || source.len() <= 2_000 && flags.chars().all(|f| FLAGS.contains(f)) && !nests_quantifiers(source))
    }

    /// A pattern put together from parts that were checked before.
    pub fn composed(source: &str) -> Option<Self> {
        Self::kept(source, "composed", || source.len() <= 4_000)
    }

    fn kept(source: &str, flags: &str, is_safe: impl FnOnce() -> bool) -> Option<Self> {
        let key = format!("{flags}/{source}");
        if let Some(known) = COMPILED.with_borrow(|compiled| compiled.get(&key).cloned()) {
            return known;
        }
        let flags = if flags == "composed" { "" } else { flags };
        let compiled = if is_safe() { RegExp::new(source, flags) } else { None };
        let regex = compiled.map(|regex| Self(Rc::new(regex)));
        COMPILED.with_borrow_mut(|compiled| {
            if compiled.len() >= KEPT {
                compiled.clear();
            }
            compiled.insert(key, regex.clone());
        });
        regex
    }

    pub fn is_match(&self, text: &str) -> bool {
        text.len() <= 4_096 && self.0.is_match(text)
    }

    /// Where the first match ends, if it begins at the start.
    pub fn prefix_len(&self, text: &str) -> Option<usize> {
        self.0.prefix_len(text)
    }

    pub fn replace(&self, text: &str, to: &str, global: bool) -> String {
        if text.len() > 4_096 {
            return text.to_owned();
        }
        if global { self.0.replace_all(text, to) } else { self.0.replace(text, to) }
    }
}

/// How every text begins that an anchored expression matches.
#[derive(Debug, PartialEq, Eq)]
pub struct Beginning {
    pub text: String,
    pub then: Then,
}

/// What may follow a beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// `^\/docs`: anything.
    Anything,
    /// `^\/docs$`: nothing.
    End,
    /// `^\/docs\/\d+`: what the rest of the expression says.
    More,
}

/// The beginnings of what an expression matches, one for each alternative: `^\/(login|docs)$`. `None`: it may match anywhere.
pub fn beginnings(source: &str) -> Option<Vec<Beginning>> {
    let mut out = Vec::new();
    let anchored = source.strip_prefix('^').filter(|rest| !has_alternatives(rest))?;
    extend("", anchored, &mut out, 4)?;
    Some(out)
}

/// `^a|b`: alternatives that no group encloses.
fn has_alternatives(source: &str) -> bool {
    let (mut depth, mut in_class, mut escaped) = (0_u32, false, false);
    for c in source.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => in_class = true,
            ']' => in_class = false,
            '(' if !in_class => depth += 1,
            ')' if !in_class => depth = depth.saturating_sub(1),
            '|' if !in_class && depth == 0 => return true,
            _ => {}
        }
    }
    false
}

fn extend(text: &str, rest: &str, out: &mut Vec<Beginning>, depth: u32) -> Option<()> {
    let mut text = text.to_owned();
    let mut chars = rest.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let literal = match c {
            '$' if at + 1 == rest.len() => {
                out.push(Beginning { text, then: Then::End });
                return Some(());
            }
            '(' if depth > 0 && out.len() < 32 => {
                if let Some((inner, after)) = group(&rest[at..])
                    && !after.starts_with(['?', '*', '+', '{'])
                    && !inner.contains(['(', '[', '\\'])
                {
                    return inner.split('|').try_for_each(|alternative| extend(&text, &format!("{alternative}{after}"), out, depth - 1));
                }
                None
            }
            '\\' => chars.next().map(|(_, c)| c).filter(|c| !c.is_alphanumeric()),
            '.' | '[' | '(' | '*' | '+' | '?' | '{' | '$' | '^' => None,
            c => Some(c),
        };
        match literal {
            Some(c) if !chars.peek().is_some_and(|(_, next)| matches!(next, '?' | '*' | '+' | '{')) => text.push(c),
            _ => {
                out.push(Beginning { text, then: Then::More });
                return Some(());
            }
        }
    }
    out.push(Beginning { text, then: Then::Anything });
    Some(())
}

/// A group's inside, and what follows it.
fn group(source: &str) -> Option<(&str, &str)> {
    let end = source.find(')')?;
    let inner = &source[1..end];
    let inner = inner.strip_prefix("?:").unwrap_or(inner);
    (!inner.starts_with('?')).then_some((inner, &source[end + 1..]))
}

/// `(a+)+`: a quantified group that holds a quantifier without bound.
pub fn nests_quantifiers(source: &str) -> bool {
    let mut open: Vec<bool> = Vec::new();
    let mut in_class = false;
    let bytes = source.as_bytes();
    let mut i = 0;
    while i < bytes.len() {
        match bytes[i] {
            b'\\' => i += 1,
            b'[' => in_class = true,
            b']' => in_class = false,
            b'(' if !in_class => open.push(false),
            b')' if !in_class => {
                let inner = open.pop().unwrap_or(false);
                let quantified = matches!(bytes.get(i + 1), Some(b'*' | b'+'));
                if inner && quantified {
                    return true;
                }
                if let Some(outer) = open.last_mut() {
                    *outer |= inner || quantified;
                }
            }
            b'*' | b'+' if !in_class => {
                if let Some(group) = open.last_mut() {
                    *group = true;
                }
            }
            _ => {}
        }
        i += 1;
    }
    false
}

/// What [`crate::host::RegExp`] is in WebAssembly.
#[cfg(not(target_arch = "wasm32"))]
struct RegExp(regress::Regex);

#[cfg(not(target_arch = "wasm32"))]
impl RegExp {
    fn new(source: &str, flags: &str) -> Option<Self> {
        regress::Regex::with_flags(source, flags).ok().map(Self)
    }

    fn is_match(&self, text: &str) -> bool {
        self.0.find(text).is_some()
    }

    fn prefix_len(&self, text: &str) -> Option<usize> {
        self.0.find(text).filter(|m| m.start() == 0).map(|m| m.end())
    }

    fn replace(&self, text: &str, to: &str) -> String {
        self.0.replace(text, to)
    }

    fn replace_all(&self, text: &str, to: &str) -> String {
        self.0.replace_all(text, to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(source: &str) -> Option<Vec<(String, Then)>> {
        beginnings(source).map(|list| list.into_iter().map(|b| (b.text, b.then)).collect())
    }

    #[test]
    fn what_an_expression_matches_begins_with() {
        assert_eq!(of(r"^\/docs"), Some(vec![("/docs".into(), Then::Anything)]));
        assert_eq!(of(r"^\/docs$"), Some(vec![("/docs".into(), Then::End)]));
        assert_eq!(of(r"^\/(login|docs)$"), Some(vec![("/login".into(), Then::End), ("/docs".into(), Then::End)]));
        assert_eq!(of(r"^\/docs?"), Some(vec![("/doc".into(), Then::More)]));
        assert_eq!(of(r"^\/docs\/\d+$"), Some(vec![("/docs/".into(), Then::More)]));
        assert_eq!(of(r"^(?!\/admin)"), Some(vec![(String::new(), Then::More)]));
        assert_eq!(of(r"^\/a|b"), None);
        assert_eq!(of(r"\/docs"), None);
    }

    #[test]
    fn an_unknown_flag_is_an_error() {
        assert!(Regex::new("a", "gi").is_some());
        assert!(Regex::new("a", "?").is_none());
    }
}
