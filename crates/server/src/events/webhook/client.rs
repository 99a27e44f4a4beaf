//! How webhooks go out: HTTP/1.1, with TLS where the endpoint's address says so.

use std::fmt;
use std::io;

use axum::body::Bytes;
use axum::http::{Request, StatusCode};
use futures_util::future::BoxFuture;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};

/// Sends requests.
pub trait Transport: Send + Sync + 'static {
    /// Sends one, and gives the status of the answer, or why there is none. Who calls it sets the time.
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<StatusCode, String>>;
}

/// The most bytes of an answer that are read, so that its connection can be used again.
const ANSWER_BYTES: usize = 1 << 16;

/// A client with connections that are used again. Redirects are not followed.
#[derive(Clone)]
pub struct Client {
    client: legacy::Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Client")
    }
}

impl Client {
    /// A client that trusts whom the operating system trusts, or the certificates in the file that
    /// `SSL_CERT_FILE` names.
    ///
    /// # Errors
    ///
    /// There are no certificates that it could trust.
    pub fn new() -> io::Result<Self> {
        let provider = rustls::crypto::ring::default_provider();
        let connector = HttpsConnectorBuilder::new().with_provider_and_native_roots(provider)?;
        let connector = connector.https_or_http().enable_http1().build();
        let client = legacy::Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .build(connector);
        Ok(Self { client })
    }
}

impl Transport for Client {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<StatusCode, String>> {
        Box::pin(async move {
            let answer = self.client.request(request.map(Full::new)).await;
            let answer = answer.map_err(|why| causes(&why))?;
            let status = answer.status();
            // What it says is of no interest: an answer that is too long costs its connection only.
            let _ = Limited::new(answer.into_body(), ANSWER_BYTES).collect().await;
            Ok(status)
        })
    }
}

/// An error and what is behind it.
fn causes(why: &dyn std::error::Error) -> String {
    let mut text = why.to_string();
    let mut source = why.source();
    while let Some(why) = source {
        text = format!("{text}: {why}");
        source = why.source();
    }
    text
}
