//! What a process tells of itself in figures, for whoever watches over it.

use stories::actions::{noisy_line, order_fit, text, try_upload, upload, wait_for_state};
use stories::server::Server;
use stories::set_up::SetUp;
use stories::wait::until;

#[tokio::test]
async fn count_what_happened() {
    let Some(server) = Server::start_bare(SetUp::Sqlite).await else { return };
    let client = server.client();
    let set = upload(&client, "line", &noisy_line(30)).await;
    assert_eq!(try_upload(&client, "", "text/csv", Vec::new()).await.status, 422);
    let fit = order_fit(&client, text(&set, "id")).await;
    wait_for_state(&client, &format!("/api/v1/fits/{}", text(&fit, "id")), "done").await;
    for series in [
        "quorate_uploads_total{outcome=\"read\"} 1",
        "quorate_uploads_total{outcome=\"refused\"} 1",
        "quorate_upload_bytes_total ",
        "quorate_job_tries_total{",
        "quorate_http_requests_total{method=\"POST\",status=\"201\"} 1",
        "quorate_events_heard_total{service=\"gateway\"} ",
        "quorate_link_calls_total{service=\"catalogue\",outcome=\"answered\"} ",
        "quorate_events_untold{service=\"catalogue\"} 0",
        "quorate_events_dead{service=\"regression\"} 0",
        "quorate_db_connections{service=\"symbolic\",state=\"busy\"} ",
    ] {
        until(series, async || {
            let told = client.try_get("/metrics").await?.text();
            if told.contains(series) { Ok(()) } else { Err(told) }
        })
        .await;
    }
}
