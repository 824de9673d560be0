//! Two real servers on one durable PostgreSQL, with a proxy before each server and one between each server and the
//! database.

use purse_tests::Client;
use purse_tests::own_postgres::OwnPostgres;
use purse_tests::process::Server;
use purse_tests::proxy::Proxy;
use std::net::SocketAddr;
use std::path::PathBuf;

pub const SERVERS: usize = 2;
/// By how much the servers' clocks are wrong, in milliseconds: whenever a branch's writer moves from one to the other,
/// its time jumps by minutes, back and forth. (Together less than the time that a ceremony has.)
const CLOCKS_MS: [i64; SERVERS] = [100_000, -100_000];

pub struct World {
    pub postgres: OwnPostgres,
    /// What both servers and their clients know as the address; passkeys are bound to it.
    origin: String,
    /// Clients reach server `n` through `fronts[n]`, and it the database through `backs[n]`.
    fronts: Vec<Proxy>,
    backs: Vec<Proxy>,
    audit_dir: PathBuf,
}

impl World {
    /// With its servers, which are killed and restarted apart from the rest.
    pub async fn start(branches: u16) -> (Self, Vec<Server>) {
        let unique = uuid::Uuid::new_v4().simple();
        let postgres = OwnPostgres::start().await;
        let audit_dir = std::env::temp_dir().join(format!("purse-bank-audit-{unique}"));
        std::fs::create_dir_all(&audit_dir).unwrap();
        let url = url::Url::parse(&postgres.url()).unwrap();
        let address = SocketAddr::from(([127, 0, 0, 1], url.port().unwrap()));
        let mut world =
            Self { postgres, origin: String::new(), fronts: Vec::new(), backs: Vec::new(), audit_dir };
        let mut servers = Vec::new();
        for clock in CLOCKS_MS {
            let back = Proxy::start(address).await;
            let mut url = url.clone();
            url.set_port(Some(back.address().port())).unwrap();
            let mut settings = vec![
                ("PURSE_AUDIT_KEY", world.audit_dir.join("audit.key").to_string_lossy().into_owned()),
                ("PURSE_BRANCHES", branches.to_string()),
                ("PURSE_SANDBOX_CLOCK_MS", clock.to_string()),
                ("PURSE_LIMIT_DAY_MAJOR", "1000000000".to_owned()),
                ("PURSE_LIMIT_NEW_DEVICE_MAJOR", "1000000000".to_owned()),
            ];
            if !world.origin.is_empty() {
                settings.push(("PURSE_PUBLIC_URL", world.origin.clone()));
            }
            let mut server = Server::prepare(url.as_str(), settings);
            if world.origin.is_empty() {
                world.origin = server.origin();
            }
            server.restart().await;
            world.fronts.push(Proxy::start(server.address()).await);
            world.backs.push(back);
            servers.push(server);
        }
        (world, servers)
    }

    /// One for each server, through its proxy.
    pub fn clients(&self) -> Vec<Client> {
        let client = |front: &Proxy| Client::new(&format!("http://{}", front.address()), &self.origin);
        self.fronts.iter().map(client).collect()
    }

    /// All places where the network can be bad.
    pub fn proxies(&self) -> Vec<&Proxy> {
        self.fronts.iter().chain(&self.backs).collect()
    }

    /// Around all proxies: for whoever looks at the rows.
    pub fn database_url(&self) -> String {
        self.postgres.url()
    }

    pub async fn remove(self) {
        self.postgres.remove().await;
        std::fs::remove_dir_all(self.audit_dir).unwrap();
    }
}
