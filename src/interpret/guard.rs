//! Guards as values: wrappers of libraries, guards with exceptions, guards that the configuration names.
//!
//! ```js
//! export default withAuth(handler)                                   // a wrapper: the handler runs only behind its check
//! app.use(jwt({ secret }).unless({ path: ['/login'] }))             // a guard with exceptions
//! ```

use super::library::LibraryCall;
use super::native::Native;
use super::object::{Kind as Shape, Object, Site, Status};
use super::state::{Flow, Next, Outcomes, State, gather};
use super::value::{Atom, External, Value};
use super::{Evidence, Interpreter, Mode};
use crate::knowledge::{self, Kind, names};

impl Interpreter<'_> {
    /// `jwt({ … }).unless({ path: ['/login', /^\/public/] })`: a guard, except for some paths.
    pub(super) fn call_unless(&mut self, state: &mut State, call: &LibraryCall) -> Option<Outcomes> {
        let base = call.name.strip_suffix(".unless()")?;
        let next = call.next?;
        let Kind::Guard { unless } = knowledge::find(base)?.kind else { return None };
        let state = std::mem::take(state);
        // The guard itself was made by the call before: `jwt({ credentialsRequired: false }).unless(…)`.
        let made = match self.values.external_of(call.id) {
            External::Call(member, _) => match self.values.external_of(*member) {
                External::Member(guard, _) => *guard,
                _ => call.id,
            },
            _ => call.id,
        };
        if self.mode != Mode::Anonymous || self.is_opted_out(&state, made, unless) {
            return Some(self.pass(state, call.site, next));
        }
        let cause = self.cause(&names::readable(base), call.site, Evidence::Known);
        let mut out = Outcomes::new();
        for (mut state, exempt) in self.exemption(state, call) {
            if exempt == Some(true) {
                gather(&mut out, self.pass(state, call.site, next));
                continue;
            }
            if exempt.is_none() {
                let cause = self.cause("an exception that cannot be seen", call.site, Evidence::Unseen);
                let mut other = state.clone();
                other.request.unseen.get_or_insert(cause);
                gather(&mut out, self.pass(other, call.site, next));
            }
            state.request.consulted.get_or_insert(cause);
            gather(
                &mut out,
                if knowledge::libraries::passes_error(base) {
                    self.fail(state, call.site, next, cause)
                } else {
                    Self::reject(state, cause)
                },
            );
        }
        Some(self.settle(out))
    }

    /// Whether the request is among those that `unless` was told to let through, where that can be told.
    fn exemption(&mut self, state: State, call: &LibraryCall) -> Vec<(State, Option<bool>)> {
        self.read_target = true;
        let options = match self.values.external_of(call.id) {
            External::Call(_, options) => options.first().copied(),
            _ => None,
        };
        let Some(Value::Object(options)) = options else { return vec![(state, None)] };
        let options = match &self.object(&state, options).kind {
            // `unless((req) => …)`
            Shape::Function(_) => [None, None, None, Some(Value::Object(options))],
            _ => ["path", "method", "ext", "custom"].map(|name| self.field(&state, options, name)),
        };
        let method = call.args[0].as_object().and_then(|request| self.field(&state, request, "method"));
        let path = self.request_path;
        // It looks at `req.originalUrl`; what the router takes as well, with another ending, is another path.
        let [by_path, by_method, by_ending] = [0, 1, 2].map(|i| {
            let Some(listed) = options[i] else { return Some(false) };
            let (items, open) = match listed {
                Value::Object(list) if matches!(self.object(&state, list).kind, Shape::Array { .. }) => self.items_of(&state, listed),
                other => (vec![other], false),
            };
            let mut sure = !open;
            for item in items {
                let hit = match (i, self.values.as_text(item), path.and_then(|path| self.values.as_text(path))) {
                    (0, ..) => self.exempts(&state, item, path?, method),
                    (1, Some(name), _) => method.and_then(|m| self.values.as_text(m)).map(|m| m == name),
                    (_, Some(ending), Some(path)) => Some(path.ends_with(ending)),
                    _ => None,
                };
                if hit == Some(true) {
                    return hit;
                }
                sure &= hit.is_some();
            }
            sure.then_some(false)
        });
        let listed = match [by_path, by_method, by_ending] {
            ways if ways.contains(&Some(true)) => Some(true),
            ways if ways.contains(&None) => None,
            _ => Some(false),
        };
        match options[3] {
            Some(custom) if listed != Some(true) => {
                let asked = self.call(state, call.site, custom, Value::Undefined, vec![call.args[0]]);
                let exempt = |flow| match flow {
                    Flow::Value(value) if self.truth_of(value) == Some(false) => listed,
                    Flow::Value(value) => self.truth_of(value),
                    _ => listed,
                };
                asked.into_iter().map(|(state, flow)| (state, exempt(flow))).collect()
            }
            _ => vec![(state, listed)],
        }
    }

    /// Whether an entry of an exemption list names the path.
    fn exempts(&self, state: &State, entry: Value, path: Value, method: Option<Value>) -> Option<bool> {
        match entry {
            Value::Str(atom) => Some(
                self.values.as_text(path).is_some_and(|path| self.values.text(atom).trim_end_matches('/') == path.trim_end_matches('/')),
            ),
            Value::Object(id) => match self.object(state, id).kind {
                Shape::Regex { source, flags } => Some(self.matches(path, source, flags) != Some(false)),
                // `{ url: '/posts', methods: ['GET'] }`
                _ => match self.field(state, id, "methods").zip(method) {
                    Some((methods, method)) if !self.items_of(state, methods).0.contains(&method) => Some(false),
                    _ => self.exempts(state, self.field(state, id, "url")?, path, None),
                },
            },
            _ => None,
        }
    }

    /// A wrapper of a library around one of the project's functions, if the library's name says nothing else.
    pub(super) fn transparent_wrapper(&mut self, state: &State, name: &str, args: &[Value]) -> Option<Value> {
        let function = self.first_function(state, args)?;
        let row = knowledge::find(name);
        // `createRouteWrapper(logger)(handler)` of a package that says nothing of identity.
        let made = name
            .strip_suffix("()")
            .filter(|maker| !maker.contains("()") && !maker.starts_with(['?', ':']) && !names::speaks_of_identity(maker));
        if (name.contains("()") || name.starts_with("new ") || name.starts_with(":set")) && row.is_none() && made.is_none() {
            return None;
        }
        let last = names::last_word(made.unwrap_or(name));
        let is_guard = match row.map(|row| row.kind) {
            Some(Kind::GuardWrapper) => true,
            Some(Kind::AttachWrapper) => false,
            Some(_) => return None,
            // A factory of middleware.
            None if knowledge::find(&format!("{name}()")).is_some() => return None,
            None if self.configured_name(name) => true,
            None if names::is_guard(last) && (name.starts_with(['?', ':']) || !names::is_neutral(last)) => true,
            None if args.len() <= 2 && !names::registers(last) => false,
            None => return None,
        };
        let native =
            if is_guard { Native::Guard { name: self.values.atom(name), wrapped: Some(function) } } else { Native::Wrapped { function } };
        Some(self.values.native(native))
    }

    pub(super) fn call_guard(&mut self, mut state: State, site: Site, name: Atom, wrapped: Option<Value>, args: Vec<Value>) -> Outcomes {
        let text = self.values.shared_text(name);
        let text = &*text;
        if self.mode == Mode::Anonymous {
            let evidence = if self.configured_name(text) {
                Evidence::Config
            } else if knowledge::find(text).is_some() {
                Evidence::Known
            } else {
                Evidence::Name
            };
            let cause = self.cause(&names::readable(text), site, evidence);
            if self.web_request(&state, &args).is_none() {
                return Self::reject(state, cause);
            }
            // What it answers with is what it returns: whoever called it may still look at that.
            state.request.consulted.get_or_insert(cause);
            state.request.denied = Some(cause);
            let answer = Object::new(Shape::Response { status: Status::Code(401), redirect: false, passes: false });
            let answer = Value::Object(self.allocate(&mut state, answer));
            return Self::done(state, answer);
        }
        match wrapped {
            Some(function) => self.call(state, site, function, Value::Undefined, args),
            None => match args.get(2).copied() {
                Some(next) => self.call(state, site, next, Value::Undefined, Vec::new()),
                None => {
                    state.request.next = Some(Next::Called);
                    Self::done(state, Value::Undefined)
                }
            },
        }
    }

    /// Whether the configuration names this function as a guard.
    pub(super) fn configured_name(&self, canonical: &str) -> bool {
        let last = names::last_word(canonical);
        let package = canonical.strip_prefix('?').unwrap_or(canonical);
        self.config.guards.iter().any(|guard| {
            let named = guard.name.as_deref().is_none_or(|n| n == last);
            let imported = guard
                .import
                .as_deref()
                .is_none_or(|i| package == i || package.strip_prefix(i).is_some_and(|rest| rest.starts_with(['.', '('])));
            named && imported && (guard.name.is_some() || guard.import.is_some())
        })
    }

    /// A function of the project that the configuration names as a guard.
    pub(super) fn configured_guard(&mut self, closure: &super::object::Closure) -> Option<Native> {
        if self.mode != Mode::Anonymous || self.config.guards.is_empty() {
            return None;
        }
        let ir = &self.modules[closure.module.0 as usize].ir;
        let name = ir.str(ir.functions[closure.function.index()].name?).to_owned();
        let path = ir.path.clone();
        let hit = self.config.guards.iter().any(|g| {
            g.name.as_deref() == Some(name.as_str())
                && g.import
                    .as_deref()
                    .is_none_or(|i| path.starts_with(i.trim_start_matches("./")) || path.contains(i.trim_start_matches("./")))
        });
        if !hit {
            return None;
        }
        let name = self.values.atom(&name);
        Some(Native::Guard { name, wrapped: None })
    }
}
