//! Outage schemes of a case.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Elements that are out at the same time.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scheme {
    /// The identity, unique in the case.
    pub id: String,
    /// The name people use.
    pub name: Option<String>,
    /// Lines and transformers out of service.
    #[serde(default)]
    pub out: Vec<String>,
    /// Lines out of service and earthed at both ends.
    #[serde(default)]
    pub earthed: Vec<String>,
    /// The group of settings that is active; the settings as they stand if not given.
    pub group: Option<String>,
}
