//! Every example that people copy works: those of resources and the complete
//! set-ups live from apply to destroy, the others can be planned.
//!
//! The examples name no keys and no host, so the environment sends them to the
//! provider's own simulator, and fills in the variables.

use std::path::{Path, PathBuf};

use crate::harness::{REQUIRED, Workspace, network_id};

/// What people fill in.
const VARIABLES: &[(&str, &str)] = &[
    ("image_id", "6c3a7a0e-54d1-4a0c-9a0f-2f1b0c9d8e7f"),
    ("vpc_id", "1f0e2d3c-4b5a-4678-9abc-def012345678"),
    ("subnet_id", "2e1d3c4b-5a69-4788-8abc-f01234567890"),
    ("cluster_id", "3d2c4b5a-6978-11ee-9abc-0255ac100030"),
    ("root_password", "c2FsdGVkLWFuZC1lbmNyeXB0ZWQ="),
    ("key_pair_name", "operations"),
    ("file_system_id", "4c1b2a3d-5e6f-4708-9a0b-c1d2e3f40516"),
];

const PROTECTION: &str = "deletion_protection";

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
    let import = file.file_name().is_some_and(|name| name.to_string_lossy().starts_with("import"));
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
    ready(&mut work, cloud);
    work
}

/// Fills in what people fill in, with the cloud in a file.
fn ready(work: &mut Workspace, cloud: &Path) {
    work.env("MODELARTS_SIMULATOR", &cloud.display().to_string());
    work.env("HW_REGION_NAME", "cn-north-4");
    work.env("TF_VAR_network_id", &network_id());
    for (name, value) in VARIABLES {
        work.env(&format!("TF_VAR_{name}"), value);
    }
    work.init();
}

#[test]
fn every_resource_and_set_up_lives_from_apply_to_destroy() {
    let mut found = Vec::new();
    folders(&examples().join("resources"), &mut found);
    folders(&examples().join("complete"), &mut found);
    assert!(found.len() >= 10, "{found:?}");
    for folder in found {
        let dir = tempfile::tempdir().unwrap();
        let work = workspace(&folder, &dir.path().join("cloud.json"));
        work.apply();
        work.plan_is_empty();
        destroy(&work);
    }
}

/// Destroys what an example made, protected or not: as a person would.
fn destroy(work: &Workspace) {
    let file = |name: &&str| work.root().join(name).exists();
    let name = ["main.tf", "resource.tf"].into_iter().find(file).unwrap();
    let text = std::fs::read_to_string(work.root().join(name)).unwrap();
    let (protected, open) = (format!("{PROTECTION} = true"), format!("{PROTECTION} = false"));
    if text.contains(&protected) {
        work.run(&["destroy", "-auto-approve"]).failure().says("protected against deletion");
        work.write(name, &text.replace(&protected, &open));
        work.apply();
    }
    work.destroy();
    assert_eq!(work.state().addresses(), [""; 0]);
}

#[test]
fn every_other_example_is_planned() {
    let dir = tempfile::tempdir().unwrap();
    let cloud = dir.path().join("cloud.json");
    // Data sources look for what this one makes.
    workspace(&examples().join("resources/modelarts_network"), &cloud).apply();
    let mut found = Vec::new();
    folders(&examples(), &mut found);
    // Actions need a newer Terraform (`tests/cores/examples.rs`).
    for elsewhere in ["resources", "actions"] {
        found.retain(|folder| !folder.starts_with(examples().join(elsewhere)));
    }
    assert!(!found.is_empty());
    for folder in found {
        let output = workspace(&folder, &cloud).run(&["plan"]);
        assert_eq!(output.code, 0, "{}: {output}", folder.display());
    }
}

/// A pipeline has nothing but Terraform and the provider.
#[test]
fn the_module_is_tested_without_any_environment() {
    let folder = examples().join("complete/module");
    let work = Workspace::empty("module");
    work.write("main.tf", &std::fs::read_to_string(folder.join("main.tf")).unwrap());
    std::fs::create_dir(work.root().join("tests")).unwrap();
    let tests = std::fs::read_to_string(folder.join("tests/pool.tftest.hcl")).unwrap();
    work.write("tests/pool.tftest.hcl", &tests);
    work.init();
    let told = work.run(&["test"]).success();
    told.says("3 passed, 0 failed");
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

/// Terraform writes the configuration of what an example made, from an import
/// block alone, and that configuration is all there is to say.
#[test]
fn a_generated_configuration_of_each_kind_applies_as_it_is() {
    let pools = ["", "logical", "nodes", "npu", "prepaid"].map(|kind| ("modelarts_pool", kind));
    let networks = ["", "connections"].map(|kind| ("modelarts_network", kind));
    for (resource, kind) in pools.into_iter().chain(networks) {
        let dir = tempfile::tempdir().unwrap();
        let cloud = dir.path().join("cloud.json");
        let made = workspace(&examples().join("resources").join(resource).join(kind), &cloud);
        made.apply();
        let state = made.state();
        let mut work = Workspace::empty("generated");
        work.write("required.tf", REQUIRED);
        ready(&mut work, &cloud);
        let block = |address: &String| {
            let id = state.text(address, "/id");
            format!("import {{\n  to = {address}\n  id = \"{id}\"\n}}\n")
        };
        let addresses = state.addresses();
        let blocks: String = addresses.iter().map(block).collect();
        work.write("main.tf", &blocks);
        work.run(&["plan", "-generate-config-out=generated.tf"]).success();
        let plan = work.plan();
        for address in &addresses {
            assert_eq!(plan.actions(address), ["no-op"], "{kind}: {address}");
        }
        work.apply();
        work.plan_is_empty();
    }
}
