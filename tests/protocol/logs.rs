//! Checklist 13 and 14: what goes to standard error.

use serde_json::{Map, Value as Json};
use terraform_provider_modelarts::plugin::proto::tfplugin6 as pb;

use super::host::{Ended, Setup};
use super::peer::{self, SECRET, create, dynamic, thing};

/// Starts a process, makes calls that hold secrets, and ends it.
async fn session(setup: Setup) -> Ended {
    let process = setup.start().await;
    let channel = process.connect().await;
    let mut provider = super::host::provider(channel.clone());
    let request = pb::configure_provider::Request {
        config: Some(peer::setting("setting", SECRET)),
        ..Default::default()
    };
    provider.configure_provider(request).await.unwrap();
    let request = pb::validate_resource_config::Request {
        type_name: peer::THING.to_owned(),
        config: Some(dynamic(&thing([("secret", SECRET.into())]))),
        ..Default::default()
    };
    provider.validate_resource_config(request).await.unwrap();
    provider.apply_resource_change(create("panic")).await.unwrap();
    provider.apply_resource_change(create("leak")).await.unwrap();
    provider.apply_resource_change(create("log")).await.unwrap();
    let request = pb::read_data_source::Request {
        type_name: peer::SETTING.to_owned(),
        config: Some(peer::setting("setting", Json::Null.as_str())),
        ..Default::default()
    };
    provider.read_data_source(request).await.unwrap();
    let request = pb::call_function::Request { name: "shout".to_owned(), arguments: Vec::new() };
    provider.call_function(request).await.unwrap();
    process.shut_down(&channel).await
}

/// Reads the lines as Terraform does: any other form than this one is shown as
/// raw text, or ends Terraform itself.
fn lines(ended: &Ended) -> Vec<Map<String, Json>> {
    let parse = |line: &str| {
        assert!(line.len() < 64 * 1024);
        let Json::Object(line) = serde_json::from_str(line).unwrap() else { panic!("{line}") };
        for part in ["@message", "@level", "@timestamp", "@module"] {
            assert!(line[part].is_string(), "{line:?}");
        }
        let time = line["@timestamp"].as_str().unwrap();
        let (_, fraction) = time.strip_suffix('Z').unwrap().split_once('.').unwrap();
        assert!(fraction.len() == 6 && fraction.bytes().all(|digit| digit.is_ascii_digit()));
        assert!(time.parse::<jiff::Timestamp>().is_ok());
        line
    };
    ended.stderr.lines().map(parse).collect()
}

// 13
#[tokio::test]
async fn without_a_wish_for_logs_there_are_none() {
    assert_eq!(session(Setup::peer()).await.stderr, "");
    assert_eq!(session(Setup::peer().env("TF_LOG", "off")).await.stderr, "");
}

// 13
#[tokio::test]
async fn every_line_is_a_log_record_and_none_holds_a_secret() {
    let ended = session(Setup::peer().env("TF_LOG_PROVIDER_TEST", "TRACE")).await;
    assert!(!ended.stderr.contains(SECRET));
    let lines = lines(&ended);
    let of = |rpc: &str| {
        lines.iter().filter(|line| line.get("tf_rpc").is_some_and(|name| name == rpc)).count()
    };
    assert_eq!(of("ValidateResourceConfig"), 2);
    assert!(of("ApplyResourceChange") >= 4);
    let answered = lines
        .iter()
        .find(|line| {
            line["@message"] == "answered a call" && line["tf_rpc"] == "ApplyResourceChange"
        })
        .unwrap();
    assert_eq!(answered["tf_resource_type"], peer::THING);
    assert_eq!(answered["diagnostic_error_count"], "1");
    assert!(answered.contains_key("tf_req_duration_ms") && answered.contains_key("tf_req_id"));
}

// 13
#[tokio::test]
async fn a_call_is_logged_with_what_it_is_about_under_a_name_of_its_own() {
    let ended = session(Setup::peer().env("TF_LOG_PROVIDER_TEST", "DEBUG")).await;
    let lines = lines(&ended);
    let about = |rpc: &str| {
        let is_of = |line: &&Map<String, Json>| line.get("tf_rpc").is_some_and(|name| name == rpc);
        let line = lines.iter().find(is_of).unwrap();
        let about = line.iter().filter(|(key, _)| key.ends_with("_type") || key.ends_with("_name"));
        about.map(|(key, name)| format!("{key}={}", name.as_str().unwrap())).collect::<Vec<_>>()
    };
    assert_eq!(about("ApplyResourceChange"), ["tf_resource_type=test_thing"]);
    assert_eq!(about("ReadDataSource"), ["tf_data_source_type=test_setting"]);
    assert_eq!(about("CallFunction"), ["tf_function_name=shout"]);
    assert_eq!(about("ConfigureProvider"), Vec::<String>::new());
}

// 13
#[tokio::test]
async fn of_two_values_of_a_field_the_inner_one_is_logged() {
    let ended = session(Setup::peer().env("TF_LOG_PROVIDER_TEST", "INFO")).await;
    let lines = lines(&ended);
    let of = |message: &str| {
        let line = lines.iter().find(|line| line["@message"] == message).unwrap();
        ["tf_rpc", "who", "kept"].map(|key| line[key].as_str().unwrap().to_owned())
    };
    assert_eq!(of("of the spans"), ["outer", "inner", "outer"]);
    assert_eq!(of("of the event"), ["outer", "event", "outer"]);
}

// 13
#[tokio::test]
async fn the_level_and_the_most_specific_variable_are_honoured() {
    let setup = Setup::peer().env("TF_LOG", "TRACE").env("TF_LOG_PROVIDER_TEST", "ERROR");
    let lines = lines(&session(setup).await);
    assert!(!lines.is_empty(), "the panic is an error");
    assert!(lines.iter().all(|line| line["@level"] == "error"));
    // The span's fields are there although its calls are not logged.
    assert_eq!(lines[0]["tf_rpc"], "ApplyResourceChange");
}

// 2
#[tokio::test]
async fn what_a_provider_writes_to_stdout_does_not_get_there() {
    let process = Setup::peer().start().await;
    let channel = process.connect().await;
    let mut provider = super::host::provider(channel.clone());
    provider.apply_resource_change(create("chatter")).await.unwrap();
    let ended = process.shut_down(&channel).await;
    assert_eq!((ended.stdout.as_str(), ended.stderr.as_str()), ("", "chatter\n"));
}

// 14
#[tokio::test]
async fn a_panic_that_is_caught_does_not_look_like_a_crash() {
    let ended = session(Setup::peer().env("TF_LOG", "TRACE")).await;
    assert!(!ended.stderr.lines().any(|line| line.starts_with("panic: ")));
    assert!(lines(&ended).iter().any(|line| line.contains_key("panic")));
}

// 14
#[tokio::test]
async fn a_fatal_panic_is_told_in_words_that_terraform_shows() {
    let ended = Setup::peer().env(peer::MARK, "panic").refused().await;
    assert!(!ended.status.success());
    assert!(ended.stderr.lines().any(|line| line.starts_with("panic: ")), "{}", ended.stderr);
}
