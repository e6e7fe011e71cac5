//! Every example that people copy can be planned.
//!
//! The examples name no keys and no host, so the environment sends them to the
//! provider's own simulator.

use std::path::{Path, PathBuf};

use crate::harness::{REQUIRED, Workspace, network_id};

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples")
}

/// Folders below `examples/` that hold Terraform files.
fn folders(below: &Path, found: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(below).unwrap();
    let mut entries = entries.map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
    entries.sort();
    if entries.iter().any(|path| is_configuration(path)) {
        found.push(below.to_owned());
    }
    for folder in entries.iter().filter(|path| path.is_dir()) {
        folders(folder, found);
    }
}

fn is_configuration(file: &Path) -> bool {
    let import = file.file_name().is_some_and(|name| name == "import.tf");
    file.extension().is_some_and(|end| end == "tf") && !import
}

/// Copies an example into a workspace of its own, with the cloud in a file.
fn workspace(folder: &Path, cloud: &Path) -> Workspace {
    let mut work = Workspace::empty("example");
    let mut text = String::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let file = entry.unwrap().path();
        if is_configuration(&file) {
            let part = std::fs::read_to_string(&file).unwrap();
            work.write(&file.file_name().unwrap().to_string_lossy(), &part);
            text.push_str(&part);
        }
    }
    if !text.contains("required_providers") {
        work.write("required.tf", REQUIRED);
    }
    work.env("MODELARTS_SIMULATOR", &cloud.display().to_string());
    work.env("HW_REGION_NAME", "cn-north-4");
    work.env("TF_VAR_network_id", &network_id());
    work.init();
    work
}

#[test]
fn every_example_is_planned() {
    let dir = tempfile::tempdir().unwrap();
    let cloud = dir.path().join("cloud.json");
    // Data sources look for what this one makes.
    workspace(&examples().join("resources/modelarts_pool"), &cloud).apply();
    let mut found = Vec::new();
    folders(&examples(), &mut found);
    assert!(found.len() >= 3, "{found:?}");
    for folder in found {
        let output = workspace(&folder, &cloud).run(&["plan"]);
        assert_eq!(output.code, 0, "{}: {output}", folder.display());
    }
}

#[test]
fn the_set_ups_are_applied_and_planned_empty() {
    for name in ["offline", "production"] {
        let dir = tempfile::tempdir().unwrap();
        let folder = examples().join("complete").join(name);
        let work = workspace(&folder, &dir.path().join("cloud.json"));
        work.apply();
        work.plan_is_empty();
    }
}

#[test]
fn the_import_example_leads_to_an_empty_plan() {
    let dir = tempfile::tempdir().unwrap();
    let folder = examples().join("resources/modelarts_pool");
    let work = workspace(&folder, &dir.path().join("cloud.json"));
    work.apply();
    work.run(&["state", "rm", "modelarts_pool.training"]).success();
    work.write("import.tf", &std::fs::read_to_string(folder.join("import.tf")).unwrap());
    work.apply();
    work.plan_is_empty();
}

#[test]
fn the_examples_are_formatted() {
    let work = Workspace::empty("format");
    let folder = examples().display().to_string();
    work.run(&["fmt", "-check", "-recursive", "-diff", &folder]).success();
}
