//! Objects of the abstract heap: plain objects, arrays, functions, scopes, promises, and what frameworks keep in them.

use super::slots::Slots;
use super::value::{Atom, CauseId, ModuleId, ObjectId, Value};
use crate::ir::{ClassId, ExprId, FnId, ScopeId};
use std::rc::Rc;

/// A property's or a variable's name: an [`Atom`] in objects, a symbol's index in scopes.
pub type Slot = u32;

#[derive(Debug, Clone, PartialEq)]
pub struct Object {
    pub kind: Kind,
    pub slots: Slots,
    pub proto: Option<ObjectId>,
}

impl Object {
    pub fn new(kind: Kind) -> Self {
        Self { kind, slots: Slots::default(), proto: None }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    Plain,
    /// `open`: it may hold more than the listed elements.
    Array {
        items: Vec<Value>,
        open: bool,
    },
    /// The variables of one activation of a function or loop body.
    Scope {
        parent: Option<ObjectId>,
        owner: ScopeId,
        module: ModuleId,
        this: Option<Value>,
        function: Option<ObjectId>,
    },
    Function(Rc<Closure>),
    Class(Rc<ClassValue>),
    /// `import * as x`, or what `require` of an ES module gives.
    Namespace(ModuleId),
    Promise(Settled),
    Regex {
        source: Atom,
        flags: Atom,
    },
    /// `Map`, `Set`, `WeakMap`: keyed look-ups; what was put in, in order.
    Collection {
        items: Vec<(Value, Value)>,
    },
    /// An answer that a handler builds: `new Response(…)`, `NextResponse.json(…)`.
    Response {
        status: Status,
        redirect: bool,
        passes: bool,
    },
    Error {
        status: Status,
    },
    /// What a look-up by an invalid credential finds: nothing.
    Missing(CauseId),
    /// A part of the request or of the answer.
    Http(Http),
    Framework(FrameworkObject),
}

/// What a promise came to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Settled {
    Pending,
    Fulfilled(Value),
    Rejected(Value),
}

/// The status of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// Not set: 200.
    Default,
    Code(u16),
    /// Set to something that is not known.
    Unknown,
}

impl Status {
    pub const fn is_rejection(self) -> bool {
        matches!(self, Self::Code(code) if code >= 400)
    }

    pub const fn is_redirect(self) -> bool {
        matches!(self, Self::Code(301 | 302 | 303 | 307 | 308))
    }
}

/// Parts of the HTTP exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Http {
    Request(Convention),
    Response(Convention),
    /// Headers, query, body, path parameters, cookies: the caller's data by name.
    Carrier(Carrier),
    Session,
    /// `res.locals`, `ctx.state`: what middleware leaves for the handler.
    Locals,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Carrier {
    Headers,
    Query,
    Body,
    Params,
    Cookies,
}

/// How a framework hands a request to a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Convention {
    /// `(req, res, next)`: Express, Connect, and Next's pages/api.
    Express,
    /// `(request, reply, done)`.
    Fastify,
    /// `(request: Request, context)` answering with a `Response`.
    Fetch,
}

/// A function of the project with what it captured.
#[derive(Debug, PartialEq)]
pub struct Closure {
    pub module: ModuleId,
    pub function: FnId,
    pub scope: ObjectId,
    /// The class whose `super` it means.
    pub home: Option<ObjectId>,
}

#[derive(Debug, PartialEq)]
pub struct ClassValue {
    pub module: ModuleId,
    pub class: ClassId,
    pub scope: ObjectId,
    pub parent: Option<Value>,
}

/// An object that a framework made, and what was called on it, in order.
#[derive(Debug, Clone, PartialEq)]
pub struct FrameworkObject {
    /// Index of the framework in the registry.
    pub framework: usize,
    /// What it is to the framework: `app`, `router`, `instance`.
    pub role: &'static str,
    /// Recognised by its name alone, because the project does not say where it comes from.
    pub by_name: bool,
    pub events: Vec<Rc<Event>>,
    pub site: Site,
}

/// One call on a framework object.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    pub method: Atom,
    pub args: Vec<Value>,
    pub site: Site,
    /// The branches that had to be taken for the call to happen.
    pub conditions: Vec<Condition>,
    /// Later calls have larger numbers, whatever the object.
    pub number: u32,
}

/// A branch whose test is not known, and the side taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Condition {
    pub site: Site,
    pub taken: bool,
}

/// A place in a loaded module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Site {
    pub module: ModuleId,
    pub node: Node,
}

/// What stands at a [`Site`]: not where, which changes whenever a line above it does. `Interpreter::span_of` knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Node {
    /// The file as a whole.
    File,
    Expr(ExprId),
    Function(FnId),
    Class(ClassId),
    /// The case of a `switch` over an expression, by its index.
    Case(ExprId, u32),
}

impl Site {
    pub const fn file(module: ModuleId) -> Self {
        Self { module, node: Node::File }
    }
}
