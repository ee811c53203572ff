//! Figures of what a service stands on, for `/metrics`: its database's connections, and its facts that are not told yet.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::db::{Db, DbError};

/// How often they are taken; Prometheus asks no oftener if not told otherwise.
const PERIOD: Duration = Duration::from_secs(5);

/// Takes the figures of a service's database until `stop`.
pub async fn watch(service: &'static str, db: Db, stop: CancellationToken) {
    let mut ticks = tokio::time::interval(PERIOD);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        if let Err(cause) = take(service, &db).await {
            tracing::debug!(service, %cause, "no figures of the database");
        }
    }
}

async fn take(service: &'static str, db: &Db) -> Result<(), DbError> {
    let pool = db.read();
    let idle = pool.num_idle() as f64;
    metrics::gauge!("quorate_db_connections", "service" => service, "state" => "idle").set(idle);
    let busy = f64::from(pool.size()) - idle;
    metrics::gauge!("quorate_db_connections", "service" => service, "state" => "busy").set(busy);
    let untold = "select count(*) from outbox where delivered_at is null";
    let untold: i64 = sqlx::query_scalar(untold).fetch_one(pool).await?;
    metrics::gauge!("quorate_events_untold", "service" => service).set(untold as f64);
    let dead: i64 = sqlx::query_scalar("select count(*) from dead_letter").fetch_one(pool).await?;
    metrics::gauge!("quorate_events_dead", "service" => service).set(dead as f64);
    Ok(())
}
