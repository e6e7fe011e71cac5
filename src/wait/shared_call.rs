//! One call for all who ask about the same time.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared, WeakShared};
use tokio::time::{Instant, sleep, timeout};

/// How long a call waits for the one before it: calls do not pile up, and one
/// that hangs holds nobody up for longer.
const LET_FINISH: Duration = Duration::from_secs(1);

type Answer<T, E> = Result<T, E>;
type Call<T, E> = Shared<BoxFuture<'static, Answer<T, E>>>;

/// One call for all who ask about the same time.
///
/// The call belongs to everybody who waits for it. Whoever leaves (a deadline,
/// an interrupt) takes nothing from the others; when the last one leaves, it
/// ends. So the call must not end by one asker's circumstances: it has its own.
pub struct SharedCall<T, E> {
    gather: Duration,
    keep: Duration,
    state: Mutex<State<T, E>>,
}

struct State<T, E> {
    newest: Option<Newest<T, E>>,
    kept: Option<(Instant, T)>,
}

/// The newest call, as long as somebody waits for it.
struct Newest<T, E> {
    /// When it began; empty while it still gathers askers.
    began: Arc<OnceLock<Instant>>,
    call: WeakShared<BoxFuture<'static, Answer<T, E>>>,
}

impl<T, E> std::fmt::Debug for SharedCall<T, E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SharedCall").field("keep", &self.keep).finish_non_exhaustive()
    }
}

impl<T, E> SharedCall<T, E>
where
    T: Clone + Send + Sync + 'static,
    E: Clone + Send + Sync + 'static,
{
    /// A call begins `gather` after it is asked for, so that whoever asks in the
    /// meantime shares it. A good answer is kept for `keep`.
    pub fn new(gather: Duration, keep: Duration) -> Self {
        Self { gather, keep, state: Mutex::new(State { newest: None, kept: None }) }
    }

    /// The kept answer, if its call began at `not_older_than` or later.
    pub fn kept(&self, not_older_than: Instant) -> Option<T> {
        let mut state = self.lock();
        let now = Instant::now();
        // What nobody may have any more need not be held.
        let is_old = |(began, _): &(Instant, T)| now.duration_since(*began) > self.keep;
        if state.kept.as_ref().is_some_and(is_old) {
            state.kept = None;
        }
        let fits = |(began, _): &&(Instant, T)| *began >= not_older_than;
        state.kept.as_ref().filter(fits).map(|(_, answer)| answer.clone())
    }

    /// The answer of a call that began at `not_older_than` or later: the kept
    /// one, that of a call under way, or that of `call`.
    ///
    /// # Errors
    /// The error of that call, which all who waited for it get and nobody after
    /// them.
    pub async fn ask(
        &self,
        not_older_than: Instant,
        call: impl Future<Output = Answer<T, E>> + Send + 'static,
    ) -> Answer<T, E> {
        if let Some(answer) = self.kept(not_older_than) {
            return Ok(answer);
        }
        let (began, call) = self.join(not_older_than, call);
        let answer = call.await;
        if let (Ok(answer), Some(began)) = (&answer, began.get())
            && !self.keep.is_zero()
        {
            let mut state = self.lock();
            if state.kept.as_ref().is_none_or(|(other, _)| other < began) {
                state.kept = Some((*began, answer.clone()));
            }
        }
        answer
    }

    /// The newest call if it fits, otherwise a new one.
    fn join(
        &self,
        not_older_than: Instant,
        call: impl Future<Output = Answer<T, E>> + Send + 'static,
    ) -> (Arc<OnceLock<Instant>>, Call<T, E>) {
        let mut state = self.lock();
        let newest = state.newest.as_ref();
        let former = newest.and_then(|newest| newest.call.upgrade());
        if let (Some(newest), Some(former)) = (newest, &former)
            && newest.began.get().is_none_or(|began| *began >= not_older_than)
        {
            return (Arc::clone(&newest.began), former.clone());
        }
        let began = Arc::new(OnceLock::new());
        let (gather, start) = (self.gather, Arc::clone(&began));
        let call = async move {
            match former {
                // Who asked meanwhile has been gathered.
                Some(former) => drop(timeout(LET_FINISH, former).await),
                None if gather.is_zero() => {}
                None => sleep(gather).await,
            }
            // Nobody else sets it.
            let _ = start.set(Instant::now());
            call.await
        };
        let call = call.boxed().shared();
        // Just made, so it is not finished and can be followed.
        state.newest = call.downgrade().map(|call| Newest { began: Arc::clone(&began), call });
        (began, call)
    }

    fn lock(&self) -> MutexGuard<'_, State<T, E>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
#[path = "shared_call_tests.rs"]
mod tests;
