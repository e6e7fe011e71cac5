//! The poller on a clock that the tests move.

mod service;

use std::sync::atomic::Ordering;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::*;
use service::{CALL, Made, Refusal, SECOND, Service, Way, all, most_in, wait};

#[tokio::test(start_paused = true)]
async fn few_things_are_asked_for_singly_and_many_by_one_list_a_tick() {
    let (service, poller) = Service::new(20 * SECOND);
    let ends = all(&poller, 3).await;
    assert!(ends.iter().all(|end| *end <= 22 * SECOND), "{ends:?}");
    assert!(service.lists().is_empty());
    assert!(service.singles().len() <= 3 * 19, "{}", service.singles().len());

    let mut calls = Vec::new();
    for many in [4, 100, 1000] {
        let (service, poller) = Service::new(55 * SECOND);
        let ends = all(&poller, many).await;
        assert!(ends.iter().all(|end| *end <= 57 * SECOND), "{ends:?}");
        assert_eq!(service.singles().len(), 0);
        let lists = service.lists();
        assert!(most_in(&lists, 60 * SECOND) <= 40, "{lists:?}");
        assert!(lists.windows(2).all(|pair| pair[1] - pair[0] >= SECOND + SECOND / 2), "{lists:?}");
        calls.push(lists);
    }
    assert!(calls.iter().all(|lists| *lists == calls[0]), "whatever the number of things");
}

#[tokio::test(start_paused = true)]
async fn a_change_is_noticed_within_a_tenth_of_the_time_waited() {
    for many in [1, 50] {
        for change in [3_u64, 31, 58, 61, 100, 299, 600, 2000] {
            let (_, poller) = Service::new(Duration::from_secs(change));
            let ends = all(&poller, many).await;
            let late = ends.iter().max().unwrap().as_secs_f64() - change as f64;
            let promised = if change < 60 { 2.0 } else { (change as f64 / 10.0).min(30.0) };
            assert!(late <= promised, "change at {change} noticed {late} s later");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn who_leaves_ends_delays_and_hastens_no_other_wait() {
    /// When the waits of half of the things ended, and when calls were made,
    /// while the others leave in all ways.
    async fn told(leave: bool, list: Way, single: Way) -> (Vec<Duration>, Vec<Duration>) {
        let (service, poller) = Service::with(40 * SECOND, single, list);
        let mut leaving = JoinSet::new();
        for key in 100..150 {
            let poller = poller.clone();
            leaving.spawn(async move {
                let own = u64::from(key - 99);
                let time = if leave { Duration::from_millis(730 * own) } else { 3600 * SECOND };
                let stop = CancellationToken::new();
                match key % 3 {
                    // A deadline, an interrupt, a wait that is dropped.
                    0 => drop(wait(poller, key, time, stop).await),
                    1 => {
                        let interrupt = async {
                            tokio::time::sleep(time).await;
                            stop.cancel();
                        };
                        let wait = wait(poller, key, 3600 * SECOND, stop.clone());
                        tokio::select! { _ = wait => {}, () = interrupt => {} }
                    }
                    _ => drop(timeout(time, poller.watch(key).next()).await),
                }
            });
        }
        let ends = all(&poller, 50).await;
        (ends, service.lists())
    }
    for (list, single) in
        [(Way::Works, Way::Works), (Way::Works, Way::Fails), (Way::Works, Way::Hangs)]
    {
        let alone = told(false, list, single).await;
        let disturbed = told(true, list, single).await;
        assert_eq!(alone, disturbed, "list {list:?}, single {single:?}");
        assert!(alone.0.iter().all(|end| *end <= 42 * SECOND), "{alone:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_looks_end_with_the_last_watcher_and_begin_again_with_the_next() {
    for many in [1, 10] {
        let (service, poller) = Service::with(3600 * SECOND, Way::Hangs, Way::Hangs);
        let watchers: Vec<_> = (0..many).map(|key| poller.watch(key)).collect();
        tokio::time::sleep(SECOND).await;
        assert!(service.under_way.load(Ordering::SeqCst) > 0);
        drop(watchers);
        tokio::time::sleep(SECOND / 10).await;
        assert_eq!(service.under_way.load(Ordering::SeqCst), 0, "a look outlived its watchers");
        let made = service.made().len();
        tokio::time::sleep(600 * SECOND).await;
        assert_eq!(service.made().len(), made);

        *service.single.lock().unwrap() = Way::Works;
        assert_eq!(poller.watch(7).next().await, Ok(Some(Arc::new(0))));
    }
    // Who holds only a watcher needs no poller.
    let (service, poller) = Service::new(5 * SECOND);
    let mut watcher = poller.watch(1);
    drop(poller);
    watcher.next().await.unwrap();
    drop(watcher);
    tokio::time::sleep(SECOND).await;
    assert_eq!(Arc::strong_count(&service), 1, "the task outlived its owner");
}

#[tokio::test(start_paused = true)]
async fn a_look_from_before_somebody_watched_is_not_shown_to_them() {
    let (service, poller) = Service::new(20 * CALL);
    let mut early = poller.watch(1);
    tokio::time::sleep(CALL / 2).await;
    let mut late = poller.watch(1);
    let since = service.began.elapsed();
    early.next().await.unwrap();
    late.next().await.unwrap();
    // The look under way when it came was not its own.
    assert!(service.began.elapsed() >= since + CALL, "{:?}", service.began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_list_from_before_somebody_watched_says_nothing_about_their_thing() {
    let (service, poller) = Service::with(3600 * SECOND, Way::Works, Way::Empty);
    let others: Vec<_> = (0..4).map(|key| poller.watch(key)).collect();
    let early = poller.watch(9);
    tokio::time::sleep(CALL / 2).await;
    drop(early);
    let late = poller.watch(9);
    tokio::time::sleep(SECOND).await;
    let asked: Vec<_> = service.made().into_iter().map(|(_, made)| made).collect();
    assert_eq!(asked.len(), 5, "{asked:?}");
    assert!(!asked.contains(&Made::Single(9)), "{asked:?}");
    drop((others, late));
}

#[tokio::test(start_paused = true)]
async fn single_calls_help_out_when_the_list_fails_or_hangs() {
    for list in [Way::Fails, Way::Hangs, Way::Panics] {
        let (service, poller) = Service::with(5 * SECOND, Way::Works, list);
        let ends = all(&poller, 10).await;
        // Ten things at five a tick.
        assert!(ends.iter().all(|end| *end <= 10 * SECOND), "{list:?}: {ends:?}");
        let singles = service.singles();
        assert!(most_in(&singles, SECOND) <= 5, "never all of them at once: {singles:?}");
        // A list that keeps failing is tried less and less often.
        let (service, poller) = Service::with(300 * SECOND, Way::Works, list);
        all(&poller, 10).await;
        assert!((10..35).contains(&service.lists().len()), "{:?}", service.lists());
    }
}

#[tokio::test(start_paused = true)]
async fn the_list_helps_out_when_single_calls_fail_or_hang() {
    for single in [Way::Fails, Way::Hangs, Way::Panics] {
        let (service, poller) = Service::with(30 * SECOND, single, Way::Works);
        let ends = all(&poller, 2).await;
        assert!(ends.iter().all(|end| *end <= 32 * SECOND), "{single:?}: {ends:?}");
        assert!(most_in(&service.lists(), 60 * SECOND) <= 40);
        assert!(service.singles().len() <= 2 * 8, "{:?}", service.singles());
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_that_recovers_is_relied_on_again() {
    let (service, poller) = Service::with(200 * SECOND, Way::Works, Way::Fails);
    let recovery = async {
        tokio::time::sleep(60 * SECOND).await;
        *service.list.lock().unwrap() = Way::Works;
    };
    let (ends, ()) = tokio::join!(all(&poller, 20), recovery);
    assert!(ends.iter().all(|end| *end <= 220 * SECOND), "{ends:?}");
    let late = service.singles().into_iter().filter(|at| *at > 100 * SECOND).count();
    assert_eq!(late, 0);
}

#[tokio::test(start_paused = true)]
async fn an_outage_costs_few_calls_and_its_end_is_noticed_soon() {
    for many in [2, 50] {
        let (service, poller) = Service::with(Duration::ZERO, Way::Fails, Way::Fails);
        let outage = async {
            tokio::time::sleep(50 * SECOND).await;
            *service.list.lock().unwrap() = Way::Works;
            *service.single.lock().unwrap() = Way::Works;
        };
        let (ends, ()) = tokio::join!(all(&poller, many), outage);
        assert!(ends.iter().all(|end| *end <= 53 * SECOND), "{ends:?}");
        let starts: Vec<_> = service.made().into_iter().map(|(at, _)| at).collect();
        assert!(most_in(&starts, SECOND) <= 6, "{starts:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn only_a_single_call_can_say_that_a_thing_is_gone() {
    // The list shows nothing, but everything is there.
    let (service, poller) = Service::with(3600 * SECOND, Way::Works, Way::Empty);
    let mut watchers: Vec<_> = (0..50).map(|key| poller.watch(key)).collect();
    for watcher in &mut watchers {
        assert_eq!(watcher.next().await, Ok(Some(Arc::new(0))));
    }
    // A few a tick, so that fifty take ten ticks.
    let singles = service.singles();
    assert!(most_in(&singles, SECOND + SECOND / 2) <= 5, "{singles:?}");
    assert!(service.began.elapsed() <= 20 * SECOND, "{:?}", service.began.elapsed());

    // Gone is asked for again, but less and less often.
    let (service, poller) = Service::with(3600 * SECOND, Way::Empty, Way::Empty);
    let mut watchers: Vec<_> = (0..5).map(|key| poller.watch(key)).collect();
    for watcher in &mut watchers {
        assert_eq!(watcher.next().await, Ok(None));
    }
    tokio::time::sleep(55 * SECOND).await;
    assert!(service.singles().len() <= 5 * 6, "{:?}", service.singles());
}

#[tokio::test(start_paused = true)]
async fn a_list_decodes_what_somebody_waits_for() {
    let (service, poller) = Service::new(3600 * SECOND);
    let watchers: Vec<_> = (0..9).map(|key| (key, poller.watch(key))).collect();
    tokio::time::sleep(SECOND).await;
    let left: Vec<_> = watchers.into_iter().filter(|(key, _)| key % 2 == 0).collect();
    tokio::time::sleep(2 * SECOND).await;
    let wanted: Vec<_> = service.made().into_iter().map(|(_, made)| made).collect();
    assert_eq!(wanted, [Made::List(9), Made::List(left.len())]);
}

#[tokio::test(start_paused = true)]
async fn too_many_calls_make_ticks_longer_and_then_normal_again() {
    for many in [1, 20] {
        let throttles = Way::Throttles(Duration::ZERO);
        let (service, poller) = Service::with(3600 * SECOND, throttles, throttles);
        let watchers: Vec<_> = (0..many).map(|key| poller.watch(key)).collect();
        tokio::time::sleep(60 * SECOND).await;
        let made = service.made().len();
        // 2, 4, 8, 16 and then 32 s apart; in the end both ways are tried.
        assert!(made <= 14, "{:?}", service.made());
        *service.list.lock().unwrap() = Way::Works;
        *service.single.lock().unwrap() = Way::Works;
        // A new watcher, so that the tick is short again but for the throttle.
        let fresh: Vec<_> = (0..many).map(|key| poller.watch(key)).collect();
        tokio::time::sleep(90 * SECOND).await;
        let more: Vec<_> = (0..many).map(|key| poller.watch(key)).collect();
        let before = service.made().len();
        tokio::time::sleep(20 * SECOND).await;
        assert!(service.made().len() >= before + 9, "{:?}", service.made());
        drop((watchers, fresh, more));
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_that_asks_for_a_pause_gets_it() {
    let throttles = Way::Throttles(20 * SECOND);
    let (service, poller) = Service::with(3600 * SECOND, Way::Works, throttles);
    let watchers: Vec<_> = (0..10).map(|key| poller.watch(key)).collect();
    tokio::time::sleep(5 * SECOND).await;
    *service.list.lock().unwrap() = Way::Works;
    tokio::time::sleep(20 * SECOND).await;
    let lists = service.lists();
    assert_eq!(service.singles().len(), 0, "the pause holds for every way");
    assert!(lists[1] - lists[0] >= 20 * SECOND, "{lists:?}");
    drop(watchers);
}

#[tokio::test(start_paused = true)]
async fn who_sees_nothing_is_told_what_failed_either_way() {
    for many in [1, 4] {
        let (_, poller) = Service::with(3600 * SECOND, Way::Fails, Way::Hangs);
        let watchers: Vec<_> = (1..many).map(|key| poller.watch(key)).collect();
        let mut watcher = poller.watch(0);
        let both = async {
            loop {
                let unseen = watcher.next().await.unwrap_err();
                if unseen.single.is_some() && unseen.list.is_some() {
                    return unseen;
                }
            }
        };
        let unseen = timeout(30 * SECOND, both).await.unwrap();
        assert_eq!(unseen.single, Some(Failure::Call(Refusal::Broken)));
        assert_eq!(unseen.list, Some(Failure::NoAnswer(LOOK_TIMEOUT)));
        drop(watchers);
    }
}

#[tokio::test(start_paused = true)]
async fn what_failed_is_forgotten_once_the_thing_is_seen() {
    let (service, poller) = Service::with(3600 * SECOND, Way::Fails, Way::Works);
    let mut watcher = poller.watch(0);
    let failed = watcher.next().await.unwrap_err();
    assert_eq!((failed.single.is_some(), failed.list), (true, None));
    assert!(watcher.next().await.is_ok());
    *service.list.lock().unwrap() = Way::Fails;
    // What comes next tells of one way alone.
    let failed = watcher.next().await.unwrap_err();
    assert!(failed.single.is_some() != failed.list.is_some(), "{failed:?}");
}
