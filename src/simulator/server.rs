//! The HTTP side: connections, faults, records of requests.

use std::{
    collections::VecDeque,
    future::{pending, poll_fn},
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use hyper::{
    HeaderMap, Request, Response, StatusCode,
    body::{Body, Bytes, Incoming},
    header::{HeaderName, HeaderValue},
};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::{net::TcpListener, sync::watch};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    answer::{Answer, AnswerBody, Dropped, Kind},
    auth::Gate,
    call::{Call, Live, Query},
    digest::id32,
    router,
    scenario::{Action, Canned, When},
    shape,
    signature::Signed,
    span::Span,
    store::Store,
};

const LARGEST_BODY: usize = 12 * 1024 * 1024;
const LONGEST_URI: usize = 32 * 1024;
const MOST_RECORDS: usize = 10_000;

/// Is what the connections of a simulator share.
pub(super) struct Shared {
    pub(super) store: Store,
    pub(super) gate: Gate,
    pub(super) speed: f64,
    pub(super) destructive: AtomicU64,
    pub(super) changes: watch::Sender<u64>,
    live: Mutex<Arc<Live>>,
    records: Mutex<Records>,
    answers: AtomicU64,
}

#[derive(Default)]
struct Records {
    first: u64,
    list: VecDeque<Recorded>,
}

/// Is a request that reached the simulator.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// The method.
    pub method: String,
    /// The path, as it was sent.
    pub path: String,
    /// The query, as it was sent, without the question mark.
    pub query: String,
    /// The content type; empty when there was none.
    pub content_type: String,
    /// The headers, except for those that carry secrets; names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body as JSON, or as a string where it is none; null when it was empty. Passwords and
    /// tokens are blanked out.
    pub body: Value,
    /// The status of the answer; `None` while there is none, or when it was never sent.
    pub status: Option<u16>,
}

impl Shared {
    pub(super) fn new(store: Store, gate: Gate, speed: f64, live: Live) -> Self {
        Self {
            store,
            gate,
            speed,
            destructive: AtomicU64::new(0),
            changes: watch::Sender::new(0),
            live: Mutex::new(Arc::new(live)),
            records: Mutex::default(),
            answers: AtomicU64::new(0),
        }
    }

    /// Returns the machine's clock in Unix milliseconds.
    pub(super) fn now(&self) -> i64 {
        jiff::Timestamp::now().as_millisecond()
    }

    /// Returns the gateway's clock, which a scenario may have put wrong.
    pub(super) fn gateway_now(&self) -> i64 {
        self.now() + self.live().scenario.clock_offset.milliseconds
    }

    pub(super) fn live(&self) -> Arc<Live> {
        Arc::clone(&lock(&self.live))
    }

    pub(super) fn set_live(&self, live: Live) {
        *lock(&self.live) = Arc::new(live);
    }

    pub(super) fn requests(&self) -> Vec<Recorded> {
        lock(&self.records).list.iter().cloned().collect()
    }

    pub(super) fn forget_requests(&self) {
        let mut records = lock(&self.records);
        records.first += records.list.len() as u64;
        records.list.clear();
        self.destructive.store(0, Ordering::SeqCst);
    }

    fn record(&self, record: Recorded) -> u64 {
        let mut records = lock(&self.records);
        records.list.push_back(record);
        if records.list.len() > MOST_RECORDS {
            records.list.pop_front();
            records.first += 1;
        }
        let number = records.first + records.list.len() as u64 - 1;
        drop(records);
        self.changes.send_modify(|count| *count += 1);
        number
    }

    fn record_status(&self, number: u64, status: u16) {
        let mut records = lock(&self.records);
        let index = number.checked_sub(records.first).and_then(|index| usize::try_from(index).ok());
        if let Some(record) = index.and_then(|index| records.list.get_mut(index)) {
            record.status = Some(status);
        }
        drop(records);
        self.changes.send_modify(|count| *count += 1);
    }
}

/// Accepts connections until the token is cancelled; ends when all of them have ended.
pub(super) async fn serve(listener: TcpListener, shared: Arc<Shared>, stop: CancellationToken) {
    let tasks = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => {
                // Answers are small; waiting to fill packets would only delay them.
                let _ = stream.set_nodelay(true);
                let connection = connection(stream, Arc::clone(&shared));
                let stop = stop.clone();
                tasks.spawn(async move {
                    tokio::select! {
                        () = stop.cancelled() => {}
                        () = connection => {}
                    }
                });
            }
            // Out of file descriptors, most likely: others have to close first.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
    tasks.close();
    tasks.wait().await;
}

async fn connection(stream: tokio::net::TcpStream, shared: Arc<Shared>) {
    let service = hyper::service::service_fn(move |request| answer(Arc::clone(&shared), request));
    let connection =
        hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    // Connections that break are what scenarios ask for.
    let _ = connection.await;
}

/// Is a request that has arrived whole.
struct Arrived {
    method: String,
    path: String,
    query: String,
    headers: HeaderMap,
    body: Bytes,
}

async fn answer(
    shared: Arc<Shared>,
    request: Request<Incoming>,
) -> Result<Response<AnswerBody>, Dropped> {
    let live = shared.live();
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().to_owned();
    let fault = live.faults.pick(&live.scenario.faults, parts.method.as_str(), &path);
    let body = match fault {
        Some(Action::Reset) => Bytes::new(),
        _ => match read_body(body).await? {
            Some(body) => body,
            None => return Ok(send(&shared, too_large("413", "body"), AnswerBody::whole)),
        },
    };
    let arrived = Arrived {
        method: parts.method.as_str().to_owned(),
        path,
        query: parts.uri.query().unwrap_or("").to_owned(),
        headers: parts.headers,
        body,
    };
    let number = shared.record(record_of(&arrived));
    let response = respond(&shared, live, arrived, fault).await?;
    shared.record_status(number, response.status().as_u16());
    Ok(response)
}

async fn respond(
    shared: &Arc<Shared>,
    live: Arc<Live>,
    arrived: Arrived,
    fault: Option<Action>,
) -> Result<Response<AnswerBody>, Dropped> {
    match &fault {
        Some(Action::Reset) => return Err(Dropped),
        Some(Action::Html) => return Ok(html(shared)),
        Some(Action::Answer(canned)) if !canned.carried_out => {
            return Ok(canned_answer(shared, canned));
        }
        Some(Action::Hang(hang)) if hang.when == When::Before => {
            wait(hang.length).await;
            if hang.close {
                return Err(Dropped);
            }
        }
        Some(Action::Delay(length)) => wait(*length).await,
        _ => {}
    }
    if arrived.path.len() + arrived.query.len() > LONGEST_URI {
        return Ok(send(shared, too_large("414", "URI"), AnswerBody::whole));
    }
    let mut answer = carry_out(shared, live, arrived).await;
    match fault {
        Some(Action::Lost) => Err(Dropped),
        Some(Action::Answer(canned)) => Ok(canned_answer(shared, &canned)),
        Some(Action::Hang(hang)) if hang.when == When::After => {
            wait(hang.length).await;
            if hang.close { Err(Dropped) } else { Ok(send(shared, answer, AnswerBody::whole)) }
        }
        Some(Action::WrongTypes) => {
            shape::wrong_types(&mut answer.body);
            Ok(send(shared, answer, AnswerBody::whole))
        }
        Some(Action::Truncate) => Ok(send(shared, answer, AnswerBody::half)),
        Some(Action::Drip(length)) => {
            Ok(send(shared, answer, |bytes| AnswerBody::slow(bytes, length)))
        }
        _ => Ok(send(shared, answer, AnswerBody::whole)),
    }
}

fn too_large(status: &str, what: &str) -> Answer {
    Answer::gateway(status.parse().unwrap_or(413), "0201", format!("Bad request: {what} too large"))
}

async fn carry_out(shared: &Arc<Shared>, live: Arc<Live>, arrived: Arrived) -> Answer {
    let worker = Arc::clone(shared);
    let work = move || carry_out_now(&worker, &live, &arrived);
    if !shared.store.is_file() {
        return work();
    }
    // Waiting for the lock of a file must not hold up the other connections.
    match tokio::task::spawn_blocking(work).await {
        Ok(answer) => answer,
        Err(_) => Answer::error(500, "50005000", "internal error"),
    }
}

fn carry_out_now(shared: &Shared, live: &Live, arrived: &Arrived) -> Answer {
    let mut call = Call {
        signed: Signed {
            method: &arrived.method,
            path: &arrived.path,
            query: &arrived.query,
            headers: &arrived.headers,
            body: &arrived.body,
        },
        query: Query::new(&arrived.query),
        live,
        gate: &shared.gate,
        speed: shared.speed,
        now: shared.now(),
        gateway_now: shared.now() + live.scenario.clock_offset.milliseconds,
    };
    let outcome = match router::carry_out(&shared.store, &mut call) {
        Ok(outcome) => outcome,
        Err(error) => return router::broken(&error),
    };
    if outcome.destroyed {
        shared.destructive.fetch_add(1, Ordering::SeqCst);
    }
    let mut answer = outcome.answer;
    if answer.is_success() {
        let answers = &live.scenario.answers;
        shape::apply(&mut answer.body, answers, shared.answers.fetch_add(1, Ordering::Relaxed));
        if !answers.order_names {
            remove_order_names(&mut answer.body);
        }
        let quiet = arrived.method == "DELETE" || arrived.path.contains("/nodes/batch-");
        if answers.empty_bodies && quiet {
            answer.body = Value::Null;
        }
    }
    answer
}

fn remove_order_names(body: &mut Value) {
    let strip = |pool: &mut Value| {
        let labels = pool.pointer_mut("/metadata/labels").and_then(Value::as_object_mut);
        labels.map(|labels| labels.remove("os.modelarts/order.name"));
    };
    strip(body);
    body.get_mut("items").and_then(Value::as_array_mut).into_iter().flatten().for_each(strip);
}

/// Reads a request's body; `None` when it is too large.
async fn read_body(mut body: Incoming) -> Result<Option<Bytes>, Dropped> {
    let mut bytes = Vec::new();
    loop {
        match poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
            None => return Ok(Some(bytes.into())),
            Some(Err(_)) => return Err(Dropped),
            Some(Ok(frame)) => {
                if let Ok(data) = frame.into_data() {
                    bytes.extend_from_slice(&data);
                }
                if bytes.len() > LARGEST_BODY {
                    return Ok(None);
                }
            }
        }
    }
}

async fn wait(length: Span) {
    match length {
        Span::For(length) => tokio::time::sleep(length).await,
        Span::Never => pending().await,
    }
}

fn html(shared: &Shared) -> Response<AnswerBody> {
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

fn canned_answer(shared: &Shared, canned: &Canned) -> Response<AnswerBody> {
    let text = match &canned.body {
        None => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
    };
    let given = canned.headers.iter();
    let headers = given.map(|(name, value)| (name.clone(), value.clone())).collect();
    build(shared, canned.status, headers, AnswerBody::whole(text.into()))
}

/// Turns an answer into HTTP.
fn send(
    shared: &Shared,
    mut answer: Answer,
    shape: impl FnOnce(Bytes) -> AnswerBody,
) -> Response<AnswerBody> {
    let id = request_id(shared);
    if answer.kind == Kind::Gateway {
        answer.body["request_id"] = Value::from(id.clone());
    }
    let text = if answer.body.is_null() { String::new() } else { answer.body.to_string() };
    let mut headers = answer.headers;
    headers.push(("X-Request-Id".to_owned(), id));
    build(shared, answer.status, headers, shape(text.into()))
}

fn request_id(shared: &Shared) -> String {
    let number = shared.answers.fetch_add(1, Ordering::Relaxed);
    id32(&format!("request {} {number}", shared.now()))
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
        ("Date".to_owned(), http_date(shared.gateway_now())),
    ];
    for (name, value) in defaults.into_iter().chain(headers) {
        let name = name.parse::<HeaderName>();
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(&value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

fn http_date(now: i64) -> String {
    jiff::Timestamp::from_millisecond(now)
        .map(|time| time.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string())
        .unwrap_or_default()
}

fn record_of(arrived: &Arrived) -> Recorded {
    let text = |name: &HeaderName, value: &HeaderValue| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    let is_secret = |name: &str| name == "authorization" || name.contains("token");
    let headers: Vec<(String, String)> = arrived
        .headers
        .iter()
        .filter(|(name, _)| !is_secret(name.as_str()))
        .map(|(name, value)| text(name, value))
        .collect();
    let content_type = headers.iter().find(|(name, _)| name == "content-type");
    let mut body = match arrived.body.as_ref() {
        [] => Value::Null,
        bytes => serde_json::from_slice(bytes)
            .unwrap_or_else(|_| Value::from(String::from_utf8_lossy(bytes).into_owned())),
    };
    if arrived.path.starts_with("/v3") {
        blank_secrets(&mut body);
    }
    Recorded {
        method: arrived.method.clone(),
        path: arrived.path.clone(),
        query: arrived.query.clone(),
        content_type: content_type.map(|(_, value)| value.clone()).unwrap_or_default(),
        headers,
        body,
        status: None,
    }
}

/// Blanks out the secrets of requests to IAM.
fn blank_secrets(value: &mut Value) {
    let Some(map) = value.as_object_mut() else { return };
    for (key, value) in map {
        match key.as_str() {
            "password" | "id" if value.is_string() => *value = Value::from("***"),
            _ => blank_secrets(value),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
