//! The examples of what only newer cores can do.

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::cores::Core;
use crate::harness::{Cloud, Workspace, network_id};
use crate::pools::CPU;

fn files(folder: &str, name: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(folder);
    let entries = std::fs::read_dir(&folder).expect("the examples are there");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path().join(name)).collect();
    files.sort();
    assert!(files.len() >= 2 && files.iter().all(|file| file.exists()), "{files:?}");
    files
}

/// A cloud with the pool that the examples speak of, whose job types could not be
/// enabled.
fn cloud() -> Cloud {
    let failed = json!({ "message": "no plug-in", "times": 1 });
    let cloud = Cloud::playing(&json!({ "outcomes": { "enable_failed": failed } }));
    cloud.add_pool(&json!({
        "apiVersion": "v2",
        "kind": "Pool",
        "metadata": { "labels": {
            "os.modelarts/name": "training-pool", "os.modelarts/workspace.id": "0",
        } },
        "spec": {
            "type": "Dedicate",
            "scope": ["Train", "Infer"],
            "network": { "name": network_id() },
            "resources": [{ "flavor": CPU, "count": 3 }],
        },
    }));
    cloud
}

fn with(core: &Core, cloud: &Cloud, name: &str, file: &Path) -> Workspace {
    let work = core.workspace("example").talking_to(cloud);
    work.write(name, &std::fs::read_to_string(file).expect("an example can be read"));
    work
}

/// Runs every action, and lists with every list.
pub(crate) fn work(core: &Core) {
    let cloud = cloud();
    for file in files("list-resources", "list-resource.tfquery.hcl") {
        with(core, &cloud, "find.tfquery.hcl", &file).run(&["query"]).success();
    }
    for file in files("actions", "action.tf") {
        let work = with(core, &cloud, "main.tf", &file);
        let text = std::fs::read_to_string(&file).unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix("action ")).unwrap();
        let address: Vec<&str> = line.split('"').skip(1).step_by(2).collect();
        let invoke = format!("-invoke=action.{}", address.join("."));
        work.run(&["plan"]).success();
        work.run(&["apply", "-auto-approve", &invoke]).success();
    }
}
