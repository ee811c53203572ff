//! Linear regression: least squares to full precision, with errors, tests and a formula a person would write.
//!
//! Small or ill-conditioned tables are solved in 32-digit arithmetic, large ones in f64 with a refined solution;
//! columns that depend on others are left out and named. Nothing here reads files, clocks or the environment, and
//! the same table gives the same bytes every time.
//!
//! ```
//! use linreg::{Options, Table, fit};
//!
//! let x: Vec<f64> = (0..=10).map(f64::from).collect();
//! let y: Vec<f64> = x.iter().map(|x| 3.0 * x + 4.0).collect();
//! let table = Table::new(vec!["x".to_owned()], vec![x], "y", y)?;
//!
//! let line = fit(&table, &Options::default())?.value;
//! assert_eq!(line.formula().text(), "y = 3*x + 4");
//! assert_eq!(line.predict(&[&[100.0]]), [304.0]);
//! # Ok::<(), linreg::Error>(())
//! ```
#![deny(missing_docs)]

mod bands;
mod bootstrap;
mod compare;
mod covariance;
mod design;
mod diagnostics;
mod distribution;
mod double_double;
mod error;
mod expression;
mod finding;
mod fit;
mod forms;
mod formula;
mod inference;
mod model;
mod options;
mod order;
mod orthogonal;
mod penalised;
mod random;
mod real;
mod residuals;
mod robust;
mod rounding;
mod selection;
mod solve;
mod spline;
mod stream;
mod summary;
mod table;
mod term;
mod triangle;

pub use bands::Band;
pub use bootstrap::{ResampledCoefficient, Resampling, bootstrap};
pub use compare::{Comparison, compare, compare_without};
pub use diagnostics::{Check, CheckKind, Diagnostics, Inflation, RowDiagnostics, examine};
pub use error::Error;
pub use finding::{Argument, Finding, Report, Severity, Subject};
pub use fit::{Coefficient, Fit, fit};
pub use forms::{FormKind, SimpleForm, rank_forms};
pub use formula::Formula;
pub use options::{Basis, Covariance, Options, Precision, Weighting};
pub use orthogonal::{OrthogonalFit, fit_orthogonal};
pub use penalised::{PathPoint, PenalisedFit, Penalty, fit_penalised};
pub use robust::{RobustCoefficient, RobustFit, RobustMethod, fit_robust};
pub use selection::{Candidate, Criterion, Selection, select};
pub use spline::{SplineFit, fit_spline};
pub use stream::{Revisit, Stream};
pub use table::Table;
pub use term::{Factor, Term, Transform};
