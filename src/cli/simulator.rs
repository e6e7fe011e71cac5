//! Runs the local ModelArts in the foreground.

use std::process::ExitCode;

use super::SimulatorArgs;

pub(super) fn run(_args: &SimulatorArgs) -> anyhow::Result<ExitCode> {
    anyhow::bail!("this build has no simulator yet")
}
