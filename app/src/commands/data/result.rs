//! `quorate data formula`: what a server has found for a data set.

#![expect(clippy::print_stdout, reason = "prints what the server says")]

use axum::http::Method;
use serde_json::{Value, json};

use crate::client::{Ask, Server, plain};

pub(super) fn show(server: &Server, set: &Value, is_json: bool) -> anyhow::Result<()> {
    let id = plain(&set["id"]);
    let (search, fit) = (newest(server, "searches", &id)?, newest(server, "fits", &id)?);
    if is_json {
        println!("{}", json!({"search": search, "fit": fit}));
        return Ok(());
    }
    println!("formula  {}", of_search(&search));
    println!("line     {}", of_fit(&fit));
    Ok(())
}

/// The newest of a list of things of the data set, null where there is none.
fn newest(server: &Server, noun: &str, id: &str) -> anyhow::Result<Value> {
    let page = server.ask_json(Ask::new(Method::GET, format!("/api/v1/{noun}?data_set_id={id}&limit=1")))?;
    Ok(page["items"][0].clone())
}

fn of_search(search: &Value) -> String {
    if search.is_null() {
        return "not searched for yet".into();
    }
    let chosen = search["chosen"].as_u64().and_then(|at| search["front"].get(at as usize));
    let Some(member) = chosen else {
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
    let (target, text) = (plain(&analysis["target"]), plain(&found["formula"]["text"]));
    // That of a straight line has its left side already.
    if text.starts_with(&format!("{target} = ")) { text } else { format!("{target} = {text}") }
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
    }
}
