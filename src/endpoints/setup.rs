//! Endpoints whose guards ask how the server is set up.
//!
//! ```js
//! if (process.env.AUTH_MODE === 'off') return next()   // somebody chose that
//! if (!process.env.API_KEY) return next()              // nobody did: this is how it comes
//! ```

use super::run::{Course, run};
use super::sharing::Shared;
use super::unexpected::{for_head, respelled};
use super::verdict::GuardEffect;
use crate::interpret::framework::Route;
use crate::interpret::state::State;
use crate::interpret::{Interpreter, Settings};

/// Runs a route as it is set up; where anonymous callers get through, also as it is on a platform that sets a variable of its own.
///
/// ```js
/// if (process.env.VERCEL !== '1') return next()   // on a developer's machine
/// ```
pub(super) fn run_everywhere(
    interpreter: &mut Interpreter,
    state: &State,
    route: &Route,
    method: Option<&str>,
    writes: bool,
    shared: &mut Shared,
) -> Course {
    let mut course = run_as_set_up(interpreter, state, route, method, writes, shared);
    if !course.open.is_empty() && course.rejected_by.is_some() && interpreter.saw_setting && interpreter.asks_for_platform() {
        interpreter.settings = Settings::Deployed;
        let there = run(interpreter, state, route, method, &mut Shared::new(shared.base));
        interpreter.settings = Settings::Any;
        course.deployed = there.open.is_empty() && !there.passed && !there.out_of_budget && there.rejected_by.is_some();
    }
    course
}

/// Runs a route; where anonymous callers get through only because of how a setting may be set, the run with settings left alone counts.
///
/// ```js
/// if (process.env.AUTH_MODE === 'off') return next()   // somebody chose that
/// if (!process.env.API_KEY) return next()              // nobody did: this is how it comes
/// ```
fn run_as_set_up(
    interpreter: &mut Interpreter,
    state: &State,
    route: &Route,
    method: Option<&str>,
    writes: bool,
    shared: &mut Shared,
) -> Course {
    let mut course = run(interpreter, state, route, method, shared);
    if course.open.is_empty()
        && interpreter.read_path
        && let Some(other) = respelled(interpreter, state, route, method, shared, &course)
    {
        course = other;
    }
    if course.open.is_empty()
        && method == Some("GET")
        && writes
        && interpreter.read_method
        && interpreter.asked_for_get
        && let Some(other) = for_head(interpreter, state, route, shared, &course)
    {
        course = other;
    }
    // Who turns nobody away now does not do so with less set, either.
    let denies = course.rejected_by.is_some() || course.guards.iter().any(|g| g.effect == GuardEffect::Ineffective);
    let unseen = |course: &Course| course.open.iter().filter(|s| s.request.unseen.is_some()).count();
    if course.open.is_empty() || !interpreter.saw_setting || !(denies || unseen(&course) > 0) {
        return course;
    }
    let base = shared.base;
    let mut shared = shared;
    for settings in [Settings::Unset, Settings::Unnamed] {
        let mark = shared.mark;
        shared = shared.other.get_or_insert_with(|| Box::new(Shared::new(base)));
        shared.mark = shared.mark.max(mark);
        interpreter.settings = settings;
        let other = run(interpreter, state, route, method, shared);
        interpreter.settings = Settings::Any;
        // Had it been run to its end, it might have been turned away.
        course.out_of_budget |= other.out_of_budget;
        if !other.open.is_empty() || other.passed || other.out_of_budget {
            // What lets others through than those who have set something cannot be seen.
            return if unseen(&other) > 0 && unseen(&other) == other.open.len() { other } else { course };
        }
        // What is turned away for a setting that is missing is let through for another.
        if other.rejected_by.is_some() && (!other.unasked || settings == Settings::Unnamed) {
            return other;
        }
    }
    course
}
