//! The API's description, made from the code, and the page to read it.

use utoipa::OpenApi;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa_swagger_ui::{Config, SwaggerUi};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Purse",
        description = "Amounts are minor units with an ISO 4217 currency. Times are Unix milliseconds. Bytes are \
            base64url without padding. Errors are RFC 9457 problems: match on `code`.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    modifiers(&Security),
    security(("cookie" = []), ("bearer" = [])),
    components(schemas(purse_shared::protocol::Problem, purse_shared::protocol::ProblemCode,
        purse_shared::protocol::RefusalCode)),
)]
pub struct Description;

struct Security;
impl utoipa::Modify for Security {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let components = openapi.components.get_or_insert_default();
        let cookie = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new("purse_session")));
        components.add_security_scheme("cookie", cookie);
        let bearer = SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build());
        components.add_security_scheme("bearer", bearer);
    }
}

/// The page at `/api/v1/docs`, and what it reads. Its scripts are the server's own.
pub fn pages(api: utoipa::openapi::OpenApi) -> SwaggerUi {
    SwaggerUi::new("/api/v1/docs")
        .url("/api/v1/openapi.json", api)
        .config(Config::new(["/api/v1/openapi.json"]).validator_url("none"))
}

/// Operation ids from method and path (`get_wallets_balance`): handlers are named within their file alone.
pub fn with_unique_names(mut api: utoipa::openapi::OpenApi) -> utoipa::openapi::OpenApi {
    for (path, item) in &mut api.paths.paths {
        let words: Vec<&str> = path
            .trim_start_matches("/api/v1")
            .split('/')
            .filter(|part| !part.is_empty() && !part.starts_with('{'))
            .collect();
        let name = words.join("_").replace('-', "_");
        // Of one thing rather than of all of them.
        let one = if path.ends_with('}') { "_one" } else { "" };
        let operations = [
            ("get", &mut item.get),
            ("post", &mut item.post),
            ("put", &mut item.put),
            ("patch", &mut item.patch),
            ("delete", &mut item.delete),
        ];
        for (method, operation) in operations {
            if let Some(operation) = operation {
                operation.operation_id = Some(format!("{method}_{name}{one}"));
            }
        }
    }
    api
}

/// The whole description as JSON.
///
/// # Errors
/// When a schema cannot be written, which is a bug.
pub fn openapi_json() -> Result<String, serde_json::Error> {
    super::router::description().to_pretty_json()
}

#[cfg(test)]
mod tests {
    #[test]
    fn operations_have_names_of_their_own() {
        let api: serde_json::Value = serde_json::from_str(&super::openapi_json().unwrap()).unwrap();
        let paths = api["paths"].as_object().unwrap().values();
        let names: Vec<&str> = paths
            .flat_map(|item| item.as_object().unwrap().values())
            .filter_map(|operation| operation["operationId"].as_str())
            .collect();
        let unique: std::collections::BTreeSet<&str> = names.iter().copied().collect();
        assert!(names.len() > 30 && names.len() == unique.len(), "{names:?}");
        assert!(
            unique.contains("get_wallets_balance") && unique.contains("delete_passkeys_one"),
            "{names:?}"
        );
    }

    #[test]
    fn every_public_resource_is_described() {
        let api: serde_json::Value = serde_json::from_str(&super::openapi_json().unwrap()).unwrap();
        assert!(api["openapi"].as_str().unwrap().starts_with("3.1"));
        for (path, method) in [
            ("/api/v1/users/register", "post"),
            ("/api/v1/users/register/finish", "post"),
            ("/api/v1/wallets/{walletId}/balance", "get"),
            ("/api/v1/transactions/send", "post"),
            ("/api/v1/transactions/deposit", "post"),
            ("/api/v1/transactions/{transactionId}/status", "get"),
            ("/api/v1/transactions/{transactionId}/receipt", "get"),
            ("/api/v1/audit/key", "get"),
            ("/api/v1/payment-methods", "get"),
            ("/api/v1/user/activity", "get"),
            ("/api/v1/sync", "post"),
            ("/api/v1/live", "get"),
            ("/api/v1/passkeys/{passkeyId}", "delete"),
            ("/api/v1/devices/{deviceId}", "patch"),
            ("/api/v1/session", "delete"),
        ] {
            assert!(api["paths"][path][method].is_object(), "{method} {path}");
        }
    }
}
