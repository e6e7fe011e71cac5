//! What a user sees: the program `terraform` with this provider.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::time::Duration;

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use serde_json::Value as Json;
use tempfile::TempDir;

use super::rules;
use crate::session::{Checked, Miss, Subject, ensure};

type S = Arc<Subject>;

rules! {
    "47" "apply, an empty plan, update, replace and destroy" life,
    "47" "import, and then an empty plan" import,
    "40" "Ctrl-C while a bucket is made: the bucket is in the state" interrupted,
}

/// A directory with a configuration, and a Terraform that uses this binary.
struct Work {
    directory: TempDir,
    resource: String,
}

impl Work {
    fn new(subject: &S) -> Result<Self, Miss> {
        subject.bucket("")?;
        if Command::new("terraform").arg("version").output().is_err() {
            return Err(Miss::Skips("needs terraform"));
        }
        let directory = tempfile::tempdir().map_err(|error| error.to_string())?;
        let work = Self { directory, resource: subject.resource.clone() };
        let binary = work.path("bin");
        let kind = work.kind();
        std::fs::create_dir(&binary).map_err(|error| error.to_string())?;
        let whole = std::fs::canonicalize(&subject.binary).map_err(|error| error.to_string())?;
        let name = binary.join(format!("terraform-provider-{kind}"));
        std::os::unix::fs::symlink(whole, name).map_err(|error| error.to_string())?;
        let overrides = format!(
            "provider_installation {{\n  dev_overrides {{ \"example.com/test/{kind}\" = {:?} }}\n  \
             direct {{}}\n}}\n",
            binary.display().to_string(),
        );
        work.write("cli.tfrc", &overrides)?;
        Ok(work)
    }

    fn kind(&self) -> &str {
        self.resource.split('_').next().unwrap_or_default()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn write(&self, name: &str, text: &str) -> Checked {
        std::fs::write(self.path(name), text).map_err(|error| error.to_string().into())
    }

    /// A bucket of this name and size.
    fn configure(&self, name: &str, size: u32) -> Checked {
        let (kind, resource) = (self.kind(), &self.resource);
        self.write(
            "main.tf",
            &format!(
                r#"terraform {{
  required_providers {{
    {kind} = {{ source = "example.com/test/{kind}" }}
  }}
}}

resource "{resource}" "it" {{
  name  = "{name}"
  size  = {size}
  items = [{{ key = "a", value = "1" }}, {{ key = "b", value = null }}]
  timeouts {{
    create = "30m"
  }}
}}
"#
            ),
        )
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("terraform");
        command
            .args(arguments)
            .current_dir(self.directory.path())
            .env("TF_CLI_CONFIG_FILE", self.path("cli.tfrc"))
            .env("BUCKET_STORE", self.path("store.json"))
            .env("CHECKPOINT_DISABLE", "1")
            .env("TF_IN_AUTOMATION", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn run(&self, arguments: &[&str]) -> Result<Output, Miss> {
        self.command(arguments).output().map_err(|error| error.to_string().into())
    }

    fn succeeds(&self, arguments: &[&str]) -> Checked {
        let output = self.run(arguments)?;
        ensure(output.status.success(), || format!("{}: {}", arguments[0], first_error(&output)))
    }

    fn plan_is_empty(&self) -> Checked {
        let output = self.run(&["plan", "-detailed-exitcode", "-no-color"])?;
        match output.status.code() {
            Some(0) => Ok(()),
            Some(2) => Err("the next plan is not empty".into()),
            _ => Err(format!("plan: {}", first_error(&output)).into()),
        }
    }

    /// The attributes of the bucket in the state.
    fn in_state(&self) -> Option<Json> {
        let state = std::fs::read(self.path("terraform.tfstate")).ok()?;
        let state: Json = serde_json::from_slice(&state).ok()?;
        let attributes = &state["resources"][0]["instances"][0]["attributes"];
        attributes.is_object().then(|| attributes.clone())
    }

    /// The IDs that the service knows.
    fn in_service(&self) -> Vec<String> {
        let store = std::fs::read(self.path("store.json")).unwrap_or_default();
        let store: Json = serde_json::from_slice(&store).unwrap_or_default();
        store.as_object().map(|store| store.keys().cloned().collect()).unwrap_or_default()
    }
}

fn first_error(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let lines: Vec<_> = text.lines().map(|line| line.trim_matches(['│', '╷', '╵', ' '])).collect();
    let from = lines.iter().position(|line| line.starts_with("Error")).unwrap_or_default();
    let said = lines.iter().skip(from).filter(|line| !line.is_empty()).take(4);
    said.copied().collect::<Vec<_>>().join(" ")
}

const APPLY: &[&str] = &["apply", "-auto-approve", "-no-color"];

async fn life(subject: S) -> Checked {
    let work = Work::new(&subject)?;
    work.configure("one", 5)?;
    work.succeeds(APPLY)?;
    work.plan_is_empty()?;
    let id = work.in_state().map(|state| state["id"].clone());
    work.configure("one", 6)?;
    work.succeeds(APPLY)?;
    ensure(work.in_state().map(|state| state["id"].clone()) == id, || "a new ID".to_owned())?;
    work.configure("two", 6)?;
    work.succeeds(APPLY)?;
    ensure(work.in_state().map(|state| state["id"].clone()) != id, || "the old ID".to_owned())?;
    work.plan_is_empty()?;
    work.succeeds(&["destroy", "-auto-approve", "-no-color"])?;
    ensure(work.in_service().is_empty(), || "something is left".to_owned())
}

async fn import(subject: S) -> Checked {
    let work = Work::new(&subject)?;
    work.configure("one", 5)?;
    work.succeeds(APPLY)?;
    let id = work.in_service().pop().ok_or("nothing was made")?;
    let address = format!("{}.it", work.resource);
    work.succeeds(&["state", "rm", &address])?;
    work.succeeds(&["import", "-no-color", &address, &id])?;
    // The time limits are not the service's to know.
    work.succeeds(APPLY)?;
    work.plan_is_empty()
}

async fn interrupted(subject: S) -> Checked {
    let work = Work::new(&subject)?;
    work.configure("slow", 5)?;
    let mut command = work.command(APPLY);
    let child = command.process_group(0).spawn().map_err(|error| error.to_string())?;
    let group = i32::try_from(child.id()).map_err(|error| error.to_string())?;
    wait_for(&work.path("store.json")).await?;
    killpg(Pid::from_raw(group), Signal::SIGINT).map_err(|error| error.to_string())?;
    let output = child.wait_with_output().map_err(|error| error.to_string())?;
    let made = work.in_service();
    let kept = work.in_state().map(|state| state["id"].clone());
    ensure(made.len() == 1 && kept == Some(Json::from(made[0].as_str())), || {
        format!("the service has {made:?}, the state nothing of it: {}", first_error(&output))
    })
}

/// Waits until the service has something.
async fn wait_for(file: &Path) -> Checked {
    for _ in 0..200 {
        if file.exists() {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Err("nothing is made".into())
}
