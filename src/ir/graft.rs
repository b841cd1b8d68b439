//! What an edit leaves as it was keeps its numbers.
//!
//! ```js
//! app.get('/orders', list)                 // unchanged: the same expressions as before, some lines further down
//! async function list(req, res) { … }      // its body is another one: new expressions, the same function
//! ```
//!
//! Two lowered versions of a file are walked side by side. Where the only differences lie in the bodies of functions that nobody has
//! entered yet, the new version is renumbered so that whatever was made of the old one (closures, scopes, sites) fits it as well.

use super::visit::{Numbers, To};
use super::{Class, Expr, FnId, Function, ModuleIr, ScopeId, Span, StrId, Symbol};
use rustc_hash::FxHashMap;

/// The new version in the old one's numbers, and the functions whose bodies differ.
pub struct Graft {
    pub ir: ModuleIr,
    pub changed: Vec<FnId>,
}

/// Fits `new` to `old`. `None`: they differ in more than the bodies of functions for which `is_entered` is false.
pub fn graft(old: &ModuleIr, new: &ModuleIr, is_entered: &dyn Fn(FnId) -> bool) -> Option<Graft> {
    let counts = |ir: &ModuleIr| [ir.exprs.len(), ir.functions.len(), ir.classes.len(), ir.symbols.len(), ir.strings.len(), scopes_of(ir)];
    let (olds, news) = (counts(old), counts(new));
    let mut walk = Walk { old, new, is_entered, pairs: std::array::from_fn(|i| Pairs::new(olds[i], news[i])), changed: Vec::new() };
    walk.module().then(|| Graft { ir: walk.renumbered(), changed: walk.changed })
}

/// How many scopes a file has.
fn scopes_of(ir: &ModuleIr) -> usize {
    let mut count = 0;
    let mut note = |to, number: &mut u32| {
        if to == To::Scope && *number != NONE {
            count = count.max(*number as usize + 1);
        }
    };
    ir.symbols.clone().numbers(&mut note);
    ir.functions.clone().numbers(&mut note);
    count
}

const NONE: u32 = u32::MAX;

/// A partial one-to-one relation between two ranges of numbers, from the new one to the old one and back.
struct Pairs {
    to_old: Vec<u32>,
    to_new: Vec<u32>,
    log: Vec<(u32, u32)>,
}

impl Pairs {
    fn new(old: usize, new: usize) -> Self {
        Self { to_old: vec![NONE; new], to_new: vec![NONE; old], log: Vec::new() }
    }

    /// Relates the two, unless one of them is related to another. True as well if it is news.
    fn relate(&mut self, old: u32, new: u32) -> (bool, bool) {
        let (Some(to_old), Some(to_new)) = (self.to_old.get_mut(new as usize), self.to_new.get_mut(old as usize)) else {
            return (old == NONE && new == NONE, false);
        };
        if *to_old == NONE && *to_new == NONE {
            (*to_old, *to_new) = (old, new);
            self.log.push((old, new));
            return (true, true);
        }
        (*to_old == old && *to_new == new, false)
    }

    fn undo(&mut self, mark: usize) {
        for (old, new) in self.log.drain(mark..) {
            self.to_old[new as usize] = NONE;
            self.to_new[old as usize] = NONE;
        }
    }

    /// Numbers for what has none yet: first those that nothing refers to any more.
    fn complete(&self) -> Vec<u32> {
        let mut free = (0..self.to_new.len()).filter(|old| self.to_new[*old] == NONE).chain(self.to_new.len()..);
        self.to_old.iter().map(|old| if *old == NONE { free.next().map_or(NONE, |n| n as u32) } else { *old }).collect()
    }
}

struct Walk<'w> {
    old: &'w ModuleIr,
    new: &'w ModuleIr,
    is_entered: &'w dyn Fn(FnId) -> bool,
    /// By [`To`].
    pairs: [Pairs; 6],
    /// Functions whose bodies differ, by their old numbers.
    changed: Vec<FnId>,
}

/// A piece without its numbers, and those.
fn taken_apart<T: Numbers + Clone>(piece: &T) -> (T, Vec<(To, u32)>) {
    let mut piece = piece.clone();
    let mut numbers = Vec::new();
    piece.numbers(&mut |to, number| numbers.push((to, std::mem::take(number))));
    (piece, numbers)
}

impl Walk<'_> {
    fn module(&mut self) -> bool {
        let (old, new) = (self.old, self.new);
        old.use_server == new.use_server
            && self.same(&old.requests, &new.requests)
            && self.same(&old.eager, &new.eager)
            && self.same(&old.imports, &new.imports)
            && self.same(&old.exports, &new.exports)
            && old.functions.is_empty() == new.functions.is_empty()
            && (old.functions.is_empty() || self.number(To::Function, 0, 0) && self.changed.first() != Some(&FnId(0)))
    }

    /// Whether two pieces are built alike, of numbers that stand for the same.
    fn same<T: Numbers + Clone + PartialEq>(&mut self, old: &T, new: &T) -> bool {
        let ((old, olds), (new, news)) = (taken_apart(old), taken_apart(new));
        old == new
            && olds.len() == news.len()
            && olds.into_iter().zip(news).all(|((to, old), (also, new))| to == also && self.number(to, old, new))
    }

    fn number(&mut self, to: To, old: u32, new: u32) -> bool {
        if to == To::Text {
            return self.old.str(StrId(old)) == self.new.str(StrId(new));
        }
        let mark = self.mark();
        let (fits, is_news) = self.pairs[to as usize].relate(old, new);
        if !fits || !is_news {
            return fits;
        }
        let (o, n) = (old as usize, new as usize);
        let (old_ir, new_ir) = (self.old, self.new);
        match to {
            To::Expr => self.same(&old_ir.exprs[o], &new_ir.exprs[n]),
            To::Class => self.same(&without_span(&old_ir.classes[o]), &without_span(&new_ir.classes[n])),
            To::Symbol => self.same(&old_ir.symbols[o], &new_ir.symbols[n]),
            To::Text | To::Scope => true,
            To::Function => {
                let (old_body, new_body) = (&old_ir.functions[o], &new_ir.functions[n]);
                let (old_head, new_head) = (head(old_body), head(new_body));
                if self.same(&old_head, &new_head)
                    && self.same(&old_body.hoisted, &new_body.hoisted)
                    && self.same(&old_body.body, &new_body.body)
                {
                    return true;
                }
                self.undo(mark);
                self.changed.push(FnId(old));
                !(self.is_entered)(FnId(old)) && old != 0 && self.pairs[to as usize].relate(old, new).0 && self.same(&old_head, &new_head)
            }
        }
    }

    fn mark(&self) -> [usize; 7] {
        std::array::from_fn(|i| self.pairs.get(i).map_or(self.changed.len(), |p| p.log.len()))
    }

    fn undo(&mut self, mark: [usize; 7]) {
        self.pairs.iter_mut().zip(mark).for_each(|(pairs, mark)| pairs.undo(mark));
        self.changed.truncate(mark[6]);
    }

    /// The new version in the old one's numbers.
    fn renumbered(&self) -> ModuleIr {
        let mut numbers: [Vec<u32>; 6] = std::array::from_fn(|i| self.pairs[i].complete());
        let mut strings = self.old.strings.clone();
        let mut known: FxHashMap<&str, u32> = self.old.strings.iter().enumerate().map(|(i, text)| (&**text, i as u32)).collect();
        let texts = self.new.strings.iter().map(|text| {
            *known.entry(text).or_insert_with(|| {
                strings.push(text.clone());
                strings.len() as u32 - 1
            })
        });
        numbers[To::Text as usize] = texts.collect();
        let mut ir = self.new.clone();
        let mut renumber = |to: To, number: &mut u32| *number = numbers[to as usize].get(*number as usize).copied().unwrap_or(*number);
        let visit = &mut renumber;
        ir.exprs.numbers(visit);
        ir.functions.numbers(visit);
        ir.classes.numbers(visit);
        ir.symbols.numbers(visit);
        ir.imports.numbers(visit);
        ir.exports.numbers(visit);
        ir.requests.numbers(visit);
        ir.eager.numbers(visit);
        ir.strings = strings;
        let [exprs, functions, classes, symbols, ..] = &numbers;
        place(exprs, &mut ir.exprs, || Expr::Undefined);
        place(exprs, &mut ir.spans, Span::default);
        place(functions, &mut ir.functions, Function::default);
        place(classes, &mut ir.classes, Class::default);
        place(symbols, &mut ir.symbols, || Symbol { owner: ScopeId(NONE), ..Symbol::default() });
        ir
    }
}

/// Puts every item at its number.
fn place<T>(numbers: &[u32], items: &mut Vec<T>, filler: impl FnMut() -> T) {
    let mut out = Vec::new();
    out.resize_with(numbers.iter().map(|n| *n as usize + 1).max().unwrap_or(0), filler);
    for (number, item) in numbers.iter().zip(items.drain(..)) {
        out[*number as usize] = item;
    }
    *items = out;
}

fn without_span(class: &Class) -> Class {
    Class { span: Span::default(), ..class.clone() }
}

/// A function without its body.
fn head(function: &Function) -> Function {
    Function {
        span: Span::default(),
        hoisted: Vec::new(),
        body: Vec::new(),
        params: function.params.clone(),
        rest: function.rest.clone(),
        ..*function
    }
}
