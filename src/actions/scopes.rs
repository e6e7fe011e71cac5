//! Job types that could not be enabled, tried again.

use std::sync::Arc;

use crate::resources::rules::{Place, any_of};
use crate::resources::session::Session;
use crate::tf::action::{Action, Progress};
use crate::tf::context::Context;
use crate::tf::diagnostics::Diagnostics;
use crate::tf::model::{Both, Model, Set, Tf};
use crate::tf::resource::Outcome;

use super::work::{Aim, Doubts, Seen, Step, Told, Work, carry_out, texts};

/// What the action is told.
#[derive(Debug, Clone, Model)]
pub struct Scopes {
    /// Job types to enable again: any of `Train`, `Infer` and `Notebook`.
    #[tf(required)]
    pub scopes: Tf<Set<String>>,
}

/// The action `modelarts_retry_scope`.
pub struct Retry(pub Arc<dyn Session>);

impl Action for Retry {
    type Model = Both<Told, Scopes>;
    const TYPE_NAME: &'static str = "modelarts_retry_scope";
    const DESCRIPTION: &'static str =
        "Tries again to enable job types of a pool whose state is `EnableFailed`.";

    fn validate(&self, config: &Self::Model) -> Diagnostics {
        let mut found = config.first.check();
        let place = Place::of(Scopes::SCOPES);
        let scopes = &config.second.scopes;
        if scopes.known().is_some_and(Set::is_empty) {
            let detail = "scopes is empty. Name at least one job type.".to_owned();
            place.error("No job types", detail, &mut found);
        }
        any_of(scopes, &place, &["Train", "Infer", "Notebook"], &mut found);
        found
    }

    async fn invoke(&self, cx: &Context, config: Self::Model, progress: &Progress) -> Outcome {
        let scopes = texts(&config.second.scopes);
        let aim = Aim { doing: "enabling", names: &scopes, shown_by: "modelarts_pool" };
        carry_out(&*self.0, cx, &config.first, aim, progress, async |work| {
            // Each has failed before, or there would be nothing to try again.
            let doubts = Doubts::about(scopes.iter().cloned());
            for (scope, step) in scopes.iter().zip(Step::each(&scopes, 1)) {
                let client = work.connection().client();
                let asked = client.retry_scope(&work.call(), &work.pool, scope).await;
                asked.map_err(|error| work.refused(&error, step))?;
                work.connection().note_change();
                work.say(format!("{}: asked to enable {scope} again", work.pool)).await;
            }
            if work.waits { enabled(work, &scopes, &doubts).await } else { Ok(()) }
        })
        .await
    }
}

async fn enabled(work: &Work<'_>, scopes: &[String], doubts: &Doubts) -> Outcome {
    work.wait(Step::whole(scopes), || async {
        let pool = work.connection().client().get_pool(&work.call(), &work.pool).await?;
        let state = |name: &String| {
            pool.status.scope.iter().find(|scope| scope.scope_type.as_ref() == Some(name))
        };
        let is = |name: &String, word: &str| {
            state(name).and_then(|scope| scope.state.as_deref()) == Some(word)
        };
        let done = scopes.iter().filter(|name| is(name, "Enabled")).count();
        if done == scopes.len() {
            return Ok(Seen::Done);
        }
        let has_failed = |name: &&String| {
            let failed = is(name, "EnableFailed");
            doubts.are_over(name, !failed) && failed
        };
        let failed: Vec<&String> = scopes.iter().filter(has_failed).collect();
        if let Some(name) = failed.first() {
            let message = state(name).and_then(|scope| scope.message.as_deref());
            let message = message.filter(|text| !text.is_empty()).unwrap_or("it does not say why");
            return Ok(Seen::Failed(format!(
                "The service could not enable {name} in pool {}: {message}. Remove the cause, \
                 then run the action again.",
                work.pool
            )));
        }
        Ok(Seen::Pending(format!("{done} of {} job types are enabled", scopes.len())))
    })
    .await
}
