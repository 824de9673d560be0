//! TLS by rustls and ring, as on the server. The system decides whom to trust, as it does for the browser in which
//! the same person confirms; where it has no list of its own, Mozilla's stands in.

use rustls::{ClientConfig, RootCertStore};
use std::sync::Arc;

/// # Errors
/// [`rustls::Error`], when this build of rustls lacks a protocol.
pub fn config() -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    #[cfg(not(target_os = "android"))]
    {
        use rustls_platform_verifier::BuilderVerifierExt;
        match builder.clone().with_platform_verifier() {
            Ok(builder) => return Ok(builder.with_no_client_auth()),
            Err(error) => tracing::warn!("the system has no list of certificates: {error}"),
        }
    }
    let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}
