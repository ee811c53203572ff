//! Where in a case's files things stand: lines for findings and errors, by the names the engine has for them.

use std::collections::HashMap;

/// Lines at which the parts of one file begin, by their names.
#[derive(Debug, Default)]
pub(super) struct Places {
    lines: HashMap<String, usize>,
}

/// A part as far as it has been read.
#[derive(Default)]
struct Part {
    header: String,
    line: usize,
    keys: HashMap<String, String>,
}

impl Places {
    /// Reads the headers and first keys of a file. Parts that are written inline have no line of their own.
    pub(super) fn of(text: &str) -> Self {
        let mut places = Self::default();
        let mut part = Part::default();
        let mut relay = String::new();
        for (number, line) in text.lines().enumerate() {
            let line = line.trim();
            if let Some(header) = line.strip_prefix("[[").and_then(|rest| rest.strip_suffix("]]")) {
                places.keep(&part, &mut relay);
                part = Part { header: header.trim().to_owned(), line: number + 1, keys: HashMap::new() };
            } else if let Some((key, value)) = line.split_once('=') {
                let value = value.trim().trim_matches('"').to_owned();
                part.keys.entry(key.trim().to_owned()).or_insert(value);
            }
        }
        places.keep(&part, &mut relay);
        places
    }

    fn keep(&mut self, part: &Part, relay: &mut String) {
        let key = |name: &str| part.keys.get(name).map_or("", String::as_str);
        let names = match part.header.as_str() {
            "relay" => {
                key("id").clone_into(relay);
                vec![relay.clone(), format!("relay {relay:?}")]
            }
            "relay.stage" => vec![format!("{relay}/{}", key("id"))],
            "class" | "neutral" | "scheme" => {
                vec![key("id").to_owned(), format!("{} {:?}", part.header, key("id"))]
            }
            "sensitivity" => {
                vec![key("protection").to_owned(), format!("sensitivity of {:?}", key("protection"))]
            }
            "coordination" => vec![format!("coordination of {:?} with {:?}", key("slower"), key("faster"))],
            "waiver" => vec![key("stage").to_owned(), format!("waiver of {:?}", key("stage"))],
            _ => return,
        };
        for name in names {
            self.lines.entry(name).or_insert(part.line);
        }
    }

    /// The line of a part, counted from 1.
    pub(super) fn line(&self, name: &str) -> Option<usize> {
        self.lines.get(name).copied()
    }
}

/// The file a kind of subject stands in.
pub(super) fn file_of(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "relays" | "stages" => "relays.toml",
        "classes" | "neutrals" => "units.toml",
        "schemes" => "schemes.toml",
        "sensitivities" | "waivers" => "requirements.toml",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_relays_stages_and_rows() {
        let text = "# Relays.\n[[relay]]\nid = \"R1\"\n\n[[relay.stage]]\nid = \"II\"\n[relay.stage.settings]\npickup_a = 3\n\
                    [[relay]]\nid = \"R2\"\n[[relay.stage]]\nid = \"II\"\n";
        let places = Places::of(text);
        let lines = ["R1", "relay \"R2\"", "R1/II", "R2/II"].map(|name| places.line(name));
        assert_eq!(lines, [Some(2), Some(9), Some(5), Some(11)]);
        let rows =
            Places::of("[[coordination]]\nslower = \"a/b\"\nfaster = \"c/d\"\n[[waiver]]\nstage = \"a/b\"\n");
        assert_eq!(rows.line("coordination of \"a/b\" with \"c/d\""), Some(1));
        assert_eq!((rows.line("a/b"), rows.line("nothing")), (Some(4), None));
    }
}
