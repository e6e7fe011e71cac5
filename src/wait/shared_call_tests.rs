use std::sync::atomic::{AtomicU32, Ordering};

use super::*;

const SECOND: Duration = Duration::from_secs(1);
const CALL: Duration = Duration::from_millis(100);

type Answers = SharedCall<u32, &'static str>;

/// A call that counts, and gives its number.
fn call(calls: &Arc<AtomicU32>) -> impl Future<Output = Result<u32, &'static str>> + Send + use<> {
    let calls = Arc::clone(calls);
    async move {
        let number = calls.fetch_add(1, Ordering::SeqCst) + 1;
        sleep(CALL).await;
        Ok(number)
    }
}

fn hang() -> impl Future<Output = Result<u32, &'static str>> + Send {
    std::future::pending()
}

#[tokio::test(start_paused = true)]
async fn who_asks_about_the_same_time_shares_a_call_that_begins_later() {
    let calls = Arc::default();
    let answers = Answers::new(SECOND / 20, Duration::ZERO);
    let ask = async |delay: u64| {
        sleep(Duration::from_millis(delay)).await;
        let asked = Instant::now();
        let answer = answers.ask(asked, call(&calls)).await;
        assert!(asked.elapsed() >= CALL, "the call began before it was asked for");
        answer
    };
    let (a, b, c, d, e) = tokio::join!(ask(0), ask(20), ask(40), ask(60), ask(140));
    assert_eq!([a, b, c], [Ok(1); 3]);
    // These came when the first call was under way.
    assert_eq!([d, e], [Ok(2); 2]);
    // Nothing is kept.
    assert_eq!(ask(0).await, Ok(3));
}

#[tokio::test(start_paused = true)]
async fn a_kept_answer_serves_until_it_is_old_or_out_of_date() {
    let calls = Arc::default();
    let answers = Answers::new(Duration::ZERO, 10 * SECOND);
    let long_ago = Instant::now();
    let ask = async |not_older: Instant| answers.ask(not_older, call(&calls)).await;
    assert_eq!(ask(long_ago).await, Ok(1));
    sleep(9 * SECOND).await;
    assert_eq!(ask(long_ago).await, Ok(1));
    sleep(2 * SECOND).await;
    assert_eq!(answers.kept(long_ago), None);
    assert_eq!(ask(long_ago).await, Ok(2));
    assert_eq!(ask(Instant::now()).await, Ok(3), "out of date");
    assert_eq!(ask(long_ago).await, Ok(3));
}

#[tokio::test(start_paused = true)]
async fn a_failure_reaches_those_who_waited_and_nobody_after_them() {
    let calls = Arc::default();
    let answers = Answers::new(Duration::ZERO, 10 * SECOND);
    let now = Instant::now();
    let fails = || async {
        sleep(CALL).await;
        Err("503")
    };
    let (a, b) = tokio::join!(answers.ask(now, fails()), answers.ask(now, call(&calls)));
    assert_eq!([a, b], [Err("503"); 2]);
    assert_eq!(answers.ask(now, call(&calls)).await, Ok(1));
}

#[tokio::test(start_paused = true)]
async fn who_leaves_takes_nothing_from_the_others() {
    let calls = Arc::default();
    let answers = Answers::new(Duration::ZERO, Duration::ZERO);
    let now = Instant::now();
    // The one who began the call runs out of time.
    let first = timeout(CALL / 2, answers.ask(now, call(&calls)));
    let (first, second) = tokio::join!(first, answers.ask(now, call(&calls)));
    assert!(first.is_err());
    assert_eq!((second, now.elapsed()), (Ok(1), CALL));
}

#[tokio::test(start_paused = true)]
async fn a_call_ends_with_the_last_who_waits_for_it() {
    let answers = Answers::new(Duration::ZERO, Duration::ZERO);
    let alive = Arc::new(());
    let held = Arc::clone(&alive);
    let holds = async move {
        let _held = held;
        hang().await
    };
    assert!(timeout(SECOND, answers.ask(Instant::now(), holds)).await.is_err());
    assert_eq!(Arc::strong_count(&alive), 1);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_hangs_holds_the_next_one_up_for_a_second_only() {
    let calls = Arc::default();
    let answers = Answers::new(Duration::ZERO, Duration::ZERO);
    let began = Instant::now();
    let later = async {
        sleep(SECOND).await;
        answers.ask(Instant::now(), call(&calls)).await
    };
    tokio::select! {
        biased;
        _ = answers.ask(began, hang()) => panic!("it hangs"),
        answer = later => assert_eq!(answer, Ok(1)),
    }
    assert_eq!(began.elapsed(), 2 * SECOND + CALL);
}
