//! Data sets come, change, get versions and go.

use std::time::Duration;

use axum::http::Method;
use serde_json::json;

use crate::door::{Door, everywhere, everywhere_empty};

const TABLE: &str = "t,y\n1,2\n2,4\n3,6\n";

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_becomes_a_data_set_with_profile_and_findings() {
    everywhere_empty(async |door: Door| {
        let answer = door.upload("?name=Fall&description=from%20a%20tower", "t,y\n1,2\n,4\n3,6\n").await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        let created = answer.json();
        let path = format!("/api/v1/datasets/{}", created["id"].as_str().unwrap());
        assert_eq!(answer.header("location"), path);
        assert_eq!(created["name"], "Fall");
        assert_eq!(
            (&created["number"], &created["version"], &created["rows"]),
            (&json!(1), &json!(1), &json!(3))
        );
        assert_eq!((&created["columns"], &created["target"]), (&json!(["t", "y"]), &json!("y")));
        assert_eq!(created["created_at"], "2027-01-15T08:00:00Z");
        assert_eq!(created["profile"][1]["mean"], 4.0);
        assert_eq!(created["findings"][0]["code"], "missing-values");
        assert_eq!(created["findings"][0]["subject"], json!({"row": 3, "column": "t"}));
        let read = door.get(&format!("/{}", created["id"].as_str().unwrap())).await;
        assert_eq!(read.json(), created);
        let events = door.events().await;
        assert_eq!(events[0].0, "catalogue.data-set.created");
        assert_eq!(events[0].1["data_set_id"], created["id"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_in_pages_with_a_tag() {
    everywhere_empty(async |door: Door| {
        for _ in 0..3 {
            door.table(TABLE).await;
        }
        let first = door.get("?limit=2").await;
        let page = first.json();
        assert_eq!(page["items"].as_array().unwrap().len(), 2);
        assert!(first.header("link").contains("rel=\"next\""));
        let next = door.get(&format!("?limit=2&cursor={}", page["next"].as_str().unwrap())).await.json();
        assert_eq!((&next["items"][0]["number"], &next["next"]), (&json!(3), &json!(null)));
        let tag = first.header("etag");
        let again = door.ask(Method::GET, "?limit=2", &[("if-none-match", tag)], "").await;
        assert_eq!((again.status.as_u16(), again.body.len()), (304, 0));
        let csv = door.get_as("", "text/csv").await;
        assert!(csv.text().starts_with("id,number,name,"), "{}", csv.text());
        assert_eq!(csv.text().lines().count(), 4);
        assert_eq!(door.get_as("", "image/png").await.status, 406);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_only_what_the_client_has_seen() {
    everywhere_empty(async |door: Door| {
        let path = door.table(TABLE).await;
        let tag = door.get(&path).await.header("etag").to_owned();
        let patch = async |tag: &[(&str, &str)], body: &str| {
            let headers = [tag, &[("content-type", "application/json")]].concat();
            door.ask(Method::PATCH, &path, &headers, body.to_owned()).await
        };
        assert_eq!(patch(&[], r#"{"name":"a"}"#).await.status, 428);
        assert_eq!(patch(&[("if-match", "\"old\"")], r#"{"name":"a"}"#).await.status, 412);
        let changed = patch(&[("if-match", &tag)], r#"{"name":" Fall ","target":"t"}"#).await;
        assert_eq!((changed.status.as_u16(), &changed.json()["name"]), (200, &json!("Fall")));
        assert_eq!(door.get(&path).await.header("etag"), changed.header("etag"));
        assert_eq!(patch(&[("if-match", &tag)], r#"{"name":"b"}"#).await.status, 412);
        for wrong in [r#"{"target":"z"}"#, r#"{"name":""}"#, r#"{"nmae":"a"}"#, r#"{"name":"a\u0000b"}"#] {
            assert_eq!(patch(&[("if-match", "*")], wrong).await.status, 422, "{wrong}");
        }
        assert_eq!(patch(&[("if-match", "*")], "{").await.status, 400);
        assert_eq!(door.events().await.last().unwrap().0, "catalogue.data-set.changed");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_version_keeps_the_old_one_and_the_target() {
    everywhere_empty(async |door: Door| {
        let path = door.table("y,t\n1,2\n2,4\n").await;
        let body = r#"{"target":"y"}"#;
        let headers = [("if-match", "*"), ("content-type", "application/json")];
        assert_eq!(door.ask(Method::PATCH, &path, &headers, body).await.status, 200);
        let renewed = door.upload(&format!("{path}/versions?name=Fall"), "y,t,u\n5,6,7\n").await;
        assert_eq!(renewed.status, 201, "{}", renewed.text());
        let renewed = renewed.json();
        assert_eq!(
            (&renewed["version"], &renewed["target"], &renewed["rows"]),
            (&json!(2), &json!("y"), &json!(1))
        );
        let versions = door.get(&format!("{path}/versions")).await.json();
        let numbers: Vec<_> =
            versions["items"].as_array().unwrap().iter().map(|v| v["version"].clone()).collect();
        assert_eq!(numbers, [2, 1]);
        assert_eq!(renewed["name"], "Fall");
        let old = door.get(&format!("{path}/rows?version=1")).await.json();
        assert_eq!(old["items"], json!([[1.0, 2.0], [2.0, 4.0]]));
        let other = door.upload(&format!("{path}/versions"), "a,b\n1,x\n").await.json();
        assert_eq!(other["target"], "a");
        assert_eq!(door.get(&format!("{path}/rows?version=9")).await.status, 404);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deletes_everything_of_a_data_set_and_never_reuses_its_number() {
    everywhere_empty(async |door: Door| {
        let path = door.table(TABLE).await;
        assert_eq!(door.ask(Method::DELETE, &path, &[], "").await.status, 428);
        let gone = door.ask(Method::DELETE, &path, &[("if-match", "*")], "").await;
        assert_eq!((gone.status.as_u16(), gone.body.len()), (204, 0));
        for below in ["", "/rows", "/versions", "/table", "/points?x=t&y=y"] {
            assert_eq!(door.get(&format!("{path}{below}")).await.status, 404, "{below}");
        }
        assert_eq!(door.ask(Method::DELETE, &path, &[("if-match", "*")], "").await.status, 404);
        let next = door.table(TABLE).await;
        let set = door.get(&next).await.json();
        assert_eq!((&set["number"], &set["name"]), (&json!(2), &json!("Data set 2")));
        assert_eq!(door.get("/by-number/2").await.json()["id"], next[1..]);
        assert_eq!(door.get("/by-number/1").await.status, 404);
        for table in ["data_set_version", "data_set_column", "column_chunk"] {
            let query = format!("select count(distinct version_id) from {table}");
            let count: i64 =
                sqlx::query_scalar(sqlx::AssertSqlSafe(query)).fetch_one(door.db.read()).await.unwrap();
            assert_eq!(count, 1, "{table}");
        }
        assert_eq!(door.events().await[1].0, "catalogue.data-set.deleted");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_upload_gets_the_first_answer() {
    everywhere_empty(async |door: Door| {
        let upload = async |body: &'static str| {
            door.ask(
                Method::POST,
                "?name=a",
                &[("idempotency-key", "k1"), ("content-type", "text/csv")],
                body,
            )
            .await
        };
        let first = upload(TABLE).await;
        let second = upload(TABLE).await;
        assert_eq!((second.status.as_u16(), second.json()), (201, first.json()));
        assert_eq!(upload("a,b\n1,2\n").await.status, 422);
        let versions = "select count(*) from data_set_version";
        let versions: i64 = sqlx::query_scalar(versions).fetch_one(door.db.read()).await.unwrap();
        assert_eq!(versions, 1, "neither the repetition nor the refusal leaves a draft");
        assert_eq!(door.get("").await.json()["items"].as_array().unwrap().len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn samples_come_once_and_deleted_ones_stay_away() {
    everywhere(&[], async |door: Door| {
        let first = door.get("").await.json();
        let names: Vec<_> = (0..3).map(|i| first["items"][i]["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["y=3*x+4", "y=3*x^2+1", "y=2*(x+1)^3+3"]);
        assert_eq!(first["items"][0]["description"], "linear function");
        assert_eq!(first["items"][0]["rows"], 1000);
        let kepler = door.get(&format!("/{}", first["items"][3]["id"].as_str().unwrap())).await.json();
        let units: Vec<_> = (0..2).map(|place| kepler["profile"][place]["unit"].clone()).collect();
        assert_eq!(
            (&kepler["columns"], units),
            (&json!(["distance_au", "period_d"]), vec![json!("AU"), json!("d")])
        );
        let count = first["items"].as_array().unwrap().len();
        let id = first["items"][1]["id"].as_str().unwrap().to_owned();
        door.ask(Method::DELETE, &format!("/{id}"), &[("if-match", "*")], "").await;
        let door = door.restart(Duration::ZERO).await;
        assert_eq!(door.get("").await.json()["items"].as_array().unwrap().len(), count - 1);
    })
    .await;
}
