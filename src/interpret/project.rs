//! What the interpreter may know of the project: its files' IR, and how imports resolve.

use super::resolve::{Resolution, Resolver};
use crate::ir::ModuleIr;
use rustc_hash::{FxHashMap, FxHashSet};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

/// The lowered part of a project.
#[derive(Default)]
pub struct Project {
    paths: BTreeSet<String>,
    irs: RefCell<FxHashMap<String, Rc<ModuleIr>>>,
    failed: RefCell<FxHashSet<String>>,
    resolver: Option<Resolver>,
    /// By the folder of a `package.json`: the packages that it names as dependencies.
    dependencies: FxHashMap<String, FxHashSet<String>>,
    /// What `.env.example` and its like say of a variable, by its name: the folder that says so, and the value.
    documented: FxHashMap<String, Vec<(String, String)>>,
    resolved: RefCell<FxHashMap<(String, String), Resolution>>,
}

impl Project {
    pub fn set_paths(&mut self, paths: impl IntoIterator<Item = String>) {
        self.paths = paths.into_iter().collect();
    }

    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.paths.iter().map(String::as_str)
    }

    pub fn contains(&self, path: &str) -> bool {
        self.paths.contains(path)
    }

    /// The texts of `package.json` and `tsconfig.json` files; resolution starts afresh.
    pub fn set_manifests(&mut self, manifests: FxHashMap<String, String>) {
        self.dependencies = manifests
            .iter()
            .filter(|(path, _)| crate::source::file_name(path) == "package.json" && !path.contains("node_modules/"))
            .map(|(path, text)| (crate::source::folder(path).to_owned(), dependencies(text)))
            .collect();
        self.documented.clear();
        for (path, text) in manifests.iter().filter(|(path, _)| crate::source::is_environment(path)) {
            for (name, value) in super::environment::variables(text) {
                let folder = crate::source::folder(path).to_owned();
                self.documented.entry(name.to_owned()).or_default().push((folder, value.to_owned()));
            }
        }
        let manifests = manifests.into_iter().filter(|(path, _)| !crate::source::is_environment(path)).collect();
        self.resolver = Some(Resolver::new(self.paths.iter().cloned(), manifests));
        self.resolved.borrow_mut().clear();
    }

    /// Whether the package that a file belongs to, or one around it, names a dependency. `None`: there is no `package.json`.
    pub fn depends_on(&self, path: &str, package: &str) -> Option<bool> {
        let mut folder = crate::source::folder(path);
        let mut found = None;
        loop {
            if let Some(names) = self.dependencies.get(folder) {
                if names.contains(package) {
                    return Some(true);
                }
                found = Some(false);
            }
            if folder.is_empty() {
                return found;
            }
            folder = crate::source::folder(folder);
        }
    }

    /// The value that the nearest `.env.example` documents for a variable, where there is but one.
    pub fn documented(&self, path: &str, name: &str) -> Option<&str> {
        let said = self.documented.get(name)?;
        let around = |folder: &str| folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
        let nearest = said.iter().filter(|(folder, _)| around(folder)).map(|(folder, _)| folder.len()).max()?;
        let mut values = said.iter().filter(|(folder, _)| around(folder) && folder.len() == nearest).map(|(_, value)| value.as_str());
        let first = values.next()?;
        values.all(|v| v == first).then_some(first)
    }

    /// Adds a file, or puts its new version in its place.
    pub fn add(&self, ir: Rc<ModuleIr>) {
        self.irs.borrow_mut().insert(ir.path.clone(), ir);
    }

    pub fn fail(&self, path: &str) {
        self.failed.borrow_mut().insert(path.to_owned());
    }

    pub fn failed(&self, path: &str) -> bool {
        self.failed.borrow().contains(path)
    }

    pub fn ir(&self, path: &str) -> Option<Rc<ModuleIr>> {
        self.irs.borrow().get(path).cloned()
    }

    pub fn irs(&self) -> Vec<Rc<ModuleIr>> {
        self.irs.borrow().values().cloned().collect()
    }

    pub fn resolve(&self, importer: &str, specifier: &str) -> Resolution {
        let key = (crate::source::folder(importer).to_owned(), specifier.to_owned());
        if let Some(resolution) = self.resolved.borrow().get(&key) {
            return resolution.clone();
        }
        let resolution = match &self.resolver {
            Some(resolver) => resolver.resolve(importer, specifier),
            None => Resolution::Missing,
        };
        self.resolved.borrow_mut().insert(key, resolution.clone());
        resolution
    }

    /// The entries of a folder, as `readdir` gives them.
    pub fn list(&self, folder: &str) -> Option<Vec<String>> {
        let prefix = if folder.is_empty() { String::new() } else { format!("{}/", folder.trim_end_matches('/')) };
        let mut names: BTreeSet<String> = BTreeSet::new();
        names.extend(
            self.paths
                .range(prefix.clone()..)
                .take_while(|p| p.starts_with(&prefix))
                .filter_map(|p| p[prefix.len()..].split('/').next())
                .map(str::to_owned),
        );
        (!names.is_empty()).then(|| names.into_iter().collect())
    }

    /// The files that a specifier with holes may mean.
    pub fn matching(&self, importer: &str, parts: &[Option<String>]) -> Vec<String> {
        let Some(Some(first)) = parts.first() else { return Vec::new() };
        let prefix = if let Some(absolute) = first.strip_prefix('/') {
            absolute.to_owned()
        } else if first.starts_with('.') {
            normalise(&format!("{}/{first}", crate::source::folder(importer)))
        } else {
            return Vec::new();
        };
        let suffix = match parts.last() {
            Some(Some(last)) if parts.len() > 1 => last.clone(),
            _ => String::new(),
        };
        self.paths
            .range(prefix.clone()..)
            .take_while(|p| p.starts_with(&prefix))
            .filter(|p| crate::source::is_source(p) && p.as_str() != importer)
            .filter(|p| {
                let rest = &p[prefix.len()..];
                let stem = rest.rsplit_once('.').map_or(rest, |(s, _)| s);
                // A hole stands for one name; an index file for its folder.
                let depth = rest.matches('/').count();
                (rest.ends_with(&suffix) || stem.ends_with(&suffix))
                    && (depth == 0 || (depth == 1 && stem.ends_with("/index")) || !suffix.is_empty())
            })
            .take(200)
            .cloned()
            .collect()
    }
}

/// `a/./b/../c` → `a/c`; a trailing slash stays.
pub(super) fn normalise(path: &str) -> String {
    let mut out: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    let mut joined = out.join("/");
    if path.ends_with('/') {
        joined.push('/');
    }
    joined
}

fn dependencies(text: &str) -> FxHashSet<String> {
    let Ok(package) = serde_json::from_str::<serde_json::Value>(text) else { return FxHashSet::default() };
    ["dependencies", "devDependencies", "peerDependencies"]
        .iter()
        .filter_map(|kind| package.get(kind)?.as_object())
        .flat_map(|list| list.keys().cloned())
        .collect()
}
