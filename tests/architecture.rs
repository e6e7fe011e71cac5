//! The house rules that a compiler does not know: which part may use which,
//! who reads the environment, and whose clock counts.

#![allow(clippy::unwrap_used, clippy::panic)] // a failed expectation is how a test fails

#[path = "architecture/circles.rs"]
mod circles;
#[path = "architecture/names.rs"]
mod names;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What each part of the crate may use besides itself. The parts further up
/// know those further down, never the other way round.
const MAY_USE: &[(&str, &[&str])] = &[
    ("platform", &[]),
    ("tf", &[]),
    ("modelarts", &[]),
    ("wait", &[]),
    ("simulator", &["platform"]),
    ("plugin", &["tf", "platform"]),
    ("resources", &["wait", "modelarts", "tf"]),
    // Both show the same objects in the same shape.
    ("data_sources", &["resources", "wait", "modelarts", "tf"]),
    // Both look for the same objects by the same filters.
    ("list_resources", &["data_sources", "resources", "wait", "modelarts", "tf"]),
    ("actions", &["resources", "wait", "modelarts", "tf"]),
    ("functions", &["tf"]),
    (
        "provider",
        &[
            "resources",
            "data_sources",
            "list_resources",
            "actions",
            "functions",
            "wait",
            "modelarts",
            "tf",
            "simulator",
        ],
    ),
    // Tools of the command line.
    ("demo", &["simulator", "tf", "platform"]),
    ("docs", &["tf"]),
];

/// Files that make up the command line; they may use everything.
const TOP: &[&str] = &["main", "lib", "cli", "install"];

/// Reads of the environment, and where they may stand.
const ENVIRONMENT: &[&str] =
    &["env::var(", "env::var_os(", "env::vars(", "env::vars_os(", "env::home_dir("];
const READS_ENVIRONMENT: &[&str] = &["provider/environment.rs", "plugin/", "demo/"];

/// Clocks that a test cannot move, and the parts that do without them.
const WALL_CLOCKS: &[&str] = &["std::time::Instant", "SystemTime", "thread::sleep"];
const WITHOUT_WALL_CLOCK: &[&str] = &["tf", "wait", "resources", "data_sources", "provider"];

struct Source {
    /// Relative to `src`, with `/`.
    name: String,
    /// Without comment lines.
    code: String,
}

impl Source {
    fn part(&self) -> &str {
        self.name.split('/').next().unwrap().trim_end_matches(".rs")
    }

    /// How many modules deep the file's own module is.
    fn depth(&self) -> usize {
        let segments = self.name.split('/').count();
        if self.name.ends_with("/mod.rs") { segments - 1 } else { segments }
    }

    /// The parts of the crate that the file names.
    fn used_parts(&self) -> BTreeSet<String> {
        let mut used = BTreeSet::new();
        for root in ["crate::", "terraform_provider_modelarts::"] {
            for (at, _) in self.code.match_indices(root) {
                used.extend(heads(&self.code[at + root.len()..]));
            }
        }
        // As many steps up as the file is deep lead to the root as well.
        let up = "super::".repeat(self.depth());
        for (at, _) in self.code.match_indices(&up) {
            let heads = heads(&self.code[at + up.len()..]);
            used.extend(heads.into_iter().filter(|head| rule(head).is_some()));
        }
        used
    }
}

fn rule(part: &str) -> Option<&'static [&'static str]> {
    MAY_USE.iter().find(|(name, _)| *name == part).map(|(_, uses)| *uses)
}

/// The first segments of what follows `crate::`, of each member of a group.
fn heads(rest: &str) -> Vec<String> {
    let ident = |text: &str| {
        text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
    };
    let Some(group) = rest.strip_prefix('{') else { return vec![ident(rest)] };
    let mut depth = 0;
    let mut heads = vec![ident(group)];
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => heads.push(ident(&group[at + 1..])),
            _ => {}
        }
    }
    heads.retain(|head| !head.is_empty());
    heads
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&root, &mut files);
    let read = |path: &PathBuf| {
        let text = fs::read_to_string(path).unwrap();
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        let name = path.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
        Source { name, code: code.collect::<Vec<_>>().join("\n") }
    };
    files.iter().map(read).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

#[test]
fn no_arrow_points_back() {
    let mut wrong = Vec::new();
    for source in sources() {
        let part = source.part();
        if TOP.contains(&part) {
            continue;
        }
        let Some(allowed) = rule(part) else {
            wrong.push(format!("{}: part {part} has no rule in MAY_USE", source.name));
            continue;
        };
        for used in source.used_parts() {
            if used != part && !allowed.contains(&used.as_str()) && rule(&used).is_some() {
                wrong.push(format!("{} must not use {used}", source.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_environment_is_read_where_its_meaning_is_known() {
    let wrong: Vec<String> = sources()
        .iter()
        .filter(|source| !TOP.contains(&source.part()))
        .filter(|source| !READS_ENVIRONMENT.iter().any(|place| source.name.starts_with(place)))
        .filter(|source| ENVIRONMENT.iter().any(|read| source.code.contains(read)))
        .map(|source| source.name.clone())
        .collect();
    assert!(wrong.is_empty(), "these read the environment: {wrong:?}");
}

#[test]
fn whatever_waits_does_so_on_a_clock_that_tests_can_move() {
    let wrong: Vec<String> = sources()
        .iter()
        .filter(|source| WITHOUT_WALL_CLOCK.contains(&source.part()))
        .filter(|source| WALL_CLOCKS.iter().any(|clock| source.code.contains(clock)))
        .map(|source| source.name.clone())
        .collect();
    assert!(wrong.is_empty(), "these use a clock of their own: {wrong:?}");
}

#[test]
fn uses_are_found_however_they_are_written() {
    let source = |name: &str, code: &str| Source { name: name.into(), code: code.into() };
    let uses =
        |name: &str, code: &str| source(name, code).used_parts().into_iter().collect::<Vec<_>>();
    assert_eq!(uses("tf/plan.rs", "use crate::modelarts::Pool;"), ["modelarts"]);
    assert_eq!(
        uses("tf/plan.rs", "use crate::{wait::{a, b}, plugin,\n tf::value};"),
        ["plugin", "tf", "wait"]
    );
    assert_eq!(uses("tf/plan.rs", "let x = super::super::wait::until();"), ["wait"]);
    assert_eq!(uses("wait/mod.rs", "use super::tf::value::Value;"), ["tf"]);
    assert!(uses("tf/plan.rs", "use super::value::Value;").is_empty());
}

/// What only one system has, and the part that may name it.
const SYSTEMS: &[&str] = &["cfg(unix", "cfg(windows", "cfg!(unix", "cfg!(windows", "not(unix)"];
const SYSTEMS_TOO: &[&str] = &["std::os::", "nix::", "signal::unix", "signal::windows", "ctrl_c("];
const KNOWS_SYSTEMS: &str = "platform";

#[test]
fn one_part_knows_operating_systems_apart() {
    let wrong: Vec<String> = sources()
        .iter()
        .filter(|source| source.part() != KNOWS_SYSTEMS)
        .filter(|source| {
            // Tests may try what only one system has.
            let code = source.code.split("#[cfg(test)]").next().unwrap();
            SYSTEMS.iter().chain(SYSTEMS_TOO).any(|word| code.contains(word))
        })
        .map(|source| source.name.clone())
        .collect();
    assert!(wrong.is_empty(), "these ask which system they run on: {wrong:?}");
}
