//! This machine as the core's host: clock, randomness, and what it is called.

use crate::keys::NativeKeys;
use crate::server::{AppServer, Origin};
use crate::setup::Around;
use crate::store::RedbStore;
use purse_core::ports::{Env, Host, Surroundings};
use purse_shared::UnixMillis;
use purse_shared::link::DeviceKind;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

pub struct AppHost {
    pub store: Rc<RedbStore>,
    pub keys: Rc<NativeKeys>,
    pub server: AppServer,
    pub env: AppEnv,
}

impl Host for AppHost {
    type Store = RedbStore;
    type Keys = NativeKeys;
    type Server = AppServer;
    type Env = AppEnv;
    fn store(&self) -> &RedbStore {
        &self.store
    }
    fn keys(&self) -> &NativeKeys {
        &self.keys
    }
    fn server(&self) -> &AppServer {
        &self.server
    }
    fn env(&self) -> &AppEnv {
        &self.env
    }
}

pub struct AppEnv {
    pub origin: Origin,
    pub device_name: String,
    pub around: Arc<dyn Around>,
}

impl Env for AppEnv {
    fn now(&self) -> UnixMillis {
        now()
    }
    #[allow(clippy::expect_used, reason = "as in `crate::random`")]
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the operating system gives random numbers");
    }
    fn device_name(&self) -> String {
        self.device_name.clone()
    }
    fn rp_id(&self) -> String {
        self.origin.host().to_owned()
    }
    fn origin(&self) -> String {
        self.origin.as_str().to_owned()
    }
    fn surroundings(&self) -> Surroundings {
        Surroundings::App
    }
    fn device_kind(&self) -> DeviceKind {
        if cfg!(any(target_os = "android", target_os = "ios")) {
            DeviceKind::Phone
        } else {
            DeviceKind::Desktop
        }
    }
    fn save_file(&self, name: &str, bytes: &[u8]) {
        self.around.offer_file(name, bytes.to_vec());
    }
    async fn breathe(&self) {
        tokio::task::yield_now().await;
    }
}

#[allow(clippy::disallowed_methods, reason = "a host reads the clock")]
pub fn now() -> UnixMillis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixMillis::try_from(since.as_millis()).unwrap_or(UnixMillis::MAX)
}
