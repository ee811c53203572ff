//! Configuration: built-in defaults, then a TOML file, then the environment (`QUORATE__SECTION__KEY`), then flags.
//!
//! A key that nobody knows is an error with a suggestion. Each service describes a section of its own.

mod check;
mod sections;

use std::path::Path;

use figment::providers::{Env, Format, Serialized, Toml};
use figment::value::{Dict, Value};
use figment::{Figment, Profile, Provider};
use serde::de::DeserializeOwned;

use crate::db::without_password;

pub use sections::{Bus, Core, Database, Grpc, Jobs, Log, Server, Services};

/// All settings, each with its origin.
#[derive(Clone, Debug)]
pub struct Settings {
    figment: Figment,
    /// What holds where nothing is set.
    defaults: Figment,
    /// What the process itself needs.
    pub core: Core,
}

/// Where a setting is and what it is: a row of `config show`.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// `server.listen`.
    pub key: String,
    /// As TOML; secrets are hidden.
    pub value: String,
    /// `default`, the file, the environment variable or the flag.
    pub origin: String,
}

/// The settings can't be used; the text says where and what to do.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(String);

impl ConfigError {
    /// A setting whose value can't be used.
    pub fn new(key: &str, cause: &dyn std::fmt::Display) -> Self {
        Self(format!("{key}: {cause}"))
    }
}

/// The defaults of a service's section: `("catalogue", toml)`.
pub type Section = (&'static str, Dict);

/// The keys under which everything is allowed.
const OPEN: &[&str] = &["services.urls"];

impl Settings {
    /// Reads the settings. `flags` are `(key, value)` with the value as TOML or as plain text.
    pub fn load(
        file: Option<&Path>,
        flags: &[(String, String)],
        sections: &[Section],
    ) -> Result<Self, ConfigError> {
        let mut figment = Figment::from(Serialized::defaults(Core::default()));
        for (name, defaults) in sections {
            figment = figment.merge(Serialized::default(name, defaults));
        }
        let defaults = figment.clone();
        let known = figment.data().map_err(|e| explain(&e))?.remove(&Profile::Default).unwrap_or_default();
        if let Some(file) = file {
            if !file.is_file() {
                return Err(ConfigError(format!("there is no configuration file {}", file.display())));
            }
            figment = figment.merge(Toml::file_exact(file));
        }
        figment = figment.merge(Env::prefixed("QUORATE__").split("__"));
        for (key, value) in flags {
            let value: Value = value.parse().unwrap_or_else(|never| match never {});
            figment = figment.merge(Serialized::default(key, value).profile(Profile::Default));
        }
        let given = figment.data().map_err(|e| explain(&e))?.remove(&Profile::Default).unwrap_or_default();
        refuse_unknown(&figment, &given, &known, "")?;
        let core: Core = figment.extract().map_err(|e| explain(&e))?;
        Ok(Self { figment, defaults, core })
    }

    /// A service's own section.
    pub fn section<T: DeserializeOwned>(&self, name: &str) -> Result<T, ConfigError> {
        self.figment.extract_inner(name).map_err(|e| explain(&e))
    }

    /// Every setting with its origin, sorted by key.
    pub fn show(&self) -> Vec<Setting> {
        let mut rows = Vec::new();
        if let Ok(mut data) = self.figment.data() {
            let dict = data.remove(&Profile::Default).unwrap_or_default();
            flatten(&dict, "", &mut |key, value| {
                rows.push(Setting { key: key.into(), value: displayed(value), origin: self.origin(key) });
            });
        }
        rows
    }

    fn origin(&self, key: &str) -> String {
        let Some(metadata) = self.figment.find_metadata(key) else { return "default".into() };
        match &metadata.source {
            Some(figment::Source::File(path)) => path.display().to_string(),
            _ if metadata.name.contains("environment") => {
                format!("environment QUORATE__{}", key.replace('.', "__").to_uppercase())
            }
            _ if self.is_default(key) => "default".into(),
            _ => "flag".into(),
        }
    }

    fn is_default(&self, key: &str) -> bool {
        let default = self.defaults.find_value(key).ok();
        match (default, self.figment.find_value(key).ok()) {
            (Some(default), Some(now)) => displayed(&default) == displayed(&now),
            _ => true,
        }
    }
}

fn explain(error: &figment::Error) -> ConfigError {
    let place = match (&error.metadata, error.path.is_empty()) {
        (Some(metadata), false) => match &metadata.source {
            Some(figment::Source::File(path)) => format!("{}: {}: ", path.display(), error.path.join(".")),
            _ => format!("{}: ", error.path.join(".")),
        },
        (Some(figment::Metadata { source: Some(figment::Source::File(path)), .. }), true) => {
            format!("{}: ", path.display())
        }
        _ => String::new(),
    };
    ConfigError(format!("{place}{}", error.kind))
}

fn refuse_unknown(figment: &Figment, given: &Dict, known: &Dict, prefix: &str) -> Result<(), ConfigError> {
    for (key, value) in given {
        let path = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
        match (known.get(key), value) {
            (None, _) => return Err(unknown(figment, &path, key, known)),
            (Some(Value::Dict(_, inner)), Value::Dict(_, value)) if !OPEN.contains(&path.as_str()) => {
                refuse_unknown(figment, value, inner, &path)?;
            }
            _ => {}
        }
    }
    Ok(())
}

fn unknown(figment: &Figment, path: &str, key: &str, known: &Dict) -> ConfigError {
    // Another source is code: a flag, or the environment, where the key says enough.
    let place = match figment.find_metadata(path).and_then(|metadata| metadata.source.as_ref()) {
        Some(figment::Source::File(file)) => format!("{}: ", file.display()),
        _ => String::new(),
    };
    let nearest = known.keys().map(|k| (strsim::damerau_levenshtein(k, key), k)).min();
    let hint = match nearest {
        // Of a short key nothing would be left.
        Some((distance, name)) if distance <= 3 && 2 * distance <= key.len() => {
            let parent = path.rsplit_once('.').map(|(parent, _)| format!("{parent}.")).unwrap_or_default();
            format!("; did you mean {parent}{name}?")
        }
        _ => format!("; known here: {}", known.keys().cloned().collect::<Vec<_>>().join(", ")),
    };
    ConfigError(format!("{place}unknown setting {path}{hint}"))
}

fn flatten(dict: &Dict, prefix: &str, row: &mut dyn FnMut(&str, &Value)) {
    for (key, value) in dict {
        let path = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
        match value {
            Value::Dict(_, inner) if !inner.is_empty() => flatten(inner, &path, row),
            _ => row(&path, value),
        }
    }
}

fn displayed(value: &Value) -> String {
    match value {
        // An address may hold a password.
        Value::String(tag, text) if text.contains("://") => {
            let shown = Value::String(*tag, without_password(text));
            serde_json::to_string(&shown).unwrap_or_default()
        }
        _ => serde_json::to_string(value).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str, flags: &[(&str, &str)]) -> Result<Settings, ConfigError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let flags: Vec<_> = flags.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let own = Dict::from([("max_cells".to_owned(), Value::from(10))]);
        Settings::load(Some(file.path()), &flags, &[("catalogue", own)])
    }

    #[test]
    fn flags_are_stronger_than_the_file_and_the_file_than_the_defaults() {
        let settings = load(
            "[server]\nlisten = \"127.0.0.1:1\"\nbody_limit_mb = 7",
            &[("server.listen", "127.0.0.1:2")],
        );
        let core = settings.unwrap().core;
        assert_eq!((core.server.listen.as_str(), core.server.body_limit_mb), ("127.0.0.1:2", 7));
        assert_eq!(core.database.url, "sqlite:data");
    }

    #[test]
    fn refuses_an_unknown_key_with_a_suggestion() {
        let error = load("[server]\nlissten = \"x\"", &[]).unwrap_err().to_string();
        assert!(error.contains("unknown setting server.lissten; did you mean server.listen?"), "{error}");
    }

    #[test]
    fn an_unknown_flag_is_told_without_the_place_of_the_code() {
        let error = load("", &[("foo", "1")]).unwrap_err().to_string();
        assert!(error.starts_with("unknown setting foo; known here: bus, "), "{error}");
    }

    #[test]
    fn knows_the_sections_of_services_and_open_tables() {
        let settings = load("[catalogue]\nmax_cells = 5\n[services.urls]\nx = \"http://a:1\"", &[]).unwrap();
        let own: std::collections::BTreeMap<String, u64> = settings.section("catalogue").unwrap();
        assert_eq!(own["max_cells"], 5);
        assert_eq!(settings.core.services.urls["x"], "http://a:1");
    }

    #[test]
    fn says_which_setting_has_the_wrong_type() {
        let error = load("[server]\nbody_limit_mb = \"much\"", &[]).unwrap_err().to_string();
        assert!(error.contains("server.body_limit_mb"), "{error}");
    }

    #[test]
    fn shows_the_origin_and_no_password() {
        let queried = load("", &[("database.url", "postgres://h/q?password=secret")]).unwrap().show();
        let url = queried.iter().find(|s| s.key == "database.url").unwrap();
        assert_eq!(url.value, "\"postgres://h/q?password=…\"");
        let settings = load("", &[("database.url", "postgres://me:secret@h/q")]).unwrap();
        let shown = settings.show();
        let url = shown.iter().find(|s| s.key == "database.url").unwrap();
        assert_eq!(url.origin, "flag");
        assert!(!url.value.contains("secret"), "{}", url.value);
        assert_eq!(shown.iter().find(|s| s.key == "bus.url").unwrap().origin, "default");
        let shown = load("", &[("catalogue.max_cells", "5")]).unwrap().show();
        assert_eq!(shown.iter().find(|s| s.key == "catalogue.max_cells").unwrap().origin, "flag");
    }
}
