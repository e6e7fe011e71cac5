//! One request on its way through the service.

use std::{collections::HashMap, ops::RangeInclusive, sync::Mutex};

use serde_json::{Value, json};

use super::{
    answer::{Answer, Check, bad},
    auth::{Audience, Gate},
    check::drop_nulls,
    faults::Faults,
    scenario::{Failure, Scenario},
    signature::{Signed, query_pairs},
    span::Span,
    world::Moment,
};

/// Is a scenario in use, with what has been used up of it.
#[derive(Default)]
pub(super) struct Live {
    pub(super) scenario: Scenario,
    pub(super) faults: Faults,
    used: Mutex<HashMap<&'static str, u32>>,
}

impl Live {
    pub(super) fn new(scenario: Scenario) -> Self {
        Self { scenario, ..Self::default() }
    }

    /// Uses up one of the times that something is to happen.
    pub(super) fn take(&self, what: &'static str, times: Option<u32>) -> bool {
        let mut used = self.used.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let count = used.entry(what).or_default();
        if times.is_some_and(|times| *count >= times) {
            return false;
        }
        *count = count.saturating_add(1);
        true
    }

    /// Returns the failure that the operation ends in, if it does.
    pub(super) fn failure<'a>(
        &self,
        what: &'static str,
        failure: &'a Option<Failure>,
    ) -> Option<&'a Failure> {
        failure.as_ref().filter(|failure| self.take(what, failure.times))
    }
}

/// Holds what a handler needs to know of a request.
pub(super) struct Call<'a> {
    pub(super) signed: Signed<'a>,
    pub(super) query: Query,
    pub(super) live: &'a Live,
    pub(super) gate: &'a Gate,
    pub(super) speed: f64,
    /// The cloud's time, by which everything happens, in Unix milliseconds.
    pub(super) now: i64,
    /// The gateway's clock, by which signatures and tokens are judged.
    pub(super) gateway_now: i64,
}

impl Call<'_> {
    pub(super) fn scenario(&self) -> &Scenario {
        &self.live.scenario
    }

    /// Returns when a transition begun now ends.
    pub(super) fn after(&self, span: Span) -> Moment {
        span.after(self.now, self.speed)
    }

    /// Returns when a transition ends that begins at a moment.
    pub(super) fn later(&self, from: Moment, span: Span) -> Moment {
        from.and_then(|from| span.after(from, self.speed))
    }

    /// Reads the body. A null counts as absent, but for a merge patch, where it removes.
    pub(super) fn json(&self) -> Check<Value> {
        let mut body = serde_json::from_slice(self.signed.body)
            .map_err(|error| bad(format!("the body is not JSON: {error}")))?;
        if self.signed.method != "PATCH" {
            drop_nulls(&mut body);
        }
        Ok(body)
    }

    pub(super) fn content_type(&self) -> &str {
        self.header("content-type").unwrap_or("").split(';').next().unwrap_or("").trim()
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.signed.headers.get(name).and_then(|value| value.to_str().ok())
    }

    pub(super) fn authenticate(&self, audience: Audience) -> Check {
        self.gate.check(&self.signed, audience, self.scenario(), self.gateway_now)
    }
}

/// Holds the decoded query of a request.
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    pub(super) fn new(raw: &str) -> Self {
        Self(query_pairs(raw))
    }

    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    /// Refuses parameters that the operation does not have.
    pub(super) fn only(&self, known: &[&str]) -> Check {
        for (index, (name, _)) in self.0.iter().enumerate() {
            if !known.contains(&name.as_str()) {
                return Err(bad(format!("unknown query parameter {name}")));
            }
            if self.0.iter().take(index).any(|(other, _)| other == name) {
                return Err(bad(format!("query parameter {name} is there twice")));
            }
        }
        Ok(())
    }

    pub(super) fn number(
        &self,
        key: &str,
        range: RangeInclusive<usize>,
        default: usize,
    ) -> Check<usize> {
        let Some(text) = self.get(key) else { return Ok(default) };
        match text.parse() {
            Ok(number) if range.contains(&number) => Ok(number),
            _ => Err(bad(format!(
                "query parameter {key} must be {} to {}",
                range.start(),
                range.end()
            ))),
        }
    }
}

/// Answers a whole list, whatever the page that was asked for.
pub(super) fn all(version: &str, kind: &str, items: Vec<Value>) -> Answer {
    Answer::ok(json!({ "apiVersion": version, "kind": kind, "metadata": {}, "items": items }))
}

/// Answers one page of a list by `limit` and `continue` (API reference, neighbouring APIs).
pub(super) fn page(call: &Call<'_>, version: &str, kind: &str, items: Vec<Value>) -> Check<Answer> {
    let largest = call.scenario().answers.page_size;
    // A limit of 0 asks for the default.
    let limit = match call.query.number("limit", 0..=500, 500)? {
        0 => largest,
        limit => limit.min(largest),
    };
    let start = match call.query.get("continue") {
        None | Some("") => 0,
        Some(token) => token
            .strip_prefix("page-")
            .and_then(|start| start.parse::<usize>().ok())
            .ok_or_else(|| bad("query parameter continue is not one of ours"))?,
    };
    let rest = items.len().saturating_sub(start).saturating_sub(limit);
    let some: Vec<Value> = items.into_iter().skip(start).take(limit).collect();
    let mut metadata = json!({});
    if rest > 0 {
        metadata =
            json!({ "continue": format!("page-{}", start + limit), "remainingItemCount": rest });
    }
    Ok(Answer::ok(
        json!({ "apiVersion": version, "kind": kind, "metadata": metadata, "items": some }),
    ))
}
