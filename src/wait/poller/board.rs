//! What is looked at when: the rules of a poller, without a task or a clock.
//!
//! Few things are asked for singly, many by a list. A thing that the list does
//! not show is asked for singly. When one way fails or is slow, the other helps
//! out; a way that keeps failing rests longer and longer, as long as the other
//! one works.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use super::way::{SLOW, Way};
use super::{Failure, Look, News, Unseen};
use crate::wait::schedule;

/// So many things are asked for singly; more by a list.
const SINGLY: usize = 3;
/// So many single calls help the list out in one tick, however many things
/// there are.
const FEW: usize = 5;
/// The tick is stretched by this at most.
const SLOWEST: u32 = 16;
/// What a service may ask for in one go; then it is asked again.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// No plan is made more often, whatever the rules say.
const BREATH: Duration = Duration::from_millis(20);
/// When nothing is due, somebody will say so.
const LATER: Duration = Duration::from_secs(3600);

/// For how long a service asks for no calls.
#[derive(Debug, Clone, Copy)]
pub(super) struct Throttle(pub(super) Duration);

/// What to do now, and when to ask again.
#[derive(Debug)]
pub(super) struct Plan<K> {
    pub(super) singles: Vec<K>,
    pub(super) list: Option<HashSet<K>>,
    pub(super) wake: Instant,
}

/// A thing that somebody watches.
#[derive(Debug)]
struct Thing<T, E> {
    /// Since when each watches.
    watchers: BTreeMap<u64, Instant>,
    news: watch::Sender<News<T, E>>,
    /// When the newest look began that showed something.
    seen: Option<Instant>,
    single: Way,
    /// The newest list did not show it.
    is_lacking: bool,
    /// What failed since it was last seen.
    failed: Unseen<E>,
}

impl<T, E: Clone> Thing<T, E> {
    fn new() -> Self {
        Self {
            watchers: BTreeMap::new(),
            news: watch::Sender::new(None),
            seen: None,
            single: Way::default(),
            is_lacking: false,
            failed: Unseen { single: None, list: None },
        }
    }

    fn youngest(&self) -> Option<Instant> {
        self.watchers.values().max().copied()
    }

    fn oldest(&self) -> Option<Instant> {
        self.watchers.values().min().copied()
    }

    /// A slow look may come in after a newer one, which then holds.
    fn show(&mut self, began: Instant, item: Option<T>) {
        self.failed = Unseen { single: None, list: None };
        if self.seen.is_none_or(|seen| seen <= began) {
            self.seen = Some(began);
            self.publish(Look { began, sight: Ok(item.map(Arc::new)) });
        }
    }

    fn hide(&mut self, began: Instant) {
        if self.seen.is_none_or(|seen| seen <= began) {
            self.publish(Look { began, sight: Err(self.failed.clone()) });
        }
    }

    fn publish(&self, look: Look<T, E>) {
        self.news.send_replace(Some(Arc::new(look)));
    }
}

/// Calls that are counted per tick.
#[derive(Debug, Default)]
struct Ration {
    until: Option<Instant>,
    left: usize,
}

impl Ration {
    fn renew(&mut self, now: Instant, tick: Duration, size: usize) {
        if self.until.is_none_or(|until| until <= now) {
            *self = Self { until: Some(now + tick), left: size };
        }
    }
}

/// Everything a poller knows.
#[derive(Debug)]
pub(super) struct Board<K, T, E> {
    things: HashMap<K, Thing<T, E>>,
    ids: u64,
    runs: bool,
    list: Way,
    /// Whether the newest single call had an answer.
    singles_work: bool,
    ration: Ration,
    /// By how much ticks are stretched, and since when.
    stretch: u32,
    stretched: Option<Instant>,
    /// Before this, the service wants no calls.
    not_before: Option<Instant>,
}

impl<K: Clone + Eq + Hash, T, E: Clone> Board<K, T, E> {
    pub(super) fn new() -> Self {
        Self {
            things: HashMap::new(),
            ids: 0,
            runs: false,
            list: Way::default(),
            singles_work: false,
            ration: Ration::default(),
            stretch: 1,
            stretched: None,
            not_before: None,
        }
    }

    pub(super) fn watch(&mut self, key: K, since: Instant) -> (u64, watch::Receiver<News<T, E>>) {
        self.ids += 1;
        let thing = self.things.entry(key).or_insert_with(Thing::new);
        thing.watchers.insert(self.ids, since);
        (self.ids, thing.news.subscribe())
    }

    pub(super) fn leave(&mut self, key: &K, id: u64) {
        if let Some(thing) = self.things.get_mut(key) {
            thing.watchers.remove(&id);
            if thing.watchers.is_empty() {
                self.things.remove(key);
            }
        }
    }

    /// Says whether a task has to begin. From then on there is one, until a plan
    /// says that there is nothing to do.
    pub(super) fn begins_to_run(&mut self) -> bool {
        !std::mem::replace(&mut self.runs, true)
    }

    /// What to start now; it counts as started. `None` when nobody watches: the
    /// task has to end, and its calls end with it.
    pub(super) fn plan(&mut self, now: Instant) -> Option<Plan<K>> {
        if self.things.is_empty() {
            self.runs = false;
            self.list.under_way = None;
            return None;
        }
        let mut plan = Plan { singles: Vec::new(), list: None, wake: now + LATER };
        match self.not_before.filter(|not_before| *not_before > now) {
            Some(not_before) => plan.wake = not_before,
            None => {
                let in_list_trouble = self.list.is_in_trouble(now);
                self.plan_list(now, &mut plan);
                self.plan_singles(now, in_list_trouble, &mut plan);
                self.mind_slow_calls(now, &mut plan);
            }
        }
        plan.wake = plan.wake.max(now + BREATH);
        Some(plan)
    }

    fn is_crowd(&self) -> bool {
        self.things.len() > SINGLY
    }

    fn plan_list(&mut self, now: Instant, plan: &mut Plan<K>) {
        let helps_out = || self.things.values().any(|thing| thing.single.is_in_trouble(now));
        if self.list.under_way.is_some() || !(self.is_crowd() || helps_out()) {
            return;
        }
        let youngest = self.things.values().filter_map(Thing::youngest).max();
        let interval = schedule::tick(waited(youngest, self.list.began)) * self.stretch;
        match self.list.due(interval, self.singles_work).filter(|due| *due > now) {
            Some(due) => plan.wake = plan.wake.min(due),
            None => {
                self.list.start(now);
                plan.list = Some(self.things.keys().cloned().collect());
            }
        }
    }

    fn plan_singles(&mut self, now: Instant, in_list_trouble: bool, plan: &mut Plan<K>) {
        let crowd = self.is_crowd();
        let list_works = self.list.works(now);
        let mut due_now = Vec::new();
        for (key, thing) in &self.things {
            let wanted = !crowd || thing.is_lacking || in_list_trouble;
            if !wanted || thing.single.under_way.is_some() {
                continue;
            }
            let waited = waited(thing.youngest(), thing.single.began);
            let pace = if crowd { schedule::tick(waited) } else { schedule::step(waited) };
            let rests = list_works && (crowd || thing.single.keeps_failing());
            match thing.single.due(pace * self.stretch, rests).filter(|due| *due > now) {
                Some(due) => plan.wake = plan.wake.min(due),
                None => due_now.push((thing.single.began.max(thing.seen), key.clone())),
            }
        }
        if crowd {
            self.take_few(now, due_now, plan);
        } else {
            plan.singles = due_now.into_iter().map(|(_, key)| key).collect();
        }
        for key in &plan.singles {
            if let Some(thing) = self.things.get_mut(key) {
                thing.single.start(now);
            }
        }
    }

    /// A few at a time, first those that were looked at longest ago.
    fn take_few(&mut self, now: Instant, mut due: Vec<(Option<Instant>, K)>, plan: &mut Plan<K>) {
        if due.is_empty() {
            return;
        }
        // Where calls are too many, it is fewer still.
        let size = if self.stretch > 1 { 1 } else { FEW };
        let tick = schedule::tick(Duration::ZERO) * self.stretch;
        self.ration.renew(now, tick, size);
        due.sort_by_key(|(looked, _)| *looked);
        let left = due.len() > self.ration.left;
        plan.singles = due.into_iter().take(self.ration.left).map(|(_, key)| key).collect();
        self.ration.left -= plan.singles.len();
        if let Some(until) = self.ration.until.filter(|_| left) {
            plan.wake = plan.wake.min(until);
        }
    }

    /// The other way helps out as soon as a call is slow.
    fn mind_slow_calls(&self, now: Instant, plan: &mut Plan<K>) {
        let singles = self.things.values().map(|thing| &thing.single);
        let calls = singles.chain([&self.list]).filter_map(|way| way.under_way);
        if let Some(slow) = calls.map(|began| began + SLOW).filter(|slow| *slow > now).min() {
            plan.wake = plan.wake.min(slow);
        }
    }

    /// Takes the answer of a single call.
    pub(super) fn single_done(
        &mut self,
        key: &K,
        began: Instant,
        now: Instant,
        answer: Result<Option<T>, Failure<E>>,
        throttle: Option<Throttle>,
    ) {
        self.pace(began, now, answer.is_ok(), throttle);
        self.singles_work = answer.is_ok();
        // Its last watcher may have left, and another one come since.
        let current = |thing: &&mut Thing<T, E>| thing.single.under_way == Some(began);
        let Some(thing) = self.things.get_mut(key).filter(current) else { return };
        match answer {
            Ok(Some(item)) => {
                thing.single.succeeded(now);
                thing.show(began, Some(item));
            }
            Ok(None) => {
                thing.single.found_nothing(now);
                thing.show(began, None);
            }
            Err(failure) => {
                thing.single.failed(now, throttle.is_some());
                thing.failed.single = Some(failure);
                thing.hide(began);
            }
        }
    }

    /// Takes the answer of a list.
    pub(super) fn list_done(
        &mut self,
        wanted: &HashSet<K>,
        began: Instant,
        now: Instant,
        answer: Result<HashMap<K, T>, Failure<E>>,
        throttle: Option<Throttle>,
    ) {
        self.pace(began, now, answer.is_ok(), throttle);
        match &answer {
            Ok(_) => self.list.succeeded(now),
            Err(_) => self.list.failed(now, throttle.is_some()),
        }
        let mut answer = answer;
        for key in wanted {
            let Some(thing) = self.things.get_mut(key) else { continue };
            // A list from before somebody watched says nothing to them.
            if thing.oldest().is_none_or(|oldest| oldest > began) {
                continue;
            }
            match &mut answer {
                Ok(items) => {
                    let item = items.remove(key);
                    thing.is_lacking = item.is_none();
                    thing.failed.list = None;
                    if let Some(item) = item {
                        thing.show(began, Some(item));
                    }
                }
                Err(failure) => {
                    thing.failed.list = Some(failure.clone());
                    thing.hide(began);
                }
            }
        }
    }

    /// Slows down when the service asks for it, and recovers: one step for each
    /// round of calls.
    fn pace(&mut self, began: Instant, now: Instant, worked: bool, throttle: Option<Throttle>) {
        if let Some(Throttle(pause)) = throttle {
            let until = now + pause.min(LONGEST_PAUSE);
            self.not_before = self.not_before.max(Some(until));
        }
        if self.stretched.is_some_and(|stretched| began < stretched) {
            return;
        }
        if throttle.is_some() {
            self.stretch = (self.stretch * 2).min(SLOWEST);
            self.stretched = Some(now);
        } else if worked && self.stretch > 1 {
            self.stretch /= 2;
            self.stretched = Some(now);
        }
    }
}

/// How long somebody had waited when a call began.
fn waited(since: Option<Instant>, began: Option<Instant>) -> Duration {
    match (since, began) {
        (Some(since), Some(began)) => began.saturating_duration_since(since),
        _ => Duration::ZERO,
    }
}
