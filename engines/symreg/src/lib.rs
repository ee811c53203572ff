//! Symbolic regression: finds formulas in tables.
//!
//! [`search()`] takes a [`Table`] and [`Options`] and returns the front of formulas, from the mean to the largest that
//! still helps, with the one it would choose. It is pure: no clock, no files, no threads but those it is given, the
//! same bytes for the same table, options and seed.
//!
//! ```
//! use symreg::{Control, Options, Table, search};
//! // Semi-major axes (astronomical units) and periods (days) of six planets: Kepler's third law.
//! let a = vec![0.3871, 0.7233, 1.0, 1.5237, 5.2034, 9.5371];
//! let t = vec![87.97, 224.70, 365.26, 686.98, 4332.59, 10759.2];
//! let table = Table::new(vec!["a".into()], vec![a], "period".into(), t)?;
//! let outcome = search(&table, &Options { max_evaluations: 20_000, ..Options::default() }, None, &mut |_| {
//!     Control::Continue
//! })?
//! .value;
//! let law = &outcome.front[outcome.chosen.expect("there is a law")].expr;
//! assert!(law.rounded(4).text().ends_with("*a^1.5"), "{law}");
//! # Ok::<(), symreg::Error>(())
//! ```
#![deny(missing_docs)]

mod batch;
mod beam;
mod checkpoint;
mod choose;
mod classes;
mod code;
mod curves;
mod dictionary;
mod dispatch;
mod domain;
mod edges;
mod enumerate;
mod error;
mod expr;
mod extrapolation;
mod factors;
mod fill;
mod finish;
mod fitted;
mod fitting;
mod forest;
mod form;
mod frame;
mod front;
mod given;
mod gradient;
mod interval;
mod island;
mod kernel;
mod latex;
mod leaveout;
mod levenberg;
mod linear;
mod mathml;
mod maths;
mod mutate;
mod number;
mod options;
mod parse;
mod person;
mod polish;
mod portfolio;
mod program;
mod refine;
mod refit;
mod report;
mod resample;
mod rng;
mod rounds;
mod rules;
mod sample;
mod screen;
mod search;
mod series;
mod shelf;
mod smooth;
mod starts;
mod student;
mod subsets;
mod symmetry;
mod table;
mod tail;
mod tape;
mod template;
mod transform;
mod typst;
mod uncertainty;
mod units;

pub use checkpoint::Checkpoint;
pub use classes::{ClassLaw, ClassNumber, ClassOutcome, Classes, search_by_class};
pub use code::Language;
pub use error::Error;
pub use expr::Expr;
pub use extrapolation::beyond;
pub use fitted::{Bands, Fitted, Parameter, Prediction, Scatter};
pub use front::{Front, Member};
pub use given::fit_given;
pub use options::{Constraint, OperatorSet, Options, Units};
pub use program::Program;
pub use report::{Args, Control, Event, Finding, Outcome, Reason, Report, Severity, Stage, Subject};
pub use resample::choice_shares;
pub use search::search;
pub use table::Table;
