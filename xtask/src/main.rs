//! The build tool of this repository, run as `cargo xtask <command>`.
//!
//! One file per command: [`build`], [`demo`], [`check`], [`bench`]; [`shell`] starts other programs and says what is missing.

mod bench;
mod build;
mod check;
mod demo;
mod shell;

use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask <command>

  build [--fast|--host] build the package: the engine and its host, to npm/dist
                        (--fast: without wasm-opt; --host: with the engine that was compiled last)
  demo [DIR]            build everything, then show the findings and the inventory of DIR (default: demo/)
  test [--no-js]        everything that has to pass: formatting, clippy, Rust tests, JS tests
  bench [DIR] [options] measure speed and memory on DIR beside oxlint; `bench --help` lists the options
  size --update         write the size of the built engine to js-tests/size.json";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (command, rest) = match arguments.split_first() {
        Some((command, rest)) => (command.as_str(), rest),
        None => ("help", &arguments[..]),
    };
    let result = match command {
        "build" => build::run(rest),
        "demo" => demo::run(rest),
        "test" => check::run(rest),
        "bench" => bench::run(rest),
        "size" => build::size(rest),
        "help" | "--help" | "-h" => {
            println!("{USAGE}");
            Ok(())
        }
        other => Err(anyhow::anyhow!("there is no command `{other}`\n\n{USAGE}")),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nxtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
