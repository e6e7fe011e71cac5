//! Credentials that end, change or are refused while a pool is waited for.
//!
//! The gateway's clock is moved instead of waiting for anything to expire: by
//! less than the 15 minutes that a signature may be off (API reference,
//! request signing), and by more than the credentials live.

use serde_json::{Value as Json, json};
use terraform_provider_modelarts::simulator::access;

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
    let agency = format!(
        "  assume_role {{\n agency_name = \"operators\"\n domain_name = \"{DOMAIN}\"\n }}\n"
    );
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
        // Two processes, plan and apply: of each only the first call was refused.
        assert_eq!(cloud.refused(), 2, "{offset}");
        work.plan_is_empty();
        assert_eq!(cloud.refused(), 3, "{offset}");
    }
}

/// The block that signs in with an ID token in a file.
fn with_oidc(file: &str) -> String {
    format!(
        r#"
  assume_role_with_oidc {{
    idp_id        = "{}"
    id_token_file = "{file}"
    agency_name   = "operators"
    domain_id     = "00000000000000000000000000000d02"
  }}
"#,
        access::IDP_ID
    )
}

/// A provider block without keys.
fn without_keys(cloud: &Cloud, further: &str) -> String {
    let keys = |line: &&str| !line.contains("access_key") && !line.contains("secret_key");
    let block = provider(cloud, further);
    block.lines().filter(keys).collect::<Vec<_>>().join("\n")
}

#[test]
fn an_id_token_in_a_file_needs_no_key() {
    let cloud = Cloud::start();
    let work = Workspace::with_provider("oidc", &without_keys(&cloud, &with_oidc("id-token")));
    work.write("id-token", access::ID_TOKEN);
    work.write("main.tf", &pool(1));
    work.apply();
    work.plan_is_empty();
    assert!(cloud.count("POST", "/id-token/tokens") > 0);
    assert!(cloud.count("POST", "/agencies/assume") > 0);
    assert_eq!(cloud.refused(), 0);
}

#[test]
fn an_id_token_that_is_not_there_is_told_with_its_file() {
    let cloud = Cloud::start();
    let work = Workspace::with_provider("oidc-none", &without_keys(&cloud, &with_oidc("no-file")));
    work.write("main.tf", "data \"modelarts_workspaces\" \"all\" {}\n");
    let told = work.plan_fails().says("no-file\" of assume_role_with_oidc.id_token_file");
    told.says("Signing in with an ID token of \"simulator-idp\" failed");
    assert_eq!(cloud.requests(), 0);
}

#[test]
fn a_chain_of_agencies_is_assumed_one_with_the_keys_of_the_other() {
    let cloud = short_lived();
    let chain = r#"
  assume_role {
    agency_name = "first"
    domain_name = "one"
  }
  assume_role {
    agency_name = "second"
    domain_id   = "00000000000000000000000000000d02"
  }
"#;
    let work = Workspace::with_provider("chain", &provider(&cloud, chain));
    let mut before = 0;
    apply_and_meanwhile(&work, &cloud, || {
        before = cloud.count("POST", "/agencies/assume");
        cloud.play(&later());
    });
    // Renewed during the wait, from the first link on.
    assert_eq!(cloud.count("POST", "/agencies/assume"), before + 1);
    assert_eq!(cloud.count("POST", "/securitytokens"), before + 1);
}

#[test]
fn a_wrong_agency_is_told_with_the_step_that_failed() {
    let refusal = json!({ "error": { "code": 403, "message": "You are not authorized." } });
    let cloud = Cloud::playing(&json!({ "faults": [{
        "match": { "method": "POST", "path": "/v5/agencies/assume", "nth": "every" },
        "do": { "answer": { "status": 403, "body": refusal } },
    }]}));
    let role = "  assume_role {\n agency_name = \"nobody\"\n domain_id = \"d\"\n }\n";
    let work = Workspace::with_provider("wrong-agency", &provider(&cloud, role));
    work.write("main.tf", "data \"modelarts_workspaces\" \"all\" {}\n");
    let told = work.plan_fails().says("Assuming trust agency \"nobody\" of account \"d\" failed");
    told.says("from endpoints.sts").says("403").says("lets these credentials assume it");
}

#[test]
fn nothing_to_sign_in_with_lists_all_that_was_looked_for_quickly() {
    let cloud = Cloud::start();
    let work = Workspace::with_provider("nothing", &without_keys(&cloud, ""));
    work.write("main.tf", "data \"modelarts_workspaces\" \"all\" {}\n");
    let began = std::time::Instant::now();
    let told = work.plan_fails().flat();
    let mut rest = told.as_str();
    for words in [
        "ID token of another identity provider: neither assume_role_with_oidc nor \
         HW_ASSUME_ROLE_IDP_ID is set.",
        "IAM token: neither token nor HW_AUTH_TOKEN is set.",
        "Access key and secret key: neither access_key nor HW_ACCESS_KEY is set.",
        "User and password: neither user_name nor HW_USER_NAME is set.",
        "Profile: neither shared_config_file (HW_SHARED_CONFIG_FILE) nor profile (HW_PROFILE)",
        "Metadata service of this machine:",
    ] {
        let at =
            rest.find(words).unwrap_or_else(|| panic!("{words} is not there, in order: {told}"));
        rest = &rest[at..];
    }
    // Terraform itself takes a while; the provider must not take three seconds.
    assert!(began.elapsed().as_secs() < 10);
}

#[test]
fn the_block_of_the_go_provider_is_accepted_whole() {
    let cloud = Cloud::start();
    let further = r#"
  project_name            = "cn-north-4"
  enterprise_project_id   = "0"
  regional                = true
  enable_force_new        = true
  signing_algorithm       = "HmacSHA256"
  skip_check_website_type = true
  skip_check_upgrade      = true
  default_tags            = { team = "a" }
  ignore_tags             = ["b"]
  max_retries             = 3
"#;
    let work = Workspace::with_provider("go-block", &provider(&cloud, further));
    work.write("main.tf", "data \"modelarts_workspaces\" \"all\" {}\n");
    let told = work.run(&["plan"]).success().flat();
    assert_eq!(told.matches("Arguments without effect").count(), 1, "{told}");
    assert!(told.contains("enterprise_project_id, regional, enable_force_new"), "{told}");
}
