//! ECMAScript regular expressions, as route paths and matchers use them.

use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::rc::Rc;

/// A compiled pattern.
#[derive(Clone)]
pub struct Regex(Rc<regress::Regex>);

/// How many compiled patterns are kept.
const KEPT: usize = 1_000;

thread_local! {
    /// Compiling costs far more than matching, and every route asks about the same few patterns.
    static COMPILED: RefCell<FxHashMap<String, Option<Regex>>> = RefCell::default();
}

impl Regex {
    /// `None`: not valid, or of a shape whose matching may take exponential time.
    pub fn new(source: &str, flags: &str) -> Option<Self> {
        Self::kept(source, flags, || source.len() <= 2_000 && !nests_quantifiers(source))
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
        let compiled = if is_safe() { regress::Regex::with_flags(source, flags).ok() } else { None };
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
        text.len() <= 4_096 && self.0.find(text).is_some()
    }

    /// Where the first match ends, if it begins at the start.
    pub fn prefix_len(&self, text: &str) -> Option<usize> {
        self.0.find(text).filter(|m| m.start() == 0).map(|m| m.end())
    }

    pub fn replace(&self, text: &str, to: &str, global: bool) -> String {
        if text.len() > 4_096 {
            return text.to_owned();
        }
        if global { self.0.replace_all(text, to) } else { self.0.replace(text, to) }
    }
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
