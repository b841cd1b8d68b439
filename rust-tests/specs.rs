//! Runs every Markdown page below `src/` as a test; a page is documentation and specification at once.
//!
//! `SPEC=express cargo test --test specs` runs the pages and headings that contain this text. A full run leaves its reports in
//! `target/tmp/spec-reports.json`: the wasm run (`js-tests/specs.test.mjs`) must give the same ones.

mod spec;

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs `work` where deep recursion does no harm.
fn with_stack<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(32 << 20).spawn_scoped(scope, work).expect("a thread can be started");
        thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

fn all() -> (u32, Vec<String>, serde_json::Map<String, serde_json::Value>) {
    let wanted = std::env::var("SPEC").unwrap_or_default().to_lowercase();
    let (mut count, mut failures, mut reports) = (0, Vec::new(), serde_json::Map::new());
    for page in spec::pages() {
        failures.extend(page.problems.iter().cloned());
        for case in &page.cases {
            let heading = &case.heading;
            if !page.path.to_lowercase().contains(&wanted) && !heading.to_lowercase().contains(&wanted) {
                continue;
            }
            count += 1;
            let place = format!("{}:{}", page.path, case.line);
            let diff = match catch_unwind(AssertUnwindSafe(|| spec::check::run(case, &page.rules))) {
                Ok(Ok((diff, report))) => {
                    reports.insert(place.clone(), serde_json::to_value(&report).unwrap_or_default());
                    diff
                }
                Ok(Err(why)) => match case.errors.iter().any(|e| e.file == "authlint.config.json" && why.contains(&e.message)) {
                    true => Vec::new(),
                    false => vec![format!("+ configuration rejected: {why}")],
                },
                Err(panic) => {
                    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
                    vec![format!("+ panic: {}", text.unwrap_or("?"))]
                }
            };
            if !diff.is_empty() {
                failures.push(format!("{place}: {heading}\n    {}", diff.join("\n    ")));
            }
        }
    }
    (count, failures, reports)
}

#[test]
fn every_page_holds() {
    let (count, failures, reports) = with_stack(all);
    if std::env::var_os("SPEC").is_none() {
        let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("spec-reports.json");
        std::fs::write(&file, serde_json::Value::Object(reports).to_string()).expect("the target folder can be written");
    }
    assert!(count > 0, "no spec matches SPEC={}", std::env::var("SPEC").unwrap_or_default());
    assert!(
        failures.is_empty(),
        "{} of {count} specs fail (- expected, + got)\n\n{}\n\n{} of {count} specs fail; SPEC=<text> runs one of them\n",
        failures.len(),
        failures.join("\n\n"),
        failures.len(),
    );
}

mod parser {
    use super::spec::{Page, expect, parse};

    fn page(text: &str) -> Page {
        parse("src/rules/some_rule.md", text)
    }

    #[test]
    fn headings_join_and_only_those_with_fences_are_tests() {
        let page = page(
            "# A\n\ntext\n\n## B\n\n```js\na()\n```\n\n### C\n\n`x/y.ts`:\n\n```ts\nb()\n```\n\n```endpoints\nGET|ALL /x/* required|none role exempt=health\n```\n\n## D\n",
        );
        assert_eq!(page.problems, Vec::<String>::new());
        assert_eq!(page.rules, ["some-rule"]);
        let cases: Vec<_> = page.cases.iter().map(|c| (c.heading.as_str(), c.line, c.files[0].0.as_str())).collect();
        assert_eq!(cases, [("A › B", 5, "index.js"), ("A › B › C", 11, "x/y.ts")]);
        assert!(page.cases[0].endpoints.is_none());
        let line = &page.cases[1].endpoints.as_ref().unwrap()[0];
        assert_eq!((line.methods.len(), line.auth.len(), line.words.len(), line.page_line), (2, 2, 2, 20));
    }

    #[test]
    fn comments_assert_on_their_line_or_the_next() {
        let text = "a() // error: [r] HIGH \"no guard\"\n// error: [r]\n// error: [s] x2\nb()\nc() // error: [t] // error: [u]\n";
        let found = expect::assertions("f.js", text, 10).unwrap();
        let short: Vec<_> = found.iter().map(|a| (a.rule.as_str(), a.line, a.page_line, a.times)).collect();
        assert_eq!(short, [("r", 1, 11, 1), ("r", 4, 12, 1), ("s", 4, 13, 2), ("t", 5, 15, 1), ("u", 5, 15, 1)]);
        assert_eq!((found[0].severity.as_deref(), found[0].message.as_deref()), (Some("HIGH"), Some("no guard")));
        assert!(expect::assertions("f.js", "a() // error: r", 1).is_err());
        assert!(expect::assertions("f.js", "a() // error: [r] SEVERE", 1).is_err());
    }

    #[test]
    fn mistakes_in_a_page_are_said() {
        for (text, why) in [
            ("# A\n```js\n", "never closed"),
            ("# A\n`x.js`:\n\nprose\n", "no fence follows"),
            ("# A\n```json\n{}\n```\n", "needs a line"),
            ("# A\n```js\n```\n```js\n```\n", "a second `index.js`"),
            ("# A\n```js\n```\n```endpoints\nGET /x sure\n```\n", "no verdict"),
            ("# A\n```js\n```\n```endpoints\nGET /x none colour=red\n```\n", "no word"),
            ("# A\n```endpoints\nGET /x none\n```\n", "without a file"),
        ] {
            let problems = page(text).problems;
            assert!(problems.len() == 1 && problems[0].contains(why), "{text:?} gave {problems:?}");
        }
    }

    #[test]
    fn rows_rules_config_and_long_fences() {
        let page = page(
            "<!-- rules: a, b -->\n# A\n````js\n```\n````\n`authlint.config.json`:\n```json\n{}\n```\n```errors\nx.js:3 await\ny.js\n```\n```unknown\n```\n",
        );
        assert_eq!((page.rules.len(), page.problems.len()), (2, 0));
        let case = &page.cases[0];
        assert_eq!((case.files[0].1.as_str(), case.config.as_deref()), ("```\n", Some("{}\n")));
        assert_eq!((case.errors[0].line, case.errors[1].line, case.unknown.as_ref().map(Vec::len)), (Some(3), None, Some(0)));
    }
}
