//! The registry pages are in step with the schemas and the examples.

// A failed expectation is how a test fails.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;
use std::process::Command;

#[test]
fn the_committed_pages_are_the_generated_ones() {
    let output = Command::new(env!("CARGO_BIN_EXE_terraform-provider-modelarts"))
        .args(["docs", "--check"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("the program starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
}

#[test]
fn a_page_that_differs_is_named_with_the_way_to_renew_it() {
    let dir = tempfile::tempdir().unwrap();
    let program = env!("CARGO_BIN_EXE_terraform-provider-modelarts");
    let docs = |arguments: &[&str]| {
        Command::new(program)
            .arg("docs")
            .args(arguments)
            .arg(dir.path())
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .expect("the program starts")
    };
    assert!(docs(&[]).status.success());
    assert!(docs(&["--check"]).status.success());
    let page = dir.path().join("resources/pool.md");
    std::fs::write(&page, "something else").unwrap();
    let output = docs(&["--check"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("resources/pool.md"), "{said}");
    assert!(said.contains("cargo run -- docs"), "{said}");
}

#[test]
fn every_kind_of_pool_is_shown_under_a_heading_of_its_own() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = root.join("examples/resources/modelarts_pool");
    let entries = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files = entries.map(|path| path.join("main.tf")).collect::<Vec<_>>();
    files.retain(|file| file.exists());
    files.sort();
    files.insert(0, folder.join("resource.tf"));
    assert!(files.len() >= 8, "{files:?}");
    let page = std::fs::read_to_string(root.join("docs/resources/pool.md")).unwrap();
    let mut rest = page.split("## Schema").next().unwrap();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let heading = text.lines().next().unwrap().replacen('#', "###", 1);
        let found = rest.split_once(&format!("\n{heading}\n\n"));
        let (_, after) = found.unwrap_or_else(|| panic!("{heading} is not in its place"));
        let (introduction, code) = after.split_once("```terraform\n").unwrap();
        assert!(introduction.len() > 40, "{heading} has no introduction");
        assert!(!code.starts_with('#'), "{heading} is told twice");
        rest = code;
    }
    assert!(rest.contains("\n## How changes are made\n"), "the notes follow");
}

#[test]
fn links_between_the_written_pages_lead_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut pages = vec![root.join("README.md")];
    for folder in ["docs", "docs/guides", "docs/contributing"] {
        let entries = std::fs::read_dir(root.join(folder)).unwrap();
        let files = entries.map(|entry| entry.unwrap().path());
        pages.extend(files.filter(|file| file.extension().is_some_and(|end| end == "md")));
    }
    for page in pages {
        let text = std::fs::read_to_string(&page).unwrap();
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let local = !target.contains("://") && !target.starts_with('#');
            let file = target.split('#').next().unwrap_or_default();
            let there = page.parent().unwrap().join(file).exists();
            assert!(!local || there, "{} links to {target}", page.display());
        }
    }
}

#[test]
fn the_guide_shows_the_very_resource_that_is_tested_and_it_fits_a_page() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let code = std::fs::read_to_string(root.join("tests/page.rs")).unwrap();
    let guide = root.join("docs/contributing/a-resource-in-a-page.md");
    let guide = std::fs::read_to_string(guide).unwrap();
    let shown = guide.split("```rust\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    assert_eq!(shown, code, "copy tests/page.rs into the guide");
    assert!(code.lines().count() <= 70, "a page has 70 lines");
}
