//! Puts the binary where Terraform and OpenTofu look for providers on their own.
//!
//! Both search an implied local mirror, `~/.terraform.d/plugins` (on Windows
//! `%APPDATA%\terraform.d\plugins`), laid out as
//! `HOST/NAMESPACE/TYPE/VERSION/OS_ARCH/` (Terraform documentation, CLI
//! configuration, implied local mirror directories).

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;

use crate::platform::{TERRAFORM_DIRECTORY, make_program};
use crate::plugin::REGISTRY_HOSTS;

use super::{Printer, SOURCE, VERSION};

/// Hosts that Terraform and OpenTofu put in front of a source without one.
pub const HOSTS: [&str; 2] = REGISTRY_HOSTS;

/// Copies `binary` into a plugins directory, once per registry host, and
/// returns the files written.
///
/// Each file is replaced in one step, so a Terraform that runs at the same time
/// sees the old binary or the new one, never half of it.
///
/// # Errors
/// A message that names the path and what to do about it.
pub fn install(binary: &Path, plugins: &Path) -> anyhow::Result<Vec<PathBuf>> {
    HOSTS.iter().map(|host| install_for(binary, plugins, host)).collect()
}

/// Copies `binary` into a plugins directory for one registry host and returns
/// the file written.
///
/// # Errors
/// A message that names the path and what to do about it.
pub fn install_for(binary: &Path, plugins: &Path, host: &str) -> anyhow::Result<PathBuf> {
    let target = location(plugins, host);
    replace(binary, &target).with_context(|| {
        format!(
            "cannot write {}; check that you may write there, or choose another directory",
            target.display()
        )
    })?;
    Ok(target)
}

/// Where a binary of this version belongs below a plugins directory.
pub fn location(plugins: &Path, host: &str) -> PathBuf {
    let name = format!("terraform-provider-modelarts_v{VERSION}{}", std::env::consts::EXE_SUFFIX);
    plugins.join(host).join(SOURCE).join(VERSION).join(platform()).join(name)
}

/// The platform in Go's words, such as `linux_amd64`.
pub fn platform() -> String {
    let os = match std::env::consts::OS {
        "macos" => "darwin",
        other => other,
    };
    let arch = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "x86" => "386",
        other => other,
    };
    format!("{os}_{arch}")
}

/// Runs the `install` command.
pub(super) fn run(dir: Option<&Path>, printer: &mut Printer) -> anyhow::Result<ExitCode> {
    let plugins = match dir {
        Some(dir) => std::path::absolute(dir)
            .with_context(|| format!("cannot make {} an absolute path", dir.display()))?,
        None => home_plugins()?,
    };
    let binary = std::env::current_exe().context("cannot find the file of this program")?;
    let replaced = HOSTS.iter().any(|host| location(&plugins, host).exists());
    for file in install(&binary, &plugins)? {
        printer.line(&format!("Installed {}", file.display()));
    }
    printer.line(&next_steps(&plugins, dir.is_some(), replaced));
    Ok(ExitCode::SUCCESS)
}

fn next_steps(plugins: &Path, elsewhere: bool, replaced: bool) -> String {
    let mut text = format!(
        r#"
Put this into your configuration:

    terraform {{
      required_providers {{
        modelarts = {{
          source  = "{SOURCE}"
          version = "{VERSION}"
        }}
      }}
    }}

Then run `terraform init` (or `tofu init`)."#
    );
    if elsewhere {
        text.push_str(&format!(
            r#"

This is not a directory that Terraform searches by itself. Put this into the
file that TF_CLI_CONFIG_FILE names (or ~/.terraformrc):

    provider_installation {{
      filesystem_mirror {{
        path    = "{}"
        include = ["*/{SOURCE}"]
      }}
      direct {{
        exclude = ["*/{SOURCE}"]
      }}
    }}"#,
            plugins.display()
        ));
    }
    if replaced {
        text.push_str(&format!(
            "\n\nA build of version {VERSION} was there before. Working directories that used it \
             hold its\nchecksum: delete the {SOURCE} entry from their .terraform.lock.hcl, then \
             run init again."
        ));
    }
    text
}

fn home_plugins() -> anyhow::Result<PathBuf> {
    let (home, directory) = TERRAFORM_DIRECTORY;
    let home = std::env::var_os(home).filter(|home| !home.is_empty()).context(
        "cannot tell where your home directory is; name the plugins directory with --dir, such \
         as `--dir ./plugins`",
    )?;
    Ok(PathBuf::from(home).join(directory).join("plugins"))
}

fn replace(binary: &Path, target: &Path) -> anyhow::Result<()> {
    let dir = target.parent().context("the target has no directory")?;
    std::fs::create_dir_all(dir).with_context(|| format!("cannot create {}", dir.display()))?;
    let mut source =
        std::fs::File::open(binary).with_context(|| format!("cannot read {}", binary.display()))?;
    let mut file = tempfile::NamedTempFile::new_in(dir)?;
    io::copy(&mut source, &mut file)?;
    file.flush()?;
    make_program(file.path())?;
    file.persist(target)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::platform::is_program;

    use super::*;

    #[test]
    fn the_binary_lands_under_both_registry_hosts_and_can_be_run() {
        let dir = tempfile::tempdir().unwrap();
        let source = dir.path().join("source");
        std::fs::write(&source, "new").unwrap();
        let files = install(&source, &dir.path().join("plugins")).unwrap();
        assert_eq!(files.len(), 2);
        for (file, host) in files.iter().zip(HOSTS) {
            assert!(file.starts_with(dir.path().join("plugins").join(host).join(SOURCE)));
            assert_eq!(std::fs::read_to_string(file).unwrap(), "new");
            assert!(is_program(file));
        }
    }

    #[test]
    fn an_older_build_is_replaced_and_nothing_else_is_left_behind() {
        let dir = tempfile::tempdir().unwrap();
        let source = dir.path().join("source");
        std::fs::write(&source, "old").unwrap();
        install(&source, dir.path()).unwrap();
        std::fs::write(&source, "new").unwrap();
        let files = install(&source, dir.path()).unwrap();
        assert_eq!(std::fs::read_to_string(&files[0]).unwrap(), "new");
        assert_eq!(std::fs::read_dir(files[0].parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn a_directory_that_cannot_be_written_is_named_with_a_way_out() {
        let dir = tempfile::tempdir().unwrap();
        let source = dir.path().join("source");
        std::fs::write(&source, "x").unwrap();
        let error = format!("{:#}", install(&source, &source).unwrap_err());
        assert!(error.contains("source") && error.contains("another directory"), "{error}");
    }

    #[test]
    fn the_next_steps_mention_the_mirror_only_when_it_is_not_searched() {
        let plugins = Path::new("/p");
        assert!(!next_steps(plugins, false, false).contains("filesystem_mirror"));
        assert!(next_steps(plugins, true, false).contains("filesystem_mirror"));
        assert!(next_steps(plugins, false, true).contains(".terraform.lock.hcl"));
    }
}
