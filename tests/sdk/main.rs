//! The official Python SDK against the simulator: whether it is like the service is judged by
//! somebody else's client, over plain HTTP on loopback, with really signed requests.
//!
//! The tests themselves are Python. They need `python3` and, the first time, PyPI, to make a
//! virtual environment under `target/`. Where that cannot be had, a test says so and passes; with
//! `CI` set and `python3` there, it fails instead.

// Helpers are not test functions, so the allowance for tests does not reach them. What is missing
// is said on standard error.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod python;

use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use terraform_provider_modelarts::simulator::{
    Config, Scenario,
    access::{ACCESS_KEY, PROJECT_ID, SECRET_KEY, WORKSPACE_ID, network_id},
    start,
};

use python::{Missing, environment, install, told};

const SOURCES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sdk");
const REQUIREMENTS: &str = include_str!("requirements.txt");
/// The SDK reads counts of nodes where they are objects only.
const SCENARIO: &str = r#"{ "answers": { "resources_as_objects": true } }"#;
/// How long one file of tests may take, in seconds.
const LONGEST: u64 = 300;

/// Returns the interpreter of an environment that has the SDK.
fn python() -> Result<PathBuf, Missing> {
    static FOUND: OnceLock<Result<PathBuf, Missing>> = OnceLock::new();
    FOUND.get_or_init(prepare).clone()
}

fn prepare() -> Result<PathBuf, Missing> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    fs::create_dir_all(folder).unwrap();
    // Another run must not find half of an environment.
    let lock = File::create(folder.join("sdk.lock")).unwrap();
    lock.lock().unwrap();
    let home = folder.join("sdk");
    let mark = home.join("requirements.txt");
    let python = environment(&home)?;
    if fs::read_to_string(&mark).is_ok_and(|made_for| made_for == REQUIREMENTS) {
        return Ok(python);
    }
    install(&python, &["-r", &format!("{SOURCES}/requirements.txt")])?;
    fs::write(&mark, REQUIREMENTS).unwrap();
    Ok(python)
}

/// Says why a test did not run, where that may be; fails where it may not.
fn did_not_run(name: &str, missing: Missing) {
    let why = missing.excused("the Python SDK");
    // Past the test harness, which keeps what tests that pass have printed to itself.
    let message = format!("\nNOT RUN: tests/sdk/{name}.py, as the Python SDK is missing: {why}\n");
    std::io::stderr().write_all(message.as_bytes()).unwrap();
}

/// Runs the tests of a Python file against a simulator of their own.
async fn passes(name: &str) {
    let python = match tokio::task::spawn_blocking(python).await.unwrap() {
        Ok(python) => python,
        Err(missing) => return did_not_run(name, missing),
    };
    let scenario = Some(Scenario::from_json(SCENARIO).unwrap());
    let simulator = start(Config { scenario, ..Config::default() }).await.unwrap();
    let mut tests = tokio::process::Command::new(python);
    tests
        .args(["-m", "unittest", "-v", name])
        .current_dir(SOURCES)
        .kill_on_drop(true)
        // Nobody's proxies, endpoints or keys.
        .env_clear()
        .envs(std::env::var_os("SYSTEMROOT").map(|root| ("SYSTEMROOT", root)))
        .env("HOME", env!("CARGO_TARGET_TMPDIR"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("SIMULATOR_URL", simulator.url())
        .env("SIMULATOR_PROJECT", PROJECT_ID)
        .env("SIMULATOR_NETWORK", network_id())
        .env("SIMULATOR_WORKSPACE", WORKSPACE_ID)
        .env("SIMULATOR_ACCESS_KEY", ACCESS_KEY)
        .env("SIMULATOR_SECRET_KEY", SECRET_KEY);
    let limit = std::time::Duration::from_secs(LONGEST);
    let output = tokio::time::timeout(limit, tests.output()).await.expect("an end").unwrap();
    let told = told(&output);
    assert!(output.status.success(), "{told}");
    // A file without tests passes as well.
    let wanted = fs::read_to_string(format!("{SOURCES}/{name}.py")).unwrap();
    let wanted = wanted.matches("    def test_").count();
    assert!(wanted > 0 && told.contains(&format!("Ran {wanted} tests")), "{told}");
    assert!(!told.contains("skipped"), "{told}");
    simulator.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sdk_creates_lists_shows_changes_and_deletes_pools() {
    passes("pools").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sdk_works_with_networks() {
    passes("networks").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sdk_works_with_nodes_and_node_pools() {
    passes("nodes").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sdk_reads_flavors_workspaces_orders_tags_events_and_figures() {
    passes("neighbours").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sdk_reads_refusals() {
    passes("errors").await;
}
