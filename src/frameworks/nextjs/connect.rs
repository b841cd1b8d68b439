//! next-connect: a chain of functions in one file of `pages/api` or of the App Router.
//!
//! ```js
//! export default nc().get(list).use(requireUser).post(add)          // 0.x: the chain is itself the handler
//! export default createRouter().use(requireUser).get(list).handler() // 1.x
//! ```

use super::super::NEXTJS;
use crate::interpret::object::{Convention, Event, FrameworkObject, Http, Kind, Object, Site, Status};
use crate::interpret::state::{Flow, Next, Outcomes, State};
use crate::interpret::value::{ObjectId, Value};
use crate::interpret::{Interpreter, Mode};
use std::rc::Rc;

pub fn construct(interpreter: &mut Interpreter, state: &mut State, name: &str, site: Site) -> Option<Value> {
    if !matches!(name, "next-connect" | "next-connect.createRouter" | "next-connect.createEdgeRouter" | "next-connect.nc") {
        return None;
    }
    let kind = Kind::Framework(FrameworkObject { framework: NEXTJS, role: "connect", by_name: false, events: Vec::new(), site });
    Some(Value::Object(interpreter.allocate(state, Object::new(kind))))
}

pub fn call(
    interpreter: &mut Interpreter,
    mut state: State,
    object: ObjectId,
    method: &str,
    args: &[Value],
    site: Site,
) -> Option<Outcomes> {
    match method {
        "handler" | "clone" => {}
        "use" | "all" | "get" | "head" | "post" | "put" | "patch" | "delete" => {
            let event = Rc::new(Event {
                method: interpreter.values.atom(method),
                args: args.to_vec(),
                site,
                conditions: state.conditions.to_vec(),
                number: interpreter.next_event(),
            });
            if let Kind::Framework(chain) = &mut interpreter.object_mut(&mut state, object).kind {
                chain.events.push(event);
            }
        }
        "" | "run" | "handle" if interpreter.mode != Mode::Startup => return Some(run(interpreter, state, object, args)),
        _ => return None,
    }
    Some(vec![(state, Flow::Value(Value::Object(object)))])
}

/// Runs the chain for one request, as far as each function calls the next.
fn run(interpreter: &mut Interpreter, state: State, object: ObjectId, args: &[Value]) -> Outcomes {
    let functions = functions(interpreter, &state, object, 0);
    let request = args.first().copied().unwrap_or(Value::Undefined);
    let answer = args.get(1).copied().unwrap_or(Value::Undefined);
    let convention = convention(interpreter, &state, request);
    let method = method_of(interpreter, &state, request);
    let next = interpreter.values.native(crate::interpret::native::Native::Next(convention));
    let mut going = vec![state];
    let mut out = Outcomes::new();
    for (wanted, function, site) in functions {
        if !matches!(wanted.as_str(), "use" | "all") {
            let wanted = wanted.to_ascii_uppercase();
            match &method {
                Some(method) if *method != wanted && !(method == "HEAD" && wanted == "GET") => continue,
                Some(_) => {}
                None => {
                    interpreter.methods_seen.insert(wanted);
                }
            }
        }
        let mut on = Vec::new();
        for state in going {
            let outcomes = interpreter.call(state, site, function, Value::Undefined, vec![request, answer, next]);
            for (mut state, flow) in interpreter.each(outcomes, |i, s, v| i.wait_for(s, site, v)) {
                if state.request.next == Some(Next::Called) {
                    state.request.next = None;
                    on.push(state);
                } else {
                    // To learn what the other methods do, everything runs.
                    if interpreter.mode == Mode::Anyone && method.is_none() {
                        let mut other = state.clone();
                        other.request.answer = None;
                        other.request.next = None;
                        on.push(other);
                    }
                    out.push((state, flow));
                }
            }
        }
        going = on;
        going.truncate(if interpreter.mode == Mode::Anyone { 1 } else { 8 });
    }
    for mut state in going {
        // Nothing is left to answer: 404.
        state.request.status = Some(Status::Code(404));
        let outcome = match convention {
            Convention::Fetch => {
                let kind = Kind::Response { status: Status::Code(404), redirect: false, passes: false };
                Value::Object(interpreter.allocate(&mut state, Object::new(kind)))
            }
            _ => {
                interpreter.refuse(&mut state);
                Value::Undefined
            }
        };
        out.push((state, Flow::Value(outcome)));
    }
    out
}

fn convention(interpreter: &Interpreter, state: &State, request: Value) -> Convention {
    match request.as_object().map(|id| &interpreter.object(state, id).kind) {
        Some(Kind::Http(Http::Request(convention))) => *convention,
        _ => Convention::Express,
    }
}

fn method_of(interpreter: &Interpreter, state: &State, request: Value) -> Option<String> {
    let slot = interpreter.names.method;
    let value = interpreter.object(state, request.as_object()?).slots.get(&slot.0).copied()?;
    interpreter.values.as_text(value).map(str::to_owned)
}

/// The functions of a chain in order, chains within it included. A path before them is not looked at: it can only narrow them.
fn functions(interpreter: &Interpreter, state: &State, object: ObjectId, depth: u32) -> Vec<(String, Value, Site)> {
    let Kind::Framework(chain) = &interpreter.object(state, object).kind else { return Vec::new() };
    let mut out = Vec::new();
    for event in &chain.events {
        let method = interpreter.values.text(event.method);
        let path = event.args.first().is_some_and(|a| matches!(a, Value::Str(_) | Value::Pattern(_)));
        for arg in event.args.iter().skip(usize::from(path)) {
            let inner =
                arg.as_object().filter(|id| matches!(&interpreter.object(state, *id).kind, Kind::Framework(f) if f.framework == NEXTJS));
            match inner {
                Some(inner) if depth < 8 => out.extend(functions(interpreter, state, inner, depth + 1)),
                Some(_) => {}
                None => out.push((method.to_owned(), *arg, event.site)),
            }
        }
    }
    out
}
