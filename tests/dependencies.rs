//! The rules of deny.toml, as far as they can be checked without a network and
//! without cargo-deny: where packages come from, which are not wanted, which
//! stand there twice, and under which licences they are.
//!
//! The lock file names the packages of all platforms. Manifests, which name the
//! licences, are at hand only for the platform of this build.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;
use serde::de::DeserializeOwned;

/// The parts of deny.toml that are checked here.
#[derive(Deserialize)]
struct Policy {
    licenses: Licenses,
    bans: Bans,
    sources: Sources,
}

#[derive(Deserialize)]
struct Licenses {
    allow: BTreeSet<String>,
    exceptions: Vec<Exception>,
}

#[derive(Deserialize)]
struct Exception {
    #[serde(rename = "crate")]
    name: String,
    allow: BTreeSet<String>,
}

#[derive(Deserialize)]
struct Bans {
    deny: Vec<Named>,
    skip: Vec<Named>,
}

/// A package, perhaps with a version behind an `@`, and why it is listed.
#[derive(Deserialize)]
struct Named {
    #[serde(rename = "crate")]
    spec: String,
    reason: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Sources {
    allow_registry: Vec<String>,
    allow_git: Vec<String>,
}

#[derive(Deserialize)]
struct Lock {
    package: Vec<Locked>,
}

#[derive(Deserialize)]
struct Locked {
    name: String,
    version: String,
    source: Option<String>,
    checksum: Option<String>,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Manifest>,
}

#[derive(Deserialize)]
struct Manifest {
    name: String,
    version: String,
    license: Option<String>,
    manifest_path: PathBuf,
    source: Option<String>,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn toml<T: DeserializeOwned>(name: &str) -> T {
    let text = std::fs::read_to_string(root().join(name)).unwrap();
    toml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn policy() -> Policy {
    toml("deny.toml")
}

fn locked() -> Vec<Locked> {
    toml::<Lock>("Cargo.lock").package
}

fn output(command: &mut Command) -> String {
    let output = command.current_dir(root()).output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The packages that this platform needs; others may never have been fetched.
fn manifests() -> Vec<Manifest> {
    let version = output(Command::new("rustc").arg("-vV"));
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["metadata", "--offline", "--locked", "--format-version", "1"]);
    let text = output(cargo.args(["--filter-platform", host]));
    serde_json::from_str::<Metadata>(&text).unwrap().packages
}

impl Named {
    /// Whether a package is meant. `a@1` means any 1.x, `a@0.2` any 0.2.x.
    fn means(&self, package: &Locked) -> bool {
        let (name, version) = match self.spec.split_once('@') {
            Some((name, version)) => (name, Some(version)),
            None => (self.spec.as_str(), None),
        };
        let fits = |wanted: &str| {
            package.version == wanted || package.version.starts_with(&format!("{wanted}."))
        };
        name == package.name && version.is_none_or(fits)
    }
}

/// Why packages do not come from where they should.
fn strangers(packages: &[Locked], sources: &Sources) -> Vec<String> {
    let known: Vec<_> =
        sources.allow_registry.iter().map(|url| format!("registry+{url}")).collect();
    let strange = |package: &&Locked| match &package.source {
        Some(source) => !known.contains(source) || package.checksum.is_none(),
        // Of this repository: where they stand is checked by their paths.
        None => !package.name.starts_with(env!("CARGO_PKG_NAME")),
    };
    let told = |package: &Locked| format!("{} comes from {:?}", package.name, package.source);
    packages.iter().filter(strange).map(told).collect()
}

/// Packages that are there although they must not be.
fn unwanted(packages: &[Locked], deny: &[Named]) -> Vec<String> {
    let denied = |package: &Locked| deny.iter().find(|named| named.means(package));
    let told = |package: &Locked| Some(format!("{}: {}", package.name, denied(package)?.reason));
    packages.iter().filter_map(told).collect()
}

/// Packages with more than one version beside those that are listed.
fn doubles(packages: &[Locked], skip: &[Named]) -> Vec<String> {
    let mut versions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for package in packages.iter().filter(|package| !skip.iter().any(|named| named.means(package)))
    {
        versions.entry(&package.name).or_default().push(&package.version);
    }
    let doubles = versions.into_iter().filter(|(_, versions)| versions.len() > 1);
    doubles.map(|(name, versions)| format!("{name} {versions:?}")).collect()
}

/// Whether an SPDX expression can be met with what is allowed. A slash is how
/// old manifests write OR.
fn is_met(expression: &str, allowed: &dyn Fn(&str) -> bool) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = words.as_slice();
    let met = any(&mut rest, allowed);
    assert!(rest.is_empty(), "not understood: {expression}");
    met
}

fn any(rest: &mut &[&str], allowed: &dyn Fn(&str) -> bool) -> bool {
    let mut met = all(rest, allowed);
    while let ["OR", tail @ ..] = *rest {
        *rest = tail;
        met |= all(rest, allowed);
    }
    met
}

fn all(rest: &mut &[&str], allowed: &dyn Fn(&str) -> bool) -> bool {
    let mut met = one(rest, allowed);
    while let ["AND", tail @ ..] = *rest {
        *rest = tail;
        met &= one(rest, allowed);
    }
    met
}

fn one(rest: &mut &[&str], allowed: &dyn Fn(&str) -> bool) -> bool {
    match *rest {
        ["(", tail @ ..] => {
            *rest = tail;
            let met = any(rest, allowed);
            let [")", tail @ ..] = *rest else { panic!("a bracket is not closed: {rest:?}") };
            *rest = tail;
            met
        }
        [license, "WITH", exception, tail @ ..] => {
            *rest = tail;
            allowed(&format!("{license} WITH {exception}"))
        }
        [license, tail @ ..] => {
            *rest = tail;
            allowed(license)
        }
        [] => panic!("a licence is missing at the end"),
    }
}

fn is_licensed(package: &Manifest, licenses: &Licenses) -> bool {
    let exceptions = licenses.exceptions.iter().filter(|exception| exception.name == package.name);
    let further: BTreeSet<&str> =
        exceptions.flat_map(|exception| &exception.allow).map(String::as_str).collect();
    let allowed = |license: &str| licenses.allow.contains(license) || further.contains(license);
    package.license.as_deref().is_some_and(|expression| is_met(expression, &allowed))
}

#[test]
fn every_package_comes_from_the_one_registry() {
    let sources = policy().sources;
    assert_eq!(sources.allow_registry.len(), 1);
    assert!(sources.allow_git.is_empty());
    let strangers = strangers(&locked(), &sources);
    assert!(strangers.is_empty(), "{strangers:#?}");
    let outside = manifests()
        .into_iter()
        .filter(|package| package.source.is_none() && !package.manifest_path.starts_with(root()));
    let outside: Vec<_> = outside.map(|package| package.manifest_path).collect();
    assert!(outside.is_empty(), "these stand outside of the repository: {outside:?}");
}

#[test]
fn there_is_one_tls_stack_and_nothing_else_that_is_not_wanted() {
    let unwanted = unwanted(&locked(), &policy().bans.deny);
    assert!(unwanted.is_empty(), "{unwanted:#?}");
}

#[test]
fn no_package_is_there_twice_without_a_reason() {
    let (packages, skip) = (locked(), policy().bans.skip);
    let doubles = doubles(&packages, &skip);
    assert!(doubles.is_empty(), "list these in deny.toml with a reason: {doubles:#?}");
    for named in &skip {
        assert!(!named.reason.trim().is_empty(), "{} is listed without a reason", named.spec);
        let meant = packages.iter().find(|package| named.means(package));
        let needed = meant.is_some_and(|meant| {
            packages.iter().any(|other| other.name == meant.name && other.version != meant.version)
        });
        assert!(needed, "{} is no longer there twice: take it out of deny.toml", named.spec);
    }
}

#[test]
fn every_licence_is_on_the_list() {
    let licenses = policy().licenses;
    let wrong: Vec<_> = manifests()
        .iter()
        .filter(|package| !is_licensed(package, &licenses))
        .map(|package| format!("{} {}: {:?}", package.name, package.version, package.license))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_breaks_a_rule_is_found() {
    let package = |name: &str, version: &str, source: &str| Locked {
        name: name.to_owned(),
        version: version.to_owned(),
        source: (!source.is_empty()).then(|| source.to_owned()),
        checksum: Some("0".to_owned()),
    };
    let policy = policy();
    let home = format!("registry+{}", policy.sources.allow_registry[0]);
    for source in ["git+https://example.com/a#1", "registry+https://example.com/index", ""] {
        assert_eq!(
            strangers(&[package("a", "1.0.0", source)], &policy.sources).len(),
            1,
            "{source}"
        );
    }
    let unsealed = Locked { checksum: None, ..package("a", "1.0.0", &home) };
    assert_eq!(strangers(&[unsealed], &policy.sources).len(), 1);
    assert!(strangers(&[package("a", "1.0.0", &home)], &policy.sources).is_empty());
    assert_eq!(unwanted(&[package("openssl-sys", "0.9.1", &home)], &policy.bans.deny).len(), 1);

    let three = [package("a", "0.1.2", ""), package("a", "0.2.0", ""), package("a", "0.10.0", "")];
    let skip = |spec: &str| Named { spec: spec.to_owned(), reason: "why".to_owned() };
    assert_eq!(doubles(&three, &[]).len(), 1);
    assert_eq!(doubles(&three, &[skip("a@0.1")]).len(), 1, "0.10 is not 0.1");
    assert!(doubles(&three, &[skip("a@0.1"), skip("a@0.2")]).is_empty());
}

#[test]
fn licence_expressions_are_understood() {
    let allowed = |license: &str| ["MIT", "ISC", "A WITH b"].contains(&license);
    for (expression, met) in [
        ("MIT", true),
        ("GPL-3.0", false),
        ("MIT OR GPL-3.0", true),
        ("GPL-3.0/MIT", true),
        ("MIT AND GPL-3.0", false),
        ("MIT AND ISC", true),
        ("GPL-3.0 AND MIT OR ISC", true),
        ("GPL-3.0 AND (MIT OR ISC)", false),
        ("(GPL-3.0 OR MIT) AND ISC", true),
        ("A WITH b", true),
        ("A", false),
        ("A WITH c OR ISC AND MIT", true),
    ] {
        assert_eq!(is_met(expression, &allowed), met, "{expression}");
    }
}
