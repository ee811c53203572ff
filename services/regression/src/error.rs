//! What can go wrong with a fit, as it is told.

use harness::problem::Problem;

/// A fit that can't be made from these data, in the engine's words.
pub(crate) fn not_fitted(cause: &linreg::Error) -> Problem {
    Problem::unprocessable("not-fitted", cause.to_string())
}
