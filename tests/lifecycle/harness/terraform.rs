//! One run of Terraform: its arguments, its environment, its end.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;

use super::block_on;
use super::secrets::Printed;

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
    stdout: JoinHandle<()>,
    stderr: JoinHandle<()>,
    printed: [Printed; 2],
}

impl Running {
    /// Starts a core in `dir` with nothing but these variables.
    pub(crate) fn start(
        core: &Path,
        dir: &Path,
        arguments: &[&str],
        environment: &[(String, String)],
    ) -> Self {
        let command = format!("terraform {}", arguments.join(" "));
        block_on(async {
            let mut child = Command::new(core)
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
            let printed = [Printed::default(), Printed::default()];
            let [out, err] = printed.clone();
            let stdout = tokio::spawn(read(child.stdout.take(), out));
            let stderr = tokio::spawn(read(child.stderr.take(), err));
            Self { command, child, stdout, stderr, printed }
        })
    }

    /// The command, for messages.
    pub(super) fn command(&self) -> &str {
        &self.command
    }

    /// Standard output and standard error, as far as they have come.
    pub(super) fn printed(&self) -> [Printed; 2] {
        self.printed.clone()
    }

    /// Waits for the end.
    #[track_caller]
    pub(crate) fn finish(mut self) -> Output {
        let command = self.command.clone();
        let end = block_on(async {
            tokio::time::timeout(PATIENCE, async {
                let status = self.child.wait().await.expect("terraform can be waited for");
                (&mut self.stdout).await.expect("output is read");
                (&mut self.stderr).await.expect("output is read");
                let [stdout, stderr] = self.printed.each_ref().map(text);
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
        kill(Pid::from_raw(self.id()), Signal::SIGINT).expect("the signal is delivered");
    }

    /// The number of the process.
    pub(crate) fn id(&self) -> i32 {
        self.child.id().and_then(|id| i32::try_from(id).ok()).expect("it still runs")
    }

    /// Waits until Terraform has printed this text.
    #[track_caller]
    pub(crate) fn wait_until_it_says(&self, text: &str) {
        let [stdout, _] = &self.printed;
        let said = || String::from_utf8_lossy(&lock(stdout)).contains(text);
        let waiting = async {
            while !said() {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        let waited = block_on(async { tokio::time::timeout(PATIENCE, waiting).await });
        assert!(waited.is_ok(), "`{}` never said {text:?}", self.command);
    }

    /// Ends the provider, but not Terraform, without a word, as a crash would.
    pub(crate) fn kill_provider(&self) {
        use nix::sys::signal::{Signal, kill};
        use nix::unistd::Pid;
        let terraform = self.child.id().expect("it still runs").to_string();
        let listed = std::process::Command::new("ps")
            .args(["-A", "-o", "pid=,ppid="])
            .output()
            .expect("ps lists processes");
        let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
        let children = listed.lines().filter_map(|line| {
            let (pid, parent) = line.trim().split_once(char::is_whitespace)?;
            (parent.trim() == terraform).then(|| pid.parse().expect("a process has a number"))
        });
        let children: Vec<i32> = children.collect();
        assert!(!children.is_empty(), "no provider runs");
        for child in children {
            kill(Pid::from_raw(child), Signal::SIGKILL).expect("the signal is delivered");
        }
    }

    /// Ends Terraform without a word, as a crash would.
    pub(crate) fn kill(&mut self) {
        block_on(self.child.kill()).expect("the process can be killed");
    }
}

/// Reads to the end, and leaves what came before a sudden one.
async fn read(pipe: Option<impl AsyncReadExt + Unpin>, printed: Printed) {
    let Some(mut pipe) = pipe else { return };
    let mut bytes = vec![0; 64 * 1024];
    loop {
        let length = pipe.read(&mut bytes).await.expect("output is readable");
        if length == 0 {
            return;
        }
        lock(&printed).extend_from_slice(&bytes[..length]);
    }
}

fn text(printed: &Printed) -> String {
    String::from_utf8_lossy(&lock(printed)).into_owned()
}

fn lock(printed: &Printed) -> MutexGuard<'_, Vec<u8>> {
    printed.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The Terraform on the PATH.
pub(crate) fn installed() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let file = format!("terraform{}", std::env::consts::EXE_SUFFIX);
    std::env::split_paths(&path)
        .map(|dir| dir.join(&file))
        .find(|program| program.is_file())
        .expect(MISSING)
}
