//! The state that execution carries along, and forks where the outcome of a test is not known.

use super::object::{Condition, Object, Site, Status};
use super::overlay::Overlay;
use super::value::{Atom, CauseId, ObjectId, Value};
use std::rc::Rc;

/// One possible course of events.
#[derive(Debug, Clone, Default)]
pub struct State {
    /// Objects made or changed since the last point without a fork; the rest is in the base heap.
    pub(super) overlay: Overlay,
    /// Branches taken on the way, while the server starts up.
    pub conditions: Rc<Vec<Condition>>,
    pub request: RequestState,
}

/// What happened so far to the request being handled.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RequestState {
    /// An identity was asked for.
    pub consulted: Option<CauseId>,
    /// A branch was decided by the caller's not having one.
    pub denied: Option<CauseId>,
    /// The same, in some of the courses that this one stands for.
    pub partly_denied: Option<CauseId>,
    /// A branch was decided by a value that unseen code computed from a credential.
    pub unseen: Option<CauseId>,
    /// The status set so far, for the answer to come.
    pub status: Option<Status>,
    pub answer: Option<Answer>,
    /// The next function in the chain was called.
    pub next: Option<Next>,
    /// A rejection was sent, and control left the branch that sent it: the missing `return`.
    pub escaped: bool,
    /// An effect happened after that.
    pub worked_after_rejection: bool,
    /// Sorted numbers of the effects so far.
    pub effects: Rc<Vec<u32>>,
    /// In a `catch` block of an error that unseen code may have thrown.
    pub caught: bool,
    /// In a `catch` block of an error that was seen being thrown.
    pub failing: bool,
    /// The answer holds something that is not constant.
    pub reveals: bool,
    /// A check failed, and its failure was lost.
    pub lost: Option<(CauseId, Lost)>,
    /// A branch was taken in which the caller presents no credential.
    pub lacking: Option<CauseId>,
    /// Data was changed before any identity was found to be missing.
    pub worked: bool,
    /// The answer object was given to code that cannot be seen.
    pub handed_over: bool,
    /// The request's method, where the route takes any and a test has shown it.
    pub method: Option<Atom>,
    /// What would have kept the request from going on after `escaped` or `lost`.
    pub mend: Option<Mend>,
}

/// A word that is missing before an expression, which begins with this variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mend {
    pub before: Site,
    pub word: Word,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    Return,
    Await,
}

impl Word {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Return => "return",
            Self::Await => "await",
        }
    }
}

/// How the failure of a check is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Lost {
    NotAwaited,
    PromiseIsTrue,
    Swallowed,
    Optional,
    /// What is looked for was not sent, and so the first record is found.
    LeftOut,
    /// What every object inherits was found: `keys['constructor']`.
    Inherited,
}

/// An answer that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    pub kind: AnswerKind,
    /// Nothing in it but constants.
    pub constant: bool,
}

/// The lesser one is the more open one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AnswerKind {
    Success,
    Redirect,
    Rejection,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    Called,
    /// `next(error)`.
    Failed,
    /// `next('route')`: the rest of this route is left out.
    Skipped,
}

/// Adds numbers of effects to others, which are sorted and stay so.
pub fn unite(effects: &mut Vec<u32>, more: impl IntoIterator<Item = u32>) {
    for effect in more {
        if let Err(at) = effects.binary_search(&effect) {
            effects.insert(at, effect);
        }
    }
}

impl State {
    /// Whether an object is not as it was before the request.
    pub(super) fn changed(&self, object: ObjectId) -> bool {
        self.overlay.get(object).is_some()
    }

    /// Whether two states differ in what they lead to, apart from the heap.
    pub fn same_course(&self, other: &Self) -> bool {
        let (a, b) = (&self.request, &other.request);
        // What was done on the way does not tell courses apart: it adds up.
        a.denied.is_some() == b.denied.is_some()
            && a.answer == b.answer
            && a.next == b.next
            && a.status == b.status
            && a.escaped == b.escaped
            && a.worked_after_rejection == b.worked_after_rejection
            && a.unseen.is_some() == b.unseen.is_some()
            && a.consulted.is_some() == b.consulted.is_some()
            && (a.caught, a.failing) == (b.caught, b.failing)
            && a.handed_over == b.handed_over
            && a.lacking.is_some() == b.lacking.is_some()
            && a.worked == b.worked
            && a.lost.map(|l| l.1) == b.lost.map(|l| l.1)
    }

    /// Whether two states have answered alike, which is all that a survey wants to know of them.
    pub fn same_answer(&self, other: &Self) -> bool {
        let (a, b) = (&self.request, &other.request);
        a.answer.map(|a| a.kind) == b.answer.map(|a| a.kind) && a.next == b.next && a.denied.is_some() == b.denied.is_some()
    }

    /// Whether the heaps are equal, apart from some slots of one object.
    pub fn same_but(&self, other: &Self, object: ObjectId, slots: &[u32]) -> bool {
        self.overlay.differences(&other.overlay, |id, mine, theirs| {
            let (Some(mine), Some(theirs)) = (mine, theirs) else { return false };
            if id != object {
                return mine == theirs;
            }
            let rest = |o: &Object| o.slots.iter().filter(|(s, _)| !slots.contains(s)).map(|(s, v)| (*s, *v)).collect::<Vec<_>>();
            mine.kind == theirs.kind && rest(mine) == rest(theirs)
        })
    }

    pub fn same_heap(&self, other: &Self) -> bool {
        self.overlay.differences(&other.overlay, |_, mine, theirs| mine == theirs)
    }
}

/// How an expression or statement ends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Flow {
    /// With a value (statements: with nothing in particular).
    Value(Value),
    Throw(Value),
    Return(Value),
    Break(Option<u32>),
    Continue(Option<u32>),
}

/// The possible ways an evaluation ends.
pub type Outcomes = Vec<(State, Flow)>;

/// Adds outcomes to others. Mostly there are none so far, and nothing is moved.
pub fn gather(outcomes: &mut Outcomes, mut more: Outcomes) {
    if outcomes.is_empty() { *outcomes = more } else { outcomes.append(&mut more) }
}
