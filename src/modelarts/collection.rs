//! What pools and networks have in common: the bodies of requests, and making,
//! listing, reading, changing and removing.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};
use serde_json::Value;

use super::answer::Answer;
use super::call::Call;
use super::client::Client;
use super::error::{Error, Subject};
use super::paging;
use super::pool::Metadata;
use super::request::{Effect, Request, path};

/// What is wanted of an object.
pub trait Wanted: Serialize + Default + PartialEq {
    /// Version that a create request names.
    const API_VERSION: &'static str;
    /// Kind that a create request names.
    const KIND: &'static str;
}

/// Body of a create request.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Create<S> {
    /// Labels; `os.modelarts/name` is mandatory.
    pub labels: BTreeMap<String, String>,
    /// Annotations; left out of the body when empty.
    pub annotations: BTreeMap<String, String>,
    /// What is wanted.
    pub spec: S,
}

/// Body of a patch request, with the semantics of RFC 7396: what is absent
/// stays, null removes, lists are replaced whole.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Patch<S> {
    /// Labels to set, or to remove when `None`.
    pub labels: BTreeMap<String, Option<String>>,
    /// Annotations to set, or to remove when `None`.
    pub annotations: BTreeMap<String, Option<String>>,
    /// Parts of the spec to replace.
    pub spec: S,
}

impl<S: Wanted> Create<S> {
    /// Gives the JSON that is sent.
    ///
    /// # Errors
    /// Fails only when a free-form value cannot be written as JSON.
    pub fn body(&self) -> Result<Value, serde_json::Error> {
        serde_json::to_value(self)
    }
}

impl<S: Serialize + Default + PartialEq> Patch<S> {
    /// Gives the JSON that is sent; empty sections are left out.
    ///
    /// # Errors
    /// Fails only when a free-form value cannot be written as JSON.
    pub fn body(&self) -> Result<Value, serde_json::Error> {
        serde_json::to_value(self)
    }

    /// Tells whether there is nothing to send.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty() && self.annotations.is_empty() && self.spec == S::default()
    }
}

#[derive(Serialize)]
struct Sections<'a, V> {
    #[serde(skip_serializing_if = "Option::is_none")]
    labels: Option<&'a BTreeMap<String, V>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    annotations: Option<&'a BTreeMap<String, V>>,
}

fn filled<V>(map: &BTreeMap<String, V>) -> Option<&BTreeMap<String, V>> {
    (!map.is_empty()).then_some(map)
}

impl<S: Wanted> Serialize for Create<S> {
    fn serialize<Z: Serializer>(&self, serializer: Z) -> Result<Z::Ok, Z::Error> {
        let metadata =
            Sections { labels: Some(&self.labels), annotations: filled(&self.annotations) };
        let mut body = serializer.serialize_struct("Create", 4)?;
        body.serialize_field("apiVersion", S::API_VERSION)?;
        body.serialize_field("kind", S::KIND)?;
        body.serialize_field("metadata", &metadata)?;
        body.serialize_field("spec", &self.spec)?;
        body.end()
    }
}

impl<S: Serialize + Default + PartialEq> Serialize for Patch<S> {
    /// Leaves empty sections out.
    fn serialize<Z: Serializer>(&self, serializer: Z) -> Result<Z::Ok, Z::Error> {
        let (labels, annotations) = (filled(&self.labels), filled(&self.annotations));
        let mut body = serializer.serialize_struct("Patch", 2)?;
        if labels.is_some() || annotations.is_some() {
            body.serialize_field("metadata", &Sections { labels, annotations })?;
        }
        if self.spec != S::default() {
            body.serialize_field("spec", &self.spec)?;
        }
        body.end()
    }
}

/// An object of a collection.
pub(crate) trait Object: DeserializeOwned + PartialEq + Send {
    /// Path of the collection.
    const COLLECTION: &'static str;
    /// Kind of a list of it.
    const LIST: &'static str;
    /// Which "not found" means that it is gone.
    const SUBJECT: Subject;
    /// What is wanted of it.
    type Spec: Wanted + Sync;

    fn metadata(&self) -> &Metadata;

    /// Reads an answer that shows one. Without an identity it shows nothing.
    fn shown(answer: &Answer) -> Result<Self, Error> {
        let object: Self = answer.object()?;
        let named = !object.metadata().name.is_empty();
        named.then_some(object).ok_or_else(|| answer.unusable("it has no metadata.name"))
    }
}

impl Client {
    pub(crate) async fn create<T: Object>(
        &self,
        call: &Call,
        body: &Create<T::Spec>,
    ) -> Result<T, Error> {
        let post = Request::new(Effect::Create, T::COLLECTION, T::shown);
        self.send(call, &post.about(T::SUBJECT).json(body)).await
    }

    /// Reads all pages. A page that cannot be read is an error, an object on it
    /// that cannot be read is as if it were missing.
    pub(crate) async fn list<'a, T: Object>(
        &self,
        call: &Call,
        query: impl IntoIterator<Item = (&'static str, Option<&'a str>)>,
    ) -> Result<Vec<T>, Error> {
        let page = |answer: &Answer| paging::page(answer, T::LIST, "items");
        self.all_pages(call, Request::new(Effect::Read, T::COLLECTION, page).query(query)).await
    }

    pub(crate) async fn get<T: Object>(&self, call: &Call, id: &str) -> Result<T, Error> {
        let get = Request::new(Effect::Read, path(T::COLLECTION, id)?, T::shown);
        self.send(call, &get.about(T::SUBJECT)).await
    }

    pub(crate) async fn patch<T: Object, S: Serialize + Default + PartialEq>(
        &self,
        call: &Call,
        id: &str,
        body: &Patch<S>,
    ) -> Result<T, Error> {
        let read = |answer: &Answer| Ok(T::shown(answer).ok());
        let patch = Request::new(Effect::Patch, path(T::COLLECTION, id)?, read);
        match self.send(call, &patch.about(T::SUBJECT).merge_patch(body)).await? {
            Some(object) => Ok(object),
            // The change was taken; only its picture is missing.
            None => self.get(call, id).await,
        }
    }

    /// Any 2xx answer will do; the object is shown if it is in it.
    pub(crate) async fn delete<T: Object>(
        &self,
        call: &Call,
        id: &str,
    ) -> Result<Option<T>, Error> {
        let read = |answer: &Answer| Ok(T::shown(answer).ok());
        let delete = Request::new(Effect::Delete, path(T::COLLECTION, id)?, read);
        self.send(call, &delete.about(T::SUBJECT)).await
    }
}
