//! The guided tour: a pool's life with the installed Terraform or OpenTofu, on
//! a simulated cloud.
//!
//! Nothing is downloaded, nothing outside the directory is written and nothing
//! is read from the keyboard.

mod check;
mod core;
mod place;
mod tour;

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;

use crate::cli::Printer;

use self::core::{Core, Interrupted};
use place::Place;

/// What a shell reports for a program that was interrupted.
const INTERRUPTED: u8 = 130;

/// Plays the tour in `dir`, or in a temporary directory.
///
/// # Errors
/// Terraform and OpenTofu are both missing, the directory cannot be used, or a
/// step did something else than it should.
pub fn run(dir: Option<&Path>, printer: &mut Printer) -> anyhow::Result<ExitCode> {
    let core = Core::find()?;
    let place = Place::prepare(dir, &core)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot start the demo")?;
    match runtime.block_on(tour::play(&core, &place, printer)) {
        Ok(()) => {
            farewell(&core, &place, printer);
            Ok(ExitCode::SUCCESS)
        }
        Err(error) if error.is::<Interrupted>() => {
            printer.line("\nInterrupted. The cloud was a simulation: nothing is left running.");
            Ok(ExitCode::from(INTERRUPTED))
        }
        Err(error) => {
            let kept = place.keep();
            Err(error.context(format!("the demo stopped; its files are in {}", kept.display())))
        }
    }
}

fn farewell(core: &Core, place: &Place, printer: &mut Printer) {
    printer.strong("\nThat was the whole life of a pool, and no cloud was needed.");
    if place.is_temporary() {
        printer.line("To keep the files and play with them: terraform-provider-modelarts demo DIR");
        return;
    }
    printer.line("To go on by hand:\n");
    printer.line(&format!("    cd {}", place.root().display()));
    printer.line(&format!("    export TF_CLI_CONFIG_FILE={}", place.cli_config().display()));
    printer.line(&format!("    {} apply", core.name()));
}
