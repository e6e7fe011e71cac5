//! Registry pages, generated from the schemas and the examples.
//!
//! The layout is the one that the Terraform and OpenTofu registries render:
//! `index.md`, `resources/`, `data-sources/`, `list-resources/`, `actions/` and
//! `functions/` with front matter. Guides are written by hand and left alone.
//!
//! The page of a resource is made of what `examples/resources/<name>/` holds:
//! `resource.tf` and `<kind>/main.tf` (examples), `notes.md` (prose in front of
//! the schema), `import.tf`, `import-by-identity.tf`, `import.sh` and `import.md`.

mod example;
mod page;
mod schema;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::tf::provider::Provider;

/// What to run when a page is out of date.
pub const COMMAND: &str = "cargo run -- docs";

/// Pages by their path below the documentation directory.
pub type Pages = BTreeMap<PathBuf, String>;

/// Directories whose pages are all generated: a page in there that is not is
/// left over from something that no longer exists.
const GENERATED: [&str; 5] =
    ["resources", "data-sources", "list-resources", "actions", "functions"];

/// Renders every page.
///
/// # Errors
/// An example that exists but cannot be read, or has no heading among several.
pub fn pages(provider: &dyn Provider, examples: &Path) -> anyhow::Result<Pages> {
    let mut pages = Pages::new();
    pages.insert(PathBuf::from("index.md"), page::provider(provider.schema(), examples)?);
    for resource in provider.resources() {
        let text = page::resource(&**resource, examples)?;
        pages.insert(place("resources", resource.type_name()), text);
    }
    for source in provider.data_sources() {
        let text = page::data_source(source.type_name(), source.schema(), examples)?;
        pages.insert(place("data-sources", source.type_name()), text);
    }
    for list in provider.list_resources() {
        let text = page::list_resource(list.type_name(), list.schema(), examples)?;
        pages.insert(place("list-resources", list.type_name()), text);
    }
    for action in provider.actions() {
        let text = page::action(action.type_name(), action.schema(), examples)?;
        pages.insert(place("actions", action.type_name()), text);
    }
    for function in provider.functions() {
        let text = page::function(function.name(), function.signature(), examples)?;
        pages.insert(PathBuf::from(format!("functions/{}.md", function.name())), text);
    }
    Ok(pages)
}

/// Writes the pages below `dir` and removes pages of things that are gone.
///
/// # Errors
/// A file that cannot be written or removed.
pub fn write(pages: &Pages, dir: &Path) -> anyhow::Result<()> {
    for left_over in left_over(pages, dir)? {
        let file = dir.join(left_over);
        std::fs::remove_file(&file).with_context(|| format!("cannot remove {}", file.display()))?;
    }
    for (name, text) in pages {
        let file = dir.join(name);
        if let Some(parent) = file.parent() {
            std::fs::create_dir_all(parent)
                .with_context(|| format!("cannot create {}", parent.display()))?;
        }
        std::fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(())
}

/// Names the pages below `dir` that are missing, different or left over.
///
/// # Errors
/// A directory that cannot be listed.
pub fn stale(pages: &Pages, dir: &Path) -> anyhow::Result<Vec<String>> {
    let mut stale = left_over(pages, dir)?;
    for (name, text) in pages {
        let there = std::fs::read_to_string(dir.join(name)).unwrap_or_default();
        // A checkout may turn line ends around.
        if there.replace("\r\n", "\n") != *text {
            stale.push(name.clone());
        }
    }
    Ok(stale.iter().map(|name| name.display().to_string()).collect())
}

fn left_over(pages: &Pages, dir: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for kind in GENERATED {
        let folder = dir.join(kind);
        if !folder.exists() {
            continue;
        }
        let entries = std::fs::read_dir(&folder)
            .with_context(|| format!("cannot list {}", folder.display()))?;
        for entry in entries {
            let name = Path::new(kind).join(entry?.file_name());
            if name.extension().is_some_and(|end| end == "md") && !pages.contains_key(&name) {
                found.push(name);
            }
        }
    }
    found.sort();
    Ok(found)
}

fn place(kind: &str, type_name: &str) -> PathBuf {
    PathBuf::from(format!("{kind}/{}.md", page::short_name(type_name)))
}
