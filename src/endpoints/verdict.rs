//! From what running a chain has shown to a verdict, and the sentence that explains it.
//!
//! ```js
//! app.get('/orders', requireUser, list)   // required: an anonymous caller is rejected by session.userId
//! ```

use super::outcome::lost_words;
use super::run::{Course, Survey};
use super::{Endpoint, effect_names};
use crate::config::Config;
use crate::interpret::framework::{Closeness, Near, Route};
use crate::interpret::object::Site;
use crate::interpret::state::{Lost, Mend, State};
use crate::interpret::value::Value;
use crate::interpret::{Evidence, Interpreter};
use crate::report::Auth;

/// A function before the handler that concerns authentication.
#[derive(Debug, Clone, PartialEq)]
pub struct Guard {
    pub name: String,
    /// Where it was registered, or where the check stands.
    pub site: Site,
    pub effect: GuardEffect,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GuardEffect {
    Enforces,
    Attaches,
    Ineffective,
    ByName,
}

impl GuardEffect {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Enforces => "enforces",
            Self::Attaches => "attaches",
            Self::Ineffective => "ineffective",
            Self::ByName => "by-name",
        }
    }
}

/// A guard that rejects and lets through all the same.
#[derive(Debug, Clone, PartialEq)]
pub struct Ineffective {
    pub name: String,
    /// Where the function stands, or where it was registered if it has no body.
    pub site: Site,
    pub why: &'static str,
    /// What would make it work.
    pub mend: Option<Mend>,
}

impl Ineffective {
    /// Whether letting callers without an identity through is what it was written for.
    pub fn is_meant(&self) -> bool {
        [Lost::Optional, Lost::Swallowed].iter().any(|lost| self.why == lost_words(*lost))
    }
}

pub(super) fn conclude(
    interpreter: &mut Interpreter,
    state: &State,
    route: &Route,
    method: Option<&str>,
    mut course: Course,
    survey: &Survey,
    config: &Config,
) -> Option<Endpoint> {
    let handler = course.answered_by.unwrap_or_else(|| route.steps.last().map_or(Value::Undefined, |s| s.function));
    let is_open = !course.open.is_empty();
    // A registration without a handler of its own: guards that pass on to the route itself.
    if !is_open && course.passed && !course.out_of_budget && route.method != "OPTIONS" {
        return None;
    }
    let unseen = course.open.iter().all(|s| s.request.unseen.is_some());
    let (auth, why) = if !is_open && course.out_of_budget {
        (Auth::Unknown, "it is too large to be analysed whole".into())
    } else if !is_open && course.passing && course.rejected_by.is_none() {
        (Auth::Unknown, "a variable decides that other requests may have changed".into())
    } else if !is_open && (course.rejected || course.rejected_by.is_some()) {
        match course.rejected_by {
            Some(cause) => {
                let cause = interpreter.cause_of(cause).clone();
                let by_name = if cause.evidence == Evidence::Name { ", judged by its name alone" } else { "" };
                (Auth::Required, format!("an anonymous caller is rejected by {}{by_name}", cause.what))
            }
            None if course.guards.iter().any(|g| matches!(g.effect, GuardEffect::Enforces | GuardEffect::ByName)) => {
                (Auth::Required, "every request is rejected before the handler".into())
            }
            // What a function before it made of the caller, the handler only looks at; others do get an answer.
            None if survey.answers
                && let Some(guard) = course.guards.iter().find(|g| g.effect == GuardEffect::Attaches) =>
            {
                (Auth::Required, format!("an anonymous caller is rejected for what {} finds", guard.name))
            }
            None => (Auth::None, "it rejects every request, whoever sends it".into()),
        }
    } else if is_open && unseen {
        let cause = course.open.iter().find_map(|s| s.request.unseen);
        let what = cause.map_or_else(String::new, |c| interpreter.cause_of(c).what.clone());
        (Auth::Unknown, format!("{what} decides, and its code is not part of the project"))
    } else if is_open && is_unseen(interpreter, handler) {
        (Auth::Unknown, "its handler is made by code that cannot be seen".into())
    } else if is_open && course.out_of_budget {
        (Auth::Unknown, "it is too large to be analysed whole".into())
    } else if course.deployed {
        (Auth::Optional, "callers without an identity are only turned away where the server runs on Vercel".into())
    } else if is_open && (course.consulted.is_some() || course.conditional) {
        (Auth::Optional, "an identity is looked at, and callers without one are answered as well".into())
    } else if is_open {
        (Auth::None, "an anonymous caller reaches the handler".into())
    } else if matches!(handler, Value::Opaque(_) | Value::Undefined) {
        (Auth::Unknown, "its handler cannot be seen".into())
    } else {
        (Auth::None, "it answers without looking at the caller".into())
    };
    let (auth, why) = match &route.blind {
        Some(blind) if auth != Auth::Required => (Auth::Unknown, blind.clone()),
        _ => (auth, why),
    };
    if auth == Auth::Required
        && let Some(cause) = course.rejected_by
        && !course.guards.iter().any(|g| matches!(g.effect, GuardEffect::Enforces | GuardEffect::ByName))
    {
        let cause = interpreter.cause_of(cause).clone();
        let effect = if cause.evidence == Evidence::Name { GuardEffect::ByName } else { GuardEffect::Enforces };
        course.guards.push(Guard { name: cause.what, site: cause.site, effect });
    }
    if is_open
        && course.open.iter().any(|s| s.request.worked_after_rejection && s.request.denied.is_some())
        && course.ineffective.is_empty()
    {
        let site = interpreter.function_site(state, handler).unwrap_or(route.site);
        let mend = course.open.iter().filter(|s| s.request.worked_after_rejection).find_map(|s| s.request.mend);
        course.ineffective.push(Ineffective {
            name: interpreter.function_name(state, handler).unwrap_or_else(|| "the handler".into()),
            site,
            mend,
            why: "it goes on after it has answered with an error: a `return` is missing",
        });
    }
    if course.ineffective.is_empty()
        && let Some(((_, lost), mend)) = course.open.iter().find_map(|s| Some((s.request.lost?, s.request.mend)))
    {
        let site = interpreter.function_site(state, handler).unwrap_or(route.site);
        let name = interpreter.function_name(state, handler).unwrap_or_else(|| "the handler".into());
        course.ineffective.push(Ineffective { name, site, why: lost_words(lost), mend });
    }
    let mut open_effects = crate::sorted::SortedSet::default();
    let mut reveals = false;
    for open in &course.open {
        open_effects.extend(effect_names(interpreter, open.request.effects.iter().copied()));
        reveals |= open.request.reveals;
    }
    let method = method.map_or_else(|| route.method.clone(), str::to_owned);
    let path = route.path.clone();
    let exempt = if config.is_public(&method, &path) { Some("public") } else { route.exempt.or_else(|| super::exemption(&method, &path)) };
    let rejected_by = (auth == Auth::Required).then(|| course.rejected_by.map_or("", |c| &interpreter.cause_of(c).what));
    let effects = effect_names(interpreter, survey.effects.iter().copied());
    let behaviour = super::Behaviour {
        effects: if rejected_by.is_some() { &effects } else { &open_effects },
        hashes_password: survey.hashes_password,
        signs_in: survey.signs_in,
        rejected_by,
    };
    let exempt = exempt.or_else(|| behaviour.is_authentication(&method, &path).then_some("authentication"));
    // Credentials that a login looks at are not an identity.
    let auth = if exempt == Some("authentication") && auth == Auth::Optional { Auth::None } else { auth };
    Some(Endpoint {
        framework: route.framework,
        handler_site: interpreter.function_site(state, handler),
        handler_name: interpreter.function_name(state, handler),
        method,
        path,
        site: route.site,
        auth,
        why,
        role: survey.role,
        exempt,
        guards: course.guards,
        near: course
            .unreached
            .iter()
            .map(|step| {
                let why = "it comes after the handler, which answers".to_owned();
                Near::new(step.function, step.site, step.kind, Closeness::Misplaced, why)
            })
            .chain(route.near.iter().cloned())
            .collect(),
        ineffective: course.ineffective,
        effects,
        open_effects,
        reveals,
        fields: survey.fields.clone(),
        shadowed: course.shadowed,
        limited: course.limited,
        deployed: course.deployed,
    })
}

/// Whether a handler comes from a file that does not exist, or from a library that is not known.
pub(super) fn is_unseen(interpreter: &Interpreter, handler: Value) -> bool {
    let Value::External(id) = handler else { return false };
    crate::knowledge::find(interpreter.values.external_name(id)).is_none()
}
