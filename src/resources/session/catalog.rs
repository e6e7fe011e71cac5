//! What the service offers: one list for all who ask in this process.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::modelarts::driver::Card;
use crate::modelarts::flavor::Flavor;
use crate::modelarts::{Call, Client, Error, ErrorKind};
use crate::wait::SharedCall;

/// What is on offer changes slowly; a process that lives longer asks again.
const KEEP: Duration = Duration::from_secs(10 * 60);
/// Time for a list, all repetitions included.
const LIST_TIMEOUT: Duration = Duration::from_secs(90);
/// A plan waits so long for a service that says nothing at all.
const SILENCE: Duration = Duration::from_secs(2);
/// How much longer it waits for one that has answered something before.
const PATIENCE: Duration = Duration::from_secs(3);
/// For how long plans do not ask again for what they did not get.
const NOT_AGAIN: Duration = Duration::from_secs(60);

/// What the service offers.
#[derive(Debug)]
pub(super) struct Catalog {
    client: Client,
    /// Nothing that is kept is older.
    made: Instant,
    /// By label selector; the empty one is all flavors.
    flavors: Mutex<HashMap<String, Arc<List<Flavor>>>>,
    gpu_drivers: List<String>,
    npu_drivers: List<String>,
}

/// A list and what became of it.
#[derive(Debug)]
struct List<T> {
    calls: SharedCall<Arc<Vec<T>>, Error>,
    /// Why a plan did not get it, and until when plans do without.
    missed: Mutex<Option<(Instant, Error)>>,
}

impl<T: Send + Sync + 'static> List<T> {
    fn new() -> Self {
        Self { calls: SharedCall::new(Duration::ZERO, KEEP), missed: Mutex::new(None) }
    }

    /// The list, kept or by a call for all who ask about now.
    async fn get<F>(
        &self,
        call: &Call,
        made: Instant,
        list: impl Fn(Call) -> F,
    ) -> Result<Arc<Vec<T>>, Error>
    where
        F: Future<Output = Result<Vec<T>, Error>> + Send + 'static,
    {
        let ask = async || {
            let mut own = Call::new(CancellationToken::new(), Some(Instant::now() + LIST_TIMEOUT));
            if call.is_single() {
                own = own.single_attempt();
            }
            let answer = list(own);
            let shared = self.calls.ask(made, async move { answer.await.map(Arc::new) });
            call.until(shared, "waiting for the list").await?
        };
        match ask().await {
            // Another may have asked, who tries only once.
            Err(error) if !call.is_single() && error.attempts() <= 1 && is_passing(&error) => {
                ask().await
            }
            answer => answer,
        }
    }

    /// The list for a plan, which goes on without it rather than wait.
    async fn get_soon<F>(
        &self,
        client: &Client,
        stop: &CancellationToken,
        made: Instant,
        list: impl Fn(Call) -> F,
    ) -> Result<Arc<Vec<T>>, Error>
    where
        F: Future<Output = Result<Vec<T>, Error>> + Send + 'static,
    {
        if let Some(kept) = self.calls.kept(made) {
            return Ok(kept);
        }
        if let Some(missed) = self.missed() {
            return Err(missed);
        }
        let call = Call::new(stop.clone(), Some(Instant::now() + SILENCE + PATIENCE));
        let call = call.single_attempt();
        let silence = async {
            sleep(SILENCE).await;
            if client.has_answered() {
                std::future::pending().await
            }
        };
        let answer = tokio::select! {
            biased;
            answer = self.get(&call, made, list) => answer,
            () = silence => Err(Error::new(
                ErrorKind::DeadlineExceeded,
                "the service says nothing",
            )),
        };
        if let Err(error) = &answer
            && error.kind() != ErrorKind::Interrupted
        {
            let mut missed = self.missed.lock().unwrap_or_else(PoisonError::into_inner);
            *missed = Some((Instant::now() + NOT_AGAIN, error.clone()));
        }
        answer
    }

    fn missed(&self) -> Option<Error> {
        let missed = self.missed.lock().unwrap_or_else(PoisonError::into_inner);
        let (until, error) = missed.as_ref()?;
        (Instant::now() < *until).then(|| error.clone())
    }
}

/// Tells whether asking again may help.
fn is_passing(error: &Error) -> bool {
    use ErrorKind::{Throttled, Unavailable, Unreachable};
    matches!(error.kind(), Throttled { .. } | Unavailable | Unreachable)
}

impl Catalog {
    pub(super) fn new(client: Client) -> Self {
        Self {
            client,
            made: Instant::now(),
            flavors: Mutex::default(),
            gpu_drivers: List::new(),
            npu_drivers: List::new(),
        }
    }

    fn list_of_flavors(&self, selector: &str) -> Arc<List<Flavor>> {
        let mut all = self.flavors.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Arc::new(List::new());
        Arc::clone(all.entry(selector.to_owned()).or_insert_with(new))
    }

    pub(super) async fn flavors(
        &self,
        call: &Call,
        selector: Option<&str>,
    ) -> Result<Arc<Vec<Flavor>>, Error> {
        let selector = selector.unwrap_or_default();
        let list = self.list_of_flavors(selector);
        list.get(call, self.made, |call| self.call_for_flavors(call, selector)).await
    }

    pub(super) async fn flavors_soon(
        &self,
        stop: &CancellationToken,
    ) -> Result<Arc<Vec<Flavor>>, Error> {
        let list = self.list_of_flavors("");
        let call = |call| self.call_for_flavors(call, "");
        list.get_soon(&self.client, stop, self.made, call).await
    }

    fn call_for_flavors(
        &self,
        call: Call,
        selector: &str,
    ) -> impl Future<Output = Result<Vec<Flavor>, Error>> + Send + use<> {
        let (client, selector) = (self.client.clone(), selector.to_owned());
        let selected = move |text: String| (!text.is_empty()).then_some(text);
        async move { client.list_flavors(&call, selected(selector).as_deref()).await }
    }

    fn drivers(&self, card: Card) -> &List<String> {
        match card {
            Card::Gpu => &self.gpu_drivers,
            Card::Npu => &self.npu_drivers,
        }
    }

    pub(super) async fn driver_versions(
        &self,
        call: &Call,
        card: Card,
    ) -> Result<Arc<Vec<String>>, Error> {
        self.drivers(card).get(call, self.made, |call| self.call_for_drivers(call, card)).await
    }

    pub(super) async fn driver_versions_soon(
        &self,
        stop: &CancellationToken,
        card: Card,
    ) -> Result<Arc<Vec<String>>, Error> {
        let call = |call| self.call_for_drivers(call, card);
        self.drivers(card).get_soon(&self.client, stop, self.made, call).await
    }

    fn call_for_drivers(
        &self,
        call: Call,
        card: Card,
    ) -> impl Future<Output = Result<Vec<String>, Error>> + Send + use<> {
        let client = self.client.clone();
        async move { client.list_driver_versions(&call, card).await }
    }
}
