//! Everything that is linked or shipped has a permissive licence.

use anyhow::{Context, Result};
use serde_json::Value;

use super::{Fault, tree::Tree};

const ALLOWED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "OFL-1.1",
    "Python-2.0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];
/// Weak copyleft, per file: fine for tools that build or test the browser application, never shipped.
const ALLOWED_IN_TOOLS: &[&str] = &["MPL-2.0", "CC-BY-4.0"];

pub(super) fn check(tree: &Tree) -> Result<Vec<Fault>> {
    let mut faults = Vec::new();
    for package in tree.packages()? {
        let licence = package["license"].as_str().unwrap_or_default();
        if !is_allowed(licence, ALLOWED) {
            let name = package["name"].as_str().unwrap_or_default();
            faults.push(Fault::of_file("Cargo.lock", format!("{name} has the licence {licence:?}")));
        }
    }
    if let Some(lock) = tree.file("ui/package-lock.json") {
        let lock: Value = serde_json::from_str(lock.text()).context("cannot read ui/package-lock.json")?;
        faults.extend(npm_faults(&lock));
    }
    Ok(faults)
}

fn npm_faults(lock: &Value) -> Vec<Fault> {
    let packages = lock["packages"].as_object().into_iter().flatten();
    packages
        .filter_map(|(path, package)| {
            let licence = package["license"].as_str().unwrap_or_default();
            let is_tool = package["dev"] == true || package["devOptional"] == true;
            let allowed = is_allowed(licence, ALLOWED) || (is_tool && is_allowed(licence, ALLOWED_IN_TOOLS));
            (!allowed).then(|| {
                Fault::of_file("ui/package-lock.json", format!("{path} has the licence {licence:?}"))
            })
        })
        .collect()
}

/// Whether an SPDX expression can be satisfied by allowed licences. `AND` binds tighter than `OR`; the old `/`
/// means `OR`; parentheses are resolved from the inside.
fn is_allowed(expression: &str, allowed: &[&str]) -> bool {
    if let Some(open) = expression.rfind('(') {
        let Some(close) = expression[open..].find(')').map(|at| open + at) else { return false };
        let inner = if is_allowed(&expression[open + 1..close], allowed) { allowed[0] } else { "refused" };
        return is_allowed(&format!("{}{inner}{}", &expression[..open], &expression[close + 1..]), allowed);
    }
    let expression = expression.replace('/', " OR ");
    expression
        .split(" OR ")
        .any(|choice| choice.split(" AND ").all(|licence| allowed.contains(&licence.trim())))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn reads_licence_expressions() {
        for good in [
            "MIT",
            "MIT OR GPL-3.0",
            "MIT/Apache-2.0",
            "(MIT OR GPL-2.0) AND Zlib",
            "GPL-3.0 OR (MIT AND ISC)",
        ] {
            assert!(is_allowed(good, ALLOWED), "{good}");
        }
        for bad in ["", "GPL-3.0", "MIT AND GPL-3.0", "(MIT AND GPL-2.0) OR AGPL-3.0", "(MIT"] {
            assert!(!is_allowed(bad, ALLOWED), "{bad}");
        }
    }

    #[test]
    fn refuses_copyleft_in_the_graph() {
        let packages = json!([{"id": "a", "name": "a", "license": "GPL-3.0", "source": "x"}]);
        assert_eq!(check(&Tree::of(&[]).with_packages(&packages)).unwrap().len(), 1);
    }

    #[test]
    fn weak_copyleft_may_build_but_not_ship() {
        let lock = r#"{"packages": {"a": {"license": "MPL-2.0", "dev": true}, "b": {"license": "MPL-2.0"}, "c": {}}}"#;
        let faults = check(&Tree::of(&[("ui/package-lock.json", lock)])).unwrap();
        assert_eq!(faults.len(), 2, "{faults:?}");
    }
}
