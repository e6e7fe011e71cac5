//! One run of Terraform: its arguments, its environment, its end.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex};
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
    /// What it has printed so far.
    printed: Arc<Mutex<Vec<u8>>>,
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
            let printed = Arc::default();
            let stdout = tokio::spawn(read(child.stdout.take(), Arc::clone(&printed)));
            let stderr = tokio::spawn(read(child.stderr.take(), Arc::default()));
            Self { command, child, printed, stdout, stderr }
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
        kill(Pid::from_raw(self.id()), Signal::SIGINT).expect("the signal is delivered");
    }

    /// The number of the process.
    pub(crate) fn id(&self) -> i32 {
        self.child.id().and_then(|id| i32::try_from(id).ok()).expect("it still runs")
    }

    /// Waits until Terraform has printed this text.
    #[track_caller]
    pub(crate) fn wait_until_it_says(&self, text: &str) {
        let said = || {
            let printed = self.printed.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            String::from_utf8_lossy(&printed).contains(text)
        };
        let waiting = async {
            while !said() {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        let waited = block_on(async { tokio::time::timeout(PATIENCE, waiting).await });
        assert!(waited.is_ok(), "`{}` never said {text:?}", self.command);
    }

    /// Ends Terraform without a word, as a crash would.
    pub(crate) fn kill(&mut self) {
        block_on(self.child.kill()).expect("the process can be killed");
    }
}

async fn read(pipe: Option<impl AsyncReadExt + Unpin>, printed: Arc<Mutex<Vec<u8>>>) -> String {
    let all = || printed.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(mut pipe) = pipe {
        let mut part = [0; 4096];
        loop {
            match pipe.read(&mut part).await.expect("output is readable") {
                0 => break,
                length => all().extend_from_slice(&part[..length]),
            }
        }
    }
    String::from_utf8_lossy(&all()).into_owned()
}

fn program() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let file = format!("terraform{}", std::env::consts::EXE_SUFFIX);
    std::env::split_paths(&path)
        .map(|dir| dir.join(&file))
        .find(|program| program.is_file())
        .expect(MISSING)
}
