//! Guards as values: wrappers of libraries, guards with exceptions, guards that the configuration names.
//!
//! ```js
//! export default withAuth(handler)                                   // a wrapper: the handler runs only behind its check
//! app.use(jwt({ secret }).unless({ path: ['/login'] }))             // a guard with exceptions
//! ```

use super::library::LibraryCall;
use super::native::Native;
use super::object::{Kind as Shape, Object, Site, Status};
use super::state::{Next, Outcomes, State};
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
        if self.is_exempt(&state, call) || self.mode != Mode::Anonymous || self.is_opted_out(&state, made, unless) {
            return Some(self.pass(state, call.site, next));
        }
        let cause = self.cause(&names::readable(base), call.site, Evidence::Known);
        Some(Self::reject(state, cause))
    }

    /// Whether the request's path is among those that `unless` was given.
    fn is_exempt(&mut self, state: &State, call: &LibraryCall) -> bool {
        self.read_target = true;
        let Some(path) = self.request_path else { return false };
        let External::Call(_, options) = self.values.external_of(call.id) else { return false };
        let Some(Value::Object(options)) = options.first().copied() else { return false };
        let Some(listed) = self.field(state, options, "path") else { return false };
        match listed {
            Value::Object(list) if matches!(self.object(state, list).kind, Shape::Array { .. }) => {
                self.items_of(state, listed).0.iter().any(|item| self.exempts(state, *item, path))
            }
            other => self.exempts(state, other, path),
        }
    }

    /// Whether an entry of an exemption list names the path.
    fn exempts(&self, state: &State, entry: Value, path: Value) -> bool {
        match entry {
            Value::Str(atom) => {
                self.values.as_text(path).is_some_and(|path| self.values.text(atom).trim_end_matches('/') == path.trim_end_matches('/'))
            }
            Value::Object(id) => match self.object(state, id).kind {
                Shape::Regex { source, flags } => self.matches(path, source, flags) != Some(false),
                _ => self.field(state, id, "url").is_some_and(|url| self.exempts(state, url, path)),
            },
            _ => false,
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
