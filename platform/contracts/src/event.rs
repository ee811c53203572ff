//! What services tell each other: facts as CloudEvents 1.0 in structured JSON, and hints that may be lost.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A fact: something has happened in a service.
///
/// The attributes are those of CloudEvents 1.0; `traceparent` is its Distributed Tracing extension.
///
/// ```
/// let told = r#"{"specversion":"1.0","id":"0193","source":"catalogue","type":"catalogue.data-set.created",
///     "subject":"42","time":"2026-11-01T10:00:00Z","data":{"version":1}}"#;
/// let event: contracts::event::Event = serde_json::from_str(told).unwrap();
/// assert!(event.is_of(&["catalogue.data-set."]));
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// The version of CloudEvents.
    pub specversion: SpecVersion,
    /// Unique; the same however often the event is delivered.
    pub id: String,
    /// The service that tells it.
    pub source: String,
    /// `<context>.<noun>.<past participle>`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The id of the thing it is about; events of one subject arrive in order.
    pub subject: String,
    /// When it happened.
    pub time: Timestamp,
    /// Always `application/json`.
    #[serde(default = "json")]
    pub datacontenttype: String,
    /// Names the form of `data` where there is more than one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dataschema: Option<String>,
    /// The trace that it belongs to, as W3C Trace Context writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<String>,
    /// Ids, versions and states; the whole truth is with the source.
    #[serde(default)]
    pub data: Value,
}

/// The one version of CloudEvents spoken here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum SpecVersion {
    /// CloudEvents 1.0.
    #[default]
    #[serde(rename = "1.0")]
    V1,
}

impl Event {
    /// Whether its type is one of `types`; a type that ends with a dot names all that begin so.
    pub fn is_of(&self, types: &[impl AsRef<str>]) -> bool {
        types.iter().map(AsRef::as_ref).any(|wanted| {
            if wanted.ends_with('.') { self.kind.starts_with(wanted) } else { self.kind == wanted }
        })
    }
}

fn json() -> String {
    "application/json".into()
}

/// News for whoever looks on just now; it may be lost, and nothing may depend on it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "hint", rename_all = "snake_case")]
pub enum Hint {
    /// How far a job is.
    Progress(Progress),
    /// Something has changed and may be fetched again.
    Changed(Change),
    /// A service listens for the first time and asks to be told what was told before.
    Replay(Replay),
}

/// A service listens for the first time and asks to be told what was told before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replay {
    /// The types that it listens to, as in [`Event::is_of`].
    pub types: Vec<String>,
}

/// How far a job is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Progress {
    /// Which job.
    pub job_id: String,
    /// Whose job.
    pub service: String,
    /// What kind of job.
    pub kind: String,
    /// What the job works on: a fit, a search.
    pub subject_id: String,
    /// The job's state.
    pub state: String,
    /// From 0 to 1, where the job knows.
    pub progress: Option<f64>,
    /// What it does just now.
    pub note: Option<String>,
}

/// Something has changed and may be fetched again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Change {
    /// The event's type.
    #[serde(rename = "type")]
    pub kind: String,
    /// The id of what has changed.
    pub subject: String,
    /// Whose it is.
    pub service: String,
}

impl From<&Event> for Change {
    fn from(event: &Event) -> Self {
        Self { kind: event.kind.clone(), subject: event.subject.clone(), service: event.source.clone() }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event() -> Event {
        Event {
            specversion: SpecVersion::V1,
            id: "01935f2e-0000-7000-8000-000000000001".into(),
            source: "regression".into(),
            kind: "regression.fit.finished".into(),
            subject: "f1".into(),
            time: "2026-11-01T10:00:00.25Z".parse().unwrap(),
            datacontenttype: json(),
            dataschema: None,
            traceparent: None,
            data: json!({"state": "done"}),
        }
    }

    #[test]
    fn is_written_as_cloud_events_says() {
        let written = serde_json::to_value(event()).unwrap();
        assert_eq!(
            written,
            json!({"specversion": "1.0", "id": "01935f2e-0000-7000-8000-000000000001", "source": "regression",
                "type": "regression.fit.finished", "subject": "f1", "time": "2026-11-01T10:00:00.25Z",
                "datacontenttype": "application/json", "data": {"state": "done"}})
        );
        assert_eq!(serde_json::from_value::<Event>(written).unwrap(), event());
    }

    #[test]
    fn refuses_another_version_of_cloud_events() {
        let mut written = serde_json::to_value(event()).unwrap();
        written["specversion"] = "0.3".into();
        assert!(serde_json::from_value::<Event>(written).is_err());
    }

    #[test]
    fn a_type_with_a_last_dot_names_a_family() {
        assert!(event().is_of(&["regression.fit."]));
        assert!(event().is_of(&["x", "regression.fit.finished"]));
        assert!(!event().is_of(&["regression.fit"]));
        assert!(!event().is_of(&[""; 0]));
    }

    #[test]
    fn a_hint_says_which_it_is() {
        let hint = Hint::Changed(Change::from(&event()));
        let written = serde_json::to_value(&hint).unwrap();
        assert_eq!(
            written,
            json!({"hint": "changed", "type": "regression.fit.finished", "subject": "f1", "service": "regression"})
        );
        assert_eq!(serde_json::from_value::<Hint>(written).unwrap(), hint);
    }
}
