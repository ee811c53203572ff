//! `quorate data formula`: what a server has found for a data set.

#![expect(clippy::print_stdout, reason = "prints what the server says")]

use axum::http::Method;
use contracts::overview::Rank;
use contracts::regression::FitOptions;
use serde_json::{Value, json};

use crate::client::{Ask, Server, plain};
use crate::commands::form::shortened;

pub(super) fn show(server: &Server, set: &Value, is_json: bool) -> anyhow::Result<()> {
    let id = plain(&set["id"]);
    let (search, fit) = (best(&newest(server, "searches", &id)?), plain_line(&newest(server, "fits", &id)?));
    if is_json {
        println!("{}", json!({"search": search, "fit": fit}));
        return Ok(());
    }
    println!("formula  {}", of_search(&search));
    println!("line     {}", of_fit(&fit));
    Ok(())
}

/// The newest of a list of things of the data set first.
fn newest(server: &Server, noun: &str, id: &str) -> anyhow::Result<Vec<Value>> {
    let path = format!("/api/v1/{noun}?data_set_id={id}&limit=20");
    let mut page = server.ask_json(Ask::new(Method::GET, path))?;
    Ok(serde_json::from_value(page["items"].take())?)
}

/// Of the searches for what the newest one is about the best as the overview has it; the newest where none has chosen.
fn best(searches: &[Value]) -> Value {
    // The numbers of a law by classes are not in its formula: it does not stand for the data set.
    let mut searches = searches.iter().filter(|one| one["options"]["group"].is_null()).peekable();
    let Some(&first) = searches.peek() else { return Value::Null };
    let is_same = |one: &&Value| ["data_set_version", "target"].iter().all(|key| one[key] == first[key]);
    let rank = |one: &Value| {
        let member = chosen(one)?;
        let number = |key: &str| member[key].as_f64();
        Some(Rank::of(member["exact"] == true, number("size"), number("description_length")))
    };
    let ranked = searches.filter(is_same).filter_map(|one| Some((rank(one)?, one)));
    ranked.min_by_key(|(rank, _)| *rank).map_or(first, |(_, one)| one).clone()
}

fn chosen(search: &Value) -> Option<&Value> {
    search["chosen"].as_u64().and_then(|at| search["front"].get(at as usize))
}

/// The plain straight line; the newest fit where there is none.
fn plain_line(fits: &[Value]) -> Value {
    let default = json!(FitOptions::default());
    fits.iter().find(|fit| fit["options"] == default).or(fits.first()).cloned().unwrap_or_default()
}

fn of_search(search: &Value) -> String {
    if search.is_null() {
        return "not searched for yet".into();
    }
    let Some(member) = chosen(search) else {
        return format!("none chosen; the search is {}", plain(&search["state"]));
    };
    let exact = if member["exact"] == true { ", exact" } else { "" };
    format!("{}  ({}size {}{exact})", equation(search, member), share(member), plain(&member["size"]))
}

fn of_fit(fit: &Value) -> String {
    if fit.is_null() {
        return "not fitted yet".into();
    }
    let result = &fit["result"];
    if result.is_null() {
        return format!("none; the fit is {}", plain(&fit["state"]));
    }
    format!("{}  ({}n {})", equation(fit, result), share(result), plain(&result["n"]))
}

fn equation(analysis: &Value, found: &Value) -> String {
    let (target, text) = (plain(&analysis["target"]), shortened(&plain(&found["formula"]["text"])));
    // That of a straight line has its left side already.
    let has_left_side =
        [format!("{target} = "), format!("`{target}` = ")].iter().any(|left| text.starts_with(left));
    if has_left_side { text } else { format!("{target} = {text}") }
}

fn share(found: &Value) -> String {
    found["r2"].as_f64().map(|r2| format!("R² {r2:.6}, ")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_what_was_found_and_what_was_not() {
        let member = json!({"formula": {"text": "3*x + 4"}, "r2": 1.0, "size": 5, "exact": true});
        let search = json!({"target": "y", "state": "done", "chosen": 0, "front": [member]});
        assert_eq!(of_search(&search), "y = 3*x + 4  (R² 1.000000, size 5, exact)");
        let running = json!({"target": "y", "state": "running", "chosen": null, "front": []});
        assert_eq!(of_search(&running), "none chosen; the search is running");
        assert_eq!(
            (of_search(&Value::Null), of_fit(&Value::Null)),
            ("not searched for yet".into(), "not fitted yet".into())
        );
        let fit = json!({"target": "y", "result": {"formula": {"text": "y = 2*x"}, "r2": null, "n": 4}});
        assert_eq!(of_fit(&fit), "y = 2*x  (n 4)");
        let fit = json!({"target": "way [m]", "result": {"formula": {"text": "`way [m]` = 2*x"}, "r2": null, "n": 4}});
        assert_eq!(of_fit(&fit), "`way [m]` = 2*x  (n 4)");
    }

    #[test]
    fn a_newer_search_that_found_less_does_not_hide_the_better_formula() {
        let search = |id: u32, target: &str, exact: bool, bits: f64| {
            let member = json!({"exact": exact, "size": 5, "description_length": bits});
            json!({"id": id, "target": target, "data_set_version": 1, "chosen": 0, "front": [member]})
        };
        let running = json!({"id": 5, "target": "y", "data_set_version": 1, "chosen": null, "front": []});
        let (exact, rough, other) =
            (search(1, "y", true, -10.0), search(2, "y", false, -50.0), search(3, "z", true, -90.0));
        assert_eq!(best(&[rough.clone(), other.clone(), exact])["id"], 1);
        assert_eq!(best(&[running.clone(), other, rough])["id"], 2);
        assert_eq!(best(&[running])["id"], 5);
        let mut by_class = search(6, "y", true, -900.0);
        by_class["options"] = json!({"group": "site"});
        assert_eq!(best(&[by_class.clone(), search(7, "y", false, 3.0)])["id"], 7);
        assert!(best(&[by_class]).is_null());
    }
}
