//! require-authentication: an endpoint that reads or changes data without knowing who asks.
//!
//! ```js
//! app.get('/api/users', async (req, res) => res.json(await User.find()))   // anyone gets every user
//! ```

use super::{Finding, Rule, View, quoted};
use crate::endpoints::{Endpoint, GuardEffect, Ineffective};
use crate::interpret::framework::Closeness;
use crate::interpret::object::Site;
use crate::interpret::state::State;
use crate::interpret::{EffectKind, PUBLIC};
use crate::knowledge::names;
use crate::knowledge::sensitivity::{self, Sensitivity};
use crate::report::{Auth, Severity};

pub(super) const RULE: Rule = Rule {
    name: "require-authentication",
    summary: "An endpoint that reads or changes data answers anonymous callers",
    cwe: &["CWE-306"],
    owasp: "API2:2023",
    controls: &["SOC2 CC6.1", "ISO 27001 A.9.1.2"],
    check,
};

fn check(view: &View, out: &mut Vec<Finding>) {
    for (i, endpoint) in view.endpoints.iter().enumerate() {
        if view.public[i] || endpoint.exempt.is_some() || endpoint.shadowed {
            continue;
        }
        let Some(severity) = severity(view, endpoint) else { continue };
        out.push(finding(view, i, endpoint, severity));
    }
}

/// How bad it is that anyone reaches the endpoint; `None`: not at all.
pub(super) fn severity(view: &View, endpoint: &Endpoint) -> Option<Severity> {
    match endpoint.auth {
        Auth::Required => return None,
        Auth::Unknown if !view.config.report_unknown => return None,
        _ => {}
    }
    let internal = is_internal(&endpoint.path);
    let writes = endpoint
        .open_effects
        .iter()
        .any(|e| e.kind.writes() && !names::is_captcha(&e.subject) && !(reads_only(endpoint) && e.subject.is_empty()));
    let reads = endpoint.reads() && endpoint.reveals;
    if !writes && !reads {
        // What it reveals may come from code that cannot be seen; under /admin and /internal that is enough.
        return (internal && endpoint.reveals).then_some(Severity::Medium);
    }
    // It answers everybody on a developer's machine, as it is meant to, and elsewhere than where it is meant to run.
    if endpoint.deployed {
        return Some(Severity::Low);
    }
    let touched = touched(endpoint);
    let severity = match touched {
        Sensitivity::Critical => Severity::Critical,
        Sensitivity::User => Severity::High,
        _ if writes => Severity::High,
        Sensitivity::Plain if !internal && is_catalogue(view, endpoint) => Severity::Low,
        Sensitivity::Plain => Severity::Medium,
        Sensitivity::Public if internal => Severity::Medium,
        Sensitivity::Public => Severity::Low,
    };
    // A guard that is told to let everybody through: somebody thought of callers without an identity, and what they may read.
    if endpoint.auth == Auth::Optional
        && !writes
        && !endpoint.ineffective.is_empty()
        && endpoint.ineffective.iter().all(Ineffective::is_meant)
    {
        return Some(Severity::Low);
    }
    let severity = if endpoint.limited && !writes && severity == Severity::Medium { Severity::Low } else { severity };
    Some(severity)
}

/// What a GET notes down somewhere that has no name is taken for bookkeeping.
fn reads_only(endpoint: &Endpoint) -> bool {
    matches!(endpoint.method.as_str(), "GET" | "HEAD")
}

fn is_internal(path: &str) -> bool {
    path.split('/').any(|s| matches!(s.to_ascii_lowercase().as_str(), "admin" | "internal" | "administrator" | "backoffice" | "_internal"))
}

/// A list that anyone may read and only some may add to, `GET /brands` beside a guarded `POST /brands`: a catalogue.
fn is_catalogue(view: &View, endpoint: &Endpoint) -> bool {
    endpoint.method == "GET"
        && view.endpoints.iter().any(|other| other.method == "POST" && other.path == endpoint.path && other.auth == Auth::Required)
}

/// The most sensitive data that an anonymous caller reaches.
fn touched(endpoint: &Endpoint) -> Sensitivity {
    let mut most = Sensitivity::Public;
    let mut any = false;
    for effect in &endpoint.open_effects {
        if effect.kind == EffectKind::Payment {
            return Sensitivity::Critical;
        }
        if effect.kind == EffectKind::Network
            || names::is_captcha(&effect.subject)
            || (effect.kind.writes() && effect.subject.is_empty() && reads_only(endpoint))
        {
            continue;
        }
        any = true;
        let of = if effect.kind == EffectKind::Token {
            Sensitivity::User
        } else if effect.subject.is_empty() {
            Sensitivity::Plain
        } else {
            sensitivity::of(&effect.subject)
        };
        most = most.max(of);
    }
    // The path speaks for data that has no name of its own; not where the query asks for what is public.
    if any && endpoint.open_effects.iter().all(|e| e.subject.ends_with("(public)")) {
        return Sensitivity::Public;
    }
    if !any || most <= Sensitivity::Plain {
        let by_path = endpoint
            .path
            .split('/')
            .filter(|s| !s.is_empty() && !s.starts_with(':') && !s.starts_with('*') && !matches!(*s, "api" | "rest" | "v1" | "v2" | "v3"))
            .map(sensitivity::of)
            .filter(|s| *s != Sensitivity::Plain)
            .max();
        if let Some(by_path) = by_path {
            most = if most == Sensitivity::Plain && by_path == Sensitivity::Public { Sensitivity::Public } else { most.max(by_path) };
        }
    }
    if endpoint.fields.iter().any(|f| sensitivity::of(f) == Sensitivity::Critical) && most >= Sensitivity::User {
        most = Sensitivity::Critical;
    }
    most
}

fn finding(view: &View, index: usize, endpoint: &Endpoint, severity: Severity) -> Finding {
    let mut trace = vec![(endpoint.site, "registered here".to_owned())];
    let line = |site| {
        let (file, line, _) = view.interpreter.position(site);
        (file, line)
    };
    if let Some(handler) = endpoint.handler_site.filter(|handler| line(*handler) != line(endpoint.site)) {
        trace.push((handler, "handled here".to_owned()));
    }
    for guard in &endpoint.guards {
        if guard.effect == GuardEffect::Attaches {
            trace.push((guard.site, format!("{} looks for an identity but lets everybody through", quoted(&guard.name))));
        }
    }
    for weak in &endpoint.ineffective {
        trace.push((weak.site, format!("{} does not protect it: {}", quoted(&weak.name), weak.why)));
    }
    if endpoint.ineffective.is_empty()
        && let Some(near) = nearest(view, endpoint)
    {
        trace.push(near);
    }
    let EndpointWords { what, data } = words(endpoint);
    let who = if endpoint.auth == Auth::Optional { "Callers without an identity can" } else { "Anyone can" };
    let message = format!(
        "{who} call {} {}, which {what}{data}. Put an authentication guard before it, or mark it public with `// authlint-public: reason`.",
        endpoint.method, endpoint.path
    );
    Finding {
        rule: RULE.name,
        severity,
        site: endpoint.site,
        endpoint: Some(index),
        message,
        trace,
        cwe: RULE.cwe,
        symbol: endpoint.handler_name.clone().unwrap_or_default(),
        mend: None,
    }
}

/// The guard that comes closest to covering the endpoint, and why it does not; one that has nothing to do with it is no help.
fn nearest(view: &View, endpoint: &Endpoint) -> Option<(Site, String)> {
    let near = endpoint.near.iter().filter(|near| near.closeness < Closeness::Unrelated).min_by_key(|near| near.closeness)?;
    let name = view.interpreter.function_name(&State::default(), near.function).unwrap_or_else(|| "a guard".into());
    Some((near.site, format!("{} does not protect it: {}", quoted(&name), near.why)))
}

struct EndpointWords {
    what: &'static str,
    data: String,
}

fn words(endpoint: &Endpoint) -> EndpointWords {
    let what = if endpoint.writes() {
        "changes "
    } else if endpoint.reads() {
        "reads "
    } else {
        "reveals "
    };
    let named =
        endpoint.open_effects.iter().filter(|e| !e.subject.is_empty() && e.kind.writes() == endpoint.writes()).map(|e| e.subject.as_str());
    let mut subjects = std::collections::BTreeSet::new();
    subjects.extend(named);
    let data =
        if subjects.is_empty() { "data".to_owned() } else { subjects.into_iter().take(3).map(subject).collect::<Vec<_>>().join(", ") };
    EndpointWords { what, data }
}

/// `post (public)` → public `post`.
fn subject(subject: &str) -> String {
    match subject.strip_suffix(PUBLIC) {
        Some(model) => format!("public `{model}`"),
        None => format!("`{subject}`"),
    }
}
