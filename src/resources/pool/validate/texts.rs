//! The name, other texts, and how an apply goes about it.

use crate::tf::diagnostics::Diagnostics;
use crate::tf::duration;
use crate::tf::model::Tf;

use super::super::schema::{CREATE_TIMEOUT, DELETE_TIMEOUT, PoolModel, Timeouts, UPDATE_TIMEOUT};
use super::report::{Place, filled, one_of};

/// Names beyond this are refused in some regions (an ID is the name, a hyphen
/// and 32 characters, and at most 63 long).
const SAFE_NAME: usize = 30;
/// Descriptions beyond this are refused by one edition of the API.
const SAFE_DESCRIPTION: usize = 100;

/// Finds wrong texts.
pub fn check(pool: &PoolModel, found: &mut Diagnostics) {
    name(&pool.name, found);
    one_of(&pool.sharing, &Place::of(PoolModel::SHARING), &["unshared", "shared"], found);
    description(&pool.description, found);
    // Texts that cannot be empty: the service would refuse them, after a
    // replacing apply has destroyed the old pool.
    for (field, name) in [
        (&pool.workspace_id, PoolModel::WORKSPACE_ID),
        (&pool.parent, PoolModel::PARENT),
        (&pool.cluster_flavor, PoolModel::CLUSTER_FLAVOR),
    ] {
        filled(field, &Place::of(name), found);
    }
    one_of(
        &pool.wait_for,
        &Place::of(PoolModel::WAIT_FOR),
        &["ready", "running", "accepted"],
        found,
    );
    one_of(&pool.on_timeout, &Place::of(PoolModel::ON_TIMEOUT), &["keep", "fail"], found);
    timeouts(pool, found);
}

fn name(field: &Tf<String>, found: &mut Diagnostics) {
    let Some(name) = field.known() else { return };
    let place = Place::of(PoolModel::NAME);
    let shape_ok = name.starts_with(|c: char| c.is_ascii_lowercase())
        && !name.ends_with('-')
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    let length = name.chars().count();
    if !shape_ok || !(4..=64).contains(&length) {
        let detail = format!(
            "name is {name:?} ({length} characters). Use 4 to 64 lower-case letters, digits and \
             hyphens; start with a letter and do not end with a hyphen."
        );
        place.error("Invalid pool name", detail, found);
    } else if length > SAFE_NAME {
        let detail = format!(
            "{name:?} has {length} characters. Some regions refuse pool names of more than \
             {SAFE_NAME}; a shorter one works everywhere."
        );
        place.warn("Long pool name", detail, found);
    }
}

fn description(field: &Tf<String>, found: &mut Diagnostics) {
    let Some(text) = field.known() else { return };
    let place = Place::of(PoolModel::DESCRIPTION);
    let bad: Vec<String> =
        "!<>=&\"'".chars().filter(|c| text.contains(*c)).map(|c| format!("`{c}`")).collect();
    if !bad.is_empty() {
        let detail = format!(
            "The service refuses these characters in a description: {}. Take them out.",
            bad.join(", ")
        );
        place.error("Character not allowed in description", detail, found);
    }
    let length = text.chars().count();
    if length > SAFE_DESCRIPTION {
        let detail = format!(
            "The description has {length} characters. Some regions refuse more than \
             {SAFE_DESCRIPTION}."
        );
        place.warn("Long description", detail, found);
    }
}

fn timeouts(pool: &PoolModel, found: &mut Diagnostics) {
    let Some(timeouts) = pool.timeouts.known() else { return };
    let all = [
        (Timeouts::CREATE, &timeouts.create, CREATE_TIMEOUT),
        (Timeouts::UPDATE, &timeouts.update, UPDATE_TIMEOUT),
        (Timeouts::DELETE, &timeouts.delete, DELETE_TIMEOUT),
    ];
    for (name, field, default) in all {
        let wrong = |text: &str| match duration::parse(text) {
            Ok(time) if time.is_zero() => Some("no time at all".to_owned()),
            Ok(_) => None,
            Err(wrong) => Some(wrong.to_string()),
        };
        if let Some(text) = field.text()
            && let Some(wrong) = wrong(text)
        {
            let place = Place::of(PoolModel::TIMEOUTS).attribute(name);
            let detail = format!(
                "{place} is {text:?}: {wrong}. Write a time such as \"45m\" or \"1h30m\"; the \
                 default is {default:?}."
            );
            place.error("Invalid duration", detail, found);
        }
    }
}
