//! The use cases of data sets: create, renew, look at, change and delete them.

use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use contracts::catalogue::{DataSet, DataSetChange, DataSetDetail, DataSetFact, DataSetVersion, Upload};
use harness::db::Tx;
use harness::etag::ETag;
use harness::idempotency::{Created, Idempotency};
use uuid::Uuid;

use crate::catalogue::Catalogue;
use crate::draft::{self, Draft};
use crate::error::Error;
use crate::events;
use crate::store::{self, Stored};
use crate::upload::Received;

/// Longer names are refused.
const NAME_CHARS: usize = 200;
/// Longer descriptions are refused.
const DESCRIPTION_CHARS: usize = 10_000;

/// Makes a data set of an upload; a repetition of the request gets the first answer.
pub(crate) async fn create(
    catalogue: &Catalogue,
    upload: Upload,
    received: Received,
    headers: &HeaderMap,
) -> Result<Response, Error> {
    let Received { table, digest, turn: _turn } = received;
    let once = Idempotency::of("catalogue.data-set", headers, &(&upload, digest))?;
    if let Some(answer) = once.answered(&catalogue.db).await? {
        return Ok(answer);
    }
    let id = Uuid::now_v7();
    let draft = draft::write(catalogue, id, table).await?;
    let version_id = draft.version_id.clone();
    let origin = Origin { id, name: upload.name, description: upload.description, ..Origin::default() };
    let answer = publish_once(catalogue, &once, draft, async |tx: &mut Tx, draft| {
        publish_first(catalogue, tx, origin, draft).await
    });
    kept_or_discarded(catalogue, &version_id, answer.await).await
}

/// Publishes a draft unless the request is a repetition, and gives the answer.
async fn publish_once(
    catalogue: &Catalogue,
    once: &Idempotency,
    draft: Draft,
    publish: impl AsyncFnOnce(&mut Tx, Draft) -> Result<Stored, Error>,
) -> Result<Response, Error> {
    let mut tx = catalogue.db.begin().await?;
    if let Some(response) = once.replay(&mut tx).await? {
        store::delete_draft(&mut tx, &draft.version_id).await?;
        tx.commit().await?;
        return Ok(response);
    }
    let stored = publish(&mut tx, draft).await?;
    let location = format!("/api/v1/datasets/{}", stored.data_set.id);
    let body = detail_of(&mut tx, stored).await?;
    let created = Created { status: StatusCode::CREATED, location, body };
    let response = once.keep(&mut tx, &catalogue.clock, &created).await?;
    tx.commit().await?;
    Ok(response)
}

async fn kept_or_discarded(
    catalogue: &Catalogue,
    version_id: &str,
    answer: Result<Response, Error>,
) -> Result<Response, Error> {
    if answer.is_err() {
        draft::discard(catalogue, version_id).await;
    }
    answer
}

/// Where a new data set comes from.
#[derive(Debug, Default)]
pub(crate) struct Origin {
    pub(crate) id: Uuid,
    pub(crate) number: Option<i64>,
    pub(crate) name: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) source: Option<String>,
}

/// Publishes the first version of a data set.
pub(crate) async fn publish_first(
    catalogue: &Catalogue,
    tx: &mut Tx,
    origin: Origin,
    draft: Draft,
) -> Result<Stored, Error> {
    let now = catalogue.now();
    let number = store::next_number(tx, origin.number).await?;
    let name = origin.name.map(|n| n.trim().to_owned());
    let data_set = DataSet {
        id: origin.id,
        number: Some(number),
        name: name.unwrap_or_else(|| format!("Data set {number}")),
        description: origin.description.unwrap_or_default(),
        source: origin.source.unwrap_or_else(|| "upload".to_owned()),
        version: 1,
        rows: draft.rows,
        columns: draft.columns,
        target: draft.target,
        created_at: now,
        updated_at: now,
    };
    let stored = Stored { data_set, version_id: draft.version_id, revision: 1 };
    if !store::publish(tx, &stored.version_id, 1, now.as_microsecond()).await? {
        return Err(Error::no_data_set(origin.id));
    }
    store::insert(tx, &stored).await?;
    events::tell(tx, &catalogue.clock, DataSetFact::CREATED, &stored.data_set).await?;
    Ok(stored)
}

/// Makes an upload the newest version of a data set.
pub(crate) async fn renew(
    catalogue: &Catalogue,
    id: Uuid,
    upload: Upload,
    received: Received,
    headers: &HeaderMap,
) -> Result<Response, Error> {
    let Received { table, digest, turn: _turn } = received;
    let once = Idempotency::of("catalogue.version", headers, &(id, &upload, digest))?;
    if let Some(answer) = once.answered(&catalogue.db).await? {
        return Ok(answer);
    }
    let draft = draft::write(catalogue, id, table).await?;
    let version_id = draft.version_id.clone();
    let answer = publish_once(catalogue, &once, draft, async |tx: &mut Tx, draft| {
        publish_next(catalogue, tx, id, upload, draft).await
    });
    kept_or_discarded(catalogue, &version_id, answer.await).await
}

/// Publishes a further version of a data set, with a new name or description if the upload has one.
async fn publish_next(
    catalogue: &Catalogue,
    tx: &mut Tx,
    id: Uuid,
    upload: Upload,
    draft: Draft,
) -> Result<Stored, Error> {
    let missing = || Error::no_data_set(id);
    let mut stored = store::find_in(tx, id).await?.ok_or_else(missing)?;
    if upload.name.is_some() || upload.description.is_some() {
        apply(&mut stored.data_set, upload.name, upload.description)?;
        if !store::change(tx, &stored.data_set, stored.revision).await? {
            return Err(Error::Overtaken);
        }
    }
    let data_set = &mut stored.data_set;
    (data_set.rows, data_set.columns, data_set.target) = (draft.rows, draft.columns, draft.target);
    data_set.updated_at = catalogue.now();
    let now_us = data_set.updated_at.as_microsecond();
    stored.version_id = draft.version_id;
    let version = store::renew(tx, &stored).await?.ok_or_else(missing)?;
    if !store::publish(tx, &stored.version_id, version, now_us).await? {
        return Err(missing());
    }
    let stored = store::find_in(tx, id).await?.ok_or_else(missing)?;
    events::tell(tx, &catalogue.clock, DataSetFact::CHANGED, &stored.data_set).await?;
    Ok(stored)
}

/// One data set.
pub(crate) async fn find(catalogue: &Catalogue, id: Uuid) -> Result<Stored, Error> {
    store::find(&catalogue.db, id).await?.ok_or_else(|| Error::no_data_set(id))
}

/// One data set by its number.
pub(crate) async fn find_number(catalogue: &Catalogue, number: i64) -> Result<DataSet, Error> {
    let found = store::find_number(&catalogue.db, number).await?;
    found.map(|stored| stored.data_set).ok_or_else(|| Error::no_data_set(number))
}

/// A data set with what was found out about its newest version.
pub(crate) async fn detail(catalogue: &Catalogue, stored: Stored) -> Result<DataSetDetail, Error> {
    let mut connection = catalogue.db.read().acquire().await?;
    detail_of(&mut connection, stored).await
}

async fn detail_of(connection: &mut sqlx::AnyConnection, stored: Stored) -> Result<DataSetDetail, Error> {
    let (id, version) = (stored.data_set.id, stored.data_set.version);
    let found = store::version(connection, id, version).await?.ok_or_else(|| Error::no_data_set(id))?;
    let columns = store::columns(connection, &stored.version_id).await?;
    let profile = columns.into_iter().map(|c| c.profile).collect();
    let (findings, size_bytes) = (found.told.findings, found.told.size_bytes);
    Ok(DataSetDetail { data_set: stored.data_set, profile, findings, size_bytes })
}

/// The tag of a data set as it is now.
pub(crate) fn tag(stored: &Stored) -> ETag {
    ETag::of(&[&stored.data_set.id.simple(), &stored.revision])
}

/// Changes name, description or target, if the client knows the newest state.
pub(crate) async fn change(
    catalogue: &Catalogue,
    id: Uuid,
    change: DataSetChange,
    headers: &HeaderMap,
) -> Result<Stored, Error> {
    let mut tx = catalogue.db.begin().await?;
    let mut stored = store::find_in(&mut tx, id).await?.ok_or_else(|| Error::no_data_set(id))?;
    tag(&stored).require(headers)?;
    let data_set = &mut stored.data_set;
    apply(data_set, change.name, change.description)?;
    if let Some(target) = change.target {
        if !data_set.columns.contains(&target) {
            let message = format!("there is no column {target:?}");
            return Err(Error::Invalid { field: "target", message });
        }
        data_set.target = Some(target);
    }
    data_set.updated_at = catalogue.now();
    if !store::change(&mut tx, data_set, stored.revision).await? {
        return Err(Error::Overtaken);
    }
    stored.revision += 1;
    events::tell(&mut tx, &catalogue.clock, DataSetFact::CHANGED, &stored.data_set).await?;
    tx.commit().await?;
    Ok(stored)
}

/// Deletes a data set with all its versions, if the client knows the newest state.
pub(crate) async fn delete(catalogue: &Catalogue, id: Uuid, headers: &HeaderMap) -> Result<(), Error> {
    let mut tx = catalogue.db.begin().await?;
    let stored = store::find_in(&mut tx, id).await?.ok_or_else(|| Error::no_data_set(id))?;
    tag(&stored).require(headers)?;
    if !store::delete(&mut tx, id, stored.revision).await? {
        return Err(Error::Overtaken);
    }
    store::delete_versions(&mut tx, id).await?;
    events::tell(&mut tx, &catalogue.clock, DataSetFact::DELETED, &stored.data_set).await?;
    Ok(tx.commit().await?)
}

/// The versions of a data set before one, newest first.
pub(crate) async fn versions(
    catalogue: &Catalogue,
    id: Uuid,
    before: i64,
    limit: i64,
) -> Result<Vec<DataSetVersion>, Error> {
    find(catalogue, id).await?;
    let versions = store::version_list(&catalogue.db, id, before, limit).await?;
    Ok(versions.into_iter().map(|v| v.told).collect())
}

/// Refuses what can't be a name or description before the body is read; an empty one is none.
pub(crate) fn check_texts(upload: &mut Upload) -> Result<(), Error> {
    upload.name = upload.name.take().filter(|name| !name.trim().is_empty());
    upload.description = upload.description.take().filter(|text| !text.trim().is_empty());
    if let Some(name) = &upload.name {
        checked_name(name)?;
    }
    if let Some(description) = &upload.description {
        checked_description(description.clone())?;
    }
    Ok(())
}

fn apply(data_set: &mut DataSet, name: Option<String>, description: Option<String>) -> Result<(), Error> {
    if let Some(name) = name {
        data_set.name = checked_name(&name)?;
    }
    if let Some(description) = description {
        data_set.description = checked_description(description)?;
    }
    Ok(())
}

fn checked_name(name: &str) -> Result<String, Error> {
    let name = name.trim();
    let length = name.chars().count();
    if !(1..=NAME_CHARS).contains(&length) || name.chars().any(char::is_control) {
        let message = format!("a name has 1 to {NAME_CHARS} characters and no line breaks");
        return Err(Error::Invalid { field: "name", message });
    }
    Ok(name.to_owned())
}

fn checked_description(description: String) -> Result<String, Error> {
    if description.chars().count() > DESCRIPTION_CHARS || description.contains('\0') {
        let message = format!("a description has at most {DESCRIPTION_CHARS} characters");
        return Err(Error::Invalid { field: "description", message });
    }
    Ok(description)
}
