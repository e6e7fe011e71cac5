//! Names, descriptions and times.

use std::time::Duration;

use crate::tf::diagnostics::Diagnostics;
use crate::tf::duration;
use crate::tf::model::Tf;

use super::place::Place;

/// Descriptions beyond this are refused by one edition of the API.
const SAFE_DESCRIPTION: usize = 100;

/// Where a default is no duration, which a test would have found.
const LONGEST_DEFAULT: Duration = Duration::from_secs(90 * 60);

/// What display names of a kind may be.
#[derive(Debug, Clone, Copy)]
pub struct Name {
    /// What is named, such as `pool`.
    pub noun: &'static str,
    /// The most characters of a name; the fewest are 4.
    pub most: usize,
    /// Longer names are refused in some regions.
    pub safe: usize,
}

/// A display name: lower-case letters, digits and hyphens (API reference, create
/// requests).
pub fn name(field: &Tf<String>, place: &Place, rule: Name, found: &mut Diagnostics) {
    let Some(name) = field.known() else { return };
    let Name { noun, most, safe } = rule;
    let shape_ok = name.starts_with(|c: char| c.is_ascii_lowercase())
        && !name.ends_with('-')
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    let length = name.chars().count();
    if !shape_ok || !(4..=most).contains(&length) {
        let detail = format!(
            "{place} is {name:?} ({length} characters). Use 4 to {most} lower-case letters, \
             digits and hyphens; start with a letter and do not end with a hyphen."
        );
        place.error(&format!("Invalid {noun} name"), detail, found);
    } else if length > safe {
        let detail = format!(
            "{name:?} has {length} characters. Some regions refuse {noun} names of more than \
             {safe}; a shorter one works everywhere."
        );
        place.warn(&format!("Long {noun} name"), detail, found);
    }
}

/// A description (API reference, patch requests).
pub fn description(field: &Tf<String>, place: &Place, found: &mut Diagnostics) {
    let Some(text) = field.known() else { return };
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

/// The time that a text of a `timeouts` block means, or a default. Validation has
/// refused what is no duration.
pub fn time(field: &Tf<String>, default: &str) -> Duration {
    let written = field.text().and_then(|text| duration::parse(text).ok());
    written.or_else(|| duration::parse(default).ok()).unwrap_or(LONGEST_DEFAULT)
}

/// The times of a `timeouts` block: names, what is written, and the defaults.
pub fn timeouts<'t>(
    times: impl IntoIterator<Item = (&'static str, &'t Tf<String>, &'static str)>,
    block: &Place,
    found: &mut Diagnostics,
) {
    for (name, field, default) in times {
        allowed_time(field, &block.attribute(name), default, found);
    }
}

/// A time that something may take; `default` counts where nothing is written.
pub fn allowed_time(field: &Tf<String>, place: &Place, default: &str, found: &mut Diagnostics) {
    let Some(text) = field.text() else { return };
    let wrong = match duration::parse(text) {
        Ok(time) if time.is_zero() => "no time at all".to_owned(),
        Ok(_) => return,
        Err(wrong) => wrong.to_string(),
    };
    let detail = format!(
        "{place} is {text:?}: {wrong}. Write a time such as \"45m\" or \"1h30m\"; the default is \
         {default:?}."
    );
    place.error("Invalid duration", detail, found);
}
