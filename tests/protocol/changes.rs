//! Checklist 14, 33 to 39: whatever happens to a change, its answer is right.

use terraform_provider_modelarts::plugin::proto::tfplugin6 as pb;
use terraform_provider_modelarts::plugin::proto::tfplugin6::diagnostic::Severity;
use terraform_provider_modelarts::tf::oracle;
use terraform_provider_modelarts::tf::value::Value;

use super::host::{Process, Provider, Setup};
use super::peer::{self, create, delete, update};

type Answer = pb::apply_resource_change::Response;

async fn started() -> (Process, Provider) {
    let process = Setup::peer().start().await;
    let provider = process.provider().await;
    (process, provider)
}

/// Applies a change and checks what must be true of every answer.
async fn apply(provider: &mut Provider, change: pb::apply_resource_change::Request) -> Answer {
    let answer = provider.apply_resource_change(change.clone()).await.unwrap().into_inner();
    assert!(!answer.legacy_type_system);
    assert_ne!(answer.private, b"", "private data is always there");
    let state = peer::value(answer.new_state.as_ref());
    assert!(state.is_wholly_known());
    assert!(state.get("secret").is_null());
    if errors(&answer) == 0 {
        let planned = peer::value(change.planned_state.as_ref());
        assert_eq!(oracle::check_applied(peer::schema(), &planned, &state), []);
    }
    answer
}

fn errors(answer: &Answer) -> usize {
    answer.diagnostics.iter().filter(|d| d.severity() == Severity::Error).count()
}

fn state(answer: &Answer) -> Value {
    peer::value(answer.new_state.as_ref())
}

// 33
#[tokio::test]
async fn a_change_that_goes_well_is_answered_with_its_object_and_private_data() {
    let (_process, mut provider) = started().await;
    for change in [create("ok"), update("ok")] {
        let answer = apply(&mut provider, change).await;
        assert_eq!(answer.diagnostics, []);
        assert_eq!(state(&answer).get("id").as_str(), Some("1"));
        assert_eq!(answer.private, br#"{"applied":true,"planned":true}"#);
    }
    let answer = apply(&mut provider, delete("ok")).await;
    assert_eq!((answer.diagnostics.len(), state(&answer)), (0, Value::Null));
}

// 14, 34, 35
#[tokio::test]
async fn a_panic_is_an_error_with_the_best_known_object_and_the_process_lives() {
    let (mut process, mut provider) = started().await;
    let early = apply(&mut provider, create("panic")).await;
    assert_eq!((errors(&early), state(&early)), (1, Value::Null));
    assert!(early.diagnostics[0].detail.contains("told to"));
    let late = apply(&mut provider, create("panic late")).await;
    assert_eq!(errors(&late), 1);
    assert_eq!(state(&late).get("name").as_str(), Some("recorded"));
    for change in [update("panic"), delete("panic")] {
        let prior = peer::value(change.prior_state.as_ref());
        let answer = apply(&mut provider, change).await;
        assert_eq!((errors(&answer), state(&answer)), (1, prior));
        // What was saved before it panicked stays too.
        let private = String::from_utf8(answer.private).unwrap();
        assert!(private.contains(r#""planned":true"#), "{private}");
    }
    assert!(process.is_running());
    assert_eq!(apply(&mut provider, create("ok")).await.diagnostics, []);
}

// 35, 36, 37
#[tokio::test]
async fn an_error_keeps_what_exists() {
    let (_process, mut provider) = started().await;
    let early = apply(&mut provider, create("fail early")).await;
    assert_eq!((errors(&early), state(&early)), (1, Value::Null));
    for change in [create("fail late"), update("fail late"), delete("fail late")] {
        let answer = apply(&mut provider, change).await;
        assert_eq!(errors(&answer), 1);
        assert_eq!(state(&answer).get("id").as_str(), Some("1"));
    }
    for change in [update("fail early"), delete("fail early")] {
        let prior = peer::value(change.prior_state.as_ref());
        let answer = apply(&mut provider, change).await;
        assert_eq!((errors(&answer), state(&answer)), (1, prior));
    }
}

#[tokio::test]
async fn an_answer_that_contradicts_itself_is_an_error_and_loses_nothing() {
    let (_process, mut provider) = started().await;
    let lost = apply(&mut provider, create("lose")).await;
    assert_eq!((errors(&lost), state(&lost)), (1, Value::Null));
    let unknown = apply(&mut provider, create("leave unknown")).await;
    assert_eq!(errors(&unknown), 1);
    assert!(!state(&unknown).is_null() && state(&unknown).get("id").is_null());
    let wrong = apply(&mut provider, create("wrong type")).await;
    assert_eq!(errors(&wrong), 1);
    assert!(!state(&wrong).is_null());
    let stays = apply(&mut provider, delete("stay")).await;
    assert_eq!(errors(&stays), 1);
    assert!(!state(&stays).is_null());
}

// 33
#[tokio::test]
async fn write_only_values_are_taken_out_and_missing_members_put_in() {
    let (_process, mut provider) = started().await;
    for change in [create("leak"), update("leak")] {
        assert_eq!(apply(&mut provider, change).await.diagnostics, []);
    }
    let mut change = create("leave out");
    let answer = provider.apply_resource_change(change.clone()).await.unwrap().into_inner();
    assert_eq!(state(&answer).get("id").as_str(), Some("1"));
    change.type_name = "test_other".to_owned();
    let answer = apply(&mut provider, change).await;
    assert_eq!((errors(&answer), state(&answer)), (1, Value::Null));
    assert!(answer.diagnostics[0].detail.contains("test_other"));
}

// 21
#[tokio::test]
async fn an_unreadable_change_keeps_the_prior_object() {
    let (_process, mut provider) = started().await;
    let mut change = update("ok");
    let prior = change.prior_state.clone();
    change.planned_state = Some(peer::setting("unexpected", "member"));
    let answer = apply(&mut provider, change).await;
    assert_eq!(errors(&answer), 1);
    assert_eq!(answer.new_state, prior);
    assert_eq!(answer.private, br#"{"planned":true}"#);
}

// 38
#[tokio::test]
async fn a_stop_reaches_running_changes_and_not_later_ones() {
    let (process, mut provider) = started().await;
    for round in 1..=2 {
        let running = [create("wait for stop"), update("wait for stop"), delete("wait for stop")];
        let running = running.map(|change| {
            let mut provider = provider.clone();
            tokio::spawn(async move { apply(&mut provider, change).await })
        });
        // The check at the end of a round notes its start too.
        process.noted("started", 4 * round - 1).await;
        let began = std::time::Instant::now();
        let stop = provider.stop_provider(pb::stop_provider::Request {}).await.unwrap();
        assert_eq!(stop.into_inner().error, "");
        for change in running {
            let answer = change.await.unwrap();
            assert!(!state(&answer).is_null());
        }
        assert!(began.elapsed().as_millis() < 1000);
        assert_eq!(apply(&mut provider, create("fail if stopped")).await.diagnostics, []);
    }
}

// 11 (a lost call)
#[tokio::test]
async fn a_change_whose_caller_went_away_is_carried_to_its_end() {
    let (process, provider) = started().await;
    let call = {
        let mut provider = provider.clone();
        tokio::spawn(async move { provider.apply_resource_change(create("take long")).await })
    };
    process.noted("started", 1).await;
    call.abort();
    process.noted("ended", 1).await;
}
