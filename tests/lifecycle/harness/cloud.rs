//! A simulated cloud inside the test, and a hand that reaches into it.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value as Json, json};
use terraform_provider_modelarts::simulator::{self, Config, Recorded, Running, Scenario, access};

use access::Credentials;
pub(crate) use access::{
    ACCESS_KEY as KEY, DOMAIN_NAME as DOMAIN, PROJECT_ID as PROJECT, REGION, USER_NAME as USER,
    network_id,
};

use super::block_on;

/// The secret key of the account: JSON, URLs and Base64 write it differently.
pub(crate) const SECRET: &str = "Sk7QxLm2VtRz9w/+=<&>%41~not-real";

/// The password of the user; HCL writes it differently, too.
pub(crate) const PASSWORD: &str = "Pw4HnYb8KdGc3s \"not\" \\real\\ <&> é%";

/// A request that does not come within this time does not come.
const PATIENCE: Duration = Duration::from_secs(60);

/// Keys for a while.
#[derive(Debug, Clone)]
pub(crate) struct TemporaryKeys {
    /// Access key; no secret.
    pub(crate) access_key: String,
    /// Secret key.
    pub(crate) secret_key: String,
    /// Security token.
    pub(crate) security_token: String,
}

/// A simulated ModelArts that serves while this lives.
#[derive(Debug)]
pub(crate) struct Cloud {
    running: Running,
}

impl Cloud {
    /// A cloud in which everything goes well and quickly.
    pub(crate) fn start() -> Self {
        Self::playing(&Json::Object(serde_json::Map::new()))
    }

    /// A cloud that plays a scenario (see the simulator's documentation).
    pub(crate) fn playing(scenario: &Json) -> Self {
        let credentials = Credentials {
            secret_key: SECRET.into(),
            password: PASSWORD.into(),
            ..Credentials::default()
        };
        let config = Config { scenario: Some(read(scenario)), credentials, ..Config::default() };
        let running = block_on(simulator::start(config)).expect("a simulator starts");
        Self { running }
    }

    /// Plays another scenario from now on.
    pub(crate) fn play(&self, scenario: &Json) {
        self.hand().set_scenario(read(scenario));
    }

    /// Base URL of every service.
    pub(crate) fn url(&self) -> String {
        self.running.url()
    }

    /// All pools as the service would answer them.
    pub(crate) fn pools(&self) -> Vec<Json> {
        self.hand().pools().expect("the cloud can be read")
    }

    /// The one pool that there is.
    #[track_caller]
    pub(crate) fn only_pool(&self) -> Json {
        let pools = self.pools();
        assert_eq!(pools.len(), 1, "{pools:#?}");
        pools.into_iter().next().expect("there is one")
    }

    /// Changes a pool as somebody else would.
    #[track_caller]
    pub(crate) fn change_pool(&self, name: &str, change: impl FnOnce(&mut Json)) {
        let there = self.hand().change_pool(name, change).expect("the cloud can be written");
        assert!(there, "there is no pool {name}");
    }

    /// Makes a pool as somebody else would, from the body of a create request.
    #[track_caller]
    pub(crate) fn add_pool(&self, body: &Json) -> Json {
        let made = self.hand().add_pool(body).expect("the cloud can be written");
        made.unwrap_or_else(|refusal| panic!("the cloud refused the pool: {refusal:#}"))
    }

    /// Pays for a pool, or approves it.
    #[track_caller]
    pub(crate) fn pay(&self, name: &str) {
        let there = self.hand().release_pool(name).expect("the cloud can be written");
        assert!(there, "no pool {name} waits");
    }

    /// Makes a pool vanish.
    #[track_caller]
    pub(crate) fn remove_pool(&self, name: &str) {
        let there = self.hand().remove_pool(name).expect("the cloud can be written");
        assert!(there, "there is no pool {name}");
    }

    /// The network of this name, as the service would answer it.
    pub(crate) fn network(&self, name: &str) -> Option<Json> {
        self.hand().network(name).expect("the cloud can be read")
    }

    /// Changes a network as somebody else would.
    #[track_caller]
    pub(crate) fn change_network(&self, name: &str, change: impl FnOnce(&mut Json)) {
        let there = self.hand().change_network(name, change).expect("the cloud can be written");
        assert!(there, "there is no network {name}");
    }

    /// Makes a network as somebody else would, from the body of a create request.
    #[track_caller]
    pub(crate) fn add_network(&self, body: &Json) -> Json {
        let made = self.hand().add_network(body).expect("the cloud can be written");
        made.unwrap_or_else(|refusal| panic!("the cloud refused the network: {refusal:#}"))
    }

    /// Makes a network vanish.
    #[track_caller]
    pub(crate) fn remove_network(&self, name: &str) {
        let there = self.hand().remove_network(name).expect("the cloud can be written");
        assert!(there, "there is no network {name}");
    }

    /// Lets the cloud's time pass.
    pub(crate) fn advance(&self, time: Duration) {
        self.hand().advance(time).expect("the cloud can be written");
    }

    /// Refuses every token issued so far.
    pub(crate) fn revoke_tokens(&self) {
        self.hand().revoke_tokens();
    }

    /// How many requests destroyed anything so far.
    pub(crate) fn destructive_calls(&self) -> u64 {
        self.hand().destructive_calls()
    }

    /// Begins to count requests anew.
    pub(crate) fn forget_requests(&self) {
        self.hand().forget_requests();
    }

    /// How many requests there were.
    pub(crate) fn requests(&self) -> usize {
        self.hand().requests().len()
    }

    /// Temporary keys, as the metadata service of a virtual machine gives them.
    pub(crate) fn temporary_keys(&self) -> TemporaryKeys {
        let (_, body) = self.ask("GET", "/openstack/latest/securitykey", "");
        let answer: Json = serde_json::from_str(&body).expect("an answer is JSON");
        let text = |name: &str| {
            let value = answer["credential"][name].as_str();
            value.unwrap_or_else(|| panic!("{name} is missing: {answer}")).to_owned()
        };
        TemporaryKeys {
            access_key: text("access"),
            secret_key: text("secret"),
            security_token: text("securitytoken"),
        }
    }

    /// A token of the project.
    pub(crate) fn token(&self) -> String {
        let user = json!({ "name": USER, "password": PASSWORD, "domain": { "name": DOMAIN } });
        let body = json!({ "auth": {
            "identity": { "methods": ["password"], "password": { "user": user } },
            "scope": { "project": { "id": PROJECT } },
        }});
        let (head, _) = self.ask("POST", "/v3/auth/tokens", &body.to_string());
        let token = head.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("x-subject-token").then(|| value.to_owned())
        });
        token.unwrap_or_else(|| panic!("there is no token: {head}"))
    }

    /// Asks without credentials, as another program would; gives head and body.
    fn ask(&self, method: &str, path: &str, body: &str) -> (String, String) {
        let address = self.url().trim_start_matches("http://").trim_end_matches('/').to_owned();
        let mut stream = TcpStream::connect(&address).expect("the simulator listens");
        let length = body.len();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes()).expect("a request can be sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer comes");
        let (head, body) = answer.split_once("\r\n\r\n").expect("an answer has a head");
        (head.to_owned(), body.to_owned())
    }

    /// How many requests of a method there were whose path ends with, or has,
    /// this part: `/pools` for the collection, `/pools/` for one of them.
    pub(crate) fn count(&self, method: &str, part: &str) -> usize {
        let requests = self.hand().requests();
        requests.iter().filter(|request| is(request, method, part)).count()
    }

    /// How many requests were refused because of who asked.
    pub(crate) fn refused(&self) -> usize {
        let requests = self.hand().requests();
        requests.iter().filter(|request| matches!(request.status, Some(401 | 403))).count()
    }

    /// How many requests got no answer, or one that says to try again.
    pub(crate) fn disturbed(&self) -> usize {
        let requests = self.hand().requests();
        requests
            .iter()
            .filter(|request| request.status.is_none_or(|s| s == 429 || s >= 500))
            .count()
    }

    /// Waits until such a request has been answered.
    #[track_caller]
    pub(crate) fn wait_for(&self, method: &str, part: &str) {
        let answered = |request: &Recorded| request.status.is_some() && is(request, method, part);
        self.wait_until(&format!("{method} {part}"), |requests| requests.iter().any(answered));
    }

    /// Waits until such a request has come, whether it is answered or not.
    #[track_caller]
    pub(crate) fn wait_for_arrival(&self, method: &str, part: &str) {
        let came = |requests: &[Recorded]| requests.iter().any(|r| is(r, method, part));
        self.wait_until(&format!("{method} {part}"), came);
    }

    /// Waits until such a request has come and a look at an object of the kind
    /// after it has been answered: the provider waits.
    #[track_caller]
    pub(crate) fn wait_for_poll_after(&self, method: &str, part: &str) {
        let one = format!("{}/", part.trim_end_matches('/'));
        let polled = |requests: &[Recorded]| {
            let after = requests.iter().skip_while(|request| !is(request, method, part));
            after.skip(1).any(|poll| is(poll, "GET", &one) && poll.status.is_some())
        };
        self.wait_until(&format!("a poll after {method} {part}"), polled);
    }

    /// Waits until the requests so far are enough.
    #[track_caller]
    pub(crate) fn wait_until(&self, what: &str, enough: impl Fn(&[Recorded]) -> bool) {
        let waited = block_on(async {
            tokio::time::timeout(PATIENCE, self.hand().wait_for_requests(enough)).await
        });
        assert!(waited.is_ok(), "{what} did not come: {:#?}", self.hand().requests());
    }

    /// Waits until so many such requests have come, answered or not.
    #[track_caller]
    pub(crate) fn wait_for_asked(&self, method: &str, part: &str, times: usize) {
        let enough = |requests: &[Recorded]| {
            requests.iter().filter(|request| is(request, method, part)).count() >= times
        };
        let waited = block_on(async {
            tokio::time::timeout(PATIENCE, self.hand().wait_for_requests(enough)).await
        });
        assert!(waited.is_ok(), "{method} {part} did not come: {:#?}", self.hand().requests());
    }

    /// The hand itself.
    pub(crate) fn hand(&self) -> simulator::Cloud {
        self.running.cloud()
    }
}

fn is(request: &Recorded, method: &str, part: &str) -> bool {
    let fits = if part.ends_with('/') {
        request.path.contains(part)
    } else {
        request.path.ends_with(part)
    };
    request.method == method && fits
}

fn read(scenario: &Json) -> Scenario {
    Scenario::from_json(&scenario.to_string()).expect("the scenario is valid")
}
