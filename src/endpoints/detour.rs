//! Ways to the handler that do not lead through every function before it.
//!
//! ```js
//! router.use((req, res, next) => (req.user ? next() : next('router')))   // what the server mounts after this router is reached
//! app.use((error, req, res, next) => { log(error); next() })             // so is what comes after a guard that failed
//! ```

use super::run::Course;
use super::sharing::Exchange;
use super::verdict::{GuardEffect, Ineffective};
use crate::interpret::Interpreter;
use crate::interpret::framework::{Step, StepKind};
use crate::interpret::native::Native;
use crate::interpret::object::Convention;
use crate::interpret::state::{Flow, Next, State};
use crate::interpret::value::{Taint, Value};
use std::rc::Rc;

/// Courses that wait for the function at which they go on.
#[derive(Default, Clone)]
pub(super) struct Detours {
    /// An error was thrown or passed on, by a function of these routers.
    failed: Vec<(Rc<[u32]>, State)>,
    /// The last of these routers was left.
    left: Vec<(Rc<[u32]>, State)>,
}

impl Detours {
    pub(super) fn absorb(&mut self, later: Self) {
        self.failed.extend(later.failed);
        self.left.extend(later.left);
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.failed.is_empty() && self.left.is_empty()
    }

    /// What was seen of a function, where the same function is registered by other routers.
    pub(super) fn moved(&mut self, step: &Step) {
        for (routers, _) in self.failed.iter_mut().chain(&mut self.left) {
            *routers = Rc::clone(&step.routers);
        }
    }

    /// Notes a course that did not call `next()`.
    pub(super) fn note(&mut self, step: &Step, state: &State, flow: Flow) {
        if !matches!(step.kind, StepKind::Middleware | StepKind::Parameter | StepKind::Handler) {
            return;
        }
        match (flow, state.request.next) {
            (_, Some(Next::Skipped)) => self.left.push((Rc::clone(&step.routers), state.clone())),
            (Flow::Throw(_), None) | (_, Some(Next::Failed)) => self.failed.push((Rc::clone(&step.routers), state.clone())),
            _ => {}
        }
    }

    /// The courses that left a router which this function does not belong to.
    pub(super) fn outside(&mut self, step: &Step) -> Vec<State> {
        let inside = |routers: &[u32]| routers.last().is_none_or(|router| step.routers.contains(router));
        let (inside, outside): (Vec<_>, Vec<_>) = std::mem::take(&mut self.left).into_iter().partition(|(routers, _)| inside(routers));
        self.left = inside;
        outside.into_iter().map(|(_, state)| going_on(state)).collect()
    }
}

fn going_on(mut state: State) -> State {
    let request = &mut state.request;
    (request.next, request.answer, request.status, request.denied, request.partly_denied) = (None, None, None, None, None);
    state
}

/// Whether a function is called only for requests that failed.
pub(super) fn is_error_handler(interpreter: &Interpreter, state: &State, step: &Step) -> bool {
    step.kind == StepKind::Middleware && interpreter.arity(state, step.function) == Some(4)
}

/// Calls an error handler for the courses that failed in its router or in one below it; gives those that it lets go on.
pub(super) fn recover(interpreter: &mut Interpreter, step: &Step, exchange: Exchange, course: &mut Course) -> Vec<State> {
    let next = interpreter.values.native(Native::Next(Convention::Express));
    let mut on = Vec::new();
    let (below, elsewhere): (Vec<_>, Vec<_>) =
        std::mem::take(&mut course.detours.failed).into_iter().partition(|(routers, _)| routers.starts_with(&step.routers));
    course.detours.failed = elsewhere;
    for (_, state) in below {
        let args = vec![Value::truthy(Taint::ERROR), exchange.request, exchange.answer, next];
        let outcomes = interpreter.call(going_on(state), step.site, step.function, Value::Undefined, args);
        for (state, flow) in interpreter.each(outcomes, |i, state, value| i.wait_for(state, value)) {
            match (flow, state.request.next) {
                (Flow::Throw(_), None) | (_, Some(Next::Failed)) => course.detours.failed.push((Rc::clone(&step.routers), state)),
                (_, Some(Next::Called)) => on.push(going_on(state)),
                _ => {}
            }
        }
    }
    if !on.is_empty() {
        for guard in course.guards.iter_mut().filter(|g| g.effect == GuardEffect::Enforces) {
            guard.effect = GuardEffect::Ineffective;
            course.ineffective.push(Ineffective {
                name: guard.name.clone(),
                site: guard.site,
                why: "an error handler between it and the handler goes on when it fails",
            });
        }
    }
    on
}
