//! Method calls, by what they are called on.
//!
//! ```js
//! router.get('/', list)            // a framework's object
//! token.split(' ')[1]              // a string of the request
//! handlers.map((h) => wrap(h))     // a list
//! prisma.user.findUnique({ … })    // a library
//! ```

use super::native::Native;
use super::object::{Kind, Object, Settled, Site};
use super::state::{Flow, Outcomes, State, gather};
use super::value::{Atom, Opaque, Plain, Taint, Value};
use super::{Interpreter, Mode};

/// Methods of lists that call what they are given with the elements.
const TAKES_ELEMENTS: [&str; 10] = ["map", "filter", "forEach", "find", "some", "every", "reduce", "flatMap", "findIndex", "sort"];

impl Interpreter<'_> {
    pub(super) fn call_method(
        &mut self,
        state: State,
        site: Site,
        object: Value,
        name: Atom,
        args: Vec<Value>,
        optional: bool,
    ) -> Outcomes {
        if let Some(Value::Union(_)) = args.first()
            && !matches!(object, Value::Union(_))
            && self.asks_whether(&state, object, name)
        {
            return self.ask_each(state, site, object, name, args);
        }
        if let Some(outcomes) = self.validate_missing(&state, object, name, &args) {
            return outcomes;
        }
        match object {
            Value::Object(id) => self.call_object_method(state, site, id, name, args, optional),
            Value::External(id) => {
                let text = self.values.shared_text(name);
                let text = &*text;
                if let Some(outcomes) = self.function_method(&state, site, object, text, &args) {
                    return outcomes;
                }
                if matches!(text, "then" | "catch" | "finally") {
                    return self.promise_method(state, site, object, text, &args);
                }
                // `cache.get(key).map((entry) => …)`: a list, of what cannot be told.
                if self.mode != Mode::Startup
                    && self.truth_of(object).is_none()
                    && TAKES_ELEMENTS.contains(&text)
                    && args.first().is_some_and(|a| self.is_function(Some(&state), *a))
                {
                    return self.opaque_method(state, site, Opaque::default(), name, args);
                }
                let member = self.external_property(site, id, name);
                match member {
                    Value::External(member) => self.call_external(state, site, member, args),
                    other => self.call(state, site, other, object, args),
                }
            }
            Value::Native(_) => {
                let text = self.values.shared_text(name);
                let text = &*text;
                match self.function_method(&state, site, object, text, &args) {
                    Some(outcomes) => outcomes,
                    None => Self::done(state, object),
                }
            }
            Value::Str(_) | Value::Pattern(_) => self.string_method(state, object, name, args),
            Value::Opaque(o) => self.opaque_method(state, site, o, name, args),
            Value::Anonymous(plain, cause) => {
                let mut state = state;
                if plain.is_nullish() {
                    state.request.denied = Some(cause);
                    return vec![(state, Flow::Throw(Value::truthy(Taint::ERROR)))];
                }
                Self::done(state, Value::Anonymous(Plain::Undefined, cause))
            }
            Value::Number(_) | Value::Bool(_) => {
                let text = self.to_text(object);
                let value = match (self.values.text(name), text) {
                    ("toString" | "toFixed", Some(text)) => self.values.string(&text),
                    _ => Value::UNKNOWN,
                };
                Self::done(state, value)
            }
            Value::Union(_) => {
                let mut out = Outcomes::new();
                for alternative in self.values.alternatives(object) {
                    if !matches!(alternative, Value::Undefined | Value::Null) {
                        gather(&mut out, self.call_method(state.clone(), site, alternative, name, args.clone(), optional));
                    }
                }
                if out.is_empty() { Self::done(state, Value::UNKNOWN) } else { self.settle(out) }
            }
            Value::Undefined | Value::Null => self.call_unknown(state, site, Taint::NONE, &args),
        }
    }

    fn call_object_method(
        &mut self,
        mut state: State,
        site: Site,
        id: super::value::ObjectId,
        name: Atom,
        args: Vec<Value>,
        optional: bool,
    ) -> Outcomes {
        let object = Value::Object(id);
        let text = self.values.shared_text(name);
        let text = &*text;
        // What the project itself put there comes first: `res.locals.check = …`, `fastify.authenticate`.
        let own = self.object(&state, id).slots.get(&name.0).copied();
        if let Some(own) = own
            && !matches!(self.object(&state, id).kind, Kind::Framework(_))
        {
            return self.call_getter_or(state, site, own, object, args);
        }
        match &self.object(&state, id).kind {
            Kind::Framework(framework_object) => {
                let framework = self.frameworks[framework_object.framework];
                if let Some(outcomes) = framework.call(self, state.clone(), id, text, &args, site) {
                    return outcomes;
                }
                match own {
                    Some(own) => self.call(state, site, own, object, args),
                    None => self.call_unknown(state, site, Taint::NONE, &args),
                }
            }
            Kind::Array { items, open } => {
                let (items, open) = (items.clone(), *open);
                self.array_method(state, site, id, items, open, text, args)
            }
            Kind::Promise(_) => self.promise_method(state, site, object, text, &args),
            Kind::Http(http) => {
                let http = *http;
                self.http_method(state, site, id, http, text, args)
            }
            Kind::Missing(cause) => {
                let cause = *cause;
                let value = match text {
                    "find" | "at" | "pop" | "shift" | "get" => Value::Anonymous(Plain::Undefined, cause),
                    "some" | "includes" | "has" => Value::Anonymous(Plain::False, cause),
                    _ => object,
                };
                Self::done(state, value)
            }
            Kind::Collection { items } => {
                let items = items.clone();
                self.collection_method(state, site, id, items, text, args)
            }
            Kind::Regex { source, flags } => {
                let (source, flags) = (*source, *flags);
                self.regex_method(state, source, flags, text, &args)
            }
            Kind::Function(_) | Kind::Class(_) => {
                if let Some(outcomes) = self.function_method(&state, site, object, text, &args) {
                    return outcomes;
                }
                let value = self.property(&mut state, site, id, name);
                if value == Value::UNKNOWN
                    && self.mode != Mode::Startup
                    && let Some(class) = self.class_name(&state, id)
                {
                    // A model: a class of the project on one of a library.
                    let receiver = if class.ends_with("Model") { class } else { format!("{class}Model") };
                    if let Some(outcomes) = self.data_operation(state.clone(), site, Some(&receiver), text, &args, Taint::NONE) {
                        return outcomes;
                    }
                }
                self.call_getter_or(state, site, value, object, args)
            }
            Kind::Response { .. } => {
                let value = if matches!(text, "json" | "text" | "clone") { Value::UNKNOWN } else { object };
                Self::done(state, value)
            }
            Kind::Plain => {
                let value = self.property(&mut state, site, id, name);
                // A method that every object has is found as itself.
                let inherited = self.values.native(Native::Method { object, name });
                if value == inherited {
                    let value = match text {
                        "hasOwnProperty" => self.has_own(&state, site, object, args.first().copied().unwrap_or(Value::Undefined)),
                        _ => Value::truthy(self.deep_taint(&state, object)),
                    };
                    return Self::done(state, value);
                }
                if value == Value::Undefined {
                    if optional {
                        return vec![(state, Flow::Break(Some(u32::MAX)))];
                    }
                    return self.call_unknown(state, site, Taint::NONE, &args);
                }
                self.call_getter_or(state, site, value, object, args)
            }
            Kind::Namespace(module) => {
                let module = *module;
                let value = self.export(&mut state, module, name).unwrap_or(Value::UNKNOWN);
                self.call(state, site, value, Value::Undefined, args)
            }
            Kind::Error { .. } | Kind::Scope { .. } => self.call_unknown(state, site, Taint::NONE, &args),
        }
    }

    /// Calls a property's value; if the property is a getter, calls what the getter gives.
    fn call_getter_or(&mut self, state: State, site: Site, value: Value, this: Value, args: Vec<Value>) -> Outcomes {
        if let Value::Native(native) = value
            && let Native::Getter(getter) = *self.values.native_of(native)
        {
            let functions = self.call(state, site, getter, this, Vec::new());
            return self.each(functions, |i, state, function| i.call(state, site, function, this, args.clone()));
        }
        self.call(state, site, value, this, args)
    }

    /// `bind`, `call` and `apply`.
    fn function_method(&mut self, state: &State, site: Site, function: Value, name: &str, args: &[Value]) -> Option<Outcomes> {
        let this = args.first().copied().unwrap_or(Value::Undefined);
        match name {
            // `Object.prototype.hasOwnProperty.call(table, key)`, `{}.hasOwnProperty.call(table, key)`
            "call" if self.function_name(state, function).is_some_and(|n| n.ends_with("hasOwnProperty")) => {
                let value = self.has_own(state, site, this, args.get(1).copied().unwrap_or(Value::Undefined));
                Some(Self::done(state.clone(), value))
            }
            "bind" => {
                let rest: Box<[Value]> = args.get(1..).unwrap_or_default().into();
                let bound = self.values.native(Native::Bound { function, this, args: rest });
                Some(Self::done(state.clone(), bound))
            }
            "call" => Some(self.call(state.clone(), site, function, this, args.get(1..).unwrap_or_default().to_vec())),
            "apply" => {
                let list = args.get(1).copied().unwrap_or(Value::Undefined);
                let (items, _) = self.items_of(state, list);
                Some(self.call(state.clone(), site, function, this, items))
            }
            _ => None,
        }
    }

    fn collection_method(
        &mut self,
        mut state: State,
        site: Site,
        id: super::value::ObjectId,
        items: Vec<(Value, Value)>,
        name: &str,
        args: Vec<Value>,
    ) -> Outcomes {
        let key = args.first().copied().unwrap_or(Value::Undefined);
        match name {
            "set" | "add" => {
                let value = args.get(1).copied().unwrap_or(key);
                if let Kind::Collection { items } = &mut self.object_mut(&mut state, id).kind {
                    match items.iter().position(|(k, _)| *k == key) {
                        Some(at) => items[at].1 = value,
                        None if items.len() < 1_000 => items.push((key, value)),
                        None => {}
                    }
                }
                Self::done(state, Value::Object(id))
            }
            "get" | "has" => {
                if self.mode == Mode::Anonymous && self.deep_taint(&state, key).has(Taint::CREDENTIAL) {
                    let cause = self.cause("look-up by a credential", site, super::Evidence::Known);
                    let plain = if name == "get" { Plain::Undefined } else { Plain::False };
                    return Self::done(state, Value::Anonymous(plain, cause));
                }
                // A helper found no credential to look up.
                let lacking = if key.is_nullish() || self.values.as_text(key) == Some("") { state.request.lacking } else { None };
                if let Some(cause) = if let Value::Anonymous(_, cause) = key { Some(cause) } else { lacking } {
                    let plain = if name == "get" { Plain::Undefined } else { Plain::False };
                    return Self::done(state, Value::Anonymous(plain, cause));
                }
                if self.mode != Mode::Startup {
                    if let Some(value) = self.in_constants(&items, key, name) {
                        return Self::done(state, value);
                    }
                    // What other requests have put in cannot be told.
                    let taint = self.deep_taint(&state, key).union(if name == "get" { Taint::STORED } else { Taint::NONE });
                    return Self::done(state, Value::opaque(taint));
                }
                let found = items.iter().find(|(k, _)| *k == key).map(|(_, v)| *v);
                let value = if name == "get" { found.unwrap_or(Value::Undefined) } else { Value::Bool(found.is_some()) };
                Self::done(state, value)
            }
            "forEach" => {
                let callback = key;
                let mut outcomes = Self::done(state, Value::Undefined);
                for (k, v) in items {
                    outcomes = self.each(outcomes, |this, state, _| this.call(state, site, callback, Value::Undefined, vec![v, k]));
                }
                outcomes
            }
            "entries" => {
                let (items, open) = self.rounds_of(&mut state, Value::Object(id));
                let array = self.allocate(&mut state, Object::new(Kind::Array { items, open }));
                Self::done(state, Value::Object(array))
            }
            "values" | "keys" => {
                let items = items.into_iter().map(|(k, v)| if name == "keys" { k } else { v }).collect();
                let array = self.allocate(&mut state, Object::new(Kind::Array { items, open: self.mode != Mode::Startup }));
                Self::done(state, Value::Object(array))
            }
            _ => Self::done(state, Value::UNKNOWN),
        }
    }

    /// A method of something that is not known: a string of the request, a stored record, a client made elsewhere.
    fn opaque_method(&mut self, mut state: State, site: Site, object: Opaque, name: Atom, args: Vec<Value>) -> Outcomes {
        let text = self.values.shared_text(name);
        let text = &*text;
        let taint = object.taint.without(Taint::METHOD);
        match text {
            "split" => return Self::done(state, Value::truthy(taint.union(Taint::SCHEME))),
            "trim" | "toLowerCase" | "toUpperCase" | "replace" | "replaceAll" | "slice" | "substring" | "substr" | "toString"
            | "normalize" | "padStart" | "padEnd" | "concat" | "at" | "valueOf" | "toArray" | "lean" | "toObject" | "toJSON" | "flat"
            | "reverse" | "sort" | "entries" | "keys" | "values" | "exec" | "populate" | "select" | "limit" | "skip" | "where"
            | "orderBy" | "returning"
                if !self.any_function(&state, &args) =>
            {
                // What is made of a string is one.
                let there = taint.has(Taint::CREDENTIAL) && !matches!(text, "at" | "exec");
                let taint = if there { taint.union(Taint::DEFAULTED) } else { taint };
                return Self::done(state, Value::Opaque(Opaque { taint, truth: object.truth }));
            }
            "then" | "catch" | "finally" => {
                return self.promise_method(state, site, Value::Opaque(object), text, &args);
            }
            "startsWith" | "endsWith" | "includes" | "test" | "match" | "has" | "indexOf" => {
                let value = self.asked_of_text(&state, site, taint, text, &args);
                return Self::done(state, value);
            }
            "get" | "getAll" | "header" if taint.has(Taint::REQUEST) => {
                let mut taint = taint.without(Taint::URL);
                if let Some(key) = args.first().and_then(|a| self.to_text(*a))
                    && crate::knowledge::names::is_credential_field(&key)
                {
                    taint = taint.union(Taint::CREDENTIAL);
                }
                return Self::done(state, Value::opaque(taint));
            }
            "json" | "text" | "formData" | "arrayBuffer" | "blob" => return Self::done(state, Value::opaque(taint)),
            text if TAKES_ELEMENTS.contains(&text) && self.any_function(&state, &args) => {
                let item = Value::truthy(taint);
                let outcomes = self.call(state.clone(), site, args[0], Value::Undefined, vec![item, Value::UNKNOWN, Value::UNKNOWN]);
                // What the function makes of an element is what the result is made of; whether there is an element is not known.
                let mut taint = taint;
                for (state, flow) in &outcomes {
                    let Flow::Value(value) = *flow else { continue };
                    taint = taint.union(self.deep_taint(state, value));
                    let inner = match value.as_object().map(|id| &self.object(state, id).kind) {
                        Some(Kind::Promise(Settled::Fulfilled(inner))) => *inner,
                        _ => value,
                    };
                    if let Value::Anonymous(..) = inner {
                        taint = taint.union(Taint::UNSEEN);
                    }
                }
                let mut all: Outcomes = outcomes.into_iter().filter(|(_, f)| matches!(f, Flow::Value(_))).collect();
                all.push((state, Flow::Value(Value::Undefined)));
                for (_, flow) in &mut all {
                    *flow = Flow::Value(if text == "map" || text == "filter" { Value::truthy(taint) } else { Value::opaque(taint) });
                }
                return self.settle(all);
            }
            _ => {}
        }
        if self.mode != Mode::Startup
            && !taint.has(Taint::REQUEST)
            && let Some(outcomes) = self.data_operation(state.clone(), site, None, text, &args, taint)
        {
            return outcomes;
        }
        if self.mode == Mode::Anonymous {
            if taint.has(Taint::STORED)
                && let Some(cause) = self.compares_password(&state, site, text, &args)
            {
                state.request.consulted.get_or_insert(cause);
                return self.settled(state, Settled::Fulfilled(Value::Anonymous(Plain::False, cause)));
            }
            if let Some(outcomes) = self.check_by_name(&mut state, site, text, &args) {
                return outcomes;
            }
        }
        self.call_unknown(state, site, taint, &args)
    }

    pub(super) fn any_function(&self, state: &State, args: &[Value]) -> bool {
        args.iter().any(|a| self.is_function(Some(state), *a))
    }

    /// What a call returns that is awaited or not: a promise.
    pub(super) fn settled(&mut self, mut state: State, settled: Settled) -> Outcomes {
        let promise = self.promise(&mut state, settled);
        Self::done(state, promise)
    }
}
