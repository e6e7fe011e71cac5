//! What is particular about the objects of one kind.

use crate::modelarts::{Create, Id, NetworkId, Object, Patch};
use crate::resources::session::Shelved;
use crate::tf::model::Model;
use crate::tf::resource::Outcome;

use super::run::Run;

/// The object of a kind, as the service answers it.
pub type ObjectOf<K> = <K as Kind>::Object;
/// What is wanted of an object of a kind.
pub type SpecOf<K> = <ObjectOf<K> as Object>::Spec;
/// The request that makes an object of a kind.
pub type RequestOf<K> = Create<SpecOf<K>>;

/// The request that changes an object of a kind.
pub type PatchOf<K> = Patch<<ObjectOf<K> as Object>::Change>;

/// How far an object is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Readiness {
    /// It is there.
    Ready,
    /// It is on its way; the text says what is missing.
    Pending(String),
    /// It waits for a person: an order to be paid or a request to be approved.
    NeedsPerson(String),
    /// It will not get there; the text says why.
    Failed(String),
}

/// What is waited for.
pub trait Goal<T>: Clone + Send + Sync {
    /// Says how far an object is.
    fn check(&self, object: &T) -> Readiness;

    /// Says whether acceptance is all that is waited for: then nobody looks.
    fn is_acceptance(&self) -> bool {
        false
    }

    /// The goal of a step that another one follows, for an object that was
    /// `before` when the step was asked for: whatever the user waits for, the
    /// next step needs this one done.
    fn in_between(&self, _before: &T) -> Self {
        self.clone()
    }
}

/// A kind of object: pool or network.
pub trait Kind: Sized + Send + Sync + 'static {
    /// The object as the service answers it.
    type Object: Shelved;
    /// The object as the user writes it and the state holds it.
    type Model: Model + Send + Sync;
    /// What is waited for.
    type Goal: Goal<Self::Object>;

    /// Name of the resource, such as `modelarts_pool`.
    const TYPE_NAME: &'static str;
    /// What it is called at the beginning of a sentence.
    const TITLE: &'static str;
    /// What it is called within a sentence.
    const NOUN: &'static str;
    /// The phase in which nothing is under way, in the service's word.
    const STABLE_PHASE: &'static str;
    /// What is true and what to do after a change that failed, in a sentence or
    /// two.
    const AFTER_A_FAILED_CHANGE: &'static str;
    /// Whether an update asks again for what has failed although the object shows
    /// it as wanted: the next plan then shows that a wait goes on.
    const ASKS_AGAIN: bool = false;

    /// What an answer says, as the model; null where it says nothing.
    fn picture(object: &Self::Object) -> Self::Model;

    /// The identity in a state.
    fn id(model: &Self::Model) -> Id<Self::Object>;

    /// The workspace in a state, in whose list the object is.
    fn workspace(model: &Self::Model) -> &str;

    /// Of what an answer says, what a person may have written.
    fn of_user(found: Self::Model) -> Self::Model {
        found
    }

    /// Says whether an object carries everything that a request asked for. What
    /// an answer leaves out contradicts nothing, but the name must be there.
    fn carries(object: &Self::Object, request: &RequestOf<Self>) -> bool;

    /// The phase, in the service's word.
    fn phase(object: &Self::Object) -> String;

    /// How far it is, as the end of a sentence: `in phase Creating`.
    fn standing(object: &Self::Object) -> String {
        format!("in phase {}", Self::phase(object))
    }

    /// The part of [`standing`](Self::standing) that texts of a [`Goal`] may hold
    /// as well; it is said once.
    fn counts(_object: &Self::Object) -> String {
        String::new()
    }

    /// Says whether the service takes changes of it.
    fn takes_changes(object: &Self::Object) -> Readiness;

    /// Says whether it shows the failure of an earlier change, which the next
    /// change may mend.
    fn shows_failure(_object: &Self::Object) -> bool {
        false
    }

    /// Says whether it is being deleted.
    fn is_going(object: &Self::Object) -> bool;

    /// What is left of an object that is being deleted, for messages.
    fn going(object: &Self::Object) -> String {
        format!("phase is {}", Self::phase(object))
    }

    /// The order that the service works on, if it names one.
    fn order(_object: &Self::Object) -> Option<&str> {
        None
    }

    /// What a person has to do for an object that waits for one.
    fn person(_object: &Self::Object, what: &str) -> String {
        format!("{what}.")
    }

    /// The network that something stands on.
    fn stands_on(_spec: &SpecOf<Self>) -> Option<NetworkId> {
        None
    }

    /// Refuses to delete what the service does not let go.
    fn may_go(_object: &Self::Object) -> Outcome {
        Ok(())
    }

    /// Adds to `text` what the service says about an object (`whose`: its
    /// workspace and identity) that does not get where it is to be. Takes
    /// seconds at most.
    fn explained(
        text: String,
        _run: Run<'_>,
        _whose: (&str, &Id<Self::Object>),
        _object: Option<&Self::Object>,
    ) -> impl Future<Output = String> + Send {
        async { text }
    }

    /// What keeps the service from deleting an object, in a sentence. Takes
    /// seconds at most.
    fn held_by(
        _run: Run<'_>,
        _id: &Id<Self::Object>,
    ) -> impl Future<Output = Option<String>> + Send {
        async { None }
    }

    /// Says whether two changes ask for the same.
    fn is_same(one: &PatchOf<Self>, other: &PatchOf<Self>) -> bool {
        one == other
    }
}
