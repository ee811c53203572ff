//! What can go wrong in the catalogue, and the problem a client is told.

use axum::http::StatusCode;
use harness::db::DbError;
use harness::problem::{FieldError, Problem};

use crate::import::ImportError;

/// What can go wrong in the catalogue.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error(transparent)]
    Import(#[from] ImportError),
    #[error(transparent)]
    Db(#[from] DbError),
    #[error("{}", .0.detail)]
    Told(Problem),
    #[error("it was changed at the same moment; read it again")]
    Overtaken,
    #[error("there is no {noun} {id}")]
    Missing { noun: &'static str, id: String },
    #[error("the upload has more bytes than the limit allows")]
    BodyTooLarge { limit: u64 },
    #[error("the upload broke off: {0}")]
    BodyBroken(String),
    #[error("the upload was too slow: catalogue.{limit} = {value}")]
    BodyTooLong { limit: &'static str, value: u64 },
    #[error("{0} can't be used for a data set")]
    MediaType(String),
    #[error("{field}: {message}")]
    Invalid { field: &'static str, message: String },
    #[error("too many uploads are being read")]
    Busy,
    #[error("stored columns can't be read: {0}")]
    Damaged(String),
}

impl Error {
    /// 404 for a data set.
    pub(crate) fn no_data_set(id: impl std::fmt::Display) -> Self {
        Self::Missing { noun: "data set", id: format!("{id}") }
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self::Told(problem)
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Db(error.into())
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Import(error) => refused_import(&error),
            Error::Db(error) => error.into(),
            Error::Told(problem) => problem,
            Error::Overtaken => {
                let status = StatusCode::PRECONDITION_FAILED;
                Self::new(status, "precondition-failed", "It has changed", error.to_string())
            }
            Error::Missing { noun, id } => Self::not_found(noun, id),
            Error::BodyTooLarge { limit } => Self::too_large("catalogue.max_upload_bytes", limit),
            Error::BodyBroken(_) => Self::bad_request(error.to_string()),
            Error::BodyTooLong { .. } => {
                Self::new(StatusCode::REQUEST_TIMEOUT, "timeout", "It took too long", error.to_string())
            }
            Error::MediaType(_) => {
                let detail =
                    format!("{error}; send the file itself as text/csv or text/tab-separated-values");
                let title = "This type of body is not supported";
                Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", title, detail)
            }
            Error::Invalid { field, message } => Self::invalid(field, message),
            Error::Busy => Self::unavailable(format!("{error}; try again later")),
            Error::Damaged(cause) => Self::internal(&cause),
        }
    }
}

/// A table that can't be read says in which row or column, and a passed limit its name.
fn refused_import(error: &ImportError) -> Problem {
    let message = error.to_string();
    let field = |field: &str| FieldError { field: Some(field.to_owned()), ..FieldError::default() };
    let (slug, place) = match error {
        ImportError::TooLarge { limit, allowed, row } => {
            let limit = format!("catalogue.{limit}");
            let place = FieldError { row: *row, message, ..FieldError::default() };
            return Problem::too_large(&limit, allowed).with_error(place);
        }
        ImportError::UnknownOption { option, .. } => return Problem::invalid(option, message),
        ImportError::UnknownTarget { .. } => return Problem::invalid("target", message),
        ImportError::Empty => ("empty-file", FieldError::default()),
        ImportError::NotText(_) => ("not-text", FieldError::default()),
        ImportError::HeaderOnly => ("no-rows", FieldError { row: Some(1), ..FieldError::default() }),
        ImportError::OneColumn { .. } => ("one-column", field("delimiter")),
        ImportError::UnclosedQuote { row } => {
            ("unclosed-quote", FieldError { row: Some(*row), ..FieldError::default() })
        }
        ImportError::Ragged { row, .. } => {
            ("ragged-rows", FieldError { row: Some(*row), ..FieldError::default() })
        }
    };
    Problem::unprocessable(slug, message.clone()).with_error(FieldError { message, ..place })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_limit_and_the_row() {
        let error = ImportError::TooLarge { limit: "max_cells", allowed: 10, row: Some(7) };
        let problem = Problem::from(Error::from(error));
        assert_eq!((problem.status, problem.errors[0].row), (413, Some(7)));
        assert!(problem.detail.contains("catalogue.max_cells = 10"), "{}", problem.detail);
    }

    #[test]
    fn names_the_row_of_what_cannot_be_read() {
        let problem = Problem::from(Error::from(ImportError::UnclosedQuote { row: 3 }));
        assert_eq!((problem.status, problem.errors[0].row), (422, Some(3)));
        assert_eq!(problem.kind, "urn:quorate:problem:unclosed-quote");
    }
}
