//! One run of Terraform: its arguments, its environment, its end.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;

use super::block_on;

const MISSING: &str = "terraform is not on the PATH. These tests drive the real one: get it from \
    https://developer.hashicorp.com/terraform/install and run them again";

/// No run on a simulated cloud takes this long; a hang fails instead.
const PATIENCE: Duration = Duration::from_secs(180);

/// What a run left.
#[derive(Debug, Clone)]
pub(crate) struct Output {
    /// The command, for messages.
    pub(crate) command: String,
    /// Exit code; -1 after a signal.
    pub(crate) code: i32,
    /// Standard output.
    pub(crate) stdout: String,
    /// Standard error: messages and logs.
    pub(crate) stderr: String,
}

impl Output {
    /// Fails the test unless the run succeeded.
    #[track_caller]
    pub(crate) fn success(self) -> Self {
        assert_eq!(self.code, 0, "{self}");
        self
    }

    /// Fails the test unless the run failed.
    #[track_caller]
    pub(crate) fn failure(self) -> Self {
        assert_eq!(self.code, 1, "{self}");
        self
    }

    /// Fails the test unless the messages hold this text, wherever Terraform
    /// broke the lines.
    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Self {
        assert!(self.flat().contains(text), "expected {text:?} in\n{self}");
        self
    }

    /// Everything printed, on one line and without the frames around messages.
    pub(crate) fn flat(&self) -> String {
        let all = format!("{} {}", self.stdout, self.stderr).replace(['│', '╷', '╵'], " ");
        all.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

impl std::fmt::Display for Output {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { command, code, stdout, stderr } = self;
        write!(f, "`{command}` ended with {code}\n--- stdout\n{stdout}\n--- stderr\n{stderr}")
    }
}

/// A run under way. Dropping it ends the process.
#[derive(Debug)]
pub(crate) struct Running {
    command: String,
    child: Child,
    stdout: JoinHandle<String>,
    stderr: JoinHandle<String>,
}

impl Running {
    /// Starts Terraform in `dir` with nothing but these variables.
    pub(crate) fn start(dir: &Path, arguments: &[&str], environment: &[(String, String)]) -> Self {
        let command = format!("terraform {}", arguments.join(" "));
        block_on(async {
            let mut child = Command::new(program())
                .args(arguments)
                .current_dir(dir)
                .env_clear()
                .envs(environment.iter().map(|(name, value)| (name, value)))
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .kill_on_drop(true)
                .spawn()
                .expect("terraform starts");
            let stdout = tokio::spawn(read(child.stdout.take()));
            let stderr = tokio::spawn(read(child.stderr.take()));
            Self { command, child, stdout, stderr }
        })
    }

    /// Waits for the end.
    #[track_caller]
    pub(crate) fn finish(mut self) -> Output {
        let command = self.command.clone();
        let end = block_on(async {
            tokio::time::timeout(PATIENCE, async {
                let status = self.child.wait().await.expect("terraform can be waited for");
                let stdout = (&mut self.stdout).await.expect("output is read");
                let stderr = (&mut self.stderr).await.expect("output is read");
                Output { command, code: status.code().unwrap_or(-1), stdout, stderr }
            })
            .await
        });
        match end {
            Ok(output) => output,
            Err(_) => panic!("`{}` did not end within {PATIENCE:?}", self.command),
        }
    }

    /// Sends the signal that Ctrl-C sends, to Terraform alone.
    pub(crate) fn interrupt(&self) {
        use nix::sys::signal::{Signal, kill};
        use nix::unistd::Pid;
        let pid = self.child.id().and_then(|id| i32::try_from(id).ok()).expect("it still runs");
        kill(Pid::from_raw(pid), Signal::SIGINT).expect("the signal is delivered");
    }

    /// Ends Terraform without a word, as a crash would.
    pub(crate) fn kill(&mut self) {
        block_on(self.child.kill()).expect("the process can be killed");
    }
}

async fn read(pipe: Option<impl AsyncReadExt + Unpin>) -> String {
    let mut bytes = Vec::new();
    if let Some(mut pipe) = pipe {
        pipe.read_to_end(&mut bytes).await.expect("output is readable");
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn program() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let file = format!("terraform{}", std::env::consts::EXE_SUFFIX);
    std::env::split_paths(&path)
        .map(|dir| dir.join(&file))
        .find(|program| program.is_file())
        .expect(MISSING)
}
