use std::cell::Cell;
use std::time::Duration;

use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn options(timeout: Duration) -> WaitOptions {
    WaitOptions { deadline: Deadline::after(timeout), stop: CancellationToken::new() }
}

fn ready(seen: &u64) -> Progress {
    match seen {
        0 => Progress::Failed("broken".into()),
        5.. => Progress::Done,
        n => Progress::Pending(format!("{n} of 5")),
    }
}

/// Looks that a function of the time that has passed makes.
fn looks<E: fmt::Display + Send + Clone>(
    seen: impl Fn(Duration) -> Result<u64, PollError<E>> + Send + Clone,
) -> impl Looks<Seen = u64, Error = E> {
    let began = Instant::now();
    Paced::new(move || {
        let seen = seen.clone();
        async move {
            let seen = seen(began.elapsed());
            // A call takes a while.
            tokio::time::sleep(Duration::from_millis(100)).await;
            seen
        }
    })
}

/// Looks of which those after the first few hang.
struct Hanging(u32);

impl Looks for Hanging {
    type Seen = u64;
    type Error = &'static str;

    async fn next(&mut self) -> Result<u64, PollError<&'static str>> {
        if self.0 == 0 {
            std::future::pending::<()>().await;
        }
        self.0 -= 1;
        Ok(2)
    }
}

#[tokio::test(start_paused = true)]
async fn what_already_holds_needs_no_rest() {
    let began = Instant::now();
    let mut looks = looks(|_| Ok::<u64, PollError<String>>(7));
    assert_eq!(until(&mut looks, ready, &options(SECOND)).await, Ok(7));
    assert_eq!(began.elapsed(), SECOND / 10);
}

#[tokio::test(start_paused = true)]
async fn a_change_is_noticed_within_two_seconds_and_later_within_a_tenth() {
    for change in [3_u64, 10, 31, 58, 61, 100, 299, 600, 2000] {
        let began = Instant::now();
        let done = Duration::from_secs(change);
        let mut looks =
            looks(move |at| Ok::<u64, PollError<String>>(if at >= done { 5 } else { 1 }));
        until(&mut looks, ready, &options(3600 * SECOND)).await.unwrap();
        let late = began.elapsed().as_secs_f64() - change as f64;
        let promised = if change < 60 { 2.0 } else { (change as f64 / 10.0).min(30.0) };
        assert!(late <= promised, "change at {change} noticed {late} s later");
    }
}

#[tokio::test(start_paused = true)]
async fn failed_looks_are_tolerated_until_the_deadline() {
    let failed = || Err(PollError::Transient("502"));
    let mut recovers = looks(move |at| if at < 40 * SECOND { failed() } else { Ok(5) });
    assert_eq!(until(&mut recovers, ready, &options(600 * SECOND)).await, Ok(5));

    let began = Instant::now();
    let counted = std::sync::Arc::new(std::sync::atomic::AtomicU32::new(0));
    let count = std::sync::Arc::clone(&counted);
    let mut fails = looks(move |_| {
        count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        Err(PollError::Transient("502"))
    });
    let end = until(&mut fails, ready, &options(60 * SECOND)).await.unwrap_err();
    let Ended::TimedOut { last: None, pending: None, last_error: Some(error) } = end else {
        panic!("{end:?}")
    };
    assert_eq!((error, began.elapsed()), ("502", 60 * SECOND));
    assert!(counted.load(std::sync::atomic::Ordering::SeqCst) > 20, "{counted:?}");
}

#[tokio::test(start_paused = true)]
async fn a_permanent_error_and_a_failure_end_the_wait_at_once() {
    let mut closed = looks(|_| Err(PollError::Permanent("401")));
    assert_eq!(until(&mut closed, ready, &options(60 * SECOND)).await, Err(Ended::Poll("401")));
    let mut broken = looks(|_| Ok::<u64, PollError<&str>>(0));
    let failed = Ended::Failed { last: 0, reason: "broken".into() };
    let began = Instant::now();
    assert_eq!(until(&mut broken, ready, &options(60 * SECOND)).await, Err(failed));
    assert_eq!(began.elapsed(), SECOND / 10);
}

#[tokio::test(start_paused = true)]
async fn a_deadline_passed_tells_what_was_seen_last_and_what_it_lacked() {
    let mut lacking = looks(|_| Ok::<u64, PollError<&str>>(3));
    let end = until(&mut lacking, ready, &options(10 * SECOND)).await.unwrap_err();
    let Ended::TimedOut { last: Some(3), pending: Some(pending), last_error: None } = end else {
        panic!("{end:?}")
    };
    assert_eq!(pending, "3 of 5");
}

#[tokio::test(start_paused = true)]
async fn one_deadline_holds_over_two_waits_and_a_hanging_look() {
    let began = Instant::now();
    let options = options(60 * SECOND);
    let mut first = looks(|at| Ok::<u64, PollError<&str>>(if at < 40 * SECOND { 1 } else { 5 }));
    until(&mut first, ready, &options).await.unwrap();
    let second = until(&mut Hanging(0), ready, &options).await;
    assert!(matches!(second, Err(Ended::TimedOut { .. })));
    assert_eq!(began.elapsed(), 60 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn an_interrupt_ends_a_rest_and_a_look_at_once_and_keeps_what_was_seen() {
    let began = Instant::now();
    let options = options(3600 * SECOND);
    let stop = options.stop.clone();
    let interrupt = async {
        tokio::time::sleep(100 * SECOND).await;
        stop.cancel();
    };
    let pending = || Some("2 of 5".to_owned());
    let mut hanging = Hanging(3);
    let (end, ()) = tokio::join!(until(&mut hanging, ready, &options), interrupt);
    assert_eq!(end, Err(Ended::Interrupted { last: Some(2), pending: pending() }));
    assert_eq!(began.elapsed(), 100 * SECOND);

    let seen = Cell::new(0);
    let options = self::options(3600 * SECOND);
    let mut looks = looks(|_| Ok::<u64, PollError<&str>>(2));
    let check = |number: &u64| {
        seen.set(seen.get() + 1);
        if seen.get() == 5 {
            options.stop.cancel();
        }
        ready(number)
    };
    let end = until(&mut looks, check, &options).await;
    assert_eq!(end, Err(Ended::Interrupted { last: Some(2), pending: pending() }));
    assert_eq!(seen.get(), 5);
}
