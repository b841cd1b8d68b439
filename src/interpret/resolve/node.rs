//! How Node finds a module, with the endings that TypeScript and bundlers add.
//!
//! ```ts
//! import './routes'           // routes.ts, routes.js, routes/index.ts
//! import './routes.js'        // routes.ts
//! import '@acme/auth/guard'   // node_modules/@acme/auth: what its package.json says of ./guard
//! import '#db'                // `imports` of the package.json around
//! ```

use super::exports::{self, Target};
use super::files::{Files, Found, Stop, folders, joined};

/// What is tried, in order.
pub struct Options {
    pub extensions: &'static [&'static str],
    /// The endings of sources that an import may name by the ending of what is compiled from them.
    pub compiled: &'static [(&'static str, &'static [&'static str])],
    pub index: &'static str,
    pub conditions: &'static [&'static str],
    pub main_fields: &'static [&'static str],
}

/// For `import` and `require`.
pub const MODULES: Options = Options {
    extensions: &[".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".json", ".vue", ".svelte", ".astro"],
    compiled: &[
        (".js", &[".ts", ".tsx", ".js", ".jsx"]),
        (".mjs", &[".mts", ".mjs"]),
        (".cjs", &[".cts", ".cjs"]),
        (".jsx", &[".tsx", ".jsx"]),
    ],
    index: "index",
    conditions: &["node", "import", "require", "default", "development", "source", "types"],
    main_fields: &["source", "module", "main", "types"],
};

/// For `extends` of a `tsconfig.json`.
pub const CONFIGURATIONS: Options =
    Options { extensions: &[".json"], compiled: &[], index: "tsconfig", conditions: &["node", "import"], main_fields: &["main"] };

/// Folders that builds write to.
const BUILT: [&str; 4] = ["/dist/", "/build/", "/lib/", "/out/"];

/// One resolution after the other, over the same files.
pub struct Search<'f> {
    pub files: &'f Files,
    pub options: &'static Options,
}

impl Search<'_> {
    /// The file that a specifier means in a module of `folder`.
    pub fn resolve(&self, folder: &str, specifier: &str) -> Option<String> {
        let found = self.module(folder, specifier).ok().flatten().or_else(|| {
            // `./file#part`: the name itself may have a `#`, so that is tried first.
            let at = specifier.get(1..)?.find('#')? + 1;
            self.module(folder, &specifier[..at]).ok().flatten()
        })?;
        Some(self.files.real(&found))
    }

    fn module(&self, folder: &str, specifier: &str) -> Found {
        let first = specifier.split('/').next().unwrap_or_default();
        match first {
            "" | "." | ".." => self.file_or_folder(&joined(folder, specifier), specifier == "." || specifier.ends_with('/')),
            _ if first.starts_with('#') => self.import(folder, specifier),
            _ => self.bare(folder, specifier),
        }
    }

    fn file_or_folder(&self, path: &str, only_folder: bool) -> Found {
        if !only_folder && let Some(found) = self.file(path) {
            return Ok(Some(found));
        }
        if self.files.is_folder(path) { self.folder(path) } else { Ok(None) }
    }

    fn file(&self, path: &str) -> Option<String> {
        let of_compiled = self.options.compiled.iter().find_map(|(compiled, sources)| {
            let stem = path.strip_suffix(compiled).filter(|stem| !stem.ends_with('/'))?;
            self.first_file(stem, sources)
        });
        of_compiled.or_else(|| self.files.is_file(path).then(|| path.to_owned())).or_else(|| self.first_file(path, self.options.extensions))
    }

    fn first_file(&self, stem: &str, extensions: &[&str]) -> Option<String> {
        extensions.iter().map(|extension| format!("{stem}{extension}")).find(|path| self.files.is_file(path))
    }

    fn folder(&self, path: &str) -> Found {
        if let Some(package) = self.files.package(path)? {
            for field in self.options.main_fields {
                if let Some(main) = package.get(field).and_then(|main| main.as_str()) {
                    let main = joined(path, main.trim_start_matches('/'));
                    if let Some(found) = self.file(&main).or_else(|| self.index(&main)).or_else(|| self.source_of(&main)) {
                        return Ok(Some(found));
                    }
                }
            }
        }
        Ok(self.index(path))
    }

    fn index(&self, path: &str) -> Option<String> {
        self.first_file(&format!("{path}/{}", self.options.index), self.options.extensions)
    }

    /// `#db`: Node's `LOAD_PACKAGE_IMPORTS`.
    pub fn import(&self, folder: &str, specifier: &str) -> Found {
        let Some((folder, package)) = self.files.package_around(folder)? else { return Ok(None) };
        let Some(imports) = package.get("imports").and_then(|imports| imports.as_object()) else { return Ok(None) };
        match exports::matched(folder, specifier, imports, true, self.options.conditions)? {
            Some(Target::Package(specifier)) => self.bare(folder, &specifier),
            Some(Target::Path(path)) => self.target(&path),
            None => Err(Stop),
        }
    }

    /// What `exports` promise must be there. It may be a folder, though Node knows only files.
    fn target(&self, path: &str) -> Found {
        self.file_or_folder(path, false)?.or_else(|| self.source_of(path)).map(Some).ok_or(Stop)
    }

    /// The source of a file that a workspace's build would make: `dist/esm/a.js` of `src/a.ts`, `dist/src/a.d.ts` too.
    fn source_of(&self, path: &str) -> Option<String> {
        let stem = [".d.ts", ".d.mts", ".d.cts", ".js", ".mjs", ".cjs"].iter().find_map(|e| path.strip_suffix(e)).unwrap_or(path);
        BUILT.iter().find_map(|built| {
            let (package, inner) = stem.rsplit_once(built)?;
            let within = inner.split_once('/').map_or("", |(_, within)| within);
            [format!("src/{inner}"), inner.to_owned(), format!("src/{within}")].iter().find_map(|inner| {
                let path = format!("{package}/{inner}");
                self.first_file(&path, self.options.extensions).or_else(|| self.index(path.trim_end_matches('/')))
            })
        })
    }

    /// A package by its name: the one that the module is part of, or one in `node_modules`.
    pub fn bare(&self, folder: &str, specifier: &str) -> Found {
        let (name, subpath) = split(specifier);
        let subpath = format!(".{subpath}");
        if let Some((folder, package)) = self.files.package_around(folder)?
            && package.get("name").and_then(|own| own.as_str()) == Some(name)
            && let Some(exports) = package.get("exports")
            && let Target::Path(path) = exports::export(folder, &subpath, exports, self.options.conditions)?
        {
            return self.target(&path);
        }
        for folder in folders(folder) {
            let modules = format!("{folder}/node_modules");
            if !self.files.is_folder(&modules) {
                continue;
            }
            let package = joined(&modules, name);
            if self.files.is_folder(&package) {
                if let Some(manifest) = self.files.package(&package)?
                    && let Some(exports) = manifest.get("exports")
                    && let Target::Path(path) = exports::export(&package, &subpath, exports, self.options.conditions)?
                {
                    return self.target(&path);
                }
            } else if subpath != "." {
                continue;
            }
            let found = self.file_or_folder(&joined(&modules, specifier), specifier == name || specifier.ends_with('/'))?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }
}

/// `@acme/auth/guard` → `@acme/auth` and `/guard`.
fn split(specifier: &str) -> (&str, &str) {
    let scope = if specifier.starts_with('@') { specifier.find('/').map_or(0, |at| at + 1) } else { 0 };
    let end = specifier[scope..].find('/').map_or(specifier.len(), |at| scope + at);
    specifier.split_at(end)
}
