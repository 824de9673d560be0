//! The one table of routes. The API's description is made from the same lines.

use super::guard::{self, Room};
use super::openapi::{self, Description};
use super::problem::ApiError;
use super::rate::Limits;
use super::{
    activity, audit, blocks, devices, handles, health, identity, links, live, methods, metrics, observe,
    passkeys, quotes, sync, transactions, vault, wallets, web,
};
use crate::app::App;
use axum::extract::{DefaultBodyLimit, Request};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::Response;
use axum::routing::get;
use axum::{Extension, Router};
use purse_shared::limits::BODY_BYTES_MAX;
use purse_shared::protocol::ProblemCode;
use std::sync::Arc;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// A body that is not an outbox.
const SMALL_BODY_BYTES_MAX: usize = 64 * 1_024;
const _: () = assert!(SMALL_BODY_BYTES_MAX < BODY_BYTES_MAX);

/// Without a session: counted by address.
fn unsigned() -> OpenApiRouter<App> {
    let routes = OpenApiRouter::new()
        .routes(routes!(identity::register))
        .routes(routes!(identity::register_finish))
        .routes(routes!(identity::sign_in_start))
        .routes(routes!(identity::sign_in_finish))
        .routes(routes!(identity::renew_start))
        .routes(routes!(identity::renew_finish))
        .routes(routes!(links::post))
        .routes(routes!(links::redeem))
        .routes(routes!(audit::key));
    openapi::with_problems(routes, &openapi::ANYBODYS)
}

/// With a session: counted by user, where the session is read.
fn signed() -> OpenApiRouter<App> {
    let routes = OpenApiRouter::new()
        .routes(routes!(identity::sign_out))
        .routes(routes!(identity::confirm_start))
        .routes(routes!(identity::confirm_finish))
        .routes(routes!(vault::get, vault::put))
        .routes(routes!(vault::put_recovery))
        .routes(routes!(passkeys::list, passkeys::add))
        .routes(routes!(passkeys::add_finish))
        .routes(routes!(passkeys::rename, passkeys::revoke))
        .routes(routes!(devices::list))
        .routes(routes!(devices::rename, devices::revoke))
        .routes(routes!(links::list))
        .routes(routes!(links::cancel))
        .routes(routes!(links::start))
        .routes(routes!(links::finish))
        .routes(routes!(links::refuse))
        .routes(routes!(links::find))
        .routes(routes!(handles::by_handle))
        .routes(routes!(blocks::list))
        .routes(routes!(blocks::block, blocks::unblock))
        .routes(routes!(wallets::list, wallets::open))
        .routes(routes!(wallets::balance))
        .routes(routes!(transactions::send))
        .routes(routes!(transactions::deposit))
        .routes(routes!(quotes::quote))
        .routes(routes!(transactions::status))
        .routes(routes!(transactions::report))
        .routes(routes!(audit::receipt))
        .routes(routes!(activity::activity))
        .routes(routes!(methods::payment_methods));
    openapi::with_problems(routes, &openapi::SIGNED_INS)
}

/// The outbox: a larger body.
fn uploads() -> OpenApiRouter<App> {
    let routes = OpenApiRouter::new().routes(routes!(sync::sync));
    openapi::with_problems(routes, &openapi::SIGNED_INS)
}

/// As long as they last.
fn streams() -> OpenApiRouter<App> {
    let routes = OpenApiRouter::new().routes(routes!(live::live));
    openapi::with_problems(routes, &openapi::SIGNED_INS)
}

fn operating() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(health::live)).routes(routes!(health::ready))
}

/// The description alone.
pub fn description() -> utoipa::openapi::OpenApi {
    let routers = [unsigned(), signed(), uploads(), streams(), operating()];
    let all =
        routers.into_iter().fold(OpenApiRouter::with_openapi(Description::openapi()), OpenApiRouter::merge);
    openapi::with_unique_names(all.into_openapi())
}

/// Everything that the server answers.
pub fn router(app: App, room: Room) -> Router {
    let small = DefaultBodyLimit::max(SMALL_BODY_BYTES_MAX);
    let large = DefaultBodyLimit::max(BODY_BYTES_MAX);
    let bounded = || from_fn(guard::bounded);
    let api = OpenApiRouter::with_openapi(Description::openapi())
        .merge(
            // Counted before it takes a place among the requests in work.
            unsigned().layer(bounded()).layer(from_fn_with_state(app.clone(), guard::limited)).layer(small),
        )
        .merge(signed().layer(bounded()).layer(small))
        .merge(uploads().layer(bounded()).layer(large))
        .merge(streams().layer(from_fn(guard::bounded_stream)))
        // Outside the bound: a busy server lives, and whoever kills it for being busy makes it worse.
        .merge(operating());
    let (routes, api) = api.split_for_parts();
    let web_dir = app.settings.web_dir.clone();
    let https = app.settings.public_url.starts_with("https://");
    let limits = Arc::new(Limits::new(&app.settings));
    routes
        .route("/health", get(health::ready))
        .route("/metrics", get(metrics::metrics))
        .merge(Router::from(openapi::pages(openapi::with_unique_names(api))))
        .method_not_allowed_fallback(method_not_allowed)
        .fallback(move |request: Request| web::fallback(web_dir.clone(), request))
        .layer(from_fn_with_state(app.clone(), guard::checked))
        .layer(Extension(limits))
        .layer(Extension(Arc::new(room)))
        .layer(axum::middleware::map_response(move |mut response: Response| async move {
            web::secure(response.headers_mut(), https);
            response
        }))
        .layer(from_fn(observe::observe))
        .with_state(app)
}

async fn method_not_allowed() -> ApiError {
    ProblemCode::MethodNotAllowed.into()
}
