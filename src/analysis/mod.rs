//! The demand loop: a host offers paths, the analysis asks for the files it needs, and answers with a [`Report`].
//!
//! Reads as the pipeline: manifests → scan → lower what matters and what it imports → run start-up → run endpoints → rules → report.

mod errors;
mod live;
mod refresh;
mod render;

use crate::config::Config;
use crate::interpret::project::Project;
use crate::interpret::resolve::Resolution;
use crate::interpret::state::State;
use crate::interpret::{Interpreter, startup};
use crate::ir::ModuleIr;
use crate::report::Report;
use crate::sorted::sort_by;
use crate::{frameworks, rules, source};
use live::Live;
use rustc_hash::{FxHashMap, FxHashSet};
use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::rc::Rc;

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

/// One analysis of one project, for as long as the project is looked at: after an edit, [`Analysis::changed`], and the loop again.
#[derive(Default)]
pub struct Analysis {
    config: Rc<Config>,
    paths: Vec<String>,
    /// Those of them that are manifests.
    manifest_paths: Vec<String>,
    manifests: FxHashMap<String, Option<String>>,
    /// What the host said of each source file; stays when the project is run again.
    known: FxHashMap<String, Known>,
    /// Files in which the scan found no sign of a server.
    irrelevant: FxHashSet<String>,
    /// What was known of files that changed since.
    stale: FxHashMap<String, Known>,
    run: Run,
    live: Option<Live>,
    runs: u32,
    report: Option<Report>,
}

/// What the host said of a source file.
enum Known {
    /// Lowered, whether the scan or an import asked for it.
    Lowered(Rc<ModuleIr>),
    /// The scan found no sign of a server. An import may still ask for it.
    Irrelevant,
    Missing(String),
}

/// One pass from the paths to the report.
#[derive(Default)]
struct Run {
    project: Rc<Project>,
    began: bool,
    asked: FxHashSet<String>,
    /// Part of the run, their imports not yet followed.
    fresh: Vec<Rc<ModuleIr>>,
    /// Files that registered or may register endpoints.
    seeds: BTreeSet<String>,
    /// Files with an import that leads nowhere, once somebody has asked.
    unresolved: OnceCell<FxHashSet<String>>,
    /// Files that were asked for and that the host has not answered for.
    awaited: Vec<(String, Asked)>,
    rounds: u32,
    /// The rest of the packages that register endpoints was asked for: nothing else calls what they export.
    asked_importers: bool,
}

/// Why a file is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    /// It may hold a server.
    Scan,
    /// A framework finds it by its path.
    Entry,
    /// Other code needs it.
    Import,
}

impl Analysis {
    /// `config` is the parsed configuration file, JSON-shaped. Errors name the key and what was expected.
    pub fn new(config: Option<serde_json::Value>) -> Result<Self, String> {
        let names: Vec<&str> = rules::ALL.iter().map(|r| r.name).collect();
        let config = match config {
            Some(value) => Config::from_json(&value, &names)?,
            None => Config::default(),
        };
        Ok(Self { config: Rc::new(config), ..Self::default() })
    }

    /// All files of the project, relative to its root, with `/`. Given again, it says which files came and went.
    pub fn set_files(&mut self, mut files: Vec<String>) {
        sort_by(&mut files, Ord::cmp);
        if files == self.paths {
            return;
        }
        let is_there = |path: &String| files.binary_search(path).is_ok();
        self.known.retain(|path, known| is_there(path) && !matches!(known, Known::Missing(_)));
        self.manifests.retain(|path, text| is_there(path) && text.is_some());
        self.manifest_paths = files.iter().filter(|p| source::is_manifest(p)).cloned().collect();
        self.paths = files;
        self.start_over();
    }

    pub fn wants(&mut self) -> Wants {
        let manifests = self.manifest_paths.iter().filter(|p| !self.manifests.contains_key(*p));
        let wants = Wants { manifests: manifests.cloned().collect(), ..Wants::default() };
        if !wants.is_empty() {
            return wants;
        }
        if !self.stale.is_empty() {
            let wants = self.refresh();
            if !wants.is_empty() {
                return wants;
            }
        }
        if !self.run.began {
            self.begin();
        }
        loop {
            let wants = self.follow();
            if !wants.is_empty() || self.report.is_some() {
                return wants;
            }
            let demanded = self.execute();
            self.run.rounds += 1;
            let files: Vec<String> = demanded.into_iter().filter(|p| self.run.asked.insert(p.clone())).collect();
            if files.is_empty() || self.run.rounds >= MAX_ROUNDS {
                return Wants::default();
            }
            self.report = None;
            self.run.awaited.extend(files.into_iter().map(|path| (path, Asked::Import)));
        }
    }

    /// Asks for what may hold a server.
    fn begin(&mut self) {
        self.run.began = true;
        let mut project = Project::default();
        project.set_paths(self.paths.iter().cloned());
        project.set_manifests(self.manifests.iter().filter_map(|(path, text)| Some((path.clone(), text.clone()?))).collect());
        self.run.project = Rc::new(project);
        for path in self.paths.iter().filter(|p| is_candidate(&self.config, p)) {
            let entry = frameworks::ALL.iter().any(|f| f.is_entry(path));
            if entry {
                self.run.asked.insert(path.clone());
            }
            self.run.awaited.push((path.clone(), if entry { Asked::Entry } else { Asked::Scan }));
        }
    }

    /// Takes in what was asked for, and what that imports, as far as it is known. Answers with what is not.
    fn follow(&mut self) -> Wants {
        let mut wants = Wants::default();
        let mut unanswered = Vec::new();
        loop {
            for (path, why) in std::mem::take(&mut self.run.awaited) {
                match self.known.get(&path) {
                    // What an import asked for is known in full; it is no server's for that.
                    Some(_) if why == Asked::Scan && self.irrelevant.contains(&path) => {}
                    Some(Known::Lowered(ir)) => {
                        if self.run.asked.insert(path.clone()) || why == Asked::Entry {
                            self.run.seeds.insert(path);
                        }
                        self.run.project.add(Rc::clone(ir));
                        self.run.unresolved.take();
                        self.run.fresh.push(Rc::clone(ir));
                    }
                    Some(Known::Missing(_)) => self.run.project.fail(&path),
                    None if why == Asked::Scan => {
                        wants.scan.push(path.clone());
                        unanswered.push((path, why));
                    }
                    Some(Known::Irrelevant) | None => {
                        wants.files.push(path.clone());
                        unanswered.push((path, why));
                    }
                }
            }
            // What is imported before all candidates are known would pass for a candidate that the scan found.
            if !unanswered.is_empty() {
                self.run.awaited = unanswered;
                return wants;
            }
            let imports = self.imports();
            if imports.is_empty() {
                return wants;
            }
            self.run.awaited.extend(imports.into_iter().map(|path| (path, Asked::Import)));
        }
    }

    /// The files that newly lowered ones import.
    fn imports(&mut self) -> Vec<String> {
        let mut files = Vec::new();
        for ir in std::mem::take(&mut self.run.fresh) {
            for request in &ir.requests {
                if let Resolution::File(path) = self.run.project.resolve(&ir.path, ir.str(*request))
                    && source::is_source(&path)
                    && !path.contains("node_modules/")
                    && self.run.asked.insert(path.clone())
                {
                    files.push(path);
                }
            }
        }
        files
    }

    pub fn give_text(&mut self, path: &str, bytes: &[u8]) {
        self.manifests.insert(path.to_owned(), Some(String::from_utf8_lossy(bytes).into_owned()));
    }

    /// The answer of [`lower`]: `None` where the scan found nothing.
    pub fn give_ir(&mut self, path: &str, ir: Option<&[u8]>) {
        let known = match ir.map(postcard::from_bytes::<ModuleIr>) {
            None => {
                self.irrelevant.insert(path.to_owned());
                Known::Irrelevant
            }
            Some(Ok(ir)) => Known::Lowered(Rc::new(ir)),
            Some(Err(_)) => Known::Missing("its intermediate representation is damaged".to_owned()),
        };
        self.known.insert(path.to_owned(), known);
    }

    /// The host could not bring this file; `why` is shown to the user.
    pub fn missing(&mut self, path: &str, why: &str) {
        if source::is_manifest(path) {
            self.manifests.insert(path.to_owned(), None);
        }
        self.known.insert(path.to_owned(), Known::Missing(why.to_owned()));
    }

    /// Files of the packages that register endpoints by code, in which the callers of what they export may stand.
    fn possible_importers(&self) -> Vec<String> {
        let Run { project, seeds, asked, .. } = &self.run;
        let folder_of = |path: &str| {
            let mut folder = source::folder(path);
            loop {
                let manifest = if folder.is_empty() { "package.json".to_owned() } else { format!("{folder}/package.json") };
                if folder.is_empty() || project.contains(&manifest) {
                    return folder.to_owned();
                }
                folder = source::folder(folder);
            }
        };
        let mut packages: BTreeSet<String> = BTreeSet::new();
        packages.extend(seeds.iter().filter(|p| !frameworks::ALL.iter().any(|f| f.is_entry(p))).map(|p| folder_of(p)));
        project
            .paths()
            .filter(|p| matches!(source::extension(p), "js" | "mjs" | "cjs" | "ts" | "mts" | "cts"))
            .filter(|p| is_candidate(&self.config, p) && !asked.contains(*p))
            .filter(|p| packages.contains(&folder_of(p)))
            .take(MAX_IMPORTERS)
            .map(str::to_owned)
            .collect()
    }

    /// Runs the project as far as it is known, and keeps the report. Answers with the files that code asked for and that are not lowered.
    fn execute(&mut self) -> BTreeSet<String> {
        let run = &self.run;
        let mut interpreter = Interpreter::new(Rc::clone(&run.project), Rc::clone(&self.config), frameworks::ALL);
        let mut state = State::default();
        let uncalled = startup::run(&mut interpreter, &mut state, &run.project, &run.seeds);
        let mut demanded = std::mem::take(&mut interpreter.demanded);
        let asks_importers = uncalled && !run.asked_importers;
        if asks_importers {
            demanded.extend(self.possible_importers());
        }
        let more = !demanded.is_empty() && run.rounds + 1 < MAX_ROUNDS && demanded.iter().any(|p| !run.asked.contains(p));
        if !more {
            self.runs += 1;
            let mut live = Live::new(interpreter, state);
            self.report = Some(self.judge(&mut live));
            self.live = Some(live);
        }
        self.run.asked_importers |= asks_importers;
        demanded
    }

    /// Runs the endpoints that are not judged yet.
    fn judge(&self, live: &mut Live) -> Report {
        let endpoints = live.endpoints(&self.config);
        let project = &self.run.project;
        let stats = crate::report::Stats {
            files: self.paths.len() as u32,
            parsed: project.irs().len() as u32,
            endpoints: endpoints.len() as u32,
            ms: 0,
        };
        render::report(live.interpreter(), project, &self.config, &endpoints, self.errors(), stats)
    }

    /// How often the project was run from the start, and not only where an edit concerned it.
    pub fn runs(&self) -> u32 {
        self.runs
    }

    pub fn report(&mut self) -> &Report {
        if self.report.is_none() {
            self.execute();
        }
        self.report.get_or_insert_with(render::empty)
    }
}

/// Whether a file may belong to the server.
fn is_candidate(config: &Config, path: &str) -> bool {
    source::is_source(path) && !source::is_test_or_generated(path) && !config.ignores(path)
}

/// Analyses files that are all at hand: the demand loop for tests and other in-memory uses.
pub fn analyse<'a>(files: impl IntoIterator<Item = (&'a str, &'a [u8])>, config: Option<serde_json::Value>) -> Result<Report, String> {
    let files: std::collections::BTreeMap<&str, &[u8]> = files.into_iter().collect();
    let mut analysis = Analysis::new(config)?;
    analysis.set_files(files.keys().map(ToString::to_string).collect());
    loop {
        let wants = analysis.wants();
        if wants.is_empty() {
            return Ok(analysis.report().clone());
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
