//! Functions that the interpreter itself provides.

use super::object::Convention;
use super::value::{Atom, ObjectId, Value};

/// A function without a body in the project.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Native {
    /// A property that is computed when it is read.
    Getter(Value),
    /// `f.bind(this, …)`.
    Bound {
        function: Value,
        this: Value,
        args: Box<[Value]>,
    },
    /// `object.method` used as a value.
    Method {
        object: Value,
        name: Atom,
    },
    /// The first parameter of `new Promise(…)`.
    Resolve(ObjectId),
    Reject(ObjectId),
    /// What a handler calls to pass the request on.
    Next(Convention),
    /// `require` of the module with this number.
    Require(u32),
    /// Passes and does nothing: what stands for a guard's success in [`super::Mode::Anyone`].
    Nothing,
    /// A wrapper made by a library around one of the project's functions: calling it calls the function.
    Wrapped {
        function: Value,
    },
    /// A function that a list may lack: `[guard].filter((g) => enabled(g))`. What is not there passes every request on.
    Perhaps(Value),
    /// `promisify(f)`: what `f` throws becomes a rejection.
    Promisified(Value),
    /// A middleware or wrapper of a library, or a custom guard of the configuration, that rejects anonymous callers.
    Guard {
        name: Atom,
        wrapped: Option<Value>,
    },
    /// A handler of a library that serves one model.
    Crud {
        model: Atom,
        writes: bool,
    },
    /// Several guards as one: passes if one of the listed ones does, or only if all do. A list in the list turns this round.
    Several {
        members: ObjectId,
        all: bool,
    },
    /// Gives the request and the answer the properties of this object's `request` and `reply`.
    Prepare(ObjectId),
}
