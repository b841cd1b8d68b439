//! Running a route's chain, step by step, as an anonymous caller.
//!
//! ```js
//! async (req, res, next) => { if (!req.user) return res.sendStatus(401); next() }   // no state goes on: it enforces
//! async (req, res, next) => { if (!req.user) res.sendStatus(401); next() }          // one does: it is ineffective
//! ```

use super::detour::{Detours, is_error_handler, recover};
use super::outcome::{End, end_of, is_bare_redirect};
use super::setup::run_everywhere;
use super::sharing::{Crossing, MOST_SHARED, Shared, exchange, exchange_as, known_passage, merge, set_target, shared_exchange};
use super::step::{call_step, pass_step};
use super::verdict::{Guard, Ineffective, conclude};
use super::{Endpoint, field_names};
use crate::config::Config;
use crate::interpret::framework::{Route, Step, StepKind};
use crate::interpret::object::Convention;
use crate::interpret::state::{State, unite};
use crate::interpret::value::{CauseId, Value};
use crate::interpret::{EffectKind, Interpreter, Mode};

/// Methods that a handler may tell apart.
pub(super) const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

/// What running a chain has shown.
#[derive(Default, Clone)]
pub(super) struct Course {
    pub(super) open: Vec<State>,
    pub(super) rejected_by: Option<CauseId>,
    pub(super) rejected: bool,
    pub(super) passed: bool,
    pub(super) consulted: Option<CauseId>,
    pub(super) guards: Vec<Guard>,
    pub(super) ineffective: Vec<Ineffective>,
    pub(super) limited: bool,
    pub(super) out_of_budget: bool,
    pub(super) conditional: bool,
    /// Some request was turned away without anybody asking who the caller is.
    pub(super) unasked: bool,
    /// A route before this one answers every request.
    pub(super) shadowed: bool,
    /// The function of the route that answered, where it is not the last.
    pub(super) answered_by: Option<Value>,
    /// Functions of the route that come after the one that answers.
    pub(super) unreached: Vec<Step>,
    /// Courses that may go on further down.
    pub(super) detours: Detours,
    /// On the platform that the code asks for, nobody without an identity gets through.
    pub(super) deployed: bool,
    /// A function rejects everybody, as long as no other request has changed a variable.
    pub(super) passing: bool,
}

impl Course {
    /// Adds what was noted of a later step.
    fn absorb(&mut self, later: Course) {
        self.open.extend(later.open);
        self.rejected |= later.rejected;
        self.rejected_by = self.rejected_by.or(later.rejected_by);
        self.consulted = self.consulted.or(later.consulted);
        self.guards.extend(later.guards);
        self.ineffective.extend(later.ineffective);
        self.limited |= later.limited;
        self.shadowed |= later.shadowed;
        self.conditional |= later.conditional;
        self.unasked |= later.unasked;
        self.passing |= later.passing;
        self.answered_by = self.answered_by.or(later.answered_by);
        self.detours.absorb(later.detours);
    }
}

/// Files that a middleware kept.
fn uploads(interpreter: &Interpreter, state: &State) -> Vec<u32> {
    let is_file = |n: &&u32| interpreter.effect_of(**n).kind == EffectKind::FileWrite;
    state.request.effects.iter().filter(is_file).copied().collect()
}

pub(super) fn judge(interpreter: &mut Interpreter, state: &State, route: &Route, config: &Config, shared: &mut Shared) -> Vec<Endpoint> {
    let mark = interpreter.heap_size();
    interpreter.hold_back();
    let whole = survey(interpreter, state, route, None);
    interpreter.forget(mark);
    let unfinished = interpreter.give_back();
    // A guard registered for a path: it passes on, or rejects, and never answers.
    let is_returning = route.steps.last().is_some_and(|s| s.kind == StepKind::Returning);
    let is_guard_only = !is_returning
        && !unfinished
        && if route.is_layer { !whole.answers || whole.passes } else { whole.passes && !whole.answers && route.method != "OPTIONS" };
    // `app.use('/save', (req, res, next) => (req.method === 'POST' ? save(req, res) : next()))`
    let answered: Vec<Option<&str>> = if is_guard_only && route.is_layer && whole.answers {
        let own = |m: &&str| whole.methods.iter().any(|s| s == m) && *m != "OPTIONS";
        let mut answers = |m: &&str| {
            let survey = survey(interpreter, state, route, Some(m));
            survey.answers && !survey.passes
        };
        METHODS.iter().copied().filter(own).filter(|m| answers(m)).map(Some).collect()
    } else {
        Vec::new()
    };
    interpreter.forget(mark);
    if is_guard_only && answered.is_empty() {
        return Vec::new();
    }
    let methods: Vec<Option<&str>> = if is_guard_only {
        answered
    } else if route.dispatches {
        let seen: Vec<Option<&str>> = METHODS
            .iter()
            .copied()
            .filter(|m| whole.methods.iter().any(|s| s == m) && (*m != "OPTIONS" || whole.methods.len() == 1))
            .map(Some)
            .collect();
        if seen.is_empty() { vec![None] } else { seen }
    } else if route.method == "ALL" {
        vec![None]
    } else {
        vec![Some(route.method.as_str())]
    };
    let mut out = Vec::new();
    let several = methods.len() > 1 || route.dispatches || is_guard_only;
    // Methods that the handler does not name, where it does something for them as well.
    let rest = (route.dispatches && methods != [None])
        .then(|| ["PATCH", "DELETE", "PUT", "POST"].into_iter().find(|m| !methods.contains(&Some(m))))
        .flatten();
    if let Some(rest) = rest {
        let course = run_everywhere(interpreter, state, route, Some(rest), false, shared);
        if course.open.iter().any(|s| !s.request.effects.is_empty() || s.request.reveals) {
            let endpoint = conclude(interpreter, state, route, None, course, &whole, config);
            interpreter.forget(mark.max(shared.kept()));
            out.extend(endpoint);
        }
    }
    let writes = whole.effects.iter().any(|n| interpreter.effect_of(*n).kind.writes());
    for method in methods.iter().copied() {
        let course = run_everywhere(interpreter, state, route, method, writes, shared);
        // A method that only a helper asks for, and that the handler turns away whoever sends it.
        if methods.len() > 1 && course.open.is_empty() && !course.passed && !course.out_of_budget {
            let own = survey(interpreter, state, route, method);
            if !own.answers && own.effects.is_empty() && !interpreter.out_of_budget() {
                interpreter.forget(mark.max(shared.kept()));
                continue;
            }
        }
        let endpoint = conclude(interpreter, state, route, method.filter(|_| several), course, &whole, config);
        interpreter.forget(mark.max(shared.kept()));
        out.extend(endpoint);
    }
    out
}

/// What a handler does when every check may pass or fail.
pub(super) struct Survey {
    pub(super) hashes_password: bool,
    pub(super) signs_in: bool,
    pub(super) effects: crate::sorted::SortedSet<u32>,
    pub(super) fields: Vec<String>,
    pub(super) role: bool,
    pub(super) methods: Vec<String>,
    /// It can answer by itself; it can pass the request on.
    pub(super) answers: bool,
    pub(super) passes: bool,
}

pub(super) fn survey(interpreter: &mut Interpreter, state: &State, route: &Route, method: Option<&str>) -> Survey {
    interpreter.begin_request(Mode::Anyone);
    interpreter.in_route = true;
    interpreter.effects_seen.clear();
    interpreter.fields_seen.clear();
    interpreter.methods_seen.clear();
    interpreter.role_seen = false;
    interpreter.hashes_password = false;
    interpreter.signs_in = false;
    let mut own = state.clone();
    let exchange = exchange(interpreter, &mut own, route, method);
    let (mut answers, mut passes, mut redirects) = (false, false, false);
    for step in &route.steps {
        if step.kind == StepKind::Prepare {
            let prepared = call_step(interpreter, own, step, exchange);
            own = prepared.into_iter().next().map_or_else(|| state.clone(), |(state, _)| state);
            continue;
        }
        // The handler, and what stands with it: guards before it are not what the endpoint is for.
        if step.site == route.site {
            let mut fresh = own.clone();
            fresh.request = Default::default();
            for (mut state, flow) in call_step(interpreter, fresh, step, exchange) {
                match end_of(interpreter, &mut state, flow, step.kind, 0) {
                    End::Open if is_bare_redirect(&state, &route.method) => redirects = true,
                    // A course without an answer may be one that was joined with a rejection.
                    End::Open => answers |= state.request.answer.is_some() || state.request.handed_over || step.kind == StepKind::Returning,
                    // Of several functions, the last says what the registration is.
                    End::Passed if Some(step) == route.steps.last() => passes = true,
                    _ => {}
                }
            }
        }
    }
    Survey {
        // Sending some requests elsewhere and passing the others on is what guards do.
        answers: answers || (redirects && !passes),
        passes,
        effects: std::mem::take(&mut interpreter.effects_seen),
        fields: field_names(interpreter, &interpreter.fields_seen.clone()),
        role: interpreter.role_seen,
        hashes_password: interpreter.hashes_password,
        signs_in: interpreter.signs_in,
        methods: interpreter.methods_seen.iter().cloned().collect(),
    }
}

pub(super) fn run(interpreter: &mut Interpreter, state: &State, route: &Route, method: Option<&str>, shared: &mut Shared) -> Course {
    interpreter.begin_request(Mode::Anonymous);
    (interpreter.read_path, interpreter.read_method, interpreter.asked_for_get) = (false, false, false);
    let mut course = Course::default();
    let Some((handler, before)) = route.steps.split_last() else { return course };
    // A layer in front of the server gets a Web request, whatever the handler gets.
    let fronted = before.iter().any(|s| s.kind == StepKind::Front);
    let (first, own, front) = if fronted {
        let mut first = state.clone();
        let own = exchange(interpreter, &mut first, route, method);
        let front = if route.convention == Convention::Fetch {
            own
        } else {
            exchange_as(interpreter, &mut first, route, method, Convention::Fetch)
        };
        (first, own, front)
    } else {
        let (mut first, own) = shared_exchange(interpreter, state, route, shared);
        set_target(interpreter, &mut first, own.request, route, method, 0);
        (first, own, own)
    };
    let mut states = vec![first];
    let mut uploaded = std::collections::BTreeSet::new();
    for (at, step) in before.iter().enumerate() {
        let to_come = &route.steps[at + 1..];
        states.extend(course.detours.outside(step));
        // An error handler is not called for a request that goes well.
        if is_error_handler(interpreter, state, step) {
            if !course.detours.is_empty() {
                interpreter.begin_step();
                states.extend(recover(interpreter, step, own, &mut course));
                states = merge(interpreter, states, shared.base, &[own, front], to_come);
            }
            continue;
        }
        if states.is_empty() {
            if course.answered_by.is_some() && step.site == route.site {
                course.unreached.push(step.clone());
            }
            continue;
        }
        if !fronted {
            for state in &mut states {
                set_target(interpreter, state, own.request, route, method, step.mounted);
            }
        }
        let shareable = !fronted && step.site != route.site && states.len() <= MOST_SHARED;
        if shareable && let Some(mut passage) = known_passage(interpreter, shared, step, &states, own) {
            passage.course.detours.moved(step);
            interpreter.entered.extend(&passage.entered);
            course.absorb(passage.course);
            states = passage.after;
            continue;
        }
        let key = shareable.then(|| states.clone());
        interpreter.read_target = false;
        interpreter.begin_step();
        interpreter.passing_only = step.site != route.site;
        interpreter.in_route = step.site == route.site;
        let mut noted = Course::default();
        let entered = std::mem::take(&mut interpreter.entered);
        states = pass_step(interpreter, route, step, states, if step.kind == StepKind::Front { front } else { own }, &mut noted);
        // What a function of the route's own keeps is part of what the endpoint does.
        let kept: Vec<Vec<u32>> = states.iter().filter(|_| step.site == route.site).map(|s| uploads(interpreter, s)).collect();
        states = merge(interpreter, states, shared.base, &[own, front], to_come);
        uploaded.extend(kept.into_iter().flatten());
        for state in &mut states {
            if !uploaded.is_empty() {
                unite(std::rc::Rc::make_mut(&mut state.request.effects), uploaded.iter().copied());
            }
        }
        if let Some(before) = key
            && !interpreter.read_target
            && !interpreter.out_of_budget()
        {
            let (after, entered) = (states.clone(), interpreter.entered.clone());
            shared.keep(step, Crossing { before, after, conditions: step.conditions.clone(), course: noted.clone(), entered });
            shared.mark = interpreter.heap_size();
        }
        interpreter.entered.extend(entered);
        course.out_of_budget |= interpreter.out_of_budget();
        course.absorb(noted);
    }
    states.extend(course.detours.outside(handler));
    interpreter.begin_step();
    interpreter.passing_only = false;
    interpreter.in_route = true;
    if states.is_empty() && course.answered_by.is_some() {
        course.unreached.push(handler.clone());
    }
    for mut state in states {
        state.request.consulted = None;
        (state.request.denied, state.request.partly_denied) = (None, None);
        // Who was given the answer before has passed the request on.
        state.request.handed_over = false;
        if !fronted {
            set_target(interpreter, &mut state, own.request, route, method, handler.mounted);
        }
        let (reached_unseen, before) = (state.request.unseen, state.request.effects.len());
        for (mut state, flow) in call_step(interpreter, state, handler, own) {
            state.request.unseen = state.request.unseen.or(reached_unseen);
            if course.consulted.is_none() {
                course.consulted = state.request.consulted.or(state.request.denied);
            }
            match end_of(interpreter, &mut state, flow, handler.kind, before) {
                End::Open => course.open.push(state),
                End::Rejected(cause) => {
                    course.rejected = true;
                    course.unasked |= cause.or(state.request.lacking).is_none();
                    course.rejected_by = course.rejected_by.or(cause).or(state.request.consulted);
                }
                End::Passed => course.passed = true,
                End::Silent => {}
            }
        }
    }
    course.out_of_budget |= interpreter.out_of_budget();
    course
}
