//! Driver versions on offer (API reference, tags, plug-ins, templates).

use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde_json::Value;

use super::answer::Answer;
use super::call::Call;
use super::client::Client;
use super::error::Error;
use super::request::{Effect, Request};

/// Kind of accelerator card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Card {
    /// A GPU.
    Gpu,
    /// An Ascend NPU.
    Npu,
}

impl Card {
    /// Gives the word of the service.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gpu => "gpu",
            Self::Npu => "npu",
        }
    }
}

impl Client {
    /// Lists the versions of a driver, newest first. None when the service says
    /// itself that it has no such driver.
    ///
    /// # Errors
    /// Besides the service's refusals, `Undecodable` when the answer says nothing
    /// of versions.
    pub async fn list_driver_versions(
        &self,
        call: &Call,
        card: Card,
    ) -> Result<Vec<String>, Error> {
        let template = format!("/v1/{{project_id}}/plugintemplates/{}-driver", card.as_str());
        match self.send(call, &Request::new(Effect::Read, template, versions)).await {
            Err(error) if is_missing(&error) => Ok(Vec::new()),
            answer => answer,
        }
    }
}

/// Only the service itself knows what it has; a gateway does not.
fn is_missing(error: &Error) -> bool {
    error.status() == Some(404) && error.code().is_some_and(|code| code.starts_with("ModelArts."))
}

/// Reads the map of versions, which stands at the top in examples of the API and
/// under `spec` in its tables.
fn versions(answer: &Answer) -> Result<Vec<String>, Error> {
    let mut template: BTreeMap<String, Value> = answer.object()?;
    let inner = template.get_mut("spec").and_then(|spec| spec.get_mut("versions")).map(Value::take);
    let found = [template.remove("versions"), inner];
    let is_map = |value: &Value| value.is_object() || value.is_null();
    match found.into_iter().flatten().filter(is_map).max_by_key(Value::is_object) {
        Some(Value::Object(versions)) => {
            let mut names: Vec<String> = versions.into_iter().map(|(name, _)| name).collect();
            names.sort_by(|one, other| compare_versions(other, one));
            Ok(names)
        }
        Some(_) => Ok(Vec::new()),
        None => Err(answer.unusable("it has no versions")),
    }
}

/// Compares versions by their parts, numbers as numbers: `470.57.02` is older
/// than `535.54.03`, `C78` older than `C100`, and `24.1.rc3` older than `24.1`.
pub fn compare_versions(one: &str, other: &str) -> Ordering {
    let (mut ours, mut theirs) = (parts(one), parts(other));
    loop {
        let order = match (ours.next(), theirs.next()) {
            (None, None) => return one.cmp(other),
            // A text after the rest announces a version, a number continues it.
            (Some(part), None) => part.against_nothing(),
            (None, Some(part)) => part.against_nothing().reverse(),
            (Some(ours), Some(theirs)) => ours.cmp(&theirs),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

/// A part of a version. Texts come before numbers.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Part<'a> {
    Text(&'a str),
    /// Number of digits and digits: a number of any length.
    Number(usize, &'a str),
}

impl Part<'_> {
    fn against_nothing(&self) -> Ordering {
        match self {
            Self::Text(_) => Ordering::Less,
            Self::Number(..) => Ordering::Greater,
        }
    }
}

fn parts(version: &str) -> impl Iterator<Item = Part<'_>> {
    let pieces = version.split(|c: char| !c.is_ascii_alphanumeric());
    pieces.flat_map(|piece| {
        let is_digit = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
        let mut rest = piece;
        std::iter::from_fn(move || {
            let digits = is_digit(rest);
            let end = rest.find(|c: char| c.is_ascii_digit() != digits).unwrap_or(rest.len());
            let (part, after) = rest.split_at_checked(end).filter(|(part, _)| !part.is_empty())?;
            rest = after;
            let number = part.trim_start_matches('0');
            Some(if digits { Part::Number(number.len(), number) } else { Part::Text(part) })
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_parts_and_numbers_as_numbers() {
        let newest_first =
            ["535.129.03", "535.54.03", "470.57.02", "440.33", "C100", "C83", "C78", "A1"];
        for (index, newer) in newest_first.iter().enumerate() {
            assert_eq!(compare_versions(newer, newer), Ordering::Equal);
            for older in newest_first.iter().skip(index + 1) {
                assert_eq!(compare_versions(newer, older), Ordering::Greater, "{newer} {older}");
                assert_eq!(compare_versions(older, newer), Ordering::Less, "{newer} {older}");
            }
        }
    }

    #[test]
    fn what_is_not_yet_a_version_is_older_and_what_follows_one_is_newer() {
        for (newer, older) in [
            ("24.1.0", "24.1.rc3"),
            ("24.1", "24.1.rc3"),
            ("24.1.rc10", "24.1.rc3"),
            ("24.1.0.3", "24.1.0"),
            ("7.1.0.3.220-23.0.5", "7.1.0.3.220-23.0.3"),
            ("99999999999999999999999", "99999999999999999999998"),
        ] {
            assert_eq!(compare_versions(newer, older), Ordering::Greater, "{newer} {older}");
        }
        assert_ne!(compare_versions("1.02", "1.2"), Ordering::Equal, "they are two versions");
    }
}
