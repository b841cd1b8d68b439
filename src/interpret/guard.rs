//! Guards as values: wrappers of libraries, guards that the configuration names, passport's strategies.
//!
//! ```js
//! export default withAuth(handler)                                   // a wrapper: the handler runs only behind its check
//! app.use(jwt({ secret }).unless({ path: ['/login'] }))             // a guard with exceptions
//! ```

use super::library::is_neutral_name;
use super::native::Native;
use super::object::{Kind as Shape, Site};
use super::state::{Next, Outcomes, State};
use super::value::{Atom, ExternalId, Plain, Taint, Value};
use super::{Evidence, Interpreter, Mode};
use crate::knowledge::names::{self};
use crate::knowledge::{self, Kind};

impl Interpreter<'_> {
    /// `jwt({ … }).unless({ path: ['/login', /^\/public/] })`: a guard, except for some paths.
    pub(super) fn call_unless(&mut self, state: State, site: Site, id: ExternalId, base: &str, next: Value, args: Vec<Value>) -> Outcomes {
        self.read_target = true;
        let path = args.first().and_then(|r| r.as_object()).and_then(|request| {
            let slot = self.values.find_atom("originalUrl")?;
            self.object(&state, request).slots.get(&slot.0).copied()
        });
        // The URL with and without a query: the shorter is the path.
        let texts = path.map_or(Vec::new(), |p| self.values.alternatives(p)).into_iter().filter_map(|p| self.known_text(p));
        let path = texts.min_by_key(String::len).unwrap_or_default();
        let path = path.trim_end_matches('?').to_owned();
        let mut exempt = false;
        if let super::value::External::Call(_, options) = self.values.external_of(id).clone()
            && let Some(Value::Object(options)) = options.first().copied()
            && let Some(listed) = self.values.find_atom("path").and_then(|a| self.object(&state, options).slots.get(&a.0).copied())
        {
            let (items, _) = match listed {
                Value::Object(list) if matches!(self.object(&state, list).kind, Shape::Array { .. }) => self.items_of(&state, listed),
                other => (vec![other], false),
            };
            exempt = items.iter().any(|item| self.exempts(&state, *item, &path));
        }
        if exempt || self.mode != Mode::Anonymous {
            return self.pass(state, site, next);
        }
        let cause = self.cause(&names::readable(base), site, Evidence::Known);
        self.reject(state, cause, next)
    }

    /// Whether an entry of an exemption list names the path.
    pub(super) fn exempts(&self, state: &State, entry: Value, path: &str) -> bool {
        match entry {
            Value::Str(atom) => self.values.text(atom).trim_end_matches('/') == path.trim_end_matches('/'),
            Value::Object(id) => match &self.object(state, id).kind {
                Shape::Regex { source, flags } => crate::knowledge::regex::Regex::new(self.values.text(*source), self.values.text(*flags))
                    .is_some_and(|r| r.is_match(path)),
                _ => self
                    .values
                    .find_atom("url")
                    .and_then(|a| self.object(state, id).slots.get(&a.0).copied())
                    .is_some_and(|url| self.exempts(state, url, path)),
            },
            _ => false,
        }
    }

    /// `express-basic-auth` takes the promise of an asynchronous authorizer for a yes.
    pub(super) fn is_broken_basic_auth(&self, state: &State, id: ExternalId, name: &str) -> bool {
        if name != "express-basic-auth()" {
            return false;
        }
        let super::value::External::Call(_, args) = self.values.external_of(id) else { return false };
        let Some(Value::Object(options)) = args.first().copied() else { return false };
        let field = |name: &str| self.values.find_atom(name).and_then(|a| self.object(state, options).slots.get(&a.0).copied());
        let asynchronous = field("authorizer").and_then(Value::as_object).is_some_and(|f| match &self.object(state, f).kind {
            Shape::Function(closure) => self.modules[closure.module.0 as usize].ir.functions[closure.function.index()].is_async,
            _ => false,
        });
        asynchronous && field("authorizeAsync") != Some(Value::Bool(true))
    }

    /// Whether the call that made this middleware switched its rejection off.
    pub(super) fn is_opted_out(&self, state: &State, id: ExternalId, unless: &[(&str, Option<bool>)]) -> bool {
        let super::value::External::Call(_, args) = self.values.external_of(id) else { return false };
        args.iter().filter_map(|a| a.as_object()).any(|object| {
            unless.iter().any(|(option, value)| {
                self.values.find_atom(option).and_then(|a| self.object(state, object).slots.get(&a.0)).is_some_and(|found| match value {
                    Some(expected) => *found == Value::Bool(*expected),
                    None => true,
                })
            })
        })
    }

    pub(super) fn passport_label(&self, state: &State, args: &[Value]) -> String {
        let strategy = match args.first() {
            Some(Value::Object(id)) => match &self.object(state, *id).kind {
                Shape::Array { items, .. } => items.first().and_then(|s| self.values.as_text(*s)),
                _ => None,
            },
            Some(value) => self.values.as_text(*value),
            None => None,
        };
        strategy.map_or_else(|| "passport.authenticate()".into(), |s| format!("passport.authenticate('{s}')"))
    }

    /// Whether a passport strategy is one of OAuth's and its kin.
    pub(super) fn redirects(&self, args: &[Value]) -> bool {
        args.first().and_then(|a| self.values.as_text(*a)).is_some_and(knowledge::is_redirecting)
    }

    /// `anonymous` among the strategies lets everybody through.
    pub(super) fn has_lenient_strategy(&self, state: &State, args: &[Value]) -> bool {
        let (items, _) = args.first().map_or((Vec::new(), false), |first| match first {
            Value::Str(_) => (vec![*first], false),
            other => self.items_of(state, *other),
        });
        items.iter().any(|s| self.values.as_text(*s).is_some_and(|t| t.contains("anonym") || t == "session" || t == "guest"))
    }

    /// A wrapper of a library around one of the project's functions, if the library's name says nothing else.
    pub(super) fn transparent_wrapper(&mut self, state: &State, name: &str, args: &[Value]) -> Option<Value> {
        let function = args.iter().copied().find(|a| self.is_function(Some(state), *a))?;
        if (name.contains("()") || name.starts_with("new ") || name.starts_with(":set")) && knowledge::find(name).is_none() {
            return None;
        }
        let last = names::last_word(name);
        match knowledge::find(name).map(|row| row.kind) {
            Some(Kind::GuardWrapper) => {
                let name = self.values.atom(name);
                return Some(self.values.native(Native::Guard { name, wrapped: Some(function) }));
            }
            Some(Kind::AttachWrapper) => return Some(function_wrapped(self, function, name)),
            Some(_) => return None,
            None => {}
        }
        if knowledge::find(&format!("{name}()")).is_some() {
            return None;
        }
        if self.configured_name(name)
            || (names::is_guard(last) && (name.starts_with('?') || name.starts_with(':') || !is_neutral_name(last)))
        {
            let name = self.values.atom(name);
            return Some(self.values.native(Native::Guard { name, wrapped: Some(function) }));
        }
        let wraps = args.len() <= 2
            && ![
                "use", "on", "once", "listen", "register", "after", "ready", "get", "post", "put", "delete", "patch", "all", "addHook",
                "then",
            ]
            .contains(&last);
        wraps.then(|| function_wrapped(self, function, name))
    }

    pub(super) fn call_guard(&mut self, mut state: State, site: Site, name: Atom, wrapped: Option<Value>, args: Vec<Value>) -> Outcomes {
        let text = self.values.text(name).to_owned();
        if self.mode == Mode::Anonymous {
            let evidence = if self.configured_name(&text) {
                Evidence::Config
            } else if knowledge::find(&text).is_some() {
                Evidence::Known
            } else {
                Evidence::Name
            };
            let cause = self.cause(&names::readable(&text), site, evidence);
            let next = args.get(2).copied().unwrap_or(Value::Undefined);
            return self.reject(state, cause, next);
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

    pub(super) fn call_verified(&mut self, state: State, site: Site, name: Atom, callback: Value, _args: Vec<Value>) -> Outcomes {
        let text = self.values.text(name).to_owned();
        let cause = self.cause(&names::readable(&text), site, Evidence::Known);
        let user = if self.mode == Mode::Anonymous { Value::Anonymous(Plain::False, cause) } else { Value::opaque(Taint::IDENTITY) };
        self.call(state, site, callback, Value::Undefined, vec![Value::Null, user, Value::Undefined])
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
    pub(super) fn configured_guard(&mut self, _state: &State, closure: &super::object::Closure) -> Option<Native> {
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

pub(super) fn function_wrapped(interpreter: &mut Interpreter, function: Value, name: &str) -> Value {
    let library = interpreter.values.atom(name);
    interpreter.values.native(Native::Wrapped { function, library })
}
