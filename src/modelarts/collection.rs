//! What pools and networks have in common: the bodies of requests, and making,
//! listing, reading, changing and removing.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;

use secrecy::SecretString;
use serde::de::DeserializeOwned;
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};
use serde_json::Value;

use super::answer::Answer;
use super::call::Call;
use super::client::Client;
use super::error::{Error, Subject};
use super::id::Id;
use super::labels;
use super::paging;
use super::pool::Metadata;
use super::request::{Effect, Request, path};

/// What is wanted of an object.
pub trait Wanted: Serialize + Default + PartialEq + Clone + Debug + Send {
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

/// An object of a collection: a pool or a network.
pub trait Object: DeserializeOwned + Clone + Debug + PartialEq + Send + Sync + 'static {
    /// Path of the collection.
    const COLLECTION: &'static str;
    /// Kind of a list of it.
    const LIST: &'static str;
    /// Which "not found" means that it is gone.
    const SUBJECT: Subject;
    /// The longest page of a list, where lists have pages.
    const PAGE: Option<&'static str>;
    /// What is wanted of it.
    type Spec: Wanted + Sync;
    /// The parts of that which can be changed.
    type Change: Serialize + Default + PartialEq + Clone + Debug + Send + Sync;

    /// Gives identity, labels and annotations.
    fn metadata(&self) -> &Metadata;

    /// Gives what is wanted.
    fn spec(&self) -> &Self::Spec;

    /// Gives what of a wish no log and no error may quote.
    fn secrets(_spec: &Self::Spec) -> Vec<&SecretString> {
        Vec::new()
    }

    /// Gives the identity under which it is read, patched and deleted.
    fn id(&self) -> Id<Self> {
        Id::new(&*self.metadata().name)
    }

    /// Gives the name the user chose, if the service sent it.
    fn display_name(&self) -> Option<&str> {
        self.metadata().label(labels::NAME)
    }

    /// Gives the workspace, if the service sent it; `0` is the default one.
    fn workspace_id(&self) -> Option<&str> {
        self.metadata().label(labels::WORKSPACE_ID)
    }
}

/// Reads an answer that shows an object. Without an identity it shows nothing.
fn shown<T: Object>(answer: &Answer) -> Result<T, Error> {
    let object: T = answer.object()?;
    let named = !object.metadata().name.is_empty();
    named.then_some(object).ok_or_else(|| answer.unusable("it has no metadata.name"))
}

/// What a list holds of the objects that were asked for.
#[derive(Clone, Debug)]
pub struct Listed<T> {
    /// The wanted objects that the list shows, by ID; an error for one that
    /// cannot be understood.
    pub objects: HashMap<String, Result<T, Error>>,
    /// All objects that the list shows.
    pub names: Vec<ObjectName>,
}

/// How an object is called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ObjectName {
    /// Its ID, `metadata.name`.
    pub id: String,
    /// The name the user chose, if the service sent it.
    pub name: Option<String>,
    /// Its workspace, if the service sent it; `0` is the default one.
    pub workspace: Option<String>,
}

wire! {
    "camelCase";

    struct Glance {
        metadata: GlanceMetadata,
    }

    struct GlanceMetadata {
        name: String,
        labels: BTreeMap<String, String>,
    }
}

impl ObjectName {
    /// Reads the name of an object from its JSON, and nothing else of it.
    fn read(object: &str) -> Option<Self> {
        let Glance { metadata } = serde_json::from_str(object).ok()?;
        let mut labels = metadata.labels;
        let (name, workspace) = (labels.remove(labels::NAME), labels.remove(labels::WORKSPACE_ID));
        (!metadata.name.is_empty()).then_some(Self { id: metadata.name, name, workspace })
    }
}

/// The objects of a list, page by page.
pub struct ObjectPages<T> {
    client: Client,
    pages: paging::Pages<'static, Result<T, Error>>,
}

impl<T: Object> ObjectPages<T> {
    /// Asks for the next page; `None` after the last one. An object that cannot be
    /// understood is an error of its own; what has no identity is left out.
    ///
    /// # Errors
    /// Besides the service's refusals, `Undecodable` when the answer is no list.
    pub async fn next(&mut self, call: &Call) -> Result<Option<Vec<Result<T, Error>>>, Error> {
        self.pages.next(&self.client, call).await
    }
}

/// What a list is asked for: parameters of the query; those that are `None` are
/// left out.
pub type Query<'a> = [(&'static str, Option<&'a str>)];

impl Client {
    /// Creates an object; one accepted request at most is ever sent.
    ///
    /// # Errors
    /// [`ErrorKind::Ambiguous`](super::ErrorKind::Ambiguous) when it may exist
    /// although no usable answer came, or a conflict after another failure;
    /// [`AlreadyExists`](super::ErrorKind::AlreadyExists) when the display name
    /// is taken.
    pub async fn create<T: Object>(&self, call: &Call, body: &Create<T::Spec>) -> Result<T, Error> {
        T::secrets(&body.spec).into_iter().for_each(|secret| self.never_quote(secret));
        let post = Request::new(Effect::Create, T::COLLECTION, shown::<T>);
        self.send(call, &post.about(T::SUBJECT).json(body)).await
    }

    /// Reads all pages. A page that cannot be read is an error, an object on it
    /// that cannot be read is as if it were missing.
    pub(crate) async fn list<T: Object>(
        &self,
        call: &Call,
        query: &Query<'_>,
    ) -> Result<Vec<T>, Error> {
        let page = |answer: &Answer| paging::page(answer, T::LIST, "items");
        let query = query.iter().copied();
        self.all_pages(call, Request::new(Effect::Read, T::COLLECTION, page).query(query)).await
    }

    /// Lists the objects of one workspace, but reads only those whose ID is
    /// wanted; of the others it gives the names. A wanted one that cannot be
    /// understood is an error of its own.
    ///
    /// # Errors
    /// Besides the service's refusals, `Undecodable` when the answer is no list.
    pub async fn list_where<T: Object>(
        &self,
        call: &Call,
        workspace_id: &str,
        wanted: &(dyn Fn(&str) -> bool + Send + Sync),
    ) -> Result<Listed<T>, Error> {
        self.list_by(call, &[("workspaceId", Some(workspace_id))], wanted).await
    }

    /// The same, with filters of the service's own.
    ///
    /// # Errors
    /// As [`list_where`](Self::list_where).
    pub async fn list_by<T: Object>(
        &self,
        call: &Call,
        query: &Query<'_>,
        wanted: &(dyn Fn(&str) -> bool + Send + Sync),
    ) -> Result<Listed<T>, Error> {
        let request = Request::new(Effect::Read, T::COLLECTION, |answer| {
            paging::page_of(answer, T::LIST, "items", |item| {
                let name = ObjectName::read(item)?;
                let read = || {
                    let object = serde_json::from_str::<T>(item);
                    object.map_err(|error| answer.unusable(&format!("{}: {error}", name.id)))
                };
                let object = wanted(&name.id).then(read);
                Some((name, object))
            })
        });
        let query = query.iter().copied().chain([("limit", T::PAGE)]);
        let mut listed = Listed { objects: HashMap::new(), names: Vec::new() };
        for (name, object) in self.all_pages(call, request.query(query)).await? {
            listed.objects.extend(object.map(|object| (name.id.clone(), object)));
            listed.names.push(name);
        }
        Ok(listed)
    }

    /// Lists objects page by page.
    pub fn pages<T: Object>(&self, query: &Query<'_>) -> ObjectPages<T> {
        let request = Request::new(Effect::Read, T::COLLECTION, |answer| {
            paging::page_of(answer, T::LIST, "items", |item| {
                let name = ObjectName::read(item)?;
                let object = serde_json::from_str::<T>(item);
                Some(object.map_err(|error| answer.unusable(&format!("{}: {error}", name.id))))
            })
        });
        let query = query.iter().copied().chain([("limit", T::PAGE)]);
        ObjectPages { client: self.clone(), pages: paging::Pages::new(request.query(query)) }
    }

    /// Lists the objects of one workspace by their names alone.
    ///
    /// # Errors
    /// As [`list_where`](Self::list_where).
    pub async fn list_names<T: Object>(
        &self,
        call: &Call,
        workspace_id: &str,
    ) -> Result<Vec<ObjectName>, Error> {
        Ok(self.list_where::<T>(call, workspace_id, &|_| false).await?.names)
    }

    /// Reads one object.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](super::ErrorKind::NotFound) only when the service
    /// itself says that it does not exist.
    pub async fn get<T: Object>(&self, call: &Call, id: &Id<T>) -> Result<T, Error> {
        let get = Request::new(Effect::Read, path(T::COLLECTION, id.as_str())?, shown::<T>);
        self.send(call, &get.about(T::SUBJECT)).await
    }

    /// Changes an object in place and gives it as it is afterwards.
    ///
    /// # Errors
    /// `Busy` while another change runs; `Ambiguous` when the change may have
    /// been taken: read, compare, and send it again if need be.
    pub async fn patch<T: Object>(
        &self,
        call: &Call,
        id: &Id<T>,
        body: &Patch<T::Change>,
    ) -> Result<T, Error> {
        let read = |answer: &Answer| Ok(shown::<T>(answer).ok());
        let patch = Request::new(Effect::Patch, path(T::COLLECTION, id.as_str())?, read);
        match self.send(call, &patch.about(T::SUBJECT).merge_patch(body)).await? {
            Some(object) => Ok(object),
            // The change was taken; only its picture is missing.
            None => self.get(call, id).await,
        }
    }

    /// Starts the deletion of an object; it is complete when it is not found.
    /// Any 2xx answer will do; the object is given if it is in it.
    ///
    /// # Errors
    /// `NotFound` when it is already gone, `Busy` while something uses it.
    pub async fn delete<T: Object>(&self, call: &Call, id: &Id<T>) -> Result<Option<T>, Error> {
        let read = |answer: &Answer| Ok(shown::<T>(answer).ok());
        let delete = Request::new(Effect::Delete, path(T::COLLECTION, id.as_str())?, read);
        self.send(call, &delete.about(T::SUBJECT)).await
    }
}
