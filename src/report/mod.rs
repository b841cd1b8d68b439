//! What leaves the engine: plain data, the same for every host.
//!
//! The field names and their spelling in JSON are the published contract (`authlint/routes@1`, `authlint/findings@1`).
//! Lines and columns are 1-based, columns in UTF-16 code units; paths are relative to the analysed root, with `/`.

use serde::Serialize;

/// A place in a file of the analysed project.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Place {
    pub file: String,
    /// 1-based.
    pub line: u32,
}

/// How severe a finding is; the order is the order of severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Severity {
    Low,
    Medium,
    High,
    Critical,
}

impl Severity {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "LOW",
            Self::Medium => "MEDIUM",
            Self::High => "HIGH",
            Self::Critical => "CRITICAL",
        }
    }
}

/// Whether an endpoint rejects an anonymous caller before its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Auth {
    Required,
    Optional,
    None,
    Unknown,
}

impl Auth {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Optional => "optional",
            Self::None => "none",
            Self::Unknown => "unknown",
        }
    }
}

/// One function that runs before an endpoint's work and concerns authentication.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GuardRow {
    pub name: String,
    pub file: String,
    pub line: u32,
    /// `enforces`, `attaches`, `ineffective`, `by-name` or `unknown`.
    pub effect: &'static str,
}

/// One endpoint of the inventory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EndpointRow {
    /// An HTTP method in capitals, or `ALL`.
    pub method: String,
    pub path: String,
    pub file: String,
    pub line: u32,
    pub column: u32,
    pub framework: &'static str,
    pub auth: Auth,
    /// Why the verdict is what it is, in one sentence.
    pub why: String,
    pub role: bool,
    pub exempt: Option<&'static str>,
    pub guards: Vec<GuardRow>,
    pub handler: Option<Place>,
    pub effects: Vec<String>,
    pub rules: Vec<&'static str>,
    pub severity: Option<Severity>,
}

/// Something that the analysis could not see, with the reason.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct UnknownRow {
    pub file: String,
    pub line: u32,
    pub why: String,
}

/// `authlint routes --format json`.
#[derive(Debug, Clone, Serialize)]
pub struct Inventory {
    pub schema: &'static str,
    pub root: String,
    pub endpoints: Vec<EndpointRow>,
    pub unknown: Vec<UnknownRow>,
}

/// A labelled place of a finding's trace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TraceStep {
    pub file: String,
    pub line: u32,
    pub message: String,
}

/// Method and path of the endpoint that a finding is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EndpointName {
    pub method: String,
    pub path: String,
}

/// One finding of a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FindingRow {
    pub rule: &'static str,
    pub severity: Severity,
    pub message: String,
    pub file: String,
    pub line: u32,
    pub column: u32,
    pub end_line: u32,
    pub end_column: u32,
    pub endpoint: Option<EndpointName>,
    pub trace: Vec<TraceStep>,
    pub cwe: &'static [&'static str],
    pub fingerprint: String,
    /// What would mend it, in one sentence, where that is certain.
    pub suggestion: Option<String>,
    /// The same for a machine.
    pub edit: Option<EditRow>,
}

/// Text to be inserted at a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EditRow {
    pub file: String,
    pub line: u32,
    pub column: u32,
    pub insert: String,
}

/// A problem with the input (syntax error, unreadable file, bad configuration); the rest is analysed all the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct ErrorRow {
    pub file: String,
    pub line: u32,
    pub message: String,
    /// The specifier of an import that leads nowhere: compilers and other linters say that as well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub import: Option<String>,
}

/// What an analysis looked at.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Stats {
    /// Files that the host offered.
    pub files: u32,
    /// Files that were parsed.
    pub parsed: u32,
    pub endpoints: u32,
    /// Whole milliseconds; filled in by the host, the core has no clock.
    pub ms: u32,
}

/// `authlint check --format json`.
#[derive(Debug, Clone, Serialize)]
pub struct Findings {
    pub schema: &'static str,
    pub findings: Vec<FindingRow>,
    pub errors: Vec<ErrorRow>,
    pub stats: Stats,
}

/// Everything that one analysis yields.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    pub inventory: Inventory,
    pub findings: Findings,
}
