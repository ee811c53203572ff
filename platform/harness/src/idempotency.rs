//! Idempotency-Key (IETF draft 07): a creating request that is sent again gets the first one's answer.
//!
//! The answer is stored in the transaction that creates; so either both exist or neither.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use sha2::{Digest, Sha256};
use sqlx::Row;

use crate::clock::Clock;
use crate::db::{Db, DbError, Tx};
use crate::problem::{Problem, Result};

/// How long an answer is kept.
const KEPT_US: i64 = 24 * 3600 * 1_000_000;

/// What a request with a key asks for; without a key everything is new.
#[derive(Clone, Debug)]
pub struct Idempotency {
    scope: &'static str,
    key: Option<String>,
    fingerprint: String,
}

impl Idempotency {
    /// `scope` names the operation; `request` is everything that makes two requests the same.
    pub fn of(scope: &'static str, headers: &HeaderMap, request: &impl Serialize) -> Result<Self> {
        let key = match headers.get("idempotency-key").map(HeaderValue::to_str) {
            None => None,
            Some(Ok(key)) if (1..=200).contains(&key.len()) => Some(key.to_owned()),
            Some(_) => {
                let detail = "Idempotency-Key takes 1 to 200 printable ASCII characters";
                return Err(Problem::bad_request(detail));
            }
        };
        let request = serde_json::to_vec(request).map_err(|e| Problem::internal(&e))?;
        Ok(Self { scope, key, fingerprint: hex(&Sha256::digest(&request)) })
    }

    /// The same as [`Idempotency::replay`] before any work is done and anybody else is asked: a repetition is answered
    /// though the thing that it was about is gone or its owner is away.
    pub async fn answered(&self, db: &Db) -> Result<Option<Response>> {
        if self.key.is_none() {
            return Ok(None);
        }
        let mut connection = db.read().acquire().await?;
        self.stored(&mut connection).await
    }

    /// The answer that this request got before, if it is a repetition. 422 when the key was used for another request.
    pub async fn replay(&self, tx: &mut Tx) -> Result<Option<Response>> {
        self.stored(tx).await
    }

    async fn stored(&self, connection: &mut sqlx::AnyConnection) -> Result<Option<Response>> {
        let Some(key) = &self.key else { return Ok(None) };
        let row = sqlx::query(
            "select fingerprint, status, location, body from idempotency where scope = $1 and idempotency_key = $2",
        );
        let row = row.bind(self.scope).bind(key).fetch_optional(connection).await?;
        let Some(row) = row else { return Ok(None) };
        if row.try_get::<String, _>("fingerprint")? != self.fingerprint {
            let detail = "this Idempotency-Key was used for another request; take a new one";
            return Err(Problem::unprocessable("idempotency-key-reused", detail));
        }
        let status = StatusCode::from_u16(row.try_get::<i64, _>("status")? as u16).unwrap_or(StatusCode::OK);
        let location: Option<String> = row.try_get("location")?;
        Ok(Some(answer(status, location.as_deref(), row.try_get("body")?)))
    }

    /// Stores the answer in the creating transaction and gives it back. 409 while the same request is in flight.
    pub async fn keep(
        &self,
        tx: &mut Tx,
        clock: &Clock,
        created: &Created<impl Serialize>,
    ) -> Result<Response> {
        let body = serde_json::to_string(&created.body).map_err(|e| Problem::internal(&e))?;
        if let Some(key) = &self.key {
            let now = clock.now_us();
            sqlx::query("delete from idempotency where created_at < $1")
                .bind(now - KEPT_US)
                .execute(&mut **tx)
                .await?;
            let inserted = sqlx::query(
                "insert into idempotency (scope, idempotency_key, fingerprint, status, location, body, created_at) \
                 values ($1, $2, $3, $4, $5, $6, $7)",
            )
            .bind(self.scope)
            .bind(key)
            .bind(&self.fingerprint)
            .bind(i64::from(created.status.as_u16()))
            .bind(&created.location)
            .bind(&body)
            .bind(now)
            .execute(&mut **tx)
            .await
            .map_err(DbError::from);
            if let Err(error) = inserted {
                if !error.is_unique_violation() {
                    return Err(error.into());
                }
                let detail =
                    "the first request with this Idempotency-Key is still running; send it again later";
                return Err(Problem::conflict("idempotency-key-in-flight", detail));
            }
        }
        Ok(answer(created.status, Some(&created.location), body))
    }
}

/// The answer to a request that created something.
#[derive(Clone, Debug)]
pub struct Created<T> {
    /// 201, or 202 when the work is still to be done.
    pub status: StatusCode,
    /// Where it can be read.
    pub location: String,
    /// What was created.
    pub body: T,
}

fn answer(status: StatusCode, location: Option<&str>, body: String) -> Response {
    let kind = HeaderValue::from_static("application/json");
    let mut response = (status, [(header::CONTENT_TYPE, kind)], body).into_response();
    if let Some(location) = location.and_then(|l| HeaderValue::from_str(l).ok()) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::Db;

    fn headers(key: &'static str) -> HeaderMap {
        HeaderMap::from_iter([("idempotency-key".parse().unwrap(), HeaderValue::from_static(key))])
    }

    async fn ask(db: &Db, key: &'static str, request: &str) -> Result<(String, bool)> {
        let idempotency = Idempotency::of("test", &headers(key), &request)?;
        let mut tx = db.begin().await?;
        let replay = idempotency.replay(&mut tx).await?;
        let is_replay = replay.is_some();
        let response = if let Some(response) = replay {
            response
        } else {
            let body = uuid::Uuid::now_v7().to_string();
            let created = Created { status: StatusCode::CREATED, location: format!("/things/{body}"), body };
            idempotency.keep(&mut tx, &Clock::system(), &created).await?
        };
        tx.commit().await?;
        assert_eq!(response.status(), 201);
        Ok((response.headers()["location"].to_str().unwrap().to_owned(), is_replay))
    }

    async fn repeats(db: Db) {
        let first = ask(&db, "a", "one").await.unwrap();
        assert_eq!(ask(&db, "a", "one").await.unwrap(), (first.0.clone(), true));
        assert_eq!(ask(&db, "a", "two").await.unwrap_err().status, 422);
        assert_ne!(ask(&db, "b", "one").await.unwrap().0, first.0);
        let answered = async |key, request| {
            Idempotency::of("test", &headers(key), &request).unwrap().answered(&db).await
        };
        assert_eq!(answered("a", "one").await.unwrap().unwrap().headers()["location"], first.0);
        assert!(answered("c", "one").await.unwrap().is_none());
        assert_eq!(answered("a", "two").await.unwrap_err().status, 422);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_repetition_gets_the_first_answer_on_sqlite() {
        let folder = tempfile::tempdir().unwrap();
        repeats(Db::open(&format!("sqlite:{}", folder.path().display()), "things", &[]).await.unwrap()).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_repetition_gets_the_first_answer_on_postgresql() {
        let Some(url) = crate::testing::postgres() else { return };
        repeats(Db::open(&url, &crate::testing::schema("things"), &[]).await.unwrap()).await;
    }
}
