//! What users do, in their words: upload, fit, search, wait for the end.

use serde_json::{Value, json};

use crate::client::{Answer, Client};
use crate::wait::until;

/// Uploads a table as text and returns the data set.
pub async fn upload(client: &Client, name: &str, table: &str) -> Value {
    try_upload(client, &format!("name={name}"), "text/csv", table.as_bytes().to_vec())
        .await
        .expect_status(201)
        .json()
}

/// Uploads bytes with a query and returns the answer, whatever it is.
pub async fn try_upload(client: &Client, query: &str, media_type: &str, table: Vec<u8>) -> Answer {
    client.ask("POST", &format!("/api/v1/datasets?{query}")).body(media_type, table).send().await
}

/// Orders a fit of a data set and returns it as it was accepted.
pub async fn order_fit(client: &Client, data_set: &str) -> Value {
    client.post("/api/v1/fits", &json!({"data_set_id": data_set})).await.expect_status(202).json()
}

/// Orders a search of a data set with a time budget and returns it as it was accepted.
pub async fn order_search(client: &Client, data_set: &str, time_s: f64) -> Value {
    let order = json!({"data_set_id": data_set, "time_s": time_s, "seed": 1});
    client.post("/api/v1/searches", &order).await.expect_status(202).json()
}

/// Waits until the thing at a path has a state, and returns it; any other end is a failed story.
pub async fn wait_for_state(client: &Client, path: &str, state: &str) -> Value {
    let thing = until(&format!("{path}: {state}"), async || {
        let thing = client.try_get(path).await?;
        if thing.status != 200 {
            return Err(thing.text());
        }
        let thing = thing.json();
        let has_ended = ["done", "failed", "cancelled"].iter().any(|end| thing["state"] == **end);
        if thing["state"] == state || has_ended { Ok(thing) } else { Err(thing.to_string()) }
    })
    .await;
    assert_eq!(thing["state"], state, "{thing}");
    thing
}

/// All items of a list, page by page.
pub async fn all(client: &Client, path: &str) -> Vec<Value> {
    let separator = if path.contains('?') { '&' } else { '?' };
    let mut items = Vec::new();
    let mut next = format!("{path}{separator}limit=1000");
    loop {
        let page = client.get(&next).await;
        items.extend(page["items"].as_array().expect("a list has items").iter().cloned());
        match page["next"].as_str() {
            Some(cursor) => next = format!("{path}{separator}limit=1000&cursor={cursor}"),
            None => return items,
        }
    }
}

/// A text field, which must be there.
pub fn text<'a>(thing: &'a Value, field: &str) -> &'a str {
    thing[field].as_str().unwrap_or_else(|| panic!("no {field} in {thing}"))
}

/// A number field, which must be there.
pub fn number(thing: &Value, field: &str) -> f64 {
    thing[field].as_f64().unwrap_or_else(|| panic!("no number {field} in {thing}"))
}

/// A table of a straight line without any noise: a search knows it at once.
pub fn exact_line(rows: usize) -> String {
    let points = (0..rows).map(|x| format!("{x},{}", 3 * x + 4));
    table("x,y", points)
}

/// A table of a straight line with a little noise that is the same every time.
pub fn noisy_line(rows: usize) -> String {
    let points = (0..rows).map(|at| {
        let x = at as f64 / 10.0;
        let noise = ((at * 7919) % 101) as f64 / 101.0 - 0.5;
        format!("{x},{}", 2.5 * x + 1.0 + noise)
    });
    table("x,y", points)
}

/// A table whose law no search finds at once: it keeps one busy for its whole time.
pub fn hard_table(rows: usize) -> String {
    let points = (0..rows).map(|at| {
        let t = at as f64;
        let (a, b, c) = ((t * 0.37).sin() * 3.0, (t * 0.71).cos() * 2.0 + 3.0, (t * 0.13) % 5.0);
        let noise = ((at * 7919) % 101) as f64 / 50.0 - 1.0;
        format!("{a},{b},{c},{}", (a * b).sin() * c + (c / b).exp() * a.abs().sqrt() + noise)
    });
    table("a,b,c,y", points)
}

fn table(head: &str, rows: impl Iterator<Item = String>) -> String {
    let lines: Vec<String> = std::iter::once(head.to_owned()).chain(rows).collect();
    lines.join("\n") + "\n"
}
