//! How fast a client may ask: its own limit, and a hold that the service asks for.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::call::Call;
use super::error::{Error, ErrorKind};
use super::settings::SettingsError;

/// Spaces requests evenly, in the order in which they came; without a limit it
/// lets everything through. Whoever is told to slow down holds everybody.
#[derive(Debug)]
pub(crate) struct Throttle {
    /// Time between two requests.
    gap: Option<Duration>,
    /// Fair: waiters get it in order. One that ends early has used nothing.
    turn: Semaphore,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Before this, no next request.
    next: Option<Instant>,
    /// Before this, no request at all, and how long that is in all.
    hold: Option<(Instant, Duration)>,
}

impl Throttle {
    pub(crate) fn new(per_second: Option<f64>) -> Result<Self, SettingsError> {
        let gap = |rate: f64| {
            let fits = rate.is_finite() && rate > 0.0 && rate <= 1_000_000.0;
            let gap = fits.then(|| Duration::try_from_secs_f64(1.0 / rate).ok()).flatten();
            gap.ok_or(SettingsError::Rate)
        };
        let gap = per_second.map(gap).transpose()?;
        Ok(Self { gap, turn: Semaphore::new(1), state: Mutex::default() })
    }

    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Keeps every request back for a while.
    pub(crate) fn hold(&self, time: Duration) {
        let until = Instant::now() + time;
        self.with(|state| {
            if state.hold.is_none_or(|(end, _)| end < until) {
                state.hold = Some((until, time));
            }
        });
    }

    /// Waits for the next request's turn; ends early when the call ends.
    pub(crate) async fn ready(&self, call: &Call) -> Result<(), Error> {
        self.released(call).await?;
        let Some(gap) = self.gap else { return Ok(()) };
        let doing = "waiting for the client's own rate limit";
        let _turn = call.until(self.turn.acquire(), doing).await?;
        if let Some(next) = self.with(|state| state.next) {
            call.until(tokio::time::sleep_until(next), doing).await?;
        }
        self.released(call).await?;
        self.with(|state| state.next = Some(Instant::now() + gap));
        Ok(())
    }

    /// Waits until nothing is held. Those who waited do not all come back at
    /// once. A call that would end before fails at once.
    async fn released(&self, call: &Call) -> Result<(), Error> {
        while let Some((until, length)) = self.with(|state| state.hold) {
            let rest = until.saturating_duration_since(Instant::now());
            if rest.is_zero() {
                break;
            }
            if call.ends_within(rest) {
                let kind = ErrorKind::Throttled { retry_after: Some(rest) };
                let what = "the request was not sent, because the service limits the number of \
                            requests and asks to wait longer than this call may take";
                return Err(Error::new(kind, what));
            }
            let apart = (length / 10).mul_f64(fastrand::f64());
            call.pause(rest + apart, "waiting, because the service limits the number of requests")
                .await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[tokio::test(start_paused = true)]
    async fn waiters_are_served_in_order_and_evenly() {
        let throttle = Arc::new(Throttle::new(Some(4.0)).unwrap());
        let served = Arc::new(Mutex::new(Vec::new()));
        let began = Instant::now();
        let mut tasks = tokio::task::JoinSet::new();
        for n in 0..5_u32 {
            let (throttle, served) = (Arc::clone(&throttle), Arc::clone(&served));
            tasks.spawn(async move {
                throttle.ready(&Call::default()).await.unwrap();
                served.lock().unwrap().push((n, began.elapsed().as_millis() / 10 * 10));
            });
            tokio::task::yield_now().await;
        }
        tasks.join_all().await;
        let expected = [(0, 0), (1, 250), (2, 500), (3, 750), (4, 1000)];
        assert_eq!(*served.lock().unwrap(), expected);
    }

    #[tokio::test(start_paused = true)]
    async fn a_waiter_that_gives_up_takes_no_turn() {
        let throttle = Throttle::new(Some(1.0)).unwrap();
        let began = Instant::now();
        throttle.ready(&Call::default()).await.unwrap();
        let brief = Call::new(Default::default(), Some(began + Duration::from_millis(100)));
        let ended = throttle.ready(&brief).await.unwrap_err();
        assert_eq!(ended.kind(), ErrorKind::DeadlineExceeded);
        throttle.ready(&Call::default()).await.unwrap();
        assert_eq!(began.elapsed().as_millis() / 10, 100);
    }

    #[tokio::test(start_paused = true)]
    async fn a_hold_is_for_everybody_and_fails_those_who_cannot_wait() {
        let throttle = Throttle::new(None).unwrap();
        let began = Instant::now();
        throttle.hold(Duration::from_secs(30));
        throttle.hold(Duration::from_secs(1));
        let brief = Call::new(Default::default(), Some(began + Duration::from_secs(15)));
        let refused = throttle.ready(&brief).await.unwrap_err().kind();
        assert_eq!(
            (refused, began.elapsed()),
            (ErrorKind::Throttled { retry_after: Some(Duration::from_secs(30)) }, Duration::ZERO)
        );
        throttle.ready(&Call::default()).await.unwrap();
        let waited = began.elapsed().as_secs_f64();
        assert!((30.0..=33.1).contains(&waited), "{waited}");
        throttle.ready(&Call::default()).await.unwrap();
        assert!(began.elapsed().as_secs_f64() < waited + 0.1);
    }
}
