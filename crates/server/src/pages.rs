//! The pages that a browser sees: static files, which `cargo xtask npm` builds.

use std::path::Path;

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::response::Html;
use axum::routing::get;
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;

/// What a page may load: its own files, WebAssembly, and sockets of any host, since the server may be another one.
const POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' ws: wss:; \
                      img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The files of a folder; without one a page that says where they come from.
pub fn pages(folder: Option<&Path>) -> Router {
    let files = match folder {
        Some(folder) => Router::new().fallback_service(ServeDir::new(folder)),
        None => Router::new().route("/", get(|| async { Html(include_str!("pages/none.html")) })),
    };
    let header =
        |name, value| SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value));
    files
        .layer(header(header::CONTENT_SECURITY_POLICY, POLICY))
        .layer(header(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        // A page of another version speaks with another package.
        .layer(header(header::CACHE_CONTROL, "no-cache"))
}
