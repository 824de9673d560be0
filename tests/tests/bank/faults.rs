//! What happens to the bank, drawn from the seed: processes killed, and the network made bad, one beside the other.

use crate::world::{SERVERS, World};
use purse_tests::process::Server;
use rand::Rng;
use rand::rngs::StdRng;
use std::time::{Duration, Instant};

/// How often each was done.
#[derive(Debug, Default)]
pub struct Done {
    server_kills: usize,
    kills_while_starting: usize,
    postgres_kills: usize,
    cuts: usize,
    delays: usize,
    black_holes: usize,
}

impl Done {
    pub fn and(self, other: Self) -> Self {
        Self {
            server_kills: self.server_kills + other.server_kills,
            kills_while_starting: self.kills_while_starting + other.kills_while_starting,
            postgres_kills: self.postgres_kills + other.postgres_kills,
            cuts: self.cuts + other.cuts,
            delays: self.delays + other.delays,
            black_holes: self.black_holes + other.black_holes,
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum Victim {
    Postgres,
    Server(usize),
}

#[derive(Clone, Copy, Debug)]
enum Network {
    Cut,
    Delay,
    BlackHole,
}

const VICTIMS: [Victim; SERVERS + 1] = [Victim::Postgres, Victim::Server(0), Victim::Server(1)];
const NETWORK: [Network; 4] = [Network::Cut, Network::Cut, Network::Delay, Network::BlackHole];

/// As from a deck of cards: also a short run meets each kind.
struct Deck<T: 'static> {
    all: &'static [T],
    left: Vec<T>,
}

impl<T: Copy> Deck<T> {
    fn new(all: &'static [T]) -> Self {
        Self { all, left: Vec::new() }
    }
    fn draw(&mut self, rng: &mut StdRng) -> T {
        if self.left.is_empty() {
            self.left = self.all.to_vec();
        }
        self.left.swap_remove(rng.random_range(0..self.left.len()))
    }
}

async fn wait(rng: &mut StdRng, ms: std::ops::Range<u64>) {
    tokio::time::sleep(Duration::from_millis(rng.random_range(ms))).await;
}

/// Until `end`; after that every process runs.
pub async fn kill(world: &World, servers: &mut [Server], mut rng: StdRng, end: Instant) -> Done {
    let mut done = Done::default();
    let mut victims = Deck::new(&VICTIMS);
    wait(&mut rng, 200..800).await;
    while Instant::now() < end {
        match victims.draw(&mut rng) {
            Victim::Postgres => {
                world.postgres.kill().await;
                done.postgres_kills += 1;
                wait(&mut rng, 0..1_000).await;
                world.postgres.restart().await;
            }
            Victim::Server(n) => {
                let server = &mut servers[n];
                server.kill().await;
                done.server_kills += 1;
                wait(&mut rng, 0..800).await;
                if rng.random_bool(0.25) {
                    server.launch();
                    wait(&mut rng, 0..300).await;
                    server.kill().await;
                    done.kills_while_starting += 1;
                }
                // As whatever keeps a service running would.
                while !server.try_restart().await.starts_with("Purse is at") {
                    wait(&mut rng, 50..500).await;
                }
            }
        }
        wait(&mut rng, 100..2_000).await;
    }
    done
}

/// Mostly a moment.
const BAD_MS: std::ops::Range<u64> = 100..2_500;
/// Longer than some patience of the server, or than all of it.
const VERY_BAD_MS: std::ops::Range<u64> = 5_000..25_000;

/// Until `end`; after that the network is as good as it was. `may_last`: bad times are sometimes long.
pub async fn disturb(world: &World, may_last: bool, mut rng: StdRng, end: Instant) -> Done {
    let mut done = Done::default();
    let proxies = world.proxies();
    let mut kinds = Deck::new(&NETWORK);
    while Instant::now() < end {
        wait(&mut rng, 50..800).await;
        let proxy = proxies[rng.random_range(0..proxies.len())];
        match kinds.draw(&mut rng) {
            Network::Cut => {
                proxy.cut();
                done.cuts += 1;
                continue;
            }
            Network::Delay => {
                proxy.delay(Duration::from_millis(rng.random_range(5..200)));
                done.delays += 1;
            }
            Network::BlackHole => {
                proxy.black_hole();
                done.black_holes += 1;
            }
        }
        let lasts = may_last && rng.random_bool(0.1);
        wait(&mut rng, if lasts { VERY_BAD_MS } else { BAD_MS }).await;
        if rng.random_bool(0.3) {
            // What was on its way never arrives.
            proxy.cut();
            done.cuts += 1;
        }
        proxy.heal();
    }
    done
}
