//! Files of its own that a server finds by looking into its folders.
//!
//! ```js
//! for (const name of fs.readdirSync(__dirname)) require(`./${name}`)(app)
//! glob.sync('./routes/**/*.js').forEach((file) => require(path.resolve(file))(app))
//! const controllers = autoload(path.join(__dirname, 'controllers'))    // by the names of files and folders
//! ```

use super::Interpreter;
use super::object::{Kind, Object, Site};
use super::state::State;
use super::value::Value;
use crate::knowledge::regex::Regex;
use crate::source;

impl Interpreter<'_> {
    pub(super) fn read_own_files(&mut self, state: &mut State, site: Site, name: &str, args: &[Value]) -> Option<Value> {
        let path = |this: &Self| args.iter().find_map(|a| this.values.as_text(*a)).map(str::to_owned);
        match name {
            "fs.readdirSync" | "node:fs.readdirSync" => {
                let names = self.project.list(path(self)?.trim_start_matches('/'))?;
                Some(self.list_of(state, names))
            }
            "glob.sync" | "glob.globSync" | "fast-glob.sync" | "fast-glob.globSync" | "globby.sync" | "globby.globbySync" => {
                let pattern = path(self)?;
                let paths = self.matching_files(site, &pattern)?;
                Some(self.list_of(state, paths))
            }
            "auto-load" | "require-dir" | "require-all" | "require-directory" | "requireindex" => {
                let folder = path(self)?;
                let folder = match folder.strip_prefix('/') {
                    Some(absolute) => absolute.to_owned(),
                    None => super::project::normalise(&format!("{}/{folder}", source::folder(self.path_of(site.module)))),
                };
                self.modules_of(state, folder.trim_end_matches('/'), 4)
            }
            _ => None,
        }
    }

    fn list_of(&mut self, state: &mut State, texts: Vec<String>) -> Value {
        let items = texts.iter().map(|text| self.values.string(text)).collect();
        Value::Object(self.allocate(state, Object::new(Kind::Array { items, open: false })))
    }

    /// The files that a glob pattern names, from the root, or from the package's own folder, where the process starts.
    fn matching_files(&self, site: Site, pattern: &str) -> Option<Vec<String>> {
        let mut folder = source::folder(self.path_of(site.module));
        while !folder.is_empty() && !self.project.contains(&format!("{folder}/package.json")) {
            folder = source::folder(folder);
        }
        let folders = if pattern.starts_with('/') { vec![""] } else { vec!["", folder] };
        folders.into_iter().find_map(|folder| {
            let from = super::project::normalise(&format!("{folder}/{pattern}"));
            let regex = Regex::new(&expression(&from), "")?;
            let paths: Vec<String> =
                self.project.paths().filter(|p| source::is_source(p) && regex.is_match(p)).take(500).map(|p| format!("/{p}")).collect();
            (!paths.is_empty()).then_some(paths)
        })
    }

    /// What the modules of a folder export, by their names.
    fn modules_of(&mut self, state: &mut State, folder: &str, depth: u32) -> Option<Value> {
        let names = self.project.list(folder)?;
        let object = self.allocate(state, Object::new(Kind::Plain));
        for name in names {
            let path = format!("{folder}/{name}");
            let value = if !self.project.contains(&path) {
                if depth == 0 {
                    continue;
                }
                self.modules_of(state, &path, depth - 1)?
            } else if !source::is_source(&path) {
                continue;
            } else if let Some(module) = self.load(state, &path) {
                self.evaluate_module(state, module);
                self.namespace(state, module)
            } else {
                self.demanded.insert(path);
                continue;
            };
            let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
            self.set_field(state, object, stem, value);
        }
        Some(Value::Object(object))
    }
}

/// A glob pattern as a regular expression.
fn expression(glob: &str) -> String {
    let mut out = String::from("^");
    let mut rest = glob;
    let mut braces = 0;
    while let Some(c) = rest.chars().next() {
        braces += i32::from(c == '{') - i32::from(c == '}');
        let (piece, length) = match c {
            '*' if rest.starts_with("**/") => ("(?:.*/)?", 3),
            '*' if rest.starts_with("**") => (".*", 2),
            '*' => ("[^/]*", 1),
            '?' => ("[^/]", 1),
            '{' => ("(?:", 1),
            '}' => (")", 1),
            ',' if braces > 0 => ("|", 1),
            '.' | '(' | ')' | '[' | ']' | '+' | '$' | '^' | '|' | '\\' => {
                out.push('\\');
                (&rest[..1], 1)
            }
            c => (&rest[..c.len_utf8()], c.len_utf8()),
        };
        out.push_str(piece);
        rest = &rest[length..];
    }
    out.push('$');
    out
}
