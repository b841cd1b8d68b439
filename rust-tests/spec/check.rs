//! Compares a report with what a spec expects; the answer is a diff, one line per difference.

use super::Case;
use super::expect::{EndpointLine, RowLine};
use authlint::report::{EditRow, EndpointRow, FindingRow, Report};

/// Runs one test. `rules` are those of its page.
pub fn run(case: &Case, rules: &[String]) -> Result<(Vec<String>, Report), String> {
    let config = case.config.as_deref().map(serde_json::from_str).transpose().map_err(|e| format!("authlint.config.json: {e}"))?;
    let files = case.files.iter().map(|(name, text)| (name.as_str(), text.as_bytes()));
    let report = authlint::analysis::analyse(files, config)?;
    let mut diff = findings(case, rules, &report.findings.findings);
    if let Some(expected) = &case.endpoints {
        diff.extend(endpoints(expected, &report.inventory.endpoints));
    }
    let errors = report.findings.errors.iter().map(|e| (e.file.as_str(), e.line, e.message.as_str())).collect();
    diff.extend(rows("error", &case.errors, errors));
    if let Some(expected) = &case.unknown {
        diff.extend(rows(
            "unknown",
            expected,
            report.inventory.unknown.iter().map(|u| (u.file.as_str(), u.line, u.why.as_str())).collect(),
        ));
    }
    if let Some(expected) = &case.mended {
        let lines: Vec<(String, u32, String)> =
            report.findings.findings.iter().filter_map(|f| f.edit.as_ref()).map(|e| mended(case, e)).collect();
        diff.extend(rows("mended", expected, lines.iter().map(|(file, line, text)| (file.as_str(), *line, text.as_str())).collect()));
    }
    Ok((diff, report))
}

/// The line as an edit leaves it.
fn mended(case: &Case, edit: &EditRow) -> (String, u32, String) {
    let text = case.files.iter().find(|(name, _)| *name == edit.file).map_or("", |(_, text)| text);
    let mut line = text.lines().nth(edit.line as usize - 1).unwrap_or_default().to_owned();
    line.insert_str(edit.column as usize - 1, &edit.insert);
    (edit.file.clone(), edit.line, line.trim().to_owned())
}

fn findings(case: &Case, rules: &[String], got: &[FindingRow]) -> Vec<String> {
    let spoken_of = |f: &&FindingRow| rules.iter().chain(case.assertions.iter().map(|a| &a.rule)).any(|r| r == f.rule);
    let mut left: Vec<&FindingRow> = got.iter().filter(spoken_of).collect();
    let mut diff = Vec::new();
    for a in &case.assertions {
        let fits = |f: &&FindingRow| {
            f.file == a.file
                && f.line == a.line
                && f.rule == a.rule
                && a.severity.as_deref().is_none_or(|s| s == f.severity.as_str())
                && a.message.as_deref().is_none_or(|m| f.message.contains(m))
        };
        for _ in 0..a.times {
            match left.iter().position(fits) {
                Some(index) => drop(left.remove(index)),
                None => {
                    let message = a.message.as_ref().map(|m| format!(" {m:?}")).unwrap_or_default();
                    let severity = a.severity.as_deref().unwrap_or("any severity");
                    diff.push(format!("- finding {}:{} [{}] {severity}{message}   (page line {})", a.file, a.line, a.rule, a.page_line));
                }
            }
        }
    }
    diff.extend(left.iter().map(|f| format!("+ finding {}:{} [{}] {} {:?}", f.file, f.line, f.rule, f.severity.as_str(), f.message)));
    diff
}

fn endpoints(expected: &[EndpointLine], got: &[EndpointRow]) -> Vec<String> {
    let mut left: Vec<&EndpointRow> = got.iter().collect();
    let mut diff = Vec::new();
    for line in expected {
        match left.iter().position(|row| fits(line, row)) {
            Some(index) => drop(left.remove(index)),
            None => diff.push(format!("- endpoint {}   (page line {})", line.text, line.page_line)),
        }
    }
    // Static files are listed for completeness only; a spec may leave them out.
    diff.extend(left.iter().filter(|row| row.exempt != Some("static")).map(|row| format!("+ endpoint {}", show(row))));
    diff
}

/// `*` in a spec stands for `*name` as well, and `/*` for a bare `*`.
fn same_path<'a>(expected: &'a str, got: &'a str) -> bool {
    let parts = |path: &'a str| path.strip_prefix('/').unwrap_or(path).split('/');
    let (mut a, mut b) = (parts(expected), parts(got));
    loop {
        match (a.next(), b.next()) {
            (None, None) => return true,
            (Some(x), Some(y)) if x == y || (x == "*" && y.starts_with('*')) => {}
            _ => return false,
        }
    }
}

fn fits(line: &EndpointLine, row: &EndpointRow) -> bool {
    let place = |file: &str, at: u32, expected: &str| format!("{file}:{at}") == expected;
    line.methods.contains(&row.method)
        && same_path(&line.path, &row.path)
        && line.auth.iter().any(|a| a == row.auth.as_str())
        && line.words.iter().all(|(key, value)| match key.as_str() {
            "exempt" => row.exempt.unwrap_or("none") == value,
            "severity" => row.severity.map_or("none", |s| s.as_str()) == value,
            "role" => row.role == (value == "true"),
            "guard" => row.guards.iter().any(|g| g.name == *value),
            "handler" => row.handler.as_ref().is_some_and(|h| place(&h.file, h.line, value)),
            "at" => place(&row.file, row.line, value),
            _ => row.framework == value,
        })
}

fn show(row: &EndpointRow) -> String {
    let mut text = format!("{} {} {} at={}:{}", row.method, row.path, row.auth.as_str(), row.file, row.line);
    if let Some(handler) = &row.handler {
        text += &format!(" handler={}:{}", handler.file, handler.line);
    }
    if row.role {
        text += " role";
    }
    text += &row.exempt.map(|e| format!(" exempt={e}")).unwrap_or_default();
    text += &row.severity.map(|s| format!(" severity={}", s.as_str())).unwrap_or_default();
    for guard in &row.guards {
        text += &format!(" guard={}({})", guard.name, guard.effect);
    }
    text + "   because " + &row.why
}

fn rows(kind: &str, expected: &[RowLine], mut got: Vec<(&str, u32, &str)>) -> Vec<String> {
    let mut diff = Vec::new();
    for row in expected {
        let fits =
            |(file, line, why): &(&str, u32, &str)| *file == row.file && row.line.is_none_or(|l| l == *line) && why.contains(&row.message);
        // One mistake in the input may give several rows on its line: a line of the spec stands for all of them.
        let before = got.len();
        got.retain(|g| !fits(g));
        if before == got.len() {
            let line = row.line.map(|l| format!(":{l}")).unwrap_or_default();
            diff.push(format!("- {kind} {}{line} {:?}   (page line {})", row.file, row.message, row.page_line));
        }
    }
    diff.extend(got.iter().map(|(file, line, why)| format!("+ {kind} {file}:{line} {why:?}")));
    diff
}
