//! The name, other texts, and how an apply goes about it.

use crate::tf::diagnostics::Diagnostics;
use crate::tf::duration;
use crate::tf::field::Field;

use super::super::config::PoolConfig;
use super::super::defaults;
use super::report::{Place, one_of};

/// Names beyond this are refused in some regions (an ID is the name, a hyphen
/// and 32 characters, and at most 63 long).
const SAFE_NAME: usize = 30;
/// Descriptions beyond this are refused by one edition of the API.
const SAFE_DESCRIPTION: usize = 100;

/// Finds wrong texts.
pub fn check(pool: &PoolConfig, found: &mut Diagnostics) {
    name(&pool.name, found);
    one_of(&pool.sharing, &Place::of("sharing"), &["unshared", "shared"], found);
    description(&pool.description, found);
    one_of(&pool.wait_for, &Place::of("wait_for"), &["ready", "running", "accepted"], found);
    one_of(&pool.on_timeout, &Place::of("on_timeout"), &["keep", "fail"], found);
    timeouts(pool, found);
}

fn name(field: &Field<String>, found: &mut Diagnostics) {
    let Some(name) = field.known() else { return };
    let place = Place::of("name");
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

fn description(field: &Field<String>, found: &mut Diagnostics) {
    let Some(text) = field.known() else { return };
    let place = Place::of("description");
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
            let place = Place::of("timeouts").attribute(name);
            let detail = format!(
                "{place} is {text:?}: {wrong}. Write a time such as \"45m\" or \"1h30m\"; the \
                 default is {default:?}."
            );
            place.error("Invalid duration", detail, found);
        }
    }
}
