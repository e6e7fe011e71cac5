//! Findings: where they are, and the checks that every group needs.

use std::fmt;
use std::ops::RangeInclusive;

use crate::tf::diagnostics::{Diagnostic, Diagnostics};
use crate::tf::model::{Set, Tf};
use crate::tf::path::Path;

/// What a finding is about: how it is addressed and how it is called.
///
/// Elements of a set cannot be addressed, so inside of one the path stays at
/// the set and only the name goes on.
#[derive(Debug, Clone)]
pub struct Place {
    path: Path,
    name: String,
    in_set: bool,
}

impl Place {
    /// An attribute of the resource.
    pub fn of(attribute: &str) -> Self {
        Self::outside_sets(Path::of(attribute))
    }

    fn outside_sets(path: Path) -> Self {
        Self { name: path.to_string(), path, in_set: false }
    }

    /// An attribute of what is here.
    pub fn attribute(&self, name: &str) -> Self {
        self.inner(self.path.attribute(name), name)
    }

    /// An item of the list that is here, counted from 0.
    pub fn index(&self, index: usize) -> Self {
        self.inner(self.path.index(index), &format!("item {index}"))
    }

    /// An entry of the map that is here.
    pub fn key(&self, key: &str) -> Self {
        self.inner(self.path.key(key), &format!("{key:?}"))
    }

    /// An element of the set that is here, called so.
    pub fn element(&self, called: &str) -> Self {
        Self { path: self.path.clone(), name: format!("{called} in {}", self.name), in_set: true }
    }

    fn inner(&self, path: Path, name: &str) -> Self {
        if self.in_set {
            Self { path: self.path.clone(), name: format!("{name} of {}", self.name), in_set: true }
        } else {
            Self::outside_sets(path)
        }
    }

    /// Reports an error here.
    pub fn error(&self, summary: &str, detail: impl Into<String>, found: &mut Diagnostics) {
        found.push(Diagnostic::error(summary, detail).at(self.path.clone()));
    }

    /// Reports a warning here.
    pub fn warn(&self, summary: &str, detail: impl Into<String>, found: &mut Diagnostics) {
        found.push(Diagnostic::warning(summary, detail).at(self.path.clone()));
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// A text that is one of a few words.
pub fn one_of(field: &Tf<String>, place: &Place, allowed: &[&str], found: &mut Diagnostics) {
    if let Some(value) = field.known()
        && !allowed.contains(&value.as_str())
    {
        let detail = format!("{place} is {value:?}. Use one of {}.", choice(allowed));
        place.error("Value not allowed", detail, found);
    }
}

/// A set of texts each of which is one of a few words.
pub fn any_of(field: &Tf<Set<String>>, place: &Place, allowed: &[&str], found: &mut Diagnostics) {
    for word in field.known().into_iter().flat_map(Set::known) {
        if !allowed.contains(&word.as_str()) {
            let detail = format!("{place} holds {word:?}. Use any of {}.", choice(allowed));
            place.error("Value not allowed", detail, found);
        }
    }
}

fn choice(allowed: &[&str]) -> String {
    allowed.iter().map(|word| format!("{word:?}")).collect::<Vec<_>>().join(", ")
}

/// A text that is not empty.
pub fn filled(field: &Tf<String>, place: &Place, found: &mut Diagnostics) {
    if field.known().is_some_and(String::is_empty) {
        empty(place, found);
    }
}

/// Reports an empty text.
pub fn empty(place: &Place, found: &mut Diagnostics) {
    let detail = format!("{place} is empty. Give it a value, or leave out what is optional.");
    place.error("Text missing", detail, found);
}

/// A number in a range, whose end may be open (`i64::MAX`); the number, if it is
/// known and in the range.
pub fn whole(
    field: &Tf<i64>,
    place: &Place,
    range: RangeInclusive<i64>,
    found: &mut Diagnostics,
) -> Option<i64> {
    let number = field.get()?;
    if range.contains(&number) {
        return Some(number);
    }
    let range = match (range.start(), range.end()) {
        (least, &i64::MAX) => format!("of at least {least}"),
        (least, most) => format!("from {least} to {most}"),
    };
    let detail = format!("{place} is {number}. Use a whole number {range}.");
    place.error("Number not allowed", detail, found);
    None
}

/// A number of at least 1; the number, if it is known and one.
pub fn positive(field: &Tf<i64>, place: &Place, found: &mut Diagnostics) -> Option<i64> {
    whole(field, place, 1..=i64::MAX, found)
}
