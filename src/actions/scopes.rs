//! Job types that could not be enabled, tried again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use crate::resources::rules::{Place, any_of};
use crate::resources::session::Session;
use crate::tf::action::{Action, Progress};
use crate::tf::context::Context;
use crate::tf::diagnostics::Diagnostics;
use crate::tf::model::{Model, Set, Tf};
use crate::tf::resource::Outcome;

use super::work::{Aim, Seen, Step, Told, Work, carry_out, texts};

/// How long the failure of an earlier attempt may still show.
const OLD_FAILURE: Duration = Duration::from_secs(60);

/// What the action is told.
#[derive(Debug, Clone, Model)]
pub struct Scopes {
    /// ID of the pool.
    #[tf(required)]
    pub pool_id: Tf<String>,
    /// Job types to enable again: any of `Train`, `Infer` and `Notebook`.
    #[tf(required)]
    pub scopes: Tf<Set<String>>,
    /// Whether to wait until it is done. Default `true`.
    #[tf(optional)]
    pub wait: Tf<bool>,
    /// How long it may take, such as `45m` or `1h30m`. Default `30m`.
    #[tf(optional)]
    pub timeout: Tf<String>,
}

impl Scopes {
    fn told(&self) -> Told<'_> {
        Told { pool_id: &self.pool_id, wait: &self.wait, timeout: &self.timeout }
    }
}

/// The action `modelarts_retry_scope`.
pub struct Retry(pub Arc<dyn Session>);

impl Action for Retry {
    type Model = Scopes;
    const TYPE_NAME: &'static str = "modelarts_retry_scope";
    const DESCRIPTION: &'static str =
        "Tries again to enable job types of a pool whose state is `EnableFailed`.";

    fn validate(&self, config: &Scopes) -> Diagnostics {
        let mut found = Diagnostics::new();
        config.told().check(&mut found);
        let place = Place::of(Scopes::SCOPES);
        if config.scopes.known().is_some_and(Set::is_empty) {
            let detail = "scopes is empty. Name at least one job type.".to_owned();
            place.error("No job types", detail, &mut found);
        }
        any_of(&config.scopes, &place, &["Train", "Infer", "Notebook"], &mut found);
        found
    }

    async fn invoke(&self, cx: &Context, config: Scopes, progress: &Progress) -> Outcome {
        let scopes = texts(&config.scopes);
        let aim = Aim { doing: "enabling", names: &scopes };
        carry_out(&*self.0, cx, config.told(), aim, progress, async |work| {
            for step in Step::each(&scopes, 1) {
                for scope in step.names {
                    let client = work.connection().client();
                    let asked = client.retry_scope(&work.call(), &work.pool, scope).await;
                    asked.map_err(|error| work.refused(&error, step))?;
                    work.connection().note_change();
                    work.say(format!("{}: asked to enable {scope} again", work.pool)).await;
                }
            }
            if work.waits { enabled(work, &scopes).await } else { Ok(()) }
        })
        .await
    }
}

async fn enabled(work: &Work<'_>, scopes: &[String]) -> Outcome {
    let asked = Instant::now();
    let was_under_way = AtomicBool::new(false);
    work.wait(Step::whole(scopes), || async {
        let pool = work.connection().client().get_pool(&work.call(), &work.pool).await?;
        let state = |name: &String| {
            pool.status.scope.iter().find(|scope| scope.scope_type.as_ref() == Some(name))
        };
        let is = |name: &String, word: &str| {
            state(name).and_then(|scope| scope.state.as_deref()) == Some(word)
        };
        let done = scopes.iter().filter(|name| is(name, "Enabled")).count();
        was_under_way.fetch_or(scopes.iter().any(|name| is(name, "Enabling")), Ordering::Relaxed);
        if done == scopes.len() {
            return Ok(Seen::Done);
        }
        let is_new = was_under_way.load(Ordering::Relaxed) || asked.elapsed() >= OLD_FAILURE;
        let failed = scopes.iter().find(|name| is(name, "EnableFailed")).filter(|_| is_new);
        if let Some(name) = failed {
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
