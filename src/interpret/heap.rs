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
use std::rc::Rc;

impl Interpreter<'_> {
    pub fn object<'s>(&'s self, state: &'s State, id: ObjectId) -> &'s Object {
        match state.overlay.get(&id) {
            Some(object) => object,
            None => match self.base.get(id.0 as usize) {
                Some(Some(object)) => object,
                _ => &self.nothing,
            },
        }
    }

    pub fn object_mut<'s>(&'s mut self, state: &'s mut State, id: ObjectId) -> &'s mut Object {
        if self.writes_through(state) {
            let slot = &mut self.base[id.0 as usize];
            return Rc::make_mut(slot.get_or_insert_with(|| Rc::new(Object::new(Kind::Plain))));
        }
        let base = &self.base;
        let overlay = Rc::make_mut(&mut state.overlay);
        let object = overlay.entry(id).or_insert_with(|| match base.get(id.0 as usize) {
            Some(Some(object)) => Rc::clone(object),
            _ => Rc::new(Object::new(Kind::Plain)),
        });
        Rc::make_mut(object)
    }

    /// During start-up and outside undecided branches there is one state, and it is the base.
    pub(super) fn writes_through(&self, state: &State) -> bool {
        self.mode == Mode::Startup && self.forks == 0 && state.overlay.is_empty()
    }

    pub fn allocate(&mut self, state: &mut State, object: Object) -> ObjectId {
        let id = ObjectId(self.base.len() as u32);
        if self.writes_through(state) {
            self.base.push(Some(Rc::new(object)));
        } else {
            self.base.push(None);
            Rc::make_mut(&mut state.overlay).insert(id, Rc::new(object));
        }
        id
    }

    /// Moves what the one remaining state holds into the base.
    pub(super) fn flush(&mut self, state: &mut State) {
        if self.mode == Mode::Startup && self.forks == 0 && !state.overlay.is_empty() {
            let overlay = std::mem::take(&mut state.overlay);
            for (id, object) in overlay.iter() {
                self.base[id.0 as usize] = Some(Rc::clone(object));
            }
        }
    }

    /// Forgets the objects that handling a request made. `mark` is the heap's size before.
    pub fn heap_size(&self) -> usize {
        self.base.len()
    }

    pub fn forget(&mut self, mark: usize) {
        self.base.truncate(mark);
    }

    /// Drops from a state what nothing can reach any more: neither what was there before `mark`, nor the given objects.
    pub fn sweep(&self, state: &mut State, mark: usize, roots: &[Value]) {
        let mut reached: FxHashSet<ObjectId> = FxHashSet::default();
        let mut queue: Vec<ObjectId> = roots.iter().filter_map(|v| v.as_object()).collect();
        queue.extend(state.overlay.keys().copied().filter(|id| (id.0 as usize) < mark));
        while let Some(id) = queue.pop() {
            if (id.0 as usize) < mark && !state.overlay.contains_key(&id) || !reached.insert(id) {
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
        if state.overlay.keys().any(|id| !reached.contains(id)) {
            Rc::make_mut(&mut state.overlay).retain(|id, _| reached.contains(id));
        }
    }

    pub(super) fn objects_in(&self, value: Value) -> Vec<ObjectId> {
        match value {
            Value::Object(id) => vec![id],
            Value::Union(id) => self.values.union_of(id).iter().flat_map(|v| self.objects_in(*v)).collect(),
            Value::Native(id) => match self.values.native_of(id) {
                native::Native::Bound { function, this, args } => {
                    [*function, *this].into_iter().chain(args.iter().copied()).flat_map(|v| self.objects_in(v)).collect()
                }
                native::Native::Getter(v) | native::Native::Wrapped { function: v, .. } => self.objects_in(*v),
                native::Native::Method { object, .. } => self.objects_in(*object),
                native::Native::Resolve(id)
                | native::Native::Reject(id)
                | native::Native::Prepare(id)
                | native::Native::Several { members: id, .. } => vec![*id],
                native::Native::Guard { wrapped: Some(v), .. } | native::Native::Verified { callback: v, .. } => self.objects_in(*v),
                _ => Vec::new(),
            },
            _ => Vec::new(),
        }
    }
}
