//! One function before the handler: does it let an anonymous request pass?
//!
//! ```js
//! async (req, res, next) => { if (!req.user) return res.sendStatus(401); next() }   // no state goes on: it enforces
//! async (req, res, next) => { if (!req.user) res.sendStatus(401); next() }          // one does: it is ineffective
//! ```

use super::outcome::{front_passes, lost_words};
use super::run::Course;
use super::sharing::{Exchange, exchange_as};
use super::verdict::{Guard, GuardEffect, Ineffective};
use crate::interpret::framework::{Route, Step, StepKind};
use crate::interpret::hook::Through;
use crate::interpret::object::Convention;
use crate::interpret::state::{AnswerKind, Flow, Lost, Next, State};
use crate::interpret::value::{CauseId, Taint, Value};
use crate::interpret::{Evidence, Interpreter, Mode};
use crate::knowledge::names;

pub(super) fn call_step(interpreter: &mut Interpreter, state: State, step: &Step, exchange: Exchange) -> Vec<(State, Flow)> {
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
    interpreter.each(outcomes, |i, state, value| i.wait_for(state, value))
}

pub(super) fn call_hook(
    interpreter: &mut Interpreter,
    state: State,
    step: &Step,
    Exchange { request, answer, .. }: Exchange,
) -> Vec<(State, Through)> {
    let next = interpreter.values.native(crate::interpret::native::Native::Next(Convention::Fastify));
    let args = match step.kind {
        StepKind::ParsingHook => vec![request, answer, Value::truthy(Taint::REQUEST), next],
        _ => vec![request, answer, next],
    };
    interpreter.pass_hook(state, step.site, step.function, args)
}

/// Runs one step on every state; what comes back goes on to the next.
pub(super) fn pass_step(
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
    let mut on = Vec::new();
    let mut observed = Observed::default();
    let (mut shadowing, mut all_answered) = (false, true);
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
                        std::rc::Rc::make_mut(&mut without.conditions)
                            .push(crate::interpret::object::Condition { taken: !only.taken, ..*only });
                    }
                    std::rc::Rc::make_mut(&mut state.conditions).extend(step.conditions.iter().copied());
                    on.push(without);
                }
            }
        }
        let (had, had_escaped) = (state.request.consulted, state.request.escaped);
        (state.request.denied, state.request.partly_denied) = (None, None);
        if matches!(step.kind, StepKind::Hook | StepKind::ParsingHook) {
            for (mut state, passage) in call_hook(interpreter, state, step, exchange) {
                if state.request.consulted != had {
                    observed.consulted = observed.consulted.or(state.request.consulted);
                }
                observed.lost = observed.lost.or(state.request.lost.take());
                if passage == Through::Passed {
                    state.request.next = None;
                    state.request.status = None;
                    on.push(state);
                } else {
                    course.unasked |= state.request.denied.is_none();
                    observed.rejects(&state);
                }
            }
            continue;
        }
        for (mut state, flow) in call_step(interpreter, state, step, exchange) {
            if state.request.consulted != had {
                observed.consulted = observed.consulted.or(state.request.consulted);
            }
            let goes_on = match step.kind {
                StepKind::Prepare => true,
                StepKind::Front => front_passes(interpreter, &mut state, flow),
                _ => match (flow, state.request.next) {
                    (Flow::Throw(_), None) => false,
                    (_, Some(Next::Called)) if matches!(step.function, Value::Opaque(_)) => {
                        let cause = interpreter.cause("a function that cannot be seen", step.site, Evidence::Unseen);
                        state.request.unseen.get_or_insert(cause);
                        true
                    }
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
                // What an earlier function let escape is not this one's doing.
                observed.escaped |= state.request.escaped && !had_escaped;
                observed.lost = observed.lost.or(state.request.lost.take());
                state.request.next = None;
                if !state.request.escaped {
                    state.request.answer = None;
                    state.request.status = None;
                }
                on.push(state);
            } else if !(step.site == route.site && matches!(state.request.answer, Some(a) if a.kind == AnswerKind::Success)) {
                course.detours.note(step, &state, flow);
                course.unasked |= state.request.denied.is_none();
                observed.rejects(&state);
            }
        }
    }
    course.shadowed |= shadowing && all_answered && !observed.rejected;
    note_guard(interpreter, step, name, &observed, on.is_empty(), course);
    on
}

/// What one function did with the requests that it was given.
#[derive(Default)]
struct Observed {
    rejected: bool,
    rejected_by: Option<CauseId>,
    consulted: Option<CauseId>,
    /// It answered with an error and went on.
    escaped: bool,
    lost: Option<(CauseId, Lost)>,
}

impl Observed {
    fn rejects(&mut self, state: &State) {
        self.rejected = true;
        self.rejected_by = self.rejected_by.or(state.request.denied).or(state.request.partly_denied);
    }
}

pub(super) fn is_unknown(value: Value) -> bool {
    matches!(value, Value::Opaque(_) | Value::Union(_))
}

pub(super) fn is_limiter(name: &str) -> bool {
    names::words(name).iter().any(|w| matches!(w.as_str(), "limiter" | "ratelimit" | "throttle" | "slowdown")) || {
        let words = names::words(name);
        words.windows(2).any(|w| w[0] == "rate" && w[1].starts_with("limit"))
    }
}

/// Notes the function as a guard, if it concerns authentication. `stops`: nothing goes on.
fn note_guard(interpreter: &Interpreter, step: &Step, name: Option<String>, observed: &Observed, stops: bool, course: &mut Course) {
    let Observed { rejected, rejected_by, consulted, escaped, lost } = *observed;
    let cause = rejected_by.or(consulted);
    let name = match cause.map(|c| interpreter.cause_of(c)) {
        // As the configuration calls it.
        Some(cause) if cause.evidence == Evidence::Config => Some(names::last_word(&cause.what).to_owned()),
        _ => name,
    };
    let function = name.clone().unwrap_or_else(|| "an anonymous function".to_owned());
    let name = name.unwrap_or_else(|| cause.map_or_else(|| "anonymous function".into(), |c| interpreter.cause_of(c).what.clone()));
    let effect = if stops && rejected {
        if cause.is_some_and(|c| interpreter.cause_of(c).evidence == Evidence::Name) { GuardEffect::ByName } else { GuardEffect::Enforces }
    } else if rejected_by.is_some() || escaped || lost.is_some() {
        GuardEffect::Ineffective
    } else if consulted.is_some() {
        GuardEffect::Attaches
    } else {
        return;
    };
    if stops {
        course.passing |= rejected_by.is_none() && interpreter.saw_variable;
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
        course.ineffective.push(Ineffective { name: function, site, why });
    }
    course.guards.push(Guard { name, site: step.site, effect });
}

/// Whether a function, run on its own, turns anonymous callers away.
pub(super) fn rejects(interpreter: &mut Interpreter, state: &State, route: &Route, function: Value, kind: StepKind) -> bool {
    let mark = interpreter.heap_size();
    interpreter.begin_request(Mode::Anonymous);
    let mut own = state.clone();
    let convention = if kind == StepKind::Front { Convention::Fetch } else { route.convention };
    let exchange = exchange_as(interpreter, &mut own, route, None, convention);
    let step = Step::new(function, route.site, kind);
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
        let turned_away = state.request.denied.is_some()
            && (matches!(flow, Flow::Throw(_)) || state.request.answer.is_some() || state.request.next == Some(Next::Failed));
        denied |= turned_away;
        let returns = kind == StepKind::Hook && matches!(flow, Flow::Value(_));
        passes |= !turned_away && (returns || state.request.next == Some(Next::Called));
    }
    interpreter.forget(mark);
    denied && !passes
}
