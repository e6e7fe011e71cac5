//! One poller for any number of waits.
//!
//! A [`Poller`] owns the looks at the things of one group (such as the pools of
//! a workspace); waits only watch what it sees. It makes a look when a
//! [`Watcher`] is due for one, whoever that is, and each look has a time of its
//! own and is made once. So no wait can end, delay or blind another: a watcher
//! that leaves, for whatever reason, is only one watcher fewer.
//!
//! [`board`] decides what is looked at when, without a task or a clock; the task
//! here makes the looks. It begins with the first watcher and ends with the
//! last one.

mod board;
mod way;

use std::any::Any;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::hash::Hash;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::task::AbortOnDropHandle;

use board::{Board, Plan, Throttle};

/// How long a look may take.
const LOOK_TIMEOUT: Duration = Duration::from_secs(15);

/// How the things of a group are looked at. A look is one call, without
/// repetitions; it may be dropped.
pub trait Source: Send + Sync + 'static {
    /// What a thing is called.
    type Key: Clone + Eq + Hash + Send + Sync + 'static;
    /// A thing.
    type Item: Send + Sync + 'static;
    /// Why a look failed.
    type Error: Clone + fmt::Display + Send + Sync + 'static;

    /// Asks for one thing; `None` when it is certain that there is none.
    fn get(
        &self,
        key: &Self::Key,
    ) -> impl Future<Output = Result<Option<Self::Item>, Self::Error>> + Send;

    /// Asks for all things at once and gives the wanted ones. One that is not
    /// among them may be there all the same.
    fn list(
        &self,
        wanted: &HashSet<Self::Key>,
    ) -> impl Future<Output = Result<HashMap<Self::Key, Self::Item>, Self::Error>> + Send;

    /// Tells whether the error asks for fewer calls, and for how long it asks
    /// for none (zero when it does not say).
    fn throttled(error: &Self::Error) -> Option<Duration>;
}

/// Why a look failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure<E> {
    /// The call failed.
    Call(E),
    /// There was no answer within this time.
    NoAnswer(Duration),
    /// The call broke off, by a mistake in this program.
    Broken,
}

impl<E: fmt::Display> fmt::Display for Failure<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call(error) => error.fmt(f),
            Self::NoAnswer(time) => write!(f, "no answer within {} s", time.as_secs()),
            Self::Broken => f.write_str("the call broke off"),
        }
    }
}

/// Why nothing is seen of a thing: what failed since it was last seen. Each way
/// of looking takes over when the other fails, so only both together say much.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unseen<E> {
    /// The newest failure of asking for it singly, if that failed.
    pub single: Option<Failure<E>>,
    /// The newest failure of the list, if that failed.
    pub list: Option<Failure<E>>,
}

impl<E: fmt::Display> fmt::Display for Unseen<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.single, &self.list) {
            (Some(failure), _) | (None, Some(failure)) => failure.fmt(f),
            (None, None) => f.write_str("nothing is known yet"),
        }
    }
}

/// What a look showed of one thing.
type Sight<T, E> = Result<Option<Arc<T>>, Unseen<E>>;

/// One look at one thing.
#[derive(Debug)]
struct Look<T, E> {
    began: Instant,
    sight: Sight<T, E>,
}

type News<T, E> = Option<Arc<Look<T, E>>>;
type BoardOf<S> = Board<<S as Source>::Key, <S as Source>::Item, <S as Source>::Error>;

/// Looks at the things of one group for all who watch them. Clones share it.
pub struct Poller<S: Source>(Arc<Inner<S>>);

struct Inner<S: Source> {
    shared: Arc<Shared<S>>,
    /// The task, which ends with the last who holds this.
    task: Mutex<Option<AbortOnDropHandle<()>>>,
}

/// What the task works on.
struct Shared<S: Source> {
    source: S,
    board: Mutex<BoardOf<S>>,
    /// Watchers have come or gone.
    changed: Notify,
}

impl<S: Source> Clone for Poller<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<S: Source> fmt::Debug for Poller<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Poller").finish_non_exhaustive()
    }
}

impl<S: Source> Poller<S> {
    /// Makes no look before somebody watches.
    pub fn new(source: S) -> Self {
        let board = Mutex::new(Board::new());
        let shared = Arc::new(Shared { source, board, changed: Notify::new() });
        Self(Arc::new(Inner { shared, task: Mutex::new(None) }))
    }

    /// Watches a thing from now on: the first sight is of a look that starts now
    /// or later. Has to be called within a Tokio runtime.
    pub fn watch(&self, key: S::Key) -> Watcher<S> {
        let since = Instant::now();
        let mut board = self.0.shared.board();
        let (id, news) = board.watch(key.clone(), since);
        if board.begins_to_run() {
            let task = tokio::spawn(run(Arc::clone(&self.0.shared)));
            let mut slot = self.0.task.lock().unwrap_or_else(PoisonError::into_inner);
            // A former task has nothing left to do.
            *slot = Some(AbortOnDropHandle::new(task));
        }
        drop(board);
        self.0.shared.changed.notify_one();
        Watcher { poller: self.clone(), key, id, since, news }
    }
}

/// Somebody who watches one thing.
pub struct Watcher<S: Source> {
    poller: Poller<S>,
    key: S::Key,
    id: u64,
    since: Instant,
    news: watch::Receiver<News<S::Item, S::Error>>,
}

impl<S: Source> fmt::Debug for Watcher<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watcher").field("since", &self.since).finish_non_exhaustive()
    }
}

impl<S: Source> Watcher<S> {
    /// The next look that this watcher has not seen yet: the thing, or `None`
    /// when it is certain that there is none. May be dropped and called again.
    ///
    /// # Errors
    /// [`Unseen`] says what failed; the looks go on.
    pub async fn next(&mut self) -> Result<Option<Arc<S::Item>>, Unseen<S::Error>> {
        loop {
            if self.news.changed().await.is_err() {
                // Not while this watcher is there.
                std::future::pending::<()>().await;
            }
            let news = self.news.borrow_and_update().clone();
            if let Some(look) = news.filter(|look| look.began >= self.since) {
                return look.sight.clone();
            }
        }
    }
}

impl<S: Source> Drop for Watcher<S> {
    fn drop(&mut self) {
        let shared = &self.poller.0.shared;
        shared.board().leave(&self.key, self.id);
        shared.changed.notify_one();
    }
}

impl<S: Source> Shared<S> {
    fn board(&self) -> MutexGuard<'_, BoardOf<S>> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What came of a call.
type Answer<T, S> = Result<T, Failure<<S as Source>::Error>>;

/// A finished call.
enum Done<S: Source> {
    Single(S::Key, Instant, Answer<Option<S::Item>, S>),
    List(HashSet<S::Key>, Instant, Answer<HashMap<S::Key, S::Item>, S>),
}

/// Makes looks until nobody watches any more; then those under way are dropped.
async fn run<S: Source>(shared: Arc<Shared<S>>) {
    let mut calls = FuturesUnordered::new();
    loop {
        let started = Instant::now();
        let plan = shared.board().plan(started);
        let Some(Plan { singles, list, wake }) = plan else { return };
        calls.extend(singles.into_iter().map(|key| single(Arc::clone(&shared), key, started)));
        calls.extend(list.map(|wanted| self::list(Arc::clone(&shared), wanted, started)));
        tokio::select! {
            Some(done) = calls.next() => record(&shared, done),
            () = sleep_until(wake) => {}
            () = shared.changed.notified() => {}
        }
    }
}

fn single<S: Source>(
    shared: Arc<Shared<S>>,
    key: S::Key,
    started: Instant,
) -> BoxFuture<'static, Done<S>> {
    async move {
        let answer = look(shared.source.get(&key)).await;
        Done::Single(key, started, answer)
    }
    .boxed()
}

fn list<S: Source>(
    shared: Arc<Shared<S>>,
    wanted: HashSet<S::Key>,
    started: Instant,
) -> BoxFuture<'static, Done<S>> {
    async move {
        let answer = look(shared.source.list(&wanted)).await;
        Done::List(wanted, started, answer)
    }
    .boxed()
}

/// One call in its own time. What goes wrong in it ends this look alone.
async fn look<T, E>(call: impl Future<Output = Result<T, E>>) -> Result<T, Failure<E>> {
    match timeout(LOOK_TIMEOUT, AssertUnwindSafe(call).catch_unwind()).await {
        Ok(Ok(answer)) => answer.map_err(Failure::Call),
        Ok(Err(panic)) => {
            tracing::error!(reason = %words(&*panic), "a look broke off");
            Err(Failure::Broken)
        }
        Err(_) => Err(Failure::NoAnswer(LOOK_TIMEOUT)),
    }
}

fn words(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no reason given")
}

fn record<S: Source>(shared: &Shared<S>, done: Done<S>) {
    let throttle = |failure: &Failure<S::Error>| match failure {
        Failure::Call(error) => S::throttled(error).map(Throttle),
        Failure::NoAnswer(_) | Failure::Broken => None,
    };
    let (now, mut board) = (Instant::now(), shared.board());
    match done {
        Done::Single(key, began, answer) => {
            let asks = answer.as_ref().err().and_then(throttle);
            board.single_done(&key, began, now, answer, asks);
        }
        Done::List(wanted, began, answer) => {
            let asks = answer.as_ref().err().and_then(throttle);
            board.list_done(&wanted, began, now, answer, asks);
        }
    }
}

#[cfg(test)]
mod tests;
