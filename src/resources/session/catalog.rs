//! What is on offer: asked for once, for all who ask in a run.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::modelarts::driver::Card;
use crate::modelarts::flavor::Flavor;
use crate::modelarts::{Call, Client, Error};
use crate::wait::SharedCall;

/// For how long an answer serves: a run has one picture of what is on offer.
const KEEP: Duration = Duration::from_secs(10 * 60);
/// Those who ask within this time share a call.
const GATHER: Duration = Duration::from_millis(20);
/// Time for an answer, all repetitions included.
const TIMEOUT: Duration = Duration::from_secs(90);

/// For how long no hint is looked up after a failure.
const SILENCE: Duration = Duration::from_secs(60);

/// Answers by what was asked.
type Answers<K, T> = Mutex<HashMap<K, Arc<SharedCall<Arc<T>, Error>>>>;

/// What is on offer in the project.
#[derive(Debug)]
pub(super) struct Catalog {
    /// Answers since then will do.
    began: Instant,
    flavors: Answers<Option<String>, Vec<Flavor>>,
    drivers: Answers<Card, Vec<String>>,
    /// After a failure, until when no hint is looked up.
    silent_until: Mutex<Option<Instant>>,
}

impl Catalog {
    pub(super) fn new() -> Self {
        let (flavors, drivers) = (Answers::default(), Answers::default());
        Self { began: Instant::now(), flavors, drivers, silent_until: Mutex::default() }
    }

    pub(super) async fn flavors(
        &self,
        client: &Client,
        call: &Call,
        selector: Option<&str>,
    ) -> Result<Arc<Vec<Flavor>>, Error> {
        let selector = selector.map(str::to_owned);
        let client = client.clone();
        let ask = {
            let selector = selector.clone();
            async move { client.list_flavors(&own(), selector.as_deref()).await }
        };
        shared((&self.flavors, self.began), selector, call, ask).await
    }

    /// Looks a hint up, unless the last one failed a moment ago.
    pub(super) async fn hint<T>(
        &self,
        call: &Call,
        ask: impl Future<Output = Result<T, Error>>,
    ) -> Result<Option<T>, Error> {
        let is_silent = || {
            let until = *self.silent_until.lock().unwrap_or_else(PoisonError::into_inner);
            until.is_some_and(|until| Instant::now() < until)
        };
        if is_silent() {
            return Ok(None);
        }
        let answer = call.until(ask, "waiting for what is on sale").await.flatten();
        if answer.is_err() {
            let mut until = self.silent_until.lock().unwrap_or_else(PoisonError::into_inner);
            *until = Some(Instant::now() + SILENCE);
        }
        answer.map(Some)
    }

    pub(super) async fn driver_versions(
        &self,
        client: &Client,
        call: &Call,
        card: Card,
    ) -> Result<Arc<Vec<String>>, Error> {
        let client = client.clone();
        let ask = async move { client.list_driver_versions(&own(), card).await };
        shared((&self.drivers, self.began), card, call, ask).await
    }
}

/// The circumstances of a call that several share: nobody's own end it.
fn own() -> Call {
    Call::new(CancellationToken::new(), Some(Instant::now() + TIMEOUT))
}

async fn shared<K: Eq + Hash, T: Send + Sync + 'static>(
    (answers, since): (&Answers<K, T>, Instant),
    key: K,
    call: &Call,
    ask: impl Future<Output = Result<T, Error>> + Send + 'static,
) -> Result<Arc<T>, Error> {
    let answer = {
        let mut answers = answers.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(answers.entry(key).or_insert_with(|| Arc::new(SharedCall::new(GATHER, KEEP))))
    };
    if let Some(kept) = answer.kept(since) {
        return Ok(kept);
    }
    let ask = async move { ask.await.map(Arc::new) };
    call.until(answer.ask(since, ask), "waiting for the list").await?
}
