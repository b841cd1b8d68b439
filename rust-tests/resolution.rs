//! Imports resolve as `oxc_resolver` resolves them: every question is put to both.
//!
//! ```ts
//! import { auth } from '@acme/auth/guard'   // `exports`, `imports`, `main`, index files, `paths`, `baseUrl`, `extends`
//! ```

use authlint::interpret::resolve::{Resolution, Resolver};
use oxc_resolver::{FileMetadata, FileSystem, ResolveError, ResolveOptions, ResolverGeneric};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

const FILES: &[&str] = &[
    "src/index.ts",
    "src/app.ts",
    "src/app.js",
    "src/both.ts",
    "src/both/index.ts",
    "src/compiled.mts",
    "src/view.vue",
    "src/data.json",
    "src/weird.name.ts",
    "src/part#one.ts",
    "src/routes/index.js",
    "src/routes/user.tsx",
    "src/lib/db.ts",
    "src/lib/db.test.ts",
    "src/shared/log.ts",
    "src/main/lib/entry.ts",
    "generated/client.ts",
    "apps/api/src/index.ts",
    "apps/api/src/own/thing.ts",
    "apps/api/internal/secret.ts",
    "packages/auth/src/index.ts",
    "packages/auth/src/guard.ts",
    "packages/auth/src/roles/admin.ts",
    "packages/auth/src/roles/user/index.ts",
    "packages/auth/legacy/old.js",
    "packages/main/lib/entry.ts",
    "packages/plain/index.js",
    "packages/plain/sub/tool.ts",
    "packages/source/src/main.ts",
    "packages/list/b.ts",
    "packages/gone/src/index.ts",
    "packages/broken/index.ts",
];

const MANIFESTS: &[(&str, &str)] = &[
    (
        "package.json",
        r##"{ "name": "root", "imports": { "#db": "./src/lib/db.ts", "#lib/*": "./src/lib/*.ts", "#auth": "@acme/auth", "#up": "../x.ts" } }"##,
    ),
    (
        "tsconfig.json",
        r#"{
            // Comments and trailing commas are allowed.
            "extends": ["./config/first.json", "./config/second", "@acme/not-given/tsconfig.json"],
            "compilerOptions": { "baseUrl": ".", "paths": { "@/*": ["./src/*"], "@/lib/*": ["./gone/*", "./src/lib/*"], "exact": ["src/app.ts"], "*.mod": ["./src/*"], }, },
        }"#,
    ),
    ("config/first.json", r#"{ "compilerOptions": { "paths": { "first/*": ["../src/*"] } } }"#),
    ("config/second.json", r#"{ "compilerOptions": { "baseUrl": "../src" } }"#),
    ("apps/api/tsconfig.json", r#"{ "extends": "@acme/config/base.json" }"#),
    (
        "apps/api/package.json",
        r##"{ "name": "@acme/api", "exports": { "./own/*": "./src/own/*.ts", "./own/internal/*": null }, "imports": { "#x": { "browser": "./no.ts", "node": ["./src/own/thing.ts"] } } }"##,
    ),
    ("packages/config/package.json", r#"{ "name": "@acme/config" }"#),
    ("packages/config/base.json", r#"{ "extends": "./deeper", "compilerOptions": {} }"#),
    (
        "packages/config/deeper.json",
        r#"{ "compilerOptions": { "paths": { "~gen/*": ["../../generated/*"], "here/*": ["${configDir}/src/*"] } } }"#,
    ),
    ("packages/circle/tsconfig.json", r#"{ "compilerOptions": { "paths": { } } }"#),
    (
        "packages/auth/package.json",
        r#"{ "name": "@acme/auth", "exports": {
            ".": { "browser": "./no.js", "import": { "types": "./src/index.ts" } },
            "./guard": "./src/guard.ts", "./roles/*": "./src/roles/*.ts", "./roles/user": "./src/roles/user/index.ts",
            "./old/": "./legacy/", "./outside": "../main/lib/entry.ts", "./none": null, "./nothing-there": "./src/nothing.ts" } }"#,
    ),
    ("packages/main/package.json", r#"{ "name": "main", "main": "lib/entry" }"#),
    ("packages/plain/package.json", r#"{ "name": "plain", "main": "./dist/index.js" }"#),
    ("packages/source/package.json", r#"{ "name": "source", "main": "./dist/main.js", "source": "./src/main.ts" }"#),
    ("packages/list/package.json", r#"{ "name": "list", "exports": ["./a.ts", "./b.ts"] }"#),
    ("packages/gone/package.json", r#"{ "name": "gone", "main": "./src/index.ts", "exports": { ".": "./made/index.js" } }"#),
    ("packages/mixed/package.json", r#"{ "name": "mixed", "exports": { ".": "./a.ts", "import": "./b.ts" } }"#),
];

const IMPORTERS: &[&str] = &["src/index.ts", "src/routes/user.tsx", "apps/api/src/index.ts", "packages/auth/src/guard.ts"];

const SPECIFIERS: &[&str] = &[
    ".",
    "./",
    "..",
    "../",
    "./app",
    "./app.js",
    "./app.ts",
    "./both",
    "./both/",
    "./compiled.mjs",
    "./view.vue",
    "./view",
    "./data.json",
    "./data",
    "./weird.name",
    "./part#one",
    "./app#part",
    "./app?raw",
    "./routes",
    "./routes/",
    "./routes/user",
    "./routes/user.jsx",
    "./gone",
    "../app",
    "../lib/db",
    "./lib/../app",
    "./own/thing",
    "/src/app",
    "/src/routes",
    "/gone",
    "@/app",
    "@/routes",
    "@/lib/db",
    "@/lib/gone",
    "@/gone",
    "exact",
    "exactly",
    "app.mod",
    "src/app",
    "src/routes",
    "first/app",
    "~gen/client",
    "here/own/thing",
    "generated/client",
    "#db",
    "#lib/db",
    "#lib/gone",
    "#auth",
    "#up",
    "#x",
    "#",
    "#gone",
    "@acme/auth",
    "@acme/auth/",
    "@acme/auth/guard",
    "@acme/auth/roles/admin",
    "@acme/auth/roles/user",
    "@acme/auth/roles/gone",
    "@acme/auth/old/old.js",
    "@acme/auth/outside",
    "@acme/auth/none",
    "@acme/auth/nothing-there",
    "@acme/auth/src/guard",
    "@acme/api/own/thing",
    "@acme/api",
    "@acme/gone",
    "@acme",
    "main",
    "main/lib/entry",
    "main/lib",
    "plain",
    "plain/sub/tool",
    "plain/sub",
    "source",
    "list",
    "list/b",
    "gone",
    "gone/src",
    "mixed",
    "express",
    "express/lib/router",
    "root",
    "circle",
];

#[test]
fn every_import_resolves_as_with_oxc_resolver() {
    let resolver = Resolver::new(
        FILES.iter().chain(MANIFESTS.iter().map(|(path, _)| path)).map(|path| (*path).to_owned()),
        MANIFESTS.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect(),
    );
    let reference = ResolverGeneric::new_with_file_system(Reference::default(), options());
    let (mut differences, mut files) = (Vec::new(), BTreeSet::new());
    for importer in IMPORTERS {
        for specifier in SPECIFIERS {
            let found = match resolver.resolve(importer, specifier) {
                Resolution::File(path) => Some(path),
                Resolution::Package(_) | Resolution::Missing => None,
            };
            let expected = expected(&reference, importer, specifier);
            files.extend(expected.clone());
            if found != expected {
                differences.push(format!("{specifier} in {importer}: {found:?}, oxc_resolver says {expected:?}"));
            }
        }
    }
    assert!(differences.is_empty(), "\n{}\n", differences.join("\n"));
    // Nothing would differ either if both found nothing.
    assert!(files.len() >= 20, "only {} files were found", files.len());
}

/// The aliases of the nearest configuration, then of those above it, then none.
fn expected(reference: &ResolverGeneric<Reference>, importer: &str, specifier: &str) -> Option<String> {
    let specifier = specifier.split('?').next().unwrap_or_default();
    let specifier = if specifier.starts_with('/') { format!("/root{specifier}") } else { specifier.to_owned() };
    let folder = PathBuf::from("/root").join(importer).parent()?.to_path_buf();
    let aliased = || {
        folder.ancestors().filter_map(|folder| reference.resolve_tsconfig(folder.join("tsconfig.json")).ok()).find_map(|config| {
            let candidates = config.resolve_path_alias_or_base_url(&specifier);
            candidates.iter().find_map(|candidate| reference.resolve(&folder, candidate.to_str()?).ok())
        })
    };
    let found = if specifier.starts_with('.') { None } else { aliased() };
    let found = found.or_else(|| reference.resolve(&folder, &specifier).ok())?;
    Some(found.path().strip_prefix("/root").ok()?.to_string_lossy().into_owned())
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
        ..ResolveOptions::default()
    }
}

/// The same files, with a link in `node_modules` for each package, as a package manager makes it.
struct Reference {
    texts: BTreeMap<PathBuf, String>,
    folders: BTreeSet<PathBuf>,
    links: BTreeMap<PathBuf, PathBuf>,
}

impl Default for Reference {
    fn default() -> Self {
        let files = FILES.iter().map(|path| (*path, "")).chain(MANIFESTS.iter().copied());
        let mut texts: BTreeMap<PathBuf, String> = files.map(|(path, text)| (Path::new("/root").join(path), text.to_owned())).collect();
        let mut links = BTreeMap::new();
        for (path, text) in MANIFESTS.iter().filter(|(path, _)| path.ends_with("/package.json")) {
            let package: serde_json::Value = serde_json::from_str(text).expect("the package.json of a test");
            let link = Path::new("/root/node_modules").join(package["name"].as_str().expect("its name"));
            links.insert(link, Path::new("/root").join(path).with_file_name(""));
        }
        // `oxc_resolver` takes no `extends` that leads nowhere; here it says nothing.
        for text in texts.values_mut() {
            *text = text.replace(r#", "@acme/not-given/tsconfig.json""#, "");
        }
        let folders = texts.keys().chain(links.keys()).flat_map(|path| path.ancestors().skip(1)).map(Path::to_path_buf).collect();
        Self { texts, folders, links }
    }
}

impl Reference {
    fn real(&self, path: &Path) -> PathBuf {
        let link = path.ancestors().find_map(|folder| Some((folder, self.links.get(folder)?)));
        link.map_or_else(
            || path.to_path_buf(),
            |(folder, target)| target.join(path.strip_prefix(folder).unwrap_or(path)).components().collect(),
        )
    }
}

impl FileSystem for Reference {
    fn new() -> Self {
        Self::default()
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.read_to_string(path).map(String::into_bytes)
    }

    fn read_to_string(&self, path: &Path) -> io::Result<String> {
        self.texts.get(&self.real(path)).cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn metadata(&self, path: &Path) -> io::Result<FileMetadata> {
        let real = self.real(path);
        match (self.texts.contains_key(&real), self.folders.contains(&real)) {
            (false, false) => Err(io::ErrorKind::NotFound.into()),
            (file, folder) => Ok(FileMetadata::new(file, folder, false)),
        }
    }

    fn symlink_metadata(&self, path: &Path) -> io::Result<FileMetadata> {
        if self.links.contains_key(path) { Ok(FileMetadata::new(false, false, true)) } else { self.metadata(path) }
    }

    fn read_link(&self, path: &Path) -> Result<PathBuf, ResolveError> {
        self.links.get(path).cloned().ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput).into())
    }

    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        Ok(self.real(path))
    }
}
