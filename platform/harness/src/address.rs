//! What an address may say: only parameters that the published description knows, and no NUL, which no database stores.
//!
//! A mistyped filter that is ignored gives a wrong list and looks like a right one.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::{MatchedPath, Query, Request};
use axum::http::{Method, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::IntoResponse;
use utoipa::openapi::path::{Operation, ParameterIn, PathItem};
use utoipa::openapi::{OpenApi, RefOr};

use crate::problem::{FieldError, Problem};

/// The names of the query parameters of each operation that is described.
struct Known(HashMap<String, Vec<(Method, Vec<String>)>>);

/// Refuses what the description of the router's paths does not know.
pub(crate) fn guard(router: Router, description: &OpenApi) -> Router {
    let known = Arc::new(Known::of(description));
    router.layer(from_fn(move |request: Request, next: Next| {
        let known = known.clone();
        async move {
            match known.check(&request) {
                Ok(()) => next.run(request).await,
                Err(problem) => problem.into_response(),
            }
        }
    }))
}

impl Known {
    fn of(description: &OpenApi) -> Self {
        let paths = description.paths.paths.iter();
        Self(paths.map(|(path, item)| (path.clone(), operations(item))).collect())
    }

    fn check(&self, request: &Request) -> Result<(), Box<Problem>> {
        if request.uri().path().contains("%00") {
            return Err(Box::new(Problem::bad_request("the address holds a NUL character")));
        }
        if request.uri().query().is_none_or(str::is_empty) {
            return Ok(());
        }
        // What can't be read as a query at all is refused by the handler's own extractor.
        let Ok(Query(given)) = Query::<Vec<(String, String)>>::try_from_uri(request.uri()) else {
            return Ok(());
        };
        let names = self.names(request);
        for (name, value) in given {
            if value.contains('\0') {
                return Err(Box::new(Problem::invalid(&name, "it holds a NUL character")));
            }
            if let Some(names) = names
                && !names.contains(&name)
            {
                return Err(Box::new(unknown(&name, names)));
            }
        }
        Ok(())
    }

    fn names(&self, request: &Request) -> Option<&Vec<String>> {
        let path = request.extensions().get::<MatchedPath>()?;
        let method = if request.method() == Method::HEAD { &Method::GET } else { request.method() };
        self.0.get(path.as_str())?.iter().find(|(known, _)| known == method).map(|(_, names)| names)
    }
}

fn operations(item: &PathItem) -> Vec<(Method, Vec<String>)> {
    let all = [
        (Method::GET, &item.get),
        (Method::POST, &item.post),
        (Method::PUT, &item.put),
        (Method::PATCH, &item.patch),
        (Method::DELETE, &item.delete),
    ];
    let described = all.into_iter().filter_map(|(method, operation)| Some((method, operation.as_ref()?)));
    described.map(|(method, operation)| (method, query_names(operation))).collect()
}

pub(crate) fn query_names(operation: &Operation) -> Vec<String> {
    let parameters = operation.parameters.iter().flatten().filter_map(|parameter| match parameter {
        RefOr::T(parameter) if parameter.parameter_in == ParameterIn::Query => Some(parameter.name.clone()),
        _ => None,
    });
    parameters.collect()
}

fn unknown(name: &str, known: &[String]) -> Problem {
    let nearest = known.iter().map(|k| (strsim::damerau_levenshtein(k, name), k)).min();
    let hint = match nearest {
        None => "this address takes none".to_owned(),
        Some((distance, nearest)) if distance <= 2 => format!("did you mean {nearest}?"),
        Some(_) => format!("there are {}", known.join(", ")),
    };
    let message = format!("there is no such parameter; {hint}");
    let detail = format!("{name}: {message}");
    let status = StatusCode::BAD_REQUEST;
    Problem::new(status, "invalid-query", "A query parameter does not fit", detail).with_error(FieldError {
        field: Some(name.to_owned()),
        message,
        ..FieldError::default()
    })
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::routing::get;
    use tower::ServiceExt;
    use utoipa::openapi::path::{HttpMethod, OperationBuilder, ParameterBuilder, PathsBuilder};

    use super::*;

    async fn status_and_detail(address: &str) -> (u16, String) {
        let parameter =
            |name: &str| ParameterBuilder::new().name(name).parameter_in(ParameterIn::Query).build();
        let list = OperationBuilder::new().parameter(parameter("limit")).parameter(parameter("cursor"));
        let paths = PathsBuilder::new().path("/things/{id}", PathItem::new(HttpMethod::Get, list.build()));
        let description = utoipa::openapi::OpenApiBuilder::new().paths(paths.build()).build();
        let router = Router::new()
            .route("/things/{id}", get(async || "a thing"))
            .route("/undescribed", get(async || "what it likes"));
        let request = Request::get(address).body(Body::empty()).unwrap();
        let response = guard(router, &description).oneshot(request).await.unwrap();
        let detail = response.extensions().get::<Problem>().map(|p| p.detail.clone()).unwrap_or_default();
        (response.status().as_u16(), detail)
    }

    #[tokio::test]
    async fn refuses_a_parameter_that_is_not_described_and_suggests_one() {
        assert_eq!(status_and_detail("/things/1?limit=1&cursor=").await.0, 200);
        let (status, detail) = status_and_detail("/things/1?limti=1").await;
        assert_eq!(
            (status, detail.as_str()),
            (400, "limti: there is no such parameter; did you mean limit?")
        );
        let (_, detail) = status_and_detail("/things/1?offset=1").await;
        assert_eq!(detail, "offset: there is no such parameter; there are limit, cursor");
        assert_eq!(status_and_detail("/undescribed?any=1").await.0, 200);
    }

    #[tokio::test]
    async fn refuses_what_no_database_stores() {
        assert_eq!(status_and_detail("/things/a%00b").await.0, 400);
        assert_eq!(status_and_detail("/things/1?limit=%00").await.0, 422);
        assert_eq!(status_and_detail("/undescribed?any=a%00").await.0, 422);
    }
}
