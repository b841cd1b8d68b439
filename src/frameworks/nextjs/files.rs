//! From a file's path to its address.
//!
//! ```text
//! src/pages/api/users/[id].ts                  /api/users/:id
//! app/(shop)/@cart/api/[...slug]/route.js      /api/*slug
//! ```

use crate::source;

/// Which of Next's two routers serves a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Router {
    Pages,
    App,
}

/// Where a file is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    pub router: Router,
    pub path: String,
    /// The folder that holds `app` or `pages`: where the proxy must stand.
    pub folder: String,
}

const EXTENSIONS: [&str; 6] = ["js", "jsx", "ts", "tsx", "mjs", "cjs"];

/// The address of a file, if it is served. `is_root` tells the folders in which a package begins.
pub(super) fn address(path: &str, is_root: impl Fn(&str) -> bool) -> Option<Address> {
    if !source::is_source(path) || !EXTENSIONS.contains(&source::extension(path)) {
        return None;
    }
    let file = source::file_name(path);
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let folders: Vec<&str> = source::folder(path).split('/').filter(|f| !f.is_empty()).collect();
    if stem == "route" {
        let at = beginning(&folders, &is_root, |rest| rest.first() == Some(&"app"))?;
        let mut segments = Vec::new();
        for folder in &folders[at + 1..] {
            if folder.starts_with('_') {
                return None;
            }
            if is_group(folder) || folder.starts_with('@') {
                continue;
            }
            segments.push(segment(unintercepted(folder)));
        }
        return Some(Address { router: Router::App, path: format!("/{}", segments.join("/")), folder: folders[..at].join("/") });
    }
    let at = beginning(&folders, &is_root, |rest| matches!(rest, ["pages", "api", ..]))?;
    let mut segments: Vec<String> = folders[at + 1..].iter().map(|f| segment(f)).collect();
    if stem != "index" {
        segments.push(segment(stem));
    }
    Some(Address { router: Router::Pages, path: format!("/{}", segments.join("/")), folder: folders[..at].join("/") })
}

/// Where the router's folder is among a path's: the first that fits, and rather one in which a package begins (or its `src`).
fn beginning(folders: &[&str], is_root: &impl Fn(&str) -> bool, fits: impl Fn(&[&str]) -> bool) -> Option<usize> {
    let candidates: Vec<usize> = (0..folders.len()).filter(|i| fits(&folders[*i..])).collect();
    let at_root = candidates.iter().copied().find(|i| {
        let above = folders[..*i].join("/");
        is_root(&above) || above.strip_suffix("src").is_some_and(|a| is_root(a.trim_end_matches('/')))
    });
    at_root.or(candidates.first().copied())
}

/// `(shop)`; not `(.)photo`, which has a name after it.
fn is_group(folder: &str) -> bool {
    folder.starts_with('(') && folder.ends_with(')')
}

/// `(.)photo`, `(..)(..)photo` → `photo`.
fn unintercepted(folder: &str) -> &str {
    let mut name = folder;
    while let Some(rest) = name.strip_prefix("(.)").or_else(|| name.strip_prefix("(..)")).or_else(|| name.strip_prefix("(...)")) {
        name = rest;
    }
    name
}

/// `[id]` → `:id`, `[...slug]` and `[[...slug]]` → `*slug`.
fn segment(folder: &str) -> String {
    let inner =
        folder.strip_prefix("[[").and_then(|f| f.strip_suffix("]]")).or_else(|| folder.strip_prefix('[').and_then(|f| f.strip_suffix(']')));
    match inner {
        Some(name) => match name.strip_prefix("...") {
            Some(rest) => format!("*{rest}"),
            None => format!(":{name}"),
        },
        None => folder.to_owned(),
    }
}

/// Whether a file may be the proxy of a server: its name fits. Whether it stands beside `app` or `pages` is told by its folder.
pub(super) fn is_proxy(path: &str) -> bool {
    let file = source::file_name(path);
    let Some((stem, extension)) = file.rsplit_once('.') else { return false };
    matches!(stem, "middleware" | "proxy") && EXTENSIONS.contains(&extension)
}

pub(super) fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(file: &str) -> Option<String> {
        address(file, |folder| folder == "apps/app").map(|a| format!("{} in {:?}", a.path, a.folder))
    }

    #[test]
    fn addresses() {
        assert_eq!(path("pages/api/index.js").as_deref(), Some("/api in \"\""));
        assert_eq!(path("src/pages/api/teams/[team]/[[...slug]].ts").as_deref(), Some("/api/teams/:team/*slug in \"src\""));
        assert_eq!(path("app/(shop)/@cart/items/(..)[id]/route.ts").as_deref(), Some("/items/:id in \"\""));
        assert_eq!(path("apps/app/app/x/route.ts").as_deref(), Some("/x in \"apps/app\""));
        assert_eq!(path("app/_lib/route.ts"), None);
        assert_eq!(path("pages/about.js"), None);
        assert_eq!(path("pages/api/notes.css"), None);
    }
}
