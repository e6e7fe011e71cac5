//! Turns answers into HTTP.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use hyper::{
    HeaderMap, Response, StatusCode,
    body::Bytes,
    header::{HeaderName, HeaderValue},
};
use serde_json::Value;

use super::{
    answer::{Answer, AnswerBody, Kind},
    call::Live,
    digest::id32,
    scenario::Canned,
    server::Shared,
};

/// Says how the body of an answer goes out.
pub(super) struct Sending<F> {
    /// It is compressed.
    pub(super) gzip: bool,
    /// Makes the bytes a body.
    pub(super) shape: F,
}

/// Tells whether the answer to a request is compressed.
pub(super) fn is_compressed(live: &Live, headers: &HeaderMap) -> bool {
    let accepted =
        headers.get_all("accept-encoding").iter().filter_map(|value| value.to_str().ok());
    let takes_gzip = |coding: &str| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        name.trim().eq_ignore_ascii_case("gzip") && weight.trim() != "q=0"
    };
    live.scenario.answers.gzip && accepted.flat_map(|value| value.split(',')).any(takes_gzip)
}

/// Sends a proxy's page in place of an answer.
pub(super) fn html(shared: &Shared) -> Response<AnswerBody> {
    let page = "<html><head><title>502 Bad Gateway</title></head>\
        <body><h1>502 Bad Gateway</h1></body></html>";
    let canned = Canned {
        status: 502,
        headers: [("Content-Type".to_owned(), "text/html".to_owned())].into(),
        body: Some(Value::String(page.to_owned())),
        carried_out: false,
    };
    canned_answer(shared, &canned)
}

/// Sends the answer that a scenario gives.
pub(super) fn canned_answer(shared: &Shared, canned: &Canned) -> Response<AnswerBody> {
    let text = match &canned.body {
        None => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
    };
    let given = canned.headers.iter();
    let headers = given.map(|(name, value)| (name.clone(), value.clone())).collect();
    build(shared, canned.status, headers, AnswerBody::whole(text.into()))
}

/// Sends an answer whole, as it is.
pub(super) fn send(shared: &Shared, answer: Answer) -> Response<AnswerBody> {
    send_as(shared, answer, Sending { gzip: false, shape: AnswerBody::whole })
}

/// Sends an answer with a body of some shape.
pub(super) fn send_as(
    shared: &Shared,
    mut answer: Answer,
    sending: Sending<impl FnOnce(Bytes) -> AnswerBody>,
) -> Response<AnswerBody> {
    let id = request_id(shared);
    if answer.kind == Kind::Gateway {
        answer.body["request_id"] = Value::from(id.clone());
    }
    let text = if answer.body.is_null() { String::new() } else { answer.body.to_string() };
    let mut headers = answer.headers;
    headers.push(("X-Request-Id".to_owned(), id));
    let mut bytes = Bytes::from(text);
    if sending.gzip
        && let Some(packed) = pack(&bytes)
    {
        headers.push(("Content-Encoding".to_owned(), "gzip".to_owned()));
        bytes = packed;
    }
    build(shared, answer.status, headers, (sending.shape)(bytes))
}

/// Compresses a body; an empty one stays as it is.
fn pack(bytes: &[u8]) -> Option<Bytes> {
    if bytes.is_empty() {
        return None;
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).ok()?;
    encoder.finish().ok().map(Bytes::from)
}

fn request_id(shared: &Shared) -> String {
    id32(&format!("request {} {}", shared.now(), shared.count_answer()))
}

fn build(
    shared: &Shared,
    status: u16,
    headers: Vec<(String, String)>,
    body: AnswerBody,
) -> Response<AnswerBody> {
    let mut response = Response::new(body);
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let defaults = [
        ("Content-Type".to_owned(), "application/json".to_owned()),
        ("X-Request-Id".to_owned(), request_id(shared)),
    ];
    let date = date(shared).map(|date| ("Date".to_owned(), date));
    for (name, value) in defaults.into_iter().chain(date).chain(headers) {
        let name = name.parse::<HeaderName>();
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(&value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// Returns what stands in the `Date` of answers, if anything does.
fn date(shared: &Shared) -> Option<String> {
    let live = shared.live();
    let answers = &live.scenario.answers;
    let now = shared.gateway_now() + answers.date_offset.milliseconds;
    (!answers.no_date).then(|| http_date(now))
}

fn http_date(now: i64) -> String {
    jiff::Timestamp::from_millisecond(now)
        .map(|time| time.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string())
        .unwrap_or_default()
}
