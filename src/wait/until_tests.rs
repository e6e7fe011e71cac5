use std::cell::Cell;
use std::time::Duration;

use super::*;
use crate::wait::Jitter;

const SECOND: Duration = Duration::from_secs(1);

fn options(timeout: Duration) -> Options {
    let mut options = Options::new(Deadline::after(timeout), CancellationToken::new());
    options.schedule = Schedule { jitter: Jitter::Fixed(1.0) };
    options
}

fn ready(seen: &u64) -> Progress {
    match seen {
        0 => Progress::Failed("broken".into()),
        5.. => Progress::Done,
        n => Progress::Pending(format!("{n} of 5")),
    }
}

#[tokio::test(start_paused = true)]
async fn what_already_holds_needs_no_rest() {
    let began = Instant::now();
    let polls = Cell::new(0);
    let poll = async || {
        polls.set(polls.get() + 1);
        Ok::<u64, PollError<String>>(7)
    };
    assert_eq!(until(poll, ready, &options(SECOND)).await, Ok(7));
    assert_eq!((polls.get(), began.elapsed()), (1, Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn a_change_is_noticed_within_two_seconds_and_later_within_a_tenth() {
    for change in [3_u64, 10, 31, 58, 61, 100, 299, 600, 2000] {
        let began = Instant::now();
        let poll = async || {
            let done = began.elapsed() >= Duration::from_secs(change);
            // A call takes a while.
            tokio::time::sleep(Duration::from_millis(200)).await;
            Ok::<u64, PollError<String>>(if done { 5 } else { 1 })
        };
        until(poll, ready, &options(Duration::from_secs(3600))).await.unwrap();
        let late = began.elapsed().as_secs_f64() - change as f64;
        let promised = if change < 60 { 2.0 } else { (change as f64 / 10.0).min(30.0) };
        assert!(late <= promised, "change at {change} noticed {late} s later");
    }
}

#[tokio::test(start_paused = true)]
async fn failed_polls_are_tolerated_until_the_deadline() {
    let polls = Cell::new(0_u64);
    let poll = async || {
        polls.set(polls.get() + 1);
        if polls.get() < 40 { Err(PollError::Transient("502".to_owned())) } else { Ok(5) }
    };
    assert_eq!(until(poll, ready, &options(600 * SECOND)).await, Ok(5));

    let began = Instant::now();
    let poll = async || Err::<u64, _>(PollError::Transient("502".to_owned()));
    let end = until(poll, ready, &options(60 * SECOND)).await.unwrap_err();
    let Ended::TimedOut { last: None, pending: None, last_error: Some(error), polls } = end else {
        panic!("{end:?}")
    };
    assert_eq!((error.as_str(), began.elapsed()), ("502", 60 * SECOND));
    assert!(polls > 20, "{polls}");
}

#[tokio::test(start_paused = true)]
async fn a_permanent_error_and_a_failure_end_the_wait_at_once() {
    let began = Instant::now();
    let poll = async || Err::<u64, _>(PollError::Permanent("401"));
    assert_eq!(until(poll, ready, &options(60 * SECOND)).await, Err(Ended::Poll("401")));
    let poll = async || Ok::<u64, PollError<&str>>(0);
    let failed = Ended::Failed { last: 0, reason: "broken".into() };
    assert_eq!(until(poll, ready, &options(60 * SECOND)).await, Err(failed));
    assert_eq!(began.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_deadline_passed_tells_the_newest_answer_and_what_it_lacked() {
    let poll = async || Ok::<u64, PollError<&str>>(3);
    let end = until(poll, ready, &options(10 * SECOND)).await.unwrap_err();
    let Ended::TimedOut { last: Some(3), pending: Some(pending), last_error: None, .. } = end
    else {
        panic!("{end:?}")
    };
    assert_eq!(pending, "3 of 5");
}

#[tokio::test(start_paused = true)]
async fn one_deadline_holds_over_two_waits_and_a_hanging_call() {
    let began = Instant::now();
    let options = options(60 * SECOND);
    let poll =
        async || Ok::<u64, PollError<&str>>(if began.elapsed().as_secs() < 40 { 1 } else { 5 });
    until(poll, ready, &options).await.unwrap();
    let poll = async || std::future::pending::<Result<u64, PollError<&str>>>().await;
    assert!(matches!(until(poll, ready, &options).await, Err(Ended::TimedOut { .. })));
    assert_eq!(began.elapsed(), 60 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn an_interrupt_ends_a_rest_and_a_call_at_once_and_keeps_the_answer() {
    for hang_after in [2, 1000] {
        let began = Instant::now();
        let options = options(3600 * SECOND);
        let stop = options.stop.clone();
        let interrupt = async {
            tokio::time::sleep(100 * SECOND).await;
            stop.cancel();
        };
        let polls = Cell::new(0);
        let poll = async || {
            polls.set(polls.get() + 1);
            if polls.get() >= hang_after {
                std::future::pending::<()>().await;
            }
            Ok::<u64, PollError<&str>>(2)
        };
        let (end, ()) = tokio::join!(until(poll, ready, &options), interrupt);
        let pending = Some("2 of 5".to_owned());
        assert_eq!(end, Err(Ended::Interrupted { last: Some(2), pending }));
        assert_eq!(began.elapsed(), 100 * SECOND);
    }
}
