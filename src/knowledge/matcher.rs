//! Next's path matchers: path-to-regexp 6, anchored, compiled without flags (so: case-sensitive), a trailing slash allowed.
//!
//! ```text
//! /about              /about, not /about/team
//! /dashboard(.*)      /dashboard, /dashboard/x, /dashboardx
//! /api/:path*         /api, /api/x, /api/x/y
//! /((?!api|_next).*)  everything but what begins with api or _next
//! ```

use super::regex::{Regex, nests_quantifiers};

/// A compiled matcher.
pub struct Matcher(Regex);

/// A segment's text.
const SEGMENT: &str = "[^\\/#\\?]+?";

impl Matcher {
    /// `None`: not valid.
    pub fn new(source: &str) -> Option<Self> {
        Some(Self(Regex::composed(&regex_of(&lex(source)?)?)?))
    }

    pub fn is_match(&self, path: &str) -> bool {
        self.0.is_match(path)
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Char(char),
    Name,
    Pattern(String),
    Open,
    Close,
    Modifier(char),
}

fn lex(source: &str) -> Option<Vec<Token>> {
    let chars: Vec<char> = source.chars().collect();
    let mut out = Vec::new();
    let mut i = 0;
    while i < chars.len() {
        match chars[i] {
            c @ ('*' | '+' | '?') => out.push(Token::Modifier(c)),
            '\\' => {
                i += 1;
                out.push(Token::Char(*chars.get(i)?));
            }
            '{' => out.push(Token::Open),
            '}' => out.push(Token::Close),
            ':' => {
                let length = chars[i + 1..].iter().take_while(|c| c.is_ascii_alphanumeric() || **c == '_').count();
                if length == 0 {
                    return None;
                }
                i += length;
                out.push(Token::Name);
            }
            '(' => {
                let (pattern, end) = pattern(&chars, i)?;
                i = end;
                out.push(Token::Pattern(pattern));
            }
            c => out.push(Token::Char(c)),
        }
        i += 1;
    }
    Some(out)
}

/// The pattern that begins with the parenthesis at `start`, and where its closing one is.
fn pattern(chars: &[char], start: usize) -> Option<(String, usize)> {
    if chars.get(start + 1) == Some(&'?') {
        return None;
    }
    let (mut depth, mut i) = (1, start + 1);
    while i < chars.len() {
        match chars[i] {
            '\\' => i += 1,
            ')' => {
                depth -= 1;
                if depth == 0 {
                    let text: String = chars[start + 1..i].iter().collect();
                    return (!text.is_empty() && !nests_quantifiers(&text)).then_some((text, i));
                }
            }
            // Capturing groups are not allowed within.
            '(' if chars.get(i + 1) != Some(&'?') => return None,
            '(' => depth += 1,
            _ => {}
        }
        i += 1;
    }
    None
}

fn regex_of(tokens: &[Token]) -> Option<String> {
    let mut out = String::from("^");
    let mut i = 0;
    while i < tokens.len() {
        match &tokens[i] {
            Token::Char(c) => {
                // A separator belongs to the parameter that follows it.
                let prefix = matches!(c, '/' | '.') && matches!(tokens.get(i + 1), Some(Token::Name | Token::Pattern(_)));
                if prefix {
                    i = parameter(tokens, i + 1, &escaped(&c.to_string()), &mut out);
                    continue;
                }
                out.push_str(&escaped(&c.to_string()));
                i += 1;
            }
            Token::Name | Token::Pattern(_) => i = parameter(tokens, i, "", &mut out),
            Token::Open => i = group(tokens, i + 1, &mut out)?,
            Token::Close | Token::Modifier(_) => return None,
        }
    }
    out.push_str("[\\/#\\?]?$");
    Some(out)
}

/// Writes the parameter at `i`; answers where it ends.
fn parameter(tokens: &[Token], mut i: usize, prefix: &str, out: &mut String) -> usize {
    let inner = named(tokens, &mut i);
    let modifier = modifier(tokens, &mut i);
    write(out, prefix, &inner, "", modifier);
    i
}

/// `:name`, `:name(pattern)` or `(pattern)`.
fn named(tokens: &[Token], i: &mut usize) -> String {
    if tokens.get(*i) == Some(&Token::Name) {
        *i += 1;
    }
    match tokens.get(*i) {
        Some(Token::Pattern(text)) => {
            *i += 1;
            text.clone()
        }
        _ => SEGMENT.to_owned(),
    }
}

fn modifier(tokens: &[Token], i: &mut usize) -> Option<char> {
    match tokens.get(*i) {
        Some(Token::Modifier(c)) => {
            *i += 1;
            Some(*c)
        }
        _ => None,
    }
}

/// `{/prefix:name-suffix}?`
fn group(tokens: &[Token], mut i: usize, out: &mut String) -> Option<usize> {
    let text = |i: &mut usize| {
        let mut text = String::new();
        while let Some(Token::Char(c)) = tokens.get(*i) {
            text.push(*c);
            *i += 1;
        }
        escaped(&text)
    };
    let prefix = text(&mut i);
    let inner = matches!(tokens.get(i), Some(Token::Name | Token::Pattern(_))).then(|| named(tokens, &mut i));
    let suffix = text(&mut i);
    if tokens.get(i) != Some(&Token::Close) {
        return None;
    }
    i += 1;
    let modifier = modifier(tokens, &mut i);
    match inner {
        Some(inner) => write(out, &prefix, &inner, &suffix, modifier),
        None => {
            out.push_str(&format!("(?:{prefix}{suffix})"));
            out.extend(modifier);
        }
    }
    Some(i)
}

fn write(out: &mut String, prefix: &str, inner: &str, suffix: &str, modifier: Option<char>) {
    let repeated = matches!(modifier, Some('*' | '+'));
    let whole = modifier.map(String::from).unwrap_or_default();
    out.push_str(&match (prefix.is_empty() && suffix.is_empty(), repeated) {
        (true, true) => format!("((?:{inner}){whole})"),
        (true, false) => format!("({inner}){whole}"),
        (false, true) => {
            let optional = if modifier == Some('*') { "?" } else { "" };
            format!("(?:{prefix}((?:{inner})(?:{suffix}{prefix}(?:{inner}))*){suffix}){optional}")
        }
        (false, false) => format!("(?:{prefix}({inner}){suffix}){whole}"),
    });
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if ".+*?=^!:${}()[]|/\\".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_next_executes_them() {
        for (source, path, expected) in [
            ("/about", "/about", true),
            ("/about", "/about/", true),
            ("/about", "/about/team", false),
            ("/about", "/About", false),
            ("/about/:path*", "/about", true),
            ("/about/:path*", "/about/team/x", true),
            ("/about/:path+", "/about", false),
            ("/about/:path", "/about/team/x", false),
            ("/dashboard(.*)", "/dashboardx", true),
            ("/dashboard(.*)", "/dashboard/a/b", true),
            ("/((?!api|_next/static|favicon.ico).*)", "/api/x", false),
            ("/((?!api|_next/static|favicon.ico).*)", "/apikeys", false),
            ("/((?!api|_next/static|favicon.ico).*)", "/", true),
            ("/((?!.*\\..*|_next).*)", "/x/v1.0/y", false),
            ("/(api|trpc)(.*)", "/api/files/report.csv", true),
            ("/", "/x", false),
            ("/user/:id(\\d+)", "/user/7", true),
            ("/user/:id(\\d+)", "/user/x", false),
        ] {
            let got = Matcher::new(source).map(|m| m.is_match(path));
            assert_eq!(got, Some(expected), "{source} on {path}");
        }
        assert!(Matcher::new("/x(").is_none());
        assert!(Matcher::new("/(?:x)").is_none());
    }
}
