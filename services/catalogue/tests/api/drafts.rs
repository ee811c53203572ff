//! Half-written uploads: nobody sees them, nobody keeps them.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::Method;
use futures::stream;
use serde_json::json;

use crate::door::{Door, everywhere, everywhere_empty};

/// What a process leaves behind that dies between two transactions of an upload.
const LEFT_BEHIND: [&str; 3] = [
    "insert into data_set_version (version_id, data_set_id, version, row_count, block_rows, columns, findings, \
     size_bytes, created_at, touched_at) values ('v', 'd', null, 2, 1024, '[]', '[]', 9, $1, $1)",
    "insert into data_set_column (version_id, position, name, profile) select 'v', 0, 'x', '{}' where $1 > 0",
    "insert into column_chunk (version_id, chunk, position, body) select 'v', 0, 0, dictionary \
     from data_set_column where dictionary is not null and $1 > 0",
];

async fn leave_behind(door: &Door) {
    let mut tx = door.db.begin().await.unwrap();
    for statement in LEFT_BEHIND {
        sqlx::query(statement).bind(door.clock.now_us()).execute(&mut *tx).await.unwrap();
    }
    tx.commit().await.unwrap();
}

async fn drafts(door: &Door) -> i64 {
    let query = "select count(*) from data_set_version where version is null";
    sqlx::query_scalar(query).fetch_one(door.db.read()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_removes_what_a_dead_process_left_but_not_what_another_still_writes() {
    everywhere_empty(async |door: Door| {
        let path = door.table("word,y\na,1\nb,2\n").await;
        leave_behind(&door).await;
        assert_eq!(door.get("").await.json()["items"].as_array().unwrap().len(), 1);
        let door = door.restart(Duration::from_mins(9)).await;
        assert_eq!(drafts(&door).await, 1, "its writer may live in another process");
        let door = door.restart(Duration::from_mins(2)).await;
        assert_eq!(drafts(&door).await, 0);
        assert_eq!(door.get(&format!("{path}/rows")).await.json()["items"], json!([["a", 1.0], ["b", 2.0]]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_for_a_deleted_data_set_is_refused_and_leaves_nothing() {
    everywhere_empty(async |door: Door| {
        let path = door.table("x,y\n1,2\n").await;
        // The body ends only when the data set is gone.
        let (sender, receiver) = futures::channel::mpsc::unbounded::<Result<Bytes, std::io::Error>>();
        sender.unbounded_send(Ok(Bytes::from_static(b"x,y\n3,4\n"))).unwrap();
        let versions = format!("{path}/versions");
        let renewing = door.upload(&versions, Body::from_stream(receiver));
        let deleting = async {
            let gone = door.ask(Method::DELETE, &path, &[("if-match", "*")], "").await;
            drop(sender);
            gone
        };
        let (renewed, gone) = tokio::join!(renewing, deleting);
        assert_eq!((gone.status.as_u16(), renewed.status.as_u16()), (204, 404), "{}", renewed.text());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_beyond_the_parallel_ones_wait_for_their_turn() {
    everywhere(
        &[("catalogue.load_samples", "false"), ("catalogue.parallel_uploads", "1")],
        async |door: Door| {
            let body = || {
                Body::from_stream(stream::iter(
                    (0..50).map(|_| Ok::<_, std::io::Error>(Bytes::from("1,2\n"))),
                ))
            };
            let (a, b, c) =
                tokio::join!(door.upload("", body()), door.upload("", body()), door.upload("", body()));
            for answer in [a, b, c] {
                assert_eq!((answer.status.as_u16(), &answer.json()["rows"]), (201, &json!(50)));
            }
        },
    )
    .await;
}
