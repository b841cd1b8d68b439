//! Calls that were made before, in another course of the same request: they are not executed again.
//!
//! ```js
//! const limit = await limiter(req)        // forks: several courses go on …
//! const user = await getUser(id)          // … and what differs between them is nothing to this call
//! ```
//!
//! An entry holds what the call was given, every object that it read, and for each of its outcomes what it changed. It stands for a call
//! with the same arguments in a state where those objects are the same.

use super::Interpreter;
use super::object::{Condition, Object};
use super::state::{Flow, Outcomes, RequestState, State, unite};
use super::value::{ModuleId, ObjectId, Value};
use crate::ir::FnId;
use std::rc::Rc;

/// Calls that take fewer steps are as quickly executed as looked up.
const WORTH: u64 = 6;
/// How many ways of being called are kept for one function.
const ENTRIES: usize = 24;
/// Outcomes that change more objects than this are not kept.
const MOST_CHANGES: usize = 4_096;

/// One call and what it came to.
pub(super) struct Entry {
    this: Value,
    args: Box<[Value]>,
    request: RequestState,
    conditions: Rc<Vec<Condition>>,
    /// The objects that it read, as they were in the overlay.
    reads: Box<[(ObjectId, Option<Rc<Object>>)]>,
    /// Numbers of the objects that it made.
    made: (u32, u32),
    /// The calls around it, where their number or recursion changed what came of it.
    stack: Option<Box<[(ModuleId, FnId)]>>,
    indifferent: bool,
    outcomes: Box<[Outcome]>,
    /// Everything it did, whatever the outcome.
    effects: Box<[u32]>,
}

struct Outcome {
    flow: Flow,
    request: RequestState,
    conditions: Rc<Vec<Condition>>,
    changes: Box<[(ObjectId, Option<Rc<Object>>)]>,
}

/// A call that is being recorded.
pub(super) struct Recording {
    before: State,
    outer: Option<u32>,
    mark: usize,
    steps: u64,
    cuts: u64,
    effects: usize,
}

impl Interpreter<'_> {
    /// The outcomes of a call that was made before.
    pub(super) fn recall(&mut self, state: &State, function: ObjectId, this: Value, args: &[Value]) -> Option<Outcomes> {
        let entries = self.memo.get(&function)?;
        let entry = entries.iter().find(|e| {
            e.this == this
                && *e.args == *args
                && e.indifferent == (self.indifferent > 0)
                && same_request(&e.request, &state.request)
                && e.conditions == state.conditions
                && e.stack.as_ref().is_none_or(|s| **s == *self.stack)
                && e.reads.iter().all(|(id, object)| match (object, state.overlay.get(*id)) {
                    (Some(a), Some(b)) => Rc::ptr_eq(a, b) || (a.slots.len() < 64 && a == b),
                    (None, None) => true,
                    _ => false,
                })
                // The same objects cannot be made twice in one course.
                && !state.overlay.holds_any(e.made.0, e.made.1)
        })?;
        let entry = Rc::clone(entry);
        let mut changes = 0;
        let outcomes = entry
            .outcomes
            .iter()
            .map(|outcome| {
                let mut next =
                    State { overlay: state.overlay.clone(), conditions: Rc::clone(&outcome.conditions), request: outcome.request.clone() };
                changes += outcome.changes.len();
                for (id, object) in &outcome.changes {
                    match object {
                        Some(object) => next.overlay.insert(*id, Rc::clone(object)),
                        None => next.overlay.remove(*id),
                    }
                }
                if entry.request.effects != state.request.effects {
                    let own = outcome
                        .request
                        .effects
                        .iter()
                        .filter(|e| entry.request.effects.binary_search(e).is_err() || entry.effects.binary_search(e).is_ok());
                    let own: Vec<u32> = own.copied().collect();
                    next.request.effects = Rc::clone(&state.request.effects);
                    unite(Rc::make_mut(&mut next.request.effects), own);
                }
                (next, outcome.flow)
            })
            .collect();
        self.note_reads(entry.reads.iter().map(|(id, _)| *id));
        self.effect_log.extend(entry.effects.iter());
        self.cuts += u64::from(entry.stack.is_some());
        self.steps += 1 + changes as u64 / 8;
        Some(outcomes)
    }

    pub(super) fn begin_recording(&mut self, state: &State) -> Recording {
        Recording {
            before: state.clone(),
            outer: self.begin_reads(),
            mark: self.heap_size(),
            steps: self.steps,
            cuts: self.cuts,
            effects: self.effect_log.len(),
        }
    }

    /// Keeps what a call came to, where it is worth it.
    pub(super) fn end_recording(&mut self, recording: Recording, function: ObjectId, this: Value, args: Box<[Value]>, outcomes: &Outcomes) {
        let reads = self.end_reads(recording.outer, recording.mark);
        if self.steps < recording.steps + WORTH || self.out_of_budget() || self.memo.get(&function).is_some_and(|e| e.len() >= ENTRIES) {
            return;
        }
        let before = recording.before;
        let mut budget = MOST_CHANGES;
        let mut kept = Vec::with_capacity(outcomes.len());
        for (state, flow) in outcomes {
            let mut changes = Vec::new();
            let complete = before.overlay.differences(&state.overlay, |id, _, object| {
                changes.push((id, object.cloned()));
                changes.len() <= budget
            });
            if !complete {
                return;
            }
            budget -= changes.len();
            kept.push(Outcome {
                flow: *flow,
                request: state.request.clone(),
                conditions: Rc::clone(&state.conditions),
                changes: changes.into(),
            });
        }
        let mut effects = Vec::new();
        unite(&mut effects, self.effect_log[recording.effects..].iter().copied());
        let entry = Entry {
            this,
            args,
            conditions: before.conditions,
            reads: reads.into_iter().map(|id| (id, before.overlay.get(id).cloned())).collect(),
            request: before.request,
            made: (recording.mark as u32, self.heap_size() as u32),
            stack: (self.cuts > recording.cuts).then(|| self.stack.as_slice().into()),
            indifferent: self.indifferent > 0,
            outcomes: kept.into(),
            effects: effects.into(),
        };
        self.memo.entry(function).or_default().push(Rc::new(entry));
    }

    /// Forgets all calls: what they noted about the request as a whole is about to be looked at.
    pub(super) fn forget_calls(&mut self) {
        self.memo.clear();
        self.asides.clear();
        self.effect_log.clear();
        self.clear_reads();
    }
}

/// Whether a call would find the request in the same state, whatever was done on the way.
fn same_request(a: &RequestState, b: &RequestState) -> bool {
    Rc::ptr_eq(&a.effects, &b.effects) && a == b || RequestState { effects: Rc::clone(&b.effects), ..a.clone() } == *b
}
