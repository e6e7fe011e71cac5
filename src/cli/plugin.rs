//! Serving Terraform, and what to say when somebody else starts the program.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;

use crate::plugin::{self, Launch};
use crate::provider::ModelArtsProvider;
use crate::tf::provider::Provider;

use super::{ADDRESS, SOURCE, VERSION, terminal};

/// Threads for calls: they wait for the service most of the time.
const WORKERS: usize = 2;

/// The provider that this binary serves.
pub(super) fn provider() -> Arc<dyn Provider> {
    Arc::new(ModelArtsProvider::new())
}

/// Serves Terraform until it goes away.
pub(super) fn run(debug: bool) -> ExitCode {
    if !debug && plugin::check_launch(&plugin::process_environment) == Launch::ByHand {
        terminal::explain(&explanation());
        return ExitCode::FAILURE;
    }
    plugin::init_logging("modelarts", env!("CARGO_CRATE_NAME"));
    match serve(debug) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            terminal::complain(&error);
            ExitCode::FAILURE
        }
    }
}

fn serve(debug: bool) -> anyhow::Result<()> {
    let options = plugin::Options { address: ADDRESS, name: "modelarts", version: VERSION, debug };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(WORKERS)
        .enable_all()
        .build()
        .context("cannot start the runtime")?;
    let served = runtime.block_on(plugin::serve(provider, options));
    // Calls that still run must not hold up the end of the process.
    runtime.shutdown_background();
    served.context("cannot serve")
}

fn explanation() -> String {
    format!(
        r#"terraform-provider-modelarts {VERSION}

This program is a provider for Terraform and OpenTofu: they start it by
themselves, and it does nothing when started by hand.

To install it where they find it:

    terraform-provider-modelarts install

Then put this into your configuration and run `terraform init`:

    terraform {{
      required_providers {{
        modelarts = {{
          source = "{SOURCE}"
        }}
      }}
    }}

To see it at work without a cloud account: terraform-provider-modelarts demo
All commands: terraform-provider-modelarts --help"#
    )
}
