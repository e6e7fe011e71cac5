//! Driver versions on offer (API reference, plug-ins and templates).

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

wire! {
    "camelCase";

    /// Some answers have the versions at the top, others in `spec`.
    struct Template {
        spec: Versions,
        versions: BTreeMap<String, Value>,
    }

    struct Versions {
        versions: BTreeMap<String, Value>,
    }
}

impl Client {
    /// Lists the driver versions on offer, newest first.
    ///
    /// # Errors
    /// As any read.
    pub async fn list_driver_versions(
        &self,
        call: &Call,
        card: Card,
    ) -> Result<Vec<String>, Error> {
        let path = format!("/v1/{{project_id}}/plugintemplates/{}-driver", card.as_str());
        let get = Request::new(Effect::Read, path, |answer: &Answer| {
            let Template { spec, versions } = answer.object()?;
            Ok(spec.versions.into_keys().chain(versions.into_keys()).collect::<Vec<_>>())
        });
        let mut versions = self.send(call, &get).await?;
        versions.sort_by(|a, b| by_parts(b, a));
        versions.dedup();
        Ok(versions)
    }
}

/// Compares versions part by part, numbers as numbers.
fn by_parts(one: &str, other: &str) -> Ordering {
    let parts = |text: &str| {
        let mut parts: Vec<(String, u64)> = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let word = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
            let (before, digits) = rest.split_at(word);
            let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
            let (number, after) = digits.split_at(end);
            parts.push((before.to_owned(), number.parse().unwrap_or(0)));
            rest = after;
        }
        parts
    };
    parts(one).cmp(&parts(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_versions_are_numbers() {
        let mut versions = ["C78", "440.33", "C9", "470.57.02", "535.54.03", "440.100"];
        versions.sort_by(|a, b| by_parts(b, a));
        assert_eq!(versions, ["C78", "C9", "535.54.03", "470.57.02", "440.100", "440.33"]);
    }
}
