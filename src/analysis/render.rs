//! From endpoints and findings to the published report.

use crate::config::Config;
use crate::endpoints::Endpoint;
use crate::interpret::Interpreter;
use crate::interpret::object::Site;
use crate::interpret::project::Project;
use crate::report::{
    EditRow, EndpointName, EndpointRow, ErrorRow, FindingRow, Findings, GuardRow, Inventory, Place, Report, Severity, Stats, TraceStep,
    UnknownRow,
};
use crate::rules::{self, Finding, View};
use crate::sorted::{SortedSet, sort_by};

pub(super) fn report(
    interpreter: &Interpreter,
    project: &Project,
    config: &Config,
    endpoints: &[Endpoint],
    errors: Vec<ErrorRow>,
    stats: Stats,
) -> Report {
    let public: Vec<bool> = endpoints.iter().map(|e| is_marked_public(interpreter, project, e)).collect();
    let view = View { interpreter, endpoints, config, public: &public };
    let mut findings = rules::check(&view);
    findings.retain(|f| f.severity >= config.min_severity);
    sort_by(&mut findings, |a, b| {
        let place =
            |f: &Finding| (std::cmp::Reverse(f.severity), interpreter.path_of(f.site.module).to_owned(), interpreter.span_of(f.site).start);
        place(a).cmp(&place(b))
    });
    let mut by_endpoint: Vec<(SortedSet<&'static str>, Option<Severity>)> = vec![Default::default(); endpoints.len()];
    for finding in &findings {
        if let Some(entry) = finding.endpoint.and_then(|index| by_endpoint.get_mut(index)) {
            entry.0.insert(finding.rule);
            entry.1 = entry.1.max(Some(finding.severity));
        }
    }
    let rows = endpoints
        .iter()
        .zip(by_endpoint)
        .zip(public)
        .map(|((endpoint, (rules, severity)), public)| {
            let exempt = if public { Some("public") } else { endpoint.exempt };
            endpoint_row(interpreter, endpoint, exempt, rules.into_iter().collect(), severity)
        })
        .collect();
    let mut unknown = SortedSet::default();
    unknown.extend(interpreter.blind.iter().map(|blind| {
        let (file, line, _) = interpreter.position(blind.site);
        UnknownRow { file: file.to_owned(), line, why: blind.why.clone() }
    }));
    Report {
        inventory: Inventory { schema: "authlint/routes@1", root: ".".into(), endpoints: rows, unknown: unknown.into_iter().collect() },
        findings: Findings {
            schema: "authlint/findings@1",
            findings: findings.iter().map(|f| finding_row(interpreter, endpoints, f)).collect(),
            errors,
            stats,
        },
    }
}

/// A report of nothing.
pub(super) fn empty() -> Report {
    Report {
        inventory: Inventory { schema: "authlint/routes@1", root: ".".into(), endpoints: Vec::new(), unknown: Vec::new() },
        findings: Findings { schema: "authlint/findings@1", findings: Vec::new(), errors: Vec::new(), stats: Stats::default() },
    }
}

/// `// authlint-public: reason` on the registration's line, or on the line above.
fn is_marked_public(interpreter: &Interpreter, project: &Project, endpoint: &Endpoint) -> bool {
    let marked = |site: Site| {
        let (file, line, _) = interpreter.position(site);
        project
            .ir(file)
            .is_some_and(|ir| ir.directives.iter().any(|d| !d.reason.is_empty() && (d.line == line || (d.alone && d.line + 1 == line))))
    };
    marked(endpoint.site) || endpoint.handler_site.is_some_and(marked)
}

fn endpoint_row(
    interpreter: &Interpreter,
    endpoint: &Endpoint,
    exempt: Option<&'static str>,
    rules: Vec<&'static str>,
    severity: Option<Severity>,
) -> EndpointRow {
    let (file, line, column) = interpreter.position(endpoint.site);
    EndpointRow {
        method: endpoint.method.clone(),
        path: endpoint.path.clone(),
        file: file.to_owned(),
        line,
        column,
        framework: endpoint.framework,
        auth: endpoint.auth,
        why: endpoint.why.clone(),
        role: endpoint.role,
        exempt,
        guards: endpoint
            .guards
            .iter()
            .map(|guard| {
                let (file, line, _) = interpreter.position(guard.site);
                GuardRow { name: guard.name.clone(), file: file.to_owned(), line, effect: guard.effect.as_str() }
            })
            .collect(),
        handler: endpoint.handler_site.map(|site| {
            let (file, line, _) = interpreter.position(site);
            Place { file: file.to_owned(), line }
        }),
        effects: endpoint
            .effects
            .iter()
            .map(|e| if e.subject.is_empty() { e.kind.as_str().to_owned() } else { format!("{}:{}", e.kind.as_str(), e.subject) })
            .collect(),
        rules,
        severity,
    }
}

fn finding_row(interpreter: &Interpreter, endpoints: &[Endpoint], finding: &Finding) -> FindingRow {
    let (file, line, column) = interpreter.position(finding.site);
    let (end_line, end_column) = interpreter.end_of(finding.site);
    let endpoint = finding.endpoint.and_then(|i| endpoints.get(i));
    let key = format!(
        "{}|{}|{}|{}",
        finding.rule,
        endpoint.map_or("", |e| e.method.as_str()),
        endpoint.map_or("", |e| e.path.as_str()),
        finding.symbol
    );
    let edit = finding.mend.map(|mend| {
        let (file, line, column) = interpreter.position(mend.before);
        EditRow { file: file.to_owned(), line, column, insert: format!("{} ", mend.word.as_str()) }
    });
    FindingRow {
        rule: finding.rule,
        severity: finding.severity,
        message: finding.message.clone(),
        file: file.to_owned(),
        line,
        column,
        end_line,
        end_column,
        endpoint: endpoint.map(|e| EndpointName { method: e.method.clone(), path: e.path.clone() }),
        trace: finding
            .trace
            .iter()
            .map(|(site, message)| {
                let (file, line, _) = interpreter.position(*site);
                TraceStep { file: file.to_owned(), line, message: message.clone() }
            })
            .collect(),
        cwe: finding.cwe,
        fingerprint: fingerprint(&key),
        suggestion: edit.as_ref().map(|e| format!("Insert `{}` at {}:{}:{}.", e.insert.trim_end(), e.file, e.line, e.column)),
        edit,
    }
}

/// FNV-1a, 64 bits: stable across versions and machines.
fn fingerprint(text: &str) -> String {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    format!("{hash:016x}")
}
