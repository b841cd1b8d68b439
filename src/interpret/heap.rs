//! The heap: a base that start-up leaves, and what each course of a request makes of it.
//!
//! ```js
//! req.user = user   // one course's request; another's stays as it was
//! ```

use super::object::{self, Kind, Object};
use super::state::State;
use super::value::{ObjectId, Value};
use super::{Interpreter, Mode, native};
use rustc_hash::FxHashSet;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// One object of the base heap.
#[derive(Default)]
pub(super) struct Place {
    object: Option<Rc<Object>>,
    /// The length of the log of reads when the object was last added to it.
    read: Cell<u32>,
}

/// Which objects were looked at, for those who want to repeat a call without executing it.
#[derive(Default)]
pub(super) struct Reads {
    log: RefCell<Vec<ObjectId>>,
    /// Where the innermost call that is being recorded began; nothing is recorded outside such calls.
    frame: Cell<Option<u32>>,
}

impl Interpreter<'_> {
    pub fn object<'s>(&'s self, state: &'s State, id: ObjectId) -> &'s Object {
        self.note_read(id);
        match state.overlay.get(id) {
            Some(object) => object,
            None => self.base_object(id).map_or(&self.nothing, |object| object),
        }
    }

    pub fn object_mut<'s>(&'s mut self, state: &'s mut State, id: ObjectId) -> &'s mut Object {
        if self.writes_through(state) {
            let slot = &mut self.base[id.0 as usize].object;
            return Rc::make_mut(slot.get_or_insert_with(|| Rc::new(Object::new(Kind::Plain))));
        }
        self.note_read(id);
        let place = state.overlay.entry(id);
        let object = place.get_or_insert_with(|| match self.base_object(id) {
            Some(object) => Rc::clone(object),
            None => Rc::new(Object::new(Kind::Plain)),
        });
        Rc::make_mut(object)
    }

    /// What start-up left of an object.
    pub(super) fn base_object(&self, id: ObjectId) -> Option<&Rc<Object>> {
        self.base.get(id.0 as usize)?.object.as_ref()
    }

    fn note_read(&self, id: ObjectId) {
        if let Some(frame) = self.reads.frame.get()
            && let Some(place) = self.base.get(id.0 as usize)
            && place.read.get() <= frame
        {
            let mut log = self.reads.log.borrow_mut();
            log.push(id);
            place.read.set(log.len() as u32);
        }
    }

    /// Begins to record what is read; gives what `end_reads` wants back.
    pub(super) fn begin_reads(&self) -> Option<u32> {
        self.reads.frame.replace(Some(self.reads.log.borrow().len() as u32))
    }

    /// What was read since `begin_reads`, of the objects older than `mark`.
    pub(super) fn end_reads(&self, outer: Option<u32>, mark: usize) -> Vec<ObjectId> {
        let Some(frame) = self.reads.frame.replace(outer) else { return Vec::new() };
        let log = self.reads.log.borrow();
        let mut read: Vec<ObjectId> = log[frame as usize..].iter().copied().filter(|id| (id.0 as usize) < mark).collect();
        read.sort_unstable();
        read.dedup();
        read
    }

    /// Notes what a call would have read that is not executed.
    pub(super) fn note_reads(&self, ids: impl Iterator<Item = ObjectId>) {
        ids.for_each(|id| self.note_read(id));
    }

    /// Starts a new log: between requests, outside every call.
    pub(super) fn clear_reads(&mut self) {
        for id in std::mem::take(self.reads.log.get_mut()) {
            if let Some(place) = self.base.get_mut(id.0 as usize) {
                place.read.set(0);
            }
        }
    }

    /// During start-up and outside undecided branches there is one state, and it is the base.
    pub(super) fn writes_through(&self, state: &State) -> bool {
        self.mode == Mode::Startup && self.forks == 0 && state.overlay.is_empty()
    }

    pub fn allocate(&mut self, state: &mut State, object: Object) -> ObjectId {
        let id = ObjectId(self.base.len() as u32);
        if self.writes_through(state) {
            self.base.push(Place { object: Some(Rc::new(object)), ..Place::default() });
        } else {
            self.base.push(Place::default());
            state.overlay.insert(id, Rc::new(object));
        }
        id
    }

    /// Moves what the one remaining state holds into the base.
    pub(super) fn flush(&mut self, state: &mut State) {
        if self.mode == Mode::Startup && self.forks == 0 && !state.overlay.is_empty() {
            let overlay = std::mem::take(&mut state.overlay);
            overlay.for_each(|id, object| self.base[id.0 as usize].object = Some(Rc::clone(object)));
        }
    }

    /// How many objects were made so far, as far as they are not forgotten.
    pub fn heap_size(&self) -> usize {
        self.base.len()
    }

    /// Forgets the objects that handling a request made. `mark` is the heap's size before.
    pub fn forget(&mut self, mark: usize) {
        self.base.truncate(mark);
    }

    /// Drops from a state what nothing can reach any more: neither what was there before `mark`, nor the given objects.
    pub fn sweep(&self, state: &mut State, mark: usize, roots: &[Value]) {
        let mut reached: FxHashSet<ObjectId> = FxHashSet::default();
        let mut queue: Vec<ObjectId> = roots.iter().filter_map(|v| v.as_object()).collect();
        state.overlay.for_each(|id, _| {
            if (id.0 as usize) < mark {
                queue.push(id);
            }
        });
        while let Some(id) = queue.pop() {
            if (id.0 as usize) < mark && state.overlay.get(id).is_none() || !reached.insert(id) {
                continue;
            }
            let object = self.object(state, id);
            let mut found: Vec<ObjectId> = Vec::new();
            let mut visit = |value: Value| match value {
                Value::Object(o) => found.push(o),
                Value::Union(_) | Value::Native(_) => found.extend(self.objects_in(value)),
                _ => {}
            };
            object.slots.values().copied().for_each(&mut visit);
            match &object.kind {
                Kind::Array { items, .. } => items.iter().copied().for_each(&mut visit),
                Kind::Collection { items } => items.iter().for_each(|(k, v)| {
                    visit(*k);
                    visit(*v);
                }),
                Kind::Scope { parent, this, function, .. } => {
                    if let Some(this) = this {
                        visit(*this);
                    }
                    queue.extend(*parent);
                    queue.extend(*function);
                }
                Kind::Function(closure) => {
                    queue.push(closure.scope);
                    queue.extend(closure.home);
                }
                Kind::Class(class) => {
                    queue.push(class.scope);
                    if let Some(parent) = class.parent {
                        visit(parent);
                    }
                }
                Kind::Promise(object::Settled::Fulfilled(v) | object::Settled::Rejected(v)) => visit(*v),
                _ => {}
            }
            queue.append(&mut found);
            queue.extend(object.proto);
        }
        state.overlay.retain(|id| reached.contains(&id));
    }

    pub(super) fn objects_in(&self, value: Value) -> Vec<ObjectId> {
        match value {
            Value::Object(id) => vec![id],
            Value::Union(id) => self.values.union_of(id).iter().flat_map(|v| self.objects_in(*v)).collect(),
            Value::Native(id) => match self.values.native_of(id) {
                native::Native::Bound { function, this, args } => {
                    [*function, *this].into_iter().chain(args.iter().copied()).flat_map(|v| self.objects_in(v)).collect()
                }
                native::Native::Getter(v)
                | native::Native::Promisified(v)
                | native::Native::Perhaps(v)
                | native::Native::Wrapped { function: v, .. } => self.objects_in(*v),
                native::Native::Method { object, .. } => self.objects_in(*object),
                native::Native::Resolve(id)
                | native::Native::Reject(id)
                | native::Native::Prepare(id)
                | native::Native::Several { members: id, .. } => vec![*id],
                native::Native::Guard { wrapped: Some(v), .. } => self.objects_in(*v),
                _ => Vec::new(),
            },
            _ => Vec::new(),
        }
    }
}
