//! No byte of a secret is logged, printed or kept.
//!
//! Every workspace looks for its secrets in everything that its runs leave when
//! it is dropped, so each story of this suite tells this one too. The stories
//! here only give secrets a chance to show. The metadata service has a fixed
//! address that no test can take; the client's tests play it.

use serde_json::{Value as Json, json};

use crate::harness::{
    Cloud, DOMAIN, KEY, PASSWORD, SECRET, USER, Workspace, provider_with, quoted,
};
use crate::pools::{NAME, POOL, pool};

/// A way of signing in.
struct Way {
    name: &'static str,
    /// Arguments of the provider block.
    arguments: Vec<(&'static str, String)>,
    /// Blocks in it.
    blocks: Vec<(&'static str, String)>,
    variables: Vec<(&'static str, String)>,
    /// The text of a profile file.
    profiles: Option<String>,
}

impl Way {
    fn by_arguments(name: &'static str, arguments: &[(&'static str, &str)]) -> Self {
        let arguments = arguments.iter().map(|(name, value)| (*name, quoted(value))).collect();
        let (blocks, variables) = (Vec::new(), Vec::new());
        Self { name, arguments, blocks, variables, profiles: None }
    }

    fn by_variables(name: &'static str, variables: &[(&'static str, &str)]) -> Self {
        let variables = variables.iter().map(|(name, value)| (*name, (*value).to_owned()));
        Self { variables: variables.collect(), ..Self::by_arguments(name, &[]) }
    }

    fn by_profile(name: &'static str, key: &str, secret: &str, token: &str) -> Self {
        let profiles = json!({ "current": "work", "profiles": [{ "name": "work", "mode": "AKSK",
            "accessKeyId": key, "secretAccessKey": secret, "securityToken": token }]});
        Self {
            profiles: Some(profiles.to_string()),
            ..Self::by_arguments(name, &[("shared_config_file", "profiles.json")])
        }
    }

    /// A directory that signs in this way at a URL.
    fn workspace(&self, url: &str, further: &str) -> Workspace {
        let arguments = self.arguments.iter().map(|(name, value)| format!("  {name} = {value}\n"));
        let blocks = self.blocks.iter().map(|(name, body)| format!("  {name} {body}\n"));
        let block = provider_with(
            url,
            &format!("{}{further}", arguments.chain(blocks).collect::<String>()),
        );
        let mut work = Workspace::with_provider(self.name, &block);
        for (name, value) in &self.variables {
            work.env(name, value);
        }
        if let Some(profiles) = &self.profiles {
            work.write("profiles.json", profiles);
        }
        work
    }
}

/// All ways of signing in, with the right secrets.
fn right(cloud: &Cloud) -> Vec<Way> {
    let temporary = cloud.temporary_keys();
    let (key, secret) = (&*temporary.access_key, &*temporary.secret_key);
    ways(&cloud.token(), PASSWORD, SECRET, (key, secret, &temporary.security_token))
}

/// The same with secrets that nobody accepts.
fn wrong(cloud: &Cloud) -> Vec<Way> {
    let key = cloud.temporary_keys().access_key;
    ways(
        "Wt5TokenOfNobody+/=\"not\"real",
        "Wp5PasswordOfNobody \"not\" \\real",
        "Ws5SecretOfNobody+/=\"not\"real",
        (&key, "Wx5TemporaryOfNobody<&>real", "Wy5SecurityOfNobody+/=not-real"),
    )
}

fn ways(token: &str, password: &str, secret: &str, temporary: (&str, &str, &str)) -> Vec<Way> {
    let (access_key, secret_key, security_token) = temporary;
    let keys = [("access_key", KEY), ("secret_key", secret)];
    let user = [("user_name", USER), ("domain_name", DOMAIN), ("password", password)];
    let mut agency = Way::by_arguments("agency", &keys);
    let role = format!("{{\n agency_name = \"operators\"\n domain_name = \"{DOMAIN}\"\n}}");
    agency.blocks.push(("assume_role", role));
    vec![
        Way::by_arguments("keys", &keys),
        Way::by_variables("keys-around", &[("HW_ACCESS_KEY", KEY), ("HW_SECRET_KEY", secret)]),
        Way::by_arguments(
            "temporary",
            &[
                ("access_key", access_key),
                ("secret_key", secret_key),
                ("security_token", security_token),
            ],
        ),
        Way::by_variables(
            "temporary-around",
            &[
                ("HW_ACCESS_KEY", access_key),
                ("HW_SECRET_KEY", secret_key),
                ("HW_SECURITY_TOKEN", security_token),
            ],
        ),
        Way::by_arguments("token", &[("token", token)]),
        Way::by_variables("token-around", &[("HW_AUTH_TOKEN", token)]),
        Way::by_arguments("user", &user),
        Way::by_variables(
            "user-around",
            &[("HW_USER_NAME", USER), ("HW_DOMAIN_NAME", DOMAIN), ("HW_USER_PASSWORD", password)],
        ),
        Way::by_profile("profile", KEY, secret, ""),
        Way::by_profile("profile-temporary", access_key, secret_key, security_token),
        agency,
    ]
}

/// A root password that is never kept, and one that the user keeps.
const HIDDEN: &str = "Hd6RootNotStored+/=<&>";
const KEPT: &str = "Kp6RootIsStored+/=<&>";

/// A privileged pool, whose nodes have a password of root.
fn privileged(login: &str) -> String {
    format!(
        r#"
resource "modelarts_pool" "main" {{
  name     = "{NAME}"
  network  = {{
    vpc_id    = "1f0e2d3c-4b5a-4678-9abc-def012345678"
    subnet_id = "2e1d3c4b-5a69-4788-8abc-f01234567890"
  }}
  clusters   = [{{ provider_id = "3d2c4b5a-6978-11ee-9abc-0255ac100030" }}]
  user_login = {{ {login} }}
  resources  = [{{ flavor = "modelarts.vm.cpu.8ud", count = 1 }}]
}}
"#
    )
}

fn hidden() -> String {
    privileged(&format!("password_wo = {}, password_wo_version = 1", quoted(HIDDEN)))
}

#[test]
fn a_whole_life_at_trace_level_shows_no_secret_however_one_signs_in() {
    let cloud = Cloud::start();
    for way in right(&cloud) {
        let work = way.workspace(&cloud.url(), "");
        work.write("main.tf", &hidden());
        work.plan();
        work.apply();
        work.destroy();
        let log = work.log();
        assert!(
            log.contains("/pools") && log.contains("[TRACE]"),
            "{}: calls are logged",
            way.name
        );
    }
}

#[test]
fn a_password_that_the_user_keeps_is_in_the_state_and_nowhere_else() {
    let cloud = Cloud::start();
    let work = Workspace::new("kept", &cloud);
    work.write("main.tf", &privileged(&format!("password = {}", quoted(KEPT))));
    work.plan();
    work.apply();
    assert_eq!(work.state().value(POOL, "/user_login/password"), KEPT);
    work.destroy();
}

#[test]
fn wrong_secrets_do_not_show_however_one_signs_in() {
    let cloud = Cloud::start();
    for way in wrong(&cloud) {
        let work = way.workspace(&cloud.url(), "");
        work.write("main.tf", &hidden());
        work.apply_fails().says("401");
    }
    assert!(cloud.pools().is_empty());
}

#[test]
fn secrets_do_not_show_when_nobody_answers() {
    let cloud = Cloud::start();
    let (ways, url) = (right(&cloud), cloud.url());
    drop(cloud);
    for way in ways {
        let work = way.workspace(&url, "  max_retries = 0\n");
        work.write("main.tf", &hidden());
        work.apply_fails().says("cannot be reached");
    }
}

#[test]
fn a_provider_that_is_killed_leaves_no_secret() {
    let cloud = Cloud::playing(&json!({ "durations": { "create": "1h" } }));
    for way in right(&cloud) {
        let work = way.workspace(&cloud.url(), "");
        work.write("main.tf", &hidden());
        let run = work.start(&["apply", "-auto-approve"]);
        cloud.wait_for("POST", "/pools");
        run.kill_provider();
        run.finish().failure();
        cloud.remove_pool(NAME);
        cloud.forget_requests();
    }
}

/// Refuses requests of a method to a path with this answer.
fn refuse(method: &str, path: &str, body: &Json) -> Json {
    json!({ "faults": [{
        "match": { "method": method, "path": path },
        "do": { "answer": { "status": 400, "body": body } },
    }]})
}

/// Texts in which a service may quote a secret of a request.
fn quotations(secret: &str) -> Vec<Json> {
    let json = Json::from(secret);
    vec![
        json!({ "error_code": "ModelArts.50014001", "error_msg": format!("bad value {secret}") }),
        json!({ "error": { "code": 400, "message": format!("{{\"value\":{json}}}") } }),
        Json::from(format!("<html><p>bad request: {{\"value\":{json}}}</p></html>")),
    ]
}

#[test]
fn a_service_that_quotes_the_secret_of_a_user_is_not_quoted() {
    let cloud = Cloud::start();
    let ways = right(&cloud);
    let token = cloud.token();
    for (name, method, path, secret) in [
        ("keys", "GET", "/v2/**", SECRET),
        ("token", "GET", "/v2/**", &token),
        ("user", "POST", "/v3/**", PASSWORD),
    ] {
        let way = ways.iter().find(|way| way.name == name).unwrap();
        let work = way.workspace(&cloud.url(), "");
        work.write("main.tf", &pool(1));
        for body in quotations(secret) {
            cloud.play(&refuse(method, path, &body));
            work.apply_fails().says("400");
        }
    }
}

#[test]
fn a_service_that_quotes_the_password_of_root_is_not_quoted() {
    let cloud = Cloud::start();
    let work = Workspace::new("quoted", &cloud);
    work.write("main.tf", &hidden());
    for body in quotations(HIDDEN) {
        cloud.play(&refuse("POST", "/v2/*/pools", &body));
        work.apply_fails().says("400");
    }
}
