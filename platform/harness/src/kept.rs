//! Answers that are kept ready while the database they were made from has not changed.
//!
//! Every answer is as fresh as if it had been read for its request: the version of the database (see [`crate::db`]) is
//! looked at after the request came, and a commit changes it before it is acknowledged, by whatever process.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::{Body, Bytes, HttpBody};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header, response};
use axum::response::Response;

use crate::db::{Db, Version};
use crate::problem::{Problem, Result};

/// How many answers are kept; lists are asked for in few ways.
const MANY: usize = 64;
/// Larger ones are made each time: it is not their making that takes the time.
const LARGE: usize = 256 << 10;

/// The answers of one route.
#[derive(Default)]
pub struct Kept {
    shelf: Mutex<Shelf>,
}

#[derive(Default)]
struct Shelf {
    version: Option<Version>,
    answers: HashMap<Key, Arc<Answer>>,
}

/// What an answer depends on beside the database.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    uri: Uri,
    accept: Vec<u8>,
}

struct Answer {
    parts: response::Parts,
    body: Bytes,
}

impl Kept {
    /// The answer to a request: the one kept, or what `make` makes of the database now. `make` is told nothing of the
    /// request's conditions; a client that has the answer's entity tag already gets 304.
    pub async fn answer<F>(&self, db: &Db, uri: &Uri, headers: &HeaderMap, make: F) -> Result<Response>
    where
        F: AsyncFnOnce() -> Result<Response>,
    {
        let version = db.version().await?;
        let key = Key::of(uri, headers);
        let found = self.find(&version, &key);
        let answer = match found {
            Some(answer) => answer,
            None => match Answer::of(make().await?).await? {
                Made::Small(answer) => self.keep(version, key, answer),
                Made::Other(response) => return Ok(response),
            },
        };
        Ok(answer.told(headers))
    }

    fn find(&self, version: &Version, key: &Key) -> Option<Arc<Answer>> {
        let shelf = self.shelf.lock().unwrap_or_else(PoisonError::into_inner);
        if shelf.version.as_ref() == Some(version) { shelf.answers.get(key).cloned() } else { None }
    }

    fn keep(&self, version: Version, key: Key, answer: Answer) -> Arc<Answer> {
        let answer = Arc::new(answer);
        let mut shelf = self.shelf.lock().unwrap_or_else(PoisonError::into_inner);
        if shelf.version.as_ref() != Some(&version) || shelf.answers.len() >= MANY {
            *shelf = Shelf { version: Some(version), answers: HashMap::new() };
        }
        shelf.answers.insert(key, answer.clone());
        answer
    }
}

impl Key {
    fn of(uri: &Uri, headers: &HeaderMap) -> Self {
        let wishes: Vec<&[u8]> = headers.get_all(header::ACCEPT).iter().map(HeaderValue::as_bytes).collect();
        Self { uri: uri.clone(), accept: wishes.join(&b","[..]) }
    }
}

enum Made {
    Small(Answer),
    Other(Response),
}

impl Answer {
    async fn of(response: Response) -> Result<Made> {
        let size = response.body().size_hint().exact();
        if response.status() != StatusCode::OK || size.is_none_or(|size| size > LARGE as u64) {
            return Ok(Made::Other(response));
        }
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, LARGE).await.map_err(|e| Problem::internal(&e))?;
        Ok(Made::Small(Self { parts, body }))
    }

    fn told(&self, headers: &HeaderMap) -> Response {
        if self.is_known(headers) {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            // What a 304 repeats (RFC 9110, 15.4.5).
            for name in [header::ETAG, header::VARY, header::CACHE_CONTROL] {
                self.repeat(&name, response.headers_mut());
            }
            return response;
        }
        let mut response = Response::new(Body::from(self.body.clone()));
        *response.headers_mut() = self.parts.headers.clone();
        response
    }

    fn is_known(&self, headers: &HeaderMap) -> bool {
        let Some(tag) = self.parts.headers.get(header::ETAG).and_then(|tag| tag.to_str().ok()) else {
            return false;
        };
        crate::etag::is_listed(tag, headers, &header::IF_NONE_MATCH)
    }

    fn repeat(&self, name: &HeaderName, headers: &mut HeaderMap) {
        if let Some(value) = self.parts.headers.get(name) {
            headers.insert(name, value.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use axum::response::IntoResponse;

    use super::*;
    use crate::db::Migration;
    use crate::etag::ETag;

    const TABLE: &[Migration] = &[
        ("0001_note", "create table note (id bigint primary key, n bigint not null);"),
        ("0002_first", "insert into note (id, n) values (1, 0);"),
    ];

    async fn number(db: &Db) -> i64 {
        sqlx::query_scalar("select n from note where id = 1").fetch_one(db.read()).await.unwrap()
    }

    async fn count_up(db: &Db) -> i64 {
        let mut tx = db.begin().await.unwrap();
        let up = sqlx::query_scalar("update note set n = n + 1 where id = 1 returning n");
        let n = up.fetch_one(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
        n
    }

    async fn read(kept: &Kept, db: &Db, headers: &HeaderMap, made: &AtomicUsize) -> (StatusCode, i64) {
        let make = async || {
            made.fetch_add(1, Ordering::Relaxed);
            let n = number(db).await;
            Ok(ETag::of(&[&n]).answer(&HeaderMap::new(), n.to_string()))
        };
        let answer = kept.answer(db, &Uri::from_static("/n"), headers, make).await.unwrap();
        let status = answer.status();
        let body = axum::body::to_bytes(answer.into_body(), 100).await.unwrap();
        (status, std::str::from_utf8(&body).unwrap().parse().unwrap_or(-1))
    }

    async fn open(url: &str, name: &str) -> Db {
        Db::open(url, name, TABLE).await.unwrap()
    }

    /// A write that was acknowledged before a read begins is in the read, while others write and read all the time.
    async fn is_never_stale(db: Db, writer: Db) {
        let kept = Arc::new(Kept::default());
        let noise = |db: Db, kept: Arc<Kept>| async move {
            for _ in 0..50 {
                read(&kept, &db, &HeaderMap::new(), &AtomicUsize::new(0)).await;
            }
        };
        let readers: Vec<_> = (0..4).map(|_| tokio::spawn(noise(db.clone(), kept.clone()))).collect();
        let made = AtomicUsize::new(0);
        for _ in 0..60 {
            let acknowledged = count_up(&writer).await;
            assert_eq!(read(&kept, &db, &HeaderMap::new(), &made).await, (StatusCode::OK, acknowledged));
        }
        for reader in readers {
            reader.await.unwrap();
        }
        // Nobody writes now, in the cluster's other databases neither more than now and then.
        let before = made.load(Ordering::Relaxed);
        for _ in 0..100 {
            read(&kept, &db, &HeaderMap::new(), &made).await;
        }
        assert!(made.load(Ordering::Relaxed) < before + 100, "nothing was kept");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_acknowledged_write_is_in_every_later_answer_on_sqlite() {
        let folder = tempfile::tempdir().unwrap();
        let db = open(&format!("sqlite:{}", folder.path().display()), "notes").await;
        is_never_stale(db.clone(), db).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_acknowledged_write_of_another_process_is_in_every_later_answer_on_postgresql() {
        let Some(url) = crate::testing::postgres() else { return };
        let name = crate::testing::schema("kept");
        is_never_stale(open(&url, &name).await, open(&url, &name).await).await;
    }

    #[tokio::test]
    async fn tells_a_client_that_has_it_already_nothing_new() {
        let folder = tempfile::tempdir().unwrap();
        let db = open(&format!("sqlite:{}", folder.path().display()), "notes").await;
        let (kept, made) = (Kept::default(), AtomicUsize::new(0));
        let known = HeaderMap::from_iter([(header::IF_NONE_MATCH, HeaderValue::from_static("\"0\""))]);
        assert_eq!(read(&kept, &db, &known, &made).await, (StatusCode::NOT_MODIFIED, -1));
        assert_eq!(read(&kept, &db, &HeaderMap::new(), &made).await, (StatusCode::OK, 0));
        assert_eq!(made.load(Ordering::Relaxed), 1);
        count_up(&db).await;
        assert_eq!(read(&kept, &db, &known, &made).await, (StatusCode::OK, 1));
    }

    #[tokio::test]
    async fn another_address_or_wish_has_an_answer_of_its_own_and_a_refusal_is_not_kept() {
        let folder = tempfile::tempdir().unwrap();
        let db = open(&format!("sqlite:{}", folder.path().display()), "notes").await;
        let kept = Kept::default();
        let csv = HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static("text/csv"))]);
        for (uri, headers, said) in
            [("/n", &HeaderMap::new(), "a"), ("/n?limit=2", &HeaderMap::new(), "b"), ("/n", &csv, "c")]
        {
            let uri: Uri = uri.parse().unwrap();
            let make = async || Ok(said.into_response());
            let answer = kept.answer(&db, &uri, headers, make).await.unwrap();
            assert_eq!(axum::body::to_bytes(answer.into_body(), 9).await.unwrap(), said);
        }
        let refuse = async || Ok(StatusCode::NOT_FOUND.into_response());
        let uri = Uri::from_static("/other");
        assert_eq!(kept.answer(&db, &uri, &csv, refuse).await.unwrap().status(), 404);
        let make = async || Ok("there".into_response());
        assert_eq!(kept.answer(&db, &uri, &csv, make).await.unwrap().status(), 200);
    }
}
