//! The Web platform's request, as route handlers of Next and others get it.
//!
//! ```js
//! export async function GET(request, { params }) {
//!   const { id } = await params                                  // the caller's data, behind a promise or not
//!   const { pathname, searchParams } = new URL(request.url)      // the endpoint's own path; what the caller adds to it
//! }
//! ```

use super::Interpreter;
use super::object::{Carrier, Http, Kind, Object};
use super::state::State;
use super::value::{ObjectId, Part, Taint, Value};

impl Interpreter<'_> {
    /// The second argument of a handler.
    pub(super) fn fetch_context(&mut self, state: &mut State) -> Value {
        let params = self.allocate(state, Object::new(Kind::Http(Http::Carrier(Carrier::Params))));
        let mut context = Object::new(Kind::Plain);
        context.slots.insert(self.values.atom("params").0, Value::Object(params));
        context.slots.insert(self.values.atom("<rest>").0, Value::UNKNOWN);
        Value::Object(self.allocate(state, context))
    }

    /// `request.url` in full: an origin that is not known, the path, a query.
    pub(super) fn full_url(&mut self, path: Value) -> Value {
        let mut parts = vec![Part::Hole];
        match path {
            Value::Str(atom) => parts.push(Part::Text(atom)),
            Value::Pattern(id) => parts.extend(self.values.pattern_of(id).0.to_vec()),
            _ => {}
        }
        parts.push(Part::Hole);
        self.values.pattern(parts, Taint::REQUEST.union(Taint::URL))
    }

    /// `request.nextUrl`, `new URL(request.url)`.
    pub(super) fn parsed_url(&mut self, state: &mut State) -> ObjectId {
        self.read_target = true;
        let mut object = Object::new(Kind::Http(Http::Carrier(Carrier::Query)));
        if let Some(path) = self.request_path {
            object.slots.insert(self.values.atom("pathname").0, path);
        }
        self.allocate(state, object)
    }
}
