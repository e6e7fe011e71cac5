//! When running work stops, and when the process goes.
//!
//! A terminal sends an interrupt to Terraform and its plugins alike. Only
//! Terraform decides what it means: it asks the provider to stop
//! (`StopProvider`) and still wants the answers of the running calls. So an
//! interrupt as such is ignored here, and stopping never ends the process.
//! The process goes when Terraform says so (`Shutdown`) or is no more.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{debug, warn};

use crate::platform::{Event, Parent, Signals};

/// How often the host's life is checked.
const LOOK: Duration = Duration::from_secs(1);
/// How long nobody may be connected, once somebody was or the parent is gone.
/// Terraform connects once and keeps that connection, so that its loss is
/// Terraform's end.
const AWAY: Duration = Duration::from_secs(5);
/// How long a process whose parent was gone from the start waits for somebody.
const NEVER_CONNECTED: Duration = Duration::from_secs(60);
/// How long a host that is still connected may go on asking after the process
/// was told to terminate: enough for running work to see to what it has begun
/// and for Terraform to fetch its answers.
const AFTER_TERMINATION: Duration = Duration::from_secs(5);
/// How long answers may take after `Shutdown`; the host kills after 2 s.
const AFTER_SHUTDOWN: Duration = Duration::from_millis(250);
/// How long running work may take to end when nobody waits for it any more.
const AFTER_LOSS: Duration = Duration::from_secs(3);

// === Stop ===

/// Cancels running work; work that starts later is not affected, unless the
/// process is about to go.
#[derive(Debug, Default)]
pub(crate) struct Stop(Mutex<CancellationToken>);

impl Stop {
    /// The token for work that starts now.
    pub(crate) fn token(&self) -> CancellationToken {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Cancels the work that runs now.
    pub(crate) fn stop(&self) {
        let mut current = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *current).cancel();
    }

    /// Cancels the work that runs now and all that is yet to start.
    pub(crate) fn stop_for_good(&self) {
        self.token().cancel();
    }
}

// === Lifetime ===

/// Why the process goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// The host said so.
    Shutdown,
    /// Nobody is there any more, or a person said so.
    Alone,
}

/// What all parts of the process share about its life.
#[derive(Debug)]
pub(crate) struct Lifetime {
    /// Cancels running work.
    pub(crate) stop: Stop,
    /// Changes to resources that run to their end even if the call that
    /// started them is lost.
    pub(crate) work: TaskTracker,
    /// Cancelled when the process is to go.
    over: CancellationToken,
    connections: watch::Sender<Connections>,
}

#[derive(Debug, Clone, Copy)]
struct Connections {
    open: usize,
    ever: bool,
    /// When `open` last changed.
    since: Instant,
}

/// One connection, counted as open until dropped.
#[derive(Debug)]
pub(crate) struct OpenConnection(watch::Sender<Connections>);

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.0.send_modify(|connections| {
            connections.open = connections.open.saturating_sub(1);
            connections.since = Instant::now();
        });
    }
}

impl Lifetime {
    pub(crate) fn new() -> Self {
        let connections = Connections { open: 0, ever: false, since: Instant::now() };
        Self {
            stop: Stop::default(),
            work: TaskTracker::new(),
            over: CancellationToken::new(),
            connections: watch::Sender::new(connections),
        }
    }

    /// Counts a connection whose peer has proved itself.
    pub(crate) fn connected(&self) -> OpenConnection {
        self.connections.send_modify(|connections| {
            connections.open += 1;
            connections.ever = true;
            connections.since = Instant::now();
        });
        OpenConnection(self.connections.clone())
    }

    /// Lets the process go, as the host wishes.
    pub(crate) fn shut_down(&self) {
        self.over.cancel();
    }

    /// Cancelled when the process is to go: idle streams end then.
    pub(crate) fn over(&self) -> CancellationToken {
        self.over.clone()
    }

    /// Waits until the process is to go.
    pub(crate) async fn wait(&self, mut signals: Signals, mode: Mode) -> End {
        let mut look = interval(LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut terminated = None;
        loop {
            tokio::select! {
                () = self.over.cancelled() => return End::Shutdown,
                event = signals.next() => match (event, mode) {
                    (Event::Interrupt, Mode::Managed { .. }) => {
                        debug!("interrupt ignored: Terraform decides");
                    }
                    (Event::Interrupt, Mode::Debug) => break,
                    (Event::Terminate | Event::Hangup, _) => {
                        warn!("asked to terminate: running work is stopped");
                        self.stop.stop_for_good();
                        // Asking again does not prolong it.
                        terminated.get_or_insert(Instant::now() + AFTER_TERMINATION);
                    }
                },
                () = at(terminated) => {
                    warn!("leaving although the host is still connected");
                    break;
                }
                _ = look.tick() => {}
            }
            if self.is_alone(mode, terminated.is_some()) {
                break;
            }
        }
        self.over.cancel();
        End::Alone
    }

    fn is_alone(&self, mode: Mode, terminated: bool) -> bool {
        let Connections { open, ever, since } = *self.connections.borrow();
        if open > 0 {
            return false;
        }
        let idle = since.elapsed();
        terminated
            || match mode {
                Mode::Debug => false,
                Mode::Managed { parent } => {
                    let orphan = parent.is_gone();
                    let abandoned = (ever || orphan) && idle >= AWAY;
                    let forgotten = !parent.is_watched() && idle >= NEVER_CONNECTED;
                    (ever && orphan) || abandoned || forgotten
                }
            }
    }

    /// Stops running work and waits a moment for it and for `answers`, the
    /// delivery of what it says.
    pub(crate) async fn wind_down(&self, end: End, answers: impl Future<Output = ()>) {
        self.stop.stop_for_good();
        self.work.close();
        let grace = match end {
            End::Shutdown => AFTER_SHUTDOWN,
            End::Alone => AFTER_LOSS,
        };
        let both = async { tokio::join!(self.work.wait(), answers) };
        if timeout(grace, both).await.is_err() {
            warn!(unfinished = self.work.len(), "leaving although work is still running");
        }
    }
}

/// Waits until that moment, if there is one, else for ever.
async fn at(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

// === Mode ===

/// Who decides about the end.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Mode {
    /// The host that started this process.
    Managed {
        /// That host, or what started it.
        parent: Parent,
    },
    /// A person: hosts come and go.
    Debug,
}

impl Mode {
    /// The mode for the process that started this one.
    pub(crate) fn managed() -> Self {
        Self::Managed { parent: Parent::now() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The mode of a process whose parent has died.
    fn orphaned() -> Mode {
        Mode::Managed { parent: Parent::gone() }
    }

    #[test]
    fn a_stop_reaches_running_work_and_not_later_work() {
        let stop = Stop::default();
        let running = stop.token();
        stop.stop();
        let later = stop.token();
        assert!(running.is_cancelled());
        assert!(!later.is_cancelled());
        stop.stop();
        assert!(later.is_cancelled());
    }

    #[test]
    fn a_stop_for_good_reaches_later_work_too() {
        let stop = Stop::default();
        let running = stop.token();
        stop.stop_for_good();
        assert!(running.is_cancelled() && stop.token().is_cancelled());
    }

    #[tokio::test(start_paused = true)]
    async fn a_process_without_host_goes() {
        let lifetime = Lifetime::new();
        let began = Instant::now();
        let end = lifetime.wait(Signals::take().unwrap(), orphaned()).await;
        assert_eq!(end, End::Alone);
        assert!(began.elapsed() <= AWAY + LOOK);
        assert!(lifetime.over().is_cancelled());

        let lifetime = Lifetime::new();
        drop(lifetime.connected());
        let began = Instant::now();
        lifetime.wait(Signals::take().unwrap(), orphaned()).await;
        assert!(began.elapsed() <= LOOK);
    }

    #[tokio::test(start_paused = true)]
    async fn a_lost_connection_ends_a_managed_process_but_not_a_debugged_one() {
        let lifetime = Lifetime::new();
        drop(lifetime.connected());
        let began = Instant::now();
        let signals = Signals::take().unwrap();
        assert_eq!(lifetime.wait(signals, Mode::managed()).await, End::Alone);
        assert!(began.elapsed() <= AWAY + LOOK);

        let lifetime = Lifetime::new();
        drop(lifetime.connected());
        let waiting = lifetime.wait(Signals::take().unwrap(), Mode::Debug);
        assert!(timeout(Duration::from_secs(3600), waiting).await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn an_open_connection_keeps_the_process() {
        let lifetime = Lifetime::new();
        let _open = lifetime.connected();
        let waiting = lifetime.wait(Signals::take().unwrap(), orphaned());
        assert!(timeout(Duration::from_secs(3600), waiting).await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn winding_down_stops_work_and_does_not_wait_for_ever() {
        let lifetime = Lifetime::new();
        let token = lifetime.stop.token();
        lifetime.work.spawn(async move { token.cancelled().await });
        let began = Instant::now();
        lifetime.wind_down(End::Shutdown, std::future::ready(())).await;
        assert!(began.elapsed() < AFTER_SHUTDOWN);

        let lifetime = Lifetime::new();
        lifetime.work.spawn(std::future::pending::<()>());
        let began = Instant::now();
        lifetime.wind_down(End::Alone, std::future::pending()).await;
        assert_eq!(began.elapsed(), AFTER_LOSS);
    }
}
