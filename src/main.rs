<<<<<<< HEAD
//! The command line: reads the arguments, runs one thing, sets the exit code.

use std::process::ExitCode;

use clap::Parser;
use terraform_provider_modelarts::cli::{Cli, run};

fn main() -> ExitCode {
    run(&Cli::parse())
=======
//! The provider's process.

use std::process::ExitCode;
use std::sync::Arc;

use terraform_provider_modelarts::plugin::{self, Launch, Options};
use terraform_provider_modelarts::tf::context::Context;
use terraform_provider_modelarts::tf::data_source::DataSource;
use terraform_provider_modelarts::tf::diagnostics::Diagnostics;
use terraform_provider_modelarts::tf::provider::Provider;
use terraform_provider_modelarts::tf::resource::Resource;
use terraform_provider_modelarts::tf::schema::{Block, Schema};
use terraform_provider_modelarts::tf::value::Value;

struct Empty(Schema);

#[async_trait::async_trait]
impl Provider for Empty {
    fn schema(&self) -> &Schema {
        &self.0
    }

    async fn configure(&self, _: &Context, _: &Value, _: &str) -> Diagnostics {
        Diagnostics::new()
    }

    fn resources(&self) -> &[Arc<dyn Resource>] {
        &[]
    }

    fn data_sources(&self) -> &[Arc<dyn DataSource>] {
        &[]
    }
}

fn main() -> ExitCode {
    let debug = std::env::args().any(|argument| argument == "--debug" || argument == "-debug");
    if !debug && plugin::check_launch(&plugin::process_environment) == Launch::ByHand {
        eprintln!("This is a Terraform provider. It is not meant to be run by hand.");
        return ExitCode::FAILURE;
    }
    plugin::init_logging("modelarts", "terraform_provider_modelarts");
    let options = Options {
        address: "registry.terraform.io/modelarts/modelarts",
        name: "modelarts",
        version: env!("CARGO_PKG_VERSION"),
        debug,
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    let provider = || Arc::new(Empty(Schema { version: 0, block: Block::default() })) as _;
    let served = runtime.block_on(plugin::serve(provider, options));
    // Threads that are still busy do not keep the process.
    runtime.shutdown_background();
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cannot serve: {error}");
            ExitCode::FAILURE
        }
    }
>>>>>>> d1b3453 (Run a provider as a process that Terraform drives)
}
