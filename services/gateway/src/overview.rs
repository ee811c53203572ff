//! One row of the overview: made from what three services answer, shown as JSON or CSV.

use contracts::catalogue::DataSet;
use contracts::formula::Formula;
use contracts::jobs::JobState;
use contracts::overview::{FormulaCell, LinearCell, OverviewItem, Rank};
use contracts::regression::FitOptions;
use contracts::symbolic::SearchOptions;
use harness::link::Links;
use harness::negotiate::Tabular;
use harness::problem::{Problem, Result};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::store;

/// How many of the newest analyses of a data set are looked at for the best.
const LOOKED_AT: usize = 20;

/// What is known of a row; a part whose service does not answer is `Err` and stays as it is.
pub(crate) struct Made {
    pub(crate) data_set: Result<Option<DataSet>>,
    pub(crate) linear: Result<Option<LinearCell>>,
    pub(crate) formula: Result<Option<FormulaCell>>,
}

#[derive(Deserialize)]
struct Listed<T> {
    items: Vec<T>,
}

#[derive(Deserialize)]
struct Fit {
    id: Uuid,
    state: JobState,
    #[serde(default)]
    options: FitOptions,
    result: Option<FitResult>,
}

#[derive(Deserialize)]
struct FitResult {
    formula: Formula,
    r2: Option<f64>,
}

#[derive(Deserialize)]
struct Search {
    id: Uuid,
    state: JobState,
    data_set_version: i64,
    target: String,
    options: SearchOptions,
    #[serde(default)]
    front: Vec<Member>,
    chosen: Option<usize>,
}

/// A member of a front, or the formula kept of a finished search.
#[derive(Clone, Deserialize)]
struct Member {
    size: u32,
    mse: f64,
    r2: Option<f64>,
    description_length: Option<f64>,
    exact: bool,
    formula: Formula,
}

/// Asks the services for a row.
pub(crate) async fn make(links: &Links, data_set_id: &str) -> Made {
    let (data_set, linear, formula) =
        futures::join!(data_set(links, data_set_id), linear(links, data_set_id), formula(links, data_set_id));
    Made { data_set, linear, formula }
}

async fn data_set(links: &Links, id: &str) -> Result<Option<DataSet>> {
    links.to("catalogue")?.get(&format!("/api/v1/datasets/{id}")).await
}

/// The plain straight line; another newest fit where there is none.
async fn linear(links: &Links, id: &str) -> Result<Option<LinearCell>> {
    let fits: Vec<Fit> = newest(links, "regression", "fits", id, LOOKED_AT).await?;
    let plain = fits.iter().position(|fit| fit.options == FitOptions::default()).unwrap_or(0);
    Ok(fits.into_iter().nth(plain).map(|fit| {
        let (formula, r2) = fit.result.map_or((None, None), |result| (Some(result.formula), result.r2));
        LinearCell { fit_id: fit.id, state: fit.state, formula, r2 }
    }))
}

/// How the newest search stands, and the best that was chosen for what it is about.
async fn formula(links: &Links, id: &str) -> Result<Option<FormulaCell>> {
    let mut searches: Vec<Search> = newest(links, "symbolic", "searches", id, LOOKED_AT).await?;
    // The numbers of a law by classes are not in its formula: it does not stand for the data set.
    searches.retain(|search| search.options.group.is_none());
    let Some(first) = searches.first() else { return Ok(None) };
    let found = searches.iter().filter(|search| search.is_about_the_same(first));
    let best =
        found.filter_map(|search| Some((search, search.member()?))).min_by_key(|(_, member)| member.rank());
    let member = match best {
        Some((_, member)) => Some(member.clone()),
        None => newest::<Member>(links, "symbolic", "formulas", id, 1).await?.into_iter().next(),
    };
    let shown = best.map_or(first, |(search, _)| if first.state.is_final() { search } else { first });
    let mut cell = FormulaCell {
        search_id: shown.id,
        state: shown.state,
        formula: None,
        mse: None,
        r2: None,
        size: None,
        exact: None,
    };
    if let Some(member) = member {
        cell.formula = Some(member.formula);
        (cell.mse, cell.r2) = (Some(member.mse), member.r2);
        (cell.size, cell.exact) = (Some(member.size), Some(member.exact));
    }
    Ok(Some(cell))
}

impl Search {
    fn is_about_the_same(&self, other: &Self) -> bool {
        (self.data_set_version, &self.target) == (other.data_set_version, &other.target)
    }

    /// The chosen formula of a finished search.
    fn member(&self) -> Option<&Member> {
        self.front.get(self.chosen?)
    }
}

impl Member {
    fn rank(&self) -> Rank {
        Rank::of(self.exact, Some(f64::from(self.size)), self.description_length)
    }
}

/// The newest of a list whose newest comes first.
async fn newest<T: DeserializeOwned>(
    links: &Links,
    service: &str,
    noun: &str,
    id: &str,
    most: usize,
) -> Result<Vec<T>> {
    let path = format!("/api/v1/{noun}?data_set_id={id}&limit={most}");
    let page: Option<Listed<T>> = links.to(service)?.get(&path).await?;
    Ok(page.map(|page| page.items).unwrap_or_default())
}

/// A row as it is listed.
#[derive(Serialize)]
#[serde(transparent)]
pub(crate) struct Line {
    pub(crate) item: OverviewItem,
}

impl TryFrom<store::OverviewRow> for Line {
    type Error = Problem;

    fn try_from(row: store::OverviewRow) -> Result<Self> {
        let item = OverviewItem {
            data_set: read(&row.data_set)?,
            linear: row.linear.as_deref().map(read).transpose()?,
            formula: row.formula.as_deref().map(read).transpose()?,
        };
        Ok(Self { item })
    }
}

fn read<T: DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|e| Problem::internal(&format!("a row of the overview: {e}")))
}

impl Tabular for Line {
    const COLUMNS: &'static [&'static str] = &[
        "data_set_id",
        "number",
        "name",
        "rows",
        "linear_state",
        "linear",
        "linear_r2",
        "formula_state",
        "formula",
        "formula_r2",
        "formula_mse",
        "formula_size",
    ];

    fn cells(&self) -> Vec<String> {
        fn text<T: ToString>(value: Option<T>) -> String {
            value.map(|v| v.to_string()).unwrap_or_default()
        }
        let set = &self.item.data_set;
        let (linear, formula) = (self.item.linear.as_ref(), self.item.formula.as_ref());
        vec![
            set.id.to_string(),
            text(set.number),
            set.name.clone(),
            set.rows.to_string(),
            text(linear.map(|l| l.state)),
            text(linear.and_then(|l| l.formula.as_ref()).map(|f| &f.text)),
            text(linear.and_then(|l| l.r2)),
            text(formula.map(|f| f.state)),
            text(formula.and_then(|f| f.formula.as_ref()).map(|f| &f.text)),
            text(formula.and_then(|f| f.r2)),
            text(formula.and_then(|f| f.mse)),
            text(formula.and_then(|f| f.size)),
        ]
    }
}
