//! The rules of the house as tests: file length, module docs, layers, registries. Every failure says what to do.

use std::path::{Path, PathBuf};

/// From the bottom to the top: a layer may use those before it. `report` holds plain data types and is open to all.
const LAYERS: [&str; 14] = [
    "memory",
    "sorted",
    "host",
    "source",
    "config",
    "knowledge",
    "ir",
    "lower",
    "interpret",
    "frameworks",
    "endpoints",
    "rules",
    "analysis",
    "wasm",
];
/// Only `lower` knows the AST; only `wasm`, and `host` at the bottom, know JavaScript.
const OWNED: [(&str, &str); 9] = [
    ("oxc_ast", "lower"),
    ("oxc_ast_visit", "lower"),
    ("oxc_allocator", "lower"),
    ("oxc_parser", "lower"),
    ("oxc_semantic", "lower"),
    ("oxc_syntax", "lower"),
    ("oxc_span", "lower"),
    ("wasm_bindgen", "wasm host"),
    ("js_sys", "wasm host"),
];
const LONGEST: usize = 400;
const HEADINGS: [&str; 5] = ["What it does", "Why is this bad?", "Known problems", "Examples", "When not to use it"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Files below `folder` with one of these extensions, without what is installed or built.
fn files(folder: &str, extensions: &[&str]) -> Vec<PathBuf> {
    let (mut found, mut folders) = (Vec::new(), vec![root().join(folder)]);
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path()) {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() && !["node_modules", "target", "dist", "wasm", "fixtures", "corpus"].contains(&name.as_str()) {
                folders.push(path);
            } else if extensions.iter().any(|e| name.ends_with(e)) && !name.ends_with(".d.ts") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).to_string_lossy().replace('\\', "/")
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}

fn rust() -> Vec<PathBuf> {
    ["src", "rust-tests", "xtask/src"].iter().flat_map(|f| files(f, &[".rs"])).collect()
}

#[track_caller]
fn none(problems: Vec<String>) {
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

/// The layer of a file below `src`: its folder, or the stem of a file at the top.
fn layer(path: &Path) -> String {
    let shown = shown(path);
    let rest = shown.strip_prefix("src/").unwrap_or_default();
    rest.split('/').next().unwrap_or_default().trim_end_matches(".rs").to_owned()
}

/// The names that follow `crate::` in code, with `crate::{a, b::c}` taken apart. Comments do not count.
fn crate_uses(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (index, line) in text.lines().enumerate().filter(|(_, l)| !l.trim_start().starts_with("//")) {
        for part in line.split("crate::").skip(1) {
            let word = |s: &str| s.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
            match part.strip_prefix('{') {
                Some(list) => found.extend(list.split(',').map(|item| (index + 1, word(item)))),
                None => found.push((index + 1, word(part))),
            }
        }
    }
    found.retain(|(_, name)| !name.is_empty());
    found
}

#[test]
fn files_are_short() {
    let scripts = ["npm", "js-tests"].iter().flat_map(|f| files(f, &[".ts", ".mjs", ".js"]));
    let long = rust().into_iter().chain(scripts).map(|p| (read(&p).lines().count(), p)).filter(|(n, _)| *n > LONGEST);
    none(
        long.map(|(n, p)| format!("{}: {n} lines, at most {LONGEST}: make it a folder whose mod.rs is a table of contents", shown(&p)))
            .collect(),
    );
}

#[test]
fn modules_say_what_they_are_for() {
    let bare = rust().into_iter().filter(|p| !read(p).starts_with("//!"));
    none(bare.map(|p| format!("{}: begin the file with a `//!` paragraph that says what it is for", shown(&p))).collect());
}

#[test]
fn layers_use_only_those_below() {
    let mut problems = Vec::new();
    for path in files("src", &[".rs"]) {
        let from = layer(&path);
        let Some(rank) = LAYERS.iter().position(|l| *l == from) else {
            if from != "lib" && from != "report" {
                problems.push(format!("{}: `{from}` is no layer; those are {}", shown(&path), LAYERS.join(", ")));
            }
            continue;
        };
        for (line, name) in crate_uses(&read(&path)) {
            let below = LAYERS.iter().position(|l| *l == name).is_none_or(|to| to <= rank);
            if !below || (from == "interpret" && name == "lower") {
                problems.push(format!("{}:{line}: `{from}` uses `{name}`, which is no layer below it", shown(&path)));
            }
        }
    }
    none(problems);
}

#[test]
fn the_ast_and_javascript_each_have_one_home() {
    let mut problems = Vec::new();
    for path in files("src", &[".rs"]) {
        let home = layer(&path);
        for (index, line) in read(&path).lines().enumerate().filter(|(_, l)| !l.trim_start().starts_with("//")) {
            for (package, owners) in OWNED.iter().filter(|(_, owners)| !owners.split(' ').any(|owner| owner == home)) {
                if line.contains(&format!("{package}::")) {
                    problems.push(format!("{}:{}: only `{owners}` may use {package}", shown(&path), index + 1));
                }
            }
        }
    }
    none(problems);
}

#[test]
fn rules_and_frameworks_are_registered_and_documented() {
    let mut problems = Vec::new();
    for layer in ["rules", "frameworks"] {
        let folder = root().join("src").join(layer);
        let text = read(&folder.join("mod.rs"));
        let (declared, registered) = text.split_once("pub const ALL").unwrap_or_default();
        for path in std::fs::read_dir(&folder).into_iter().flatten().flatten().map(|e| e.path()) {
            let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            if stem == "mod" || !(path.is_dir() || path.extension().is_some_and(|e| e == "rs")) {
                continue;
            }
            if !declared.contains(&format!("mod {stem};")) {
                problems.push(format!("src/{layer}/{stem}: declare it in src/{layer}/mod.rs, and list it in `ALL` unless it is a helper"));
            }
            if registered.contains(&format!("{stem}::")) && !folder.join(format!("{stem}.md")).exists() {
                problems.push(format!("src/{layer}/{stem}.md is missing: the page is documentation and specification"));
            }
        }
    }
    none(problems);
}

#[test]
fn rule_pages_have_the_same_headings() {
    let mut problems = Vec::new();
    for page in files("src/rules", &[".md"]) {
        let text = read(&page);
        let headings: Vec<_> = text.lines().filter_map(|l| l.strip_prefix("## ")).map(str::trim).collect();
        let mut at = 0;
        for wanted in HEADINGS {
            match headings[at..].iter().position(|h| *h == wanted) {
                Some(found) => at += found + 1,
                None => problems.push(format!("{}: no heading `## {wanted}` (in this order: {})", shown(&page), HEADINGS.join(", "))),
            }
        }
    }
    none(problems);
}

#[test]
fn the_scanner_of_uses_works() {
    let uses: Vec<_> = crate_uses("use crate::{ir::Module, config};\n// crate::wasm\nfn f(x: &crate::report::Place) {}\n")
        .into_iter()
        .map(|(_, n)| n)
        .collect();
    assert_eq!(uses, ["ir", "config", "report"]);
}

#[test]
fn no_leftovers_of_patches_and_editors() {
    let left: Vec<String> = ["src", "npm", "js-tests", "rust-tests", "xtask", "docs", "demo"]
        .iter()
        .flat_map(|folder| files(folder, &[".orig", ".rej", ".bak", ".old", "~"]))
        .map(|path| shown(&path))
        .collect();
    assert!(left.is_empty(), "delete these: {left:?}");
}
