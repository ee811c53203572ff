//! What was uploaded comes out again: rows, points, CSV, the binary table.

use contracts::table::{Table, Values};
use serde_json::json;

use crate::door::{Door, everywhere_empty};

#[tokio::test(flavor = "multi_thread")]
async fn rows_come_in_pages() {
    everywhere_empty(async |door: Door| {
        let path = door.table("n,word,y\n1,a,0.5\n,b,1\n3,,inf\n").await;
        let first = door.get(&format!("{path}/rows?limit=2")).await;
        let page = first.json();
        assert_eq!(page["columns"], json!(["n", "word", "y"]));
        assert_eq!(page["items"], json!([[1.0, "a", 0.5], [null, "b", 1.0]]));
        let cursor = page["next"].as_str().unwrap();
        assert!(first.header("link").contains(cursor));
        let last = door.get(&format!("{path}/rows?limit=2&cursor={cursor}")).await.json();
        assert_eq!((&last["items"], &last["next"]), (&json!([[3.0, null, null]]), &json!(null)));
        assert_eq!(door.get(&format!("{path}/rows?cursor=zz")).await.status, 422);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn csv_comes_out_as_it_went_in() {
    everywhere_empty(async |door: Door| {
        let path = door.table("n;\"a word\";y\n1;\"x;\"\"y\"\"\";0,5\n-2;;1e-9\n").await;
        let csv = door.get_as(&format!("{path}/rows"), "text/csv").await;
        assert_eq!(csv.text(), "n,a word,y\r\n1,\"x;\"\"y\"\"\",0.5\r\n-2,,1e-9\r\n");
        assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
        let again = door.table(csv.text()).await;
        let csv_again = door.get_as(&format!("{again}/rows"), "text/csv").await;
        assert_eq!(csv_again.text(), csv.text());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_of_many_blocks_arrives_bit_by_bit() {
    everywhere_empty(async |door: Door| {
        let rows = 2 * contracts::table::BLOCK + 5;
        let number = |i: usize| (i as f64).sin() * 10_f64.powi((i % 40) as i32 - 20);
        let text: String = std::iter::once("i,word,value\n".to_owned())
            .chain((0..rows).map(|i| format!("{i},w{},{:?}\n", i % 7, number(i))))
            .collect();
        let path = door.table(&text).await;
        let answer = door.get_as(&format!("{path}/table"), "application/octet-stream").await;
        let table = Table::decode(&answer.body).unwrap();
        assert_eq!(table.rows(), rows);
        let values = table.numbers("value").unwrap();
        assert!((0..rows).all(|i| values[i].to_bits() == number(i).to_bits()));
        let Values::Texts { dictionary, codes } = &table.column("word").unwrap().values else { panic!() };
        assert_eq!(
            (dictionary.len(), dictionary[codes[rows - 1] as usize].as_str()),
            (7, format!("w{}", (rows - 1) % 7).as_str())
        );
        let csv = door.get_as(&format!("{path}/rows"), "text/csv").await;
        assert_eq!(csv.text().lines().count(), rows + 1);
        let page = door
            .get(&format!(
                "{path}/rows?limit=1000&cursor={}",
                harness::page::encode(&(contracts::table::BLOCK - 10).to_string())
            ))
            .await;
        let items = page.json()["items"].as_array().unwrap().clone();
        assert_eq!(items.len(), 1000);
        assert!(items.iter().zip(contracts::table::BLOCK - 10..).all(|(row, i)| row[0] == i as f64));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn points_are_thinned_and_keep_their_extremes() {
    everywhere_empty(async |door: Door| {
        let text: String = std::iter::once("x,y\n".to_owned())
            .chain((0..5000).map(|i| format!("{},{}\n", 5000 - i, i % 100)))
            .collect();
        let path = door.table(&text).await;
        let points = door.get(&format!("{path}/points?x=x&y=y&max=200")).await.json();
        assert_eq!((&points["total"], &points["thinned"]), (&json!(5000), &json!(true)));
        let points = points["points"].as_array().unwrap();
        assert_eq!((points.len(), &points[0][0], &points[199][0]), (200, &json!(1.0), &json!(5000.0)));
        assert_eq!(door.get(&format!("{path}/points?x=x&y=z")).await.status, 422);
        assert_eq!(door.get(&format!("{path}/points?x=x&y=y&max=1")).await.status, 422);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn points_choose_their_axes_and_are_none_without_numbers() {
    everywhere_empty(async |door: Door| {
        for (text, x, y, first) in [
            ("who,a,b,c\nx,1,2,3\ny,4,5,6\n", "a", "c", json!([1.0, 3.0])),
            ("who,a\nx,7\ny,8\n", "", "a", json!([1.0, 7.0])),
            ("who,what\nx,u\ny,v\n", "", "", json!(null)),
        ] {
            let path = door.table(text).await;
            let points = door.get(&format!("{path}/points")).await.json();
            assert_eq!((&points["x_name"], &points["y_name"]), (&json!(x), &json!(y)), "{text}");
            assert_eq!(points["points"][0], first, "{text}");
        }
        let path = door.table("a,b,c\n1,2,3\n4,5,6\n").await;
        let points = door.get(&format!("{path}/points?y=a")).await.json();
        assert_eq!((&points["x_name"], &points["y_name"]), (&json!("b"), &json!("a")));
    })
    .await;
}
