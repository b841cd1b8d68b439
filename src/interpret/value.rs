//! Abstract values: what an expression may be, as far as it can be told without running it.
//!
//! ```js
//! const token = req.headers.authorization?.split(' ')[1]   // Opaque, tainted CREDENTIAL
//! const session = await getServerSession()                  // Anonymous { as_value: null, cause: getServerSession }
//! const path = `/api/${name}s`                              // Pattern: "/api/", hole, "s"
//! ```
//!
//! Values are small, copyable and comparable: everything large is interned in [`Interner`].

use super::alternatives::Alternatives;
pub use super::taint::Taint;
use rustc_hash::FxHashMap;
use std::rc::Rc;

macro_rules! handles {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub u32);
    )*};
}

handles! {
    /// An interned string.
    Atom,
    /// An object of the abstract heap.
    ObjectId,
    /// A loaded module.
    ModuleId,
    /// A value from outside the project: see [`External`].
    ExternalId,
    /// A function that the interpreter itself provides.
    NativeId,
    /// A string that is known in part.
    PatternId,
    /// One of several values.
    UnionId,
    /// Why an anonymous caller gets what it gets: see [`super::Cause`].
    CauseId,
}

/// One abstract value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Value {
    Undefined,
    Null,
    Bool(bool),
    /// The bits of an `f64`.
    Number(u64),
    Str(Atom),
    Pattern(PatternId),
    Object(ObjectId),
    External(ExternalId),
    Native(NativeId),
    /// Not known, but something is known about where it comes from.
    Opaque(Opaque),
    /// What a caller without credentials gets from an identity check.
    Anonymous(Plain, CauseId),
    Union(UnionId),
}

/// A value without identity or parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Plain {
    Undefined,
    Null,
    False,
    True,
    Zero,
}

impl Plain {
    pub const fn is_nullish(self) -> bool {
        matches!(self, Self::Undefined | Self::Null)
    }

    pub const fn is_truthy(self) -> bool {
        matches!(self, Self::True)
    }

    pub const fn negated(self) -> Self {
        if self.is_truthy() { Self::False } else { Self::True }
    }
}

/// Whether a value that is not known is at least known to be truthy, or falsy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Truth {
    #[default]
    Either,
    Truthy,
    Falsy,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Opaque {
    pub taint: Taint,
    pub truth: Truth,
}

impl Opaque {
    /// Whether it is surely not `undefined`.
    const fn is_there(self) -> bool {
        self.taint.has(Taint::DEFAULTED) || matches!(self.truth, Truth::Truthy)
    }
}

impl Value {
    pub const UNKNOWN: Self = Self::Opaque(Opaque { taint: Taint::NONE, truth: Truth::Either });

    pub const fn opaque(taint: Taint) -> Self {
        Self::Opaque(Opaque { taint, truth: Truth::Either })
    }

    pub const fn truthy(taint: Taint) -> Self {
        Self::Opaque(Opaque { taint, truth: Truth::Truthy })
    }

    pub const fn number(n: f64) -> Self {
        Self::Number(n.to_bits())
    }

    pub const fn as_object(self) -> Option<ObjectId> {
        match self {
            Self::Object(id) => Some(id),
            _ => None,
        }
    }

    pub const fn is_nullish(self) -> bool {
        match self {
            Self::Undefined | Self::Null => true,
            Self::Anonymous(plain, _) => plain.is_nullish(),
            _ => false,
        }
    }
}

/// A value from outside the project, by the way that led to it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum External {
    /// What `import * as x from 'package'` or `require('package')` gives.
    Package(Atom),
    /// A relative import that leads nowhere, or an installed file that was not given.
    Missing(Atom),
    /// An identifier that nothing declares.
    Global(Atom),
    Member(ExternalId, Atom),
    Call(ExternalId, Box<[Value]>),
    New(ExternalId, Box<[Value]>),
}

/// A piece of a [`Value::Pattern`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Part {
    Text(Atom),
    Hole,
}

/// A table that gives equal things equal numbers.
#[derive(Debug)]
struct Table<T> {
    items: Vec<T>,
    numbers: FxHashMap<T, u32>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { items: Vec::new(), numbers: FxHashMap::default() }
    }
}

impl<T: Clone + Eq + std::hash::Hash> Table<T> {
    fn intern(&mut self, item: T) -> u32 {
        if let Some(n) = self.numbers.get(&item) {
            return *n;
        }
        let n = self.items.len() as u32;
        self.items.push(item.clone());
        self.numbers.insert(item, n);
        n
    }
}

/// Everything that values refer to by number.
#[derive(Debug, Default)]
pub struct Interner {
    atoms: Table<Rc<str>>,
    externals: Table<External>,
    /// Parallel to `externals`: its canonical name, such as `jsonwebtoken.verify`.
    external_names: Vec<Rc<str>>,
    natives: Table<super::native::Native>,
    patterns: Table<(Box<[Part]>, Taint)>,
    unions: Table<Rc<[Value]>>,
}

/// How many alternatives a value may have before it is simply not known.
const MAX_UNION: usize = 12;

impl Interner {
    pub fn atom(&mut self, text: &str) -> Atom {
        if let Some(n) = self.atoms.numbers.get(text) {
            return Atom(*n);
        }
        Atom(self.atoms.intern(text.into()))
    }

    pub fn find_atom(&self, text: &str) -> Option<Atom> {
        self.atoms.numbers.get(text).map(|n| Atom(*n))
    }

    pub fn text(&self, atom: Atom) -> &str {
        &self.atoms.items[atom.0 as usize]
    }

    /// The same, to be kept while other strings are interned.
    pub fn shared_text(&self, atom: Atom) -> Rc<str> {
        Rc::clone(&self.atoms.items[atom.0 as usize])
    }

    pub fn string(&mut self, text: &str) -> Value {
        Value::Str(self.atom(text))
    }

    pub fn external(&mut self, external: External) -> Value {
        if let Some(n) = self.externals.numbers.get(&external) {
            return Value::External(ExternalId(*n));
        }
        let name = match &external {
            External::Package(package) => self.text(*package).into(),
            External::Missing(specifier) => format!("?{}", self.text(*specifier)),
            External::Global(name) => format!(":{}", self.text(*name)),
            External::Member(base, name) => match self.text(*name) {
                // The default export of a package and the package itself are used interchangeably.
                "default" => self.external_name(*base).to_owned(),
                name => format!("{}.{name}", self.external_name(*base)),
            },
            External::Call(base, _) => format!("{}()", self.external_name(*base)),
            External::New(base, _) => format!("new {}", self.external_name(*base)),
        };
        let n = self.externals.intern(external);
        self.external_names.push(name.into());
        Value::External(ExternalId(n))
    }

    /// What calling an external value gives.
    pub fn called(&mut self, id: ExternalId, args: impl Into<Box<[Value]>>) -> Value {
        self.external(External::Call(id, args.into()))
    }

    pub fn external_of(&self, id: ExternalId) -> &External {
        &self.externals.items[id.0 as usize]
    }

    /// The canonical name: `package.member().member`, `new package.Class.member`, `?./missing.member`, `:global.member`.
    pub fn external_name(&self, id: ExternalId) -> &str {
        &self.external_names[id.0 as usize]
    }

    /// The same, to be kept while others are made.
    pub fn shared_external_name(&self, id: ExternalId) -> Rc<str> {
        Rc::clone(&self.external_names[id.0 as usize])
    }

    pub fn native(&mut self, native: super::native::Native) -> Value {
        Value::Native(NativeId(self.natives.intern(native)))
    }

    pub fn native_of(&self, id: NativeId) -> &super::native::Native {
        &self.natives.items[id.0 as usize]
    }

    pub fn pattern(&mut self, parts: Vec<Part>, taint: Taint) -> Value {
        match parts.as_slice() {
            [] => self.string(""),
            [Part::Text(only)] => Value::Str(*only),
            _ => Value::Pattern(PatternId(self.patterns.intern((parts.into(), taint)))),
        }
    }

    pub fn pattern_of(&self, id: PatternId) -> (&[Part], Taint) {
        let (parts, taint) = &self.patterns.items[id.0 as usize];
        (parts, *taint)
    }

    pub fn union_of(&self, id: UnionId) -> &[Value] {
        &self.unions.items[id.0 as usize]
    }

    /// What a value is known to come from, whichever of its alternatives it is.
    pub fn taint_of(&self, value: Value) -> Taint {
        match value {
            Value::Opaque(o) => o.taint,
            Value::Pattern(id) => self.pattern_of(id).1,
            Value::Union(id) => self.union_of(id).iter().fold(Taint::NONE, |t, v| t.union(self.taint_of(*v))),
            _ => Taint::NONE,
        }
    }

    /// The alternatives of a value: itself, unless it is a union.
    pub fn alternatives(&self, value: Value) -> Alternatives {
        match value {
            Value::Union(id) => Alternatives::Several(Rc::clone(&self.unions.items[id.0 as usize])),
            other => Alternatives::One([other]),
        }
    }

    pub fn join(&mut self, a: Value, b: Value) -> Value {
        if a == b {
            return a;
        }
        let (a, b) = (self.alternatives(a), self.alternatives(b));
        self.join_each(&mut a.into_iter().chain(b))
    }

    pub fn join_all(&mut self, values: Vec<Value>) -> Value {
        self.join_each(&mut values.into_iter())
    }

    fn join_each(&mut self, values: &mut dyn Iterator<Item = Value>) -> Value {
        let mut out: Vec<Value> = Vec::new();
        for value in values {
            match value {
                Value::Opaque(o) => match out.iter_mut().find_map(|v| if let Value::Opaque(p) = v { Some(p) } else { None }) {
                    Some(p) => {
                        let there = p.is_there() && o.is_there();
                        p.taint = p.taint.union(o.taint);
                        if !there {
                            p.taint = p.taint.without(Taint::DEFAULTED);
                        }
                        if p.truth != o.truth {
                            p.truth = Truth::Either;
                        }
                    }
                    None => out.push(value),
                },
                // What the caller lacks is the same, whichever check has found that.
                Value::Anonymous(plain, _) if out.iter().any(|v| matches!(v, Value::Anonymous(p, _) if *p == plain)) => {}
                _ if out.contains(&value) => {}
                _ => out.push(value),
            }
        }
        match out.as_slice() {
            [] => Value::Undefined,
            [only] => *only,
            many if many.len() > MAX_UNION => Value::opaque(many.iter().fold(Taint::NONE, |t, v| t.union(self.taint_of(*v)))),
            many => match self.unions.numbers.get(many) {
                Some(n) => Value::Union(UnionId(*n)),
                None => Value::Union(UnionId(self.unions.intern(many.into()))),
            },
        }
    }

    /// A string's text, where it is known whole.
    pub fn as_text(&self, value: Value) -> Option<&str> {
        match value {
            Value::Str(atom) => Some(self.text(atom)),
            _ => None,
        }
    }
}
