//! `cargo xtask test`: everything that has to pass, in the order of cost. CI runs exactly this.

use crate::{build, shell};
use anyhow::{Result, bail};
use std::path::{Path, PathBuf};

pub fn run(arguments: &[String]) -> Result<()> {
    let javascript = match arguments {
        [] => true,
        [flag] if flag == "--no-js" => false,
        _ => bail!("`test` knows only the option --no-js"),
    };
    shell::ensure_wasm_target()?;
    format()?;
    shell::run("cargo", ".", &["clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"])?;
    shell::run("cargo", ".", &["clippy", "--quiet", "-p", "authlint", "--target", shell::WASM_TARGET, "--", "-D", "warnings"])?;
    shell::run("cargo", ".", &["test", "--quiet", "--workspace"])?;
    if !javascript {
        return Ok(());
    }
    build::everything()?;
    for folder in ["js-tests", "js-tests/differential"] {
        if shell::root().join(folder).join("package-lock.json").exists() {
            shell::ensure_npm(folder)?;
        }
    }
    let tests = javascript_tests(&shell::root().join("js-tests"))?;
    let mut command = vec!["--test".to_owned()];
    command.extend(tests);
    shell::run("node", "js-tests", &command.iter().map(String::as_str).collect::<Vec<_>>())
}

/// `cargo fmt` skips files that a macro declares, so every source file is named.
fn format() -> Result<()> {
    let mut files = Vec::new();
    for folder in ["src", "rust-tests", "xtask/src"] {
        collect(&shell::root().join(folder), &|path| path.extension().is_some_and(|extension| extension == "rs"), &mut files)?;
    }
    let mut arguments = vec!["--check".to_owned(), "--edition".to_owned(), "2024".to_owned()];
    arguments.extend(files.iter().map(|file| file.to_string_lossy().into_owned()));
    shell::run("rustfmt", ".", &arguments.iter().map(String::as_str).collect::<Vec<_>>())
}

/// All `*.test.mjs` below a folder, relative to it. (`node --test FOLDER` means different things in different versions of Node.)
fn javascript_tests(folder: &Path) -> Result<Vec<String>> {
    let mut files = Vec::new();
    collect(folder, &|path| path.to_string_lossy().ends_with(".test.mjs"), &mut files)?;
    if files.is_empty() {
        bail!("js-tests/ holds no test");
    }
    Ok(files.iter().map(|file| file.strip_prefix(folder).unwrap_or(file).to_string_lossy().into_owned()).collect())
}

fn collect(folder: &Path, wanted: &dyn Fn(&Path) -> bool, files: &mut Vec<PathBuf>) -> Result<()> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Ok(()) };
    let mut paths = entries.map(|entry| entry.map(|entry| entry.path())).collect::<std::io::Result<Vec<_>>>()?;
    paths.sort();
    for path in paths {
        if path.is_dir() {
            if !path.ends_with("node_modules") {
                collect(&path, wanted, files)?;
            }
        } else if wanted(&path) {
            files.push(path);
        }
    }
    Ok(())
}
