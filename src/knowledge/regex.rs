//! ECMAScript regular expressions, as route paths and matchers use them.
//!
//! ```js
//! app.get(/^\/admin\/(?!login)/, list)
//! ```

/// In WebAssembly the host's own engine: a second one, with its Unicode tables, would be a fifth of the module.
#[cfg(target_arch = "wasm32")]
use crate::host::RegExp;

/// A compiled pattern.
pub struct Regex(RegExp);

impl Regex {
    /// `None`: not valid, or of a shape whose matching may take exponential time.
    pub fn new(source: &str, flags: &str) -> Option<Self> {
        if source.len() > 2_000 || nests_quantifiers(source) {
            return None;
        }
        RegExp::new(source, flags).map(Self)
    }

    /// A pattern put together from parts that were checked before.
    pub fn composed(source: &str) -> Option<Self> {
        if source.len() > 4_000 { None } else { RegExp::new(source, "").map(Self) }
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
