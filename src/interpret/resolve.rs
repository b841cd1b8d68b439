//! Resolution of import specifiers by `oxc_resolver`, over the paths that the host gave.
//!
//! ```ts
//! import { prisma } from '@/lib/prisma'     // tsconfig paths
//! import { auth } from '@acme/auth'         // a workspace: its package.json says which file
//! import router from './routes'             // routes.ts, routes/index.ts
//! ```

use oxc_resolver::{FileMetadata, FileSystem, ResolveError, ResolveOptions, ResolverGeneric};
use rustc_hash::{FxHashMap, FxHashSet};
use std::io;
use std::path::{Path, PathBuf};

/// Where a specifier leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolution {
    /// A file of the project, relative to its root.
    File(String),
    /// A package that is not part of the project: the specifier.
    Package(String),
    /// A file that does not exist.
    Missing,
}

/// The root that relative paths are put under.
const ROOT: &str = "/root/";

pub struct Resolver {
    inner: ResolverGeneric<Files>,
    /// Folders that hold a `tsconfig.json` or `jsconfig.json`, with its path.
    tsconfigs: FxHashMap<String, String>,
}

/// The project's files, and a link per workspace package.
#[derive(Default, Clone)]
struct Files {
    files: std::sync::Arc<FxHashSet<String>>,
    folders: std::sync::Arc<FxHashSet<String>>,
    texts: std::sync::Arc<FxHashMap<String, String>>,
    /// `/root/node_modules/@acme/auth` → `/root/packages/auth`.
    links: std::sync::Arc<FxHashMap<String, String>>,
}

impl Resolver {
    pub fn new(paths: impl Iterator<Item = String>, manifests: FxHashMap<String, String>) -> Self {
        let mut files = FxHashSet::default();
        let mut folders = FxHashSet::default();
        folders.insert("/".to_owned());
        for path in paths {
            let absolute = format!("{ROOT}{path}");
            add_folders(&absolute, &mut folders);
            files.insert(absolute);
        }
        let mut links = FxHashMap::default();
        let mut texts = FxHashMap::default();
        let mut tsconfigs = FxHashMap::default();
        for (path, text) in manifests {
            let absolute = format!("{ROOT}{path}");
            let folder = crate::source::folder(&absolute).to_owned();
            let name = crate::source::file_name(&path);
            if name == "package.json" {
                let package: Option<serde_json::Value> = serde_json::from_str(&text).ok();
                if let Some(name) = package.as_ref().and_then(|p| p.get("name")).and_then(|n| n.as_str())
                    && !path.contains("node_modules/")
                    && folder != ROOT.trim_end_matches('/')
                {
                    let link = format!("{ROOT}node_modules/{name}");
                    add_folders(&format!("{link}/x"), &mut folders);
                    links.insert(link, folder);
                }
            } else if name == "tsconfig.json" || (name == "jsconfig.json" && !tsconfigs.contains_key(&folder)) {
                tsconfigs.insert(folder, absolute.clone());
            }
            files.insert(absolute.clone());
            texts.insert(absolute, text);
        }
        mend(&mut texts, &links);
        let files = Files { files: files.into(), folders: folders.into(), texts: texts.into(), links: links.into() };
        Self { inner: ResolverGeneric::new_with_file_system(files, options()), tsconfigs }
    }

    pub fn resolve(&self, importer: &str, specifier: &str) -> Resolution {
        let specifier = specifier.split('?').next().unwrap_or(specifier);
        if specifier.starts_with("node:") || is_builtin(specifier) {
            return Resolution::Package(specifier.to_owned());
        }
        let specifier = specifier.strip_prefix("/root").unwrap_or(specifier);
        let absolute;
        let specifier = if specifier.starts_with('/') {
            absolute = format!("{}{specifier}", ROOT.trim_end_matches('/'));
            &absolute
        } else {
            specifier
        };
        let folder = format!("{ROOT}{}", crate::source::folder(importer));
        let found = self.attempt(folder.trim_end_matches('/'), specifier);
        match found {
            Some(path) => match path.strip_prefix(ROOT) {
                Some(relative) => Resolution::File(relative.to_owned()),
                None => Resolution::Missing,
            },
            None if specifier.starts_with(['.', '/', '#']) => Resolution::Missing,
            // An alias of the project's own that leads nowhere is not a package.
            None if specifier.starts_with("@/") || specifier.starts_with("~/") => Resolution::Missing,
            None => Resolution::Package(specifier.to_owned()),
        }
    }

    /// Resolves with the aliases of the nearest `tsconfig.json`, then of those above it, then without any.
    ///
    /// `oxc_resolver` can look for them itself, but on `wasm32-unknown-unknown` it takes no path for absolute.
    fn attempt(&self, folder: &str, specifier: &str) -> Option<String> {
        let text = |resolution: oxc_resolver::Resolution| resolution.path().to_string_lossy().into_owned();
        if !specifier.starts_with('.') && !self.tsconfigs.is_empty() {
            let mut current = folder;
            loop {
                if let Some(path) = self.tsconfigs.get(current)
                    && let Ok(tsconfig) = self.inner.resolve_tsconfig(path)
                    && let Some(found) = tsconfig
                        .resolve_path_alias_or_base_url(specifier)
                        .iter()
                        .find_map(|target| self.inner.resolve(folder, target.to_str()?).ok())
                {
                    return Some(text(found));
                }
                match current.rsplit_once('/') {
                    Some((parent, _)) if !parent.is_empty() => current = parent,
                    _ => break,
                }
            }
        }
        self.inner.resolve(folder, specifier).ok().map(text)
    }
}

/// Leaves out what configurations extend and what was not given.
fn mend(texts: &mut FxHashMap<String, String>, links: &FxHashMap<String, String>) {
    let mended: Vec<(String, String)> = texts
        .iter()
        .filter(|(path, _)| crate::source::file_name(path) != "package.json")
        .filter_map(|(path, text)| {
            let folder = crate::source::folder(path);
            let given = |path: &str| texts.contains_key(path) || texts.contains_key(&format!("{path}.json"));
            let readable = |name: &str| {
                if name.starts_with('.') {
                    return given(&format!("/{}", super::project::normalise(&format!("{}/{name}", folder.trim_start_matches('/')))));
                }
                links.iter().any(|(link, target)| {
                    let Some(package) = link.strip_prefix(&format!("{ROOT}node_modules/")) else { return false };
                    name.strip_prefix(package)
                        .is_some_and(|rest| given(&format!("{target}{rest}")) || given(&format!("{target}{rest}/tsconfig.json")))
                })
            };
            Some((path.clone(), super::extends::without_unreadable(text, readable)?))
        })
        .collect();
    texts.extend(mended);
}

fn options() -> ResolveOptions {
    let all = |list: &[&str]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
    ResolveOptions {
        extensions: all(&[".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".json", ".vue", ".svelte", ".astro"]),
        extension_alias: vec![
            (".js".into(), all(&[".ts", ".tsx", ".js", ".jsx"])),
            (".mjs".into(), all(&[".mts", ".mjs"])),
            (".cjs".into(), all(&[".cts", ".cjs"])),
            (".jsx".into(), all(&[".tsx", ".jsx"])),
        ],
        condition_names: all(&["node", "import", "require", "default", "development", "source", "types"]),
        main_fields: all(&["source", "module", "main", "types"]),
        symlinks: true,
        ..ResolveOptions::default()
    }
}

fn add_folders(path: &str, folders: &mut FxHashSet<String>) {
    let mut folder = crate::source::folder(path);
    while !folder.is_empty() && folders.insert(folder.to_owned()) {
        folder = crate::source::folder(folder);
    }
}

fn is_builtin(specifier: &str) -> bool {
    matches!(
        specifier.split('/').next().unwrap_or(specifier),
        "fs" | "path"
            | "http"
            | "https"
            | "url"
            | "util"
            | "crypto"
            | "os"
            | "stream"
            | "events"
            | "child_process"
            | "buffer"
            | "zlib"
            | "net"
            | "tls"
            | "querystring"
            | "assert"
            | "cluster"
            | "dns"
            | "vm"
            | "worker_threads"
            | "readline"
            | "timers"
            | "async_hooks"
            | "process"
    )
}

/// A path as the host's list writes it.
fn entry(path: &Path) -> Option<String> {
    path.to_str().map(|p| p.trim_end_matches('/').replace('\\', "/"))
}

impl Files {
    /// The path behind the links on the way.
    fn real(&self, path: &str) -> String {
        let mut current = path;
        loop {
            if let Some(target) = self.links.get(current) {
                return format!("{target}{}", &path[current.len()..]);
            }
            match current.rsplit_once('/') {
                Some((folder, _)) if !folder.is_empty() => current = folder,
                _ => return path.to_owned(),
            }
        }
    }
}

impl FileSystem for Files {
    fn new() -> Self {
        Self::default()
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.read_to_string(path).map(String::into_bytes)
    }

    fn read_to_string(&self, path: &Path) -> io::Result<String> {
        let path = entry(path).ok_or(io::ErrorKind::NotFound)?;
        self.texts.get(&self.real(&path)).cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn metadata(&self, path: &Path) -> io::Result<FileMetadata> {
        let path = entry(path).ok_or(io::ErrorKind::NotFound)?;
        let real = self.real(&path);
        if self.files.contains(&real) {
            return Ok(FileMetadata::new(true, false, false));
        }
        if self.folders.contains(&real) || real.is_empty() {
            return Ok(FileMetadata::new(false, true, false));
        }
        Err(io::ErrorKind::NotFound.into())
    }

    fn symlink_metadata(&self, path: &Path) -> io::Result<FileMetadata> {
        let entry = entry(path).ok_or(io::ErrorKind::NotFound)?;
        if self.links.contains_key(&entry) {
            return Ok(FileMetadata::new(false, false, true));
        }
        self.metadata(path)
    }

    fn read_link(&self, path: &Path) -> Result<PathBuf, ResolveError> {
        let entry = entry(path).ok_or_else(|| ResolveError::from(io::Error::from(io::ErrorKind::NotFound)))?;
        match self.links.get(&entry) {
            Some(target) => Ok(PathBuf::from(target)),
            None => Err(ResolveError::from(io::Error::from(io::ErrorKind::InvalidInput))),
        }
    }

    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        let entry = entry(path).ok_or(io::ErrorKind::NotFound)?;
        Ok(PathBuf::from(self.real(&entry)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolver(files: &[&str], manifests: &[(&str, &str)]) -> Resolver {
        let texts = manifests.iter().map(|(p, t)| ((*p).to_owned(), (*t).to_owned())).collect();
        Resolver::new(files.iter().chain(manifests.iter().map(|(p, _)| p)).map(|p| (*p).to_owned()), texts)
    }

    #[test]
    fn paths_of_an_extended_tsconfig() {
        let resolver = resolver(
            &["server/index.ts", "server/routes/index.ts"],
            &[
                (
                    "tsconfig.json",
                    r#"{ "compilerOptions": { "baseUrl": "src", "paths": { "@server/*": ["../server/*"] } }, "include": ["src/**/*.ts"], "exclude": ["node_modules"] }"#,
                ),
                (
                    "server/tsconfig.json",
                    r#"{ "extends": "../tsconfig.json", "compilerOptions": { "outDir": "../dist", "noEmit": false, "baseUrl": ".", "paths": { "@server/*": ["*"] } }, "include": ["**/*.ts"] }"#,
                ),
                ("package.json", r#"{ "name": "app" }"#),
            ],
        );
        assert_eq!(resolver.resolve("server/index.ts", "@server/routes"), Resolution::File("server/routes/index.ts".into()));
    }

    #[test]
    fn packages_of_a_workspace() {
        let resolver = resolver(
            &["apps/api/index.ts", "packages/auth/src/index.ts"],
            &[("packages/auth/package.json", r#"{ "name": "@acme/auth", "main": "src/index.ts" }"#)],
        );
        assert_eq!(resolver.resolve("apps/api/index.ts", "@acme/auth"), Resolution::File("packages/auth/src/index.ts".into()));
        assert_eq!(resolver.resolve("apps/api/index.ts", "express"), Resolution::Package("express".into()));
        assert_eq!(resolver.resolve("apps/api/index.ts", "./gone"), Resolution::Missing);
    }
}
