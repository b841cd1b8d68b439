//! Resolution of import specifiers, over the paths that the host gave.
//!
//! ```ts
//! import { prisma } from '@/lib/prisma'     // tsconfig paths
//! import { auth } from '@acme/auth'         // a workspace: its package.json says which file
//! import router from './routes'             // routes.ts, routes/index.ts
//! ```
//!
//! `oxc_resolver` does the same, and is what the tests compare with; in WebAssembly, it would be a seventh of the module.

mod exports;
mod files;
mod node;
mod tsconfig;

use files::{Files, folders};
use node::{MODULES, Search};
use rustc_hash::FxHashMap;
use tsconfig::Tsconfig;

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
    files: Files,
    /// By folder: its `tsconfig.json` or `jsconfig.json`.
    tsconfigs: FxHashMap<String, Tsconfig>,
}

impl Resolver {
    pub fn new(paths: impl Iterator<Item = String>, manifests: FxHashMap<String, String>) -> Self {
        let mut files = Files::default();
        for path in paths {
            let absolute = format!("{ROOT}{path}");
            files.add_folders(&absolute);
            files.files.insert(absolute);
        }
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
                    files.add_folders(&format!("{link}/x"));
                    files.links.insert(link, folder);
                }
            } else if name == "tsconfig.json" || (name == "jsconfig.json" && !tsconfigs.contains_key(&folder)) {
                tsconfigs.insert(folder, absolute.clone());
            }
            files.files.insert(absolute.clone());
            files.texts.insert(absolute, text);
        }
        let tsconfigs = tsconfigs.into_iter().filter_map(|(folder, path)| Some((folder, Tsconfig::read(&files, &path)?))).collect();
        Self { files, tsconfigs }
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
    fn attempt(&self, folder: &str, specifier: &str) -> Option<String> {
        let search = Search { files: &self.files, options: &MODULES };
        let aliased = || {
            folders(folder)
                .filter_map(|folder| self.tsconfigs.get(folder))
                .find_map(|tsconfig| tsconfig.candidates(specifier).iter().find_map(|candidate| search.resolve(folder, candidate)))
        };
        let found = if specifier.starts_with('.') { None } else { aliased() };
        found.or_else(|| search.resolve(folder, specifier))
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
    }

    #[test]
    fn sources_of_what_a_workspace_builds() {
        let resolver = resolver(
            &["api/index.ts", "auth/src/index.ts", "auth/src/guard.ts", "db/src/pool.ts", "log/lib/index.ts"],
            &[
                (
                    "auth/package.json",
                    r#"{ "name": "auth", "exports": { ".": "./dist/esm/index.js", "./guard": { "types": "./dist/guard.d.ts" } } }"#,
                ),
                ("db/package.json", r#"{ "name": "db", "exports": { "./*": "./dist/*.js" } }"#),
                ("log/package.json", r#"{ "name": "log", "main": "dist/lib/index.js" }"#),
            ],
        );
        let found = |specifier: &str| resolver.resolve("api/index.ts", specifier);
        assert_eq!(found("auth"), Resolution::File("auth/src/index.ts".into()));
        assert_eq!(found("auth/guard"), Resolution::File("auth/src/guard.ts".into()));
        assert_eq!(found("db/src/pool"), Resolution::File("db/src/pool.ts".into()));
        assert_eq!(found("log"), Resolution::File("log/lib/index.ts".into()));
        assert_eq!(found("db/src/gone"), Resolution::Package("db/src/gone".into()));
    }

    #[test]
    fn packages_that_are_not_there() {
        let resolver = resolver(&["apps/api/index.ts"], &[]);
        assert_eq!(resolver.resolve("apps/api/index.ts", "express"), Resolution::Package("express".into()));
        assert_eq!(resolver.resolve("apps/api/index.ts", "./gone"), Resolution::Missing);
    }
}
