//! Requests that guards do not expect, and routers take all the same.
//!
//! ```js
//! app.use((req, res, next) => (req.path.startsWith('/admin') && !req.user ? res.sendStatus(401) : next()))   // GET /ADMIN/users/
//! app.use((req, res, next) => (req.method === 'HEAD' || req.user ? next() : res.sendStatus(401)))             // HEAD /admin/users
//! ```

use super::run::{Course, run};
use super::sharing::Shared;
use super::verdict::{GuardEffect, Ineffective};
use crate::interpret::Interpreter;
use crate::interpret::framework::Route;
use crate::interpret::state::State;

/// What becomes of a request that spells the path as its router takes it, and the guard does not; where that gets through.
///
/// ```js
/// app.use((req, res, next) => (req.path.startsWith('/admin') && !req.user ? res.sendStatus(401) : next()))   // GET /ADMIN/users/
/// app.get('/admin/users', list)
/// ```
pub(super) fn respelled(
    interpreter: &mut Interpreter,
    state: &State,
    route: &Route,
    method: Option<&str>,
    shared: &mut Shared,
    plain: &Course,
) -> Option<Course> {
    let path = route.respell?(&route.path);
    let mut course = run(interpreter, state, &Route { path, ..route.clone() }, method, shared);
    course.doubt(plain, "it looks for the path as it is written, which the router takes in capitals or with escapes as well");
    (!course.open.is_empty()).then_some(course)
}

/// What becomes of a HEAD request, which the handlers of GET serve; where that gets through and changes something. Its answer has no body.
///
/// ```js
/// app.use((req, res, next) => (req.method === 'HEAD' || req.user ? next() : res.sendStatus(401)))
/// app.get('/unsubscribe/:id', async (req, res) => res.json(await Subscription.destroy({ where: { id: req.params.id } })))
/// ```
pub(super) fn for_head(interpreter: &mut Interpreter, state: &State, route: &Route, shared: &mut Shared, plain: &Course) -> Option<Course> {
    let mut course = run(interpreter, state, route, Some("HEAD"), shared);
    course.open.retain(|state| interpreter.has_worked(state));
    course.doubt(plain, "it lets HEAD requests through, and the handlers of GET serve those as well");
    (!course.open.is_empty()).then_some(course)
}

impl Course {
    /// Notes why the guards of another course do not hold.
    fn doubt(&mut self, plain: &Self, why: &'static str) {
        for guard in plain.guards.iter().filter(|g| g.effect == GuardEffect::Enforces) {
            self.ineffective.push(Ineffective { name: guard.name.clone(), site: guard.site, why, mend: None });
        }
    }
}
