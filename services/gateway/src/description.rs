//! The descriptions of all services as one document, and the pages that show it.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue};
use axum::response::Redirect;
use axum::routing::get;
use futures::future::join_all;
use harness::link::Links;
use harness::service::DESCRIPTION;
use serde_json::{Value, json};
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa_axum::router::OpenApiRouter;
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::Gateway;

/// A service that does not answer in time is left out.
const PATIENCE: Duration = Duration::from_secs(2);
/// Swagger UI sets styles on its elements and draws its pictures from `data:`.
const CSP: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    object-src 'none'; base-uri 'none'; frame-ancestors 'none'";

/// The joined description.
pub(crate) async fn show(State(gateway): State<Arc<Gateway>>) -> Json<Value> {
    Json(joined(&gateway.links).await)
}

/// Swagger UI, whose assets are in the program.
pub(crate) fn pages() -> OpenApiRouter<Arc<Gateway>> {
    let swagger =
        SwaggerUi::new("/apidocs").config(Config::from("/api/v1/openapi.json").validator_url("none"));
    let policy = SetResponseHeaderLayer::overriding(
        HeaderName::from_static("content-security-policy"),
        HeaderValue::from_static(CSP),
    );
    let pages: axum::Router<Arc<Gateway>> = swagger.into();
    OpenApiRouter::from(pages.layer(policy)).route("/api/v1", get(async || Redirect::temporary("/apidocs/")))
}

async fn joined(links: &Links) -> Value {
    let own = links.all().filter(|link| link.name() == "gateway");
    let others = links.all().filter(|link| link.name() != "gateway");
    let asked = own.chain(others).map(async |link| {
        let answer = tokio::time::timeout(PATIENCE, link.get::<Value>(DESCRIPTION)).await;
        answer.ok()?.ok()?.map(|description| (link.name(), description))
    });
    let answers = join_all(asked).await;
    let mut all = json!({
        "openapi": "3.1.0",
        "info": {"title": "Quorate", "version": env!("CARGO_PKG_VERSION"),
            "description": "Data sets in, formulas out. Errors are RFC 9457 problem details."},
        "paths": {}, "components": {"schemas": {}},
    });
    for (service, mut description) in answers.into_iter().flatten() {
        name_operations(&mut description, service);
        add(&mut all, &description, "/paths");
        add(&mut all, &description, "/components/schemas");
    }
    all
}

/// Makes the names of operations (`list`, `show`) differ by their tag, which belongs to one service: `searches_list`.
fn name_operations(description: &mut Value, service: &str) {
    let paths = description.pointer_mut("/paths").and_then(Value::as_object_mut);
    let methods = paths.into_iter().flat_map(|paths| paths.values_mut()).filter_map(Value::as_object_mut);
    for operation in methods.flat_map(|methods| methods.values_mut()) {
        let tag = operation.pointer("/tags/0").and_then(Value::as_str).unwrap_or(service).replace('-', "_");
        if let Some(Value::String(name)) = operation.get_mut("operationId") {
            *name = format!("{tag}_{name}");
        }
    }
}

/// Adds what `from` has at `place`; what is there already stays: the gateway joins the services' jobs under their path.
fn add(to: &mut Value, from: &Value, place: &str) {
    let (Some(Value::Object(to)), Some(Value::Object(from))) = (to.pointer_mut(place), from.pointer(place))
    else {
        return;
    };
    for (key, value) in from {
        to.entry(key).or_insert_with(|| value.clone());
    }
}
