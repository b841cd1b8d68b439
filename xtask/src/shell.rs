//! Starting other programs: each is announced, and a program that is missing is an error that says how to get it.

use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

pub const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the repository").to_path_buf()
}

/// Where cargo writes: `CARGO_TARGET_DIR`, or `target/`.
pub fn target_dir() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// A command that runs in `dir`, a path relative to the repository's root.
pub fn command(program: &str, dir: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root().join(dir)).args(arguments);
    command
}

/// Runs a program, its output shown; fails when it fails.
pub fn run(program: &str, dir: &str, arguments: &[&str]) -> Result<()> {
    run_command(&mut command(program, dir, arguments))
}

/// Runs a command, its output shown; fails when it fails.
pub fn run_command(command: &mut Command) -> Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let arguments = command.get_args().map(|argument| argument.to_string_lossy()).collect::<Vec<_>>().join(" ");
    let line = shorten(&format!("{program} {arguments}"));
    eprintln!("$ {line}");
    let status = command.status().with_context(|| missing(&program))?;
    if !status.success() {
        bail!("`{line}` failed ({status})");
    }
    Ok(())
}

/// Runs a command and gives its standard output.
pub fn output(program: &str, dir: &str, arguments: &[&str]) -> Result<String> {
    let output = command(program, dir, arguments).output().with_context(|| missing(program))?;
    if !output.status.success() {
        bail!("`{program} {}` failed:\n{}", shorten(&arguments.join(" ")), String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Installs the wasm target of the Rust tool chain where it is not there yet.
pub fn ensure_wasm_target() -> Result<()> {
    let lib = output("rustc", ".", &["--print", "target-libdir", "--target", WASM_TARGET])?;
    if Path::new(lib.trim()).is_dir() {
        return Ok(());
    }
    run("rustup", ".", &["target", "add", WASM_TARGET])
        .with_context(|| format!("the Rust target {WASM_TARGET} is missing: install it with your Rust distribution"))
}

/// Installs the npm packages of a folder, exactly as locked, when the lock file changed since the last time.
pub fn ensure_npm(dir: &str) -> Result<()> {
    ensure_node()?;
    let folder = root().join(dir);
    let lock = std::fs::read(folder.join("package-lock.json")).with_context(|| format!("{dir}/package-lock.json is missing"))?;
    let stamp = folder.join("node_modules/.installed-lock.json");
    if std::fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    run("npm", dir, &["ci", "--no-audit", "--no-fund", "--loglevel=error"])?;
    std::fs::create_dir_all(folder.join("node_modules"))?;
    std::fs::write(stamp, lock)?;
    Ok(())
}

/// Fails when Node is missing or older than the package supports.
fn ensure_node() -> Result<()> {
    let version = output("node", ".", &["--version"])?;
    let mut parts = version.trim().trim_start_matches('v').split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let (major, minor) = (parts.next().unwrap_or(0), parts.next().unwrap_or(0));
    let supported = match major {
        20 => minor >= 19,
        22 => minor >= 12,
        _ => major > 22,
    };
    if !supported {
        bail!("Node {} is too old: authlint needs ^20.19 or >=22.12", version.trim());
    }
    Ok(())
}

fn missing(program: &str) -> String {
    let hint = match program {
        "node" | "npm" => "install Node.js ^20.19 or >=22.12 (https://nodejs.org)",
        "rustup" | "cargo" | "rustc" => "install Rust (https://rustup.rs)",
        _ => "install it and see that it is on the PATH",
    };
    format!("`{program}` could not be started: {hint}")
}

fn shorten(text: &str) -> String {
    if text.chars().count() <= 160 { text.to_owned() } else { format!("{} …", text.chars().take(158).collect::<String>()) }
}
