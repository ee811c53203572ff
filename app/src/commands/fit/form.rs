//! The chosen formula alone, in the form that somebody can take elsewhere.

use clap::ValueEnum;
use symreg::Expr;

/// A form of a formula.
#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Form {
    /// As it is read back by --given.
    Text,
    /// What stands between two dollar signs.
    Latex,
    /// An element of a web page.
    Mathml,
    /// What stands between two dollar signs.
    Typst,
    /// An expression, with `import math`.
    Python,
    /// The columns are named cells.
    Excel,
    /// An expression, with <math.h>.
    C,
    /// An expression, all variables f64.
    Rust,
    /// An expression.
    #[value(name = "javascript")]
    JavaScript,
    /// The tree.
    Json,
}

impl Form {
    pub(super) fn of(self, expr: &Expr) -> String {
        let forms = symbolic::forms(expr);
        match self {
            Self::Text => forms.text,
            Self::Latex => forms.latex,
            Self::Mathml => forms.mathml,
            Self::Typst => forms.typst,
            Self::Python => forms.python,
            Self::Excel => forms.excel,
            Self::C => forms.c,
            Self::Rust => forms.rust,
            Self::JavaScript => forms.javascript,
            Self::Json => forms.json,
        }
    }
}
