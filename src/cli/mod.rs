//! The command line of the provider's binary.
//!
//! Terraform starts the binary without arguments and reads one line from
//! standard output, so nothing here writes to standard output or does any work
//! before a command is known.

pub mod install;
mod plugin;
mod simulator;
mod terminal;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

pub use terminal::Printer;

/// Version of this build.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Source address of the provider, without the registry's host.
pub const SOURCE: &str = "modelarts/modelarts";

/// Source address by which Terraform reattaches a provider in debug mode.
pub const ADDRESS: &str = "registry.terraform.io/modelarts/modelarts";

/// Terraform and OpenTofu provider for Huawei Cloud ModelArts resource pools.
///
/// Terraform starts this program by itself, without arguments. The commands
/// below are for people.
#[derive(Debug, Parser)]
#[command(name = "terraform-provider-modelarts", version = VERSION, disable_help_subcommand = true)]
pub struct Cli {
    /// Serves in the foreground for a debugger and prints TF_REATTACH_PROVIDERS.
    #[arg(long)]
    pub debug: bool,

    /// What to do; without a command the program serves Terraform.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// A command for people.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Shows a pool being planned, made, scaled and destroyed, without a cloud account.
    Demo(DemoArgs),
    /// Runs a local ModelArts service for tests and offline work.
    Simulator(SimulatorArgs),
    /// Puts this program where Terraform and OpenTofu find it.
    Install(InstallArgs),
    /// Writes the registry pages from the schemas.
    #[command(hide = true)]
    Docs(DocsArgs),
}

/// Arguments of `demo`.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Where to write the configuration and its state; kept afterwards. Without
    /// it a temporary directory is used and removed.
    pub dir: Option<PathBuf>,
}

/// Arguments of `simulator`.
#[derive(Debug, Args)]
pub struct SimulatorArgs {
    /// Address and port to listen on; port 0 picks a free one.
    #[arg(long, default_value = "127.0.0.1:0", value_name = "ADDRESS:PORT")]
    pub listen: std::net::SocketAddr,

    /// File that keeps the simulated cloud between runs.
    #[arg(long, value_name = "FILE")]
    pub state_file: Option<PathBuf>,

    /// How many times faster than usual pools change. At 1 a pool is ready in
    /// less than a second; 0.01 is closer to a real cloud.
    #[arg(long, default_value_t = 1.0, value_name = "N")]
    pub speed: f64,

    /// JSON file with faults and delays to play.
    #[arg(long, value_name = "FILE")]
    pub scenario: Option<PathBuf>,
}

/// Arguments of `install`.
#[derive(Debug, Args)]
pub struct InstallArgs {
    /// Plugins directory to install into, in place of the one in your home.
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

/// Arguments of `docs`.
#[derive(Debug, Args)]
pub struct DocsArgs {
    /// Directory to write to.
    #[arg(default_value = "docs")]
    pub out: PathBuf,

    /// Directory with the examples to include.
    #[arg(long, default_value = "examples")]
    pub examples: PathBuf,

    /// Writes nothing and fails if a page differs.
    #[arg(long)]
    pub check: bool,
}

/// Runs one command and says how it ended.
pub fn run(cli: &Cli) -> ExitCode {
    let Some(command) = &cli.command else {
        return plugin::run(cli.debug);
    };
    let mut printer = Printer::stdout();
    let outcome = match command {
        Command::Demo(args) => crate::demo::run(args.dir.as_deref(), &mut printer),
        Command::Simulator(args) => simulator::run(args),
        Command::Install(args) => install::run(args.dir.as_deref(), &mut printer),
        Command::Docs(args) => docs(args, &mut printer),
    };
    outcome.unwrap_or_else(|error| {
        terminal::complain(&error);
        ExitCode::FAILURE
    })
}

fn docs(args: &DocsArgs, printer: &mut Printer) -> anyhow::Result<ExitCode> {
    let provider = plugin::provider();
    let pages = crate::docs::pages(provider.as_ref(), &args.examples)?;
    if !args.check {
        crate::docs::write(&pages, &args.out)?;
        printer.line(&format!("Wrote {} pages to {}.", pages.len(), args.out.display()));
        return Ok(ExitCode::SUCCESS);
    }
    let stale = crate::docs::stale(&pages, &args.out)?;
    if stale.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    anyhow::bail!(
        "these pages differ from the schemas: {}. Run `{}` and commit the result.",
        stale.join(", "),
        crate::docs::COMMAND
    )
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn no_arguments_mean_serve() {
        let cli = Cli::parse_from(["terraform-provider-modelarts"]);
        assert!(cli.command.is_none() && !cli.debug);
    }

    #[test]
    fn the_docs_command_is_not_offered_to_people() {
        let help = Cli::command().render_help().to_string();
        assert!(help.contains("simulator") && !help.contains("docs"), "{help}");
    }
}
