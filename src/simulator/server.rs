//! The HTTP side: connections, faults, records of requests.

use std::{
    future::{pending, poll_fn},
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use hyper::{
    HeaderMap, Request, Response,
    body::{Body, Bytes, Incoming},
};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    answer::{Answer, AnswerBody, Dropped},
    auth::Gate,
    call::{Call, Live, Query},
    faults::{Asked, operation},
    omit::leave_out,
    record::{Records, record},
    reply::{Sending, canned_answer, html, is_compressed, send, send_as},
    router,
    scenario::{Action, When},
    shape,
    signature::Signed,
    span::Span,
    store::Store,
};

const LARGEST_BODY: usize = 12 * 1024 * 1024;
const LONGEST_URI: usize = 32 * 1024;

/// Is what the connections of a simulator share.
pub(super) struct Shared {
    pub(super) store: Store,
    pub(super) gate: Gate,
    pub(super) speed: f64,
    pub(super) destructive: AtomicU64,
    pub(super) records: Records,
    live: Mutex<Arc<Live>>,
    answers: AtomicU64,
}

impl Shared {
    pub(super) fn new(store: Store, gate: Gate, speed: f64, live: Live) -> Self {
        Self {
            store,
            gate,
            speed,
            destructive: AtomicU64::new(0),
            records: Records::new(),
            live: Mutex::new(Arc::new(live)),
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

    /// Counts an answer and returns its number.
    pub(super) fn count_answer(&self) -> u64 {
        self.answers.fetch_add(1, Ordering::Relaxed)
    }

    /// Forgets what was asked, and how often something was destroyed.
    pub(super) fn forget_requests(&self) {
        self.records.forget();
        self.destructive.store(0, Ordering::SeqCst);
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
    // The answers say the time themselves, or do not.
    let mut builder = hyper::server::conn::http1::Builder::new();
    let connection =
        builder.auto_date_header(false).serve_connection(TokioIo::new(stream), service);
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
    let (path, query) = (parts.uri.path(), parts.uri.query().unwrap_or(""));
    let asked = Asked { method: parts.method.as_str(), path, query };
    let fault = live.faults.pick(&live.scenario.faults, &asked);
    let body = match fault {
        Some(Action::Reset) => Bytes::new(),
        _ => match read_body(body).await? {
            Some(body) => body,
            None => return Ok(send(&shared, too_large(413, "body"))),
        },
    };
    let arrived = Arrived {
        method: asked.method.to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        headers: parts.headers,
        body,
    };
    let place = (arrived.path.as_str(), arrived.query.as_str());
    let number =
        shared.records.add(record(&arrived.method, place, &arrived.headers, &arrived.body));
    let response = respond(&shared, live, arrived, fault).await?;
    shared.records.answered(number, response.status().as_u16());
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
        return Ok(send(shared, too_large(414, "URI")));
    }
    let gzip = is_compressed(&live, &arrived.headers);
    let answer = carry_out(shared, live, arrived).await;
    finish(shared, answer, fault, gzip).await
}

/// Sends the answer to a request that has been carried out, as its fault has it.
async fn finish(
    shared: &Shared,
    mut answer: Answer,
    fault: Option<Action>,
    gzip: bool,
) -> Result<Response<AnswerBody>, Dropped> {
    let whole = Sending { gzip, shape: AnswerBody::whole };
    let response = match fault {
        Some(Action::Lost) => return Err(Dropped),
        Some(Action::Answer(canned)) => canned_answer(shared, &canned),
        Some(Action::Hang(hang)) if hang.when == When::After => {
            wait(hang.length).await;
            if hang.close {
                return Err(Dropped);
            }
            send_as(shared, answer, whole)
        }
        Some(Action::WrongTypes) => {
            shape::wrong_types(&mut answer.body);
            send_as(shared, answer, whole)
        }
        Some(Action::Truncate) => {
            send_as(shared, answer, Sending { gzip, shape: AnswerBody::half })
        }
        Some(Action::Drip(length)) => {
            let shape = |bytes| AnswerBody::slow(bytes, length);
            send_as(shared, answer, Sending { gzip, shape })
        }
        _ => send_as(shared, answer, whole),
    };
    Ok(response)
}

fn too_large(status: u16, what: &str) -> Answer {
    Answer::gateway(status, "0201", format!("Bad request: {what} too large"))
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
        let asked = Asked { method: &arrived.method, path: &arrived.path, query: &arrived.query };
        leave_out(&mut answer.body, &answers.leave_out, operation(&asked));
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

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
