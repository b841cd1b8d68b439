//! Demand-driven abstract execution over many files.
//!
//! ```js
//! for (const { path, router } of require('./routes')) app.use(path, requireUser, router)   // start-up: executed, not matched
//! app.get('/me', async (req, res) => { if (!(await user(req))) return res.sendStatus(401) }) // request: executed as an anonymous caller
//! ```
//!
//! One evaluator serves three [`Mode`]s. During [`Mode::Startup`] there is one state: branches that cannot be decided are both taken and
//! joined, and framework objects record what is called on them. In [`Mode::Anonymous`] a handler runs with a request that presents no
//! valid credential: identity checks give their failure value, and states fork where a test is not known. [`Mode::Anyone`] lets every
//! check pass or fail, to learn what an endpoint touches.
//!
//! Invariants: no I/O, no panic, always terminates (every loop and call spends from a budget); what is not known is a
//! [`Value::Opaque`], never a guess.

mod alternatives;
mod answer;
mod apart;
mod arguments;
mod array;
mod assign;
mod branch;
pub mod budget;
mod builtin;
mod call;
mod check;
mod class;
mod data;
mod environment;
mod evaluate;
mod execute;
mod exports;
mod fact;
mod fetch;
mod folder;
pub mod framework;
mod function;
mod global;
mod guard;
mod heap;
pub mod hook;
pub mod http;
mod join;
mod known;
mod library;
mod literal;
mod membership;
mod memo;
mod merge;
mod method;
mod modules;
mod name;
mod narrow;
pub mod native;
pub mod object;
mod operator;
mod overlay;
mod passport;
mod pattern;
mod platform;
pub mod project;
mod promise;
mod proof;
mod property;
mod public;
mod recorded;
mod reexport;
pub mod resolve;
mod response;
mod sent;
pub mod slots;
pub mod startup;
pub mod state;
mod string;
mod switch;
mod table;
pub mod taint;
mod truth;
mod unknown;
mod upload;
pub mod value;
mod wrapper;

use crate::ir::{Expr, ExprId, ModuleIr};
pub use crate::knowledge::data::EffectKind;
use crate::sorted::SortedSet;
use budget::Budget;
pub use fact::{Blind, Cause, Effect, Evidence};
pub use framework::Framework;
pub use modules::Module;
use object::{Kind, Node, Object, Site};
pub use public::PUBLIC;
use rustc_hash::{FxHashMap, FxHashSet};
use state::{Flow, Outcomes, State, gather};
use std::rc::Rc;
use value::{Atom, CauseId, Interner, ModuleId, ObjectId, Value};

/// What an execution is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Startup,
    Anonymous,
    Anyone,
}

/// Functions of the project.
pub type Entered = FxHashSet<(ModuleId, crate::ir::FnId)>;

/// What variables of the environment are taken to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settings {
    Any,
    /// Set or not, but to no word that the code knows.
    Unnamed,
    Unset,
    /// Any, on the platform that sets a variable of its own.
    Deployed,
}

/// The abstract machine.
pub struct Interpreter<'a> {
    pub values: Interner,
    pub mode: Mode,
    pub project: Rc<project::Project>,
    pub config: Rc<crate::config::Config>,
    pub frameworks: &'a [&'a dyn Framework],
    /// Names that code uses so often that looking them up would cost.
    pub names: Names,
    pub(crate) modules: Vec<Module>,
    by_path: FxHashMap<String, ModuleId>,
    base: Vec<heap::Place>,
    /// From this number on, the base heap holds no objects.
    started: u32,
    reads: heap::Reads,
    /// Stands for an object that is gone: one made while handling an earlier request.
    nothing: Object,
    causes: Vec<Cause>,
    cause_numbers: FxHashMap<Cause, CauseId>,
    effects: Vec<Effect>,
    effect_numbers: FxHashMap<Effect, u32>,
    pub blind: SortedSet<Blind>,
    steps: u64,
    account: budget::Account,
    limit: u64,
    depth: u32,
    /// Expressions and statements that are being executed.
    levels: u32,
    /// Functions being executed, for recursion.
    stack: Vec<(ModuleId, crate::ir::FnId)>,
    /// Nested undecided branches during start-up.
    forks: u32,
    /// Functions of the project that were entered.
    pub entered: Entered,
    /// Paths that code asked for at run time and that are not loaded.
    pub demanded: std::collections::BTreeSet<String>,
    /// Constants that the request's method was compared with.
    pub methods_seen: std::collections::BTreeSet<String>,
    /// The path of the endpoint that is being run, with holes for its parameters.
    pub(crate) request_path: Option<value::Value>,
    /// How many calls on framework objects were noted.
    events: u32,
    /// Paths that the endpoint's pattern matches, but which another route answers.
    pub(crate) taken: Vec<String>,
    /// A variable was read that other requests may have changed.
    pub saw_variable: bool,
    /// Some router tells capitals, or slashes at the end, apart.
    pub exact_paths: bool,
    /// Folders whose files some loader registers.
    pub loaders: Vec<String>,
    /// A role or permission was looked at.
    pub role_seen: bool,
    /// A password was hashed, as for a new account.
    pub hashes_password: bool,
    /// A decision was made by a variable of the environment.
    pub saw_setting: bool,
    /// What such variables are taken to be.
    pub settings: Settings,
    /// An identity was written into the session.
    pub signs_in: bool,
    /// Everything done since the last reset, whatever the path.
    pub effects_seen: SortedSet<u32>,
    /// Field names that were read from stored data or selected from it, since the last reset.
    pub fields_seen: SortedSet<Atom>,
    /// Framework objects in the order in which they were made.
    pub framework_objects: Vec<ObjectId>,
    pub globals: FxHashMap<Atom, Value>,
    /// Scopes that a function made since may still use.
    captured: FxHashSet<ObjectId>,
    /// The request's method, path or URL was read since this was last cleared.
    pub read_target: bool,
    /// The same of the path and URL alone.
    pub read_path: bool,
    pub read_method: bool,
    /// It was asked whether something is `GET`, or a property of this name was.
    pub asked_for_get: bool,
    /// What the branches that are being taken say of imported variables.
    assumptions: Vec<narrow::Assumption>,
    /// Calls of this request that need not be executed again, by function.
    memo: FxHashMap<ObjectId, Vec<Rc<memo::Entry>>>,
    /// What was done, call by call, in the order in which it was executed.
    effect_log: Vec<u32>,
    /// What is known of libraries by their names: by the number of the external value.
    facts: Vec<Option<library::Facts>>,
    /// How often a survey entered each function.
    visits: FxHashMap<apart::Visitor, u32>,
    /// How often a call was not entered because of those around it.
    cuts: u64,
    /// Calls made for their effect alone need not be followed: a function before the handler is run only for whether it passes.
    pub passing_only: bool,
    /// What runs belongs to the route itself: `next('route')` leaves it. Elsewhere that is the same as `next()`.
    pub in_route: bool,
    /// A call statement whose promise nobody waits for.
    detached: Option<Site>,
    /// How many of the calls being executed have nothing to do with who is calling.
    indifferent: u32,
    /// What those of this request have cost, by function.
    asides: FxHashMap<(ModuleId, crate::ir::FnId), apart::Spent>,
    /// What such calls do after their first `await`: it happens once the modules have run.
    deferred: Vec<call::Deferred>,
    /// `process.env.NODE_ENV` was read; which of its values is being tried.
    saw_environment: bool,
    environment: Option<&'static str>,
}

/// Interned names that the interpreter itself refers to.
pub struct Names {
    pub default: Atom,
    pub exports: Atom,
    pub prototype: Atom,
    pub constructor: Atom,
    pub length: Atom,
    pub then: Atom,
    pub method: Atom,
    /// `GET`
    pub get: Atom,
    pub status: Atom,
    pub parent: Atom,
    pub proto: Atom,
}

/// Where evaluation happens: a module, its IR, and the innermost set of variables.
#[derive(Clone)]
pub struct Cx {
    pub ir: Rc<ModuleIr>,
    pub module: ModuleId,
    pub scope: ObjectId,
}

impl Cx {
    pub fn site(&self, expr: ExprId) -> Site {
        let node = match *self.ir.expr(expr) {
            Expr::Function(function) => Node::Function(function),
            Expr::Class(class) => Node::Class(class),
            Expr::Chain(inner) => Node::Expr(inner),
            _ => Node::Expr(expr),
        };
        Site { module: self.module, node }
    }
}

impl<'a> Interpreter<'a> {
    pub fn new(project: Rc<project::Project>, config: Rc<crate::config::Config>, frameworks: &'a [&'a dyn Framework]) -> Self {
        let mut values = Interner::default();
        let names = Names {
            default: values.atom("default"),
            exports: values.atom("exports"),
            prototype: values.atom("prototype"),
            constructor: values.atom("constructor"),
            length: values.atom("length"),
            then: values.atom("then"),
            method: values.atom("method"),
            get: values.atom("GET"),
            status: values.atom("status"),
            parent: values.atom("<parent>"),
            proto: values.atom("__proto__"),
        };
        Self {
            values,
            mode: Mode::Startup,
            project,
            config,
            frameworks,
            names,
            modules: Vec::new(),
            by_path: FxHashMap::default(),
            base: Vec::new(),
            started: u32::MAX,
            reads: heap::Reads::default(),
            nothing: Object::new(Kind::Plain),
            causes: Vec::new(),
            cause_numbers: FxHashMap::default(),
            effects: Vec::new(),
            effect_numbers: FxHashMap::default(),
            blind: SortedSet::default(),
            steps: 0,
            account: budget::Account::default(),
            limit: Budget::STARTUP,
            depth: 0,
            levels: 0,
            stack: Vec::new(),
            forks: 0,
            entered: FxHashSet::default(),
            demanded: std::collections::BTreeSet::new(),
            methods_seen: std::collections::BTreeSet::new(),
            request_path: None,
            events: 0,
            taken: Vec::new(),
            saw_variable: false,
            exact_paths: false,
            loaders: Vec::new(),
            role_seen: false,
            hashes_password: false,
            saw_setting: false,
            settings: Settings::Any,
            signs_in: false,
            effects_seen: SortedSet::default(),
            fields_seen: SortedSet::default(),
            framework_objects: Vec::new(),
            globals: FxHashMap::default(),
            captured: FxHashSet::default(),
            read_target: false,
            read_path: false,
            read_method: false,
            asked_for_get: false,
            assumptions: Vec::new(),
            memo: FxHashMap::default(),
            effect_log: Vec::new(),
            facts: Vec::new(),
            visits: FxHashMap::default(),
            cuts: 0,
            passing_only: false,
            in_route: false,
            detached: None,
            indifferent: 0,
            asides: FxHashMap::default(),
            deferred: Vec::new(),
            saw_environment: false,
            environment: None,
        }
    }

    // --- outcomes ---

    pub fn done(state: State, value: Value) -> Outcomes {
        vec![(state, Flow::Value(value))]
    }

    /// Goes on from each outcome that has a value.
    pub fn each(&mut self, outcomes: Outcomes, mut next: impl FnMut(&mut Self, State, Value) -> Outcomes) -> Outcomes {
        if let [(_, Flow::Value(_))] = outcomes.as_slice() {
            // The common case, without a second vector.
            return match outcomes.into_iter().next() {
                Some((state, Flow::Value(value))) => next(self, state, value),
                _ => Vec::new(),
            };
        }
        let mut out = Outcomes::new();
        for (state, flow) in outcomes {
            match flow {
                Flow::Value(value) => gather(&mut out, next(self, state, value)),
                other => out.push((state, other)),
            }
        }
        self.settle(out)
    }
}
