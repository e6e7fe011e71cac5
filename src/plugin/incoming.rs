//! Connections from the host, as a stream for the gRPC server.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::stream::{self, Stream};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tonic::transport::server::Connected;
use tracing::warn;

use super::listener::{Io, Listener};
use super::shutdown::{Lifetime, OpenConnection};

/// How long a peer may take to prove itself.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// How long to wait after the system refused a connection (no descriptors).
const REFUSED: Duration = Duration::from_millis(100);

/// A connection whose peer may be answered.
pub(crate) struct Connection {
    io: Box<dyn Io>,
    _open: OpenConnection,
}

/// Accepts connections until the process goes, and passes on those whose peer
/// has proved itself. The listener is dropped, and its file removed, when the
/// returned future ends.
pub(crate) fn accept(
    listener: Listener,
    tls: Option<TlsAcceptor>,
    lifetime: Arc<Lifetime>,
) -> (impl Future<Output = ()>, impl Stream<Item = io::Result<Connection>>) {
    let (sender, mut receiver) = mpsc::channel(1);
    let over = lifetime.over();
    let accepting = async move {
        let mut handshakes = JoinSet::new();
        loop {
            tokio::select! {
                () = over.cancelled() => return,
                Some(_) = handshakes.join_next() => {}
                accepted = listener.accept() => match accepted {
                    Ok(io) => {
                        let (tls, lifetime) = (tls.clone(), Arc::clone(&lifetime));
                        handshakes.spawn(admit(io, tls, lifetime, sender.clone()));
                    }
                    Err(error) => {
                        warn!(%error, "cannot accept a connection");
                        sleep(REFUSED).await;
                    }
                },
            }
        }
    };
    (accepting, stream::poll_fn(move |cx| receiver.poll_recv(cx)))
}

async fn admit(
    io: Box<dyn Io>,
    tls: Option<TlsAcceptor>,
    lifetime: Arc<Lifetime>,
    admitted: mpsc::Sender<io::Result<Connection>>,
) {
    let io: Box<dyn Io> = match tls {
        None => io,
        Some(tls) => match timeout(HANDSHAKE, tls.accept(io)).await {
            Ok(Ok(stream)) => Box::new(stream),
            Ok(Err(error)) => return warn!(%error, "refused a connection"),
            Err(_) => return warn!("refused a connection that did not prove itself in time"),
        },
    };
    // An error means that the process is going.
    let _ = admitted.send(Ok(Connection { io, _open: lifetime.connected() })).await;
}

impl Connected for Connection {
    type ConnectInfo = ();

    fn connect_info(&self) -> Self::ConnectInfo {}
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(cx, buffers)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }
}
