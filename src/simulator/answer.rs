//! Answers and the errors of the service, the gateway and IAM (API reference, errors).

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use hyper::body::{Body, Bytes, Frame, SizeHint};
use serde_json::{Value, json};
use tokio::time::{Instant, Sleep, sleep};

use super::span::Span;

/// The number of pieces that a slow body comes in.
const PIECES: u32 = 20;

/// Holds the result of a check, or the answer that refuses the request.
pub(super) type Check<T = ()> = Result<T, Answer>;

/// Is what the service says, before it becomes HTTP.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// JSON; null is an empty body.
    pub(super) body: Value,
    pub(super) headers: Vec<(String, String)>,
    pub(super) kind: Kind,
}

/// Says whether the gateway's request ID belongs into the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Plain,
    Gateway,
}

impl Answer {
    pub(super) fn ok(body: Value) -> Self {
        Self::with(200, body)
    }

    pub(super) fn with(status: u16, body: Value) -> Self {
        Self { status, body, headers: Vec::new(), kind: Kind::Plain }
    }

    pub(super) fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// Makes an error of the service, such as `ModelArts.50015001`.
    pub(super) fn error(status: u16, code: &str, message: impl Into<String>) -> Self {
        let message: String = message.into();
        let body = json!({ "error_code": format!("ModelArts.{code}"), "error_msg": message });
        Self::with(status, body)
    }

    /// Makes an error of the gateway, such as `APIGW.0301`; it carries the request ID.
    pub(super) fn gateway(status: u16, code: &str, message: impl Into<String>) -> Self {
        let message: String = message.into();
        let body = json!({ "error_code": format!("APIGW.{code}"), "error_msg": message });
        Self { kind: Kind::Gateway, ..Self::with(status, body) }
    }

    /// Makes an error in IAM's nested form.
    pub(super) fn iam(status: u16, title: &str, message: impl Into<String>) -> Self {
        let message: String = message.into();
        let error = json!({ "code": status, "message": message, "title": title });
        Self::with(status, json!({ "error": error }))
    }

    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// Refuses a request with the service's general code for bad requests.
pub(super) fn bad(detail: impl AsRef<str>) -> Answer {
    Answer::error(400, "50004000", format!("Bad request. {}", detail.as_ref()))
}

/// Is a body that is sent whole, in part before the connection breaks, or bit by bit.
pub(super) struct AnswerBody {
    bytes: Bytes,
    /// The length that was announced.
    length: u64,
    state: BodyState,
}

enum BodyState {
    Whole,
    Part,
    /// The next piece goes out when the pause is over.
    Slow(Pause),
    /// The part is out; the next poll breaks the connection.
    Break,
    Done,
}

/// Is the time between two pieces of a slow body.
struct Pause {
    length: Duration,
    left: Pin<Box<Sleep>>,
}

/// Is the error that makes the connection end without the rest of an answer.
#[derive(Debug, thiserror::Error)]
#[error("the scenario ends the connection here")]
pub(super) struct Dropped;

impl AnswerBody {
    pub(super) fn whole(bytes: Bytes) -> Self {
        let length = bytes.len() as u64;
        Self { bytes, length, state: BodyState::Whole }
    }

    /// Announces the whole length and sends half of it.
    pub(super) fn half(bytes: Bytes) -> Self {
        let length = bytes.len() as u64;
        Self { bytes: bytes.slice(..bytes.len() / 2), length, state: BodyState::Part }
    }

    /// Sends small pieces that take so long together; `never` ends after the headers.
    pub(super) fn slow(bytes: Bytes, time: Span) -> Self {
        let length = match time {
            Span::For(time) => time / PIECES,
            Span::Never => Duration::from_secs(u32::MAX.into()),
        };
        let pause = Pause { length, left: Box::pin(sleep(length)) };
        Self { length: bytes.len() as u64, bytes, state: BodyState::Slow(pause) }
    }

    /// Takes off the next of the pieces of a slow body.
    fn piece(&mut self) -> Bytes {
        let size = usize::try_from(self.length.div_ceil(u64::from(PIECES))).unwrap_or(usize::MAX);
        let piece = self.bytes.split_to(size.min(self.bytes.len()));
        if self.bytes.is_empty() {
            self.state = BodyState::Done;
        }
        piece
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = Dropped;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Dropped>>> {
        if let BodyState::Slow(pause) = &mut self.state {
            ready!(pause.left.as_mut().poll(context));
            pause.left.as_mut().reset(Instant::now() + pause.length);
            let piece = self.piece();
            return Poll::Ready((!piece.is_empty()).then(|| Ok(Frame::data(piece))));
        }
        match self.state {
            BodyState::Slow(_) | BodyState::Done => Poll::Ready(None),
            BodyState::Break => {
                self.state = BodyState::Done;
                Poll::Ready(Some(Err(Dropped)))
            }
            BodyState::Whole => {
                self.state = BodyState::Done;
                let bytes = std::mem::take(&mut self.bytes);
                Poll::Ready((!bytes.is_empty()).then(|| Ok(Frame::data(bytes))))
            }
            BodyState::Part if self.bytes.is_empty() => {
                // One turn of the connection in between, so that the part reaches the socket.
                self.state = BodyState::Break;
                context.waker().wake_by_ref();
                Poll::Pending
            }
            BodyState::Part => Poll::Ready(Some(Ok(Frame::data(std::mem::take(&mut self.bytes))))),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self.state {
            BodyState::Done => true,
            BodyState::Whole => self.length == 0,
            _ => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.length)
    }
}
