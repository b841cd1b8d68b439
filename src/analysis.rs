//! The demand loop: a host offers paths, the analysis asks for the files it needs, and answers with a [`Report`].

use crate::report::{Findings, Inventory, Report, Stats};

/// What the host should bring next.
#[derive(Debug, Default, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Wants {
    /// `package.json`, `tsconfig.json` and the like: give their text.
    pub manifests: Vec<String>,
    /// Candidates: lower them with `scan = true`, and give the IR of those that matter.
    pub scan: Vec<String>,
    /// Files that something imports: lower them with `scan = false`.
    pub files: Vec<String>,
}

impl Wants {
    pub fn is_empty(&self) -> bool {
        self.manifests.is_empty() && self.scan.is_empty() && self.files.is_empty()
    }
}

/// Lowers one file to its serialised IR. With `scan`, a file that holds no sign of a server gives `None`.
pub fn lower(_path: &str, _bytes: &[u8], _scan: bool) -> Option<Vec<u8>> {
    None
}

/// One analysis of one project.
#[derive(Default)]
pub struct Analysis {
    files: Vec<String>,
}

impl Analysis {
    /// `config` is the parsed configuration file, JSON-shaped. Errors name the key and what was expected.
    pub fn new(_config: Option<serde_json::Value>) -> Result<Self, String> {
        Ok(Self::default())
    }

    /// All files of the project, relative to its root, with `/`.
    pub fn set_files(&mut self, files: Vec<String>) {
        self.files = files;
    }

    pub fn wants(&mut self) -> Wants {
        Wants::default()
    }

    pub fn give_text(&mut self, _path: &str, _bytes: &[u8]) {}

    /// The answer of [`lower`]: `None` where the scan found nothing.
    pub fn give_ir(&mut self, _path: &str, _ir: Option<&[u8]>) {}

    /// The host could not bring this file; `why` is shown to the user.
    pub fn missing(&mut self, _path: &str, _why: &str) {}

    pub fn report(&mut self) -> Report {
        Report {
            inventory: Inventory { schema: "authlint/routes@1", root: ".".into(), endpoints: Vec::new(), unknown: Vec::new() },
            findings: Findings { schema: "authlint/findings@1", findings: Vec::new(), errors: Vec::new(), stats: Stats::default() },
        }
    }
}

/// Analyses files that are all at hand: the demand loop for tests and other in-memory uses.
pub fn analyse<'a>(files: impl IntoIterator<Item = (&'a str, &'a [u8])>, config: Option<serde_json::Value>) -> Result<Report, String> {
    let files: std::collections::BTreeMap<&str, &[u8]> = files.into_iter().collect();
    let mut analysis = Analysis::new(config)?;
    analysis.set_files(files.keys().map(ToString::to_string).collect());
    loop {
        let wants = analysis.wants();
        if wants.is_empty() {
            return Ok(analysis.report());
        }
        for path in &wants.manifests {
            match files.get(path.as_str()) {
                Some(bytes) => analysis.give_text(path, bytes),
                None => analysis.missing(path, "no such file"),
            }
        }
        for (paths, scan) in [(&wants.scan, true), (&wants.files, false)] {
            for path in paths {
                match files.get(path.as_str()) {
                    Some(bytes) => analysis.give_ir(path, lower(path, bytes, scan).as_deref()),
                    None => analysis.missing(path, "no such file"),
                }
            }
        }
    }
}
