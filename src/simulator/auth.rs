//! Decides whether a request may be carried out (API reference, authentication and gateway codes).

use std::{collections::HashMap, sync::Mutex};

use hyper::HeaderMap;
use secrecy::ExposeSecret;

use super::{
    access::{Credentials, PROJECT_ID},
    answer::{Answer, Check},
    scenario::Scenario,
    signature::{self, Authorization, Signed},
    token::{Mint, Token},
};

const WINDOW_MS: i64 = 15 * 60 * 1000;
const LOCK_MS: i64 = 5 * 60 * 1000;

/// Knows the account and remembers wrong signatures.
pub(super) struct Gate {
    pub(super) credentials: Credentials,
    pub(super) mint: Mint,
    failures: Mutex<HashMap<String, Failures>>,
    /// Tokens issued before this moment (Unix milliseconds) are refused.
    revoked_before: Mutex<i64>,
}

#[derive(Clone, Copy, Default)]
struct Failures {
    in_a_row: u32,
    locked_until: i64,
}

/// Says what a token must be good for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Audience {
    /// Anybody.
    Open,
    /// Anybody of the account.
    Account,
    /// Users of the project.
    Project,
}

impl Gate {
    pub(super) fn new(credentials: Credentials) -> Self {
        Self {
            mint: Mint::new(credentials.secret_key.clone()),
            credentials,
            failures: Mutex::default(),
            revoked_before: Mutex::new(i64::MIN),
        }
    }

    pub(super) fn revoke_tokens(&self, now: i64) {
        *lock(&self.revoked_before) = now;
    }

    /// Checks a request; `now` is the gateway's clock in Unix milliseconds.
    pub(super) fn check(
        &self,
        request: &Signed<'_>,
        audience: Audience,
        scenario: &Scenario,
        now: i64,
    ) -> Check {
        if audience == Audience::Open {
            return Ok(());
        }
        check_project_header(request.headers, audience)?;
        if let Some(token) = text(request.headers, "x-auth-token") {
            return self.check_token(token, audience, now);
        }
        let Some(header) = text(request.headers, "authorization") else {
            return Err(unauthenticated("x-auth-token not found"));
        };
        let Some(authorization) = signature::parse(header) else {
            return Err(unauthenticated("authorization header malformed"));
        };
        self.check_signature(request, &authorization, scenario, now)
    }

    /// Checks a token by itself; `now` is the gateway's clock.
    pub(super) fn check_token(&self, text: &str, audience: Audience, now: i64) -> Check {
        let Some(token) = self.mint.read_token(text) else {
            return Err(unauthenticated("decrypt token fail"));
        };
        if token.expires <= now || token.issued <= *lock(&self.revoked_before) {
            return Err(Answer::gateway(401, "0307", "The token must be updated."));
        }
        if audience == Audience::Project && !token.project {
            return Err(Answer::error(401, "0207", "The token has no project of this region."));
        }
        Ok(())
    }

    /// Issues a token.
    pub(super) fn issue(&self, issued: i64, expires: i64, project: bool) -> String {
        self.mint.token(&Token { issued, expires, project })
    }

    fn check_signature(
        &self,
        request: &Signed<'_>,
        authorization: &Authorization<'_>,
        scenario: &Scenario,
        now: i64,
    ) -> Check {
        let Some(date) = text(request.headers, "x-sdk-date").and_then(signature::parse_date) else {
            return Err(unauthenticated("x-sdk-date missing or malformed"));
        };
        if (now - date).abs() > WINDOW_MS {
            return Err(Answer::gateway(
                401,
                "0303",
                "Incorrect app authentication information: signature expired",
            ));
        }
        let secret = self.secret_of(authorization.access, request.headers, now)?;
        self.check_lock(authorization.access, now)?;
        match signature::verify(request, authorization, &secret) {
            Ok(true) => {
                lock(&self.failures).remove(authorization.access);
                Ok(())
            }
            Ok(false) => {
                self.count_failure(authorization.access, scenario.rules.lock_after, now);
                Err(unauthenticated("verify aksk signature fail"))
            }
            Err(why) => Err(unauthenticated(&why)),
        }
    }

    fn secret_of(&self, access: &str, headers: &HeaderMap, now: i64) -> Check<String> {
        if access == self.credentials.access_key {
            return match headers.contains_key("x-security-token") {
                true => Err(unauthenticated("security token of another key")),
                false => Ok(self.credentials.secret_key.expose_secret().to_owned()),
            };
        }
        let Some(key) = self.mint.read_temporary_key(access) else {
            return Err(unauthenticated("Get secretKey failed"));
        };
        if text(headers, "x-security-token") != Some(key.security_token.as_str()) {
            return Err(unauthenticated("security token missing or wrong"));
        }
        match key.expires > now {
            true => Ok(key.secret),
            false => Err(unauthenticated("temporary access key expired")),
        }
    }

    fn check_lock(&self, access: &str, now: i64) -> Check {
        match lock(&self.failures).get(access) {
            Some(failures) if failures.locked_until > now => Err(unauthenticated(
                "the access key is locked for 5 minutes after too many wrong signatures",
            )),
            _ => Ok(()),
        }
    }

    fn count_failure(&self, access: &str, lock_after: u32, now: i64) {
        let mut failures = lock(&self.failures);
        let entry = failures.entry(access.to_owned()).or_default();
        entry.in_a_row += 1;
        if lock_after > 0 && entry.in_a_row >= lock_after {
            *entry = Failures { in_a_row: 0, locked_until: now + LOCK_MS };
        }
    }
}

fn check_project_header(headers: &HeaderMap, audience: Audience) -> Check {
    match text(headers, "x-project-id") {
        Some(id) if audience == Audience::Project && id != PROJECT_ID => {
            Err(Answer::error(403, "0210", "The project IDs of header and URL differ."))
        }
        _ => Ok(()),
    }
}

fn unauthenticated(why: &str) -> Answer {
    Answer::gateway(401, "0301", format!("Incorrect IAM authentication information: {why}"))
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
