//! Lists in pages: an opaque cursor says where the next page begins; there are no offsets.

use std::fmt::Write as _;

use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::negotiate::{self, Tabular};
use crate::problem::{Problem, Result};

/// The most items of one page.
pub const LIMIT_MAX: u32 = 1000;

/// The part of a query that asks for a page.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// How many items, 50 if not given.
    #[param(minimum = 1, maximum = 1000)]
    pub limit: Option<u32>,
    /// Where the page begins, as the last page said in `next`.
    pub cursor: Option<String>,
}

impl PageQuery {
    /// The number of items asked for; refused when out of range.
    pub fn limit(&self) -> Result<u32> {
        match self.limit.unwrap_or(50) {
            limit @ 1..=LIMIT_MAX => Ok(limit),
            other => Err(Problem::invalid("limit", format!("{other} is not within 1 and {LIMIT_MAX}"))),
        }
    }

    /// The key that the last page ended with.
    pub fn after(&self) -> Result<Option<String>> {
        self.cursor.as_deref().map(decode).transpose()
    }
}

/// A page of a list.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// The cursor of the next page, none on the last.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// Makes a page of up to `limit` of the items read (ask the store for one more than the limit).
    pub fn cut(mut items: Vec<T>, limit: u32, key: impl Fn(&T) -> String) -> Self {
        let is_last = items.len() <= limit as usize;
        items.truncate(limit as usize);
        let next = if is_last { None } else { items.last().map(|item| encode(&key(item))) };
        Self { items, next }
    }
}

impl<T: Serialize + Tabular> Page<T> {
    /// The page as JSON or CSV, with a link to the next.
    pub fn answer(self, uri: &Uri, headers: &HeaderMap) -> Result<Response> {
        let kind = negotiate::choose(headers, &[negotiate::Kind::Json, negotiate::Kind::Csv])?;
        let next = self.next.clone();
        let mut response = match kind {
            negotiate::Kind::Csv => negotiate::csv(&self.items)?,
            _ => axum::Json(self).into_response(),
        };
        response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept"));
        if let Some(link) = next.and_then(|cursor| next_link(uri, &cursor)) {
            response.headers_mut().insert(header::LINK, link);
        }
        Ok(response)
    }
}

/// The value of the header `Link` (RFC 8288) that leads to the next page.
pub fn next_link(uri: &Uri, cursor: &str) -> Option<HeaderValue> {
    let mut query = String::new();
    for part in
        uri.query().unwrap_or_default().split('&').filter(|p| !p.is_empty() && !p.starts_with("cursor="))
    {
        let _ = write!(query, "{part}&");
    }
    HeaderValue::from_str(&format!("<{}?{query}cursor={cursor}>; rel=\"next\"", uri.path())).ok()
}

/// The cursor that stands for a key.
pub fn encode(key: &str) -> String {
    key.bytes().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn decode(cursor: &str) -> Result<String> {
    let wrong = || Problem::invalid("cursor", "take it unchanged from the field next of the last page");
    if !cursor.is_ascii() || cursor.len() % 2 == 1 || cursor.len() > 1024 {
        return Err(wrong());
    }
    let bytes: Option<Vec<u8>> =
        (0..cursor.len()).step_by(2).map(|i| u8::from_str_radix(&cursor[i..i + 2], 16).ok()).collect();
    bytes.and_then(|b| String::from_utf8(b).ok()).filter(|t| !t.contains('\0')).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_leads_to_the_key_it_was_made_from() {
        let page = Page::cut(vec![1, 2, 3], 2, ToString::to_string);
        assert_eq!(page.items, [1, 2]);
        let query = PageQuery { limit: None, cursor: page.next };
        assert_eq!(query.after().unwrap().as_deref(), Some("2"));
        assert!(Page::cut(vec![1, 2], 2, ToString::to_string).next.is_none());
    }

    #[test]
    fn refuses_a_cursor_that_it_did_not_make_and_limits_out_of_range() {
        for cursor in ["x", "zz", "ff", "é0", "00"] {
            assert!(PageQuery { limit: None, cursor: Some(cursor.into()) }.after().is_err(), "{cursor}");
        }
        assert!(PageQuery { limit: Some(0), cursor: None }.limit().is_err());
        assert!(PageQuery { limit: Some(1001), cursor: None }.limit().is_err());
    }

    #[test]
    fn the_link_keeps_the_other_parameters() {
        let uri = "/api/v1/jobs?state=done&cursor=aa&limit=2".parse().unwrap();
        assert_eq!(
            next_link(&uri, "bb").unwrap(),
            "</api/v1/jobs?state=done&limit=2&cursor=bb>; rel=\"next\""
        );
    }
}
