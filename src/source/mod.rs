//! What can be told from a file's path and text alone, before any parsing.

use std::borrow::Cow;

/// The syntax that a path's extension announces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    Js,
    Ts,
    Tsx,
}

/// Extensions of the files that may hold server code.
pub const EXTENSIONS: [&str; 11] = ["js", "mjs", "cjs", "jsx", "ts", "mts", "cts", "tsx", "vue", "svelte", "astro"];

pub fn extension(path: &str) -> &str {
    file_name(path).rsplit_once('.').map_or("", |(_, e)| e)
}

pub fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The folder of a path, without a trailing slash; empty at the root.
pub fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

pub fn dialect(path: &str) -> Dialect {
    match extension(path) {
        "ts" | "mts" | "cts" => Dialect::Ts,
        "tsx" | "vue" | "svelte" | "astro" => Dialect::Tsx,
        _ => Dialect::Js,
    }
}

pub fn is_source(path: &str) -> bool {
    EXTENSIONS.contains(&extension(path)) && !path.ends_with(".d.ts") && !path.ends_with(".d.mts") && !path.ends_with(".d.cts")
}

/// `package.json`, `tsconfig*.json` and `jsconfig.json` steer how imports resolve; an example of the environment says where things are mounted.
pub fn is_manifest(path: &str) -> bool {
    let name = file_name(path);
    name == "package.json"
        || is_environment(path)
        || ((name.starts_with("tsconfig") || name.starts_with("jsconfig")) && name.ends_with(".json"))
}

/// `.env.example` and its like: variables of the environment with values as they are meant to be, without the secrets.
pub fn is_environment(path: &str) -> bool {
    let name = file_name(path);
    matches!(
        name.strip_prefix(".env.").or_else(|| name.strip_suffix(".env")),
        Some("example" | "sample" | "template" | "dist" | "default" | "defaults")
    )
}

/// Tests, fixtures, stories, generated and bundled files: what they register is not served.
pub fn is_test_or_generated(path: &str) -> bool {
    let name = file_name(path);
    if [".test.", ".spec.", ".stories.", ".story.", ".e2e.", ".e2e-spec.", ".min.", ".bench.", ".cy.", ".mock.", ".fixture."]
        .iter()
        .any(|mark| name.contains(mark))
    {
        return true;
    }
    folder(path).split('/').any(|part| {
        matches!(
            part,
            "__tests__"
                | "__mocks__"
                | "__fixtures__"
                | "test"
                | "tests"
                | "e2e"
                | "cypress"
                | "playwright"
                | "fixtures"
                | "node_modules"
                | "mocks"
                | "__snapshots__"
        ) || part.starts_with(".yarn")
    })
}

/// The script part of a file: all of it, or the script blocks of a component with everything else blanked, so that positions stay.
pub fn script<'a>(path: &str, text: &'a str) -> Cow<'a, str> {
    match extension(path) {
        "vue" | "svelte" => Cow::Owned(only_scripts(text)),
        "astro" => Cow::Owned(only_frontmatter(text)),
        _ => Cow::Borrowed(text),
    }
}

fn blank(text: &str) -> impl Iterator<Item = char> + '_ {
    // One blank per byte, so that byte offsets hold.
    text.bytes().map(|b| if b == b'\n' { '\n' } else { ' ' })
}

fn only_scripts(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find("<script") {
        let Some(gt) = rest[open..].find('>').map(|i| open + i + 1) else { break };
        let close = rest[gt..].find("</script").map_or(rest.len(), |i| gt + i);
        out.extend(blank(&rest[..gt]));
        out.push_str(&rest[gt..close]);
        rest = &rest[close..];
    }
    out.extend(blank(rest));
    out
}

fn only_frontmatter(text: &str) -> String {
    let Some(body) = text.strip_prefix("---") else { return blank(text).collect() };
    let end = body.find("\n---").map_or(body.len(), |i| i + 1);
    let mut out = String::with_capacity(text.len());
    out.push_str("   ");
    out.push_str(&body[..end]);
    out.extend(blank(&body[end..]));
    out
}
