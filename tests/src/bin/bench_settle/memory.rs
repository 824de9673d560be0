//! What a device costs that only listens: the server's memory with ten thousand live streams, over that without.

use super::http::session;
use super::world::World;
use std::net::Ipv4Addr;
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpSocket, TcpStream};
use tokio::process::{Child, Command};

const DEVICES: usize = 10_000;
/// From one address: servers bound how many they take.
const PER_ADDRESS: usize = 200;

struct Server {
    child: Child,
    address: std::net::SocketAddr,
    data_dir: std::path::PathBuf,
}

impl Server {
    async fn start(database_url: &str) -> Self {
        let data_dir = std::env::temp_dir().join(format!("purse-bench-server-{}", std::process::id()));
        let mut child = Command::new(std::env::var_os("PURSE_SERVER_BIN").expect("PURSE_SERVER_BIN"))
            .env("DATABASE_URL", database_url)
            .env("PURSE_DATA_DIR", &data_dir)
            .env("PURSE_LISTEN", "127.0.0.1:0")
            .env("PURSE_RATE_PER_MINUTE", "1000000")
            .env("RUST_LOG", "error")
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let port = loop {
            let line = lines.next_line().await.unwrap().expect("the server starts");
            if let Some((_, port)) = line.rsplit_once(':') {
                break port.trim().parse().unwrap();
            }
        };
        Self { child, address: (Ipv4Addr::LOCALHOST, port).into(), data_dir }
    }

    /// Resident memory of its own: pages of the program's file come and go as the kernel likes.
    fn bytes(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id().unwrap())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).unwrap();
        line.split_whitespace().next().unwrap().parse::<f64>().unwrap() * 1_024.0
    }

    async fn stop(mut self) {
        self.child.kill().await.unwrap();
        std::fs::remove_dir_all(self.data_dir).unwrap();
    }
}

async fn listen(server: &Server, n: usize, token: &str) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    let from = Ipv4Addr::new(
        127,
        1,
        u8::try_from(n / PER_ADDRESS / 200).unwrap(),
        u8::try_from(n / PER_ADDRESS % 200 + 1).unwrap(),
    );
    socket.bind((from, 0).into()).unwrap();
    let mut stream = socket.connect(server.address).await.unwrap();
    let request =
        format!("GET /api/v1/live HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = [0; 512];
    let length = stream.read(&mut answer).await.unwrap();
    assert!(answer[..length].starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer[..length]));
    stream
}

/// Bytes for each.
pub async fn per_idle_device(world: &World) -> f64 {
    // Both ends of ten thousand connections, and what is open already.
    if rustix::process::getrlimit(rustix::process::Resource::Nofile)
        .current
        .is_some_and(|files| files < 12_000)
    {
        let wanted = rustix::process::Rlimit {
            current: Some(20_000),
            maximum: rustix::process::getrlimit(rustix::process::Resource::Nofile).maximum,
        };
        rustix::process::setrlimit(rustix::process::Resource::Nofile, wanted).expect("12,000 open files");
    }
    let server = Server::start(&world.server.database_url).await;
    // Everything that the first requests set up.
    let mut streams = Vec::with_capacity(DEVICES);
    let mut tokens = Vec::with_capacity(DEVICES);
    for who in 0..DEVICES {
        tokens.push(session(world, who).await);
    }
    for (n, token) in tokens.iter().take(100).enumerate() {
        streams.push(listen(&server, n, token).await);
    }
    let before = server.bytes();
    for (n, token) in tokens.iter().enumerate().skip(100) {
        streams.push(listen(&server, n, token).await);
    }
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    let per_device = (server.bytes() - before) / (DEVICES - 100) as f64;
    drop(streams);
    server.stop().await;
    per_device
}
