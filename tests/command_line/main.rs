//! What people see who start the program by hand.

// A failed expectation is how a test fails.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io::{BufRead, BufReader};
use std::process::{Command, Output, Stdio};

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_terraform-provider-modelarts"));
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if ["TF_", "HW_", "PLUGIN_", "MODELARTS_"].iter().any(|start| text.starts_with(start)) {
            command.env_remove(&name);
        }
    }
    command.stdin(Stdio::null());
    command
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn started_by_hand_it_says_what_it_is_and_how_to_install_it() {
    let output = program().output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty(), "standard output belongs to the handshake");
    let said = stderr(&output);
    for part in ["Terraform", "install", "required_providers", "demo", "--help"] {
        assert!(said.contains(part), "{part} is missing in: {said}");
    }
}

#[test]
fn a_command_that_does_not_exist_is_told_with_a_suggestion() {
    let output = program().arg("instal").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    assert!(stderr(&output).contains("install"), "{}", stderr(&output));
}

#[test]
fn the_version_is_that_of_the_package() {
    let output = program().arg("--version").output().unwrap();
    let wanted = format!("terraform-provider-modelarts {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(stdout(&output), wanted);
}

#[test]
fn install_goes_into_the_home_directory_and_prints_the_block_to_use() {
    let home = tempfile::tempdir().unwrap();
    let output = program()
        .arg("install")
        .env("HOME", home.path())
        .env("APPDATA", home.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stdout(&output).contains("source  = \"modelarts/modelarts\""), "{}", stdout(&output));
    if cfg!(unix) {
        let plugins = home.path().join(".terraform.d/plugins");
        assert!(plugins.join("registry.terraform.io/modelarts/modelarts").is_dir());
        assert!(plugins.join("registry.opentofu.org/modelarts/modelarts").is_dir());
    }
}

#[test]
fn install_without_a_home_directory_names_the_way_out() {
    let output =
        program().arg("install").env_remove("HOME").env_remove("APPDATA").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("--dir"), "{}", stderr(&output));
}

#[test]
fn the_demo_says_where_to_get_terraform() {
    let output = program().arg("demo").env("PATH", "").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("opentofu.org"), "{}", stderr(&output));
}

#[test]
fn the_demo_leaves_somebodys_directory_alone() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("main.tf"), "# mine\n").unwrap();
    let output = program().arg("demo").arg(dir.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("empty directory"), "{}", stderr(&output));
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn the_demo_plays_a_whole_life() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("home");
    std::fs::create_dir(&home).unwrap();
    let place = dir.path().join("demo");
    // Twice in the same directory: the second run begins afresh.
    for _ in 0..2 {
        let output = program().arg("demo").arg(&place).env("HOME", &home).output().unwrap();
        assert!(output.status.success(), "{}{}", stdout(&output), stderr(&output));
        let said = stdout(&output);
        for part in ["terraform init", "plan", "apply", "in place", "destroy"] {
            assert!(said.contains(part), "{part} is missing in: {said}");
        }
    }
    assert_eq!(std::fs::read_dir(&home).unwrap().count(), 0, "the home directory was touched");
}

#[cfg(unix)]
#[test]
fn the_simulator_announces_itself_and_ends_when_told() {
    use nix::sys::signal::{Signal, kill};
    use nix::unistd::Pid;

    let mut child =
        program().arg("simulator").stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    assert!(lines.next().unwrap().contains("http://127.0.0.1:"));
    kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), Signal::SIGTERM).unwrap();
    assert!(child.wait().unwrap().success());
}

#[test]
fn the_simulator_refuses_addresses_that_others_can_reach() {
    let output = program().args(["simulator", "--listen", "0.0.0.0:0"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("loopback"), "{}", stderr(&output));
}
