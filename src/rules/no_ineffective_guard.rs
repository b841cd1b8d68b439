//! no-ineffective-guard: a guard that cannot work.
//!
//! ```js
//! if (!req.user) res.status(401).end()   // no return: the handler runs all the same
//! app.get('/orders', list); app.use(requireUser)   // too late
//! ```

use super::{Finding, Rule, View, quoted};
use crate::endpoints::{Endpoint, GuardEffect};
use crate::interpret::framework::{Closeness, Near};
use crate::interpret::object::Site;
use crate::interpret::state::State;
use crate::report::{Auth, Severity};
use crate::sorted::SortedSet;

pub(super) const RULE: Rule = Rule {
    name: "no-ineffective-guard",
    summary: "A guard stands where, or is written so, that anonymous requests pass it",
    cwe: &["CWE-696"],
    owasp: "API2:2023",
    controls: &["SOC2 CC6.1", "ISO 27001 A.9.1.2"],
    check,
};

fn check(view: &View, out: &mut Vec<Finding>) {
    let open: Vec<(usize, &Endpoint)> =
        view.endpoints.iter().enumerate().filter(|(i, endpoint)| is_concerned(view, *i, endpoint)).collect();
    let mut seen = SortedSet::default();
    for (i, endpoint) in &open {
        for weak in &endpoint.ineffective {
            // What only attaches an identity is no broken guard where others rely on it.
            let relied_on = view.endpoints.iter().any(|e| e.auth == Auth::Required && e.ineffective.iter().any(|w| w.site == weak.site));
            if !relied_on && seen.insert((weak.site, weak.why)) {
                out.push(Finding { mend: weak.mend, ..finding(weak.site, &weak.name, weak.why, *i, endpoint) });
            }
        }
    }
    for (near, i) in misplaced(view, &open) {
        let name = view.interpreter.function_name(&State::default(), near.function).unwrap_or_else(|| "this guard".into());
        out.push(finding(near.site, &name, &near.why, i, &view.endpoints[i]));
    }
}

/// Whether somebody is served at the endpoint who should not be.
fn is_concerned(view: &View, index: usize, endpoint: &Endpoint) -> bool {
    endpoint.auth != Auth::Required
        && !view.public[index]
        && endpoint.exempt.is_none()
        && super::require_authentication::severity(view, endpoint).is_some()
}

/// Guards that are registered where they protect nothing at all, each with the endpoint that it comes closest to.
fn misplaced<'v>(view: &'v View, open: &[(usize, &'v Endpoint)]) -> impl Iterator<Item = (&'v Near, usize)> {
    let mut closest: Vec<(&Near, usize)> = Vec::new();
    for (i, endpoint) in open.iter().filter(|(_, endpoint)| endpoint.ineffective.is_empty()) {
        for near in &endpoint.near {
            let at = closest.binary_search_by_key(&near.site, |(other, _)| other.site);
            let is_closer = at.is_err() || at.is_ok_and(|at| near.closeness < closest[at].0.closeness);
            if is_closer && !protects(view, near) && (near.closeness <= Closeness::Overlapping || leads_nowhere(view, near)) {
                match at {
                    Ok(at) => closest[at] = (near, *i),
                    Err(at) => closest.insert(at, (near, *i)),
                }
            }
        }
    }
    closest.into_iter()
}

fn protects(view: &View, near: &Near) -> bool {
    let enforces = |effect| matches!(effect, GuardEffect::Enforces | GuardEffect::ByName);
    view.endpoints.iter().any(|e| e.guards.iter().any(|guard| guard.site == near.site && enforces(guard.effect)))
}

/// Whether no endpoint lies below the path that a guard covers.
fn leads_nowhere(view: &View, near: &Near) -> bool {
    let Some(path) = &near.covers else { return true };
    let plain = path.split([':', '*']).next().unwrap_or_default().trim_end_matches('/');
    !view.endpoints.iter().any(|e| e.path.strip_prefix(plain).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

fn finding(site: Site, name: &str, why: &str, index: usize, endpoint: &Endpoint) -> Finding {
    Finding {
        rule: RULE.name,
        severity: Severity::High,
        site,
        endpoint: Some(index),
        message: format!("{} does not protect {} {}: {why}.", quoted(name), endpoint.method, endpoint.path),
        trace: vec![(endpoint.site, "the endpoint that it should protect".to_owned())],
        cwe: RULE.cwe,
        symbol: name.to_owned(),
        mend: None,
    }
}
