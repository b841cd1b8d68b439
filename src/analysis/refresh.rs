//! After an edit: what is asked for again, and whether the run before is still good for something.
//!
//! ```js
//! export async function GET(req) { … }   // the body changed: one endpoint is judged again
//! import { guard } from './guard'        // added: the project is run again, of what is lowered already
//! ```

use super::live::Change;
use super::{Analysis, Known, Run, Wants, is_candidate};
use crate::{frameworks, source};

impl Analysis {
    /// These files' contents are not what they were.
    pub fn changed<'a>(&mut self, paths: impl IntoIterator<Item = &'a str>) {
        for path in paths {
            if self.manifests.remove(path).is_some() {
                self.start_over();
            }
            self.irrelevant.remove(path);
            if let Some(known) = self.known.remove(path) {
                // Changed twice before anybody looked: what was run is the older one.
                self.stale.entry(path.to_owned()).or_insert(known);
            }
        }
        if self.live.is_none() && !self.stale.is_empty() {
            self.start_over();
        }
    }

    pub(super) fn start_over(&mut self) {
        self.run = Run::default();
        self.live = None;
        self.report = None;
        self.stale.clear();
    }

    /// Whether a file is a server's only if its text says so.
    fn is_scanned(&self, path: &str) -> bool {
        is_candidate(&self.config, path) && !frameworks::ALL.iter().any(|f| f.is_entry(path))
    }

    /// Whether what a file says of itself makes it part of the project for the same reason as before.
    fn is_as_relevant(&self, path: &str) -> bool {
        !self.is_scanned(path) || self.run.seeds.contains(path) != self.irrelevant.contains(path)
    }

    /// Fits what changed into what is there, or starts over. Answers with what has to be known first.
    pub(super) fn refresh(&mut self) -> Wants {
        let mut wants = Wants::default();
        for (path, old) in &self.stale {
            match self.known.get(path) {
                None if source::is_manifest(path) => {}
                None if self.is_scanned(path) => wants.scan.push(path.clone()),
                None => wants.files.push(path.clone()),
                // No sign of a server in it, but other code needs it.
                Some(Known::Irrelevant) if matches!(old, Known::Lowered(_)) && !self.run.seeds.contains(path) => {
                    wants.files.push(path.clone());
                }
                Some(_) => {}
            }
        }
        if wants.is_empty() && !self.catch_up() {
            self.start_over();
        }
        wants
    }

    /// False: the run before is of no use.
    fn catch_up(&mut self) -> bool {
        let stale = std::mem::take(&mut self.stale);
        let Some(mut live) = self.live.take() else { return false };
        let mut changes = Vec::new();
        for (path, old) in &stale {
            match (old, self.known.get(path)) {
                (Known::Irrelevant, Some(Known::Irrelevant)) => {}
                (Known::Lowered(_), Some(Known::Lowered(new))) if self.is_as_relevant(path) => changes.push(Change { path, new }),
                _ => return false,
            }
        }
        if !changes.is_empty() {
            if !live.apply(&self.run.project, &changes) {
                return false;
            }
            self.report = Some(self.judge(&mut live));
        }
        // Code that only now asks for further files has to see them.
        let is_complete = live.interpreter().demanded.is_empty();
        self.live = Some(live);
        is_complete
    }
}
