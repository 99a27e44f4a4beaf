//! A connection as the network has it: it takes a permit, what is sent on it has to move, and it ends
//! so that the other side gets to read the last word.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_io_timeout::TimeoutStream;

use crate::allowance::{Allowance, Rate};
use crate::permit::Permit;
use crate::progress::Progress;

type Stream = Pin<Box<TimeoutStream<TcpStream>>>;

/// What the system keeps of what is sent and not yet taken by the other side, in bytes (Linux takes twice
/// as many). With what it keeps by itself, megabytes, nobody could see whether a slow reader reads.
const SEND_BUFFER: usize = 1 << 15;

/// A connection. Dropped, it is closed in one direction, and read for a moment more: where something
/// comes to a socket that is closed whole, the other side may lose what was sent to it before.
#[derive(Debug)]
pub(crate) struct Connection {
    /// Until it is dropped.
    stream: Option<Stream>,
    /// How long that moment is.
    linger: Duration,
    /// Whether nothing comes any more.
    is_over: bool,
    /// Whether a device has it: then what is sent on it is for the socket to limit in time.
    is_device: bool,
    /// What a device may send, in bytes.
    bytes: Allowance,
    /// How what is sent moves, and whether some of it waits for room.
    progress: Progress,
    is_full: bool,
    /// Taken until nothing is left of the connection.
    permit: Permit,
}

impl Connection {
    /// An unauthenticated connection, which breaks where something that is sent has not moved for
    /// `patience`; a device may send so many `bytes`.
    pub(crate) fn new(
        stream: TcpStream,
        permit: Permit,
        patience: Duration,
        linger: Duration,
        bytes: Rate,
        progress: Progress,
    ) -> Self {
        // Messages are small and somebody waits for each: none waits to be sent with the next one. It
        // works without, more slowly.
        let _ = stream.set_nodelay(true);
        let _ = SockRef::from(&stream).set_send_buffer_size(SEND_BUFFER);
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(patience));
        let stream = Some(Box::pin(stream));
        let bytes = Allowance::new(bytes);
        let (is_over, is_device, is_full) = (false, false, false);
        Self { stream, linger, is_over, is_device, bytes, progress, is_full, permit }
    }

    /// Notices that a device was let in.
    fn check(&mut self) -> io::Result<()> {
        if !self.is_device && self.permit.is_device() {
            self.is_device = true;
            self.stream()?.set_write_timeout_pinned(None);
        }
        Ok(())
    }

    /// Notes what became of something to send.
    fn sends(&mut self, sent: &Poll<io::Result<usize>>) {
        if matches!(sent, Poll::Ready(Ok(1..))) {
            self.progress.takes(self.is_full);
        }
        self.is_full = sent.is_pending();
    }

    fn stream(&mut self) -> io::Result<Pin<&mut TimeoutStream<TcpStream>>> {
        self.stream.as_mut().map(Pin::as_mut).ok_or_else(|| io::ErrorKind::NotConnected.into())
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let Some(mut stream) = self.stream.take().filter(|_| !self.is_over) else { return };
        // Without a runtime the whole server ends.
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let (linger, permit) = (self.linger, self.permit.clone());
        runtime.spawn(async move {
            let _permit = permit;
            let rest = async {
                stream.shutdown().await?;
                let mut forgotten = [0; 1_024];
                while stream.read(&mut forgotten).await? > 0 {}
                Ok::<_, io::Error>(())
            };
            // Who does not close by then has had the time.
            let _ = timeout(linger, rest).await;
        });
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.check()?;
        let (before, wanted) = (buf.filled().len(), buf.remaining());
        let read = self.stream()?.poll_read(cx, buf);
        let count = buf.filled().len() - before;
        self.is_over |= match &read {
            Poll::Ready(Ok(())) => wanted > 0 && count == 0,
            Poll::Ready(Err(_)) => true,
            Poll::Pending => false,
        };
        if self.is_device && !self.bytes.take(count as u64) {
            return Poll::Ready(Err(io::ErrorKind::QuotaExceeded.into()));
        }
        read
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.check()?;
        let sent = self.stream()?.poll_write(cx, buf);
        self.sends(&sent);
        sent
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.check()?;
        let sent = self.stream()?.poll_write_vectored(cx, bufs);
        self.sends(&sent);
        sent
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.as_ref().is_some_and(|stream| stream.is_write_vectored())
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream()?.poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream()?.poll_shutdown(cx)
    }
}
