//! Bounded connections: so many at once, so many of one address, and none that stays silent for ever.

use super::places::{Place, Places};
use super::rate::one_network;
use crate::network::Network;
use axum::serve::Listener;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, Sleep};

/// Ten thousand idle devices each hold a live stream, and make requests beside it.
const CONNECTIONS_MAX: usize = 20_480;
/// Of one address, or one /64 of IPv6. A whole office may be behind one.
const OF_ADDRESS_MAX: usize = 512;
/// A request's head, and the wait for it on a connection that is kept.
pub const HEAD_WITHIN: Duration = Duration::from_secs(15);
/// HTTP/2's preface (RFC 9113, 3.4): with less than that the protocol is not known yet, and hyper waits for ever.
const PREFACE_BYTES: usize = 24;
/// Longer than the live stream's keep-alive.
pub const SILENCE: Duration = Duration::from_secs(90);

/// Who is at the other end.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// What is listened to, and who is there.
#[derive(Debug)]
pub struct Connections {
    listener: TcpListener,
    free: Arc<Semaphore>,
    of_address: Places<IpAddr>,
    trusted: Vec<Network>,
}

impl Connections {
    /// Those of `trusted` proxies are other people's, and not counted.
    pub fn new(listener: TcpListener, trusted: Vec<Network>) -> Self {
        let free = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        Self { listener, free, of_address: Places::new(OF_ADDRESS_MAX), trusted }
    }

    /// Waits for a free place first: what does not fit waits in the kernel's queue. Of one address what is too much
    /// is closed.
    pub async fn accept(&mut self) -> Connection {
        let place = loop {
            match self.free.clone().acquire_owned().await {
                Ok(place) => break place,
                Err(_never_closed) => tokio::task::yield_now().await,
            }
        };
        loop {
            // axum's own: it waits a little where the process has no file descriptor left.
            let (stream, peer) = Listener::accept(&mut self.listener).await;
            let is_trusted = self.trusted.iter().any(|network| network.contains(peer.ip()));
            let of_address = if is_trusted || peer.ip().to_canonical().is_loopback() {
                None
            } else {
                let Some(place) = self.of_address.take(one_network(peer.ip())) else { continue };
                Some(place)
            };
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(%error, "no TCP_NODELAY");
            }
            let silence = Box::pin(tokio::time::sleep(HEAD_WITHIN));
            return Connection {
                stream,
                peer,
                is_trusted,
                silence,
                read: 0,
                _place: place,
                _of_address: of_address,
            };
        }
    }
}

/// Ends itself after [`SILENCE`] without a byte either way, and when its first bytes do not come.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    pub peer: SocketAddr,
    /// A proxy of ours: it is not slow on purpose, and keeps connections for later.
    pub is_trusted: bool,
    silence: Pin<Box<Sleep>>,
    /// Bytes, until they are enough to know the protocol by.
    read: usize,
    _place: OwnedSemaphorePermit,
    _of_address: Option<Place<IpAddr>>,
}

impl Connection {
    fn noticed<T>(&mut self, cx: &mut Context<'_>, poll: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if poll.is_ready() {
            if self.read >= PREFACE_BYTES {
                self.silence.as_mut().reset(Instant::now() + SILENCE);
            }
            return poll;
        }
        match self.silence.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let poll = Pin::new(&mut self.stream).poll_read(cx, buf);
        self.read = self.read.saturating_add(buf.filled().len() - before);
        self.noticed(cx, poll)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        let poll = Pin::new(&mut self.stream).poll_write(cx, data);
        self.noticed(cx, poll)
    }
    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        data: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let poll = Pin::new(&mut self.stream).poll_write_vectored(cx, data);
        self.noticed(cx, poll)
    }
    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
