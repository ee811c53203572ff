//! What can go wrong with a search, as it is told.

use harness::problem::Problem;

/// A table that can't be searched, in the engine's words.
pub(crate) fn not_searched(cause: &symreg::Error) -> Problem {
    Problem::unprocessable("not-searched", cause.to_string())
}

/// A search that has no formula yet.
pub(crate) fn no_formula(search_id: uuid::Uuid) -> Problem {
    Problem::conflict("no-formula", format!("the search {search_id} has no such formula"))
}

/// A law by classes has a curve for every class, and no single one.
pub(crate) fn by_class(search_id: uuid::Uuid) -> Problem {
    let detail =
        format!("the formulas of search {search_id} differ from class to class; see `classes` of its front");
    Problem::conflict("by-class", detail)
}
