//! Answers that are streams: what the work says while it goes on, and how it ended.

use std::future::ready;
use std::pin::Pin;

use futures_util::stream::{self, Stream, StreamExt};
use tokio::sync::mpsc;
use tonic::{Response, Status};

use crate::plugin::convert::{diagnostic, diagnostics};
use crate::plugin::proto::tfplugin6 as pb;
use crate::tf::diagnostics::{Diagnostic, Diagnostics};

use super::call::{Answer, answer, is_error};

/// A stream of messages.
pub(super) type Messages<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

/// How work ended that answers with a stream.
#[derive(Debug, Clone, Default)]
pub(super) struct Ended(pub(super) Vec<pb::Diagnostic>);

impl From<Result<(), Diagnostics>> for Ended {
    fn from(ended: Result<(), Diagnostics>) -> Self {
        Self(ended.err().map(diagnostics).unwrap_or_default())
    }
}

impl Answer for Ended {
    fn add(&mut self, error: Diagnostic) {
        self.0.push(diagnostic(error));
    }

    fn counts(&self) -> (usize, usize) {
        let errors = self.0.iter().filter(|one| is_error(one)).count();
        (errors, self.0.len() - errors)
    }
}

/// Answers with what `work` sends, and then with what `last` makes of its end. The
/// work belongs to the stream: it goes on while somebody reads, and ends when
/// nobody does any more.
pub(super) fn streamed<T, W>(
    rpc: &'static str,
    kind: String,
    work: impl FnOnce(mpsc::Sender<T>) -> W,
    last: impl FnOnce(Ended) -> Option<T> + Send + 'static,
) -> Response<Messages<T>>
where
    T: Send + 'static,
    W: Future<Output = Result<(), Diagnostics>> + Send + 'static,
{
    let (sender, mut receiver) = mpsc::channel(1);
    let work = work(sender.clone());
    let working = async move {
        let ended = answer(rpc, &kind, Ended::default(), async { Ended::from(work.await) }).await;
        if let Some(last) = last(ended) {
            // Nobody is there any more to hear it.
            let _ = sender.send(last).await;
        }
    };
    let messages = stream::poll_fn(move |cx| receiver.poll_recv(cx)).map(Ok);
    // It says nothing itself: it is there to be driven.
    let driven = stream::once(working).filter_map(|()| ready(None));
    Response::new(Box::pin(stream::select(messages, driven)))
}
