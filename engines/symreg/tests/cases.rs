//! Every folder of `cases` holds a table, the formula that is to be chosen, and where they come from.

#![expect(clippy::unwrap_used, reason = "what cannot be read or run fails the test")]

use std::fs;
use std::path::Path;

use symreg::{Control, Options, Outcome, Table, search};

fn read(path: &Path) -> Table {
    let text = fs::read_to_string(path).unwrap();
    let mut lines = text.lines();
    let mut names: Vec<String> = lines.next().unwrap().split(',').map(str::to_owned).collect();
    let mut columns = vec![Vec::new(); names.len()];
    for line in lines {
        for (column, cell) in columns.iter_mut().zip(line.split(',')) {
            column.push(cell.parse::<f64>().unwrap());
        }
    }
    let (target, target_name) = (columns.pop().unwrap(), names.pop().unwrap());
    Table::new(names, columns, target_name, target).unwrap()
}

fn chosen(outcome: &Outcome) -> String {
    let member = &outcome.front[outcome.chosen.unwrap()];
    if outcome.reasons[0].code == "nothing-better-than-the-mean" {
        return "mean".to_owned();
    }
    member.expr.rounded(4).text()
}

fn check(case: &Path) -> Result<(), String> {
    let table = read(&case.join("table.csv"));
    let expected = fs::read_to_string(case.join("expected.txt")).unwrap();
    assert!(case.join("SOURCE.md").exists(), "{} has no SOURCE.md", case.display());
    let options = Options { max_evaluations: 60_000, ..Options::default() };
    let outcome = search(&table, &options, None, &mut |_| Control::Continue).unwrap().value;
    let found = chosen(&outcome);
    if found == expected.trim() {
        Ok(())
    } else {
        Err(format!("{}: expected {}, chosen {found}", case.display(), expected.trim()))
    }
}

#[test]
fn every_case_is_answered_as_expected() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    let mut cases: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    assert!(cases.len() >= 10);
    let failures: Vec<String> = cases.iter().filter_map(|case| check(case).err()).collect();
    assert!(failures.is_empty(), "{failures:#?}");
}
