//! Running a route's chain, step by step, as an anonymous caller.
//!
//! ```js
//! async (req, res, next) => { if (!req.user) return res.sendStatus(401); next() }   // no state goes on: it enforces
//! async (req, res, next) => { if (!req.user) res.sendStatus(401); next() }          // one does: it is ineffective
//! ```

use super::{Endpoint, effect_names, field_names};
use crate::config::Config;
use crate::interpret::hook::Through;
use crate::interpret::framework::{Near, Route, Step, StepKind};
use crate::interpret::object::{Convention, Kind, Site, Status};
use crate::interpret::state::{AnswerKind, Flow, Lost, Next, State};
use crate::interpret::value::{CauseId, Part, Taint, Value};
use crate::interpret::{Evidence, Interpreter, Mode};
use crate::knowledge::names;
use crate::report::Auth;

/// Methods that a handler may tell apart.
const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

/// A function before the handler that concerns authentication.
#[derive(Debug, Clone, PartialEq)]
pub struct Guard {
    pub name: String,
    /// Where it was registered, or where the check stands.
    pub site: Site,
    pub effect: GuardEffect,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GuardEffect {
    Enforces,
    Attaches,
    Ineffective,
    ByName,
    Unknown,
}

impl GuardEffect {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Enforces => "enforces",
            Self::Attaches => "attaches",
            Self::Ineffective => "ineffective",
            Self::ByName => "by-name",
            Self::Unknown => "unknown",
        }
    }
}

/// A guard that rejects and lets through all the same.
#[derive(Debug, Clone, PartialEq)]
pub struct Ineffective {
    pub name: String,
    /// Where the function stands, or where it was registered if it has no body.
    pub site: Site,
    pub why: &'static str,
}

/// How one course of a request ends.
enum End {
    Open,
    Rejected(Option<CauseId>),
    /// Passed on to whatever comes next.
    Passed,
    /// Neither answered nor passed on.
    Silent,
}

/// What running a chain has shown.
#[derive(Default, Clone)]
struct Course {
    open: Vec<State>,
    rejected_by: Option<CauseId>,
    rejected: bool,
    passed: bool,
    consulted: Option<CauseId>,
    guards: Vec<Guard>,
    ineffective: Vec<Ineffective>,
    limited: bool,
    out_of_budget: bool,
    conditional: bool,
    /// A route before this one answers every request.
    shadowed: bool,
    /// The function of the route that answered, where it is not the last.
    answered_by: Option<Value>,
    /// Functions of the route that come after the one that answers.
    unreached: Vec<Step>,
}

/// What functions that many routes share have made of a request.
///
/// Only results that do not depend on the request's method or path are kept.
pub struct Shared {
    /// One request and answer per convention, so that states of different routes can be compared.
    exchanges: rustc_hash::FxHashMap<Convention, (State, Exchange)>,
    steps: rustc_hash::FxHashMap<(Value, Site, StepKind), Vec<Crossing>>,
    /// The heap's size when start-up was over.
    base: usize,
    /// The heap's size up to which objects belong to kept states.
    mark: usize,
}

impl Shared {
    pub fn new(heap_size: usize) -> Self {
        Self { exchanges: Default::default(), steps: Default::default(), base: heap_size, mark: heap_size }
    }
}

/// One state on its way through one function.
#[derive(Clone)]
struct Crossing {
    before: State,
    after: Vec<State>,
    /// What was noted on the way.
    course: Course,
}

/// Slots of a request that differ from route to route.
const TARGET: [&str; 5] = ["url", "originalUrl", "path", "pathname", "method"];

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
        self.answered_by = self.answered_by.or(later.answered_by);
    }
}

pub fn judge(interpreter: &mut Interpreter, state: &State, route: &Route, config: &Config, shared: &mut Shared) -> Vec<Endpoint> {
    let mark = interpreter.heap_size();
    let survey = survey(interpreter, state, route);
    interpreter.forget(mark);
    // A guard registered for a path: it passes on, or rejects, and never answers.
    let is_returning = route.steps.last().is_some_and(|s| s.kind == StepKind::Returning);
    let is_guard_only = !is_returning && if route.is_layer { !survey.answers || survey.passes } else { survey.passes && !survey.answers && route.method != "OPTIONS" };
    if is_guard_only {
        return Vec::new();
    }
    let methods: Vec<Option<&str>> = if route.dispatches {
        let seen: Vec<Option<&str>> =
            METHODS.iter().copied().filter(|m| survey.methods.iter().any(|s| s == m) && (*m != "OPTIONS" || survey.methods.len() == 1)).map(Some).collect();
        if seen.is_empty() { vec![None] } else { seen }
    } else if route.method == "ALL" {
        vec![None]
    } else {
        vec![Some(route.method.as_str())]
    };
    let mut out = Vec::new();
    let several = methods.len() > 1 || route.dispatches;
    // Methods that the handler does not name, where it does something for them as well.
    let rest = (route.dispatches && methods != [None]).then(|| ["PATCH", "DELETE", "PUT", "POST"].into_iter().find(|m| !methods.contains(&Some(m)))).flatten();
    if let Some(rest) = rest {
        let course = run(interpreter, state, route, Some(rest), shared);
        if course.open.iter().any(|s| !s.request.effects.is_empty() || s.request.reveals) {
            let endpoint = conclude(interpreter, state, route, None, course, &survey, config);
            interpreter.forget(mark.max(shared.mark));
            out.extend(endpoint);
        }
    }
    for method in methods {
        let course = run(interpreter, state, route, method, shared);
        let endpoint = conclude(interpreter, state, route, method.filter(|_| several), course, &survey, config);
        interpreter.forget(mark.max(shared.mark));
        out.extend(endpoint);
    }
    out
}

/// What a handler does when every check may pass or fail.
struct Survey {
    hashes_password: bool,
    effects: std::collections::BTreeSet<u32>,
    fields: Vec<String>,
    role: bool,
    methods: Vec<String>,
    /// It can answer by itself; it can pass the request on.
    answers: bool,
    passes: bool,
}

fn survey(interpreter: &mut Interpreter, state: &State, route: &Route) -> Survey {
    interpreter.begin_request(Mode::Anyone);
    interpreter.effects_seen.clear();
    interpreter.fields_seen.clear();
    interpreter.methods_seen.clear();
    interpreter.role_seen = false;
    interpreter.hashes_password = false;
    let mut own = state.clone();
    let exchange = exchange(interpreter, &mut own, route, None);
    let (mut answers, mut passes) = (false, false);
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
                match end_of(interpreter, &mut state, flow, step.kind) {
                    End::Open => answers = true,
                    // Of several functions, the last says what the registration is.
                    End::Passed if Some(step) == route.steps.last() => passes = true,
                    _ => {}
                }
            }
        }
    }
    Survey {
        answers,
        passes,
        effects: std::mem::take(&mut interpreter.effects_seen),
        fields: field_names(interpreter, &interpreter.fields_seen.clone()),
        role: interpreter.role_seen,
        hashes_password: interpreter.hashes_password,
        methods: interpreter.methods_seen.iter().cloned().collect(),
    }
}

/// What the functions of one run are called with.
#[derive(Clone, Copy)]
struct Exchange {
    convention: Convention,
    request: Value,
    answer: Value,
}

/// A request and an answer as the framework would hand them over.
fn exchange(interpreter: &mut Interpreter, state: &mut State, route: &Route, method: Option<&str>) -> Exchange {
    exchange_as(interpreter, state, route, method, route.convention)
}

fn exchange_as(interpreter: &mut Interpreter, state: &mut State, route: &Route, method: Option<&str>, convention: Convention) -> Exchange {
    let parts = path_parts(interpreter, &route.path);
    let path = (!parts.is_empty()).then(|| interpreter.values.pattern(parts, Taint::REQUEST.union(Taint::URL)));
    let (request, answer) = interpreter.exchange(state, convention, method, path);
    Exchange { convention, request, answer }
}

/// The endpoint's path with holes for its parameters.
fn path_parts(interpreter: &mut Interpreter, path: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut text = String::new();
    for segment in path.split('/').filter(|s| !s.is_empty()) {
        text.push('/');
        if segment.starts_with(':') || segment.starts_with('*') {
            parts.push(Part::Text(interpreter.values.atom(&text)));
            parts.push(Part::Hole);
            text.clear();
        } else {
            text.push_str(segment);
        }
    }
    if text.is_empty() && parts.is_empty() {
        text.push('/');
    }
    if !text.is_empty() {
        parts.push(Part::Text(interpreter.values.atom(&text)));
    }
    parts
}

fn call_step(interpreter: &mut Interpreter, state: State, step: &Step, exchange: Exchange) -> Vec<(State, Flow)> {
    let Exchange { convention, request, answer } = exchange;
    let next = interpreter.values.native(crate::interpret::native::Native::Next(convention));
    let args = match convention {
        Convention::Fetch => vec![request, answer],
        Convention::Express => vec![request, answer, next, Value::UNKNOWN],
        Convention::Fastify if step.kind == StepKind::ParsingHook => vec![request, answer, Value::truthy(Taint::REQUEST), next],
        Convention::Fastify => vec![request, answer, next],
    };
    let outcomes = interpreter.call(state, step.site, step.function, Value::Undefined, args);
    // What an async function's promise comes to is what the framework sees.
    interpreter.each(outcomes, |i, state, value| i.wait_for(state, step.site, value))
}

fn call_hook(interpreter: &mut Interpreter, state: State, step: &Step, Exchange { request, answer, .. }: Exchange) -> Vec<(State, Through)> {
    let next = interpreter.values.native(crate::interpret::native::Native::Next(Convention::Fastify));
    let args = match step.kind {
        StepKind::ParsingHook => vec![request, answer, Value::truthy(Taint::REQUEST), next],
        _ => vec![request, answer, next],
    };
    interpreter.pass_hook(state, step.site, step.function, args)
}

fn run(interpreter: &mut Interpreter, state: &State, route: &Route, method: Option<&str>, shared: &mut Shared) -> Course {
    interpreter.begin_request(Mode::Anonymous);
    let mut course = Course::default();
    let Some((handler, before)) = route.steps.split_last() else { return course };
    // A layer in front of the server gets a Web request, whatever the handler gets.
    let fronted = before.iter().any(|s| s.kind == StepKind::Front);
    let (first, own, front) = if fronted {
        let mut first = state.clone();
        let own = exchange(interpreter, &mut first, route, method);
        let front = if route.convention == Convention::Fetch { own } else { exchange_as(interpreter, &mut first, route, method, Convention::Fetch) };
        (first, own, front)
    } else {
        let (mut first, own) = shared_exchange(interpreter, state, route, shared);
        set_target(interpreter, &mut first, own.request, route, method, 0);
        (first, own, own)
    };
    let mut states = vec![first];
    for step in before {
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
        let shareable = !fronted && !step.conditional && step.site != route.site && states.len() == 1;
        if shareable && let Some(passage) = known_passage(interpreter, shared, step, &states[0], own) {
            course.absorb(passage.course);
            states = passage.after;
            continue;
        }
        let key = shareable.then(|| states[0].clone());
        interpreter.read_target = false;
        interpreter.begin_step();
        interpreter.passing_only = step.site != route.site;
        let mut noted = Course::default();
        states = pass_step(interpreter, route, step, states, if step.kind == StepKind::Front { front } else { own }, &mut noted);
        states = merge(interpreter, states, shared.base, &[own, front]);
        if let Some(before) = key
            && !interpreter.read_target
            && !interpreter.out_of_budget()
        {
            let passage = Crossing { before, after: states.clone(), course: noted.clone() };
            shared.steps.entry((step.function, step.site, step.kind)).or_default().push(passage);
            shared.mark = interpreter.heap_size();
        }
        course.out_of_budget |= interpreter.out_of_budget();
        course.absorb(noted);
    }
    interpreter.begin_step();
    interpreter.passing_only = false;
    if states.is_empty() && course.answered_by.is_some() {
        course.unreached.push(handler.clone());
    }
    for mut state in states {
        state.request.consulted = None;
        state.request.denied = None;
        if !fronted && handler.mounted > 0 {
            set_target(interpreter, &mut state, own.request, route, method, handler.mounted);
        }
        let reached_unseen = state.request.unseen;
        for (mut state, flow) in call_step(interpreter, state, handler, own) {
            state.request.unseen = state.request.unseen.or(reached_unseen);
            if course.consulted.is_none() {
                course.consulted = state.request.consulted.or(state.request.denied);
            }
            match end_of(interpreter, &mut state, flow, handler.kind) {
                End::Open => course.open.push(state),
                End::Rejected(cause) => {
                    course.rejected = true;
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

/// The request and answer that runs of one convention share.
fn shared_exchange(interpreter: &mut Interpreter, state: &State, route: &Route, shared: &mut Shared) -> (State, Exchange) {
    if let Some((state, exchange)) = shared.exchanges.get(&route.convention) {
        return (state.clone(), *exchange);
    }
    let mut first = state.clone();
    let own = exchange(interpreter, &mut first, route, None);
    shared.exchanges.insert(route.convention, (first.clone(), own));
    shared.mark = interpreter.heap_size();
    (first, own)
}

/// A kept passage of an equal state through the same function.
fn known_passage(interpreter: &mut Interpreter, shared: &Shared, step: &Step, state: &State, own: Exchange) -> Option<Crossing> {
    let request = own.request.as_object()?;
    let target = TARGET.map(|name| interpreter.values.atom(name).0);
    let passages = shared.steps.get(&(step.function, step.site, step.kind))?;
    passages.iter().find(|p| p.before.conditions == state.conditions && p.before.request == state.request && p.before.same_but(state, request, &target)).cloned()
}

/// Puts the route's own method and path into a request that was made for another.
fn set_target(interpreter: &mut Interpreter, state: &mut State, request: Value, route: &Route, method: Option<&str>, mounted: usize) {
    let Value::Object(request) = request else { return };
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
    if mounted > 0 {
        let below: Vec<&str> = route.path.split('/').filter(|s| !s.is_empty()).skip(mounted).collect();
        let parts = path_parts(interpreter, &format!("/{}", below.join("/")));
        let mut with_query = parts.clone();
        if with_query.last() != Some(&Part::Hole) {
            with_query.push(Part::Hole);
        }
        let taint = Taint::REQUEST.union(Taint::URL);
        let (path, url) = (interpreter.values.pattern(parts, taint), interpreter.values.pattern(with_query, taint));
        for (name, value) in [("path", path), ("url", url)] {
            let slot = interpreter.values.atom(name).0;
            interpreter.object_mut(state, request).slots.insert(slot, value);
        }
    }
}

/// What comes after a step sees only what it left on the request and the answer: one state per course goes on.
fn merge(interpreter: &mut Interpreter, states: Vec<State>, mark: usize, exchanges: &[Exchange]) -> Vec<State> {
    let roots: Vec<Value> = exchanges.iter().flat_map(|e| [e.request, e.answer]).collect();
    let mut out: Vec<State> = Vec::new();
    for mut state in states {
        if !state.request.escaped {
            state.request.effects = Default::default();
            state.request.worked = false;
        }
        state.request.lacking = None;
        state.request.denied = None;
        state.request.caught = false;
        state.request.reveals = false;
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

/// Runs one step on every state; what comes back goes on to the next.
fn pass_step(
    interpreter: &mut Interpreter,
    route: &Route,
    step: &Step,
    states: Vec<State>,
    exchange: Exchange,
    course: &mut Course,
) -> Vec<State> {
    let name = interpreter.function_name(&states[0], step.function);
    if name.as_deref().is_some_and(is_limiter) {
        course.limited = true;
    }
    // An error handler is not called for a request that goes well.
    if step.kind == StepKind::Middleware && interpreter.arity(&states[0], step.function) == Some(4) {
        return states;
    }
    let mut on = Vec::new();
    let mut lost = None;
    let (mut shadowing, mut all_answered) = (false, true);
    let mut rejected_by = None;
    let mut rejected = false;
    let mut consulted = None;
    let mut escaped = false;
    for state in states {
        let mut state = state;
        if step.conditional {
            match step.decided(&state.conditions) {
                // Assumed before: a guard registered on the other side of the same branch.
                Some(true) => {}
                Some(false) => {
                    on.push(state);
                    continue;
                }
                None => {
                    let mut without = state.clone();
                    if let [only] = step.conditions.as_slice() {
                        std::rc::Rc::make_mut(&mut without.conditions).push(crate::interpret::object::Condition { taken: !only.taken, ..*only });
                    }
                    std::rc::Rc::make_mut(&mut state.conditions).extend(step.conditions.iter().copied());
                    on.push(without);
                }
            }
        }
        let had = state.request.consulted;
        state.request.denied = None;
        if matches!(step.kind, StepKind::Hook | StepKind::ParsingHook) {
            for (mut state, passage) in call_hook(interpreter, state, step, exchange) {
                if state.request.consulted != had {
                    consulted = consulted.or(state.request.consulted);
                }
                lost = lost.or(state.request.lost.take());
                if passage == Through::Passed {
                    state.request.next = None;
                    state.request.status = None;
                    on.push(state);
                } else {
                    rejected = true;
                    rejected_by = rejected_by.or(state.request.denied);
                }
            }
            continue;
        }
        for (mut state, flow) in call_step(interpreter, state, step, exchange) {
            if state.request.consulted != had {
                consulted = consulted.or(state.request.consulted);
            }
            let goes_on = match step.kind {
                StepKind::Prepare => true,
                StepKind::Front => front_passes(interpreter, &mut state, flow),
                _ => match (flow, state.request.next) {
                    (Flow::Throw(_), None) => false,
                    (_, Some(Next::Called)) => true,
                    (_, Some(Next::Failed | Next::Skipped)) => false,
                    // A function of the route itself that answers is its handler; what follows is never reached.
                    _ if step.site == route.site && matches!(state.request.answer, Some(a) if a.kind == AnswerKind::Success) => {
                        course.open.push(state.clone());
                        course.answered_by = Some(step.function);
                        false
                    }
                    // Code that cannot be seen was given the request: whether it passes cannot be told.
                    (Flow::Value(Value::Opaque(_)), None) if state.request.answer.is_none() && is_unknown(step.function) => {
                        let cause = interpreter.cause("a function that cannot be seen", step.site, Evidence::Unseen);
                        state.request.unseen.get_or_insert(cause);
                        true
                    }
                    // Another route of the same path that answers: this one keeps its own verdict.
                    _ => {
                        let answered = matches!(state.request.answer, Some(a) if a.kind == AnswerKind::Success);
                        shadowing |= answered && step.kind == StepKind::Handler;
                        answered
                    }
                },
            };
            all_answered &= shadowing && state.request.next.is_none();
            if goes_on {
                escaped |= state.request.escaped;
                lost = lost.or(state.request.lost.take());
                state.request.next = None;
                if !state.request.escaped {
                    state.request.answer = None;
                    state.request.status = None;
                }
                on.push(state);
            } else {
                rejected = true;
                rejected_by = rejected_by.or(state.request.denied);
            }
        }
    }
    course.shadowed |= shadowing && all_answered && !rejected;
    note_guard(interpreter, step, name, rejected, rejected_by, consulted, &on, escaped, lost, course);
    on
}

/// Why a check that failed protects nothing.
const fn lost_words(lost: Lost) -> &'static str {
    match lost {
        Lost::NotAwaited => "nobody waits for its promise, so its rejection is lost",
        Lost::PromiseIsTrue => "it tests a promise, which is always true: an `await` is missing",
        Lost::Swallowed => "it catches the failure of the check and goes on",
        Lost::Optional => "it is told to let callers without credentials through",
        Lost::Ignored => "the result of the check is not looked at",
    }
}

fn is_unknown(value: Value) -> bool {
    matches!(value, Value::Opaque(_) | Value::Union(_))
}

fn is_limiter(name: &str) -> bool {
    names::words(name).iter().any(|w| matches!(w.as_str(), "limiter" | "ratelimit" | "throttle" | "slowdown")) || {
        let words = names::words(name);
        words.windows(2).any(|w| w[0] == "rate" && w[1].starts_with("limit"))
    }
}

#[expect(clippy::too_many_arguments, reason = "what was observed of one step")]
fn note_guard(
    interpreter: &mut Interpreter,
    step: &Step,
    name: Option<String>,
    rejected: bool,
    rejected_by: Option<CauseId>,
    consulted: Option<CauseId>,
    on: &[State],
    escaped: bool,
    lost: Option<(CauseId, Lost)>,
    course: &mut Course,
) {
    let cause = rejected_by.or(consulted);
    let name = match cause.map(|c| interpreter.cause_of(c)) {
        // As the configuration calls it.
        Some(cause) if cause.evidence == Evidence::Config => Some(names::last_word(&cause.what).to_owned()),
        _ => name,
    };
    let name = name.unwrap_or_else(|| cause.map_or_else(|| "anonymous function".into(), |c| interpreter.cause_of(c).what.clone()));
    let effect = if on.is_empty() && rejected {
        if cause.is_some_and(|c| interpreter.cause_of(c).evidence == Evidence::Name) { GuardEffect::ByName } else { GuardEffect::Enforces }
    } else if rejected_by.is_some() || escaped || lost.is_some() {
        GuardEffect::Ineffective
    } else if consulted.is_some() {
        GuardEffect::Attaches
    } else {
        return;
    };
    if on.is_empty() {
        course.rejected = true;
        course.rejected_by = course.rejected_by.or(rejected_by);
    }
    if effect == GuardEffect::Ineffective {
        let site = interpreter.function_site(&State::default(), step.function).unwrap_or(step.site);
        let why = if let Some((_, lost)) = lost {
            lost_words(lost)
        } else if step.conditional {
            course.conditional = true;
            "it is only registered under a condition"
        } else if escaped {
            "it goes on after it has answered with an error: a `return` is missing"
        } else {
            "it lets some anonymous requests through"
        };
        course.ineffective.push(Ineffective { name: name.clone(), site, why });
    }
    course.guards.push(Guard { name, site: step.site, effect });
}

/// A layer in front of the whole server passes unless it answers with a redirect or an error.
fn front_passes(interpreter: &Interpreter, state: &mut State, flow: Flow) -> bool {
    if state.request.answer.is_some_and(|a| a.kind != AnswerKind::Success) {
        return false;
    }
    // What it does for every request is not what the endpoint does.
    state.request.effects = Default::default();
    state.request.reveals = false;
    match flow {
        Flow::Throw(_) => false,
        Flow::Value(Value::Object(id)) => match &interpreter.object(state, id).kind {
            Kind::Response { passes: true, .. } => true,
            Kind::Response { status, redirect, .. } => {
                let rewrites = *redirect && !status.is_redirect();
                !(status.is_rejection() || (*redirect && state.request.denied.is_some() && !rewrites) || (*redirect && state.request.denied.is_some()))
            }
            _ => true,
        },
        _ => true,
    }
}

/// How one course of the handler ends.
fn end_of(interpreter: &Interpreter, state: &mut State, flow: Flow, kind: StepKind) -> End {
    let denied = state.request.denied;
    if state.request.worked_after_rejection {
        return End::Open;
    }
    // The work was done before anybody asked who the caller is.
    if state.request.worked && denied.is_some() {
        return End::Open;
    }
    match (flow, state.request.next) {
        (_, Some(Next::Failed | Next::Skipped)) => return End::Rejected(denied),
        (_, Some(Next::Called)) if state.request.answer.is_none() => return End::Passed,
        (Flow::Throw(_), _) => {
            return match state.request.answer {
                Some(answer) if answer.kind == AnswerKind::Redirect && denied.is_none() => End::Open,
                _ => End::Rejected(denied),
            };
        }
        _ => {}
    }
    if let Some(answer) = state.request.answer {
        return match answer.kind {
            AnswerKind::Rejection => End::Rejected(denied),
            AnswerKind::Redirect if denied.is_some() => End::Rejected(denied),
            AnswerKind::Redirect => End::Open,
            AnswerKind::Success => {
                if !answer.constant {
                    state.request.reveals = true;
                }
                End::Open
            }
        };
    }
    if kind == StepKind::Returning
        && let Flow::Value(value) = flow
    {
        // `reply.code(401); return { error }`: the status set before is that of what is returned.
        if state.request.status.is_some_and(Status::is_rejection) && value != Value::Undefined && interpreter.is_constant(state, value) {
            return End::Rejected(denied);
        }
        return end_of_value(interpreter, state, value);
    }
    if !state.request.effects.is_empty() || state.request.handed_over {
        if state.request.handed_over {
            state.request.reveals = true;
        }
        return End::Open;
    }
    End::Silent
}

/// A handler that answers by what it returns.
fn end_of_value(interpreter: &Interpreter, state: &mut State, value: Value) -> End {
    let denied = state.request.denied;
    match value {
        Value::Object(id) => match &interpreter.object(state, id).kind {
            Kind::Response { status, redirect, .. } => {
                if status.is_rejection() || (*redirect && denied.is_some()) || (*status == Status::Unknown && state.request.caught) {
                    End::Rejected(denied)
                } else {
                    End::Open
                }
            }
            Kind::Error { .. } => End::Rejected(denied),
            _ => {
                state.request.reveals = true;
                End::Open
            }
        },
        Value::Undefined => {
            if state.request.effects.is_empty() && !state.request.handed_over {
                End::Silent
            } else {
                End::Open
            }
        }
        Value::Opaque(o) if o.taint.has(Taint::ERROR) => End::Rejected(denied),
        Value::Opaque(_) | Value::External(_) | Value::Union(_) | Value::Pattern(_) => {
            state.request.reveals = true;
            End::Open
        }
        _ => End::Open,
    }
}

fn conclude(
    interpreter: &mut Interpreter,
    state: &State,
    route: &Route,
    method: Option<&str>,
    mut course: Course,
    survey: &Survey,
    config: &Config,
) -> Option<Endpoint> {
    let handler = course.answered_by.unwrap_or_else(|| route.steps.last().map_or(Value::Undefined, |s| s.function));
    let is_open = !course.open.is_empty();
    // A registration without a handler of its own: guards that pass on to the route itself.
    if !is_open && course.passed && route.method != "OPTIONS" {
        return None;
    }
    let unseen = course.open.iter().all(|s| s.request.unseen.is_some());
    let (auth, why) = if !is_open && course.out_of_budget {
        (Auth::Unknown, "it is too large to be analysed whole".into())
    } else if !is_open && (course.rejected || course.rejected_by.is_some()) {
        match course.rejected_by {
            Some(cause) => {
                let cause = interpreter.cause_of(cause).clone();
                let by_name = if cause.evidence == Evidence::Name { ", judged by its name alone" } else { "" };
                (Auth::Required, format!("an anonymous caller is rejected by {}{by_name}", cause.what))
            }
            None if course.guards.iter().any(|g| matches!(g.effect, GuardEffect::Enforces | GuardEffect::ByName)) => {
                (Auth::Required, "every request is rejected before the handler".into())
            }
            None => (Auth::None, "it rejects every request, whoever sends it".into()),
        }
    } else if is_open && unseen {
        let cause = course.open.iter().find_map(|s| s.request.unseen);
        let what = cause.map_or_else(String::new, |c| interpreter.cause_of(c).what.clone());
        (Auth::Unknown, format!("{what} decides, and its code is not part of the project"))
    } else if is_open && is_unseen(interpreter, handler) {
        (Auth::Unknown, "its handler is made by code that cannot be seen".into())
    } else if is_open && course.out_of_budget {
        (Auth::Unknown, "it is too large to be analysed whole".into())
    } else if is_open && (course.consulted.is_some() || course.conditional) {
        (Auth::Optional, "an identity is looked at, and callers without one are answered as well".into())
    } else if is_open {
        (Auth::None, "an anonymous caller reaches the handler".into())
    } else if matches!(handler, Value::Opaque(_) | Value::Undefined) {
        (Auth::Unknown, "its handler cannot be seen".into())
    } else {
        (Auth::None, "it answers without looking at the caller".into())
    };
    let (auth, why) = match &route.blind {
        Some(blind) if auth != Auth::Required => (Auth::Unknown, blind.clone()),
        _ => (auth, why),
    };
    if auth == Auth::Required
        && let Some(cause) = course.rejected_by
        && !course.guards.iter().any(|g| matches!(g.effect, GuardEffect::Enforces | GuardEffect::ByName))
    {
        let cause = interpreter.cause_of(cause).clone();
        let effect = if cause.evidence == Evidence::Name { GuardEffect::ByName } else { GuardEffect::Enforces };
        course.guards.push(Guard { name: cause.what, site: cause.site, effect });
    }
    if is_open && course.open.iter().any(|s| s.request.worked_after_rejection && s.request.denied.is_some()) && course.ineffective.is_empty() {
        let site = interpreter.function_site(state, handler).unwrap_or(route.site);
        course.ineffective.push(Ineffective {
            name: interpreter.function_name(state, handler).unwrap_or_else(|| "the handler".into()),
            site,
            why: "it goes on after it has answered with an error: a `return` is missing",
        });
    }
    if course.ineffective.is_empty()
        && let Some((_, lost)) = course.open.iter().find_map(|s| s.request.lost)
    {
        let site = interpreter.function_site(state, handler).unwrap_or(route.site);
        let name = interpreter.function_name(state, handler).unwrap_or_else(|| "the handler".into());
        course.ineffective.push(Ineffective { name, site, why: lost_words(lost) });
    }
    let mut open_effects = std::collections::BTreeSet::new();
    let mut reveals = false;
    for open in &course.open {
        open_effects.extend(effect_names(interpreter, open.request.effects.iter().copied()));
        reveals |= open.request.reveals;
    }
    let method = method.map_or_else(|| route.method.clone(), str::to_owned);
    let path = route.path.clone();
    let exempt = if config.is_public(&method, &path) { Some("public") } else { route.exempt.or_else(|| super::exemption(&method, &path)) };
    let rejected_by = (auth == Auth::Required).then(|| course.rejected_by.map_or("", |c| &interpreter.cause_of(c).what));
    let effects = effect_names(interpreter, survey.effects.iter().copied());
    let behaviour = super::Behaviour { effects: if rejected_by.is_some() { &effects } else { &open_effects }, hashes_password: survey.hashes_password, rejected_by };
    let exempt = exempt.or_else(|| behaviour.is_authentication(&method, &path).then_some("authentication"));
    // Credentials that a login looks at are not an identity.
    let auth = if exempt == Some("authentication") && auth == Auth::Optional { Auth::None } else { auth };
    Some(Endpoint {
        framework: route.framework,
        handler_site: interpreter.function_site(state, handler),
        handler_name: interpreter.function_name(state, handler),
        handler,
        method,
        path,
        site: route.site,
        auth,
        why,
        role: survey.role,
        exempt,
        guards: course.guards,
        near: course
            .unreached
            .iter()
            .map(|step| Near { function: step.function, site: step.site, why: "it comes after the handler, which answers".into(), kind: step.kind, rejects: false })
            .chain(route.near.iter().cloned())
            .collect(),
        ineffective: course.ineffective,
        effects,
        open_effects,
        reveals,
        fields: survey.fields.clone(),
        shadowed: course.shadowed,
        limited: course.limited,
    })
}

/// Whether a handler comes from a file that does not exist, or from a library that is not known.
fn is_unseen(interpreter: &Interpreter, handler: Value) -> bool {
    let Value::External(id) = handler else { return false };
    crate::knowledge::find(interpreter.values.external_name(id)).is_none()
}

/// Whether a function, run on its own, turns anonymous callers away.
pub fn rejects(interpreter: &mut Interpreter, state: &State, route: &Route, function: Value, kind: StepKind) -> bool {
    let mark = interpreter.heap_size();
    interpreter.begin_request(Mode::Anonymous);
    let mut own = state.clone();
    let convention = if kind == StepKind::Front { Convention::Fetch } else { route.convention };
    let exchange = exchange_as(interpreter, &mut own, route, None, convention);
    let step = Step { function, site: route.site, kind, conditional: false, conditions: Vec::new(), mounted: 0 };
    let outcomes = call_step(interpreter, own, &step, exchange);
    let mut denied = false;
    let mut passes = false;
    for (mut state, flow) in outcomes {
        if kind == StepKind::Front {
            let denies = state.request.denied.is_some();
            let goes_on = front_passes(interpreter, &mut state, flow);
            denied |= !goes_on && denies;
            passes |= goes_on;
            continue;
        }
        let turned_away = state.request.denied.is_some() && (matches!(flow, Flow::Throw(_)) || state.request.answer.is_some() || state.request.next == Some(Next::Failed));
        denied |= turned_away;
        let returns = kind == StepKind::Hook && matches!(flow, Flow::Value(_));
        passes |= !turned_away && (returns || state.request.next == Some(Next::Called));
    }
    interpreter.forget(mark);
    denied && !passes
}
