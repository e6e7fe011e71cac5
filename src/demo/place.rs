//! The demo's directory: configuration, provider mirror, simulated cloud.

use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::cli::install;
use crate::simulator::access;

use super::core::Core;

/// First line of the demo's configuration. A directory whose `main.tf` begins
/// with it belongs to the demo.
const MARK: &str = "# Written by `terraform-provider-modelarts demo`.";

/// What a former run of the demo may have left.
const LEFT_OVERS: [&str; 6] = [
    ".terraform.lock.hcl",
    "terraform.tfstate",
    "terraform.tfstate.backup",
    ".terraform.tfstate.lock.info",
    "cloud.json",
    "demo.tfplan",
];

/// A directory prepared for the demo.
#[derive(Debug)]
pub(super) struct Place {
    root: PathBuf,
    temporary: Option<tempfile::TempDir>,
}

impl Place {
    /// Writes everything the demo needs into `dir`, or into a new temporary
    /// directory.
    pub(super) fn prepare(dir: Option<&Path>, core: &Core) -> anyhow::Result<Self> {
        let place = match dir {
            Some(dir) => Self::chosen(dir)?,
            None => {
                let temporary = tempfile::Builder::new()
                    .prefix("modelarts-demo-")
                    .tempdir()
                    .context("cannot create a temporary directory; name one: demo DIR")?;
                // Terraform shows the real path, so use it from the start.
                let root = temporary.path().canonicalize()?;
                Self { root, temporary: Some(temporary) }
            }
        };
        place.clear()?;
        let binary = std::env::current_exe().context("cannot find the file of this program")?;
        install::install_for(&binary, &place.plugins(), core.registry())?;
        place.write(&place.cli_config(), &cli_config(&place.plugins()))?;
        place.write_configuration(2)?;
        Ok(place)
    }

    fn chosen(dir: &Path) -> anyhow::Result<Self> {
        std::fs::create_dir_all(dir).with_context(|| format!("cannot create {}", dir.display()))?;
        let root = dir
            .canonicalize()
            .with_context(|| format!("cannot use {} as a directory", dir.display()))?;
        for entry in std::fs::read_dir(&root)? {
            let path = entry?.path();
            if path.extension().is_some_and(|end| end == "tf") && !is_ours(&path) {
                anyhow::bail!(
                    "{} holds a Terraform configuration of yours ({}); name an empty directory",
                    root.display(),
                    path.file_name().unwrap_or_default().display()
                );
            }
        }
        let has_state = root.join("terraform.tfstate").exists();
        if has_state && !is_ours(&root.join("main.tf")) {
            anyhow::bail!(
                "{} holds a Terraform state of yours; name an empty directory",
                root.display()
            );
        }
        Ok(Self { root, temporary: None })
    }

    /// Begins afresh: the cloud of a former run was a simulation.
    fn clear(&self) -> anyhow::Result<()> {
        if !is_ours(&self.main()) {
            return Ok(());
        }
        for name in LEFT_OVERS {
            let file = self.root.join(name);
            if file.exists() {
                std::fs::remove_file(&file)
                    .with_context(|| format!("cannot remove {}", file.display()))?;
            }
        }
        let data = self.root.join(".terraform");
        if data.exists() {
            std::fs::remove_dir_all(&data)
                .with_context(|| format!("cannot remove {}", data.display()))?;
        }
        Ok(())
    }

    /// Writes `main.tf` with so many CPU nodes.
    pub(super) fn write_configuration(&self, nodes: u32) -> anyhow::Result<()> {
        self.write(&self.main(), &configuration(nodes))
    }

    fn write(&self, file: &Path, text: &str) -> anyhow::Result<()> {
        std::fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
    }

    /// The directory.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Says whether the directory goes away at the end.
    pub(super) fn is_temporary(&self) -> bool {
        self.temporary.is_some()
    }

    /// Keeps a temporary directory for somebody to look into.
    pub(super) fn keep(self) -> PathBuf {
        if let Some(temporary) = self.temporary {
            let _ = temporary.keep();
        }
        self.root
    }

    /// Terraform's own configuration, which names the mirror.
    pub(super) fn cli_config(&self) -> PathBuf {
        self.root.join("demo.tfrc")
    }

    fn main(&self) -> PathBuf {
        self.root.join("main.tf")
    }

    fn plugins(&self) -> PathBuf {
        self.root.join("plugins")
    }
}

fn is_ours(main: &Path) -> bool {
    std::fs::read_to_string(main).is_ok_and(|text| text.starts_with(MARK))
}

fn cli_config(plugins: &Path) -> String {
    // HCL strings escape backslashes, which are separators on Windows.
    let path = plugins.display().to_string().replace('\\', "/");
    format!("provider_installation {{\n  filesystem_mirror {{\n    path = \"{path}\"\n  }}\n}}\n")
}

fn configuration(nodes: u32) -> String {
    let network = access::network_id();
    format!(
        r#"{MARK}

terraform {{
  required_providers {{
    modelarts = {{
      source = "modelarts/modelarts"
    }}
  }}
}}

provider "modelarts" {{
  region = "cn-north-4"

  # Everything happens inside the provider; the cloud is this file.
  simulator = {{
    state_file = "cloud.json"
  }}
}}

resource "modelarts_pool" "training" {{
  name        = "demo-pool"
  description = "A pool that lives in a file"
  scope       = ["Train", "Infer"]

  # The simulated cloud comes with this network.
  network = {{
    name = "{network}"
  }}

  resources = [
    {{
      flavor = "modelarts.vm.cpu.8ud"
      count  = {nodes}
    }},
    {{
      flavor = "modelarts.vm.gpu.tnt004"
      count  = 1
    }},
  ]
}}
"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_with_somebodys_configuration_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("vpc.tf"), "# mine").unwrap();
        let error = Place::chosen(dir.path()).unwrap_err().to_string();
        assert!(error.contains("vpc.tf") && error.contains("empty directory"), "{error}");
    }

    #[test]
    fn a_directory_with_somebodys_state_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("terraform.tfstate"), "{}").unwrap();
        assert!(Place::chosen(dir.path()).is_err());
    }

    #[test]
    fn a_former_demo_is_cleared() {
        let dir = tempfile::tempdir().unwrap();
        let state = dir.path().join("terraform.tfstate");
        std::fs::write(dir.path().join("main.tf"), configuration(2)).unwrap();
        std::fs::write(&state, "{}").unwrap();
        let place = Place::chosen(dir.path()).unwrap();
        place.clear().unwrap();
        assert!(!state.exists());
    }
}
