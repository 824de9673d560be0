//! What a stranger can make without anybody's help: link requests with keys of their own.

use crate::person::TestDevice;
use purse_shared::link::{Back, DeviceKind, LinkCode, LinkRequest, OneTimeKey, Purpose, redeem_message};
use purse_shared::protocol::{Bytes, LinkRedeem};

/// A device that nobody let in, and its request.
pub struct Asking {
    pub device: TestDevice,
    pub one_time: OneTimeKey,
    pub request: LinkRequest,
}

#[allow(clippy::unwrap_used, reason = "a test's tool")]
impl Asking {
    pub fn of(device: TestDevice, purpose: Purpose, back: Back) -> Self {
        let one_time = OneTimeKey::new(rand::random());
        let request = LinkRequest {
            purpose,
            device: device.id,
            device_key: device.public_key().try_into().unwrap(),
            name: "Purse on a laptop".to_owned(),
            kind: DeviceKind::Desktop,
            answer_key: one_time.public(),
            nonce: rand::random(),
            back,
        };
        Self { device, one_time, request }
    }

    pub fn to_be_let_in(now: purse_shared::UnixMillis, back: Back) -> Self {
        Self::of(TestDevice::new(now), Purpose::LetIn { user: None, account: None }, back)
    }

    pub fn bytes(&self) -> Bytes {
        Bytes(self.request.to_bytes())
    }

    pub fn redemption(&self, code: &LinkCode) -> LinkRedeem {
        let proof = Bytes(self.device.sign(&redeem_message(code, self.request.hash())));
        LinkRedeem { request: self.bytes(), code: code.clone(), proof }
    }
}
