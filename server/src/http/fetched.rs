//! An answer must be fetched: whoever asks and does not read would have it kept in memory for as long as they like.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};

/// A connection that ends when it has waited for so long to pass on what there is to be written. Where there is nothing
/// (a stream of events without news), it may stay.
#[derive(Debug)]
pub(crate) struct Fetched {
    stream: TcpStream,
    patience: Duration,
    /// Runs while the other side takes nothing.
    stalled: Option<Pin<Box<Sleep>>>,
}

impl Fetched {
    pub(crate) fn new(stream: TcpStream, patience: Duration) -> Self {
        Self { stream, patience, stalled: None }
    }

    fn unless_stalled(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        let patience = self.patience;
        ready!(self.stalled.get_or_insert_with(|| Box::pin(sleep(patience))).as_mut().poll(cx));
        // The system lets go at once of what it holds, too; else it would offer it for minutes.
        if let Err(error) = self.stream.set_zero_linger() {
            tracing::debug!(%error, "what was not fetched may be kept for a while");
        }
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the answer is not fetched")))
    }
}

impl AsyncRead for Fetched {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, into)
    }
}

impl AsyncWrite for Fetched {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.unless_stalled(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, pieces);
        self.unless_stalled(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(1);

    async fn pair() -> (Fetched, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        (Fetched::new(listener.accept().await.unwrap().0, PATIENCE), client)
    }

    #[tokio::test]
    async fn what_is_never_fetched_is_given_up() {
        let (mut server, mut client) = pair().await;
        // More than a system keeps on its way.
        let sent = tokio::time::timeout(Duration::from_secs(20), server.write_all(&vec![7; 64 << 20])).await;
        assert_eq!(sent.expect("it ends").unwrap_err().kind(), io::ErrorKind::TimedOut);
        drop(server);
        let mut fetched = Vec::new();
        assert!(client.read_to_end(&mut fetched).await.is_err() && fetched.len() < 64 << 20);
    }

    #[tokio::test]
    async fn whoever_has_nothing_to_fetch_or_begins_in_time_is_not_given_up() {
        let (mut server, mut client) = pair().await;
        sleep(2 * PATIENCE).await;
        server.write_all(b"news").await.unwrap();
        client.read_exact(&mut [0; 4]).await.unwrap();
        let sending = tokio::spawn(async move { server.write_all(&vec![7; 16 << 20]).await });
        let mut left = 16 << 20;
        let mut piece = vec![0; 1 << 20];
        while left > 0 {
            sleep(PATIENCE / 50).await;
            left -= client.read(&mut piece).await.unwrap();
        }
        sending.await.unwrap().unwrap();
    }
}
