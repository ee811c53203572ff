//! Every code a finding can have is in the catalogue of words, so that nobody reads a bare code.

use std::path::{Path, PathBuf};
use std::{env, fs};

use network::Range;

/// What opens a code in the sources.
const OPENINGS: [&str; 4] = ["Finding::new(\"", "Trouble::new(\"", "code: \"", "left_out(transformer, \""];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let found = entries.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] });
    found.filter(|path| !path.ends_with("tests.rs")).collect()
}

#[test]
fn every_code_of_an_import_has_words() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let words = fs::read_to_string(package.join("../../platform/contracts/messages/grid.en.ftl")).unwrap();
    let mut codes = 0;
    for path in sources(&package.join("src")) {
        let text = fs::read_to_string(&path).unwrap();
        for opening in OPENINGS {
            for piece in text.split(opening).skip(1) {
                let code = piece.split('"').next().unwrap();
                codes += 1;
                let entry = format!("\nfinding-{} =", code.replace('_', "-"));
                assert!(words.contains(&entry), "{}: {code} has no words in grid.en.ftl", path.display());
            }
        }
    }
    assert!(codes > 40, "only {codes} codes were found");
    let ranges = [Range::Finite, Range::AboveZero, Range::ZeroOrMore, Range::UpTo(1.0), Range::Not(0.0)];
    for range in ranges.into_iter().chain([Range::Within(0.0, 1.0)]) {
        let code = range.code().replace('_', "-");
        for kind in ["finding", "hint"] {
            assert!(words.contains(&format!("\n{kind}-{code} =")), "{code} has no {kind} in grid.en.ftl");
        }
    }
}
