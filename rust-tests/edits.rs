//! After any edits, an analysis that lives on says what a fresh one says.
//!
//! The specs' own projects, mutated file by file. `EDITS=5000` tries more projects, `EDITS_SEED=123` exactly one.

#[expect(dead_code, reason = "only the files of a spec matter here, not what it expects")]
mod spec;

mod mutation;

use authlint::analysis::{Analysis, analyse, lower};
use mutation::{Random, mutate};
use std::collections::BTreeMap;

type Files = BTreeMap<String, Vec<u8>>;

/// Brings what the analysis wants, and gives its report as JSON.
fn report(analysis: &mut Analysis, files: &Files) -> String {
    loop {
        let wants = analysis.wants();
        if wants.is_empty() {
            return serde_json::to_string_pretty(analysis.report()).expect("a report is JSON");
        }
        for path in &wants.manifests {
            match files.get(path) {
                Some(text) => analysis.give_text(path, text),
                None => analysis.missing(path, "no such file"),
            }
        }
        for (paths, scan) in [(&wants.scan, true), (&wants.files, false)] {
            for path in paths {
                match files.get(path) {
                    Some(text) => analysis.give_ir(path, lower(path, text, scan).as_deref()),
                    None => analysis.missing(path, "no such file"),
                }
            }
        }
    }
}

fn fresh(files: &Files) -> String {
    let report = analyse(files.iter().map(|(name, text)| (name.as_str(), text.as_slice())), None).expect("no configuration is no error");
    serde_json::to_string_pretty(&report).expect("a report is JSON")
}

fn first_difference<'a>(a: &'a str, b: &'a str) -> Option<(&'a str, &'a str)> {
    let mut pairs = a.lines().chain([""]).zip(b.lines().chain([""]));
    pairs.find(|(x, y)| x != y)
}

fn projects() -> Vec<Files> {
    let cases = spec::pages().into_iter().flat_map(|page| page.cases);
    cases.map(|case| case.files.into_iter().map(|(name, text)| (name, text.into_bytes())).collect()).collect()
}

#[test]
fn edits_leave_what_a_fresh_analysis_finds() {
    let worker = std::thread::Builder::new().stack_size(64 << 20).spawn(|| {
        let number = |name: &str| std::env::var(name).ok().and_then(|n| n.parse::<u64>().ok());
        let projects = projects();
        let seeds = match number("EDITS_SEED") {
            Some(seed) => seed..seed + 1,
            None => 0..number("EDITS").unwrap_or(400),
        };
        let (mut edits, mut runs) = (0, 0);
        for seed in seeds {
            let mut random = Random::new(seed);
            let mut files = projects[random.below(projects.len())].clone();
            let mut analysis = Analysis::new(None).expect("no configuration is no error");
            analysis.set_files(files.keys().cloned().collect());
            report(&mut analysis, &files);
            for edit in 0..6 {
                let original = files.clone();
                let path = files.keys().nth(random.below(files.len())).expect("a spec has files").clone();
                let text = files.get_mut(&path).expect("the path is one of them");
                mutate(&mut random, text);
                analysis.changed([path.as_str()]);
                let (lived, expected) = (report(&mut analysis, &files), fresh(&files));
                if let Some((lived, expected)) = first_difference(&lived, &expected) {
                    let text = |files: &Files| String::from_utf8_lossy(&files[&path]).into_owned();
                    panic!(
                        "EDITS_SEED={seed}, edit {edit} of {path}: after the edit\n{lived}\nfrom scratch\n{expected}\n\nbefore:\n{}\nafter:\n{}",
                        text(&original),
                        text(&files)
                    );
                }
                if random.below(2) == 0 {
                    files = original;
                    analysis.changed([path.as_str()]);
                }
                edits += 1;
            }
            runs += analysis.runs();
        }
        (edits, runs)
    });
    let (edits, runs) = worker.expect("a thread can be started").join().expect("every edit agrees");
    println!("{edits} edits, {runs} runs from the start");
    assert!(edits == 6 || runs < edits, "{runs} runs for {edits} edits: what an edit leaves alone is run again");
}

#[test]
fn an_edit_in_a_handler_does_not_run_the_project_again() {
    let server = |body: &str| {
        let text = format!(
            "const app = require('express')();\nconst {{ guard }} = require('./guard');\napp.get('/a', guard, (req, res) => {{ {body} }});\n\
             app.get('/b', (req, res) => res.json(db.users.find()));\n"
        );
        ("app.js".to_owned(), text.into_bytes())
    };
    let guard = |body: &str| ("guard.js".to_owned(), format!("exports.guard = (req, res, next) => {{ {body} }}\n").into_bytes());
    let closed = "if (!req.session.userId) return res.sendStatus(401); next()";
    let mut files: Files = [server("res.json(db.users.find())"), guard("next()")].into();
    let mut analysis = Analysis::new(None).expect("no configuration is no error");
    analysis.set_files(files.keys().cloned().collect());
    report(&mut analysis, &files);
    let runs = analysis.runs();
    for (path, text) in
        [guard(closed), server("const now = Date.now();\n res.json(db.orders.find(now))"), guard("/* nothing */ next()"), guard(closed)]
    {
        files.insert(path.clone(), text);
        analysis.changed([path.as_str()]);
        assert_eq!(report(&mut analysis, &files), fresh(&files));
        assert_eq!(analysis.runs(), runs, "{path} was edited in the body of a function that start-up does not enter");
    }
}
