//! The first start: the samples are there with their numbers, and after a while with their straight lines and formulas.

use std::time::Duration;

use serde_json::Value;
use stories::actions::{all, number, text};
use stories::server::Server;
use stories::set_up::SetUp;
use stories::wait::until_within;

/// Number, name, description, and the formula as a person writes it.
const EXERCISE: [(i64, &str, &str, &str); 3] = [
    (1, "y=3*x+4", "linear function", "3*x + 4"),
    (2, "y=3*x^2+1", "quadratic function", "3*x^2 + 1"),
    (3, "y=2*(x+1)^3+3", "cubic function", "2*(x + 1)^3 + 3"),
];

/// Slope and intercept of the straight lines through the exercise's functions, to the digits that were published.
const LINES: [(f64, f64, f64, f64); 3] =
    [(3.0, 1e-10, 4.0, 1e-10), (-3.0, 1e-10, 42.9246, 1e-4), (52.707_840_711, 1e-9, 72.278_54, 1e-5)];

#[tokio::test]
async fn shows_the_samples_with_their_formulas_on_sqlite() {
    shows_the_samples_with_their_formulas(SetUp::Sqlite).await;
}

#[tokio::test]
async fn shows_the_samples_with_their_formulas_on_postgresql() {
    shows_the_samples_with_their_formulas(SetUp::Postgres).await;
}

#[tokio::test]
async fn shows_the_samples_with_their_formulas_when_split() {
    shows_the_samples_with_their_formulas(SetUp::Split).await;
}

async fn shows_the_samples_with_their_formulas(set_up: SetUp) {
    let Some(server) = Server::start_with(set_up, &["symbolic.automatic_s=1"]).await else { return };
    let client = server.client();
    let sets = all(&client, "/api/v1/datasets").await;
    assert!(sets.len() >= 8, "{} samples", sets.len());
    for (number, name, description, _) in EXERCISE {
        let set = numbered(&sets, number);
        assert_eq!((text(set, "name"), text(set, "description")), (name, description));
    }
    let rows = client.get(&format!("/api/v1/datasets/{}/rows?limit=2", text(numbered(&sets, 1), "id"))).await;
    let first: Vec<String> = rows["items"].as_array().unwrap().iter().map(|row| format!("{row}")).collect();
    assert!(first[0].starts_with("[-5") && first[1].starts_with("[-4.98498498498498"), "{first:?}");

    let overview =
        until_within(Duration::from_mins(3), "a line and a formula for every sample", async || {
            let overview = all(&client, "/api/v1/overview").await;
            let is_done =
                |row: &&Value| row["linear"]["state"] == "done" && row["formula"]["state"] == "done";
            match overview.iter().find(|row| !is_done(row)) {
                None if overview.len() == sets.len() => Ok(overview),
                None => Err(format!("{} of {} rows", overview.len(), sets.len())),
                Some(row) => Err(row.to_string()),
            }
        })
        .await;
    for (exercise, line) in EXERCISE.into_iter().zip(LINES) {
        let row = overview.iter().find(|row| row["data_set"]["number"] == exercise.0).unwrap();
        assert_eq!(row["formula"]["formula"]["text"], exercise.3, "{row}");
        assert_eq!(row["formula"]["exact"], true, "{row}");
        let fit = client.get(&format!("/api/v1/fits/{}", text(&row["linear"], "fit_id"))).await;
        check_line(&fit, line);
    }
}

fn numbered(sets: &[Value], number: i64) -> &Value {
    sets.iter().find(|set| set["number"] == number).unwrap_or_else(|| panic!("no data set {number}"))
}

/// The published digits are cut off, not rounded: the value lies within one unit of the last.
fn check_line(fit: &Value, (slope, slope_unit, intercept, intercept_unit): (f64, f64, f64, f64)) {
    let coefficients = fit["result"]["coefficients"].as_array().unwrap();
    assert_eq!(coefficients.len(), 2, "{fit}");
    for coefficient in coefficients {
        let (wanted, unit) =
            if coefficient["term"] == "x" { (slope, slope_unit) } else { (intercept, intercept_unit) };
        let off = (number(coefficient, "value") - wanted).abs();
        assert!(off <= unit, "{coefficient} is {off} off {wanted}");
    }
}
