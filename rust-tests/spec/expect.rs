//! What a spec expects: `// error:` comments, lines of an `endpoints` fence, rows of `errors` and `unknown`.

/// `// error: [rule] HIGH "part of the message" x2`: that many findings on that line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assertion {
    pub file: String,
    /// The line of the file that the finding is on.
    pub line: u32,
    /// The line of the page where the assertion stands.
    pub page_line: u32,
    pub rule: String,
    pub severity: Option<String>,
    pub message: Option<String>,
    pub times: u32,
}

/// `GET /api/users required exempt=health severity=HIGH role guard=name handler=file:line at=file:line`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointLine {
    /// As written, for the report.
    pub text: String,
    pub page_line: u32,
    /// Alternatives, split at `|`.
    pub methods: Vec<String>,
    pub path: String,
    pub auth: Vec<String>,
    /// `(key, value)`; a word without `=` has the value `true`.
    pub words: Vec<(String, String)>,
}

/// `file:line part of the message`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowLine {
    pub file: String,
    /// `None`: any line of the file.
    pub line: Option<u32>,
    pub message: String,
    pub page_line: u32,
}

const MARK: &str = "// error:";
const SEVERITIES: [&str; 4] = ["LOW", "MEDIUM", "HIGH", "CRITICAL"];
const KEYS: [&str; 7] = ["exempt", "severity", "role", "guard", "handler", "at", "framework"];

/// The assertions in one file's text. A comment alone on its line speaks of the next line that is not such a comment.
pub fn assertions(file: &str, text: &str, fence_line: u32) -> Result<Vec<Assertion>, (u32, String)> {
    let mut found = Vec::new();
    let mut waiting = 0;
    for (index, line) in text.lines().enumerate() {
        let number = index as u32 + 1;
        let mut parts = line.split(MARK);
        let alone = parts.next().is_none_or(|code| code.trim().is_empty()) && line.contains(MARK);
        if !alone {
            for assertion in &mut found[waiting..] {
                let assertion: &mut Assertion = assertion;
                assertion.line = number;
            }
        }
        for part in parts {
            let page_line = fence_line + number;
            found.push(assertion(file, number, page_line, part).map_err(|why| (page_line, why))?);
        }
        if !alone {
            waiting = found.len();
        }
    }
    Ok(found)
}

fn assertion(file: &str, line: u32, page_line: u32, text: &str) -> Result<Assertion, String> {
    let text = text.trim();
    let (rule, mut rest) = text.strip_prefix('[').and_then(|t| t.split_once(']')).ok_or("expected `// error: [rule-name]`")?;
    let mut message = None;
    if let Some((before, quoted)) = rest.split_once('"') {
        let (inner, after) = quoted.split_once('"').ok_or("the message's closing quote is missing")?;
        if !after.trim().is_empty() {
            return Err(format!("unexpected `{}` after the message", after.trim()));
        }
        message = Some(inner.to_owned());
        rest = before;
    }
    let (mut severity, mut times) = (None, 1);
    for word in rest.split_whitespace() {
        match word.strip_prefix('x').and_then(|n| n.parse().ok()) {
            Some(n) => times = n,
            None if SEVERITIES.contains(&word) => severity = Some(word.to_owned()),
            None => return Err(format!("`{word}` is no severity, no message in quotes, no count like x2")),
        }
    }
    Ok(Assertion { file: file.to_owned(), line, page_line, rule: rule.to_owned(), severity, message, times })
}

/// One line of an `endpoints` fence.
pub fn endpoint_line(text: &str, page_line: u32) -> Result<EndpointLine, String> {
    let mut words = text.split_whitespace();
    let (Some(methods), Some(path), Some(auth)) = (words.next(), words.next(), words.next()) else {
        return Err(format!("`{text}`: expected METHOD /path verdict"));
    };
    let auth: Vec<String> = auth.split('|').map(str::to_owned).collect();
    if let Some(bad) = auth.iter().find(|a| !["required", "optional", "none", "unknown"].contains(&a.as_str())) {
        return Err(format!("`{bad}` is no verdict"));
    }
    let words: Vec<_> = words.map(|w| w.split_once('=').unwrap_or((w, "true"))).map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
    if let Some((bad, _)) = words.iter().find(|(k, _)| !KEYS.contains(&k.as_str())) {
        return Err(format!("`{bad}` is no word that an endpoint line knows ({})", KEYS.join(", ")));
    }
    let methods = methods.split('|').map(str::to_owned).collect();
    Ok(EndpointLine { text: text.to_owned(), page_line, methods, path: path.to_owned(), auth, words })
}

/// One line of an `errors`, `unknown` or `mended` fence.
pub fn row_line(text: &str, page_line: u32) -> Result<RowLine, String> {
    let (place, message) = text.split_once(' ').unwrap_or((text, ""));
    let (file, line) = match place.rsplit_once(':') {
        Some((file, line)) => (file, Some(line.parse().map_err(|_| format!("`{place}`: expected file:line"))?)),
        None => (place, None),
    };
    Ok(RowLine { file: file.to_owned(), line, message: message.trim().to_owned(), page_line })
}
