//! Lists.
//!
//! ```js
//! routes.forEach(({ path, router }) => app.use(path, router))
//! const guards = [session, ...roles.map(requireRole)].filter(Boolean)
//! ```

use super::object::{Kind, Object, Site};
use super::state::{Flow, Outcomes, State};
use super::value::{ObjectId, Taint, Value};
use super::{Interpreter, Mode};

/// How many elements of a known list a callback is run on while a request is handled.
const REQUEST_ELEMENTS: usize = 12;

/// The same for a list of constants.
const CONSTANT_ELEMENTS: usize = 200;

impl Interpreter<'_> {
    /// The known elements of an iterable, and whether there may be more.
    pub fn items_of(&self, state: &State, value: Value) -> (Vec<Value>, bool) {
        match value {
            Value::Object(id) => match &self.object(state, id).kind {
                Kind::Array { items, open } => (items.clone(), *open),
                Kind::Collection { items } => (items.iter().map(|(_, v)| *v).collect(), self.mode != Mode::Startup),
                Kind::Missing(_) => (Vec::new(), false),
                _ => (Vec::new(), true),
            },
            Value::Anonymous(..) | Value::Undefined | Value::Null => (Vec::new(), false),
            // `[scheme, token]` of `Bearer token`: the first is no secret.
            Value::Opaque(o) if o.taint.has(Taint::SCHEME) => (vec![Value::opaque(o.taint), Value::opaque(o.taint.element())], true),
            _ => (Vec::new(), true),
        }
    }

    /// What `for (const x of value)` goes through: of a map, pairs of key and value.
    pub(super) fn rounds_of(&mut self, state: &mut State, value: Value) -> (Vec<Value>, bool) {
        if let Value::Object(id) = value
            && let Kind::Collection { items } = &self.object(state, id).kind
            && items.iter().any(|(key, value)| key != value)
        {
            let pairs: Vec<Vec<Value>> = items.iter().map(|(key, value)| vec![*key, *value]).collect();
            let mut rounds = Vec::with_capacity(pairs.len());
            for items in pairs {
                rounds.push(Value::Object(self.allocate(state, Object::new(Kind::Array { items, open: false }))));
            }
            return (rounds, self.mode != Mode::Startup);
        }
        self.items_of(state, value)
    }

    /// The property names of an object, for `for (const key in object)`.
    pub(super) fn keys_of(&mut self, state: &State, value: Value) -> (Vec<Value>, bool) {
        match value {
            Value::Object(id) => match &self.object(state, id).kind {
                Kind::Plain | Kind::Function(_) => {
                    let slots: Vec<u32> = self.object(state, id).slots.keys().copied().collect();
                    let (rest, proto) = (self.values.atom("<rest>").0, self.names.proto.0);
                    let open = slots.contains(&rest);
                    (slots.into_iter().filter(|s| *s != rest && *s != proto).map(|s| Value::Str(super::value::Atom(s))).collect(), open)
                }
                Kind::Array { items, open } => {
                    let (count, open) = (items.len(), *open);
                    ((0..count).map(|i| self.values.string(&i.to_string())).collect(), open)
                }
                Kind::Namespace(module) => {
                    let module = *module;
                    let mut state = state.clone();
                    (self.namespace_entries(&mut state, module).into_iter().map(|(k, _)| Value::Str(k)).collect(), false)
                }
                // The caller chose the names as well.
                Kind::Http(super::object::Http::Carrier(_)) => (vec![Value::truthy(Taint::REQUEST)], true),
                _ => (Vec::new(), true),
            },
            Value::Undefined | Value::Null | Value::Anonymous(..) => (Vec::new(), false),
            _ => (Vec::new(), true),
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of a method call")]
    pub(super) fn array_method(
        &mut self,
        mut state: State,
        site: Site,
        id: ObjectId,
        items: Vec<Value>,
        open: bool,
        name: &str,
        args: Vec<Value>,
    ) -> Outcomes {
        let array = Value::Object(id);
        let first = args.first().copied().unwrap_or(Value::Undefined);
        match name {
            "forEach" | "map" | "flatMap" | "filter" | "find" | "some" | "every" | "findIndex" | "findLast" => {
                self.iterate(state, site, array, items, open, name, first)
            }
            "reduce" | "reduceRight" => {
                let mut outcomes = Self::done(state, args.get(1).copied().unwrap_or(items.first().copied().unwrap_or(Value::Undefined)));
                let start = usize::from(args.len() < 2);
                let mut list: Vec<Value> = items.get(start..).unwrap_or_default().to_vec();
                if name == "reduceRight" {
                    list.reverse();
                }
                for item in list.into_iter().take(self.element_limit()) {
                    outcomes = self.each(outcomes, |this, state, sum| {
                        this.call(state, site, first, Value::Undefined, vec![sum, item, Value::UNKNOWN, array])
                    });
                }
                outcomes
            }
            "push" | "unshift" => {
                if let Kind::Array { items, .. } = &mut self.object_mut(&mut state, id).kind
                    && items.len() < 10_000
                {
                    if name == "push" {
                        items.extend(args);
                    } else {
                        items.splice(0..0, args);
                    }
                }
                Self::done(state, Value::UNKNOWN)
            }
            "concat" => {
                let mut all = items;
                let mut more = open;
                for arg in args {
                    match arg.as_object().map(|o| matches!(self.object(&state, o).kind, Kind::Array { .. })) {
                        Some(true) => {
                            let (other, o) = self.items_of(&state, arg);
                            all.extend(other);
                            more |= o;
                        }
                        _ => all.push(arg),
                    }
                }
                let object = self.allocate(&mut state, Object::new(Kind::Array { items: all, open: more }));
                Self::done(state, Value::Object(object))
            }
            "flat" => {
                let mut all = Vec::new();
                let mut more = open;
                for item in items {
                    match item.as_object().map(|o| matches!(self.object(&state, o).kind, Kind::Array { .. })) {
                        Some(true) => {
                            let (other, o) = self.items_of(&state, item);
                            all.extend(other);
                            more |= o;
                        }
                        _ => all.push(item),
                    }
                }
                let object = self.allocate(&mut state, Object::new(Kind::Array { items: all, open: more }));
                Self::done(state, Value::Object(object))
            }
            "slice" | "reverse" | "sort" | "toSorted" | "toReversed" | "values" | "entries" => {
                let list = match name {
                    "slice" => {
                        let bound = |v: Option<&Value>, default: usize| match v {
                            Some(Value::Number(bits)) => {
                                let n = f64::from_bits(*bits);
                                if n < 0.0 { items.len().saturating_sub(-n as usize) } else { (n as usize).min(items.len()) }
                            }
                            _ => default,
                        };
                        let (from, to) = (bound(args.first(), 0), bound(args.get(1), items.len()));
                        let sure = args.iter().all(|a| matches!(a, Value::Number(_)));
                        let rest = items.get(from..to.max(from)).unwrap_or_default();
                        rest.iter().map(|item| if sure { *item } else { self.perhaps(&state, *item) }).collect()
                    }
                    "reverse" | "toReversed" => items.into_iter().rev().collect(),
                    "entries" => {
                        let mut out = Vec::new();
                        for (i, item) in items.into_iter().enumerate() {
                            let pair = vec![Value::number(i as f64), item];
                            out.push(Value::Object(self.allocate(&mut state, Object::new(Kind::Array { items: pair, open: false }))));
                        }
                        out
                    }
                    _ => items,
                };
                let object = self.allocate(&mut state, Object::new(Kind::Array { items: list, open }));
                Self::done(state, Value::Object(object))
            }
            "pop" | "shift" | "at" => {
                let value = match (name, &first) {
                    ("pop", _) => items.last().copied(),
                    ("shift", _) => items.first().copied(),
                    (_, Value::Number(bits)) => {
                        let n = f64::from_bits(*bits);
                        let at = if n < 0.0 { items.len().checked_sub(-n as usize) } else { Some(n as usize) };
                        at.and_then(|i| items.get(i).copied())
                    }
                    _ => None,
                };
                Self::done(state, value.unwrap_or(if open { Value::UNKNOWN } else { Value::Undefined }))
            }
            "includes" | "indexOf" | "lastIndexOf" => {
                let value = self.is_among(site, &items, open, name, first);
                Self::done(state, value)
            }
            "join" => {
                let separator = self.to_text(first).unwrap_or_else(|| ",".into());
                let separator = self.values.string(&separator);
                let mut parts = Vec::new();
                for (i, item) in items.iter().enumerate() {
                    if i > 0 {
                        parts.push(separator);
                    }
                    parts.push(*item);
                }
                if open {
                    parts.push(Value::UNKNOWN);
                }
                let value = self.concatenate(&parts);
                Self::done(state, value)
            }
            "splice" | "fill" => Self::done(state, array),
            _ => Self::done(state, Value::UNKNOWN),
        }
    }

    /// An element that may be left out.
    fn perhaps(&mut self, state: &State, item: Value) -> Value {
        let function = self.mode == Mode::Startup && (self.is_function(Some(state), item) || matches!(item, Value::External(_)));
        if function { self.values.native(super::native::Native::Perhaps(item)) } else { item }
    }

    fn is_short(&self, state: &State, value: Value) -> bool {
        matches!(value, Value::Str(_) | Value::Number(_))
            || value.as_object().is_some_and(|id| matches!(self.object(state, id).kind, Kind::Regex { .. }))
    }

    fn element_limit(&self) -> usize {
        if self.mode == Mode::Startup { 2_000 } else { REQUEST_ELEMENTS }
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of a method call")]
    fn iterate(
        &mut self,
        mut state: State,
        site: Site,
        array: Value,
        items: Vec<Value>,
        open: bool,
        name: &str,
        callback: Value,
    ) -> Outcomes {
        // Constants, such as the paths that a guard leaves out, lead to one outcome each: all of them count.
        let constants = items.len() <= CONSTANT_ELEMENTS && items.iter().all(|v| self.is_short(&state, *v));
        let limit = if constants { items.len() } else { self.element_limit() };
        let shape = |items: Vec<Value>| Object::new(Kind::Array { items, open: false });
        let kept = self.allocate(&mut state, shape(Vec::new()));
        let mut states: Vec<(State, Vec<(Value, Value)>)> = vec![(state, Vec::new())];
        let mut out = Outcomes::new();
        let unknown = open.then_some((Value::truthy(Taint::NONE), true));
        let rounds = items.iter().copied().take(limit).map(|v| (v, false)).chain(unknown);
        for (i, (item, maybe)) in rounds.enumerate() {
            let mut next = Vec::new();
            for (state, results) in states {
                let called = self.call(state.clone(), site, callback, Value::Undefined, vec![item, Value::number(i as f64), array]);
                if maybe {
                    next.push((state, results.clone()));
                }
                for (state, flow) in called {
                    match flow {
                        Flow::Value(v) => {
                            let mut results = results.clone();
                            results.push((item, v));
                            next.push((state, results));
                        }
                        other => out.push((state, other)),
                    }
                }
            }
            // Too many to go on with: those of the same course are joined, and so are their results for elements that are there.
            if next.len() > 4 {
                let mut outcomes = Outcomes::new();
                for (mut state, results) in next {
                    *self.object_mut(&mut state, kept) = shape(results.into_iter().map(|(_, v)| v).take(items.len()).collect());
                    outcomes.push((state, Flow::Value(Value::UNKNOWN)));
                }
                next = Vec::new();
                for (state, _) in self.settle(outcomes) {
                    let values = self.items_of(&state, Value::Object(kept)).0;
                    let results = items.iter().copied().zip(values).collect();
                    next.push((state, results));
                }
            }
            states = next;
        }
        for (mut state, results) in states {
            let complete = results.len() == items.len() && !open;
            let value = match name {
                "forEach" => Value::Undefined,
                "map" => {
                    let items = results.into_iter().map(|(_, v)| v).collect();
                    Value::Object(self.allocate(&mut state, Object::new(Kind::Array { items, open: !complete })))
                }
                "flatMap" => {
                    let mut flat = Vec::new();
                    for (_, v) in results {
                        let (inner, more) = self.items_of(&state, v);
                        if inner.is_empty() && more { flat.push(v) } else { flat.extend(inner) }
                    }
                    Value::Object(self.allocate(&mut state, Object::new(Kind::Array { items: flat, open: !complete })))
                }
                "filter" => {
                    let mut items = Vec::with_capacity(results.len());
                    for (item, v) in results {
                        match self.truth_of(v) {
                            Some(false) => {}
                            // A library that is given a function is taken to give one back.
                            Some(true) if !matches!(v, Value::Native(_)) => items.push(item),
                            _ => items.push(self.perhaps(&state, item)),
                        }
                    }
                    Value::Object(self.allocate(&mut state, Object::new(Kind::Array { items, open: !complete })))
                }
                "find" | "findLast" => {
                    let mut found = Vec::new();
                    let mut sure = false;
                    let mut denied = None;
                    for (item, v) in results {
                        if let Value::Anonymous(plain, cause) = v
                            && !plain.is_truthy()
                        {
                            denied = Some(cause);
                        }
                        match self.truth_of(v) {
                            Some(true) => {
                                found.push(item);
                                sure = true;
                                break;
                            }
                            None => found.push(item),
                            Some(false) => {}
                        }
                    }
                    if !sure {
                        match denied {
                            // A search for what the caller cannot name.
                            Some(cause) if found.is_empty() => found.push(Value::Anonymous(super::value::Plain::Undefined, cause)),
                            _ => found.push(if open { Value::UNKNOWN } else { Value::Undefined }),
                        }
                    }
                    self.values.join_all(found)
                }
                "some" | "every" => {
                    let truths: Vec<_> = results.iter().map(|(_, v)| self.truth_of(*v)).collect();
                    let decisive = name == "some";
                    let denied = results.iter().find_map(|(_, v)| if let Value::Anonymous(_, c) = v { Some(*c) } else { None });
                    if truths.contains(&Some(decisive)) {
                        match denied {
                            Some(cause) if !decisive => Value::Anonymous(super::value::Plain::False, cause),
                            _ => Value::Bool(decisive),
                        }
                    } else if complete && truths.iter().all(|t| *t == Some(!decisive)) {
                        match denied {
                            Some(cause) if decisive => Value::Anonymous(super::value::Plain::False, cause),
                            _ => Value::Bool(!decisive),
                        }
                    } else {
                        let taint = results.iter().fold(Taint::NONE, |t, (_, v)| t.union(self.taint_of(*v)));
                        match denied {
                            Some(cause) if decisive && open => Value::Anonymous(super::value::Plain::False, cause),
                            _ => Value::opaque(taint),
                        }
                    }
                }
                _ => Value::UNKNOWN,
            };
            out.push((state, Flow::Value(value)));
        }
        self.settle(out)
    }
}
