//! What execution finds out: why a caller is told apart, what a handler does, what could not be seen.

use super::object::{Node, Site};
use super::state::State;
use super::value::{CauseId, ModuleId};
use super::{Interpreter, Mode, public};
use crate::ir::Span;
use crate::knowledge::data::EffectKind;
use std::rc::Rc;

/// Why an anonymous caller is told apart: an identity check, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Cause {
    /// What checks: `jsonwebtoken.verify`, `req.user`.
    pub what: String,
    pub site: Site,
    pub evidence: Evidence,
}

/// How it is known that something checks an identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Evidence {
    /// A library function whose behaviour is known, or a comparison or look-up that was executed.
    Known,
    /// Its name alone: the body cannot be seen.
    Name,
    /// The configuration says so.
    Config,
    /// Not known whether it checks anything.
    Unseen,
}

/// Something that a handler does to the world.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Effect {
    pub kind: EffectKind,
    /// The model, table or file concerned; empty if not known.
    pub subject: String,
}

/// Something that could not be seen or decided.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Blind {
    pub site: Site,
    pub why: String,
}

impl Interpreter<'_> {
    pub fn cause(&mut self, what: &str, site: Site, evidence: Evidence) -> CauseId {
        let cause = Cause { what: what.to_owned(), site, evidence };
        if let Some(id) = self.cause_numbers.get(&cause) {
            return *id;
        }
        let id = CauseId(self.causes.len() as u32);
        self.causes.push(cause.clone());
        self.cause_numbers.insert(cause, id);
        id
    }

    pub fn cause_of(&self, id: CauseId) -> &Cause {
        &self.causes[id.0 as usize]
    }

    pub fn effect_of(&self, number: u32) -> &Effect {
        &self.effects[number as usize]
    }

    pub fn effect(&mut self, state: &mut State, kind: EffectKind, subject: &str) {
        if self.mode == Mode::Startup {
            return;
        }
        // A file that goes with a record that is public.
        let after_public = kind == EffectKind::FileRead
            && subject.is_empty()
            && state.request.effects.iter().any(|n| self.effects[*n as usize].subject.ends_with(public::PUBLIC));
        let effect = Effect { kind, subject: if after_public { public::PUBLIC.trim_start() } else { subject }.to_owned() };
        let number = match self.effect_numbers.get(&effect) {
            Some(n) => *n,
            None => {
                let n = self.effects.len() as u32;
                self.effects.push(effect.clone());
                self.effect_numbers.insert(effect, n);
                n
            }
        };
        self.effects_seen.insert(number);
        self.effect_log.push(number);
        if kind != EffectKind::Network && state.request.escaped {
            state.request.worked_after_rejection = true;
        }
        if kind.writes() && !subject.is_empty() && state.request.denied.is_none() && !crate::knowledge::names::is_bookkeeping(subject) {
            state.request.worked = true;
        }
        if let Err(at) = state.request.effects.binary_search(&number) {
            Rc::make_mut(&mut state.request.effects).insert(at, number);
        }
    }

    pub fn blind_spot(&mut self, site: Site, why: impl Into<String>) {
        self.blind.insert(Blind { site, why: why.into() });
    }

    pub fn path_of(&self, module: ModuleId) -> &str {
        self.modules.get(module.0 as usize).map_or("", |m| &m.ir.path)
    }

    /// Where something stands in its file.
    pub fn span_of(&self, site: Site) -> Span {
        let Some(module) = self.modules.get(site.module.0 as usize) else { return Span::default() };
        match site.node {
            Node::File => Span::default(),
            Node::Expr(expr) | Node::Case(expr, _) => module.ir.span(expr),
            Node::Function(function) => module.ir.functions.get(function.index()).map_or(Span::default(), |f| f.span),
            Node::Class(class) => module.ir.classes.get(class.index()).map_or(Span::default(), |c| c.span),
        }
    }

    /// File, 1-based line and UTF-16 column.
    pub fn position(&self, site: Site) -> (&str, u32, u32) {
        let Some(module) = self.modules.get(site.module.0 as usize) else { return ("", 1, 1) };
        let (line, column) = module.ir.lines.position(self.span_of(site).start);
        (&module.ir.path, line, column)
    }

    /// The line and column at which something ends, exclusive.
    pub fn end_of(&self, site: Site) -> (u32, u32) {
        let end = self.span_of(site).end;
        self.modules.get(site.module.0 as usize).map_or((1, 1), |m| m.ir.lines.position(end))
    }

    /// Whether a module imports or requires a package.
    pub fn imports(&self, module: ModuleId, package: &str) -> bool {
        let Some(module) = self.modules.get(module.0 as usize) else { return false };
        module.ir.requests.iter().any(|r| module.ir.str(*r) == package)
    }
}
