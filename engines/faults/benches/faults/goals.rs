//! What was found beside what was to be reached, as the end of the bench.

/// Rows of the last table.
#[derive(Default)]
pub(crate) struct Goals(Vec<Goal>);

struct Goal {
    what: String,
    found: String,
    wanted: String,
    /// None: not measured.
    is_met: Option<bool>,
}

impl Goals {
    pub(crate) fn at_most(&mut self, what: &str, found: f64, goal: f64) {
        self.row(what, short(found), format!("≤ {}", short(goal)), Some(found <= goal));
    }

    pub(crate) fn at_least(&mut self, what: &str, found: f64, goal: f64) {
        self.row(what, short(found), format!("≥ {}", short(goal)), Some(found >= goal));
    }

    /// Something of which there should be none among so many.
    pub(crate) fn none_of(&mut self, what: &str, found: usize, of: usize) {
        self.row(what, format!("{found} of {of}"), "0".to_owned(), Some(found == 0));
    }

    pub(crate) fn holds(&mut self, what: &str, is_so: bool) {
        let found = if is_so { "yes" } else { "no" };
        self.row(what, found.to_owned(), "yes".to_owned(), Some(is_so));
    }

    /// What could not be measured, with the reason.
    pub(crate) fn unknown(&mut self, what: &str, reason: &str) {
        self.row(what, reason.to_owned(), "–".to_owned(), None);
    }

    fn row(&mut self, what: &str, found: String, wanted: String, is_met: Option<bool>) {
        self.0.push(Goal { what: what.to_owned(), found, wanted, is_met });
    }

    pub(crate) fn print(&self) {
        println!("\n{:<66}{:>14}{:>12}", "Goals", "found", "goal");
        for Goal { what, found, wanted, is_met } in &self.0 {
            let verdict = match is_met {
                Some(true) => "met",
                Some(false) => "MISSED",
                None => "not measured",
            };
            println!("{what:<66}{found:>14}{wanted:>12}  {verdict}");
        }
    }
}

/// A number by the digits that matter.
fn short(value: f64) -> String {
    match value.abs() {
        0.0 => "0".to_owned(),
        size if size < 0.01 => format!("{value:.1e}"),
        size if size < 10.0 => format!("{value:.2}"),
        _ => format!("{value:.0}"),
    }
}
