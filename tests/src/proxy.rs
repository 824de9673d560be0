//! A network that can be made bad while it is used: a TCP proxy on a port of its own that cuts, delays, or stops
//! passing. Bytes are never changed, lost or reordered inside a connection: TCP would not do that either.

use rand::Rng;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::AbortHandle;

const PIECE_BYTES: usize = 16 * 1_024;

/// Ends its connections when it is dropped.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    weather: Arc<watch::Sender<Weather>>,
    accepting: AbortHandle,
}

/// How the network is just now.
#[derive(Clone, Copy, Debug, Default)]
struct Weather {
    /// Each piece waits for up to this long.
    delay_max: Duration,
    /// Nothing passes, not even an end: the two sides know nothing of each other.
    is_black_hole: bool,
    /// Whoever comes is sent away at once.
    is_shut: bool,
    /// Connections from before the last cut are gone.
    cuts: u64,
}

#[allow(clippy::unwrap_used, reason = "a test's tool")]
impl Proxy {
    /// In front of `to`, which need not be there yet.
    pub async fn start(to: SocketAddr) -> Self {
        Self::start_on(TcpListener::bind("127.0.0.1:0").await.unwrap(), to)
    }

    /// The same at an address that was known before `to` was.
    pub fn start_on(listener: TcpListener, to: SocketAddr) -> Self {
        let address = listener.local_addr().unwrap();
        let weather = Arc::new(watch::Sender::new(Weather::default()));
        let seen = weather.clone();
        let accepting = tokio::spawn(async move {
            loop {
                if let Ok((from, _)) = listener.accept().await {
                    tokio::spawn(connection(from, to, seen.subscribe()));
                }
            }
        });
        Self { address, weather, accepting: accepting.abort_handle() }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends all connections; new ones may come.
    pub fn cut(&self) {
        self.weather.send_modify(|weather| weather.cuts += 1);
    }

    /// Every piece waits for a time between nothing and `at_most`.
    pub fn delay(&self, at_most: Duration) {
        self.weather.send_modify(|weather| weather.delay_max = at_most);
    }

    /// Passes nothing on until [`heal`](Self::heal); what was sent meanwhile arrives then.
    pub fn black_hole(&self) {
        self.weather.send_modify(|weather| weather.is_black_hole = true);
    }

    /// Ends all connections, and lets none in until [`heal`](Self::heal): no network, and the system says so.
    pub fn shut(&self) {
        self.weather.send_modify(|weather| {
            weather.is_shut = true;
            weather.cuts += 1;
        });
    }

    /// No delay, no black hole, open. What was cut stays cut.
    pub fn heal(&self) {
        self.weather.send_modify(|weather| *weather = Weather { cuts: weather.cuts, ..Weather::default() });
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
        self.cut();
    }
}

async fn connection(from: TcpStream, to: SocketAddr, weather: watch::Receiver<Weather>) {
    let mut own = weather.clone();
    let Weather { cuts, is_shut, .. } = *own.borrow_and_update();
    if is_shut {
        return;
    }
    let talk = async {
        pass(&mut weather.clone()).await;
        let Ok(to) = TcpStream::connect(to).await else { return };
        // A proxy that gathers pieces would be a delay of its own.
        if from.set_nodelay(true).and(to.set_nodelay(true)).is_err() {
            return;
        }
        let ((from_read, from_write), (to_read, to_write)) = (from.into_split(), to.into_split());
        futures::join!(
            one_way(from_read, to_write, weather.clone()),
            one_way(to_read, from_write, weather.clone())
        );
    };
    tokio::select! {
        () = talk => {}
        // An error means that the proxy is gone: an end as well.
        _cut = own.wait_for(|weather| weather.cuts != cuts) => {}
    }
}

async fn one_way(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut weather: watch::Receiver<Weather>) {
    let mut piece = vec![0; PIECE_BYTES];
    // A connection that broke ends here as one that was closed.
    while let Ok(length @ 1..) = from.read(&mut piece).await {
        pass(&mut weather).await;
        if to.write_all(&piece[..length]).await.is_err() {
            return;
        }
    }
    pass(&mut weather).await;
    drop(to.shutdown().await);
}

/// As long as the network takes.
async fn pass(weather: &mut watch::Receiver<Weather>) {
    let delay_max = weather.borrow().delay_max;
    if !delay_max.is_zero() {
        let share = rand::rng().random_range(0.0..1.0);
        tokio::time::sleep(delay_max.mul_f64(share)).await;
    }
    // An error means that the proxy is gone, and its connections are cut.
    drop(weather.wait_for(|weather| !weather.is_black_hole).await);
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn echo() -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let (mut read, mut write) = stream.split();
                    tokio::io::copy(&mut read, &mut write).await
                });
            }
        });
        address
    }

    async fn says(stream: &mut TcpStream) -> Option<u8> {
        tokio::time::timeout(Duration::from_millis(200), stream.read_u8()).await.ok().map(Result::unwrap)
    }

    #[tokio::test]
    async fn holds_and_cuts() {
        let proxy = Proxy::start(echo().await).await;
        let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
        stream.write_u8(1).await.unwrap();
        assert_eq!(says(&mut stream).await, Some(1));
        proxy.black_hole();
        stream.write_u8(2).await.unwrap();
        assert_eq!(says(&mut stream).await, None, "nothing passes");
        proxy.heal();
        assert_eq!(says(&mut stream).await, Some(2), "what was sent meanwhile arrives");
        proxy.delay(Duration::from_millis(20));
        stream.write_u8(3).await.unwrap();
        assert_eq!(says(&mut stream).await, Some(3));
        proxy.cut();
        let end = tokio::time::timeout(Duration::from_secs(5), stream.read_u8()).await;
        assert!(end.unwrap().is_err(), "cut");
        let mut again = TcpStream::connect(proxy.address()).await.unwrap();
        again.write_u8(4).await.unwrap();
        assert_eq!(says(&mut again).await, Some(4), "new ones may come");
        proxy.shut();
        let end = tokio::time::timeout(Duration::from_secs(5), again.read_u8()).await;
        assert!(end.unwrap().is_err(), "cut as well");
        let mut late = TcpStream::connect(proxy.address()).await.unwrap();
        let end = tokio::time::timeout(Duration::from_secs(5), late.read_u8()).await;
        assert!(end.unwrap().is_err(), "sent away");
        proxy.heal();
        let mut open = TcpStream::connect(proxy.address()).await.unwrap();
        open.write_u8(5).await.unwrap();
        assert_eq!(says(&mut open).await, Some(5));
    }
}
