//! The command line: reads the arguments, runs one thing, sets the exit code.

use std::process::ExitCode;

use clap::Parser;
use terraform_provider_modelarts::cli::{Cli, run};

fn main() -> ExitCode {
    run(&Cli::parse())
}
