//! The API's description, made from the code, and the page to read it.

use utoipa::OpenApi;
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Content, Ref};
use utoipa_axum::router::OpenApiRouter;
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

/// What every operation may answer beside its own: declared here and nowhere else.
pub fn with_problems<S: Clone + Send + Sync + 'static>(
    mut routes: OpenApiRouter<S>,
    problems: &[(&str, &str)],
) -> OpenApiRouter<S> {
    for item in routes.get_openapi_mut().paths.paths.values_mut() {
        let operations = [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
        for operation in operations.into_iter().flatten() {
            for (status, description) in problems {
                let declared = operation.responses.responses.entry((*status).to_owned());
                declared.or_insert_with(|| problem(description).into());
            }
        }
    }
    routes
}

/// Of any operation that may be counted or come when the database is away.
pub const ANYBODYS: [(&str, &str); 2] =
    [("429", "Too many requests: wait as `retry_after` says"), ("503", "Busy: nothing was lost, try again")];
/// Of those with a session.
pub const SIGNED_INS: [(&str, &str); 3] =
    [("401", "Sign in, or renew the session"), ANYBODYS[0], ANYBODYS[1]];

fn problem(description: &str) -> Response {
    let content = Content::new(Some(Ref::from_schema_name("Problem")));
    ResponseBuilder::new().description(description).content("application/problem+json", content).build()
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
    fn money_and_problems_are_described() {
        let api: serde_json::Value = serde_json::from_str(&super::openapi_json().unwrap()).unwrap();
        let schemas = &api["components"]["schemas"];
        assert_eq!(schemas["Amount"]["properties"]["minor"]["minimum"], 1);
        assert_eq!(schemas["Money"]["properties"]["currency"]["type"], "string");
        assert_eq!(schemas["DepositRequest"]["properties"]["amount"]["$ref"], "#/components/schemas/Amount");
        for (path, item) in api["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let is_health = path.starts_with("/health");
                let unsigned = ["/register", "/session/", "/audit/key", "/links/redeem", "/links/requests"]
                    .iter()
                    .any(|part| path.contains(part));
                for (status, wanted) in [("401", !unsigned), ("429", true), ("503", true)] {
                    let declared = !operation["responses"][status].is_null();
                    assert!(declared || is_health || !wanted, "{method} {path} {status}");
                }
            }
        }
        let register = &api["paths"]["/api/v1/users/register"]["post"]["responses"];
        assert!(register["401"].is_null() && register["429"].is_object());
        let answer = &api["paths"]["/api/v1/wallets"]["get"]["responses"]["401"]["content"];
        let reference = &answer["application/problem+json"]["schema"]["$ref"];
        assert_eq!(reference, "#/components/schemas/Problem");
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
            ("/api/v1/links", "get"),
            ("/api/v1/links/{linkHash}", "delete"),
            ("/api/v1/links/redeem", "post"),
            ("/api/v1/session", "delete"),
        ] {
            assert!(api["paths"][path][method].is_object(), "{method} {path}");
        }
    }
}
