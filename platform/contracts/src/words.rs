//! The words for codes: one catalogue (Fluent) for pages, reports and the command line; English so far.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use serde_json::Value;

use crate::finding::Finding;

const CATALOGUES: [&str; 7] = [
    include_str!("../messages/catalogue.en.ftl"),
    include_str!("../messages/regression.en.ftl"),
    include_str!("../messages/symbolic.en.ftl"),
    include_str!("../messages/jobs.en.ftl"),
    include_str!("../messages/grid.en.ftl"),
    include_str!("../messages/faults.en.ftl"),
    include_str!("../messages/relaying.en.ftl"),
];

static ENGLISH: LazyLock<FluentBundle<FluentResource>> = LazyLock::new(|| {
    let mut bundle = FluentBundle::new_concurrent(vec!["en".parse().expect("'en' is a language")]);
    bundle.set_use_isolating(false);
    for text in CATALOGUES {
        let resource = FluentResource::try_new(text.to_owned()).unwrap_or_else(|(resource, _)| resource);
        bundle.add_resource_overriding(resource);
    }
    bundle
});

/// A finding as a sentence; its code where there are no words for it.
///
/// ```
/// use contracts::{finding::Finding, words};
///
/// let finding = Finding::warning("constant-target").in_column("y");
/// assert!(words::finding(&finding).contains("constant"));
/// ```
pub fn finding(finding: &Finding) -> String {
    let mut args = finding.args.clone();
    args.extend(finding.subject.row.map(|row| ("row".to_owned(), row.into())));
    args.extend(finding.subject.column.clone().map(|column| ("column".to_owned(), column.into())));
    args.extend(finding.subject.element.clone().map(|element| ("element".to_owned(), element.into())));
    say(&format!("finding-{}", finding.code), &args).unwrap_or_else(|| finding.code.clone())
}

/// What to do about a finding; `None` where there are no words for it.
pub fn hint(finding: &Finding) -> Option<String> {
    say(&format!("hint-{}", finding.code), &finding.args)
}

/// A reason for a choice as a sentence; its code where there are no words for it.
pub fn reason(code: &str, args: &BTreeMap<String, Value>) -> String {
    say(&format!("reason-{code}"), args).unwrap_or_else(|| code.to_owned())
}

/// What a test of an assumption behind a fit says; its code where there are no words for it.
pub fn check(code: &str, holds: bool) -> String {
    let end = if holds { "holds" } else { "fails" };
    say(&format!("check-{code}-{end}"), &BTreeMap::new()).unwrap_or_else(|| code.to_owned())
}

/// A simple form's name; its code where there are no words for it.
pub fn form(code: &str) -> String {
    say(&format!("form-{code}"), &BTreeMap::new()).unwrap_or_else(|| code.to_owned())
}

fn say(id: &str, args: &BTreeMap<String, Value>) -> Option<String> {
    let pattern = ENGLISH.get_message(id)?.value()?;
    let mut fluent = FluentArgs::new();
    for (name, value) in args {
        fluent.set(name.clone(), argument(value));
    }
    Some(ENGLISH.format_pattern(pattern, Some(&fluent), &mut Vec::new()).into_owned())
}

fn argument(value: &Value) -> FluentValue<'static> {
    match value {
        Value::Number(number) => match number.as_i64().or_else(|| whole(number.as_f64()?)) {
            Some(whole) => FluentValue::from(whole),
            // Words need no more digits than a reader.
            None => FluentValue::from(format!("{:.3}", number.as_f64().unwrap_or(f64::NAN))),
        },
        Value::String(text) => FluentValue::from(text.clone()),
        Value::Array(items) => {
            let texts: Vec<_> =
                items.iter().map(|i| i.as_str().map_or_else(|| i.to_string(), str::to_owned)).collect();
            FluentValue::from(texts.join(", "))
        }
        other => FluentValue::from(other.to_string()),
    }
}

/// A whole number that was computed with.
fn whole(number: f64) -> Option<i64> {
    (number.fract() == 0.0 && number.abs() < 1e15).then_some(number as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_catalogue_can_be_read() {
        for text in CATALOGUES {
            let read = FluentResource::try_new(text.to_owned());
            assert!(read.is_ok(), "{:?}", read.err().map(|(_, faults)| faults));
        }
    }

    #[test]
    fn a_whole_number_has_no_decimals() {
        let finding = Finding::warning("saturated").with("rows", 2.0);
        assert!(super::finding(&finding).contains("as rows (2)"), "{}", super::finding(&finding));
    }

    #[test]
    fn an_unknown_code_is_its_own_word() {
        assert_eq!(finding(&Finding::info("never-heard-of")), "never-heard-of");
        assert_eq!(reason("never-heard-of", &BTreeMap::new()), "never-heard-of");
        assert_eq!((check("unheard", true), form("unheard")), ("unheard".to_owned(), "unheard".to_owned()));
        assert!(check("reset", false).contains("bends"));
    }
}
