//! What is published of the native format is fresh: the schema is that of the types, the samples read and write back.

use std::fs;
use std::path::PathBuf;

use network::{Topology, View, read, schema, write};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[test]
fn the_published_schema_is_that_of_the_types() {
    let published = fs::read_to_string(root().join("docs/reference/network.schema.json")).unwrap();
    let advice = "run `cargo run -p network --example schema > docs/reference/network.schema.json`";
    assert!(published == schema(), "{advice}");
}

#[test]
fn every_sample_grid_reads_and_is_written_the_same() {
    let mut count = 0;
    for entry in fs::read_dir(root().join("samples/grids")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let model = read(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert!(write(&model) == text, "{} differs from what is written", path.display());
        count += 1;
    }
    assert!(count >= 2);
}

#[test]
fn every_state_of_the_teaching_grid_can_be_laid_over_it() {
    let model = read(&fs::read_to_string(root().join("samples/grids/teaching.json")).unwrap()).unwrap();
    assert_eq!(Topology::of(&View::plain(&model)).island_count(), 1);
    for state in model.states.iter().chain(&model.schemes) {
        View::of(&model, &[state]).unwrap();
    }
    let out = model.schemes.iter().find(|scheme| scheme.id == "double line out").unwrap();
    assert_eq!(Topology::of(&View::of(&model, &[out]).unwrap()).island_count(), 2);
}
