//! The demand loop: a host offers paths, the analysis asks for the files it needs, and answers with a [`Report`].
//!
//! Reads as the pipeline: manifests → scan → lower what matters and what it imports → run start-up → run endpoints → rules → report.

mod render;

use crate::config::Config;
use crate::endpoints::Endpoint;
use crate::interpret::project::Project;
use crate::interpret::resolve::Resolution;
use crate::interpret::state::State;
use crate::interpret::{Interpreter, startup};
use crate::ir::ModuleIr;
use crate::report::{ErrorRow, Report};
use crate::{frameworks, rules, source};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeSet;

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
pub fn lower(path: &str, bytes: &[u8], scan: bool) -> Option<Vec<u8>> {
    if scan && !crate::lower::mentions_server(bytes, packages()) {
        return None;
    }
    postcard::to_allocvec(&crate::lower::lower(path, bytes)).ok()
}

fn packages() -> &'static [&'static str] {
    static PACKAGES: std::sync::OnceLock<Vec<&'static str>> = std::sync::OnceLock::new();
    PACKAGES.get_or_init(|| frameworks::ALL.iter().flat_map(|f| f.packages().iter().copied()).collect())
}

/// How often the project is run again because code asked for files at run time.
const MAX_ROUNDS: u32 = 3;

/// How many further files are read in search of callers.
const MAX_IMPORTERS: usize = 2_000;

/// One analysis of one project.
#[derive(Default)]
pub struct Analysis {
    config: Config,
    project: Project,
    files: u32,
    parsed: u32,
    manifests: FxHashMap<String, String>,
    asked_manifests: bool,
    asked_scan: bool,
    asked: FxHashSet<String>,
    /// Lowered, its imports not yet followed.
    fresh: Vec<std::rc::Rc<ModuleIr>>,
    /// Files that registered or may register endpoints.
    seeds: BTreeSet<String>,
    errors: BTreeSet<ErrorRow>,
    rounds: u32,
    /// The rest of the packages that register endpoints was asked for: nothing else calls what they export.
    asked_importers: bool,
    report: Option<Report>,
}

impl Analysis {
    /// `config` is the parsed configuration file, JSON-shaped. Errors name the key and what was expected.
    pub fn new(config: Option<serde_json::Value>) -> Result<Self, String> {
        let names: Vec<&str> = rules::ALL.iter().map(|r| r.name).collect();
        let config = match config {
            Some(value) => Config::from_json(&value, &names)?,
            None => Config::default(),
        };
        Ok(Self { config, ..Self::default() })
    }

    /// All files of the project, relative to its root, with `/`.
    pub fn set_files(&mut self, files: Vec<String>) {
        self.files = files.len() as u32;
        self.project.set_paths(files);
    }

    pub fn wants(&mut self) -> Wants {
        if !self.asked_manifests {
            self.asked_manifests = true;
            let manifests: Vec<String> = self.project.paths().filter(|p| source::is_manifest(p)).map(str::to_owned).collect();
            if !manifests.is_empty() {
                return Wants { manifests, ..Wants::default() };
            }
        }
        if !self.asked_scan {
            self.asked_scan = true;
            self.project.set_manifests(std::mem::take(&mut self.manifests));
            let mut wants = Wants::default();
            for path in self.project.paths().filter(|p| source::is_source(p) && !source::is_test_or_generated(p) && !self.config.ignores(p))
            {
                let entry = frameworks::ALL.iter().any(|f| f.is_entry(path));
                if entry { wants.files.push(path.to_owned()) } else { wants.scan.push(path.to_owned()) }
            }
            self.seeds.extend(wants.files.iter().cloned());
            self.asked.extend(wants.files.iter().cloned());
            if !wants.is_empty() {
                return wants;
            }
        }
        let files = self.imports();
        if !files.is_empty() {
            return Wants { files, ..Wants::default() };
        }
        if self.report.is_none() {
            let demanded = self.run();
            self.rounds += 1;
            let files: Vec<String> = demanded.into_iter().filter(|p| self.asked.insert(p.clone())).collect();
            if !files.is_empty() && self.rounds < MAX_ROUNDS {
                self.report = None;
                return Wants { files, ..Wants::default() };
            }
        }
        Wants::default()
    }

    /// The files that newly lowered ones import.
    fn imports(&mut self) -> Vec<String> {
        let mut files = Vec::new();
        for ir in std::mem::take(&mut self.fresh) {
            for request in &ir.requests {
                if let Resolution::File(path) = self.project.resolve(&ir.path, ir.str(*request))
                    && source::is_source(&path)
                    && !path.contains("node_modules/")
                    && self.asked.insert(path.clone())
                {
                    files.push(path);
                }
            }
        }
        files
    }

    pub fn give_text(&mut self, path: &str, bytes: &[u8]) {
        self.manifests.insert(path.to_owned(), String::from_utf8_lossy(bytes).into_owned());
    }

    /// The answer of [`lower`]: `None` where the scan found nothing.
    pub fn give_ir(&mut self, path: &str, ir: Option<&[u8]>) {
        let Some(bytes) = ir else { return };
        let Ok(ir) = postcard::from_bytes::<ModuleIr>(bytes) else {
            self.missing(path, "its intermediate representation is damaged");
            return;
        };
        self.parsed += 1;
        for error in &ir.errors {
            self.errors.insert(ErrorRow { file: path.to_owned(), line: ir.lines.line(error.offset), message: error.message.clone() });
        }
        for directive in ir.directives.iter().filter(|d| d.reason.is_empty()) {
            self.errors.insert(ErrorRow {
                file: path.to_owned(),
                line: directive.line,
                message: "`authlint-public` needs a reason: `// authlint-public: why anyone may call this`".into(),
            });
        }
        if self.asked.insert(path.to_owned()) {
            self.seeds.insert(path.to_owned());
        }
        self.project.add(ir);
        if let Some(ir) = self.project.ir(path) {
            self.fresh.push(ir);
        }
    }

    /// The host could not bring this file; `why` is shown to the user.
    pub fn missing(&mut self, path: &str, why: &str) {
        self.project.fail(path);
        self.errors.insert(ErrorRow { file: path.to_owned(), line: 1, message: why.to_owned() });
    }

    /// Files of the packages that register endpoints by code, in which the callers of what they export may stand.
    fn possible_importers(&self) -> Vec<String> {
        let folder_of = |path: &str| {
            let mut folder = source::folder(path);
            loop {
                let manifest = if folder.is_empty() { "package.json".to_owned() } else { format!("{folder}/package.json") };
                if folder.is_empty() || self.project.contains(&manifest) {
                    return folder.to_owned();
                }
                folder = source::folder(folder);
            }
        };
        let mut packages: BTreeSet<String> = BTreeSet::new();
        packages.extend(self.seeds.iter().filter(|p| !frameworks::ALL.iter().any(|f| f.is_entry(p))).map(|p| folder_of(p)));
        self.project
            .paths()
            .filter(|p| matches!(source::extension(p), "js" | "mjs" | "cjs" | "ts" | "mts" | "cts"))
            .filter(|p| source::is_source(p) && !source::is_test_or_generated(p) && !self.config.ignores(p) && !self.asked.contains(*p))
            .filter(|p| packages.contains(&folder_of(p)))
            .take(MAX_IMPORTERS)
            .map(str::to_owned)
            .collect()
    }

    /// Runs the project as far as it is known, and keeps the report. Answers with the files that code asked for and that are not lowered.
    fn run(&mut self) -> BTreeSet<String> {
        let mut interpreter = Interpreter::new(&self.project, &self.config, frameworks::ALL);
        let mut state = State::default();
        let uncalled = startup::run(&mut interpreter, &mut state, &self.project, &self.seeds);
        let mut demanded = std::mem::take(&mut interpreter.demanded);
        if uncalled && !self.asked_importers {
            self.asked_importers = true;
            demanded.extend(self.possible_importers());
        }
        if !demanded.is_empty() && self.rounds + 1 < MAX_ROUNDS && demanded.iter().any(|p| !self.asked.contains(p)) {
            return demanded;
        }
        let mut routes = Vec::new();
        for framework in frameworks::ALL {
            routes.extend(framework.routes(&mut interpreter, &mut state));
        }
        let endpoints: Vec<Endpoint> = crate::endpoints::endpoints(&mut interpreter, &state, routes, &self.config);
        let stats = crate::report::Stats { files: self.files, parsed: self.parsed, endpoints: endpoints.len() as u32, ms: 0 };
        self.report =
            Some(render::report(&interpreter, &self.project, &self.config, &endpoints, self.errors.iter().cloned().collect(), stats));
        demanded
    }

    pub fn report(&mut self) -> Report {
        match &self.report {
            Some(report) => report.clone(),
            None => {
                self.run();
                self.report.clone().unwrap_or_else(render::empty)
            }
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
