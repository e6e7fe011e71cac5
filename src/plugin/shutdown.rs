//! When running work stops, and when the process goes.
//!
//! A terminal sends an interrupt to Terraform and its plugins alike. Only
//! Terraform decides what it means: it asks the provider to stop
//! (`StopProvider`) and still wants the answers of the running calls. So an
//! interrupt as such is ignored here, and stopping never ends the process.
//! The process goes when Terraform says so (`Shutdown`) or is no more.

use std::io;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use nix::unistd::{Pid, getppid};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{debug, warn};

/// How often the host's life is checked.
const LOOK: Duration = Duration::from_secs(1);
/// How long nobody may be connected, once somebody was or the parent is gone.
/// Terraform connects once and keeps that connection, so that its loss is
/// Terraform's end.
const AWAY: Duration = Duration::from_secs(5);
/// How long a process whose parent was gone from the start waits for somebody.
const NEVER_CONNECTED: Duration = Duration::from_secs(60);
/// How long answers may take after `Shutdown`; the host kills after 2 s.
const AFTER_SHUTDOWN: Duration = Duration::from_millis(250);
/// How long running work may take to end when nobody waits for it any more.
const AFTER_LOSS: Duration = Duration::from_secs(3);

// === Stop ===

/// Cancels running work; work that starts later is not affected.
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
        let mut terminated = false;
        loop {
            tokio::select! {
                () = self.over.cancelled() => return End::Shutdown,
                Some(()) = signals.interrupt.recv() => match mode {
                    Mode::Managed { .. } => debug!("interrupt ignored: Terraform decides"),
                    Mode::Debug => break,
                },
                Some(()) = signals.terminate.recv() => {
                    warn!("asked to terminate: running work is stopped");
                    self.stop.stop();
                    terminated = true;
                }
                _ = look.tick() => {}
            }
            if self.is_alone(mode, terminated) {
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
                    let orphan = getppid() != parent;
                    let abandoned = (ever || orphan) && idle >= AWAY;
                    let forgotten = parent == Pid::from_raw(1) && idle >= NEVER_CONNECTED;
                    (ever && orphan) || abandoned || forgotten
                }
            }
    }

    /// Stops running work and waits a moment for it and for `answers`, the
    /// delivery of what it says.
    pub(crate) async fn wind_down(&self, end: End, answers: impl Future<Output = ()>) {
        self.stop.stop();
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

// === Signals ===

/// Who decides about the end.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Mode {
    /// The host that started this process.
    Managed {
        /// That host, or what started it.
        parent: Pid,
    },
    /// A person: hosts come and go.
    Debug,
}

impl Mode {
    /// The mode for the process that started this one.
    pub(crate) fn managed() -> Self {
        Self::Managed { parent: getppid() }
    }
}

/// Signals, which no longer end the process once this exists.
#[derive(Debug)]
pub(crate) struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    /// Takes the signals over.
    ///
    /// # Errors
    /// When the system refuses.
    pub(crate) fn take() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A parent that this process certainly does not have.
    const GONE: Mode = Mode::Managed { parent: Pid::from_raw(-7) };

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

    #[tokio::test(start_paused = true)]
    async fn a_process_without_host_goes() {
        let lifetime = Lifetime::new();
        let began = Instant::now();
        let end = lifetime.wait(Signals::take().unwrap(), GONE).await;
        assert_eq!(end, End::Alone);
        assert!(began.elapsed() <= AWAY + LOOK);
        assert!(lifetime.over().is_cancelled());

        let lifetime = Lifetime::new();
        drop(lifetime.connected());
        let began = Instant::now();
        lifetime.wait(Signals::take().unwrap(), GONE).await;
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
        let waiting = lifetime.wait(Signals::take().unwrap(), GONE);
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
