//! `cargo xtask bench [DIR]`: speed and memory beside oxlint, cold and warm; with `--eslint`, what authlint adds to ESLint. The measuring is done in `js-tests/bench/`, with the tools' own processes.

use crate::{build, shell};
use anyhow::{Context, Result};

pub fn run(arguments: &[String]) -> Result<()> {
    build::everything()?;
    shell::ensure_npm("js-tests")?;
    let mut command = vec!["bench/bench.mjs".to_owned()];
    for argument in arguments {
        // The measuring runs in js-tests/: a folder is made absolute before.
        let path = std::path::Path::new(argument);
        command.push(if !argument.starts_with('-') && path.exists() {
            path.canonicalize().with_context(|| argument.clone())?.to_string_lossy().into_owned()
        } else {
            argument.clone()
        });
    }
    shell::run("node", "js-tests", &command.iter().map(String::as_str).collect::<Vec<_>>())
}
