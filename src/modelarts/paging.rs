//! Lists, which come in pages.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::answer::Answer;
use super::call::Call;
use super::client::Client;
use super::error::{Error, ErrorKind};
use super::request::Request;

/// A list that goes on beyond this is a mistake of the service.
const MOST_PAGES: usize = 1000;

/// One page of a list.
pub(crate) struct Page<T> {
    pub(crate) items: Vec<T>,
    /// What the query for the next page says, and under which key.
    pub(crate) next: Option<(&'static str, String)>,
}

/// Reads one page; items that cannot be read are left out.
pub(crate) fn page<T: DeserializeOwned>(
    answer: &Answer,
    kind: &str,
    field: &str,
) -> Result<Page<T>, Error> {
    page_of(answer, kind, field, |item| serde_json::from_str(item).ok())
}

/// Reads one page; each item, as JSON, is turned into something or left out.
/// Items may be missing or null only in an answer that says what it is: an
/// unrelated object must not pass for an empty list.
pub(crate) fn page_of<T>(
    answer: &Answer,
    kind: &str,
    field: &str,
    item: impl FnMut(&str) -> Option<T>,
) -> Result<Page<T>, Error> {
    let answered: BTreeMap<Cow<'_, str>, &RawValue> = answer.object()?;
    let text = |field: &str| answered.get(field).map(|raw| raw.get());
    let kind_said = text("kind").and_then(|kind| serde_json::from_str::<Cow<'_, str>>(kind).ok());
    let known = kind_said.is_some_and(|said| said == kind)
        || text("count").or(text("total_count")).is_some();
    let listed: Vec<&RawValue> = match text(field) {
        None | Some("null") if known => Vec::new(),
        Some(list) if list.starts_with('[') => {
            serde_json::from_str(list).map_err(|error| answer.unusable(&error.to_string()))?
        }
        _ => return Err(answer.unusable(&format!("it has no list of {field}"))),
    };
    let next = text("metadata").and_then(|metadata| serde_json::from_str::<After>(metadata).ok());
    let next = next.and_then(|after| after.next).filter(|next| !next.is_empty());
    Ok(Page {
        items: listed.into_iter().map(RawValue::get).filter_map(item).collect(),
        next: next.map(|next| ("continue", next)),
    })
}

#[derive(Deserialize)]
struct After {
    #[serde(rename = "continue")]
    next: Option<String>,
}

impl Client {
    /// Reads all pages of a list. A service that ignores paging answers
    /// everything at once, which is a last page.
    pub(crate) async fn all_pages<T: Send>(
        &self,
        call: &Call,
        mut request: Request<'_, Page<T>>,
    ) -> Result<Vec<T>, Error> {
        let mut all = Vec::new();
        let mut last = None;
        for _ in 0..MOST_PAGES {
            let page = self.send(call, &request).await?;
            all.extend(page.items);
            let Some((key, next)) = page.next else { return Ok(all) };
            if last.as_ref() == Some(&next) {
                let what = "the service sends the same page of a list again and again";
                return Err(Error::new(ErrorKind::Undecodable, what));
            }
            request.requery(key, &next);
            last = Some(next);
        }
        let what = "the service does not stop sending pages of a list";
        Err(Error::new(ErrorKind::Undecodable, what))
    }
}
