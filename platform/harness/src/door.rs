//! Who may knock: what a browser sends on behalf of another site is refused.
//!
//! A server that listens on this machine alone is still reached by every page that its user's browser shows. Two ways are
//! closed: a name that is made to point to this machine (DNS rebinding) by asking under which name the server is called,
//! and requests that change something but were made by another site's page (RFC 6454; Fetch Metadata).

use std::net::IpAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};

use crate::problem::Problem;

const SITE: &str = "sec-fetch-site";

/// The rules of a door.
#[derive(Clone, Debug)]
pub struct Door {
    is_local: bool,
    names: Vec<String>,
}

impl Door {
    /// A door that only this machine reaches, or others too; with the names it is called by beside `localhost`.
    pub fn new(is_local: bool, names: &[String]) -> Self {
        Self { is_local, names: names.iter().map(|name| name.to_ascii_lowercase()).collect() }
    }

    /// Guards a router.
    pub fn guard(self, router: Router) -> Router {
        router.layer(from_fn_with_state(Arc::new(self), let_in))
    }

    fn judge(&self, request: &Request) -> Result<(), Problem> {
        let called = request.uri().authority().map(Authority::as_str);
        let called = called.or_else(|| text(request.headers(), header::HOST.as_str())).unwrap_or_default();
        if self.is_local && !called.is_empty() && !self.is_own(called) {
            let detail =
                format!("this server is not called {called}; use localhost, or add the name to server.names");
            return Err(Problem::new(
                StatusCode::MISDIRECTED_REQUEST,
                "misdirected",
                "Another server is meant",
                detail,
            ));
        }
        let changes = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
        if changes && !self.is_from_here(request.headers(), called) {
            let detail =
                "a page of another site asked for it; add that site's name to server.names if it may";
            return Err(Problem::new(StatusCode::FORBIDDEN, "cross-site", "Not from another site", detail));
        }
        Ok(())
    }

    /// Whether `host[:port]` can't be a name that somebody else has made: an address, `localhost`, or a name of ours.
    fn is_own(&self, authority: &str) -> bool {
        let Ok(authority) = authority.parse::<Authority>() else { return false };
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
        host.parse::<IpAddr>().is_ok()
            || host == "localhost"
            || host.ends_with(".localhost")
            || self.is_named(&host)
    }

    fn is_named(&self, host: &str) -> bool {
        self.names.iter().any(|name| name == host)
    }

    /// Browsers say where a request comes from; what says nothing is no browser.
    fn is_from_here(&self, headers: &HeaderMap, called: &str) -> bool {
        let origin = text(headers, header::ORIGIN.as_str());
        let from = origin.and_then(|origin| origin.split_once("://")).map(|(_, authority)| authority);
        let is_named = from
            .and_then(|from| from.parse::<Authority>().ok())
            .is_some_and(|from| self.is_named(&from.host().to_ascii_lowercase()));
        let is_same = match (text(headers, SITE), origin) {
            (Some(site), _) => matches!(site, "same-origin" | "none"),
            (None, Some(_)) => from.is_some_and(|from| from.eq_ignore_ascii_case(called)),
            (None, None) => true,
        };
        is_same || is_named
    }
}

/// A header that is given twice or can't be read is no good answer.
fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?;
    Some(if values.next().is_some() { "?" } else { first.to_str().unwrap_or("?") })
}

async fn let_in(State(door): State<Arc<Door>>, request: Request, next: Next) -> Response {
    match door.judge(&request) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::routing::get;
    use tower::ServiceExt;

    use super::*;

    async fn ask(door: Door, method: Method, headers: &[(&str, &str)]) -> u16 {
        let router = door.guard(Router::new().route("/", get(async || "page").post(async || "done")));
        let request =
            headers.iter().fold(Request::builder().method(method).uri("/"), |r, (n, v)| r.header(*n, *v));
        router.oneshot(request.body(Body::empty()).unwrap()).await.unwrap().status().as_u16()
    }

    fn local() -> Door {
        Door::new(true, &["Quorate.example".into()])
    }

    #[tokio::test]
    async fn a_name_that_is_not_ours_is_refused_on_this_machine() {
        for (host, status) in [
            ("localhost:5000", 200),
            ("LOCALHOST", 200),
            ("app.localhost", 200),
            ("127.0.0.1:5000", 200),
            ("[::1]:5000", 200),
            ("192.168.0.7", 200),
            ("quorate.example", 200),
            ("evil.example:5000", 421),
            ("localhost.evil.example", 421),
            ("127.0.0.1.evil.example", 421),
            ("a b", 421),
        ] {
            assert_eq!(ask(local(), Method::GET, &[("host", host)]).await, status, "{host}");
        }
        let twice = [("host", "localhost"), ("host", "evil.example")];
        assert_eq!(ask(local(), Method::GET, &twice).await, 421);
        assert_eq!(ask(Door::new(false, &[]), Method::GET, &[("host", "evil.example")]).await, 200);
    }

    #[tokio::test]
    async fn a_page_of_another_site_reads_nothing_new_but_changes_nothing() {
        let host = ("host", "localhost:5000");
        for (header, status) in [
            (("origin", "http://localhost:5000"), 200),
            (("origin", "http://localhost:9999"), 403),
            (("origin", "https://evil.example"), 403),
            (("origin", "null"), 403),
            (("origin", "https://quorate.example"), 200),
            (("sec-fetch-site", "same-origin"), 200),
            (("sec-fetch-site", "none"), 200),
            (("sec-fetch-site", "same-site"), 403),
            (("sec-fetch-site", "cross-site"), 403),
            (("accept", "*/*"), 200),
        ] {
            assert_eq!(ask(local(), Method::POST, &[host, header]).await, status, "{header:?}");
            assert_eq!(ask(local(), Method::GET, &[host, header]).await, 200, "{header:?}");
        }
    }
}
