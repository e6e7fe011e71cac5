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

/// The pages of a list, asked for one after the other. A service that ignores
/// paging answers everything at once, which is a last page.
pub(crate) struct Pages<'a, T> {
    request: Request<'a, Page<T>>,
    /// What led to the last page that was asked for.
    last: Option<String>,
    asked: usize,
    is_over: bool,
}

impl<'a, T: Send> Pages<'a, T> {
    /// The pages of the list that this request asks for.
    pub(crate) fn new(request: Request<'a, Page<T>>) -> Self {
        Self { request, last: None, asked: 0, is_over: false }
    }

    /// Asks for the next page; `None` after the last one.
    pub(crate) async fn next(
        &mut self,
        client: &Client,
        call: &Call,
    ) -> Result<Option<Vec<T>>, Error> {
        if self.is_over {
            return Ok(None);
        }
        if self.asked == MOST_PAGES {
            let what = "the service does not stop sending pages of a list";
            return Err(Error::new(ErrorKind::Undecodable, what));
        }
        let page = client.send(call, &self.request).await?;
        self.asked += 1;
        match page.next {
            None => self.is_over = true,
            Some((_, next)) if self.last.as_ref() == Some(&next) => {
                let what = "the service sends the same page of a list again and again";
                return Err(Error::new(ErrorKind::Undecodable, what));
            }
            Some((key, next)) => {
                self.request.requery(key, &next);
                self.last = Some(next);
            }
        }
        Ok(Some(page.items))
    }
}

impl Client {
    /// Reads all pages of a list.
    pub(crate) async fn all_pages<T: Send>(
        &self,
        call: &Call,
        request: Request<'_, Page<T>>,
    ) -> Result<Vec<T>, Error> {
        let (mut pages, mut all) = (Pages::new(request), Vec::new());
        while let Some(items) = pages.next(self, call).await? {
            all.extend(items);
        }
        Ok(all)
    }
}
