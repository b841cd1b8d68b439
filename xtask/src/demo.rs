//! `cargo xtask demo [DIR]`: from nothing to the findings and the inventory of a server.

use crate::{build, shell};
use anyhow::{Context, Result, bail};
use std::path::PathBuf;

pub fn run(arguments: &[String]) -> Result<()> {
    let folder = match arguments {
        [] => shell::root().join("demo"),
        [folder] => PathBuf::from(folder),
        _ => bail!("`demo` takes one folder"),
    };
    let folder = folder.canonicalize().with_context(|| format!("{} cannot be read", folder.display()))?;
    build::everything()?;
    println!();
    let findings = authlint("check", &folder)?;
    println!();
    let inventory = authlint("routes", &folder)?;
    if findings > 1 || inventory > 1 {
        bail!("authlint could not run on {}", folder.display());
    }
    Ok(())
}

/// Runs the built tool; findings (exit code 1) are no failure of the demo.
fn authlint(command: &str, folder: &std::path::Path) -> Result<i32> {
    let folder = folder.to_string_lossy();
    println!("$ authlint {command} --root {folder}");
    let status = shell::command("node", ".", &["npm/bin/authlint.js", command, "--root", &folder]).status()?;
    Ok(status.code().unwrap_or(2))
}
