//! What a framework tells the interpreter, and what it hands on: the routes that a server registers.
//!
//! Adding a framework is one file that implements [`Framework`], one line in `frameworks/mod.rs`, and its page. A framework never touches
//! the syntax tree, never reads a file, and knows nothing of the others.

use super::object::{Condition, Convention, Site};
use super::state::{Outcomes, State};
use super::value::{Atom, ObjectId, Value};
use super::{Cx, Interpreter};
use std::rc::Rc;

/// A web framework.
pub trait Framework: Sync {
    /// Packages whose mention makes a file worth reading.
    fn packages(&self) -> &'static [&'static str];

    /// Whether a file is an endpoint by its path alone.
    fn is_entry(&self, _path: &str) -> bool {
        false
    }

    /// The object that a call (`express`) or construction (`new Hono`) of a library's value makes.
    fn construct(&self, _interpreter: &mut Interpreter, _state: &mut State, _name: &str, _args: &[Value], _site: Site) -> Option<Value> {
        None
    }

    /// The value of an identifier that nothing declares: `app`, in a snippet.
    fn global(&self, _interpreter: &mut Interpreter, _state: &mut State, _name: &str, _cx: &Cx) -> Option<Value> {
        None
    }

    /// What to pass for a parameter whose function nothing in the project calls, by its annotated type or its name.
    fn parameter(
        &self,
        _interpreter: &mut Interpreter,
        _state: &mut State,
        _type_name: Option<&str>,
        _name: &str,
        _site: Site,
    ) -> Option<Value> {
        None
    }

    /// A method call on one of the framework's objects; the empty name is a call of the object itself.
    fn call(
        &self,
        _interpreter: &mut Interpreter,
        _state: State,
        _object: ObjectId,
        _method: &str,
        _args: &[Value],
        _site: Site,
    ) -> Option<Outcomes> {
        None
    }

    /// A property of one of the framework's objects that the project did not set.
    fn property(&self, _interpreter: &mut Interpreter, _state: &mut State, _object: ObjectId, _name: Atom, _site: Site) -> Option<Value> {
        None
    }

    /// `await` on one of the framework's objects.
    fn awaited(&self, _interpreter: &mut Interpreter, _state: &mut State, _object: ObjectId) {}

    /// What the framework itself runs once the server's own start-up code is done.
    fn started(&self, _interpreter: &mut Interpreter, _state: &mut State) {}

    /// The routes, after start-up.
    fn routes(&self, interpreter: &mut Interpreter, state: &mut State) -> Vec<Route>;
}

/// An endpoint with everything that runs for it.
#[derive(Debug, Clone)]
pub struct Route {
    /// Its name in the inventory: `express`.
    pub framework: &'static str,
    /// In capitals, or `ALL`.
    pub method: String,
    /// With `:name` for parameters and `*` for the rest.
    pub path: String,
    pub site: Site,
    /// Registered as middleware: an endpoint only if it answers by itself.
    pub is_layer: bool,
    pub convention: Convention,
    /// What runs, in order; the last is the handler.
    pub steps: Vec<Step>,
    /// A guard in the project that does not cover this route, and why not.
    pub near: Vec<Near>,
    pub conditions: Vec<Condition>,
    /// The handler tells methods apart by itself: it is run once per method that it knows.
    pub dispatches: bool,
    pub exempt: Option<&'static str>,
    /// The route is known only in part, and why.
    pub blind: Option<String>,
    /// Paths that its pattern matches, but which another route answers.
    pub taken: Vec<String>,
    /// Writes the path as its router takes it as well, though it reads otherwise.
    pub respell: Option<fn(&str) -> String>,
}

/// One function that runs for a route.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    pub function: Value,
    /// Where it was registered.
    pub site: Site,
    pub kind: StepKind,
    /// Branches at start-up that had to be taken for it to be registered, beyond those of the route.
    pub conditional: bool,
    /// Those branches.
    pub conditions: Vec<Condition>,
    /// How many segments of the path its router's mount takes off before it sees `req.path`.
    pub mounted: usize,
    /// The routers that it belongs to, by number, outermost first: what `next('router')` leaves.
    pub routers: Rc<[u32]>,
}

impl Step {
    /// A step that always runs, and sees the whole path.
    pub fn new(function: Value, site: Site, kind: StepKind) -> Self {
        Self { function, site, kind, conditional: false, conditions: Vec::new(), mounted: 0, routers: Rc::default() }
    }

    /// Whether the step is known to be registered, or known not to be, under what is assumed.
    pub fn decided(&self, assumed: &[Condition]) -> Option<bool> {
        if self.conditions.is_empty() {
            return None;
        }
        if self.conditions.iter().any(|c| assumed.contains(&Condition { taken: !c.taken, ..*c })) {
            return Some(false);
        }
        self.conditions.iter().all(|c| assumed.contains(c)).then_some(true)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StepKind {
    /// Passes on by calling `next`.
    Middleware,
    /// The same, for the value of a parameter, which it is given as well.
    Parameter,
    /// Passes on by returning: a Fastify hook.
    Hook,
    /// The same, called with the body's stream before the callback.
    ParsingHook,
    /// Gives the request and the answer their properties; not a function of the project.
    Prepare,
    /// Answers; may still pass on by calling `next`.
    Handler,
    /// Answers by what it returns.
    Returning,
    /// A layer in front of the whole server, which passes unless it answers: Next's middleware.
    Front,
}

/// A guard that does not cover a route.
#[derive(Debug, Clone, PartialEq)]
pub struct Near {
    pub function: Value,
    pub site: Site,
    pub why: String,
    pub closeness: Closeness,
    /// The path that it covers, where a path decides.
    pub covers: Option<String>,
    /// How it would have been run.
    pub kind: StepKind,
    /// It was run, and rejects anonymous callers.
    pub rejects: bool,
}

/// How close a guard comes to covering a route, the closest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Closeness {
    /// It would cover the route if it stood elsewhere: before it, in its scope.
    Misplaced,
    /// Its path is nearly the beginning of the route's: `/api/report` and `/api/reports/:id`.
    Overlapping,
    /// Registered on the same router, or in the same file, for other paths.
    Neighbour,
    Unrelated,
}

impl Near {
    pub const fn new(function: Value, site: Site, kind: StepKind, closeness: Closeness, why: String) -> Self {
        Self { function, site, why, closeness, covers: None, kind, rejects: false }
    }
}
