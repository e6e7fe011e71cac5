//! Every example that people copy can be planned.

use std::path::{Path, PathBuf};

use crate::harness::{Cloud, Workspace, required, settings};

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples")
}

/// Folders below `examples/` that hold Terraform files.
fn folders(below: &Path, found: &mut Vec<PathBuf>) {
    let mut entries = std::fs::read_dir(below).unwrap().map(|e| e.unwrap().path()).collect::<Vec<_>>();
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

/// Copies an example beside a provider that talks to the simulator.
fn workspace(folder: &Path, cloud: &Cloud) -> Workspace {
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
        work.write("required.tf", required());
    }
    // Examples name no keys and no host; they come from the environment.
    for (name, value) in settings(cloud) {
        work.env(name, &value);
    }
    work.init();
    work
}

#[test]
fn every_example_is_planned() {
    let cloud = Cloud::start();
    let existing = Workspace::new("existing", &cloud);
    let pool = examples().join("resources/modelarts_pool/resource.tf");
    existing.write("main.tf", &std::fs::read_to_string(pool).unwrap());
    existing.apply();
    let mut found = Vec::new();
    folders(&examples(), &mut found);
    assert!(found.len() >= 4, "{found:?}");
    for folder in found {
        let output = workspace(&folder, &cloud).run(&["plan"]);
        assert_eq!(output.code, 0, "{}: {output}", folder.display());
    }
}

#[test]
fn the_set_ups_are_applied_and_planned_empty() {
    for name in ["offline", "production"] {
        let cloud = Cloud::start();
        let work = workspace(&examples().join("complete").join(name), &cloud);
        work.apply();
        work.plan_is_empty();
    }
}

#[test]
fn the_import_example_leads_to_an_empty_plan() {
    let cloud = Cloud::start();
    let folder = examples().join("resources/modelarts_pool");
    let work = Workspace::new("import", &cloud);
    let resource = std::fs::read_to_string(folder.join("resource.tf")).unwrap();
    work.write("main.tf", &resource);
    work.apply();
    work.run(&["state", "rm", "modelarts_pool.training"]).success();
    let block = std::fs::read_to_string(folder.join("import.tf")).unwrap();
    work.write("import.tf", &block);
    work.apply();
    work.plan_is_empty();
}

#[test]
fn the_examples_are_formatted() {
    let work = Workspace::empty("format");
    let folder = examples().display().to_string();
    work.run(&["fmt", "-check", "-recursive", "-diff", &folder]).success();
}
