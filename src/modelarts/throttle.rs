//! The limit of requests per second that a client keeps to.

use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};

use super::call::Call;
use super::error::Error;
use super::settings::SettingsError;

/// Spaces requests evenly; without a limit it lets everything through.
pub(crate) struct Throttle {
    limiter: Option<DefaultDirectRateLimiter>,
    clock: DefaultClock,
}

impl Throttle {
    pub(crate) fn new(per_second: Option<f64>) -> Result<Self, SettingsError> {
        let limiter = per_second
            .map(|rate| {
                let fits = rate.is_finite() && rate > 0.0 && rate <= 1_000_000.0;
                let period = fits.then(|| Duration::try_from_secs_f64(1.0 / rate).ok()).flatten();
                let quota = period.and_then(Quota::with_period).ok_or(SettingsError::Rate)?;
                Ok(RateLimiter::direct(quota))
            })
            .transpose()?;
        Ok(Self { limiter, clock: DefaultClock::default() })
    }

    /// Waits for the next request's turn; ends early when the call ends.
    pub(crate) async fn ready(&self, call: &Call) -> Result<(), Error> {
        let Some(limiter) = &self.limiter else { return Ok(()) };
        while let Err(not_yet) = limiter.check() {
            let wait = not_yet.wait_time_from(self.clock.now());
            call.pause(wait, "waiting for the client's own rate limit").await?;
        }
        Ok(())
    }
}
