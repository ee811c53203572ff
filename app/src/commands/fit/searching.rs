//! What can be asked of a search on the command line, in the published words.

use std::collections::BTreeMap;

use clap::Args;
use contracts::symbolic::{Constraint, SearchOptions, Units};

/// What can be asked of a search; the default needs none of it.
#[derive(Args)]
#[command(next_help_heading = "Without --linear")]
pub(super) struct Searching {
    /// The target is exact: stop at the first formula that fits it to rounding.
    #[arg(long)]
    noise_free: bool,
    /// What formulas may be made of: add, sub, mul, div, pow, sqrt, exp, log, sin, …
    #[arg(long = "ops", value_name = "NAME,…", value_delimiter = ',')]
    operators: Vec<String>,
    /// The largest formula, in nodes.
    #[arg(long, value_name = "N", value_parser = super::within::<u32>(1, 200))]
    max_size: Option<u32>,
    /// How deep functions may stand in functions: 1 allows exp(x), 2 also exp(sin(x)).
    #[arg(long, value_name = "N", value_parser = super::within::<u32>(0, 20))]
    max_nesting: Option<u32>,
    /// Columns that every formula must have.
    #[arg(long, value_name = "COLUMN,…", value_delimiter = ',')]
    must_use: Vec<String>,
    /// Draws the rows anew this many times to see how often each formula would be chosen.
    #[arg(long, value_name = "N", value_parser = super::within::<u32>(1, 100_000))]
    pub(super) choices: Option<u32>,
    /// How many formulas of each size are kept.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = super::within::<u32>(1, 20))]
    per_size: u32,
    /// The unit of a column, such as v=m/s; what can't be added never is.
    #[arg(long = "unit", value_name = "COLUMN=UNIT", value_parser = unit)]
    units: Vec<(String, String)>,
    /// Fitted numbers may carry a unit of their own.
    #[arg(long, requires = "units")]
    constants_have_units: bool,
    /// The form of every formula, such as 'a*sin(_) + _': names that are no columns are numbers to fit, every _ a
    /// formula to find, _f the same formula wherever it stands.
    #[arg(long, value_name = "FORM")]
    template: Option<String>,
    /// One law for all classes of rows that this column tells, whose numbers may differ from class to class.
    #[arg(long, value_name = "COLUMN", conflicts_with_all = ["choices", "per_size"])]
    pub(super) group: Option<String>,
    /// Formulas are never below this.
    #[arg(long, value_name = "VALUE", allow_negative_numbers = true)]
    at_least: Option<f64>,
    /// Formulas are never above this.
    #[arg(long, value_name = "VALUE", allow_negative_numbers = true)]
    at_most: Option<f64>,
    /// Formulas never fall while these columns rise.
    #[arg(long, value_name = "COLUMN,…", value_delimiter = ',')]
    rising: Vec<String>,
    /// Formulas never rise while these columns rise.
    #[arg(long, value_name = "COLUMN,…", value_delimiter = ',')]
    falling: Vec<String>,
    /// Formulas are defined everywhere between the least and the greatest inputs.
    #[arg(long)]
    defined: bool,
}

fn unit(text: &str) -> Result<(String, String), String> {
    let parts = text.split_once('=').filter(|(column, unit)| !column.is_empty() && !unit.is_empty());
    let (column, unit) = parts.ok_or_else(|| format!("'{text}' is no COLUMN=UNIT, such as v=m/s"))?;
    Ok((column.to_owned(), unit.to_owned()))
}

impl Searching {
    pub(super) fn options(&self, seed: u64, weights: Option<&String>) -> SearchOptions {
        let columns: BTreeMap<String, String> = self.units.iter().cloned().collect();
        let constants_have_units = self.constants_have_units;
        SearchOptions {
            seed,
            max_size: self.max_size,
            noise_free: self.noise_free,
            operators: (!self.operators.is_empty()).then(|| self.operators.clone()),
            max_nesting: self.max_nesting,
            must_use: self.must_use.clone(),
            per_size: self.per_size,
            weights: weights.cloned(),
            units: (!columns.is_empty()).then_some(Units { columns, constants_have_units }),
            template: self.template.clone(),
            group: self.group.clone(),
            constraints: self.constraints(),
            ..SearchOptions::default()
        }
    }

    /// The first thing asked that only a search can do.
    pub(super) fn asked(&self) -> Option<&'static str> {
        let Self { noise_free, operators, max_size, max_nesting, must_use, choices, per_size, .. } = self;
        let Self { units, template, group, at_least, at_most, rising, falling, defined, .. } = self;
        let all = [
            (*noise_free, "--noise-free"),
            (!operators.is_empty(), "--ops"),
            (max_size.is_some(), "--max-size"),
            (max_nesting.is_some(), "--max-nesting"),
            (!must_use.is_empty(), "--must-use"),
            (choices.is_some(), "--choices"),
            (*per_size != 1, "--per-size"),
            (!units.is_empty(), "--unit"),
            (template.is_some(), "--template"),
            (group.is_some(), "--group"),
            (at_least.is_some(), "--at-least"),
            (at_most.is_some(), "--at-most"),
            (!rising.is_empty(), "--rising"),
            (!falling.is_empty(), "--falling"),
            (*defined, "--defined"),
        ];
        all.into_iter().find(|(asked, _)| *asked).map(|(_, flag)| flag)
    }

    fn constraints(&self) -> Vec<Constraint> {
        let least = self.at_least.map(|value| Constraint::AtLeast { value });
        let most = self.at_most.map(|value| Constraint::AtMost { value });
        let rising = self.rising.iter().map(|column| Constraint::Rising { column: column.clone() });
        let falling = self.falling.iter().map(|column| Constraint::Falling { column: column.clone() });
        let defined = self.defined.then_some(Constraint::Defined);
        least.into_iter().chain(most).chain(rising).chain(falling).chain(defined).collect()
    }
}
