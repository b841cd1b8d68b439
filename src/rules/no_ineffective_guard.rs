//! no-ineffective-guard: a guard that cannot work.
//!
//! ```js
//! if (!req.user) res.status(401).end()   // no return: the handler runs all the same
//! app.get('/orders', list); app.use(requireUser)   // too late
//! ```

use super::{Finding, Rule, View};
use crate::endpoints::GuardEffect;
use crate::report::{Auth, Severity};
use std::collections::BTreeSet;

pub const RULE: Rule = Rule {
    name: "no-ineffective-guard",
    summary: "A guard stands where, or is written so, that anonymous requests pass it",
    cwe: &["CWE-696"],
    owasp: "API2:2023",
    controls: &["SOC2 CC6.1", "ISO 27001 A.9.1.2"],
    check,
};

fn check(view: &View, out: &mut Vec<Finding>) {
    let mut seen = BTreeSet::new();
    for (i, endpoint) in view.endpoints.iter().enumerate() {
        if endpoint.auth == Auth::Required
            || view.public[i]
            || endpoint.exempt.is_some()
            || super::require_authentication::severity(view, endpoint).is_none()
        {
            continue;
        }
        for weak in &endpoint.ineffective {
            // What only attaches an identity is no broken guard where others rely on it.
            let relied_on = view.endpoints.iter().any(|e| e.auth == Auth::Required && e.ineffective.iter().any(|w| w.site == weak.site));
            if relied_on || !seen.insert((weak.site, weak.why)) {
                continue;
            }
            out.push(Finding {
                rule: RULE.name,
                severity: Severity::High,
                site: weak.site,
                endpoint: Some(i),
                message: format!("`{}` does not protect {} {}: {}.", weak.name, endpoint.method, endpoint.path, weak.why),
                trace: vec![(endpoint.site, "the endpoint that it should protect".to_owned())],
                cwe: RULE.cwe,
                symbol: weak.name.clone(),
                suggestion: None,
            });
        }
        if !endpoint.ineffective.is_empty() {
            continue;
        }
        // A guard that is registered where it protects nothing at all.
        for near in &endpoint.near {
            let protects = view
                .endpoints
                .iter()
                .any(|e| e.guards.iter().any(|g| g.site == near.site && matches!(g.effect, GuardEffect::Enforces | GuardEffect::ByName)));
            if protects || !seen.insert((near.site, "misplaced")) {
                continue;
            }
            let name = view.interpreter.function_name(&Default::default(), near.function).unwrap_or_else(|| "this guard".into());
            out.push(Finding {
                rule: RULE.name,
                severity: Severity::High,
                site: near.site,
                endpoint: Some(i),
                message: format!("`{name}` does not protect {} {}: {}.", endpoint.method, endpoint.path, near.why),
                trace: vec![(endpoint.site, "the endpoint that it should protect".to_owned())],
                cwe: RULE.cwe,
                symbol: name,
                suggestion: None,
            });
        }
    }
}
