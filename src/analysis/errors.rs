//! What is wrong with the input: the rest is analysed all the same.
//!
//! ```js
//! import { guard } from './gaurd'   // index.js:1 `./gaurd` is imported, and there is no such file in the project
//! ```

use super::{Analysis, Known};
use crate::interpret::project::Project;
use crate::interpret::resolve::Resolution;
use crate::ir::ModuleIr;
use crate::report::ErrorRow;
use crate::sorted::SortedSet;
use crate::source;
use std::rc::Rc;

impl Analysis {
    /// What is wrong with the files of the run.
    pub(super) fn errors(&self) -> Vec<ErrorRow> {
        let mut errors: SortedSet<ErrorRow> = SortedSet::default();
        let project = &self.run.project;
        // An edit that the run survives changes no import.
        let unresolved = self.run.unresolved.get_or_init(|| {
            let leads_nowhere = |ir: &&Rc<ModuleIr>| ir.requests.iter().any(|r| is_missing(project, &ir.path, ir.str(*r)));
            project.irs().iter().filter(leads_nowhere).map(|ir| ir.path.clone()).collect()
        });
        for ir in project.irs() {
            let mut add = |line, message: &str, import: Option<&str>| {
                errors.insert(ErrorRow { file: ir.path.clone(), line, message: message.to_owned(), import: import.map(str::to_owned) })
            };
            for error in &ir.errors {
                add(ir.lines.line(error.offset), &error.message, None);
            }
            for directive in ir.directives.iter().filter(|d| d.reason.is_empty()) {
                add(directive.line, "`authlint-public` needs a reason: `// authlint-public: why anyone may call this`", None);
            }
            if !unresolved.contains(&ir.path) {
                continue;
            }
            for (request, offset) in ir.requests.iter().zip(&ir.request_offsets) {
                let specifier = ir.str(*request);
                if is_missing(project, &ir.path, specifier) {
                    let message = format!("`{specifier}` is imported, and there is no such file in the project");
                    add(ir.lines.line(*offset), &message, Some(specifier));
                }
            }
        }
        for (path, known) in &self.known {
            if let Known::Missing(why) = known {
                errors.insert(ErrorRow { file: path.clone(), line: 1, message: why.clone(), import: None });
            }
        }
        errors.into_iter().collect()
    }
}

/// Whether an import of code by its path leads nowhere. Styles, pictures and data are nobody's code.
fn is_missing(project: &Project, importer: &str, specifier: &str) -> bool {
    let extension = source::extension(specifier);
    specifier.starts_with('.')
        && (extension.len() > 4 || extension.is_empty() || source::EXTENSIONS.contains(&extension))
        && matches!(project.resolve(importer, specifier), Resolution::Missing)
}
