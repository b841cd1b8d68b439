//! Objects that frameworks make, and what the server's start-up code calls on them: kept in order, for the framework to read afterwards.
//!
//! ```js
//! const app = express()                // a framework's object
//! app.use('/api', requireUser, api)    // a call: its method, its arguments, where it stands, under which conditions
//! ```

use super::Interpreter;
use super::object::{Event, FrameworkObject, Kind, Object, Site};
use super::state::State;
use super::value::{ObjectId, Value};
use std::rc::Rc;

impl Interpreter<'_> {
    /// Makes an object of a framework, on which nothing was called yet.
    pub fn framework_object(&mut self, state: &mut State, framework: usize, role: &'static str, by_name: bool, site: Site) -> ObjectId {
        let kind = Kind::Framework(FrameworkObject { framework, role, by_name, events: Vec::new(), site });
        self.allocate(state, Object::new(kind))
    }

    /// Notes a call on a framework's object.
    pub fn record_call(&mut self, state: &mut State, object: ObjectId, method: &str, args: Vec<Value>, site: Site) {
        self.events += 1;
        let method = self.values.atom(method);
        let event = Rc::new(Event { method, args, site, conditions: state.conditions.to_vec(), number: self.events });
        if let Kind::Framework(made) = &mut self.object_mut(state, object).kind {
            made.events.push(event);
        }
    }

    /// What was called on an object; nothing, unless a framework made it.
    pub fn calls_of(&self, state: &State, object: ObjectId) -> Vec<Rc<Event>> {
        match &self.object(state, object).kind {
            Kind::Framework(made) => made.events.clone(),
            _ => Vec::new(),
        }
    }

    /// An object's own property by its name, as it stands there: no getter is run, no framework asked.
    pub fn field(&self, state: &State, object: ObjectId, name: &str) -> Option<Value> {
        self.own_property(state, object, self.values.find_atom(name)?)
    }

    pub fn set_field(&mut self, state: &mut State, object: ObjectId, name: &str, value: Value) {
        let slot = self.values.atom(name).0;
        self.object_mut(state, object).slots.insert(slot, value);
    }
}
