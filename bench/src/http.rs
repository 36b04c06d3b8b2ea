//! The least of an HTTP client: one connection, one request at a time.

use std::net::SocketAddr;
use std::time::Instant;

use anyhow::{Context, ensure};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// Seconds from the request to the head of the answer.
    pub(crate) first_byte: f64,
}

/// An open connection.
#[derive(Debug)]
pub(crate) struct Client {
    sender: SendRequest<Full<Bytes>>,
    host: HeaderValue,
}

impl Client {
    pub(crate) async fn connect(addr: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(addr).await.with_context(|| format!("cannot connect to {addr}"))?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        // Ends with the sender; what goes wrong on the way is the next request's error.
        tokio::spawn(connection);
        Ok(Self { sender, host: HeaderValue::try_from(addr.to_string())? })
    }

    pub(crate) async fn send(&mut self, mut request: Request<Full<Bytes>>) -> anyhow::Result<Answer> {
        request.headers_mut().insert(hyper::header::HOST, self.host.clone());
        self.sender.ready().await?;
        let sent = Instant::now();
        let answer = self.sender.send_request(request).await?;
        let first_byte = sent.elapsed().as_secs_f64();
        let (head, body) = answer.into_parts();
        let body = body.collect().await?.to_bytes();
        Ok(Answer { status: head.status, headers: head.headers, body, first_byte })
    }
}

/// A request for a page, as a phone asks for it.
pub(crate) fn get(path: &str, headers: &[(HeaderName, &str)]) -> anyhow::Result<Request<Full<Bytes>>> {
    let mut request = Request::builder().method(Method::GET).uri(path);
    for (name, value) in headers {
        request = request.header(name, *value);
    }
    Ok(request.body(Full::default())?)
}

/// One request on a connection of its own. A refusal is an error: it would be fast, and mean nothing.
pub(crate) async fn fetch(addr: SocketAddr, request: Request<Full<Bytes>>) -> anyhow::Result<Answer> {
    let asked = format!("{} {}", request.method(), request.uri());
    let answer = Client::connect(addr).await?.send(request).await?;
    ensure!(is_fine(answer.status), "{asked}: {}: {}", answer.status, String::from_utf8_lossy(&answer.body));
    Ok(answer)
}

/// What a figure may be made of.
pub(crate) fn is_fine(status: StatusCode) -> bool {
    status.is_success() || status == StatusCode::NOT_MODIFIED
}
