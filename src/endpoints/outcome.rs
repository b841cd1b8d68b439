//! How one course of a request ends.
//!
//! ```js
//! return res.status(401).end()   // rejected
//! next(error)                    // rejected
//! res.json(await Order.find())   // open
//! ```

use crate::interpret::Interpreter;
use crate::interpret::framework::StepKind;
use crate::interpret::object::{Kind, Status};
use crate::interpret::state::{AnswerKind, Flow, Lost, Next, State};
use crate::interpret::value::{CauseId, Taint, Value};

/// How one course of a request ends.
pub(super) enum End {
    Open,
    Rejected(Option<CauseId>),
    /// Passed on to whatever comes next.
    Passed,
    /// Neither answered nor passed on.
    Silent,
}

/// Why a check that failed protects nothing.
pub(super) const fn lost_words(lost: Lost) -> &'static str {
    match lost {
        Lost::NotAwaited => "it does not wait for the promise of its check, so that a rejection is lost",
        Lost::PromiseIsTrue => "it tests a promise, which is always true: an `await` is missing",
        Lost::Swallowed => "it catches the failure of the check and goes on",
        Lost::Optional => "it is told to let callers without credentials through",
        Lost::LeftOut => "it looks for a value that the caller may leave out, and `undefined` is no filter: any record is found",
        Lost::Inherited => "it finds what every object inherits, such as `constructor`, among the keys",
    }
}

/// A layer in front of the whole server passes unless it answers with a redirect or an error.
pub(super) fn front_passes(interpreter: &Interpreter, state: &mut State, flow: Flow) -> bool {
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
            Kind::Response { status, redirect, .. } => !(status.is_rejection() || (*redirect && state.request.denied.is_some())),
            _ => true,
        },
        _ => true,
    }
}

/// Whether a course did nothing but send the caller elsewhere. What a library sends one method's callers to is the start of a login.
pub(super) fn is_bare_redirect(state: &State, method: &str) -> bool {
    let request = &state.request;
    matches!(request.answer, Some(a) if a.kind == AnswerKind::Redirect && (a.constant || method == "ALL"))
        && !request.worked
        && !request.handed_over
}

/// How one course of the handler ends. `before`: how many effects the functions before it had.
pub(super) fn end_of(interpreter: &Interpreter, state: &mut State, flow: Flow, kind: StepKind, before: usize) -> End {
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
        (Flow::Throw(_), _) => match state.request.answer.map(|a| a.kind) {
            // What was sent before is sent.
            Some(AnswerKind::Success) => {}
            Some(AnswerKind::Redirect) if denied.is_none() => return End::Open,
            _ => return End::Rejected(denied),
        },
        _ => {}
    }
    if let Some(answer) = state.request.answer {
        return match answer.kind {
            // What comes after a rejection that was sent without `return` was done all the same.
            AnswerKind::Rejection if kind == StepKind::Returning && state.request.escaped && gives(interpreter, state, flow) => End::Open,
            AnswerKind::Rejection => End::Rejected(denied),
            // A form that anyone may send: it is done, and the browser goes on to the next page.
            AnswerKind::Redirect if denied.is_some() && !interpreter.has_worked(state) => End::Rejected(denied),
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
    if state.request.effects.len() > before || state.request.handed_over {
        if state.request.handed_over {
            state.request.reveals = true;
        }
        return End::Open;
    }
    End::Silent
}

/// Whether a handler returns something to answer with; the answer object itself stands for what was sent.
fn gives(interpreter: &Interpreter, state: &State, flow: Flow) -> bool {
    match flow {
        Flow::Value(Value::Undefined | Value::Null) => false,
        Flow::Value(Value::Object(id)) => !matches!(interpreter.object(state, id).kind, Kind::Http(_)),
        Flow::Value(_) => true,
        _ => false,
    }
}

/// A handler that answers by what it returns.
pub(super) fn end_of_value(interpreter: &Interpreter, state: &mut State, value: Value) -> End {
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
        Value::Union(_) => {
            let ends: Vec<End> = interpreter
                .values
                .alternatives(value)
                .into_iter()
                .map(|alternative| end_of_value(interpreter, state, alternative))
                .collect();
            let rejected = ends.iter().all(|end| matches!(end, End::Rejected(_)));
            if rejected { End::Rejected(denied) } else { End::Open }
        }
        Value::Opaque(_) | Value::External(_) | Value::Pattern(_) => {
            state.request.reveals = true;
            End::Open
        }
        _ => End::Open,
    }
}
