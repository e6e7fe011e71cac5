//! What was told to which core, as a table, and the pages that show it.

use crate::cores::{Core, Version};
use crate::stories::STORIES;

/// What came of a story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cell {
    /// It went as promised: in a word, how.
    Told(&'static str),
    /// The core cannot do what the story is about.
    Lacks,
    /// It did not, and why.
    Broken(String),
}

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/contributing/testing.md");
const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
const INDEX: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/index.md");

fn head() -> String {
    let names: String = STORIES.iter().map(|story| format!(" {} |", story.name)).collect();
    format!("| core |{names}\n|---|{}\n", "---|".repeat(STORIES.len()))
}

fn row(core: &Core, cells: &[Cell]) -> String {
    let cells: String = cells
        .iter()
        .map(|cell| match cell {
            Cell::Told(how) => format!(" {how} |"),
            Cell::Lacks => " – |".to_owned(),
            Cell::Broken(_) => " BROKEN |".to_owned(),
        })
        .collect();
    format!("| {core} |{cells}\n")
}

/// The whole table.
pub(crate) fn of(cores: &[Core], rows: &[Vec<Cell>]) -> String {
    let rows: String = cores.iter().zip(rows).map(|(core, cells)| row(core, cells)).collect();
    format!("{}{rows}", head())
}

/// Fails unless the documentation shows the same of every core of ours.
pub(crate) fn is_documented(cores: &[Core], rows: &[Vec<Cell>]) {
    let page = std::fs::read_to_string(PAGE).expect("the page can be read");
    let ours = cores.iter().zip(rows).filter(|(core, _)| core.is_ours);
    for line in std::iter::once(head()).chain(ours.map(|(core, cells)| row(core, cells))) {
        assert!(page.contains(&line), "{PAGE} does not show\n{line}");
    }
}

/// Fails unless the pages that users read name the ends of what is tried.
pub(crate) fn pages_name(ends: &[Version; 2]) {
    let [oldest, newest] = ends.map(|Version(major, minor, _)| format!("{major}.{minor}"));
    let text = format!("Terraform {oldest} to {newest}");
    for page in [README, INDEX] {
        let shown = std::fs::read_to_string(page).expect("the page can be read");
        let flat = shown.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains(&text), "{page} does not say {text:?}");
    }
}
