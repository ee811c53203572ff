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
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earthed: Vec<String>,
    /// Transformers and units whose neutrals are isolated from earth.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub isolated: Vec<String>,
    /// The group of settings that is active; the settings as they stand if not given.
    pub group: Option<String>,
}
