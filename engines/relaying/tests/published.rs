//! What is published of the case format is fresh: the schemas are those of the types, and the samples keep to them.
#![expect(clippy::unwrap_used, reason = "a broken sample must fail its test")]

use std::fs;
use std::path::PathBuf;

use relaying::case::schemas;
use serde_json::Value;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The files of a kind in all sample cases, with their paths.
fn samples(name: &str) -> Vec<(PathBuf, Value)> {
    let folders = fs::read_dir(root().join("samples/cases")).unwrap();
    let files = folders.map(|folder| folder.unwrap().path().join(format!("{name}.toml")));
    let read = |path: PathBuf| {
        let content = toml::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        (path, content)
    };
    files.filter(|path| path.is_file()).map(read).collect()
}

#[test]
fn the_published_schemas_are_those_of_the_types() {
    for (name, schema) in schemas() {
        let file = format!("docs/reference/{name}.schema.json");
        let published = fs::read_to_string(root().join(&file)).unwrap_or_default();
        let fresh = format!("{}\n", serde_json::to_string_pretty(&schema).unwrap());
        assert!(published == fresh, "run `cargo run -p relaying --example schema {name} > {file}`");
    }
}

#[test]
fn every_sample_keeps_to_its_schema() {
    for (name, schema) in schemas() {
        let validator = jsonschema::validator_for(schema.as_value()).unwrap();
        let files = samples(name);
        assert!(files.len() >= 2, "there are few samples of {name}");
        for (path, content) in files {
            let errors: Vec<String> = validator.iter_errors(&content).map(|e| e.to_string()).collect();
            assert!(errors.is_empty(), "{}: {errors:?}", path.display());
        }
    }
}

/// Every key of every object, one at a time, under another name; every number and text as a truth value.
fn mutants(value: &Value) -> Vec<Value> {
    match value {
        Value::Object(fields) => {
            let mut all = Vec::new();
            for (key, inner) in fields {
                let mut renamed = fields.clone();
                let moved = renamed.remove(key).unwrap();
                renamed.insert(format!("{key}x"), moved);
                all.push(Value::Object(renamed));
                all.extend(mutants(inner).into_iter().map(|mutant| {
                    let mut changed = fields.clone();
                    changed.insert(key.clone(), mutant);
                    Value::Object(changed)
                }));
            }
            all
        }
        Value::Array(items) => {
            let change = |at: usize| {
                mutants(&items[at]).into_iter().map(move |mutant| {
                    let mut changed = items.clone();
                    changed[at] = mutant;
                    Value::Array(changed)
                })
            };
            (0..items.len().min(2)).flat_map(change).collect()
        }
        Value::Number(_) | Value::String(_) => vec![Value::Bool(true)],
        _ => Vec::new(),
    }
}

#[test]
fn no_mutated_sample_keeps_to_its_schema() {
    let mut count = 0;
    for (name, schema) in schemas() {
        let validator = jsonschema::validator_for(schema.as_value()).unwrap();
        for (path, content) in samples(name) {
            for mutant in mutants(&content) {
                assert!(!validator.is_valid(&mutant), "{}: {mutant}", path.display());
                count += 1;
            }
        }
    }
    assert!(count >= 200, "{count} mutants");
}
