//! ECMAScript regular expressions, as route paths and matchers use them.

/// A compiled pattern.
pub struct Regex(regress::Regex);

impl Regex {
    /// `None`: not valid, or of a shape whose matching may take exponential time.
    pub fn new(source: &str, flags: &str) -> Option<Self> {
        if source.len() > 2_000 || nests_quantifiers(source) {
            return None;
        }
        regress::Regex::with_flags(source, flags).ok().map(Self)
    }

    /// A pattern put together from parts that were checked before.
    pub fn composed(source: &str) -> Option<Self> {
        if source.len() > 4_000 { None } else { regress::Regex::new(source).ok().map(Self) }
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

/// The text that everything an expression matches begins with: `^\/api\/v(1|2)` → `/api/v`. `None`: it may match anywhere.
pub fn literal_prefix(source: &str) -> Option<String> {
    let rest = source.strip_prefix('^')?;
    let mut depth = 0;
    let mut escaped = false;
    for c in rest.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '(' => depth += 1,
            ')' => depth -= 1,
            // Of several expressions, each begins in its own way.
            '|' if depth == 0 => return None,
            _ => {}
        }
    }
    let mut out = String::new();
    let mut chars = rest.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next()? {
                escaped if escaped.is_ascii_alphanumeric() => break,
                escaped => out.push(escaped),
            },
            // The last character may be missing or repeated.
            '?' | '*' | '{' => {
                out.pop();
                break;
            }
            '+' | '(' | '[' | '.' | '$' | ')' | '^' | '|' => break,
            c => out.push(c),
        }
    }
    Some(out)
}
