//! Many waits, one list call per tick.
//!
//! Whoever first needs a newer answer leads: it makes the call, and everybody
//! else of the group gets the answer and a nudge. A leader that is dropped
//! (interrupted, out of time) hands over to the next in the queue.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

/// One completed fetch of a whole group.
#[derive(Debug)]
struct Snapshot<K, V, E> {
    /// Counts the fetches of the group, from 1.
    number: u64,
    started: Instant,
    answer: Result<HashMap<K, V>, Arc<E>>,
}

#[derive(Debug)]
struct Group<K, V, E> {
    /// Held by the leader during its call; remembers when the newest call began,
    /// also when its leader was dropped.
    lead: tokio::sync::Mutex<Option<Instant>>,
    latest: watch::Sender<Option<Arc<Snapshot<K, V, E>>>>,
    /// The number of the latest snapshot, for those who need not know its type.
    count: watch::Sender<u64>,
}

impl<K, V, E> Group<K, V, E> {
    fn new() -> Self {
        Self {
            lead: tokio::sync::Mutex::new(None),
            latest: watch::Sender::new(None),
            count: watch::Sender::new(0),
        }
    }

    /// Called by the leader only.
    fn publish(
        &self,
        started: Instant,
        answer: Result<HashMap<K, V>, Arc<E>>,
    ) -> Arc<Snapshot<K, V, E>> {
        let number = *self.count.borrow() + 1;
        let snapshot = Arc::new(Snapshot { number, started, answer });
        self.latest.send_replace(Some(Arc::clone(&snapshot)));
        self.count.send_replace(number);
        snapshot
    }

    /// The latest snapshot if it is fresh; otherwise the next one, made with
    /// `fetch_all` unless somebody else makes it.
    async fn snapshot(
        &self,
        gap: Duration,
        fresh: impl Fn(&Snapshot<K, V, E>) -> bool,
        fetch_all: impl Future<Output = Result<HashMap<K, V>, E>>,
    ) -> Arc<Snapshot<K, V, E>> {
        let mut latest = self.latest.subscribe();
        let mut lead = std::pin::pin!(self.lead.lock());
        let mut last_start = loop {
            if let Some(snapshot) = newest(&mut latest, &fresh) {
                return snapshot;
            }
            tokio::select! {
                biased;
                // The sender lives as long as self: this is always news.
                _ = latest.changed() => {}
                guard = &mut lead => break guard,
            }
        };
        // The former leader may have published between the look and the lock.
        if let Some(snapshot) = newest(&mut latest, &fresh) {
            return snapshot;
        }
        if let Some(next) = last_start.and_then(|start| start.checked_add(gap)) {
            sleep_until(next).await;
        }
        let started = Instant::now();
        *last_start = Some(started);
        let answer = fetch_all.await.map_err(Arc::new);
        self.publish(started, answer)
    }
}

fn newest<S>(
    latest: &mut watch::Receiver<Option<Arc<S>>>,
    fresh: &impl Fn(&S) -> bool,
) -> Option<Arc<S>> {
    latest.borrow_and_update().as_ref().filter(|snapshot| fresh(snapshot)).map(Arc::clone)
}

fn find<K: Eq + Hash, V: Clone, E>(
    snapshot: &Snapshot<K, V, E>,
    key: &K,
) -> Result<Option<V>, Arc<E>> {
    snapshot.answer.as_ref().map(|all| all.get(key).cloned()).map_err(Arc::clone)
}

type Groups<G, K, V, E> = HashMap<G, Arc<Group<K, V, E>>>;

/// Answers of one call that fetches a whole group of things (such as all pools
/// of a workspace), for any number of waiters that each want one of them.
#[derive(Debug)]
pub struct SharedPoll<G, K, V, E> {
    groups: Mutex<Groups<G, K, V, E>>,
    gap: Duration,
}

impl<G, K, V, E> SharedPoll<G, K, V, E>
where
    G: Eq + Hash + Clone,
    K: Eq + Hash,
    V: Clone,
{
    /// Keeps at least `gap` between the starts of two calls for one group, so
    /// that waits that begin one after the other share their first call too.
    pub fn new(gap: Duration) -> Self {
        Self { groups: Mutex::new(HashMap::new()), gap }
    }

    /// The thing called `key` as of a fetch that started at `not_older_than` or
    /// later; `None` when that fetch did not find it. `fetch_all` is the call; it
    /// is made unless somebody else has made it or is making it.
    ///
    /// # Errors
    /// The error of that fetch, which all who waited for it get.
    pub async fn observe(
        &self,
        group: &G,
        key: &K,
        not_older_than: Instant,
        fetch_all: impl Future<Output = Result<HashMap<K, V>, E>>,
    ) -> Result<Option<V>, Arc<E>> {
        let group = self.group(group);
        let fresh = |snapshot: &Snapshot<K, V, E>| snapshot.started >= not_older_than;
        find(group.snapshot(self.gap, fresh, fetch_all).await.as_ref(), key)
    }

    /// Follows the thing called `key` from now on: the first answer is of a
    /// fetch that starts now or later.
    pub fn subscribe(&self, group: &G, key: K) -> Subscription<K, V, E> {
        Subscription {
            group: self.group(group),
            gap: self.gap,
            key,
            not_older_than: Instant::now(),
            seen: Arc::new(AtomicU64::new(0)),
        }
    }

    fn group(&self, group: &G) -> Arc<Group<K, V, E>> {
        let mut groups = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(groups.entry(group.clone()).or_insert_with(|| Arc::new(Group::new())))
    }
}

/// One waiter's view of a [`SharedPoll`]: every answer is newer than the one
/// before, whoever made the call.
#[derive(Debug)]
pub struct Subscription<K, V, E> {
    group: Arc<Group<K, V, E>>,
    gap: Duration,
    key: K,
    not_older_than: Instant,
    /// The number of the snapshot that gave the last answer.
    seen: Arc<AtomicU64>,
}

impl<K: Eq + Hash, V: Clone, E> Subscription<K, V, E> {
    /// The thing in a fetch that this subscription has not seen yet; `None` when
    /// that fetch did not find it. `fetch_all` is the call; it is made unless
    /// somebody else has made it or is making it.
    ///
    /// # Errors
    /// The error of that fetch, which all who follow the group get.
    pub async fn next(
        &self,
        fetch_all: impl Future<Output = Result<HashMap<K, V>, E>>,
    ) -> Result<Option<V>, Arc<E>> {
        let seen = self.seen.load(Ordering::Acquire);
        let fresh = |snapshot: &Snapshot<K, V, E>| {
            snapshot.number > seen && snapshot.started >= self.not_older_than
        };
        let snapshot = self.group.snapshot(self.gap, fresh, fetch_all).await;
        self.seen.store(snapshot.number, Ordering::Release);
        find(&snapshot, &self.key)
    }

    /// Tells when there is an answer that this subscription has not seen yet.
    /// Only [`Subscription::next`] of this very subscription counts as seeing.
    pub fn nudge(&self) -> Nudge {
        Nudge(Some((self.group.count.subscribe(), Arc::clone(&self.seen))))
    }
}

/// Tells that somebody else's poll has brought news.
#[derive(Debug, Clone)]
pub struct Nudge(Option<(watch::Receiver<u64>, Arc<AtomicU64>)>);

impl Nudge {
    /// Never tells anything.
    pub fn never() -> Self {
        Self(None)
    }

    /// Waits for news.
    pub(super) async fn given(&mut self) {
        if let Some((count, seen)) = &mut self.0
            && count.wait_for(|number| *number > seen.load(Ordering::Acquire)).await.is_ok()
        {
            return;
        }
        // Nobody is left to bring news.
        std::future::pending().await
    }
}

#[cfg(test)]
#[path = "shared_tests.rs"]
mod tests;
