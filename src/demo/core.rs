//! Finding Terraform or OpenTofu and running it so that it never outlives us.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};

use anyhow::Context;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader, Lines};
use tokio::process::{Child, Command};

use crate::platform::{self, Signals, is_program};

use super::place::Place;

const MISSING: &str = "neither terraform nor tofu is on your PATH; the demo drives the real one. \
    Get Terraform from https://developer.hashicorp.com/terraform/install or OpenTofu from \
    https://opentofu.org/docs/intro/install/ and run the demo again";

/// The user interrupted the demo.
#[derive(Debug, thiserror::Error)]
#[error("interrupted")]
pub(super) struct Interrupted;

/// An installed Terraform or OpenTofu.
#[derive(Debug)]
pub(super) struct Core {
    name: &'static str,
    program: PathBuf,
}

/// What a finished command left.
#[derive(Debug)]
pub(super) struct Finished {
    /// How it ended.
    pub(super) status: ExitStatus,
    /// What it wrote to standard output.
    pub(super) stdout: String,
    /// What it wrote to standard error.
    pub(super) stderr: String,
}

impl Core {
    /// Looks on the PATH.
    pub(super) fn find() -> anyhow::Result<Self> {
        Self::find_in(&std::env::var_os("PATH").unwrap_or_default())
    }

    fn find_in(path: &OsStr) -> anyhow::Result<Self> {
        ["terraform", "tofu"]
            .into_iter()
            .find_map(|name| {
                let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
                let program = std::env::split_paths(path)
                    .map(|dir| dir.join(&file))
                    .find(|program| is_program(program))?;
                Some(Self { name, program })
            })
            .context(MISSING)
    }

    /// `terraform` or `tofu`.
    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    /// The host that this one puts in front of a source without a host.
    pub(super) fn registry(&self) -> &'static str {
        match self.name {
            "tofu" => "registry.opentofu.org",
            _ => "registry.terraform.io",
        }
    }

    /// Runs a command to its end and hands on each line of its output.
    pub(super) async fn run(
        &self,
        place: &Place,
        arguments: &[&str],
        signals: &mut Signals,
        mut show: impl FnMut(&str),
    ) -> anyhow::Result<Finished> {
        let mut child = self
            .command(place, arguments)
            .spawn()
            .with_context(|| format!("cannot start {}", self.program.display()))?;
        let mut stdout = lines(child.stdout.take());
        let mut stderr = lines(child.stderr.take());
        let (mut out, mut err) = (String::new(), String::new());
        let mut interrupted = 0_u32;
        while stdout.is_some() || stderr.is_some() {
            let (line, into) = tokio::select! {
                line = next(&mut stdout) => (line, &mut out),
                line = next(&mut stderr) => (line, &mut err),
                _ = signals.next() => {
                    interrupted += 1;
                    interrupt(&mut child, interrupted);
                    continue;
                }
            };
            if let Some(line) = line {
                show(&line);
                into.push_str(&line);
                into.push('\n');
            }
        }
        let status = child.wait().await.context("lost sight of the command")?;
        if interrupted > 0 {
            return Err(Interrupted.into());
        }
        Ok(Finished { status, stdout: out, stderr: err })
    }

    fn command(&self, place: &Place, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(arguments)
            .current_dir(place.root())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        for (name, _) in std::env::vars_os() {
            if name.to_str().is_some_and(is_disturbing) {
                command.env_remove(name);
            }
        }
        command
            .env("TF_CLI_CONFIG_FILE", place.cli_config())
            .env("TF_IN_AUTOMATION", "1")
            .env("TF_INPUT", "0")
            .env("CHECKPOINT_DISABLE", "1");
        // A group of its own, so that a Ctrl-C reaches it once, from us, and
        // not a second time from the terminal: two mean "abort at once".
        platform::on_its_own(&mut command);
        command
    }
}

/// Settings of the user that would send the demo to a real cloud, to another
/// directory or to the network. Logging stays as it is.
fn is_disturbing(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    let ours = ["HW_", "OS_", "MODELARTS_"].iter().any(|start| upper.starts_with(start));
    let terraform = upper.starts_with("TF_") && !upper.starts_with("TF_LOG");
    ours || terraform || upper.ends_with("_PROXY")
}

type Source = Lines<BufReader<Box<dyn AsyncRead + Send + Unpin>>>;

fn lines(pipe: Option<impl AsyncRead + Send + Unpin + 'static>) -> Option<Source> {
    pipe.map(|pipe| BufReader::new(Box::new(pipe) as Box<dyn AsyncRead + Send + Unpin>).lines())
}

/// The next line; the source is dropped at its end, and never ready after.
async fn next(source: &mut Option<Source>) -> Option<String> {
    let Some(lines) = source else {
        return std::future::pending().await;
    };
    // Output that is not UTF-8 ends the reading, as the end does.
    let line = lines.next_line().await.ok().flatten();
    if line.is_none() {
        *source = None;
    }
    line
}

/// Once: Terraform stops the provider and saves its state. Twice: it and
/// everything it started is ended.
fn interrupt(child: &mut Child, times: u32) {
    if times == 1 { platform::interrupt(child) } else { platform::kill_with_children(child) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_terraform_is_told_with_where_to_get_it() {
        let error = Core::find_in(OsStr::new("")).unwrap_err().to_string();
        assert!(error.contains("PATH") && error.contains("opentofu.org"), "{error}");
    }

    #[test]
    fn settings_of_the_user_do_not_reach_the_demo_but_logging_does() {
        for name in ["TF_CLI_ARGS", "TF_PLUGIN_CACHE_DIR", "HW_ACCESS_KEY", "https_proxy"] {
            assert!(is_disturbing(name), "{name}");
        }
        for name in ["TF_LOG", "TF_LOG_PROVIDER", "PATH", "HOME"] {
            assert!(!is_disturbing(name), "{name}");
        }
    }
}
