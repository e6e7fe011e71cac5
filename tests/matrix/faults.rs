//! What goes wrong with a call.

use serde_json::{Value as Json, json};

/// A fault of the simulator.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fault {
    /// As the table calls it.
    pub(crate) name: &'static str,
    action: fn() -> Json,
}

impl Fault {
    /// What a scenario says for it.
    pub(crate) fn action(self) -> Json {
        (self.action)()
    }
}

/// The faults, in the order of the table's rows.
pub(crate) const FAULTS: &[Fault] = &[
    Fault { name: "500", action: || answer(500, &failed(), false) },
    Fault { name: "502, a proxy's page", action: || json!("html") },
    Fault { name: "504 after the work", action: || answer(504, &json!(""), true) },
    Fault { name: "429", action: || answer(429, &throttled(), false) },
    Fault { name: "429, Retry-After", action: retry_after },
    Fault { name: "reset before the work", action: || json!("reset") },
    Fault { name: "lost after the work", action: || json!("lost") },
    Fault { name: "silence, no work, end", action: || silence("before") },
    Fault { name: "silence after work, end", action: || silence("after") },
    Fault { name: "body cut short", action: || json!("truncate") },
    Fault { name: "wrong types", action: || json!("wrong_types") },
    Fault { name: "401", action: || answer(401, &refused(), false) },
    Fault { name: "slow body", action: || json!({ "drip": "1s" }) },
];

fn answer(status: u16, body: &Json, carried_out: bool) -> Json {
    json!({ "answer": { "status": status, "body": body, "carried_out": carried_out } })
}

fn retry_after() -> Json {
    let headers = json!({ "Retry-After": "1" });
    json!({ "answer": { "status": 429, "headers": headers, "body": throttled() } })
}

fn silence(when: &str) -> Json {
    json!({ "hang": { "for": "1s", "when": when, "close": true } })
}

fn failed() -> Json {
    json!({ "error_code": "ModelArts.50005000", "error_msg": "Internal error." })
}

fn throttled() -> Json {
    json!({ "error_code": "APIGW.0308", "error_msg": "Too many requests." })
}

fn refused() -> Json {
    json!({ "error_code": "APIGW.0301", "error_msg": "Incorrect IAM authentication information." })
}
