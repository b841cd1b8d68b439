//! Markdown specs: a heading is a test, the fences below it are the files of one project and what is expected of it.
//!
//! CONTRIBUTING.md and `src/rules/require_authentication.md` show the format; `js-tests/spec-parser` reads the same one.

pub mod check;
pub mod expect;

use expect::{Assertion, EndpointLine, RowLine};

/// One Markdown file.
#[derive(Debug, Default)]
pub struct Page {
    /// Relative to the repository, with `/`.
    pub path: String,
    /// The rules whose findings this page speaks about; findings of others are ignored unless a test asserts one.
    pub rules: Vec<String>,
    pub cases: Vec<Case>,
    /// Mistakes in the page itself: each fails the run.
    pub problems: Vec<String>,
}

/// One test: a heading that has fences.
#[derive(Debug, Default)]
pub struct Case {
    /// The headings that lead here, joined by ` › `.
    pub heading: String,
    pub line: u32,
    pub files: Vec<(String, String)>,
    pub config: Option<String>,
    pub assertions: Vec<Assertion>,
    pub endpoints: Option<Vec<EndpointLine>>,
    pub errors: Vec<RowLine>,
    pub unknown: Option<Vec<RowLine>>,
    /// Lines as the suggestions of findings leave them.
    pub mended: Option<Vec<RowLine>>,
}

/// The rules of a page that names none: `rules/x_y.md` speaks of `x-y`, every other page of `require-authentication`.
fn default_rules(path: &str) -> Vec<String> {
    match path.split_once("src/rules/").and_then(|(_, file)| file.strip_suffix(".md")) {
        Some(stem) => vec![stem.replace('_', "-")],
        None => vec!["require-authentication".to_owned()],
    }
}

/// The name that a fence without a name line gets, by its language.
fn default_name(language: &str) -> Option<&'static str> {
    Some(match language {
        "js" | "javascript" => "index.js",
        "ts" | "typescript" => "index.ts",
        "jsx" => "index.jsx",
        "tsx" => "index.tsx",
        "mjs" => "index.mjs",
        "cjs" => "index.cjs",
        _ => return None,
    })
}

fn heading_of(line: &str) -> Option<(usize, &str)> {
    let level = line.bytes().take_while(|b| *b == b'#').count();
    let text = line.get(level..)?;
    (1..=6).contains(&level).then(|| text.strip_prefix(' ')).flatten().map(|t| (level, t.trim()))
}

/// `` `path/file.js`: `` on a line of its own.
fn name_of(line: &str) -> Option<&str> {
    line.trim().strip_prefix('`')?.strip_suffix("`:").filter(|name| !name.contains('`'))
}

/// Reads a page. Never fails: what is wrong with it is in `problems`.
pub fn parse(path: &str, text: &str) -> Page {
    let mut page = Page { path: path.to_owned(), rules: default_rules(path), ..Page::default() };
    let mut trail: Vec<(usize, String)> = Vec::new();
    let mut case = Case { line: 1, ..Case::default() };
    let mut used = false;
    let mut name: Option<(String, u32)> = None;
    let mut lines = text.lines().enumerate().map(|(i, line)| (i as u32 + 1, line));
    while let Some((number, line)) = lines.next() {
        if let Some(rest) = line.strip_prefix("```") {
            let ticks = 3 + rest.bytes().take_while(|b| *b == b'`').count();
            let language = line[ticks..].split_whitespace().next().unwrap_or("");
            let mut body = String::new();
            let mut closed = false;
            for (_, line) in lines.by_ref() {
                if line.len() >= ticks && line.trim_end().bytes().all(|b| b == b'`') {
                    closed = true;
                    break;
                }
                body.push_str(line);
                body.push('\n');
            }
            if !closed {
                page.problems.push(format!("{path}:{number}: this fence is never closed"));
            }
            let name = name.take().map(|(name, _)| name);
            used = true;
            fence(&mut page, &mut case, Fence { language, name, body, line: number });
        } else if let Some((level, title)) = heading_of(line) {
            trail.retain(|(l, _)| *l < level);
            trail.push((level, title.to_owned()));
            let heading = trail.iter().map(|(_, t)| t.as_str()).collect::<Vec<_>>().join(" › ");
            let done = std::mem::replace(&mut case, Case { heading, line: number, ..Case::default() });
            if std::mem::take(&mut used) {
                finish(&mut page, done);
            }
        } else if let Some(found) = name_of(line) {
            name = Some((found.to_owned(), number));
        } else if let Some(rules) = line.trim().strip_prefix("<!-- rules:") {
            page.rules = rules.trim_end_matches("-->").split(',').map(|r| r.trim().to_owned()).collect();
        } else if !line.trim().is_empty()
            && let Some((name, at)) = name.take()
        {
            page.problems.push(format!("{path}:{at}: `{name}` names a file, but no fence follows"));
        }
    }
    if used {
        finish(&mut page, case);
    }
    page
}

struct Fence<'a> {
    language: &'a str,
    name: Option<String>,
    body: String,
    line: u32,
}

fn fence(page: &mut Page, case: &mut Case, fence: Fence<'_>) {
    let at = format!("{}:{}", page.path, fence.line);
    let numbered = || {
        let lines = fence.body.lines().enumerate();
        lines.map(|(i, l)| (fence.line + 1 + i as u32, l.trim())).filter(|(_, l)| !l.is_empty() && !l.starts_with('#'))
    };
    match (fence.name.as_deref(), fence.language) {
        (None, "endpoints") => {
            let list = case.endpoints.get_or_insert_default();
            for (number, line) in numbered() {
                match expect::endpoint_line(line, number) {
                    Ok(line) => list.push(line),
                    Err(why) => page.problems.push(format!("{}:{number}: {why}", page.path)),
                }
            }
        }
        (None, "errors" | "unknown" | "mended") => {
            let mut list = Vec::new();
            for (number, line) in numbered() {
                match expect::row_line(line, number) {
                    Ok(line) => list.push(line),
                    Err(why) => page.problems.push(format!("{}:{number}: {why}", page.path)),
                }
            }
            match fence.language {
                "errors" => case.errors.extend(list),
                "mended" => case.mended.get_or_insert_default().extend(list),
                _ => case.unknown.get_or_insert_default().extend(list),
            }
        }
        (Some("authlint.config.json"), _) => case.config = Some(fence.body),
        (name, language) => {
            // A fence of another language without a name (`sh`, `text`) is prose.
            let Some(name) = name.or_else(|| default_name(language)) else {
                if matches!(language, "json" | "vue" | "svelte" | "astro") {
                    page.problems.push(format!("{at}: this `{language}` fence needs a line `path`: before it"));
                }
                return;
            };
            if case.files.iter().any(|(n, _)| n == name) {
                page.problems.push(format!("{at}: a second `{name}` in the same test"));
            }
            match expect::assertions(name, &fence.body, fence.line) {
                Ok(found) => case.assertions.extend(found),
                Err((number, why)) => page.problems.push(format!("{}:{number}: {why}", page.path)),
            }
            case.files.push((name.to_owned(), fence.body));
        }
    }
}

fn finish(page: &mut Page, case: Case) {
    if !case.files.is_empty() {
        page.cases.push(case);
    } else if case.endpoints.is_some() || case.config.is_some() || !case.errors.is_empty() {
        page.problems.push(format!("{}:{}: expectations without a file", page.path, case.line));
    }
}

/// Every page of the repository, in the order of its path.
pub fn pages() -> Vec<Page> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let mut folders = vec![root.join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "md") {
                found.push(path);
            }
        }
    }
    found.sort();
    let relative = |p: &std::path::Path| p.strip_prefix(root).unwrap_or(p).to_string_lossy().replace('\\', "/");
    found.iter().map(|p| parse(&relative(p), &std::fs::read_to_string(p).unwrap_or_default())).collect()
}
