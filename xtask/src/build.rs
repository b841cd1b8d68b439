//! `cargo xtask build`: Rust → WebAssembly → `npm/dist`, and the TypeScript host beside it.

use crate::shell::{self, WASM_TARGET};
use anyhow::{Context, Result, bail};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

/// Where Cargo looks for the flags of the wasm target.
const RUSTFLAGS: &str = "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS";

/// With SIMD, which every supported Node and browser has, the scan for servers takes 40 % of the time, for 3 KB. Where this machine keeps
/// the sources of crates does not end up in the engine.
fn rustflags() -> String {
    let home = std::env::var("CARGO_HOME").or_else(|_| std::env::var("HOME").map(|home| format!("{home}/.cargo"))).unwrap_or_default();
    format!("-C target-feature=+simd128 --remap-path-prefix={home}/registry/src/=")
}

/// What `wasm-opt` does. More of it makes the file smaller but harder to compress: `-O1` gives 1.42 MB, 430 KB with brotli; `-O3 --converge`
/// 1.37 MB and 455 KB; `-Oz` 1.35 MB and 455 KB. Neither runs faster.
const OPTIMISE: &[&str] = &[
    "-O1",
    "--enable-simd",
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];

pub fn run(arguments: &[String]) -> Result<()> {
    for argument in arguments {
        if argument != "--fast" && argument != "--host" {
            bail!("`build` knows the options --fast and --host, not `{argument}`");
        }
    }
    let has = |flag: &str| arguments.iter().any(|argument| argument == flag);
    package(!has("--host"), has("--fast"))
}

/// Builds the whole package.
pub fn everything() -> Result<()> {
    package(true, false)
}

/// Without `compile`, the engine that was compiled last is taken; with `fast`, it is left as the linker made it.
fn package(compile: bool, fast: bool) -> Result<()> {
    shell::ensure_npm("npm")?;
    if compile {
        shell::ensure_wasm_target()?;
        let arguments = ["build", "--release", "--target", WASM_TARGET, "-p", "authlint"];
        shell::run_command(shell::command("cargo", ".", &arguments).env(RUSTFLAGS, rustflags()))?;
    }
    engine(fast)?;
    shell::run("npm", "npm", &["run", "--silent", "build"])
}

/// From the linker's wasm to the files that the package ships. Does nothing when these belong to the same wasm already.
fn engine(fast: bool) -> Result<()> {
    let raw = shell::target_dir().join(WASM_TARGET).join("release/authlint.wasm");
    let bytes = std::fs::read(&raw).with_context(|| format!("{} is missing", raw.display()))?;
    let dist = shell::root().join("npm/dist/wasm");
    let stamp = dist.join(".built-from");
    let mut hasher = DefaultHasher::new();
    (&bytes, OPTIMISE, fast).hash(&mut hasher);
    let key = format!("{:016x}", hasher.finish());
    if std::fs::read_to_string(&stamp).is_ok_and(|built| built == key) {
        return Ok(());
    }

    let work = shell::target_dir().join("xtask");
    std::fs::create_dir_all(&work)?;
    std::fs::create_dir_all(&dist)?;
    bind(&raw, &work)?;
    let bound = work.join("authlint_bg.wasm");
    let optimised = work.join("authlint_opt.wasm");
    if fast {
        std::fs::copy(&bound, &optimised)?;
    } else {
        optimise(&bound, &optimised)?;
    }

    // The glue is a module with one instance in it. Lowering has a copy of its own, so that a trap there costs the analysis nothing.
    for name in ["analysis", "lowering"] {
        install(&work.join("authlint.js"), &dist.join(format!("{name}.js")))?;
        install(&work.join("authlint.d.ts"), &dist.join(format!("{name}.d.ts")))?;
    }
    install(&optimised, &dist.join("authlint_bg.wasm"))?;
    std::fs::write(stamp, key)?;
    println!("engine: {} bytes of wasm", std::fs::metadata(&optimised)?.len());
    Ok(())
}

/// Writes the JavaScript glue. `reset_state` lets the host start over with a fresh instance, synchronously.
fn bind(raw: &Path, out: &Path) -> Result<()> {
    wasm_bindgen_cli_support::Bindgen::new()
        .input_path(raw)
        .out_name("authlint")
        .web(true)?
        .typescript(true)
        .reset_state_function(true)
        .omit_default_module_path(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(out)
        .context("wasm-bindgen failed: is its version in Cargo.toml the one of xtask/Cargo.toml?")
}

fn optimise(input: &Path, output: &Path) -> Result<()> {
    let (input, output) = (input.to_string_lossy(), output.to_string_lossy());
    let mut arguments = vec!["node_modules/binaryen/bin/wasm-opt", input.as_ref(), "-o", output.as_ref()];
    arguments.extend(OPTIMISE);
    shell::run("node", "npm", &arguments)
}

/// Replaces a file in one step: another process may be running the old one.
fn install(from: &Path, to: &Path) -> Result<()> {
    let staged = to.with_extension("new");
    std::fs::copy(from, &staged).with_context(|| format!("copying {}", from.display()))?;
    std::fs::rename(&staged, to)?;
    Ok(())
}

/// `cargo xtask size --update`: the committed number that `js-tests/size.test.mjs` compares with.
pub fn size(arguments: &[String]) -> Result<()> {
    if arguments != ["--update"] {
        bail!("say `cargo xtask size --update`; the comparison itself is a test in js-tests/size.test.mjs");
    }
    everything()?;
    shell::run("node", "js-tests", &["size.mjs", "--update"])
}
