//! `extends` of a `tsconfig.json` that leads to a file which was not given: the rest of the file still counts.
//!
//! ```json
//! { "extends": "@acme/config/nextjs.json", "compilerOptions": { "paths": { "@/*": ["./*"] } } }
//! ```

/// The text without `extends`, if one of the files that it names cannot be read.
pub(super) fn without_unreadable(text: &str, readable: impl Fn(&str) -> bool) -> Option<String> {
    let at = text.find("\"extends\"")?;
    let after = text[at + "\"extends\"".len()..].trim_start().strip_prefix(':')?.trim_start();
    let list = match after.strip_prefix('[') {
        Some(list) => list.split_once(']')?.0,
        None => after.get(..after.get(1..)?.find('"')? + 2)?,
    };
    // The text between quotes: every second piece.
    let names = list.split('"').skip(1).step_by(2);
    if names.into_iter().all(readable) {
        return None;
    }
    Some(format!("{}\"-xtends\"{}", &text[..at], &text[at + "\"extends\"".len()..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_cannot_be_read_is_left_out() {
        let without = |text: &str| without_unreadable(text, |name| name.starts_with('.'));
        assert_eq!(without(r#"{ "extends": "./base.json", "a": 1 }"#), None);
        assert_eq!(without(r#"{ "extends": "@acme/x", "a": 1 }"#).as_deref(), Some(r#"{ "-xtends": "@acme/x", "a": 1 }"#));
        assert!(without(r#"{ "extends": ["./base", "@acme/x"] }"#).is_some());
        assert_eq!(without(r#"{ "compilerOptions": {} }"#), None);
        assert_eq!(without("{ \"extends\": "), None);
        assert_eq!(without("{ \"extends\": \"é"), None);
    }
}
