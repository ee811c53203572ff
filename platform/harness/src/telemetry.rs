//! Logs on standard error and metrics for Prometheus.

use std::io::IsTerminal;
use std::sync::OnceLock;
use std::time::Duration;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::time::SystemTime;

use crate::config::{ConfigError, Log};

/// How often measured times are folded into their sums.
const UPKEEP: Duration = Duration::from_secs(5);

static METRICS: OnceLock<PrometheusHandle> = OnceLock::new();

/// Starts logging as configured; a second call changes nothing.
pub fn start(log: &Log) -> Result<(), ConfigError> {
    let (filter, is_json) = read(log)?;
    let builder =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_timer(SystemTime);
    // An error only says that a subscriber is there already (tests).
    let _ = if is_json { builder.json().try_init() } else { builder.compact().try_init() };
    start_metrics();
    Ok(())
}

/// Refuses settings that logging can't be started with.
pub fn check(log: &Log) -> Result<(), ConfigError> {
    read(log).map(|_| ())
}

fn read(log: &Log) -> Result<(EnvFilter, bool), ConfigError> {
    let filter = EnvFilter::try_new(&log.level).map_err(|e| ConfigError::new("log.level", &e))?;
    let is_json = match log.format.as_str() {
        "json" => true,
        "text" => false,
        "auto" => !std::io::stderr().is_terminal(),
        other => {
            return Err(ConfigError::new("log.format", &format!("'{other}' is none of text, json, auto")));
        }
    };
    Ok((filter, is_json))
}

fn start_metrics() -> Option<&'static PrometheusHandle> {
    if METRICS.get().is_none()
        && let Ok(handle) = PrometheusBuilder::new().install_recorder()
    {
        let _ = METRICS.set(handle);
    }
    METRICS.get()
}

/// Folds measured times into their sums until `stop`: the exporter keeps every one of them until somebody does.
pub async fn keep_metrics(stop: CancellationToken) {
    let Some(metrics) = start_metrics() else { return };
    while stop.run_until_cancelled(tokio::time::sleep(UPKEEP)).await.is_some() {
        metrics.run_upkeep();
    }
}

/// All metrics in Prometheus' text form.
pub fn metrics_text() -> String {
    start_metrics().map(PrometheusHandle::render).unwrap_or_default()
}
