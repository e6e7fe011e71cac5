//! Within a room, arrows have a direction too: of the files and folders of one
//! folder none uses another that uses it in turn, straight or on a way round.
//! What a folder's own `mod.rs` holds belongs to all of them.

use std::collections::{BTreeMap, BTreeSet};

use super::{Source, sources};

/// Circles that there are: a folder, those in it that use each other, and why.
/// They may become smaller, not larger.
const KNOWN: &[(&str, &[&str], &str)] = &[
    ("demo", &["core", "place"], "the place holds the program that it is made for"),
    (
        "modelarts",
        &[
            "answer",
            "client",
            "credentials",
            "endpoints",
            "exchange",
            "headers",
            "http_client",
            "refusal",
            "request",
            "retry",
            "send",
            "settings",
            "target",
            "throttle",
        ],
        "signing a request needs credentials, and getting credentials needs requests",
    ),
    ("modelarts", &["collection", "pool"], "a collection reads the metadata that pools share"),
    (
        "resources/pool",
        &["identity", "quiet", "schema", "volumes"],
        "models name the functions that tell their elements and changes apart",
    ),
    ("resources/pool/request", &["entries", "patch"], "the steps of a patch hold entries"),
    (
        "simulator",
        &[
            "call",
            "connection",
            "job",
            "network",
            "network_view",
            "order",
            "pool_find",
            "pool_rules",
            "pool_view",
            "workspace",
            "world",
        ],
        "the world holds jobs, orders and connections, which act on the world",
    ),
    ("simulator", &["reply", "server"], "a reply may break the connection that carries it"),
];

/// The parts whose files are looked at.
const ROOMS: &[&str] = &[
    "tf",
    "plugin",
    "modelarts",
    "wait",
    "resources",
    "data_sources",
    "functions",
    "provider",
    "simulator",
    "platform",
    "demo",
    "docs",
];

type Module = Vec<String>;

/// The module that a file is.
fn module(name: &str) -> Module {
    let path = name.trim_end_matches(".rs").trim_end_matches("/mod");
    path.split('/').map(str::to_owned).collect()
}

fn is_test(name: &str) -> bool {
    name.ends_with("tests.rs") || name.contains("/tests/")
}

/// Every path that a file names, from the root of the crate.
fn paths(source: &Source) -> Vec<Module> {
    let code = source.code.split("#[cfg(test)]\nmod ").next().unwrap();
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        found.extend(tree(&code[at + "crate::".len()..]).0);
    }
    let mut rest = 0;
    while let Some(at) = code[rest..].find("super::").map(|at| at + rest) {
        let mut base = module(&source.name);
        rest = at;
        while code[rest..].starts_with("super::") {
            base.pop();
            rest += "super::".len();
        }
        let from_here = tree(&code[rest..]).0;
        found.extend(from_here.into_iter().map(|path| [base.clone(), path].concat()));
    }
    found
}

/// The paths that begin here, `a::b` or `{a, b::{c, d}}`, and what they take up.
fn tree(code: &str) -> (Vec<Module>, usize) {
    if let Some(group) = code.strip_prefix('{') {
        let (mut paths, mut at) = (Vec::new(), 0);
        while let Some(c) = group[at..].chars().next() {
            match c {
                '}' => return (paths, at + 2),
                ',' | ' ' | '\n' => at += 1,
                _ => {
                    let (inner, length) = tree(&group[at..]);
                    paths.extend(inner);
                    at += length.max(1);
                }
            }
        }
        return (paths, at + 1);
    }
    let name: String = code.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    let length = name.len();
    match code[length..].strip_prefix("::") {
        Some(rest) if !name.is_empty() => {
            let (inner, more) = tree(rest);
            let paths = inner.into_iter().map(|path| [vec![name.clone()], path].concat());
            (paths.collect(), length + 2 + more)
        }
        _ => (vec![vec![name]], length),
    }
}

type Arrows = BTreeMap<String, BTreeSet<String>>;

/// For each folder, who of those in it uses whom.
fn arrows(sources: &[Source]) -> BTreeMap<String, Arrows> {
    let modules: BTreeSet<Module> = sources.iter().map(|source| module(&source.name)).collect();
    let mut all: BTreeMap<String, Arrows> = BTreeMap::new();
    for source in sources {
        let own = module(&source.name);
        for path in paths(source) {
            let used = (1..=path.len()).rev().map(|n| &path[..n]).find(|p| modules.contains(*p));
            let Some(used) = used else { continue };
            let same = own.iter().zip(used).take_while(|(a, b)| a == b).count();
            // One of them is around the other, or they have no folder in common.
            if same == 0 || same == own.len() || same == used.len() {
                continue;
            }
            let folder = all.entry(own[..same].join("/")).or_default();
            folder.entry(own[same].clone()).or_default().insert(used[same].clone());
        }
    }
    all
}

/// Those that can be reached from each other.
fn circles(arrows: &Arrows) -> BTreeSet<Vec<String>> {
    let reached = |from: &str| {
        let (mut seen, mut open) = (BTreeSet::new(), vec![from.to_owned()]);
        while let Some(one) = open.pop() {
            for next in arrows.get(&one).into_iter().flatten() {
                if seen.insert(next.clone()) {
                    open.push(next.clone());
                }
            }
        }
        seen
    };
    let all: BTreeMap<&str, BTreeSet<String>> =
        arrows.keys().map(|name| (name.as_str(), reached(name))).collect();
    let circle = |name: &str| {
        let others = all[name]
            .iter()
            .filter(|other| all.get(other.as_str()).is_some_and(|theirs| theirs.contains(name)));
        others.cloned().collect::<Vec<_>>()
    };
    all.keys().map(|name| circle(name)).filter(|circle| !circle.is_empty()).collect()
}

#[test]
fn there_is_no_circle_within_a_room() {
    let of_rooms = |source: &Source| ROOMS.contains(&source.part()) && !is_test(&source.name);
    let sources: Vec<Source> = sources().into_iter().filter(of_rooms).collect();
    let mut found = BTreeSet::new();
    for (folder, arrows) in arrows(&sources) {
        found.extend(circles(&arrows).into_iter().map(|circle| (folder.clone(), circle)));
    }
    let is_known = |folder: &str, circle: &[String], known: &(&str, &[&str], &str)| {
        folder == known.0 && circle.iter().all(|name| known.1.contains(&name.as_str()))
    };
    let new: Vec<_> = found
        .iter()
        .filter(|(folder, circle)| !KNOWN.iter().any(|known| is_known(folder, circle, known)))
        .collect();
    assert!(new.is_empty(), "these use each other: {new:#?}");
    let gone: Vec<_> = KNOWN
        .iter()
        .filter(|known| !found.iter().any(|(folder, circle)| is_known(folder, circle, known)))
        .collect();
    assert!(gone.is_empty(), "these do not use each other any more, take them out: {gone:#?}");
}

#[test]
fn a_circle_is_found_however_it_is_written() {
    let source = |name: &str, code: &str| Source { name: name.into(), code: code.into() };
    let found = |sources: &[Source]| {
        let all = arrows(sources);
        all.values().flat_map(circles).collect::<Vec<_>>()
    };
    let straight = [
        source("tf/a.rs", "use super::b::{C, D};"),
        source("tf/b/mod.rs", ""),
        source("tf/b/deep.rs", "fn f() { crate::tf::a::g() }"),
    ];
    assert_eq!(found(&straight), [["a", "b"]]);
    let round = [
        source("tf/a.rs", "use super::{x, b};"),
        source("tf/b.rs", "use crate::tf::{\n    y, c::{D, E},\n};"),
        source("tf/c.rs", "use super::a::F;"),
    ];
    assert_eq!(found(&round), [["a", "b", "c"]]);
    let none = [
        source("tf/a.rs", "use super::b::C;"),
        source(
            "tf/b.rs",
            "use super::Shared;\n#[cfg(test)]\nmod tests {\n use super::super::a::X; }",
        ),
        source("tf/mod.rs", "pub use a::A; struct Shared;"),
    ];
    assert!(found(&none).is_empty());
}
