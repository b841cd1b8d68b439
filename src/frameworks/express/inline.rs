//! Routers given where a function is expected.
//!
//! ```js
//! const guards = Router().use(load, check)
//! app.get('/orders', guards, list)   // load, check, list
//! ```

use super::layers::router_of;
use super::split;
use crate::frameworks::path;
use crate::interpret::Interpreter;
use crate::interpret::state::State;
use crate::interpret::value::Value;
use std::rc::Rc;

/// Beyond the numbers of routers that are mounted.
const FIRST: usize = 1 << 20;

/// The functions of one registration, with the routers they belong to: `next('router')` in a router that stands for a guard leaves no more than
/// that. `number` tells registrations apart.
pub(super) fn functions(
    interpreter: &Interpreter,
    state: &State,
    list: &[Value],
    routers: &Rc<[u32]>,
    number: usize,
) -> Vec<(Value, Rc<[u32]>)> {
    let mut out = Vec::new();
    for (n, function) in list.iter().enumerate() {
        let routers = match router_of(interpreter, state, *function) {
            Some(_) => routers.iter().copied().chain([(FIRST + number * 64 + n) as u32]).collect(),
            None => Rc::clone(routers),
        };
        out.extend(flattened(interpreter, state, *function, 4).into_iter().map(|f| (f, Rc::clone(&routers))));
    }
    out
}

fn flattened(interpreter: &Interpreter, state: &State, function: Value, depth: u32) -> Vec<Value> {
    let Some(router) = router_of(interpreter, state, function) else { return vec![function] };
    if depth == 0 {
        return Vec::new();
    }
    let mut out = Vec::new();
    for event in interpreter.calls_of(state, router) {
        if matches!(interpreter.values.text(event.method), "use" | "all") {
            let (patterns, functions) = split(interpreter, state, &event.args);
            let everywhere = patterns.iter().all(|p| matches!(p, path::Pattern::Text(t) if matches!(t.as_str(), "/" | "*" | "/*" | "" | "/*splat" | "*splat" | "{*splat}" | "/{*splat}")));
            if everywhere {
                out.extend(functions.into_iter().flat_map(|f| flattened(interpreter, state, f, depth - 1)));
            }
        }
    }
    out
}
