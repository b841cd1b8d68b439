//! Whatever the bytes are, an analysis ends and does not panic.
//!
//! The specs' own files, mutated: seeded, the same on every machine. `FUZZ=20000` runs more, `FUZZ_SEED=123` exactly one.

#[expect(dead_code, reason = "only the files of a spec matter here, not what it expects")]
mod spec;

mod mutation;

use mutation::{Random, mutate};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::time::Duration;

type Files = Vec<(String, Vec<u8>)>;

/// Generous: an unoptimised build on a busy machine.
const LONGEST: Duration = Duration::from_secs(30);

fn analyse(files: &Files) {
    let report = authlint::analysis::analyse(files.iter().map(|(name, text)| (name.as_str(), text.as_slice())), None);
    let report = report.expect("no configuration is no error");
    for row in &report.inventory.endpoints {
        assert!(files.iter().any(|(name, _)| *name == row.file), "an endpoint in a file that does not exist: {row:?}");
        assert!(!row.path.is_empty() && !row.method.is_empty(), "{row:?}");
    }
    for row in &report.findings.findings {
        assert!(row.line > 0 && row.column > 0 && (row.end_line, row.end_column) >= (row.line, row.column), "{row:?}");
    }
}

/// Analyses each project in turn on a thread with a large stack; fails with the name of one that panics or does not end.
fn run(projects: impl IntoIterator<Item = (String, Files)>) -> u32 {
    let (send, jobs) = mpsc::channel::<Files>();
    let (answer, answers) = mpsc::channel::<Option<String>>();
    let worker = std::thread::Builder::new().stack_size(32 << 20).spawn(move || {
        for files in jobs {
            let outcome = catch_unwind(AssertUnwindSafe(|| analyse(&files)));
            let text = |p: Box<dyn std::any::Any + Send>| match p.downcast::<String>() {
                Ok(text) => *text,
                Err(p) => p.downcast_ref::<&str>().map_or_else(|| "a panic without text".to_owned(), |s| (*s).to_owned()),
            };
            if answer.send(outcome.err().map(text)).is_err() {
                return;
            }
        }
    });
    worker.expect("a thread can be started");
    // A stack overflow ends the process: this file then names the culprit.
    let last = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("robustness.last");
    let (mut count, mut failures) = (0, Vec::new());
    for (name, files) in projects {
        let keep = || {
            let text = files.iter().map(|(n, t)| format!("`{n}`:\n{}\n", String::from_utf8_lossy(t))).collect::<String>();
            drop(std::fs::write(&last, format!("{name}\n{text}")));
        };
        keep();
        send.send(files.clone()).expect("the worker lives");
        match answers.recv_timeout(LONGEST) {
            Ok(None) => {}
            Ok(Some(panic)) => failures.push(format!("{name}: {panic}")),
            Err(_) => panic!("{name}: no end after {LONGEST:?}; the files are in {}", last.display()),
        }
        count += 1;
    }
    assert!(
        failures.is_empty(),
        "{} of {count} panic\n{}",
        failures.len(),
        failures.iter().take(20).cloned().collect::<Vec<_>>().join("\n")
    );
    count
}

#[test]
fn mutated_specs_neither_panic_nor_hang() {
    let number = |name: &str| std::env::var(name).ok().and_then(|n| n.parse::<u64>().ok());
    let cases: Vec<Files> = spec::pages()
        .into_iter()
        .flat_map(|page| page.cases)
        .map(|case| case.files.into_iter().map(|(name, text)| (name, text.into_bytes())).collect())
        .collect();
    assert!(!cases.is_empty(), "no spec found");
    let seeds = match number("FUZZ_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("FUZZ").unwrap_or(2_000),
    };
    let project = |seed: u64| {
        let mut random = Random::new(seed);
        let mut files = cases[random.below(cases.len())].clone();
        for _ in 0..=random.below(4) {
            let file = random.below(files.len());
            mutate(&mut random, &mut files[file].1);
        }
        (format!("FUZZ_SEED={seed}"), files)
    };
    let expected = seeds.end - seeds.start;
    assert_eq!(u64::from(run(seeds.map(project))), expected);
}

fn project(name: &str, files: &[(&str, String)]) -> (String, Files) {
    (name.to_owned(), files.iter().map(|(n, t)| ((*n).to_owned(), t.clone().into_bytes())).collect())
}

#[test]
fn hostile_projects_neither_panic_nor_hang() {
    const HEAD: &str = "const express = require('express'); const app = express();\n";
    let s = str::to_owned;
    let deep = |open: &str, close: &str, n| format!("{HEAD}app.get('/x', (req, res) => {{ {}1{} }})\n", open.repeat(n), close.repeat(n));
    let wide = |n: usize| (0..n).map(|i| format!("app.get('/r{i}', (req, res) => res.json(db.find({i})))\n")).collect::<String>();
    let chain: Vec<_> = (0..300).map(|i| (format!("m{i}.js"), format!("module.exports = require('./m{}')\n", i + 1))).collect();
    let chain: Vec<_> =
        chain.iter().map(|(n, t)| (n.as_str(), t.clone())).chain([("app.js", format!("{HEAD}app.use(require('./m0'))\n"))]).collect();
    run([
        project("empty", &[("index.js", s("")), ("a.ts", s("")), ("package.json", s(""))]),
        project("package.json is no JSON", &[("index.js", s(HEAD)), ("package.json", s("{")), ("tsconfig.json", s("[1]"))]),
        project("a module that requires itself", &[("index.js", format!("{HEAD}app.use(require('./index')); module.exports = app"))]),
        project(
            "two routers that mount each other",
            &[
                ("a.js", s("const r = require('express').Router(); r.use('/b', require('./b')); module.exports = r")),
                ("b.js", s("const r = require('express').Router(); r.use('/a', require('./a')); module.exports = r")),
                ("index.js", format!("{HEAD}app.use('/a', require('./a'))")),
            ],
        ),
        project("a router that mounts itself", &[("index.js", format!("{HEAD}app.get('/x', h); app.use('/sub', app)"))]),
        project(
            "re-exports in a circle",
            &[
                ("a.ts", s("export * from './b'; export { x } from './b'")),
                ("b.ts", s("export * from './a'; export { x } from './a'")),
                ("index.ts", s("import express from 'express'; import { x } from './a'; express().get('/x', x)")),
            ],
        ),
        project(
            "imports of nothing",
            &[(
                "index.js",
                format!("{HEAD}app.use(require('./gone')); app.use(require('gone')); app.get('/x', require('./gone').auth, require(name))"),
            )],
        ),
        project(
            "recursion without end",
            &[(
                "index.js",
                format!(
                    "{HEAD}function f(n) {{ app.get('/' + n, f(n + 1)); return f(n + 2) || f(n + 3) }}\nf(0); const g = (x) => g(g(x)); app.use(g)"
                ),
            )],
        ),
        project(
            "a loop without end",
            &[("index.js", format!("{HEAD}let i = 0; while (true) {{ app.get('/x' + i++, h); for (;;) app.use(h) }}"))],
        ),
        project(
            "a guard that calls itself",
            &[(
                "index.js",
                format!(
                    "{HEAD}const g = (q, r, n) => q.user ? n() : g(q, r, () => g(q, r, n)); app.get('/x', g, (q, r) => r.json(db.users.find()))"
                ),
            )],
        ),
        project(
            "objects that hold themselves",
            &[(
                "index.js",
                format!(
                    "{HEAD}const o = {{}}; o.o = o; o.r = [o, o.o]; o.r.push(o.r); o.r.forEach(x => app.use(x.o, x.r)); for (const k in o) app.get(o[k], o)"
                ),
            )],
        ),
        project(
            "a class that extends itself",
            &[(
                "index.js",
                format!(
                    "class A extends A {{ constructor() {{ super(new A()) }} get x() {{ return this.x }} }}\n{HEAD}app.get('/x', new A().x)"
                ),
            )],
        ),
        project("200 blocks", &[("index.js", deep("{ if (req.x) ", "}", 200))]),
        project("200 brackets", &[("index.js", deep("(", ")", 200))]),
        project("200 arrays", &[("index.js", deep("[", "]", 200))]),
        project("200 functions", &[("index.js", deep("(() => ", ")()", 200))]),
        project("200 ternaries", &[("index.js", deep("req.a ? res.json(1) : ", "", 200))]),
        project("200 calls in a row", &[("index.js", format!("{HEAD}app{}", ".use(h)".repeat(200)))]),
        project("2,000 terms", &[("index.js", format!("{HEAD}app.get('/x', (q, r) => r.send({} ''))", "q.a + ".repeat(2_000)))]),
        project(
            "branches that double 40 times",
            &[(
                "index.js",
                format!("{HEAD}app.get('/x', (q, r) => {{ let u; {} r.json(u) }})", "if (q.a) { u = q.b } else { u = q.c }\n".repeat(40)),
            )],
        ),
        project("2,000 routes", &[("index.js", format!("{HEAD}{}", wide(2_000)))]),
        project("300 modules in a row", &chain),
        project(
            "500 hooks for each other",
            &[(
                "index.js",
                format!(
                    "const f = require('fastify')();\n{}",
                    "f.register(async (f) => { f.addHook('onRequest', async () => {}); f.get('/', async () => 1)\n".repeat(60)
                        + &"})".repeat(60)
                ),
            )],
        ),
        project(
            "only a name that looks like a route",
            &[
                ("pages/api/[.js", s("export default x")),
                ("app/[[...]]/route.ts", s("export const GET = 1")),
                ("app/()/route.js", s("export const { GET } = x")),
            ],
        ),
        project(
            "odd names",
            &[
                ("a b/ü.js", s(HEAD)),
                ("../out.js", s(HEAD)),
                ("/abs.js", s(HEAD)),
                ("x.js", format!("{HEAD}require('/abs'); require('../out'); require('./a b/ü')")),
            ],
        ),
    ]);
}
