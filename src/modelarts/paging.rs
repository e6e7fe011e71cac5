//! Lists that come in pages: `limit` and `continue`.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::call::Call;
use super::client::Client;
use super::error::Error;
use super::transport::{Answer, Request};

/// A list that goes on beyond this is a mistake of the service.
const MOST_PAGES: usize = 1000;
const PAGE_SIZE: &str = "500";

/// One page of a list.
pub(crate) struct Page<T> {
    pub(crate) items: Vec<T>,
    /// Where the next page begins.
    pub(crate) next: Option<String>,
}

/// Reads one page. Items may be missing or null only in an answer that says
/// what it is: an unrelated object must not pass for an empty list.
pub(crate) fn items<T: DeserializeOwned>(
    answer: &Answer,
    kind: &str,
    field: &str,
) -> Result<Page<T>, Error> {
    let value = answer.value().ok_or_else(|| answer.unusable("it is empty"))?;
    let known = value.get("kind").and_then(Value::as_str) == Some(kind)
        || value.get("count").or_else(|| value.get("total_count")).is_some();
    let items = match value.get(field) {
        Some(Value::Array(items)) => items.as_slice(),
        None | Some(Value::Null) if known => &[],
        _ => return Err(answer.unusable(&format!("it has no list of {field}"))),
    };
    let next = value.pointer("/metadata/continue").and_then(Value::as_str);
    Ok(Page {
        items: items.iter().filter_map(|item| T::deserialize(item).ok()).collect(),
        next: next.filter(|next| !next.is_empty()).map(str::to_owned),
    })
}

impl Client {
    /// Reads all pages of a list. A service that ignores paging answers
    /// everything at once, which is a last page.
    pub(crate) async fn all_pages<T: DeserializeOwned>(
        &self,
        call: &Call,
        request: Request,
        kind: &str,
    ) -> Result<Vec<T>, Error> {
        let mut all = Vec::new();
        let mut from: Option<String> = None;
        for _ in 0..MOST_PAGES {
            let mut query = vec![("limit".to_owned(), PAGE_SIZE.to_owned())];
            query.extend(from.iter().map(|from| ("continue".to_owned(), from.clone())));
            let answer = self.send(call, request.clone().query(query)).await?;
            let page = items(&answer, kind, "items")?;
            all.extend(page.items);
            if page.next.is_none() {
                return Ok(all);
            }
            if page.next == from {
                return Err(answer.unusable("its next page is the same page again"));
            }
            from = page.next;
        }
        Err(Error::new(
            super::error::ErrorKind::Undecodable,
            format!("the service did not stop sending pages of {kind}"),
        ))
    }
}
