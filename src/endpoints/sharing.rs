//! What functions that many routes share have made of a request: each is run once.
//!
//! ```js
//! app.use(session()); app.use(loadUser)   // before every route
//! ```

use super::run::Course;
use crate::interpret::framework::{Route, Step, StepKind};
use crate::interpret::http::TARGET;
use crate::interpret::object::{Condition, Convention, Site};
use crate::interpret::state::State;
use crate::interpret::value::{Part, Taint, Value};
use crate::interpret::{Entered, Interpreter};

/// How many states at once a function's passage is kept for.
pub(super) const MOST_SHARED: usize = 16;
/// How many passages are kept for one function.
const MOST_KEPT: usize = 32;

/// What functions that many routes share have made of a request.
///
/// Only results that do not depend on the request's method or path are kept.
pub(super) struct Shared {
    /// One request and answer per convention, so that states of different routes can be compared.
    pub(super) exchanges: rustc_hash::FxHashMap<Convention, (State, Exchange)>,
    pub(super) steps: rustc_hash::FxHashMap<(Value, Site, StepKind), Vec<Crossing>>,
    /// The heap's size when start-up was over.
    pub(super) base: usize,
    /// The heap's size up to which objects belong to kept states.
    pub(super) mark: usize,
    /// The same for runs in which other settings are assumed.
    pub(super) other: Option<Box<Shared>>,
}

impl Shared {
    pub(super) fn new(heap_size: usize) -> Self {
        Self { exchanges: Default::default(), steps: Default::default(), base: heap_size, mark: heap_size, other: None }
    }

    pub(super) fn keep(&mut self, step: &Step, crossing: Crossing) {
        let kept = self.steps.entry((step.function, step.site, step.kind)).or_default();
        if kept.len() < MOST_KEPT {
            kept.push(crossing);
        }
    }

    /// The heap's size up to which objects belong to kept states of any run.
    pub(super) fn kept(&self) -> usize {
        self.other.as_ref().map_or(self.mark, |other| self.mark.max(other.kept()))
    }
}

/// All states of a request on their way through one function.
#[derive(Clone)]
pub(super) struct Crossing {
    pub(super) before: Vec<State>,
    pub(super) after: Vec<State>,
    /// Branches that had to be taken for the function to be registered.
    pub(super) conditions: Vec<Condition>,
    /// What was noted on the way.
    pub(super) course: Course,
    /// The functions that were entered on it.
    pub(super) entered: Entered,
}

/// What the functions of one run are called with.
#[derive(Clone, Copy)]
pub(super) struct Exchange {
    pub(super) convention: Convention,
    pub(super) request: Value,
    pub(super) answer: Value,
}

/// A request and an answer as the framework would hand them over.
pub(super) fn exchange(interpreter: &mut Interpreter, state: &mut State, route: &Route, method: Option<&str>) -> Exchange {
    exchange_as(interpreter, state, route, method, route.convention)
}

pub(super) fn exchange_as(
    interpreter: &mut Interpreter,
    state: &mut State,
    route: &Route,
    method: Option<&str>,
    convention: Convention,
) -> Exchange {
    let parts = path_parts(interpreter, &route.path);
    let path = (!parts.is_empty()).then(|| interpreter.values.pattern(parts, Taint::REQUEST.union(Taint::URL)));
    let (request, answer) = interpreter.exchange(state, convention, method, path);
    Exchange { convention, request, answer }
}

/// The endpoint's path with holes for its parameters.
pub(super) fn path_parts(interpreter: &mut Interpreter, path: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut text = String::new();
    for segment in path.split('/').filter(|s| !s.is_empty()) {
        text.push('/');
        if segment.starts_with(':') || segment.starts_with('*') {
            parts.push(Part::Text(interpreter.values.atom(&text)));
            parts.push(Part::Hole);
            if segment.starts_with('*') {
                // Several segments: two holes stand for anything.
                parts.push(Part::Hole);
            }
            text.clear();
        } else {
            text.push_str(segment);
        }
    }
    // Only as a caller may write it.
    if path.ends_with('/') || parts.is_empty() && text.is_empty() {
        text.push('/');
    }
    if !text.is_empty() {
        parts.push(Part::Text(interpreter.values.atom(&text)));
    }
    parts
}

/// The request and answer that runs of one convention share.
pub(super) fn shared_exchange(interpreter: &mut Interpreter, state: &State, route: &Route, shared: &mut Shared) -> (State, Exchange) {
    if let Some((state, exchange)) = shared.exchanges.get(&route.convention) {
        return (state.clone(), *exchange);
    }
    let mut first = state.clone();
    let own = exchange(interpreter, &mut first, route, None);
    shared.exchanges.insert(route.convention, (first.clone(), own));
    shared.mark = interpreter.heap_size();
    (first, own)
}

/// A kept passage of equal states through the same function.
pub(super) fn known_passage(
    interpreter: &mut Interpreter,
    shared: &Shared,
    step: &Step,
    states: &[State],
    own: Exchange,
) -> Option<Crossing> {
    let request = own.request.as_object()?;
    let target = TARGET.map(|name| interpreter.values.atom(name).0);
    let passages = shared.steps.get(&(step.function, step.site, step.kind))?;
    let same = |a: &State, b: &State| a.conditions == b.conditions && a.request == b.request && a.same_but(b, request, &target);
    passages
        .iter()
        .find(|p| p.conditions == step.conditions && p.before.len() == states.len() && p.before.iter().zip(states).all(|(a, b)| same(a, b)))
        .cloned()
}

/// Puts the route's own method and path into a request that was made for another.
pub(super) fn set_target(
    interpreter: &mut Interpreter,
    state: &mut State,
    request: Value,
    route: &Route,
    method: Option<&str>,
    mounted: usize,
) {
    let Value::Object(request) = request else { return };
    let below = |path: &str| {
        let kept: Vec<&str> = path.split('/').filter(|s| !s.is_empty()).skip(mounted).collect();
        format!("/{}{}", kept.join("/"), if path.ends_with('/') && !kept.is_empty() { "/" } else { "" })
    };
    interpreter.taken = route.taken.iter().map(|path| below(path)).collect();
    let mut scratch = State::default();
    let Value::Object(fresh) = exchange(interpreter, &mut scratch, route, method).request else { return };
    for name in TARGET {
        let slot = interpreter.values.atom(name).0;
        let value = interpreter.object(&scratch, fresh).slots.get(&slot).copied();
        let slots = &mut interpreter.object_mut(state, request).slots;
        match value {
            Some(value) => {
                slots.insert(slot, value);
            }
            None => {
                slots.swap_remove(&slot);
            }
        }
    }
    if let (None, Some(shown)) = (method, state.request.method) {
        let slot = interpreter.names.method.0;
        interpreter.object_mut(state, request).slots.insert(slot, Value::Str(shown));
    }
    // What the framework tells the request of this route.
    let told = route.steps.iter().find(|s| s.kind == StepKind::Prepare && s.site == route.site);
    if let Some(Value::Object(told)) = told.and_then(|s| interpreter.prepared_request(state, s.function)) {
        let slots: Vec<_> = interpreter.object(state, told).slots.iter().map(|(name, value)| (*name, *value)).collect();
        interpreter.object_mut(state, request).slots.extend(slots);
    }
    if mounted > 0 {
        let parts = path_parts(interpreter, &below(&route.path));
        let mut with_query = parts.clone();
        with_query.push(Part::Hole);
        let taint = Taint::REQUEST.union(Taint::URL);
        let path = interpreter.values.pattern(parts, taint);
        let url = interpreter.with_query(path, with_query);
        for (name, value) in [("path", path), ("url", url)] {
            let slot = interpreter.values.atom(name).0;
            interpreter.object_mut(state, request).slots.insert(slot, value);
        }
    }
}

/// What comes after a step sees only what it left on the request and the answer, and what was assumed of the branches that the steps `to_come`
/// were registered in: one state per course goes on.
pub(super) fn merge(
    interpreter: &mut Interpreter,
    states: Vec<State>,
    mark: usize,
    exchanges: &[Exchange],
    to_come: &[Step],
) -> Vec<State> {
    let matters = |condition: &Condition| to_come.iter().any(|step| step.conditions.iter().any(|c| c.site == condition.site));
    let roots: Vec<Value> = exchanges.iter().flat_map(|e| [e.request, e.answer]).collect();
    let mut out: Vec<State> = Vec::new();
    for mut state in states {
        if !state.request.escaped {
            state.request.effects = Default::default();
            state.request.worked = false;
        }
        state.request.lacking = None;
        (state.request.denied, state.request.partly_denied) = (None, None);
        state.request.caught = false;
        state.request.reveals = false;
        if !state.conditions.iter().all(matters) {
            std::rc::Rc::make_mut(&mut state.conditions).retain(matters);
        }
        interpreter.sweep(&mut state, mark, &roots);
        match out.iter().position(|s| s.conditions == state.conditions && s.same_course(&state)) {
            Some(at) => {
                let other = out.swap_remove(at);
                let joined = interpreter.join(other, state);
                out.push(joined);
            }
            None => out.push(state),
        }
    }
    out
}
