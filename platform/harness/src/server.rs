//! Listening, and stopping in good order.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::config::ConfigError;

/// Takes an address that other machines reach only if that is wanted; see [`listen`].
pub async fn listen_guarded(key: &str, address: &str, is_open: bool) -> Result<TcpListener, ConfigError> {
    let listener = listen(key, address).await?;
    let is_local = listener.local_addr().is_ok_and(|a| a.ip().is_loopback());
    if is_local || is_open {
        return Ok(listener);
    }
    let detail = format!(
        "{address} can be reached from other machines, and there is no sign-in yet; listen on 127.0.0.1, or set \
         server.open_to_network = true behind a proxy that asks who is there"
    );
    Err(ConfigError::new(key, &detail))
}

/// Takes an address; the error says what to do when it is in use.
pub async fn listen(key: &str, address: &str) -> Result<TcpListener, ConfigError> {
    TcpListener::bind(address).await.map_err(|e| {
        let hint = match e.kind() {
            std::io::ErrorKind::AddrInUse => {
                format!("; stop what listens there or choose another port (0 takes a free one): --set {key}=HOST:PORT")
            }
            std::io::ErrorKind::PermissionDenied => {
                "; ports below 1024 need rights that Quorate should not have".to_owned()
            }
            _ => "; give host:port".to_owned(),
        };
        ConfigError::new(key, &format!("cannot listen on {address}: {e}{hint}"))
    })
}

/// Serves until `stop`, then lets running requests end for at most `patience`.
pub async fn serve(listener: TcpListener, router: Router, stop: CancellationToken, patience: Duration) {
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let graceful = stop.clone();
    let server =
        axum::serve(listener, service).with_graceful_shutdown(async move { graceful.cancelled().await });
    let deadline = async {
        stop.cancelled().await;
        tokio::time::sleep(patience).await;
    };
    tokio::select! {
        ended = server => if let Err(error) = ended { tracing::error!(%error, "server ended") },
        () = deadline => tracing::warn!("requests still running were cut off"),
    }
}

/// Resolves when the process is asked to stop (Ctrl-C, SIGTERM).
pub async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        },
        Err(_) => {
            let _ = tokio::signal::ctrl_c().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn stays_on_this_machine_unless_told_otherwise() {
        assert!(listen_guarded("server.listen", "127.0.0.1:0", false).await.is_ok());
        let error = listen_guarded("server.listen", "0.0.0.0:0", false).await.unwrap_err().to_string();
        assert!(error.contains("server.open_to_network"), "{error}");
        assert!(listen_guarded("server.listen", "0.0.0.0:0", true).await.is_ok());
    }

    #[tokio::test]
    async fn names_the_port_in_use() {
        let first = listen("server.listen", "127.0.0.1:0").await.unwrap();
        let address = first.local_addr().unwrap().to_string();
        let error = listen("server.listen", &address).await.unwrap_err().to_string();
        assert!(error.contains(&address) && error.contains("choose another port"), "{error}");
    }
}
