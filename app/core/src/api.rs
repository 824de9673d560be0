//! The sync server, typed: one function per request that the core makes.

use crate::ports::{Call, Method, Server, Unreachable};
use purse_shared::audit::Receipt;
use purse_shared::link::LinkHash;
use purse_shared::protocol::{
    AddPasskeyFinish, AuditKeyRecord, BalanceRecord, Ceremony, ConfirmFinish, DepositReply, DepositRequest,
    DeviceRecord, HandleRecord, LinkApproved, LinkFind, LinkFinish, LinkPost, LinkPosted, LinkRecord,
    LinkRedeem, LinkStart, OpenWallet, PasskeyRecord, PaymentMethodRecord, Problem, ProblemCode, PutRecovery,
    Quote, QuoteRequest, RegisterFinish, RegisterStart, Rename, RenewChallenge, RenewFinish, RenewStart,
    ReportRequest, SignInFinish, SignedIn, SyncReply, SyncRequest, TransactionStatus, VaultState,
};
use purse_shared::{DeviceId, Handle, TransactionId, UserId};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Why a request did not do what was asked.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ServerError {
    #[error(transparent)]
    Unreachable(#[from] Unreachable),
    #[error("{}", .0.detail)]
    Problem(Problem),
    /// The answer is not what this protocol says (a proxy's page, for instance): as good as none.
    #[error("the answer could not be read")]
    Unreadable,
}

impl ServerError {
    pub fn code(&self) -> Option<ProblemCode> {
        match self {
            Self::Problem(problem) => ProblemCode::ALL.iter().copied().find(|c| c.as_str() == problem.code),
            Self::Unreachable(_) | Self::Unreadable => None,
        }
    }
    /// There is no way to the server now, or no session: said by the network's state, whatever was asked.
    pub fn is_about_the_connection(&self) -> bool {
        match self {
            Self::Unreachable(_) | Self::Unreadable => true,
            Self::Problem(_) => matches!(
                self.code(),
                Some(ProblemCode::SignInNeeded | ProblemCode::DeviceRevoked | ProblemCode::UpdateRequired)
            ),
        }
    }
    pub fn retry_after_s(&self) -> Option<u32> {
        match self {
            Self::Problem(problem) => problem.retry_after,
            Self::Unreachable(_) | Self::Unreadable => None,
        }
    }
}

type Answer<T> = Result<T, ServerError>;

/// Requests through the host's connection.
pub struct Api<'a, S>(pub &'a S);

impl<S: Server> Api<'_, S> {
    pub async fn register_start(&self, request: &RegisterStart) -> Answer<Ceremony> {
        self.post("/users/register", request).await
    }
    pub async fn register_finish(&self, request: &RegisterFinish) -> Answer<SignedIn> {
        self.post("/users/register/finish", request).await
    }
    pub async fn sign_in_start(&self) -> Answer<Ceremony> {
        self.call(Method::Post, "/session/start", None).await
    }
    pub async fn sign_in_finish(&self, request: &SignInFinish) -> Answer<SignedIn> {
        self.post("/session/finish", request).await
    }
    pub async fn renew_start(&self, device: DeviceId) -> Answer<RenewChallenge> {
        self.post("/session/renew/start", &RenewStart { device }).await
    }
    pub async fn renew_finish(&self, request: &RenewFinish) -> Answer<SignedIn> {
        self.post("/session/renew/finish", request).await
    }
    pub async fn confirm_start(&self) -> Answer<Ceremony> {
        self.call(Method::Post, "/session/confirm/start", None).await
    }
    pub async fn confirm_finish(&self, request: &ConfirmFinish) -> Answer<()> {
        self.post("/session/confirm/finish", request).await
    }
    pub async fn sign_out(&self) -> Answer<()> {
        self.call(Method::Delete, "/session", None).await
    }
    pub async fn vault(&self) -> Answer<VaultState> {
        self.get("/vault").await
    }
    pub async fn put_vault(&self, vault: &VaultState) -> Answer<VaultState> {
        self.send(Method::Put, "/vault", vault).await
    }
    pub async fn put_recovery(&self, request: &PutRecovery) -> Answer<()> {
        self.send(Method::Put, "/vault/recovery", request).await
    }
    pub async fn passkeys(&self) -> Answer<Vec<PasskeyRecord>> {
        self.get("/passkeys").await
    }
    pub async fn add_passkey(&self) -> Answer<Ceremony> {
        self.call(Method::Post, "/passkeys", None).await
    }
    pub async fn add_passkey_finish(&self, request: &AddPasskeyFinish) -> Answer<serde::de::IgnoredAny> {
        self.post("/passkeys/finish", request).await
    }
    pub async fn rename_passkey(&self, id: &str, name: &str) -> Answer<()> {
        self.send(Method::Patch, &format!("/passkeys/{id}"), &Rename { name: name.to_owned() }).await
    }
    pub async fn revoke_passkey(&self, id: &str) -> Answer<()> {
        self.call(Method::Delete, &format!("/passkeys/{id}"), None).await
    }
    pub async fn devices(&self) -> Answer<Vec<DeviceRecord>> {
        self.get("/devices").await
    }
    pub async fn rename_device(&self, id: DeviceId, name: &str) -> Answer<()> {
        self.send(Method::Patch, &format!("/devices/{id}"), &Rename { name: name.to_owned() }).await
    }
    pub async fn revoke_device(&self, id: DeviceId) -> Answer<()> {
        self.call(Method::Delete, &format!("/devices/{id}"), None).await
    }
    pub async fn links(&self) -> Answer<Vec<LinkRecord>> {
        self.get("/links").await
    }
    pub async fn link_start(&self, request: &LinkStart) -> Answer<Ceremony> {
        self.post("/links/start", request).await
    }
    pub async fn link_finish(&self, request: &LinkFinish) -> Answer<LinkApproved> {
        self.post("/links/finish", request).await
    }
    pub async fn refuse_link(&self, request: &LinkStart) -> Answer<()> {
        self.post("/links/refuse", request).await
    }
    pub async fn cancel_link(&self, link: LinkHash) -> Answer<()> {
        self.call(Method::Delete, &format!("/links/{}", link.to_text()), None).await
    }
    pub async fn redeem_link(&self, request: &LinkRedeem) -> Answer<SignedIn> {
        self.post("/links/redeem", request).await
    }
    pub async fn post_link(&self, request: &LinkPost) -> Answer<LinkPosted> {
        self.post("/links/requests", request).await
    }
    pub async fn find_link(&self, request: &LinkFind) -> Answer<LinkPost> {
        self.post("/links/find", request).await
    }
    pub async fn look_up(&self, handle: &Handle) -> Answer<HandleRecord> {
        self.get(&format!("/users/by-handle/{handle}")).await
    }
    pub async fn set_blocked(&self, user: UserId, blocked: bool) -> Answer<()> {
        let method = if blocked { Method::Put } else { Method::Delete };
        self.call(method, &format!("/blocks/{user}"), None).await
    }
    pub async fn open_wallet(&self, request: &OpenWallet) -> Answer<BalanceRecord> {
        self.post("/wallets", request).await
    }
    pub async fn payment_methods(&self) -> Answer<Vec<PaymentMethodRecord>> {
        self.get("/payment-methods").await
    }
    pub async fn deposit(&self, request: &DepositRequest) -> Answer<DepositReply> {
        self.post("/transactions/deposit", request).await
    }
    pub async fn quote(&self, request: &QuoteRequest) -> Answer<Quote> {
        self.post("/quotes", request).await
    }
    pub async fn status(&self, id: TransactionId) -> Answer<TransactionStatus> {
        self.get(&format!("/transactions/{id}/status")).await
    }
    pub async fn report(&self, id: TransactionId, reason: &str) -> Answer<()> {
        self.post(&format!("/transactions/{id}/report"), &ReportRequest { reason: reason.to_owned() }).await
    }
    pub async fn receipt(&self, id: TransactionId) -> Answer<Receipt> {
        self.get(&format!("/transactions/{id}/receipt")).await
    }
    pub async fn audit_key(&self) -> Answer<AuditKeyRecord> {
        self.get("/audit/key").await
    }
    pub async fn sync(&self, request: &SyncRequest) -> Answer<SyncReply> {
        self.post("/sync", request).await
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Answer<T> {
        self.call(Method::Get, path, None).await
    }
    async fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Answer<T> {
        self.send(Method::Post, path, body).await
    }
    async fn send<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: &impl Serialize,
    ) -> Answer<T> {
        let body = serde_json::to_vec(body).map_err(|_| ServerError::Unreadable)?;
        self.call(method, path, Some(body)).await
    }
    async fn call<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<Vec<u8>>,
    ) -> Answer<T> {
        let reply = self.0.send(Call { method, path: format!("/api/v1{path}"), body }).await?;
        if (200..300).contains(&reply.status) {
            // 204 has no body; `()` reads from null.
            let body: &[u8] = if reply.body.is_empty() { b"null" } else { &reply.body };
            return serde_json::from_slice(body).map_err(|_| ServerError::Unreadable);
        }
        let problem = serde_json::from_slice(&reply.body).map_err(|_| ServerError::Unreadable)?;
        Err(ServerError::Problem(problem))
    }
}
