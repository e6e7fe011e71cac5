//! Answers and the errors of the service, the gateway and IAM (API reference, errors).

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use hyper::body::{Body, Bytes, Frame, SizeHint};
use serde_json::{Value, json};

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

/// Is a body that is sent whole, or in part before the connection breaks.
pub(super) struct AnswerBody {
    bytes: Bytes,
    /// The length that was announced.
    length: u64,
    state: BodyState,
}

#[derive(PartialEq, Eq)]
enum BodyState {
    Whole,
    Part,
    /// The part is out; the next poll breaks the connection.
    Break,
    Done,
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
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = Dropped;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Dropped>>> {
        match self.state {
            BodyState::Done => Poll::Ready(None),
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
        self.state == BodyState::Done || (self.state == BodyState::Whole && self.length == 0)
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.length)
    }
}
