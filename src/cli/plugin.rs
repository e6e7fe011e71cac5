//! Serving Terraform, and what to say when somebody else starts the program.

use std::process::ExitCode;
use std::sync::Arc;

use crate::tf::provider::Provider;

use super::{SOURCE, VERSION, terminal};

/// The provider that this binary serves.
pub(super) fn provider() -> anyhow::Result<Arc<dyn Provider>> {
    anyhow::bail!("this build has no provider yet")
}

/// Serves Terraform until it goes away.
pub(super) fn run(_debug: bool) -> ExitCode {
    terminal::explain(&explanation());
    ExitCode::FAILURE
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
