//! The built provider where Terraform finds it, made once per test process.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use terraform_provider_modelarts::cli::install;

const BINARY: &str = env!("CARGO_BIN_EXE_terraform-provider-modelarts");

/// The plugins directory that holds the provider under test.
pub(crate) fn plugins() -> &'static Path {
    static PLUGINS: OnceLock<PathBuf> = OnceLock::new();
    PLUGINS.get_or_init(|| {
        let plugins = Path::new(env!("CARGO_TARGET_TMPDIR")).join("plugins");
        install::install(Path::new(BINARY), &plugins).expect("the built provider can be copied");
        plugins
    })
}

/// The command line configuration that names it as the only source.
pub(crate) fn cli_config() -> String {
    let path = plugins().display();
    format!("provider_installation {{\n  filesystem_mirror {{\n    path = \"{path}\"\n  }}\n}}\n")
}
