//! Carrying out a planned change.
//!
//! Whatever happens, the answer holds the object as it is best known: Terraform
//! forgets an object that an answer leaves out, and then nobody pays attention
//! to it any more but the service that bills it.

use std::sync::Arc;

use crate::plugin::convert::{bug, decode, diagnostics};
use crate::plugin::panics::{Panicked, catch};
use crate::plugin::proto::tfplugin6 as pb;
use crate::plugin::proto::tfplugin6::apply_resource_change::{Request, Response};
use crate::tf::checkpoint::Checkpoint;
use crate::tf::context::Context;
use crate::tf::diagnostics::{Diagnostic, Diagnostics};
use crate::tf::private::Private;
use crate::tf::resource::{Applied, ApplyRequest, Resource};
use crate::tf::schema::Schema;
use crate::tf::value::Value;

use super::Service;
use super::call::{Answer, answer, panicked};
use super::settle::{PrivateData, settle};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    Create,
    Update,
    Delete,
}

/// A change that Terraform asks for.
struct Change {
    resource: Arc<dyn Resource>,
    action: Action,
    prior: Value,
    planned: Value,
    config: Value,
    private: PrivateData,
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
        let checkpoint = Checkpoint::new();
        let outcome = catch(change.carry_out(&cx, &checkpoint)).await;
        change.conclude(outcome, checkpoint.take())
    }

    fn change(&self, request: Request) -> Result<Change, Diagnostic> {
        let resource = self.resource(&request.type_name)?;
        let ty = resource.schema().ty();
        let prior = decode(request.prior_state.as_ref(), &ty, "a prior state")?;
        let planned = decode(request.planned_state.as_ref(), &ty, "a plan")?;
        let config = decode(request.config.as_ref(), &ty, "a configuration")?;
        let action = match (prior.is_null(), planned.is_null()) {
            (_, true) => Action::Delete,
            (true, false) => Action::Create,
            (false, false) => Action::Update,
        };
        let private = PrivateData::new(request.planned_private);
        Ok(Change { resource: Arc::clone(resource), action, prior, planned, config, private })
    }
}

/// The answer that leaves everything as it was.
fn unchanged(request: &Request) -> Response {
    Response {
        new_state: request.prior_state.clone(),
        private: request.planned_private.clone(),
        ..Default::default()
    }
}

impl Change {
    async fn carry_out(&self, cx: &Context, checkpoint: &Checkpoint) -> Applied {
        let request = ApplyRequest {
            prior: self.prior.clone(),
            planned: self.planned.clone(),
            config: self.config.clone(),
            private: self.private.read.clone(),
        };
        match self.action {
            Action::Create => self.resource.create(cx, request, checkpoint).await,
            Action::Update => self.resource.update(cx, request, checkpoint).await,
            Action::Delete => self.resource.delete(cx, request, checkpoint).await,
        }
    }

    /// Composes the answer from how it ended and from `last`, the object that
    /// was recorded last while it ran.
    fn conclude(
        self,
        outcome: Result<Applied, Panicked>,
        last: Option<(Value, Private)>,
    ) -> Response {
        let mut applied = outcome.unwrap_or_else(|panic| Applied {
            state: Value::Null,
            private: self.private.read.clone(),
            diagnostics: panicked(panic).into(),
        });
        self.judge(&mut applied);
        let failed = applied.diagnostics.has_errors();
        let mut found = applied.diagnostics;
        let mut candidates = Vec::new();
        // Null is an answer to a delete; to anything else it means that the
        // resource does not know.
        if !applied.state.is_null() || (self.action == Action::Delete && !failed) {
            candidates.push((applied.state, applied.private.clone()));
        }
        candidates.extend(last);
        if self.action == Action::Create {
            // Something exists, since there was a candidate.
            if !candidates.is_empty() {
                candidates.push((self.planned, applied.private.clone()));
            }
            candidates.push((Value::Null, applied.private));
        } else {
            candidates.push((self.prior, applied.private));
        }
        let (state, private) = first_that_fits(self.resource.schema(), candidates, &mut found);
        Response {
            new_state: state,
            private: self.private.keep(&private),
            diagnostics: diagnostics(found),
            ..Default::default()
        }
    }

    /// Adds an error if the resource contradicts itself.
    fn judge(&self, applied: &mut Applied) {
        if applied.diagnostics.has_errors() {
            return;
        }
        let name = self.resource.type_name();
        let wrong = match (self.action, &applied.state) {
            (Action::Delete, Value::Null) => return,
            (Action::Delete, _) => "It reported no error but did not delete",
            (_, Value::Null) => "It reported no error but returned no object for",
            (_, state) if !state.is_wholly_known() => "It left values unknown after applying",
            _ => return,
        };
        applied.diagnostics.push(bug(format!("{wrong} {name}.")));
    }
}

/// The first candidate that Terraform can take. Why earlier ones are not fit is
/// added to `found`.
fn first_that_fits(
    schema: &Schema,
    candidates: Vec<(Value, Private)>,
    found: &mut Diagnostics,
) -> (Option<pb::DynamicValue>, Private) {
    let mut private = Private::default();
    for (state, beside) in candidates {
        private = beside;
        match settle(schema, state) {
            Ok(settled) => return (Some(settled.state), private),
            Err(error) => found.push(error),
        }
    }
    (None, private)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tf::schema::{Attribute, Block, Mode};
    use crate::tf::ty::Type;

    struct Thing(Schema);

    #[async_trait::async_trait]
    impl Resource for Thing {
        fn type_name(&self) -> &str {
            "test_thing"
        }

        fn schema(&self) -> &Schema {
            &self.0
        }

        async fn create(&self, _: &Context, _: ApplyRequest, _: &Checkpoint) -> Applied {
            unreachable!()
        }

        async fn update(&self, _: &Context, _: ApplyRequest, _: &Checkpoint) -> Applied {
            unreachable!()
        }

        async fn delete(&self, _: &Context, _: ApplyRequest, _: &Checkpoint) -> Applied {
            unreachable!()
        }

        async fn read(
            &self,
            _: &Context,
            _: crate::tf::resource::ReadRequest,
        ) -> crate::tf::resource::ReadResult {
            unreachable!()
        }
    }

    fn schema() -> Schema {
        let attributes = vec![
            Attribute::string("id", Mode::Computed, ""),
            Attribute::string("secret", Mode::Optional, "").write_only(),
        ];
        Schema { version: 0, block: Block { attributes, ..Block::default() } }
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
            resource: Arc::new(Thing(schema())),
            action,
            prior,
            planned,
            config: Value::Null,
            private: PrivateData::new(br#"{"kept":1}"#.to_vec()),
        }
    }

    fn ended(state: Value, diagnostics: impl Into<Diagnostics>) -> Result<Applied, Panicked> {
        let private = Private::from_bytes(br#"{"kept":1}"#);
        Ok(Applied { state, private, diagnostics: diagnostics.into() })
    }

    fn fine() -> Diagnostics {
        Diagnostics::new()
    }

    fn failure() -> Diagnostics {
        Diagnostic::error("s", "d").into()
    }

    /// The id of the object in the answer, if there is an object, and how many
    /// messages there are.
    fn told(response: &Response) -> (Option<Value>, usize) {
        assert_eq!(response.private, br#"{"kept":1}"#);
        let state = decode(response.new_state.as_ref(), &schema().ty(), "").unwrap();
        assert!(state.get("secret").is_null());
        ((!state.is_null()).then(|| state.get("id").clone()), response.diagnostics.len())
    }

    fn conclude(
        action: Action,
        outcome: Result<Applied, Panicked>,
        last: Option<&str>,
    ) -> (Option<Value>, usize) {
        let last = last.map(|id| (object(id), Private::from_bytes(br#"{"kept":1}"#)));
        told(&change(action).conclude(outcome, last))
    }

    fn panic() -> Result<Applied, Panicked> {
        Err(Panicked("oh".to_owned()))
    }

    #[test]
    fn a_good_answer_passes_unchanged() {
        let id = |id: &str| Some(Value::from(id));
        assert_eq!(conclude(Action::Create, ended(object("new"), fine()), None), (id("new"), 0));
        assert_eq!(conclude(Action::Update, ended(object("new"), fine()), None), (id("new"), 0));
        assert_eq!(conclude(Action::Delete, ended(Value::Null, fine()), None), (None, 0));
    }

    #[test]
    fn a_panic_leaves_the_last_recorded_object_or_else_the_prior_one() {
        let id = |id: &str| Some(Value::from(id));
        for action in [Action::Create, Action::Update, Action::Delete] {
            assert_eq!(conclude(action, panic(), Some("last")), (id("last"), 1));
        }
        assert_eq!(conclude(Action::Create, panic(), None), (None, 1));
        assert_eq!(conclude(Action::Update, panic(), None), (id("prior"), 1));
        assert_eq!(conclude(Action::Delete, panic(), None), (id("prior"), 1));
    }

    #[test]
    fn an_error_without_object_never_loses_a_recorded_or_prior_one() {
        let id = |id: &str| Some(Value::from(id));
        let nothing = || ended(Value::Null, failure());
        assert_eq!(conclude(Action::Create, nothing(), Some("last")), (id("last"), 1));
        assert_eq!(conclude(Action::Create, nothing(), None), (None, 1));
        assert_eq!(conclude(Action::Update, nothing(), None), (id("prior"), 1));
        assert_eq!(conclude(Action::Delete, nothing(), None), (id("prior"), 1));
    }

    #[test]
    fn success_without_object_is_an_error() {
        let nothing = || ended(Value::Null, fine());
        assert_eq!(conclude(Action::Create, nothing(), None), (None, 1));
        assert_eq!(conclude(Action::Update, nothing(), None), (Some("prior".into()), 1));
    }

    #[test]
    fn a_delete_that_leaves_the_object_is_an_error_that_keeps_it() {
        let left = ended(object("left"), fine());
        assert_eq!(conclude(Action::Delete, left, None), (Some("left".into()), 1));
    }

    #[test]
    fn unknown_values_become_null_and_are_an_error_only_after_success() {
        let state = || object(Value::UNKNOWN);
        assert_eq!(conclude(Action::Create, ended(state(), fine()), None), (Some(Value::Null), 1));
        let failed = ended(state(), failure());
        assert_eq!(conclude(Action::Create, failed, None), (Some(Value::Null), 1));
    }

    #[test]
    fn a_write_only_value_does_not_get_out() {
        let state = Value::object([("id", "new".into()), ("secret", "s".into())]);
        let ended = ended(state, fine());
        assert_eq!(conclude(Action::Create, ended, None), (Some("new".into()), 0));
    }

    #[test]
    fn an_object_that_does_not_fit_is_replaced_by_the_next_best() {
        let wrong = || ended(object(Value::Bool(true)), fine());
        let id = |id: &str| Some(Value::from(id));
        assert_eq!(conclude(Action::Create, wrong(), Some("last")), (id("last"), 1));
        assert_eq!(conclude(Action::Create, wrong(), None), (Some(Value::Null), 1));
        assert_eq!(conclude(Action::Update, wrong(), None), (id("prior"), 1));
        assert_eq!(Attribute::string("id", Mode::Computed, "").ty(), Type::String);
    }
}
