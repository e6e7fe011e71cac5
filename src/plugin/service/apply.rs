//! Carrying out a planned change.
//!
//! Whatever happens, the answer holds the object as it is best known: Terraform
//! forgets an object that an answer leaves out, and then nobody pays attention
//! to it any more but the service that bills it.

use std::sync::Arc;

use crate::plugin::convert::{bug, decode, diagnostics};
use crate::plugin::panics::{Panicked, catch};
use crate::plugin::proto::tfplugin6::apply_resource_change::{Request, Response};
use crate::tf::context::Context;
use crate::tf::diagnostics::{Diagnostic, Diagnostics};
use crate::tf::keeper::{Keeper, Kept};
use crate::tf::resource::{AnyResource, ChangeRequest, Outcome};
use crate::tf::value::Value;

use super::Service;
use super::call::{Answer, answer, panicked};
use super::identity;
use super::settle::{PrivateData, Settled, settle};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    Create,
    Update,
    Delete,
}

/// A change that Terraform asks for.
struct Change {
    resource: Arc<dyn AnyResource>,
    action: Action,
    request: ChangeRequest,
    private: PrivateData,
    /// What names the object as it was; null on create.
    identity: Value,
}

impl Service {
    /// Applies a change. It goes on to its end even if the call is lost on the
    /// way: half a change is worse than a whole one that nobody hears of.
    pub(super) async fn apply_to_the_end(&self, request: Request) -> Response {
        let (service, cx) = (self.clone(), self.context(None));
        let kind = request.type_name.clone();
        let fallback = unchanged(&request);
        let lost = fallback.clone();
        let work = self.lifetime.work.spawn(async move {
            let work = service.apply(cx, request);
            answer("ApplyResourceChange", &kind, fallback, work).await
        });
        work.await.unwrap_or_else(|error| {
            let mut answer = lost;
            answer.add(bug(format!("It did not carry out the change ({error}).")));
            answer
        })
    }

    async fn apply(&self, cx: Context, request: Request) -> Response {
        let mut as_before = unchanged(&request);
        let change = match self.change(request) {
            Ok(change) => change,
            Err(error) => {
                as_before.add(error);
                return as_before;
            }
        };
        // An object that is out of reach is as it was, with its identity.
        if let Err(found) = identity::reached(&*change.resource, &cx, &change.identity).await {
            as_before.diagnostics.extend(diagnostics(found));
            return as_before;
        }
        // A create has nothing to keep until it saves something; everything
        // else has the prior object.
        let keeper = Keeper::new(change.request.prior.clone(), change.private.read.clone());
        let ended = catch(change.carry_out(&cx, &keeper)).await;
        change.conclude(ended, keeper.take())
    }

    fn change(&self, request: Request) -> Result<Change, Diagnostic> {
        let resource = self.resource(&request.type_name)?;
        let ty = resource.schema().ty();
        let prior = decode(request.prior_state.as_ref(), ty, "a prior state")?;
        let planned = decode(request.planned_state.as_ref(), ty, "a plan")?;
        let config = decode(request.config.as_ref(), ty, "a configuration")?;
        let action = match (prior.is_null(), planned.is_null()) {
            (_, true) => Action::Delete,
            (true, false) => Action::Create,
            (false, false) => Action::Update,
        };
        let identity = match action {
            Action::Create => Value::Null,
            _ => identity::given(resource.as_ref(), request.planned_identity.as_ref())?,
        };
        let private = PrivateData::new(request.planned_private);
        let request = ChangeRequest { prior, planned, config };
        Ok(Change { resource: Arc::clone(resource), action, request, private, identity })
    }
}

/// The answer that leaves everything as it was.
fn unchanged(request: &Request) -> Response {
    Response {
        new_state: request.prior_state.clone(),
        private: request.planned_private.clone(),
        new_identity: request.planned_identity.clone(),
        ..Default::default()
    }
}

impl Change {
    async fn carry_out(&self, cx: &Context, keeper: &Keeper) -> Outcome {
        match self.action {
            Action::Create => self.resource.create(cx, &self.request, keeper).await,
            Action::Update => self.resource.update(cx, &self.request, keeper).await,
            Action::Delete => self.resource.delete(cx, &self.request.prior, keeper).await,
        }
    }

    /// Composes the answer from how it ended and from what was kept by then.
    fn conclude(self, ended: Result<Outcome, Panicked>, kept: Kept) -> Response {
        let Kept { state, private, warnings: mut found } = kept;
        match ended.unwrap_or_else(|panic| Err(panicked(panic).into())) {
            Ok(()) => found.extend(self.contradiction(&state)),
            Err(errors) => found.extend(errors),
        }
        let failed = found.has_errors();
        // Null is an answer to a delete; to anything else it means that the
        // resource does not know.
        let mut candidates = Vec::new();
        if !state.is_null() || (self.action == Action::Delete && !failed) {
            candidates.push(state);
        }
        let ChangeRequest { prior, planned, .. } = self.request;
        if self.action == Action::Create {
            // Something exists, since something was saved.
            if !candidates.is_empty() {
                candidates.push(planned);
            }
            candidates.push(Value::Null);
        } else {
            candidates.push(prior);
        }
        let settled = first_that_fits(self.resource.as_ref(), candidates, &mut found);
        let (new_state, new_identity) =
            settled.map(|settled| (settled.state, settled.identity)).unzip();
        Response {
            new_state,
            new_identity: new_identity.flatten(),
            private: self.private.keep(&private),
            diagnostics: diagnostics(found),
            ..Default::default()
        }
    }

    /// What is wrong with the object that a resource has left without an error.
    fn contradiction(&self, state: &Value) -> Option<Diagnostic> {
        let name = self.resource.type_name();
        let wrong = match (self.action, state) {
            (Action::Delete, Value::Null) => return None,
            (Action::Delete, _) => "It reported no error but did not delete",
            (_, Value::Null) => "It reported no error but returned no object for",
            (_, state) if !state.is_wholly_known() => "It left values unknown after applying",
            _ => return None,
        };
        Some(bug(format!("{wrong} {name}.")))
    }
}

/// The first candidate that Terraform can take. Why earlier ones are not fit is
/// added to `found`.
fn first_that_fits(
    resource: &dyn AnyResource,
    candidates: Vec<Value>,
    found: &mut Diagnostics,
) -> Option<Settled> {
    for state in candidates {
        match settle(resource, state) {
            Ok(settled) => return Some(settled),
            Err(error) => found.push(error),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tf::model::{Model, Secret, Tf};
    use crate::tf::private::Private;
    use crate::tf::resource::{Change as Typed, Resource, Saved, typed};

    /// A thing.
    #[derive(Model)]
    struct Thing {
        /// Its ID.
        #[tf(computed)]
        id: Tf<String>,
        /// Its secret.
        #[tf(optional, write_only)]
        secret: Tf<Secret>,
    }

    struct Things;

    impl Resource for Things {
        type Model = Thing;
        const TYPE_NAME: &'static str = "test_thing";

        async fn create(&self, _: &Context, _: &Typed<Thing>, _: &Saved<'_, Thing>) -> Outcome {
            unreachable!()
        }

        async fn update(&self, _: &Context, _: &Typed<Thing>, _: &Saved<'_, Thing>) -> Outcome {
            unreachable!()
        }

        async fn delete(&self, _: &Context, _: &Thing, _: &Saved<'_, Thing>) -> Outcome {
            unreachable!()
        }

        async fn read(&self, _: &Context, _: &Thing, _: &Saved<'_, Thing>) -> Outcome {
            unreachable!()
        }
    }

    fn object(id: impl Into<Value>) -> Value {
        Value::object([("id", id.into()), ("secret", Value::Null)])
    }

    fn change(action: Action) -> Change {
        let (prior, planned) = match action {
            Action::Create => (Value::Null, object(Value::UNKNOWN)),
            Action::Update => (object("prior"), object("prior")),
            Action::Delete => (object("prior"), Value::Null),
        };
        Change {
            resource: typed(Things),
            action,
            request: ChangeRequest { prior, planned, config: Value::Null },
            private: PrivateData::new(br#"{"kept":1}"#.to_vec()),
            identity: Value::Null,
        }
    }

    fn failure() -> Outcome {
        Err(Diagnostic::error("s", "d").into())
    }

    /// The id of the object in the answer, if there is an object, and how many
    /// messages there are. `saved` is what the resource saved last, if it saved
    /// anything.
    fn conclude(
        action: Action,
        ended: Result<Outcome, Panicked>,
        saved: Option<Value>,
    ) -> (Option<Value>, usize) {
        let change = change(action);
        let state = saved.unwrap_or_else(|| change.request.prior.clone());
        let private = Private::from_bytes(br#"{"kept":1}"#);
        let kept = Kept { state, private, warnings: Diagnostics::new() };
        let response = change.conclude(ended, kept);
        assert_eq!(response.private, br#"{"kept":1}"#);
        let schema = Thing::schema();
        let state = decode(response.new_state.as_ref(), schema.ty(), "").unwrap();
        assert!(state.get("secret").is_null());
        ((!state.is_null()).then(|| state.get("id").clone()), response.diagnostics.len())
    }

    fn id(id: &str) -> Option<Value> {
        Some(Value::from(id))
    }

    #[test]
    fn a_good_answer_passes_unchanged() {
        let new = || Some(object("new"));
        assert_eq!(conclude(Action::Create, Ok(Ok(())), new()), (id("new"), 0));
        assert_eq!(conclude(Action::Update, Ok(Ok(())), new()), (id("new"), 0));
        assert_eq!(conclude(Action::Delete, Ok(Ok(())), Some(Value::Null)), (None, 0));
    }

    #[test]
    fn a_panic_leaves_the_object_that_was_saved_last_or_else_the_prior_one() {
        let panic = || Err(Panicked("oh".to_owned()));
        for action in [Action::Create, Action::Update, Action::Delete] {
            assert_eq!(conclude(action, panic(), Some(object("last"))), (id("last"), 1));
        }
        assert_eq!(conclude(Action::Create, panic(), None), (None, 1));
        assert_eq!(conclude(Action::Update, panic(), None), (id("prior"), 1));
        assert_eq!(conclude(Action::Delete, panic(), None), (id("prior"), 1));
    }

    #[test]
    fn an_error_never_loses_a_saved_or_prior_object() {
        let failed = || Ok(failure());
        assert_eq!(conclude(Action::Create, failed(), Some(object("last"))), (id("last"), 1));
        assert_eq!(conclude(Action::Create, failed(), None), (None, 1));
        assert_eq!(conclude(Action::Update, failed(), None), (id("prior"), 1));
        assert_eq!(conclude(Action::Delete, failed(), None), (id("prior"), 1));
        assert_eq!(conclude(Action::Delete, failed(), Some(Value::Null)), (id("prior"), 1));
    }

    #[test]
    fn success_without_object_is_an_error() {
        assert_eq!(conclude(Action::Create, Ok(Ok(())), None), (None, 1));
        assert_eq!(conclude(Action::Update, Ok(Ok(())), Some(Value::Null)), (id("prior"), 1));
    }

    #[test]
    fn a_delete_that_leaves_the_object_is_an_error_that_keeps_it() {
        assert_eq!(conclude(Action::Delete, Ok(Ok(())), Some(object("left"))), (id("left"), 1));
    }

    #[test]
    fn unknown_values_become_null_and_are_an_error_only_after_success() {
        let state = || Some(object(Value::UNKNOWN));
        assert_eq!(conclude(Action::Create, Ok(Ok(())), state()), (Some(Value::Null), 1));
        assert_eq!(conclude(Action::Create, Ok(failure()), state()), (Some(Value::Null), 1));
    }

    #[test]
    fn a_write_only_value_does_not_get_out() {
        let state = Value::object([("id", "new".into()), ("secret", "s".into())]);
        assert_eq!(conclude(Action::Create, Ok(Ok(())), Some(state)), (id("new"), 0));
    }

    #[test]
    fn an_object_that_does_not_fit_is_replaced_by_the_next_best() {
        let wrong = || Some(object(Value::Bool(true)));
        assert_eq!(conclude(Action::Create, Ok(Ok(())), wrong()), (Some(Value::Null), 1));
        assert_eq!(conclude(Action::Update, Ok(Ok(())), wrong()), (id("prior"), 1));
    }
}
