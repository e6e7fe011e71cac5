//! Credentials that end, change or are refused while a pool is waited for.
//!
//! The gateway's clock is moved instead of waiting for anything to expire: by
//! less than the 15 minutes that a signature may be off (API reference,
//! request signing), and by more than the credentials live.

use serde_json::{Value as Json, json};

use crate::harness::{
    Cloud, DOMAIN, PASSWORD, SECRET, TemporaryKeys, USER, Workspace, provider, provider_with,
    quoted,
};
use crate::pools::{POOL, network_argument, pool};

/// How long the pools of these stories take, so that several polls fall into it.
const CREATE: &str = "5s";

/// A cloud whose tokens and temporary keys live for ten minutes.
fn short_lived() -> Cloud {
    Cloud::playing(&json!({
        "durations": { "create": CREATE },
        "rules": { "token_lifetime": "10m" },
    }))
}

/// Twelve minutes later, as far as the gateway is concerned.
fn later() -> Json {
    json!({ "clock_offset": "12m", "rules": { "token_lifetime": "10m" } })
}

fn by_password(cloud: &Cloud) -> String {
    let password = quoted(PASSWORD);
    let user = format!(
        "  user_name = \"{USER}\"\n  password = {password}\n  domain_name = \"{DOMAIN}\"\n"
    );
    provider_with(&cloud.url(), &user)
}

/// Applies a new pool, and does something as soon as it has been accepted.
#[track_caller]
fn apply_and_meanwhile(work: &Workspace, cloud: &Cloud, meanwhile: impl FnOnce()) {
    work.write("main.tf", &pool(1));
    let run = work.start(&["apply", "-auto-approve"]);
    cloud.wait_for("POST", "/pools");
    meanwhile();
    run.finish().success();
    assert_eq!(work.state().value(POOL, "/ready"), true);
    assert_eq!(cloud.count("POST", "/pools"), 1);
}

#[test]
fn a_token_near_its_end_is_renewed_during_the_wait_before_anybody_refuses_it() {
    let cloud = Cloud::playing(&json!({
        "durations": { "create": CREATE },
        "rules": { "token_lifetime": "3s" },
    }));
    let work = Workspace::with_provider("renewed", &by_password(&cloud));
    let mut before = 0;
    apply_and_meanwhile(&work, &cloud, || before = cloud.count("POST", "/tokens"));
    assert!(cloud.count("POST", "/tokens") > before);
    assert_eq!(cloud.refused(), 0);
}

#[test]
fn a_token_that_ends_during_the_wait_is_renewed_once() {
    let cloud = short_lived();
    let work = Workspace::with_provider("ended", &by_password(&cloud));
    let mut before = 0;
    apply_and_meanwhile(&work, &cloud, || {
        before = cloud.count("POST", "/tokens");
        cloud.play(&later());
    });
    assert_eq!(cloud.count("POST", "/tokens"), before + 1);
    assert_eq!(cloud.refused(), 1);
}

#[test]
fn a_token_that_is_taken_back_during_the_wait_is_renewed_once() {
    let cloud = short_lived();
    let work = Workspace::with_provider("revoked", &by_password(&cloud));
    let mut before = 0;
    apply_and_meanwhile(&work, &cloud, || {
        before = cloud.count("POST", "/tokens");
        cloud.revoke_tokens();
    });
    assert_eq!(cloud.count("POST", "/tokens"), before + 1);
    assert_eq!(cloud.refused(), 1);
}

#[test]
fn keys_of_an_agency_that_end_during_the_wait_are_renewed_once() {
    let cloud = short_lived();
    let agency =
        format!("  assume_role = {{ agency_name = \"operators\", domain_name = \"{DOMAIN}\" }}\n");
    let work = Workspace::with_provider("agency", &provider(&cloud, &agency));
    let mut before = 0;
    apply_and_meanwhile(&work, &cloud, || {
        before = cloud.count("POST", "/securitytokens");
        cloud.play(&later());
    });
    assert_eq!(cloud.count("POST", "/securitytokens"), before + 1);
    assert_eq!(cloud.refused(), 1);
}

#[test]
fn one_refusal_during_the_wait_is_answered_by_one_renewal() {
    let cloud = short_lived();
    let work = Workspace::with_provider("refused-once", &by_password(&cloud));
    let mut before = 0;
    let refusal = json!({ "error_code": "APIGW.0301",
        "error_msg": "Incorrect IAM authentication information: decrypt token fail" });
    apply_and_meanwhile(&work, &cloud, || {
        before = cloud.count("POST", "/tokens");
        cloud.play(&json!({ "faults": [{
            "match": { "method": "GET", "path": "/v2/*/pools**", "nth": 1 },
            "do": { "answer": { "status": 401, "body": refusal } },
        }]}));
    });
    assert_eq!(cloud.count("POST", "/tokens"), before + 1);
    assert_eq!(cloud.refused(), 1);
}

fn write_profile(work: &Workspace, keys: &TemporaryKeys) {
    let profile = json!({ "current": "work", "profiles": [{
        "name": "work",
        "mode": "AKSK",
        "accessKeyId": keys.access_key,
        "secretAccessKey": keys.secret_key,
        "securityToken": keys.security_token,
    }]});
    work.write("profiles.json", &profile.to_string());
}

#[test]
fn keys_of_a_profile_that_are_replaced_during_the_wait_are_read_again() {
    let cloud = short_lived();
    let work = Workspace::with_provider(
        "replaced",
        &provider_with(&cloud.url(), "  shared_config_file = \"profiles.json\"\n"),
    );
    write_profile(&work, &cloud.temporary_keys());
    work.write("main.tf", &pool(1));
    let run = work.start(&["apply", "-auto-approve"]);
    cloud.wait_for("POST", "/pools");
    // The new keys are there, and live longer, when the old ones end: a look in
    // between would find nothing to go on with.
    let mut then = json!({ "rules": { "token_lifetime": "1h" } });
    cloud.play(&then);
    write_profile(&work, &cloud.temporary_keys());
    then["clock_offset"] = json!("12m");
    cloud.play(&then);
    let output = run.finish().success();
    assert_eq!(cloud.refused(), 1);
    assert_eq!(cloud.count("POST", "/pools"), 1);
    assert!(!output.flat().contains("no longer be looked at"), "{output}");
    assert_eq!(work.state().value(POOL, "/ready"), true);
    work.plan_is_empty();
}

#[test]
fn many_pools_with_wrong_keys_cause_two_refused_calls_at_most() {
    let cloud = Cloud::start();
    let wrong = provider(&cloud, "").replace(SECRET, "some-other-secret-not-real");
    let work = Workspace::with_provider("wrong", &wrong);
    let network = network_argument();
    work.write(
        "main.tf",
        &format!(
            r#"
resource "modelarts_pool" "main" {{
  count     = 20
  name      = "pool-${{count.index}}"
  scope     = ["Train"]
  {network}
  resources = [{{ flavor = "modelarts.vm.cpu.8ud", count = 1 }}]
}}
"#
        ),
    );
    work.run(&["apply", "-auto-approve", "-parallelism=20"]).failure().says("401");
    assert!(cloud.refused() <= 2, "{} calls were refused", cloud.refused());
    assert!(cloud.refused() >= 1);
    assert!(cloud.pools().is_empty());
}

#[test]
fn a_clock_that_is_twenty_minutes_off_is_corrected_once() {
    for offset in ["20m", "-20m"] {
        let cloud = Cloud::playing(&json!({ "clock_offset": offset }));
        let work = Workspace::new("clock", &cloud);
        work.write("main.tf", &pool(1));
        work.apply();
        assert_eq!(work.state().value(POOL, "/ready"), true);
        // One process asked for anything, and only its first call was refused.
        assert_eq!(cloud.refused(), 1, "{offset}");
        work.plan_is_empty();
        assert_eq!(cloud.refused(), 2, "{offset}");
    }
}
