//! Requests to a listener of administration.

use std::fmt::Write as _;

use axum::body::Bytes;
use axum::http::{Request, Uri, header};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};

/// A server that is administered.
pub(super) struct Server {
    client: Client<HttpConnector, Full<Bytes>>,
    base: String,
    authorization: String,
}

/// Fields of a query that may be left out.
pub(super) type Fields<'a> = [(&'a str, &'a Option<String>)];

impl Server {
    /// The one at a URL.
    pub(super) fn new(url: &str, token: &str) -> Result<Self, String> {
        let uri: Uri = url.parse().map_err(|_| format!("--url {url}: it is no URL"))?;
        if uri.scheme_str() != Some("http") {
            return Err(format!("--url {url}: it has to begin with http://"));
        }
        Ok(Self {
            client: Client::builder(TokioExecutor::new()).build_http(),
            base: url.trim_end_matches('/').to_owned(),
            authorization: format!("Bearer {token}"),
        })
    }

    /// Sends a request, and gives the answer.
    pub(super) async fn send(
        &self,
        method: &str,
        what: &str,
        query: &Fields<'_>,
        body: String,
    ) -> Result<Value, String> {
        let mut uri = format!("{}/admin/v1/{what}", self.base);
        let given = query.iter().filter_map(|(name, value)| Some((name, value.as_ref()?)));
        for (index, (name, value)) in given.enumerate() {
            uri += if index == 0 { "?" } else { "&" };
            uri += &format!("{name}={}", percent(value));
        }
        let request = Request::builder().method(method).uri(uri);
        let request = request.header(header::AUTHORIZATION, &self.authorization);
        let request = request.body(Full::from(body)).map_err(|why| why.to_string())?;
        let answer = self.client.request(request).await;
        let answer = answer.map_err(|why| format!("{} cannot be reached: {why}", self.base))?;
        let status = answer.status();
        let body = answer.into_body().collect().await.map_err(|why| why.to_string())?.to_bytes();
        let said: Value = serde_json::from_slice(&body).unwrap_or_default();
        if status.is_success() {
            return Ok(said);
        }
        let why = said.get("error").and_then(Value::as_str).unwrap_or("it does not say why");
        Err(format!("the server says {status}: {why}"))
    }

    /// All pages of a list, as one.
    pub(super) async fn pages(
        &self,
        what: &str,
        list: &str,
        query: &Fields<'_>,
    ) -> Result<Value, String> {
        let (mut all, mut cursor) = (Vec::new(), None);
        loop {
            let query = [query, &[("cursor", &cursor)]].concat();
            let mut page = self.send("GET", what, &query, String::new()).await?;
            if let Some(more) = page.get_mut(list).and_then(Value::as_array_mut) {
                all.append(more);
            }
            let next = page.get("nextCursor").and_then(Value::as_str);
            cursor = next.filter(|it| !it.is_empty()).map(str::to_owned);
            if cursor.is_none() {
                return Ok(json!({ list: all }));
            }
        }
    }
}

/// A text as it may be in a query.
fn percent(text: &str) -> String {
    let mut escaped = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            escaped.push(byte.into());
        } else {
            // Writing to a text cannot fail.
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}
