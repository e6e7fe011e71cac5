//! Runs the local ModelArts in the foreground.

use std::process::ExitCode;

use anyhow::Context;

use crate::simulator::{Options, run_command};

use super::SimulatorArgs;

/// Runs the `simulator` command until Ctrl-C.
pub(super) fn run(args: &SimulatorArgs) -> anyhow::Result<ExitCode> {
    let options = Options {
        listen: args.listen,
        state_file: args.state_file.clone(),
        speed: args.speed,
        scenario: args.scenario.clone(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot start the runtime")?;
    runtime.block_on(run_command(options, &mut std::io::stdout()))?;
    Ok(ExitCode::SUCCESS)
}
