//! Reading the state of a provider that cannot say "not set" in one way.
//!
//! An absent text is `""` or null there, an absent number 0 or null, and a
//! block is a list of one. Anything of another shape counts as absent.

use serde_json::{Map, Value as Json};

/// A text that is not empty.
pub fn text(source: &Json, name: &str) -> Option<String> {
    source.get(name)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

/// A whole number above 0. States that older Terraform wrote hold texts.
pub fn number(source: &Json, name: &str) -> Option<i64> {
    let number = match source.get(name)? {
        Json::String(text) => text.parse().ok(),
        other => other.as_i64(),
    };
    number.filter(|number| *number > 0)
}

/// The items of a list or set, or none.
pub fn blocks<'a>(source: &'a Json, name: &str) -> impl Iterator<Item = &'a Json> {
    let items = source.get(name).and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
    items.iter().filter(|item| item.is_object())
}

/// The one item of a block.
pub fn first<'a>(source: &'a Json, name: &str) -> Option<&'a Json> {
    blocks(source, name).next()
}

/// Texts in a list or set; `None` when there is none.
pub fn texts(source: &Json, name: &str) -> Option<Vec<String>> {
    let items = source.get(name)?.as_array()?.iter();
    let all: Vec<String> = items.filter_map(|item| item.as_str().map(str::to_owned)).collect();
    (!all.is_empty()).then_some(all)
}

/// A map of texts as pairs; `None` when it is empty.
pub fn text_pairs(source: &Json, name: &str) -> Option<Vec<(String, String)>> {
    let entries = source.get(name)?.as_object()?.iter();
    let all: Vec<_> = entries
        .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
        .collect();
    (!all.is_empty()).then_some(all)
}

/// The object that stands as JSON in a text, without its nulls; `None` when
/// the text is something else or the object is empty.
pub fn object_in_text(source: &Json, name: &str) -> Option<Map<String, Json>> {
    let parsed: Json = serde_json::from_str(source.get(name)?.as_str()?).ok()?;
    let Json::Object(mut entries) = parsed else { return None };
    entries.retain(|_, value| !value.is_null());
    (!entries.is_empty()).then_some(entries)
}

/// A text as it is, anything else as JSON.
pub fn plain(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
