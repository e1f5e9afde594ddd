//! From a listening socket to answered requests: so many connections at a time, each with bounds on
//! how long it may say nothing, and all of them ended in order.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tower::ServiceExt;

use super::Stopping;
use super::request::Peer;
use super::tls::Tls;

/// How long a handshake, or a request's head, may take to arrive.
const HEAD_PATIENCE: Duration = Duration::from_secs(30);

/// How long to wait after the system had no connection to give: it is out of files, most likely.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// The most requests of one HTTP/2 connection at a time.
const STREAMS_MAX: u32 = 128;

/// A place that listens.
pub(super) struct Listening {
    pub(super) listener: TcpListener,
    pub(super) tls: Option<Arc<Tls>>,
    pub(super) connections_max: usize,
}

impl Listening {
    /// Answers until the server is to end; then lets go of those that are idle and waits for the
    /// rest, for as long as `patience` says.
    pub(super) async fn serve(self, router: Router, mut stopping: Stopping, patience: Duration) {
        let places = Arc::new(Semaphore::new(self.connections_max));
        let mut connections = JoinSet::new();
        loop {
            // Whoever finds no place waits in the system's queue.
            let place = tokio::select! {
                () = stopping.requested() => break,
                place = Arc::clone(&places).acquire_owned() => place,
            };
            let Ok(place) = place else { break };
            let (stream, address) = tokio::select! {
                () = stopping.requested() => break,
                accepted = self.listener.accept() => match accepted {
                    Ok(accepted) => accepted,
                    Err(error) => {
                        tracing::warn!("a connection could not be taken: {error}");
                        tokio::time::sleep(ACCEPT_PAUSE).await;
                        continue;
                    }
                },
            };
            let connection = Connection { address, router: router.clone(), stopping: stopping.clone() };
            connections.spawn(connection.take(stream, self.tls.clone(), place));
            while connections.try_join_next().is_some() {}
        }
        drop(self.listener);
        let all = async { while connections.join_next().await.is_some() {} };
        if tokio::time::timeout(patience, all).await.is_err() {
            tracing::warn!("requests that took too long were cut off");
        }
    }
}

struct Connection {
    address: SocketAddr,
    router: Router,
    stopping: Stopping,
}

impl Connection {
    async fn take(self, stream: TcpStream, tls: Option<Arc<Tls>>, _place: OwnedSemaphorePermit) {
        // Small answers must not wait for more.
        let _ = stream.set_nodelay(true);
        match tls {
            None => self.answer(stream).await,
            Some(tls) => match tokio::time::timeout(HEAD_PATIENCE, tls.acceptor().accept(stream)).await {
                Ok(Ok(stream)) => self.answer(stream).await,
                Ok(Err(error)) => tracing::debug!(client = %self.address, "handshake: {error}"),
                Err(_) => tracing::debug!(client = %self.address, "handshake: took too long"),
            },
        }
    }

    async fn answer<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(mut self, stream: S) {
        let mut builder = Builder::new(TokioExecutor::new());
        builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD_PATIENCE);
        builder
            .http2()
            .timer(TokioTimer::new())
            .keep_alive_interval(HEAD_PATIENCE)
            .max_concurrent_streams(STREAMS_MAX);
        let (router, peer) = (self.router, Peer(self.address));
        let service = service_fn(move |mut request: hyper::Request<Incoming>| {
            request.extensions_mut().insert(peer);
            router.clone().oneshot(request.map(Body::new))
        });
        let mut connection = pin!(builder.serve_connection_with_upgrades(TokioIo::new(stream), service));
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = self.stopping.requested() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(client = %self.address, "connection: {error}");
        }
    }
}
