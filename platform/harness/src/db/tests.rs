//! The database on SQLite, and on PostgreSQL where `QUORATE_TEST_POSTGRES` names one.

use super::*;

const TABLE: &[Migration] =
    &[("0001_note", "create table note (id bigint primary key, text text, body bytea, x double precision);")];

async fn sqlite() -> (tempfile::TempDir, Db) {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::open(&format!("sqlite:{}", folder.path().display()), "notes", TABLE).await.unwrap();
    (folder, db)
}

async fn insert(db: Db, id: i64) -> Result<(), DbError> {
    let mut tx = db.begin().await?;
    sqlx::query("insert into note (id, text) values ($1, 'a')").bind(id).execute(&mut *tx).await?;
    tx.commit().await
}

async fn count(db: &Db) -> i64 {
    sqlx::query_scalar("select count(*) from note").fetch_one(db.read()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn commits_many_writers_in_groups() {
    let (_folder, db) = sqlite().await;
    let writers: Vec<_> = (0..200).map(|id| tokio::spawn(insert(db.clone(), id))).collect();
    for writer in writers {
        writer.await.unwrap().unwrap();
    }
    assert_eq!(count(&db).await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_member_does_not_harm_its_group() {
    let (_folder, db) = sqlite().await;
    let writers: Vec<_> = (0..60).map(|id| tokio::spawn(insert(db.clone(), id / 2))).collect();
    let mut refused = 0;
    for writer in writers {
        match writer.await.unwrap() {
            Ok(()) => {}
            Err(e) => {
                assert!(e.is_unique_violation(), "{e}");
                refused += 1;
            }
        }
    }
    assert_eq!((count(&db).await, refused), (30, 30));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_transaction_leaves_nothing() {
    let (_folder, db) = sqlite().await;
    let mut tx = db.begin().await.unwrap();
    sqlx::query("insert into note (id) values (1)").execute(&mut *tx).await.unwrap();
    drop(tx);
    insert(db.clone(), 2).await.unwrap();
    assert_eq!(count(&db).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_that_gives_up_waiting_leaves_the_group_an_end() {
    let (_folder, db) = sqlite().await;
    let tx = db.begin().await.unwrap();
    let impatient = tokio::spawn({
        let db = db.clone();
        async move { db.begin().await.map(drop) }
    });
    let Writes::Sqlite(writer) = &db.writes else { panic!("it is a file") };
    while writer.waiting_now() == 0 {
        tokio::task::yield_now().await;
    }
    let commit = tokio::spawn(tx.commit());
    impatient.abort();
    commit.await.unwrap().unwrap();
}

/// Gives up after each possible number of steps, as an aborted task does.
#[tokio::test]
async fn a_caller_that_gives_up_anywhere_leaves_the_database_usable() {
    let (_folder, db) = sqlite().await;
    for steps in 0..40 {
        let mut writing = Box::pin(insert(db.clone(), 1000 + steps));
        for _ in 0..steps {
            if futures::poll!(&mut writing).is_ready() {
                break;
            }
            tokio::task::yield_now().await;
        }
        drop(writing);
        insert(db.clone(), steps).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn refuses_a_second_process() {
    let (folder, _db) = sqlite().await;
    let second = Db::open(&format!("sqlite:{}", folder.path().display()), "notes", TABLE).await;
    assert!(matches!(second.err(), Some(DbError::Locked(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn refuses_a_database_of_a_newer_version_and_a_changed_migration() {
    let (folder, db) = sqlite().await;
    db.close().await;
    drop(db);
    let url = format!("sqlite:{}", folder.path().display());
    assert!(Db::open(&url, "notes", &[]).await.err().unwrap().to_string().contains("newer version"));
    let other = &[("0001_note", "create table note (id bigint);")];
    assert!(Db::open(&url, "notes", other).await.err().unwrap().to_string().contains("not the one"));
}

type Note = (i64, Option<String>, Option<Vec<u8>>, Option<f64>);

async fn keeps_every_type(db: Db) {
    let mut tx = db.begin().await.unwrap();
    sqlx::query("insert into note (id, text, body, x) values ($1, $2, $3, $4)")
        .bind(i64::MIN)
        .bind("Ω")
        .bind(vec![0u8, 255])
        .bind(0.1)
        .execute(&mut *tx)
        .await
        .unwrap();
    sqlx::query("insert into note (id) values (0)").execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();

    let rows: Vec<Note> =
        sqlx::query_as("select id, text, body, x from note order by id").fetch_all(db.read()).await.unwrap();
    assert_eq!(rows, [(i64::MIN, Some("Ω".into()), Some(vec![0, 255]), Some(0.1)), (0, None, None, None)]);
    assert!(db.now_us().await.unwrap() > 1_700_000_000_000_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn keeps_every_type_on_sqlite() {
    let (_folder, db) = sqlite().await;
    keeps_every_type(db).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keeps_every_type_on_postgresql() {
    let Some(url) = crate::testing::postgres() else { return };
    let name = crate::testing::schema("notes");
    keeps_every_type(Db::open(&url, &name, TABLE).await.unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_is_heard_after_the_commit_and_never_after_a_rollback() {
    let (_folder, db) = sqlite().await;
    let mut heard = db.listen(Signal::Jobs);
    let mut tx = db.begin().await.unwrap();
    tx.raise(Signal::Jobs);
    drop(tx);
    let mut tx = db.begin().await.unwrap();
    tx.raise(Signal::Jobs);
    assert!(!heard.has_changed().unwrap());
    tx.commit().await.unwrap();
    heard.changed().await.unwrap();
    assert!(!db.listen(Signal::Outbox).has_changed().unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_is_taken_from_a_queue_does_not_wait_for_the_disk() {
    let (_folder, db) = sqlite().await;
    let Writes::Sqlite(writer) = &db.writes else { panic!("it is a file") };
    let is_all_safe = || writer.disk().is_safe(writer.disk().commits());
    for id in 0..2 {
        db.begin_taking().await.unwrap().commit().await.unwrap();
        assert!(!is_all_safe());
        insert(db.clone(), id).await.unwrap();
        assert!(is_all_safe());
        db.begin_taking().await.unwrap().commit().await.unwrap();
        db.settle().await.unwrap();
        assert!(is_all_safe());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_waits_behind_a_taking_is_committed_after_it() {
    let (_folder, db) = sqlite().await;
    let taking = db.begin_taking().await.unwrap();
    let others: Vec<_> = (0..8).map(|id| tokio::spawn(insert(db.clone(), id))).collect();
    taking.commit().await.unwrap();
    for other in others {
        other.await.unwrap().unwrap();
    }
    assert_eq!(count(&db).await, 8);
}

#[tokio::test]
async fn a_log_that_was_moved_into_the_file_begins_anew() {
    let (folder, db) = sqlite().await;
    let Writes::Sqlite(writer) = &db.writes else { panic!("it is a file") };
    let write = async |id: i64| {
        let mut tx = db.begin().await.unwrap();
        let note = sqlx::query("insert into note (id, body) values ($1, zeroblob(1000000))").bind(id);
        note.execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
    };
    let log = || folder.path().join("notes.db-wal").metadata().unwrap().len();
    let mut checkpoints = Checkpoints::new(db.read().clone(), writer);
    write(1).await;
    let once = log();
    for id in 2..6 {
        // The first look sees what is new, the second that nothing has been added.
        checkpoints.look(writer).await;
        checkpoints.look(writer).await;
        write(id).await;
    }
    assert!(log() < once + once / 2, "{} after {once} bytes", log());
    assert_eq!(count(&db).await, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_fails_leaves_nobody_waiting() {
    let (_folder, db) = sqlite().await;
    let Writes::Sqlite(writer) = &db.writes else { panic!("it is a file") };
    let first = db.begin().await.unwrap();
    let second = tokio::spawn({
        let db = db.clone();
        async move { db.begin().await.map(drop) }
    });
    while writer.waiting_now() == 0 {
        tokio::task::yield_now().await;
    }
    // The first leaves the commit to the second, which finds the disk broken.
    writer.disk().break_down();
    assert!(matches!(first.commit().await, Err(DbError::Disk(_))));
    assert!(matches!(second.await.unwrap(), Err(DbError::Disk(_))));
    assert!(!db.is_reachable().await);
}
