//! A directory with a configuration, and the commands people run in it.

use std::path::{Path, PathBuf};

use super::mirror;
use super::secrets::Watch;
use super::terraform::installed;
use super::{Cloud, KEY, Output, PROJECT, Plan, REGION, Running, SECRET, State};

/// The block that every configuration needs once.
pub(crate) const REQUIRED: &str = r#"
terraform {
  required_providers {
    modelarts = { source = "modelarts/modelarts" }
  }
}
"#;

/// Where Terraform and the provider log everything.
const LOG: &str = "terraform.log";

/// A Terraform working directory of its own, with an environment in which
/// nobody's credentials, proxies or settings are seen.
#[derive(Debug)]
pub(crate) struct Workspace {
    core: PathBuf,
    root: PathBuf,
    environment: Vec<(String, String)>,
    watch: Watch,
    // Removed with the workspace, unless a person wants to look.
    _directory: Option<tempfile::TempDir>,
}

impl Workspace {
    /// A directory without any configuration.
    pub(crate) fn empty(name: &str) -> Self {
        Self::of(&installed(), name)
    }

    /// The same, for a core of one's own choice.
    pub(crate) fn of(core: &Path, name: &str) -> Self {
        let directory = tempfile::Builder::new()
            .prefix(&format!("modelarts-{name}-"))
            .tempdir()
            .expect("a temporary directory can be made");
        let root = directory.path().canonicalize().expect("it has a path");
        let home = root.join("home");
        std::fs::create_dir(&home).expect("a home can be made");
        std::fs::write(home.join("cli.tfrc"), mirror::cli_config()).expect("it can be written");
        let at = |path: &str| root.join(path).display().to_string();
        let environment = [
            ("PATH", std::env::var("PATH").unwrap_or_default()),
            ("HOME", at("home")),
            ("TF_CLI_CONFIG_FILE", at("home/cli.tfrc")),
            ("TF_DATA_DIR", at(".terraform")),
            ("TF_IN_AUTOMATION", "1".to_owned()),
            ("TF_INPUT", "0".to_owned()),
            ("TF_CLI_ARGS", "-no-color".to_owned()),
            ("CHECKPOINT_DISABLE", "1".to_owned()),
            ("TF_LOG", "trace".to_owned()),
            ("TF_LOG_PATH", at(LOG)),
        ];
        let environment = environment.map(|(name, value)| (name.to_owned(), value)).to_vec();
        let directory = match std::env::var_os("MODELARTS_TEST_KEEP") {
            None => Some(directory),
            Some(_) => {
                let _ = directory.keep();
                None
            }
        };
        let core = core.to_owned();
        Self { core, root, environment, watch: Watch::new(), _directory: directory }
    }

    /// A directory whose provider talks to a simulated cloud, ready to plan.
    pub(crate) fn new(name: &str, cloud: &Cloud) -> Self {
        Self::empty(name).talking_to(cloud)
    }

    /// With a provider that talks to a simulated cloud, ready to plan.
    pub(crate) fn talking_to(self, cloud: &Cloud) -> Self {
        self.write("provider.tf", &format!("{REQUIRED}{}", provider(cloud, "")));
        self.init();
        self
    }

    /// A directory with this provider block, ready to plan.
    pub(crate) fn with_provider(name: &str, provider: &str) -> Self {
        let workspace = Self::empty(name);
        workspace.write("provider.tf", &format!("{REQUIRED}{provider}"));
        workspace.init();
        workspace
    }

    /// Sets a variable for all later commands.
    pub(crate) fn env(&mut self, name: &str, value: &str) {
        self.environment.retain(|(known, _)| known != name);
        self.environment.push((name.to_owned(), value.to_owned()));
        self.watch.variable(name, value);
    }

    /// Writes a file, in place of an earlier one.
    pub(crate) fn write(&self, name: &str, text: &str) {
        self.watch.file(name, text);
        std::fs::write(self.root.join(name), text).expect("a file can be written");
    }

    /// Looks for a value no longer: a way in which it shows is known.
    pub(crate) fn is_known_to_show(&self, value: &str) {
        self.watch.forget(value);
    }

    /// Everything logged so far.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.root.join(LOG)).expect("the log can be read")
    }

    /// Fails the test if a secret is in anything printed or kept so far.
    #[track_caller]
    pub(crate) fn shows_no_secret(&self) {
        assert_no_leaks(&self.watch.leaks(&self.root));
    }

    /// Where the directory is.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Starts a command and leaves it running.
    pub(crate) fn start(&self, arguments: &[&str]) -> Running {
        let run = Running::start(&self.core, &self.root, arguments, &self.environment);
        self.watch.prints(run.command(), run.printed());
        run
    }

    /// Runs a command to its end, whatever that is.
    #[track_caller]
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        let output = self.start(arguments).finish();
        assert_no_leaks(&self.watch.leaks_in_states(&self.root));
        output
    }

    /// Runs `init`.
    #[track_caller]
    pub(crate) fn init(&self) {
        self.run(&["init"]).success();
    }

    /// Makes a plan.
    #[track_caller]
    pub(crate) fn plan(&self) -> Plan {
        self.run(&["plan", "-out=test.tfplan"]).success();
        let shown = self.run(&["show", "-json", "test.tfplan"]).success();
        Plan(serde_json::from_str(&shown.stdout).expect("a plan is JSON"))
    }

    /// Fails the test unless there is nothing to do.
    #[track_caller]
    pub(crate) fn plan_is_empty(&self) {
        let output = self.run(&["plan", "-detailed-exitcode"]);
        assert_eq!(output.code, 0, "the plan should be empty: {output}");
    }

    /// Makes a plan that must fail.
    #[track_caller]
    pub(crate) fn plan_fails(&self) -> Output {
        self.run(&["plan"]).failure()
    }

    /// Applies the configuration.
    #[track_caller]
    pub(crate) fn apply(&self) -> Output {
        self.run(&["apply", "-auto-approve"]).success()
    }

    /// Applies the configuration, which must fail.
    #[track_caller]
    pub(crate) fn apply_fails(&self) -> Output {
        self.run(&["apply", "-auto-approve"]).failure()
    }

    /// Destroys everything.
    #[track_caller]
    pub(crate) fn destroy(&self) -> Output {
        self.run(&["destroy", "-auto-approve"]).success()
    }

    /// Reads the state.
    #[track_caller]
    pub(crate) fn state(&self) -> State {
        let shown = self.run(&["show", "-json"]).success();
        State(serde_json::from_str(&shown.stdout).expect("a state is JSON"))
    }
}

#[track_caller]
fn assert_no_leaks(leaks: &[String]) {
    assert!(leaks.is_empty(), "secrets show:\n{}", leaks.join("\n"));
}

impl Drop for Workspace {
    /// No test ends well that has shown a secret, whatever it is about.
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.shows_no_secret();
        }
    }
}

/// A provider block for a simulated cloud, with further arguments.
pub(crate) fn provider(cloud: &Cloud, further: &str) -> String {
    let keys = format!("  access_key = \"{KEY}\"\n  secret_key = \"{SECRET}\"\n{further}");
    provider_with(&cloud.url(), &keys)
}

/// A string as HCL writes it.
pub(crate) fn quoted(text: &str) -> String {
    // Templates begin with ${ and %{, which no value of these tests has.
    serde_json::Value::from(text).to_string()
}

/// A provider block for services at a URL, without credentials of its own.
pub(crate) fn provider_with(url: &str, further: &str) -> String {
    format!(
        r#"
provider "modelarts" {{
  region     = "{REGION}"
  project_id = "{PROJECT}"
  endpoints = {{
    modelarts = "{url}"
    iam       = "{url}"
    bss       = "{url}"
    sts       = "{url}"
  }}
{further}
}}
"#
    )
}
