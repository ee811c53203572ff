//! Bad input gets a clear answer, and nothing is left of it.

use axum::body::{Body, Bytes};
use axum::http::Method;
use futures::stream;
use serde_json::json;

use crate::door::{Door, everywhere, everywhere_empty};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_table_is_refused_with_its_reason() {
    everywhere_empty(async |door: Door| {
        let cases = [
            ("", "empty-file"),
            ("a,b\n", "no-rows"),
            ("a\n1\n2\n", "one-column"),
            ("a,b\n\"1,2\n", "unclosed-quote"),
            ("PK\x03\x04zzzz", "not-text"),
            ("a,b\n1,2,3\n1,2,3,4\n1,2,3,4,5\n1,2\n", "ragged-rows"),
        ];
        for (text, slug) in cases {
            let answer = door.upload("", text).await;
            assert_eq!(answer.status, 422, "{text:?}: {}", answer.text());
            assert_eq!(answer.json()["type"], format!("urn:quorate:problem:{slug}"), "{text:?}");
            assert!(!answer.json()["errors"][0]["message"].as_str().unwrap().is_empty());
        }
        assert_eq!(door.get("").await.json()["items"], json!([]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_options_and_types_are_named() {
    everywhere_empty(async |door: Door| {
        for query in ["?decimal=x", "?delimiter=xx", "?header=maybe", "?target=z", "?name=a%00b"] {
            let answer = door.upload(query, "a,b\n1,2\n").await;
            assert_eq!(answer.status, 422, "{query}: {}", answer.text());
            let field = query[1..].split('=').next().unwrap();
            assert_eq!(answer.json()["errors"][0]["field"], field);
        }
        assert_eq!(door.upload("?nmae=a", "a,b\n1,2\n").await.status, 400);
        for kind in ["application/json", "multipart/form-data; boundary=x"] {
            let answer = door.ask(Method::POST, "", &[("content-type", kind)], "a,b\n1,2\n").await;
            assert_eq!(answer.status, 415, "{kind}");
        }
        assert_eq!(door.get("/not-an-id").await.status, 404);
        assert_eq!(door.get("/00000000-0000-0000-0000-000000000000").await.status, 404);
        let wrong = door.ask(Method::PUT, "", &[], "").await;
        assert_eq!((wrong.status.as_u16(), wrong.header("allow")), (405, "GET,HEAD,POST"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_parameters_and_forms_are_refused() {
    everywhere_empty(async |door: Door| {
        let path = door.table("x,y\n1,2\n").await;
        for (address, hint) in [
            ("?limt=1".to_owned(), "did you mean limit?"),
            (format!("{path}/rows?colums=x"), "there are version, limit, cursor"),
            (format!("{path}?fields=name"), "this address takes none"),
        ] {
            let answer = door.get(&address).await;
            assert_eq!(answer.status, 400, "{address}");
            assert!(answer.json()["detail"].as_str().unwrap().ends_with(hint), "{}", answer.text());
        }
        for path in [path.clone(), "/by-number/1".to_owned(), format!("{path}/versions")] {
            assert_eq!(door.get_as(&path, "text/csv").await.status, 406, "{path}");
            assert_eq!(door.get_as(&path, "application/json").await.status, 200, "{path}");
        }
        assert_eq!(door.get("/a%00b").await.status, 400);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn passed_limits_are_named_with_their_row() {
    let flags = [
        ("catalogue.load_samples", "false"),
        ("catalogue.max_cells", "6"),
        ("catalogue.max_columns", "3"),
        ("catalogue.max_cell_bytes", "10"),
        ("catalogue.max_upload_bytes", "5000"),
    ];
    everywhere(&flags, async |door: Door| {
        let cases = [
            ("a,b\n1,2\n1,2\n1,2\n1,2\n".to_owned(), "max_cells", json!(5)),
            ("a,b,c,d\n1,2,3,4\n".to_owned(), "max_columns", json!(1)),
            (format!("{}\n{}\n", "a,".repeat(1199) + "b", "1,".repeat(1199) + "2"), "max_columns", json!(1)),
            ("a,b\n1,12345678901\n".to_owned(), "max_cell_bytes", json!(2)),
            ("1,2\n".repeat(1500), "max_upload_bytes", json!(null)),
        ];
        for (text, limit, row) in cases {
            let answer = door.upload("", text).await;
            assert_eq!(answer.status, 413, "{limit}: {}", answer.text());
            let problem = answer.json();
            assert!(
                problem["detail"].as_str().unwrap().contains(&format!("catalogue.{limit} = ")),
                "{problem}"
            );
            assert_eq!(problem["errors"][0]["row"], row, "{limit}");
        }
        assert_eq!(door.upload("", "a,b\n1,2\n1,2\n1,2\n").await.status, 201, "the limit itself is allowed");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_body_is_refused_before_it_is_read() {
    everywhere_empty(async |door: Door| {
        let headers = [("content-length", "2147483648"), ("content-type", "text/csv")];
        let never = Body::from_stream(stream::pending::<Result<Bytes, std::io::Error>>());
        let answer = door.ask(Method::POST, "", &headers, never).await;
        assert_eq!(answer.status, 413);
        assert!(answer.text().contains("catalogue.max_upload_bytes = 1073741824"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_breaks_off_leaves_nothing() {
    everywhere_empty(async |door: Door| {
        let pieces = [Ok(Bytes::from_static(b"a,b\n1,2\n")), Err(std::io::Error::other("reset"))];
        let answer = door.upload("", Body::from_stream(stream::iter(pieces))).await;
        assert_eq!(answer.status, 400);
        assert_eq!(door.get("").await.json()["items"], json!([]));
    })
    .await;
}
