//! Checks of a configuration before anything is asked of the service.
//!
//! The rules are those that the API documents (API reference, restrictions).
//! Where its documents disagree there is a warning instead of an error.
//! Unknown values are not judged.

use std::collections::BTreeMap;

use crate::modelarts::keys;
use crate::tf::diagnostics::{Diagnostic, Diagnostics};
use crate::tf::duration;
use crate::tf::field::Field;
use crate::tf::number::Number;
use crate::tf::path::Path;
use crate::tf::value::Value;

use super::config::{AzConfig, EntryConfig, PoolConfig, TextMap};
use super::defaults;
use super::identity::EntryId;
use super::spec::PoolKind;

const SCOPES: &[&str] = &["Train", "Infer", "Notebook"];
/// Names beyond this are refused in some regions (an ID is the name, a hyphen
/// and 32 characters, and at most 63 long).
const SAFE_NAME: usize = 30;
/// Descriptions beyond this are refused by one edition of the API.
const SAFE_DESCRIPTION: usize = 100;
/// Flavors per pool (user guide).
const SAFE_ENTRIES: usize = 10;
/// New nodes per request (user guide).
pub const SAFE_GROWTH: i64 = 30;
const MAX_AZ_COUNT: i64 = 2000;

/// Finds everything that is wrong with a configuration.
pub fn validate(config: &Value) -> Diagnostics {
    let pool = PoolConfig::from_value(config);
    let mut found = Diagnostics::new();
    name(&pool.name, &mut found);
    one_of(&pool.kind, Path::of("type"), &["Dedicate", "Logical"], &mut found);
    one_of(&pool.sharing, Path::of("sharing"), &["unshared", "shared"], &mut found);
    one_of(&pool.wait_for, Path::of("wait_for"), &["ready", "running", "accepted"], &mut found);
    one_of(&pool.on_timeout, Path::of("on_timeout"), &["keep", "fail"], &mut found);
    description(&pool.description, &mut found);
    reserved(&pool.labels, "labels", RESERVED_LABELS, &mut found);
    reserved(&pool.annotations, "annotations", RESERVED_ANNOTATIONS, &mut found);
    scope(&pool, &mut found);
    kind(&pool, &mut found);
    driver(&pool, &mut found);
    resources(&pool, &mut found);
    timeouts(&pool, &mut found);
    found
}

fn error(found: &mut Diagnostics, path: Path, summary: &str, detail: String) {
    found.push(Diagnostic::error(summary, detail).at(path));
}

fn warn(found: &mut Diagnostics, path: Path, summary: &str, detail: String) {
    found.push(Diagnostic::warning(summary, detail).at(path));
}

fn one_of(field: &Field<String>, path: Path, allowed: &[&str], found: &mut Diagnostics) {
    if let Some(value) = field.known()
        && !allowed.contains(&value.as_str())
    {
        let choice = allowed.iter().map(|word| format!("{word:?}")).collect::<Vec<_>>().join(", ");
        let detail = format!("{path} is {value:?}. Use one of {choice}.");
        error(found, path, "Value not allowed", detail);
    }
}

fn name(field: &Field<String>, found: &mut Diagnostics) {
    let Some(name) = field.known() else { return };
    let shape_ok = name.starts_with(|c: char| c.is_ascii_lowercase())
        && !name.ends_with('-')
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    let length = name.chars().count();
    if !shape_ok || !(4..=64).contains(&length) {
        let detail = format!(
            "name is {name:?} ({length} characters). Use 4 to 64 lower-case letters, digits and \
             hyphens; start with a letter and do not end with a hyphen."
        );
        error(found, Path::of("name"), "Invalid pool name", detail);
    } else if length > SAFE_NAME {
        let detail = format!(
            "{name:?} has {length} characters. Some regions refuse pool names of more than \
             {SAFE_NAME}; a shorter one works everywhere."
        );
        warn(found, Path::of("name"), "Long pool name", detail);
    }
}

fn description(field: &Field<String>, found: &mut Diagnostics) {
    let Some(text) = field.known() else { return };
    let bad: Vec<String> =
        "!<>=&\"'".chars().filter(|c| text.contains(*c)).map(|c| format!("`{c}`")).collect();
    if !bad.is_empty() {
        let detail = format!(
            "The service refuses these characters in a description: {}. Take them out.",
            bad.join(", ")
        );
        error(found, Path::of("description"), "Character not allowed in description", detail);
    }
    let length = text.chars().count();
    if length > SAFE_DESCRIPTION {
        let detail = format!(
            "The description has {length} characters. Some regions refuse more than \
             {SAFE_DESCRIPTION}."
        );
        warn(found, Path::of("description"), "Long description", detail);
    }
}

/// Labels that a typed attribute owns, or that only the service sets.
const RESERVED_LABELS: &[(&str, Option<&str>)] = &[
    (keys::NAME, Some("name")),
    (keys::WORKSPACE_ID, Some("workspace_id")),
    (keys::NODE_PREFIX, Some("node_prefix")),
    (keys::SHARING, Some("sharing")),
    (keys::RESOURCE_ID, None),
    (keys::TENANT_DOMAIN_ID, None),
    (keys::TENANT_PROJECT_ID, None),
    (keys::ORDER_NAME, None),
    (keys::CREATE_FROM, None),
    (keys::BIZ, None),
];

/// Annotations that a typed attribute owns.
const RESERVED_ANNOTATIONS: &[(&str, Option<&str>)] = &[
    (keys::DESCRIPTION, Some("description")),
    (keys::SCHEDULER_EXTENSION, Some("scheduler_extension")),
];

fn reserved(
    map: &TextMap,
    attribute: &str,
    table: &[(&str, Option<&str>)],
    found: &mut Diagnostics,
) {
    let Some(entries) = map.known() else { return };
    for (key, value) in entries {
        let path = Path::of(attribute).key(key);
        match table.iter().find(|(reserved, _)| reserved == key) {
            Some((_, Some(owner))) => {
                let detail = format!(
                    "The key {key:?} belongs to the attribute `{owner}`. Set that instead."
                );
                error(found, path, "Reserved key", detail);
            }
            Some((_, None)) => {
                let detail = format!("Only the service sets {key:?}. Take it out.");
                error(found, path, "Reserved key", detail);
            }
            None if value.is_null() => {
                let detail = format!(
                    "{attribute} has no value for {key:?}. Give it one, or take the key out."
                );
                error(found, path, "Value missing", detail);
            }
            None => {}
        }
    }
}

fn scope(pool: &PoolConfig, found: &mut Diagnostics) {
    let Some(scopes) = pool.scope.known() else { return };
    for scope in scopes.iter().filter_map(Field::known) {
        if !SCOPES.contains(&scope.as_str()) {
            let detail =
                format!("scope holds {scope:?}. Use any of \"Train\", \"Infer\", \"Notebook\".");
            error(found, Path::of("scope"), "Value not allowed", detail);
        }
    }
}

fn kind(pool: &PoolConfig, found: &mut Diagnostics) {
    if pool.kind.is_unknown() {
        return;
    }
    match PoolKind::read(pool.kind.known().map(String::as_str)) {
        PoolKind::Dedicate => dedicate(pool, found),
        PoolKind::Logical => logical(pool, found),
    }
}

fn dedicate(pool: &PoolConfig, found: &mut Diagnostics) {
    let missing = match &pool.network {
        Field::Null => true,
        Field::Unknown => false,
        Field::Known(network) => {
            if network.name.known().is_some_and(String::is_empty) {
                let detail =
                    "network.name is empty. Give the ID of a ModelArts network, which is its \
                              name, a hyphen and the project ID."
                        .to_owned();
                error(found, Path::of("network").attribute("name"), "Network missing", detail);
            }
            false
        }
    };
    if missing {
        let detail = "A pool of type \"Dedicate\" needs a network: set network = { name = \"…\" } \
                      to the ID of a ModelArts network."
            .to_owned();
        error(found, Path::of("network"), "Network missing", detail);
    }
    let no_scope = match &pool.scope {
        Field::Null => true,
        Field::Unknown => false,
        Field::Known(scopes) => scopes.is_empty(),
    };
    if no_scope {
        let detail =
            "A pool of type \"Dedicate\" needs at least one job type: set scope to any of \
                      \"Train\", \"Infer\", \"Notebook\"."
                .to_owned();
        error(found, Path::of("scope"), "Job type missing", detail);
    }
    if !pool.parent.is_null() {
        let detail =
            "Only a pool of type \"Logical\" has a parent. Take parent out, or set type = \
                      \"Logical\"."
                .to_owned();
        error(found, Path::of("parent"), "Attribute not allowed", detail);
    }
}

fn logical(pool: &PoolConfig, found: &mut Diagnostics) {
    let forbidden = [
        ("network", !pool.network.is_null()),
        ("scope", !pool.scope.is_null()),
        ("driver", !pool.driver.is_null()),
    ];
    for (attribute, set) in forbidden {
        if set {
            let detail = format!(
                "A pool of type \"Logical\" has no {attribute} of its own. Take {attribute} out, \
                 or set type = \"Dedicate\"."
            );
            error(found, Path::of(attribute), "Attribute not allowed", detail);
        }
    }
}

fn driver(pool: &PoolConfig, found: &mut Diagnostics) {
    if let Some(driver) = pool.driver.known() {
        let path = Path::of("driver").attribute("update_strategy");
        one_of(&driver.update_strategy, path, &["force", "idle"], found);
    }
}

fn resources(pool: &PoolConfig, found: &mut Diagnostics) {
    let Some(entries) = pool.resources.known() else { return };
    let path = Path::of("resources");
    if entries.is_empty() {
        let detail = "A pool has at least one entry in resources.".to_owned();
        error(found, path.clone(), "No nodes", detail);
    }
    if entries.len() > SAFE_ENTRIES {
        let detail = format!(
            "resources has {} entries. Most regions accept no more than {SAFE_ENTRIES}.",
            entries.len()
        );
        warn(found, path.clone(), "Many entries", detail);
    }
    let kind =
        (!pool.kind.is_unknown()).then(|| PoolKind::read(pool.kind.known().map(String::as_str)));
    for (index, item) in entries.iter().enumerate() {
        if let Some(item) = item.known() {
            entry(item, &path.index(index), kind, found);
        }
    }
    duplicates(entries, &path, found);
}

fn entry(item: &EntryConfig, path: &Path, kind: Option<PoolKind>, found: &mut Diagnostics) {
    if item.flavor.known().is_some_and(String::is_empty) {
        let detail = "flavor is empty. Give the name of a flavor.".to_owned();
        error(found, path.attribute("flavor"), "Flavor missing", detail);
    }
    let count = whole(&item.count, &path.attribute("count"), 1, i64::MAX, found);
    let max_path = path.attribute("max_count");
    let max_count = whole(&item.max_count, &max_path, 1, i64::MAX, found);
    if let (Some(count), Some(max), Some(kind)) = (count, max_count, kind) {
        let wrong = match kind {
            PoolKind::Dedicate if max != count => {
                Some("must equal count in a pool of type \"Dedicate\"")
            }
            PoolKind::Logical if max < count => Some("must be at least count"),
            _ => None,
        };
        if let Some(wrong) = wrong {
            let detail = format!("max_count is {max} and count is {count}: max_count {wrong}.");
            error(found, max_path, "Invalid max_count", detail);
        }
    }
    node_pool(&item.node_pool, path.attribute("node_pool"), found);
    azs(item, count, path.attribute("azs"), found);
}

fn whole(
    field: &Field<Number>,
    path: &Path,
    least: i64,
    most: i64,
    found: &mut Diagnostics,
) -> Option<i64> {
    let number = field.known()?;
    match number.as_i64() {
        Some(n) if (least..=most).contains(&n) => Some(n),
        _ => {
            let range = if most == i64::MAX {
                format!("of at least {least}")
            } else {
                format!("from {least} to {most}")
            };
            let detail = format!("{path} is {number}. Use a whole number {range}.");
            error(found, path.clone(), "Number not allowed", detail);
            None
        }
    }
}

fn node_pool(field: &Field<String>, path: Path, found: &mut Diagnostics) {
    let Some(name) = field.known() else { return };
    let ok = (1..=50).contains(&name.chars().count())
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && !name.ends_with('-')
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c));
    if !ok {
        let detail = format!(
            "node_pool is {name:?}. Use 1 to 50 lower-case letters, digits and hyphens; start \
             with a letter and do not end with a hyphen."
        );
        error(found, path, "Invalid node pool name", detail);
    }
}

fn azs(item: &EntryConfig, count: Option<i64>, path: Path, found: &mut Diagnostics) {
    let Some(azs) = item.azs.known() else { return };
    if azs.is_empty() {
        let detail = "azs is empty. List at least one zone, or leave azs out and the service \
                      spreads the nodes."
            .to_owned();
        error(found, path, "No availability zone", detail);
        return;
    }
    // Elements of a set cannot be addressed, so every path stops at the set.
    let mut sum: Option<i64> = Some(0);
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for az in azs {
        let Some(az) = az.known() else {
            sum = None;
            continue;
        };
        sum = az_count(az, &path, found).zip(sum).and_then(|(n, sum)| sum.checked_add(n));
        if let Some(name) = az.az.known() {
            *seen.entry(name).or_default() += 1;
        }
    }
    for (name, times) in seen.into_iter().filter(|(_, times)| *times > 1) {
        let detail =
            format!("azs names the zone {name:?} {times} times. Put its nodes in one item.");
        error(found, path.clone(), "Zone named twice", detail);
    }
    if let (Some(sum), Some(count)) = (sum, count)
        && sum != count
    {
        let detail =
            format!("The counts in azs add up to {sum}, but count is {count}. Make them agree.");
        error(found, path, "Zone counts do not add up", detail);
    }
}

fn az_count(az: &AzConfig, path: &Path, found: &mut Diagnostics) -> Option<i64> {
    let number = az.count.known()?;
    match number.as_i64() {
        Some(n) if (1..=MAX_AZ_COUNT).contains(&n) => Some(n),
        _ => {
            let zone = az.az.known().map_or("a zone", String::as_str);
            let detail = format!(
                "The count of {zone} in azs is {number}. Use a whole number from 1 to {MAX_AZ_COUNT}."
            );
            error(found, path.clone(), "Number not allowed", detail);
            None
        }
    }
}

fn duplicates(entries: &[Field<EntryConfig>], path: &Path, found: &mut Diagnostics) {
    let mut first: BTreeMap<EntryId, usize> = BTreeMap::new();
    for (index, item) in entries.iter().enumerate() {
        let Some(item) = item.known() else { continue };
        let (Some(flavor), false) = (item.flavor.known(), item.node_pool.is_unknown()) else {
            continue;
        };
        let node_pool = item.node_pool.known().map(String::as_str);
        let step = item.creating_step.known();
        let number = step.and_then(|step| step.step.known()?.as_i64());
        let kind = step.and_then(|step| step.kind.known()).map(String::as_str);
        let id = EntryId::new(flavor, node_pool).stepping(number, kind);
        if let Some(earlier) = first.get(&id) {
            let detail = format!(
                "resources[{earlier}] and resources[{index}] both describe {id}. Put their nodes \
                 in one entry, or give them different node_pool names."
            );
            error(found, path.index(index), "Entry described twice", detail);
        } else {
            first.insert(id, index);
        }
    }
}

fn timeouts(pool: &PoolConfig, found: &mut Diagnostics) {
    let Some(timeouts) = pool.timeouts.known() else { return };
    let all = [
        ("create", &timeouts.create, defaults::CREATE_TIMEOUT),
        ("update", &timeouts.update, defaults::UPDATE_TIMEOUT),
        ("delete", &timeouts.delete, defaults::DELETE_TIMEOUT),
    ];
    for (name, field, default) in all {
        if let Some(text) = field.known()
            && let Err(wrong) = duration::parse(text)
        {
            let path = Path::of("timeouts").attribute(name);
            let detail = format!(
                "timeouts.{name} is {text:?}: {wrong}. Write a time such as \"45m\" or \"1h30m\"; \
                 the default is {default:?}."
            );
            error(found, path, "Invalid duration", detail);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tf::diagnostics::Severity;

    fn entry(flavor: &str, count: i64) -> Value {
        Value::object([("flavor", flavor.into()), ("count", Value::from(count))])
    }

    fn good() -> Value {
        Value::object([
            ("name", Value::from("pool-1")),
            ("scope", Value::set([Value::from("Train")])),
            ("network", Value::object([("name", Value::from("net-1"))])),
            ("resources", Value::List(vec![entry("cpu", 2)])),
        ])
    }

    fn with(name: &str, value: Value) -> Value {
        let mut config = good();
        config.set_entry(name, value);
        config
    }

    fn entry_with(name: &str, value: Value) -> Value {
        let mut item = entry("cpu", 2);
        item.set_entry(name, value);
        with("resources", Value::List(vec![item]))
    }

    fn az(name: &str, count: i64) -> Value {
        Value::object([("az", Value::from(name)), ("count", Value::from(count))])
    }

    fn found(config: &Value) -> Vec<(Severity, String, String)> {
        validate(config)
            .into_iter()
            .map(|d| (d.severity, d.path.map(|p| p.to_string()).unwrap_or_default(), d.detail))
            .collect()
    }

    #[test]
    fn a_good_configuration_has_no_findings() {
        assert_eq!(found(&good()), vec![]);
    }

    #[test]
    fn every_rule_names_its_attribute_and_what_is_accepted() {
        use Severity::{Error, Warning};
        let text = |t: &str| Value::from(t);
        let map = |k: &str| Value::map([(k, Value::from("x"))]);
        let cases: Vec<(Value, Severity, &str, &str)> = vec![
            (with("name", text("abc")), Error, "name", "4 to 64"),
            (with("name", text("Pool-1")), Error, "name", "lower-case"),
            (with("name", text("pool-")), Error, "name", "end with a hyphen"),
            (with("name", text(&"p".repeat(65))), Error, "name", "65 characters"),
            (with("name", text(&"p".repeat(31))), Warning, "name", "30"),
            (with("type", text("Dedicated")), Error, "type", "\"Logical\""),
            (with("sharing", text("yes")), Error, "sharing", "\"unshared\""),
            (with("wait_for", text("done")), Error, "wait_for", "\"accepted\""),
            (with("on_timeout", text("taint")), Error, "on_timeout", "\"keep\""),
            (with("description", text("a < b")), Error, "description", "`<`"),
            (with("description", text(&"d".repeat(101))), Warning, "description", "101"),
            (
                with("labels", map("os.modelarts/name")),
                Error,
                "labels[\"os.modelarts/name\"]",
                "`name`",
            ),
            (
                with("labels", map("os.modelarts/order.name")),
                Error,
                "labels[\"os.modelarts/order.name\"]",
                "Only the service",
            ),
            (
                with("annotations", map("os.modelarts/description")),
                Error,
                "annotations[\"os.modelarts/description\"]",
                "`description`",
            ),
            (with("scope", Value::set([text("Test")])), Error, "scope", "\"Notebook\""),
            (with("scope", Value::Null), Error, "scope", "at least one job type"),
            (with("network", Value::Null), Error, "network", "needs a network"),
            (with("parent", text("pool-0")), Error, "parent", "Logical"),
            (with("type", text("Logical")), Error, "network", "has no network"),
            (with("resources", Value::List(vec![])), Error, "resources", "at least one entry"),
            (entry_with("count", Value::from(0)), Error, "resources[0].count", "at least 1"),
            (
                entry_with("max_count", Value::from(3)),
                Error,
                "resources[0].max_count",
                "equal count",
            ),
            (entry_with("node_pool", text("Pool")), Error, "resources[0].node_pool", "1 to 50"),
            (entry_with("azs", Value::set([az("a", 1)])), Error, "resources[0].azs", "add up to 1"),
            (entry_with("azs", Value::set([az("a", 0)])), Error, "resources[0].azs", "1 to 2000"),
            (
                entry_with("azs", Value::set([az("a", 1), az("a", 2)])),
                Error,
                "resources[0].azs",
                "2 times",
            ),
            (
                with("resources", Value::List(vec![entry("cpu", 1), entry("cpu", 2)])),
                Error,
                "resources[1]",
                "resources[0] and resources[1]",
            ),
            (
                with("timeouts", Value::object([("create", text("soon"))])),
                Error,
                "timeouts.create",
                "\"45m\"",
            ),
        ];
        for (config, severity, path, words) in cases {
            let all = found(&config);
            assert!(
                all.iter().any(|(s, p, d)| *s == severity && p == path && d.contains(words)),
                "no {severity:?} at {path} with {words:?} in {all:?}"
            );
        }
    }

    #[test]
    fn several_mistakes_are_reported_at_once() {
        let mut config = with("name", Value::from("x"));
        config.set_entry("network", Value::Null);
        config.set_entry("type", Value::from("Dedicate"));
        assert!(found(&config).len() >= 2);
    }

    #[test]
    fn unknown_values_are_not_judged() {
        let mut config = Value::object(
            ["name", "type", "scope", "network", "description", "labels", "resources"]
                .map(|name| (name, Value::UNKNOWN)),
        );
        assert_eq!(found(&config), vec![]);
        let mut item = entry("cpu", 2);
        item.set_entry("azs", Value::set([az("a", 1), Value::UNKNOWN]));
        config = with("resources", Value::List(vec![item]));
        assert_eq!(found(&config), vec![]);
    }

    #[test]
    fn entries_of_one_flavor_may_differ_by_node_pool() {
        let mut other = entry("cpu", 1);
        other.set_entry("node_pool", Value::from("second"));
        let config = with("resources", Value::List(vec![entry("cpu", 2), other]));
        assert_eq!(found(&config), vec![]);
    }
}
