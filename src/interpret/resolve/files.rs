//! The files that specifiers are looked up in: paths that the host gave, texts of manifests, and a link per workspace package.
//!
//! ```text
//! /root/node_modules/@acme/auth → /root/packages/auth
//! ```

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::Value;
use std::cell::RefCell;
use std::rc::Rc;

/// A file that counts does not say what it must: nothing further may be tried.
#[derive(Debug)]
pub struct Stop;

/// A path, nothing (then something else may be tried), or the end.
pub type Found = Result<Option<String>, Stop>;

/// All paths are absolute, with `/`, and without one at the end.
#[derive(Default)]
pub struct Files {
    pub files: FxHashSet<String>,
    pub folders: FxHashSet<String>,
    pub texts: FxHashMap<String, String>,
    pub links: FxHashMap<String, String>,
    packages: RefCell<FxHashMap<String, Option<Rc<Value>>>>,
}

impl Files {
    pub fn add_folders(&mut self, path: &str) {
        let mut folder = crate::source::folder(path);
        while !folder.is_empty() && self.folders.insert(folder.to_owned()) {
            folder = crate::source::folder(folder);
        }
    }

    /// The path behind the links on the way.
    pub fn real(&self, path: &str) -> String {
        match folders(path).find_map(|folder| self.links.get(folder).map(|target| (folder, target))) {
            Some((folder, target)) => format!("{target}{}", &path[folder.len()..]),
            None => path.to_owned(),
        }
    }

    pub fn is_file(&self, path: &str) -> bool {
        self.files.contains(&self.real(path))
    }

    pub fn is_folder(&self, path: &str) -> bool {
        self.folders.contains(&self.real(path))
    }

    pub fn text(&self, path: &str) -> Option<&str> {
        self.texts.get(&self.real(path)).map(String::as_str)
    }

    /// The `package.json` of a folder, where it has one.
    pub fn package(&self, folder: &str) -> Result<Option<Rc<Value>>, Stop> {
        let path = self.real(&format!("{folder}/package.json"));
        let Some(text) = self.texts.get(&path) else { return Ok(None) };
        if let Some(parsed) = self.packages.borrow().get(&path) {
            return parsed.clone().map(Some).ok_or(Stop);
        }
        let parsed: Option<Rc<Value>> = serde_json::from_str(text.trim_start_matches('\u{feff}')).ok().map(Rc::new);
        self.packages.borrow_mut().insert(path, parsed.clone());
        parsed.map(Some).ok_or(Stop)
    }

    /// The nearest `package.json` from a folder upwards, and its folder.
    pub fn package_around<'f>(&self, folder: &'f str) -> Result<Option<(&'f str, Rc<Value>)>, Stop> {
        for folder in folders(folder) {
            if let Some(package) = self.package(folder)? {
                return Ok(Some((folder, package)));
            }
        }
        Ok(None)
    }
}

/// The path itself and those above it, without the root of the file system.
pub fn folders(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(path), |path| Some(crate::source::folder(path))).take_while(|path| !path.is_empty())
}

/// `/a/b` and `../c` → `/a/c`. What is absolute already stays where it is.
pub fn joined(folder: &str, path: &str) -> String {
    let absolute = if path.starts_with('/') { path.to_owned() } else { format!("{folder}/{path}") };
    format!("/{}", crate::interpret::project::normalise(&absolute).trim_end_matches('/'))
}
