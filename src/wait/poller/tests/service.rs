//! A service of things, and waits for them.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::wait::{
    Deadline, Ended, Looks, PollError, Poller, Progress, Source, Unseen, WaitOptions, Watcher,
    until,
};

pub(super) const SECOND: Duration = Duration::from_secs(1);
pub(super) const CALL: Duration = Duration::from_millis(50);

/// How a way of looking behaves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Way {
    Works,
    Fails,
    Hangs,
    Throttles(Duration),
    /// Answers, but knows of nothing.
    Empty,
    Panics,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Made {
    Single(u32),
    /// With the number of wanted things.
    List(usize),
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Refusal {
    Broken,
    TooMany(Duration),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

/// A service of things that are ready after a while.
pub(super) struct Service {
    pub(super) began: Instant,
    ready_after: Duration,
    pub(super) list: Mutex<Way>,
    pub(super) single: Mutex<Way>,
    made: Mutex<Vec<(Duration, Made)>>,
    pub(super) under_way: AtomicUsize,
}

#[derive(Clone)]
pub(super) struct Things(Arc<Service>);

impl Service {
    pub(super) fn new(ready_after: Duration) -> (Arc<Self>, Poller<Things>) {
        let service = Arc::new(Self {
            began: Instant::now(),
            ready_after,
            list: Mutex::new(Way::Works),
            single: Mutex::new(Way::Works),
            made: Mutex::default(),
            under_way: AtomicUsize::new(0),
        });
        (Arc::clone(&service), Poller::new(Things(service)))
    }

    pub(super) fn with(
        ready_after: Duration,
        single: Way,
        list: Way,
    ) -> (Arc<Self>, Poller<Things>) {
        let (service, poller) = Self::new(ready_after);
        *service.list.lock().unwrap() = list;
        *service.single.lock().unwrap() = single;
        (service, poller)
    }

    pub(super) fn made(&self) -> Vec<(Duration, Made)> {
        self.made.lock().unwrap().clone()
    }

    pub(super) fn singles(&self) -> Vec<Duration> {
        let single = |(at, made): (Duration, Made)| matches!(made, Made::Single(_)).then_some(at);
        self.made().into_iter().filter_map(single).collect()
    }

    pub(super) fn lists(&self) -> Vec<Duration> {
        let list = |(at, made): (Duration, Made)| matches!(made, Made::List(_)).then_some(at);
        self.made().into_iter().filter_map(list).collect()
    }

    async fn call(&self, made: Made, way: &Mutex<Way>) -> Result<Option<u64>, Refusal> {
        struct UnderWay<'a>(&'a AtomicUsize);
        impl Drop for UnderWay<'_> {
            fn drop(&mut self) {
                self.0.fetch_sub(1, Ordering::SeqCst);
            }
        }
        self.made.lock().unwrap().push((self.began.elapsed(), made));
        self.under_way.fetch_add(1, Ordering::SeqCst);
        let _under_way = UnderWay(&self.under_way);
        let way = *way.lock().unwrap();
        let ready = u64::from(self.began.elapsed() >= self.ready_after);
        tokio::time::sleep(CALL).await;
        match way {
            Way::Works => Ok(Some(ready)),
            Way::Empty => Ok(None),
            Way::Fails => Err(Refusal::Broken),
            Way::Throttles(pause) => Err(Refusal::TooMany(pause)),
            Way::Hangs => std::future::pending().await,
            Way::Panics => panic!("a mistake"),
        }
    }
}

impl Source for Things {
    type Key = u32;
    type Item = u64;
    type Error = Refusal;

    async fn get(&self, key: &u32) -> Result<Option<u64>, Refusal> {
        self.0.call(Made::Single(*key), &self.0.single).await
    }

    async fn list(&self, wanted: &HashSet<u32>) -> Result<HashMap<u32, u64>, Refusal> {
        let ready = self.0.call(Made::List(wanted.len()), &self.0.list).await?;
        Ok(ready.map(|ready| wanted.iter().map(|key| (*key, ready)).collect()).unwrap_or_default())
    }

    fn throttled(error: &Refusal) -> Option<Duration> {
        match error {
            Refusal::TooMany(pause) => Some(*pause),
            Refusal::Broken => None,
        }
    }
}

impl Looks for Watcher<Things> {
    type Seen = Option<Arc<u64>>;
    type Error = Unseen<Refusal>;

    async fn next(&mut self) -> Result<Option<Arc<u64>>, PollError<Unseen<Refusal>>> {
        self.next().await.map_err(PollError::Transient)
    }
}

pub(super) type End = Result<Option<Arc<u64>>, Ended<Option<Arc<u64>>, Unseen<Refusal>>>;

pub(super) fn check(seen: &Option<Arc<u64>>) -> Progress {
    match seen.as_deref() {
        Some(1) => Progress::Done,
        other => Progress::Pending(format!("{other:?}")),
    }
}

/// Waits until the thing is ready.
pub(super) async fn wait(
    poller: Poller<Things>,
    key: u32,
    timeout: Duration,
    stop: CancellationToken,
) -> End {
    let options = WaitOptions { deadline: Deadline::after(timeout), stop };
    until(&mut poller.watch(key), check, &options).await
}

/// Waits for so many things, for an hour; gives when each wait ended well.
pub(super) async fn all(poller: &Poller<Things>, count: u32) -> Vec<Duration> {
    let began = Instant::now();
    let mut waits = JoinSet::new();
    for key in 0..count {
        let wait = wait(poller.clone(), key, 3600 * SECOND, CancellationToken::new());
        waits.spawn(async move {
            wait.await.unwrap();
            began.elapsed()
        });
    }
    waits.join_all().await
}

pub(super) fn most_in(times: &[Duration], window: Duration) -> usize {
    let within =
        |from: Duration| times.iter().filter(|at| **at >= from && **at - from < window).count();
    times.iter().map(|from| within(*from)).max().unwrap_or(0)
}
