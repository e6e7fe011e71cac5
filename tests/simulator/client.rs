//! A bare HTTP client with its own signer, and the simulator that it talks to.
//!
//! Time does not pass by itself in these tests: at a speed of 0.001 the default transitions take
//! minutes, and the tests move the cloud's clock.

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use terraform_provider_modelarts::simulator::{
    Cloud, Config, Running, Scenario,
    access::{ACCESS_KEY, PROJECT_ID, SECRET_KEY, network_id},
    start,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// What came back.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Value,
    pub text: String,
    /// The body as it came.
    pub bytes: Vec<u8>,
    /// The body was shorter than announced.
    pub cut: bool,
}

impl Reply {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub fn code(&self) -> &str {
        self.body["error_code"].as_str().unwrap_or("")
    }

    pub fn message(&self) -> &str {
        self.body["error_msg"].as_str().unwrap_or("")
    }

    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        self.body
    }

    #[track_caller]
    pub fn refused(&self, status: u16, code: &str) {
        assert_eq!((self.status, self.code()), (status, code), "{}", self.text);
    }
}

/// A request that can be spoilt before it is sent.
#[derive(Clone)]
pub struct Draft {
    pub method: String,
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Draft {
    pub fn new(method: &str, target: &str, body: &str) -> Self {
        let kind = match method {
            "PATCH" => "application/merge-patch+json",
            _ => "application/json",
        };
        let headers = vec![("Content-Type".to_owned(), kind.to_owned())];
        Self {
            method: method.to_owned(),
            target: target.to_owned(),
            headers,
            body: body.to_owned(),
        }
    }

    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(key, _)| !key.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(key, _)| !key.eq_ignore_ascii_case(name));
        self
    }

    /// Signs with the time of now, shifted by some minutes.
    pub fn signed_by(self, host: &str, key: &str, secret: &str, minutes: i64) -> Self {
        let now = jiff::Timestamp::now().as_second() + minutes * 60;
        let now = jiff::Timestamp::from_second(now).unwrap();
        let date = now.strftime("%Y%m%dT%H%M%SZ").to_string();
        let draft = self.with("X-Sdk-Date", &date).with("Host", host);
        let (names, text) = draft.to_sign();
        let to_sign = format!("SDK-HMAC-SHA256\n{date}\n{}", hex(&Sha256::digest(text)));
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(to_sign.as_bytes());
        let signature = hex(&mac.finalize().into_bytes());
        let value =
            format!("SDK-HMAC-SHA256 Access={key}, SignedHeaders={names}, Signature={signature}");
        draft.with("Authorization", &value)
    }

    /// Writes the names of the signed headers and the canonical request. The paths and queries of
    /// these tests need no escaping, only sorting.
    fn to_sign(&self) -> (String, String) {
        let (path, query) = self.target.split_once('?').unwrap_or((&self.target, ""));
        let mut query: Vec<&str> = query.split('&').collect();
        query.sort_unstable();
        let mut headers: Vec<(String, &str)> =
            self.headers.iter().map(|(k, v)| (k.to_lowercase(), v.trim())).collect();
        headers.sort();
        let names: Vec<&str> = headers.iter().map(|(name, _)| name.as_str()).collect();
        let names = names.join(";");
        let lines: String =
            headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
        let hash = self.headers.iter().find(|(name, _)| name == "X-Sdk-Content-Sha256");
        let hash = match hash {
            Some((_, value)) if !self.body.is_empty() => value.clone(),
            _ => hex(&Sha256::digest(self.body.as_bytes())),
        };
        let slash = if path.ends_with('/') { "" } else { "/" };
        let text = format!(
            "{}\n{path}{slash}\n{}\n{lines}\n{names}\n{hash}",
            self.method,
            query.join("&"),
        );
        (names, text)
    }

    /// Sends the request; `None` when the connection ended without an answer.
    pub async fn send(&self, address: std::net::SocketAddr) -> Option<Reply> {
        let mut stream = TcpStream::connect(address).await.ok()?;
        let mut text = format!("{} {} HTTP/1.1\r\n", self.method, self.target);
        for (name, value) in &self.headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        if !self.headers.iter().any(|(name, _)| name == "Host") {
            text.push_str(&format!("Host: {address}\r\n"));
        }
        text.push_str(&format!("Content-Length: {}\r\nConnection: close\r\n\r\n", self.body.len()));
        text.push_str(&self.body);
        stream.write_all(text.as_bytes()).await.ok()?;
        let mut bytes = Vec::new();
        // A connection that is reset has still delivered what came before.
        let _ = stream.read_to_end(&mut bytes).await;
        parse(&bytes)
    }
}

fn parse(answer: &[u8]) -> Option<Reply> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&answer[..end]);
    let bytes = answer[end + 4..].to_vec();
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let header = |line: &str| {
        line.split_once(": ").map(|(name, value)| (name.to_lowercase(), value.to_owned()))
    };
    let headers: Vec<(String, String)> = lines.filter_map(header).collect();
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let cut = length.is_some_and(|(_, length)| length.parse() != Ok(bytes.len()));
    let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Some(Reply { status, headers, body, text, bytes, cut })
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A simulator whose clock the test moves.
pub struct World {
    pub running: Running,
    pub cloud: Cloud,
}

impl World {
    pub async fn new() -> Self {
        Self::with("{}").await
    }

    /// Starts a simulator with a scenario.
    pub async fn with(scenario: &str) -> Self {
        let scenario = Some(Scenario::from_json(scenario).unwrap());
        Self::from(Config { scenario, ..Config::default() }).await
    }

    /// Starts a simulator in which nothing happens by itself.
    pub async fn from(config: Config) -> Self {
        let running = start(Config { speed: 0.001, ..config }).await.unwrap();
        Self { cloud: running.cloud(), running }
    }

    pub fn host(&self) -> String {
        self.running.addr().to_string()
    }

    /// Moves the clock by seconds. The default transitions take 40 s to be picked up, 200 s to be
    /// created, 60 s for the nodes, 100 s for job types, 120 s for drivers.
    pub fn pass(&self, seconds: u64) {
        self.cloud.advance(Duration::from_secs(seconds)).unwrap();
    }

    pub async fn send(&self, draft: Draft) -> Reply {
        self.try_send(draft).await.expect("an answer")
    }

    pub async fn try_send(&self, draft: Draft) -> Option<Reply> {
        let draft = draft.signed_by(&self.host(), ACCESS_KEY, SECRET_KEY, 0);
        draft.send(self.running.addr()).await
    }

    pub async fn call(&self, method: &str, target: &str, body: &Value) -> Reply {
        let text = if body.is_null() { String::new() } else { body.to_string() };
        self.send(Draft::new(method, target, &text)).await
    }

    pub async fn get(&self, target: &str) -> Reply {
        self.call("GET", target, &Value::Null).await
    }

    pub async fn create(&self, body: &Value) -> Reply {
        self.call("POST", &pools(), body).await
    }

    /// Creates a pool and lets it become ready. Returns its ID.
    pub async fn ready_pool(&self, body: &Value) -> String {
        let pool = self.create(body).await.expect(200);
        self.pass(1000);
        pool["metadata"]["name"].as_str().unwrap().to_owned()
    }

    pub async fn show(&self, id: &str) -> Value {
        self.get(&pool(id)).await.expect(200)
    }

    pub async fn patch(&self, id: &str, body: &Value) -> Reply {
        self.call("PATCH", &pool(id), body).await
    }

    pub async fn delete(&self, id: &str) -> Reply {
        self.call("DELETE", &pool(id), &Value::Null).await
    }
}

pub fn v1(rest: &str) -> String {
    format!("/v1/{PROJECT_ID}/{rest}")
}

pub fn pools() -> String {
    format!("/v2/{PROJECT_ID}/pools")
}

pub fn pool(id: &str) -> String {
    format!("{}/{id}", pools())
}

pub const CPU: &str = "modelarts.vm.cpu.8ud";
pub const GPU: &str = "modelarts.vm.gpu.tnt004";
pub const NPU: &str = "modelarts.vm.npu.a910";

/// The smallest physical pool.
pub fn physical(name: &str, count: u32) -> Value {
    json!({
        "apiVersion": "v2",
        "kind": "Pool",
        "metadata": { "labels": { "os.modelarts/name": name } },
        "spec": {
            "type": "Dedicate",
            "scope": ["Train"],
            "network": { "name": network_id() },
            "resources": [{ "flavor": CPU, "count": count }],
        },
    })
}

/// The smallest logical pool.
pub fn logical(name: &str) -> Value {
    let mut body = physical(name, 1);
    body["spec"] = json!({ "type": "Logical", "resources": [{ "flavor": CPU, "count": 1 }] });
    body
}

/// A prepaid pool that pays for itself.
pub fn prepaid(name: &str) -> Value {
    let mut body = physical(name, 2);
    body["metadata"]["annotations"] = json!({
        "os.modelarts/billing.mode": "1",
        "os.modelarts/period.type": "2",
        "os.modelarts/period.num": "1",
        "os.modelarts/auto.pay": "true",
    });
    body
}

pub fn resources(entries: Value) -> Value {
    json!({ "spec": { "resources": entries } })
}

/// Sums up the nodes in some state.
pub fn nodes(pool: &Value, state: &str) -> u64 {
    let groups = pool["status"]["resources"][state].as_array();
    groups.into_iter().flatten().map(|group| group["count"].as_u64().unwrap()).sum()
}
