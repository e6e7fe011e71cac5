//! The built provider where Terraform finds it, made once per test process.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use terraform_provider_modelarts::cli::install;

const BINARY: &str = env!("CARGO_BIN_EXE_terraform-provider-modelarts");

/// Source and version of the Go provider.
const GO_PROVIDER: &str = "huaweicloud/huaweicloud/1.75.5";

/// The plugins directory that holds the provider under test.
pub(crate) fn plugins() -> &'static Path {
    static PLUGINS: OnceLock<PathBuf> = OnceLock::new();
    PLUGINS.get_or_init(|| {
        let plugins = Path::new(env!("CARGO_TARGET_TMPDIR")).join("plugins");
        install::install(Path::new(BINARY), &plugins).expect("the built provider can be copied");
        plugins
    })
}

/// Puts the Go provider beside it, as far as it is needed: Terraform starts
/// every provider that a state names, but one whose objects are only moved
/// away is asked for nothing more than a schema. The provider under test has
/// one, so it stands in.
pub(crate) fn with_go_provider() {
    static DONE: OnceLock<()> = OnceLock::new();
    DONE.get_or_init(|| {
        let folder = plugins().join(install::HOSTS[0]).join(GO_PROVIDER).join(install::platform());
        std::fs::create_dir_all(&folder).expect("a folder can be made");
        // Replaced in one step: other test processes may be using it.
        let copy = tempfile::NamedTempFile::new_in(&folder).expect("a file can be made");
        std::fs::copy(BINARY, copy.path()).expect("the built provider can be copied");
        let name = format!("terraform-provider-huaweicloud{}", std::env::consts::EXE_SUFFIX);
        copy.into_temp_path().persist(folder.join(name)).expect("a file can be renamed");
    });
}

/// The command line configuration that names it as the only source.
pub(crate) fn cli_config() -> String {
    let path = plugins().display();
    format!("provider_installation {{\n  filesystem_mirror {{\n    path = \"{path}\"\n  }}\n}}\n")
}
