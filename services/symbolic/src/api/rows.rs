//! Searches and formulas as rows of lists.

use contracts::symbolic::{FoundFormula, Search};
use harness::negotiate::Tabular;
use serde::Serialize;

/// A search in a list.
#[derive(Serialize)]
#[serde(transparent)]
pub(super) struct ListedSearch(pub(super) Search);

impl Tabular for ListedSearch {
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "data_set_id",
        "data_set_version",
        "target",
        "inputs",
        "state",
        "formula",
        "elapsed_s",
        "created_at",
    ];

    fn cells(&self) -> Vec<String> {
        let (search, analysis) = (&self.0, &self.0.analysis);
        let chosen = search.chosen.and_then(|at| search.front.get(at as usize));
        vec![
            analysis.id.to_string(),
            analysis.data_set_id.to_string(),
            analysis.data_set_version.to_string(),
            analysis.target.clone(),
            analysis.inputs.join(" "),
            analysis.state.to_string(),
            chosen.map(|m| m.formula.text.clone()).unwrap_or_default(),
            search.elapsed_s.to_string(),
            analysis.created_at.to_string(),
        ]
    }
}

/// A formula in a list.
#[derive(Serialize)]
#[serde(transparent)]
pub(super) struct ListedFormula(pub(super) FoundFormula);

impl ListedFormula {
    /// The chosen formula of a search, if it has one.
    pub(super) fn of(search: &Search) -> Option<Self> {
        let member = search.front.get(search.chosen? as usize)?;
        let analysis = &search.analysis;
        Some(Self(FoundFormula {
            id: analysis.id,
            search_id: analysis.id,
            data_set_id: analysis.data_set_id,
            data_set_version: analysis.data_set_version,
            target: analysis.target.clone(),
            formula: member.formula.clone(),
            size: member.size,
            mse: member.mse,
            r2: member.r2,
            exact: member.exact,
            created_at: analysis.finished_at.unwrap_or(analysis.created_at),
        }))
    }
}

impl Tabular for ListedFormula {
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "data_set_id",
        "data_set_version",
        "target",
        "formula",
        "size",
        "mse",
        "r2",
        "exact",
        "created_at",
    ];

    fn cells(&self) -> Vec<String> {
        let FoundFormula {
            id,
            data_set_id,
            data_set_version,
            target,
            formula,
            size,
            mse,
            r2,
            exact,
            created_at,
            ..
        } = &self.0;
        vec![
            id.to_string(),
            data_set_id.to_string(),
            data_set_version.to_string(),
            target.clone(),
            formula.text.clone(),
            size.to_string(),
            mse.to_string(),
            r2.to_string(),
            exact.to_string(),
            created_at.to_string(),
        ]
    }
}
