//! The rules: one file each, one line here.
//!
//! A rule sees endpoints and a sink. It never touches syntax, files or a framework.

mod no_ineffective_guard;
mod require_authentication;

use crate::config::{Config, RuleLevel};
use crate::endpoints::Endpoint;
use crate::interpret::Interpreter;
use crate::interpret::object::Site;
use crate::interpret::state::Mend;
use crate::report::Severity;

/// What a rule says of itself; every table, preset and report derives from it.
#[derive(serde::Serialize)]
pub struct Rule {
    pub name: &'static str,
    /// One sentence, in the present tense.
    pub summary: &'static str,
    pub cwe: &'static [&'static str],
    /// Entry of the OWASP API Security Top 10, 2023.
    pub owasp: &'static str,
    /// Controls of SOC 2 and ISO 27001 that the policy names.
    pub controls: &'static [&'static str],
    #[serde(skip)]
    pub check: fn(&View, &mut Vec<Finding>),
}

/// All rules.
pub const ALL: &[Rule] = &[require_authentication::RULE, no_ineffective_guard::RULE];

/// What a rule may look at.
pub struct View<'v, 'a> {
    pub interpreter: &'v Interpreter<'a>,
    pub endpoints: &'v [Endpoint],
    pub config: &'v Config,
    /// Per endpoint: an inline directive makes it public.
    pub public: &'v [bool],
}

/// One finding, before it is rendered.
#[derive(Debug, Clone)]
pub struct Finding {
    pub rule: &'static str,
    pub severity: Severity,
    pub site: Site,
    /// Index of the endpoint that it is about.
    pub endpoint: Option<usize>,
    pub message: String,
    pub trace: Vec<(Site, String)>,
    pub cwe: &'static [&'static str],
    /// What stays when lines move: the handler's or guard's name.
    pub symbol: String,
    /// A word that mends it.
    pub mend: Option<Mend>,
}

/// A name as it stands in a sentence: what is no name of the code's own needs no quotes.
fn quoted(name: &str) -> String {
    if name.contains(' ') { name.to_owned() } else { format!("`{name}`") }
}

/// Runs the rules that the configuration leaves on.
pub fn check(view: &View) -> Vec<Finding> {
    let mut out = Vec::new();
    for rule in ALL {
        let level = view.config.level(rule.name);
        if level == RuleLevel::Off {
            continue;
        }
        let start = out.len();
        (rule.check)(view, &mut out);
        if let RuleLevel::At(severity) = level {
            for finding in &mut out[start..] {
                finding.severity = severity;
            }
        }
    }
    out
}
