//! The language's own objects and functions.
//!
//! ```js
//! Object.entries(routes).forEach(([path, router]) => app.use(path, router))
//! process.env.JWT_SECRET, JSON.parse(text), new Map(), Promise.all(list), new Response(null, { status: 401 })
//! ```

use super::native::Native;
use super::object::{Kind, Object, Settled, Site};
use super::state::{Flow, Outcomes, State};
use super::value::{External, Plain, Taint, Value};
use super::{Cx, Interpreter, Mode};

impl super::value::Interner {
    pub fn external_global(&mut self, name: &str) -> Value {
        let name = self.atom(name);
        self.external(External::Global(name))
    }
}

impl Interpreter<'_> {
    /// An identifier that nothing in the file declares.
    pub(super) fn global(&mut self, state: &mut State, cx: &Cx, name: &str) -> Value {
        let atom = self.values.atom(name);
        match name {
            "module" => {
                return self.module_object(cx.module);
            }
            "exports" => {
                let module = self.module_object(cx.module);
                if let Value::Object(id) = module
                    && let Some(exports) = self.object(state, id).slots.get(&self.names.exports.0)
                {
                    return *exports;
                }
            }
            "require" => return self.values.native(Native::Require(cx.module.0)),
            "__dirname" => {
                let folder = crate::source::folder(&cx.ir.path).to_owned();
                return self.values.string(&format!("/{folder}"));
            }
            "__filename" => {
                let path = format!("/{}", cx.ir.path);
                return self.values.string(&path);
            }
            "NaN" => return Value::number(f64::NAN),
            "Infinity" => return Value::number(f64::INFINITY),
            "globalThis" | "global" | "window" => return self.values.external_global("globalThis"),
            _ => {}
        }
        if let Some(value) = self.globals.get(&atom) {
            return *value;
        }
        for i in 0..self.frameworks.len() {
            if let Some(value) = self.frameworks[i].global(self, state, name, cx) {
                self.globals.insert(atom, value);
                return value;
            }
        }
        self.values.external_global(name)
    }

    /// A call of a function that the language provides.
    pub(super) fn call_builtin(&mut self, state: &mut State, site: Site, name: &str, args: &[Value]) -> Option<Outcomes> {
        let first = args.first().copied().unwrap_or(Value::Undefined);
        let second = args.get(1).copied().unwrap_or(Value::Undefined);
        let own = std::mem::take(state);
        let done = |state: State, value: Value| Some(Self::done(state, value));
        let mut st = own;
        match name {
            ":Object.keys" | ":Object.values" | ":Object.entries" | ":Reflect.ownKeys" => {
                if let Value::Anonymous(_, cause) = first {
                    let missing = self.allocate(&mut st, Object::new(Kind::Missing(cause)));
                    return done(st, Value::Object(missing));
                }
                let Value::Object(id) = first else {
                    let taint = self.taint_of(first);
                    return done(st, Value::truthy(taint));
                };
                let (keys, open) = self.keys_of(&st, first);
                let mut items = Vec::with_capacity(keys.len());
                for key in keys {
                    let value = match key {
                        Value::Str(atom) => self.property(&mut st, site, id, atom),
                        _ => Value::opaque(self.taint_of(key)),
                    };
                    let value = if let Kind::Array { items, .. } = &self.object(&st, id).kind {
                        self.values.as_text(key).and_then(|k| k.parse::<usize>().ok()).and_then(|i| items.get(i).copied()).unwrap_or(value)
                    } else {
                        value
                    };
                    items.push(match name {
                        ":Object.values" => value,
                        ":Object.entries" => {
                            let pair = Kind::Array { items: vec![key, value], open: false };
                            Value::Object(self.allocate(&mut st, Object::new(pair)))
                        }
                        _ => key,
                    });
                }
                let array = self.allocate(&mut st, Object::new(Kind::Array { items, open }));
                done(st, Value::Object(array))
            }
            ":Object.assign" => {
                if let Value::Object(target) = first {
                    for source in &args[1..] {
                        self.copy_properties(&mut st, target, *source);
                    }
                }
                done(st, first)
            }
            name if let Some(merge) = super::merge::Merge::of(name) => {
                // `extend(true, target, …)`
                let (target, sources) = if first == Value::Bool(true) { (second, args.get(2..)) } else { (first, args.get(1..)) };
                if let Value::Object(target) = target {
                    for source in sources.unwrap_or_default() {
                        self.merge_properties(&mut st, target, *source, merge);
                    }
                }
                done(st, target)
            }
            ":Object.fromEntries" => {
                let (items, open) = self.items_of(&st, first);
                let object = self.allocate(&mut st, Object::new(Kind::Plain));
                for item in items {
                    let (pair, _) = self.items_of(&st, item);
                    if let [key, value] = pair[..]
                        && let Some(text) = self.to_text(key)
                    {
                        let slot = self.values.atom(&text).0;
                        self.object_mut(&mut st, object).slots.insert(slot, value);
                    }
                }
                if open {
                    let rest = self.values.atom("<rest>").0;
                    self.object_mut(&mut st, object).slots.insert(rest, Value::UNKNOWN);
                }
                done(st, Value::Object(object))
            }
            ":Object.freeze" | ":Object.seal" | ":structuredClone" | ":Object.preventExtensions" => done(st, first),
            ":Object.create" => {
                let mut object = Object::new(Kind::Plain);
                object.proto = first.as_object();
                if first == Value::Null {
                    object.slots.insert(self.names.proto.0, first);
                }
                let id = self.allocate(&mut st, object);
                done(st, Value::Object(id))
            }
            ":Object.defineProperty" => {
                if let (Some(key), Value::Object(descriptor)) =
                    (args.get(1).and_then(|k| self.to_text(*k)), args.get(2).copied().unwrap_or(Value::Undefined))
                {
                    let value_slot = self.values.atom("value");
                    let get_slot = self.values.atom("get");
                    let value = self.object(&st, descriptor).slots.get(&value_slot.0).copied();
                    let getter = self.object(&st, descriptor).slots.get(&get_slot.0).copied();
                    let name = self.values.atom(&key);
                    if let Some(value) = value {
                        self.set(&mut st, first, name, value);
                    } else if let Some(getter) = getter {
                        let getter = self.values.native(Native::Getter(getter));
                        self.set(&mut st, first, name, getter);
                    }
                }
                done(st, first)
            }
            ":Object.hasOwn" => {
                let value = self.has_own(&st, site, first, second);
                done(st, value)
            }
            ":Object.getPrototypeOf" => done(st, Value::UNKNOWN),
            ":Array.isArray" => {
                let value = match first {
                    Value::Object(id) => Value::Bool(matches!(self.object(&st, id).kind, Kind::Array { .. } | Kind::Missing(_))),
                    Value::Opaque(_) | Value::Union(_) => Value::opaque(self.taint_of(first).without(Taint::CREDENTIAL)),
                    Value::Anonymous(_, cause) => Value::Anonymous(Plain::False, cause),
                    _ => Value::Bool(false),
                };
                done(st, value)
            }
            ":Array.from" | ":Array.of" => {
                let (items, open) = if name == ":Array.of" { (args.to_vec(), false) } else { self.items_of(&st, first) };
                let taint = self.taint_of(first);
                let array = if open && taint != Taint::NONE {
                    Value::truthy(taint)
                } else {
                    Value::Object(self.allocate(&mut st, Object::new(Kind::Array { items, open })))
                };
                if name == ":Array.from" && second != Value::Undefined {
                    let map = self.values.atom("map");
                    return Some(self.call_method(st, site, array, map, vec![second], false));
                }
                done(st, array)
            }
            ":String" => {
                let value = match self.to_text(first) {
                    Some(text) => self.values.string(&text),
                    None if matches!(first, Value::Pattern(_) | Value::Anonymous(..)) => first,
                    None => Value::opaque(self.taint_of(first).derived()),
                };
                done(st, value)
            }
            ":Number" | ":parseInt" | ":parseFloat" | ":Number.parseInt" | ":BigInt" | ":Number.isNaN" | ":isNaN" | ":Number.isInteger"
            | ":Number.isFinite" => {
                let value = match first {
                    Value::Anonymous(_, cause) if name.ends_with("isNaN") => Value::Anonymous(Plain::True, cause),
                    // NaN, which compares like `undefined`.
                    Value::Anonymous(Plain::Undefined, _) => first,
                    Value::Anonymous(_, cause) => Value::Anonymous(Plain::Zero, cause),
                    Value::Number(_) if !name.ends_with("isNaN") => first,
                    Value::Str(atom) if name != ":isNaN" => match self.values.text(atom).trim().parse::<f64>() {
                        Ok(n) => Value::number(n),
                        Err(_) => Value::UNKNOWN,
                    },
                    _ => Value::opaque(self.taint_of(first).derived()),
                };
                done(st, value)
            }
            ":Boolean" => {
                let value = match first {
                    Value::Anonymous(plain, cause) => Value::Anonymous(if plain.is_truthy() { Plain::True } else { Plain::False }, cause),
                    _ => match self.truth_of(first) {
                        Some(b) => Value::Bool(b),
                        None => Value::opaque(self.taint_of(first)),
                    },
                };
                done(st, value)
            }
            ":Promise.resolve" => {
                let settled = match first.as_object().map(|id| self.object(&st, id).kind.clone()) {
                    Some(Kind::Promise(settled)) => settled,
                    _ => Settled::Fulfilled(first),
                };
                Some(self.settled(st, settled))
            }
            ":Promise.reject" => Some(self.settled(st, Settled::Rejected(first))),
            ":Promise.all" => Some(self.promise_all(st, first)),
            // Never rejected; what became of each is in its result.
            ":Promise.allSettled" => {
                let (mut items, open) = self.items_of(&st, first);
                for item in &mut items {
                    let known = match item.as_object().map(|id| &self.object(&st, id).kind) {
                        Some(Kind::Promise(Settled::Fulfilled(value))) => Some(("fulfilled", "value", *value)),
                        Some(Kind::Promise(Settled::Rejected(error))) => Some(("rejected", "reason", *error)),
                        _ => None,
                    };
                    let Some((status, name, value)) = known else {
                        *item = Value::truthy(Taint::NONE);
                        continue;
                    };
                    let mut result = Object::new(Kind::Plain);
                    result.slots.insert(self.names.status.0, self.values.string(status));
                    result.slots.insert(self.values.atom(name).0, value);
                    *item = Value::Object(self.allocate(&mut st, result));
                }
                let list = self.allocate(&mut st, Object::new(Kind::Array { items, open }));
                let promise = self.promise(&mut st, Settled::Fulfilled(Value::Object(list)));
                Some(Self::done(st, promise))
            }
            ":Promise.race" | ":Promise.any" => Some(self.promise_first(st, first, name.ends_with("any"))),
            ":Response.json"
            | ":Response"
            | ":Response.redirect"
            | ":Response.error"
            | "next/server.NextResponse.json"
            | "next/server.NextResponse.redirect"
            | "next/server.NextResponse.rewrite"
            | "next/server.NextResponse.next" => {
                let value = self.response(&mut st, name, args);
                done(st, value)
            }
            ":encodeURIComponent"
            | ":decodeURIComponent"
            | ":encodeURI"
            | ":decodeURI"
            | ":escape"
            | ":unescape"
            | ":atob"
            | ":btoa"
            | ":JSON.parse"
            | ":JSON.stringify"
            | ":Buffer.from"
            | ":Buffer.concat"
            | "new :TextEncoder.encode"
            | ":Symbol"
            | ":BigInt.asIntN"
            | ":URL.canParse" => {
                let value = match first {
                    Value::Anonymous(..) => first,
                    Value::Str(_) | Value::Pattern(_) | Value::Union(_) if name.starts_with(":decodeURI") => self.rewritten(first, decoded),
                    Value::Str(_) if name != ":JSON.parse" => first,
                    _ => {
                        let taint = self.taint_of_all(&st, args);
                        // What a token says is the caller's to choose, unless somebody verified it.
                        Value::opaque(if name == ":JSON.parse" { taint.without(Taint::CREDENTIAL) } else { taint })
                    }
                };
                done(st, value)
            }
            ":process.exit" | ":process.abort" => Some(vec![(st, Flow::Throw(Value::truthy(Taint::NONE)))]),
            ":process.cwd" => {
                let root = self.values.string("/");
                done(st, root)
            }
            ":setTimeout" | ":setImmediate" | ":queueMicrotask" | ":process.nextTick" => {
                if self.mode == Mode::Startup {
                    let outcomes = self.call(st, site, first, Value::Undefined, Vec::new());
                    return Some(self.each(outcomes, |_, st, _| Self::done(st, Value::UNKNOWN)));
                }
                Some(self.run_callbacks(st, site, args, Taint::NONE, Value::UNKNOWN))
            }
            "path.join" | "path.resolve" | "node:path.join" | "node:path.resolve" | "path.posix.join" => {
                let value = self.join_paths(args);
                done(st, value)
            }
            // `join(import.meta.url, 'routes')`: beside the module.
            "desm" | "desm.dirname" | "desm.join" => {
                let folder = format!("/{}", crate::source::folder(self.path_of(site.module)));
                let mut parts = vec![self.values.string(&folder)];
                parts.extend(args.iter().skip(1));
                let value = self.join_paths(&parts);
                done(st, value)
            }
            "path.dirname" | "node:path.dirname" => {
                let value = match self.values.as_text(first).map(str::to_owned) {
                    Some(text) => self.values.string(&format!("/{}", crate::source::folder(text.trim_start_matches('/')))),
                    None => Value::UNKNOWN,
                };
                done(st, value)
            }
            "path.basename" | "node:path.basename" => {
                let value = match self.values.as_text(first).map(str::to_owned) {
                    Some(text) => {
                        let suffix = self.to_text(second).unwrap_or_default();
                        let name = crate::source::file_name(&text);
                        self.values.string(name.strip_suffix(&suffix).unwrap_or(name))
                    }
                    None => Value::UNKNOWN,
                };
                done(st, value)
            }
            "url.fileURLToPath" | "node:url.fileURLToPath" => {
                let pathname = self.values.atom("pathname");
                let known = first.as_object().and_then(|id| self.object(&st, id).slots.get(&pathname.0).copied());
                let value = match known {
                    Some(path) => path,
                    None => {
                        let path = format!("/{}", self.path_of(site.module));
                        self.values.string(&path)
                    }
                };
                done(st, value)
            }
            // A library's function; those of the project that take a callback are called as they are.
            "util.promisify" | "node:util.promisify" if matches!(first, Value::External(_)) => {
                let value = self.values.native(Native::Promisified(first));
                done(st, value)
            }
            "util.promisify" | "node:util.promisify" => done(st, first),
            // Two symbols of the same name are one: their name stands for them.
            ":Symbol.for" => {
                let text = self.values.as_text(first).unwrap_or_default().to_owned();
                let value = self.values.string(&format!("Symbol({text})"));
                done(st, value)
            }
            ":require.main" | ":require.resolve" => done(st, Value::UNKNOWN),
            _ => match self.read_own_files(&mut st, site, name, args).or_else(|| self.read_settings(&st, name, args)) {
                Some(value) => done(st, value),
                None => {
                    *state = st;
                    None
                }
            },
        }
    }
}

/// A text without the escapes of plain characters.
fn decoded(text: &str) -> String {
    let mut pieces = text.split('%');
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        match piece.split_at_checked(2).and_then(|(code, rest)| Some((u8::from_str_radix(code, 16).ok()?, rest))) {
            Some((byte @ b' '..=b'~', rest)) => {
                out.push(char::from(byte));
                out.push_str(rest);
            }
            _ => {
                out.push('%');
                out.push_str(piece);
            }
        }
    }
    out
}
