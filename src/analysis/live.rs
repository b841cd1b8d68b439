//! A run that is kept: after most edits, only the endpoints concerned are judged again.
//!
//! ```js
//! const app = express()                          // an edit here: the project is run again
//! app.get('/orders', async (req, res) => { … })  // an edit in here: this endpoint is
//! ```
//!
//! Start-up code enters some functions and only passes others on. An edit in the body of one that was not entered cannot change what
//! start-up leaves; see [`crate::ir::graft`].

use crate::config::Config;
use crate::endpoints::{Endpoint, Judgements};
use crate::frameworks;
use crate::interpret::framework::Route;
use crate::interpret::project::Project;
use crate::interpret::state::State;
use crate::interpret::{Entered, Interpreter, startup};
use crate::ir::ModuleIr;
use crate::ir::graft::graft;
use std::rc::Rc;

/// What was made of values that no longer exist stays in the tables of the interpreter: after this many edits, they start empty.
const MAX_EDITS: u32 = 200;

/// A file with what it is now.
pub(super) struct Change<'c> {
    pub(super) path: &'c str,
    pub(super) new: &'c Rc<ModuleIr>,
}

pub(super) struct Live {
    interpreter: Interpreter<'static>,
    state: State,
    routes: Vec<Route>,
    judgements: Judgements,
    /// What start-up entered.
    entered: Entered,
    edits: u32,
}

impl Live {
    /// Goes on where start-up has ended.
    pub(super) fn new(mut interpreter: Interpreter<'static>, mut state: State) -> Self {
        let mut routes = Vec::new();
        for framework in frameworks::ALL {
            routes.extend(framework.routes(&mut interpreter, &mut state));
        }
        startup::load_rest(&mut interpreter, &mut state);
        let entered = std::mem::take(&mut interpreter.entered);
        let judgements = Judgements::new(&interpreter);
        Self { interpreter, state, routes, judgements, entered, edits: 0 }
    }

    pub(super) fn interpreter(&self) -> &Interpreter<'static> {
        &self.interpreter
    }

    pub(super) fn endpoints(&mut self, config: &Config) -> Vec<Endpoint> {
        self.judgements.endpoints(&mut self.interpreter, &self.state, &self.routes, config)
    }

    /// Takes in changed files. False: start-up may have come out differently, and nothing here is of use any more.
    pub(super) fn apply(&mut self, project: &Project, changes: &[Change]) -> bool {
        self.edits += 1;
        let mut functions = Entered::default();
        for change in changes {
            let Some(old) = project.ir(change.path) else { return false };
            let module = self.interpreter.module_at(change.path);
            let is_entered = |f| module.is_some_and(|m| self.entered.contains(&(m, f)));
            let Some(graft) = graft(&old, change.new, &is_entered) else { return false };
            let ir = Rc::new(graft.ir);
            project.add(Rc::clone(&ir));
            if let Some(module) = module {
                functions.extend(graft.changed.into_iter().map(|f| (module, f)));
                self.interpreter.replace_module(module, ir);
            }
        }
        self.judgements.forget(&functions);
        self.edits < MAX_EDITS
    }
}
