//! Watches every write to a job from inside of PostgreSQL, and notes what no worker may do.

use harness::db::Db;
use sqlx::raw_sql;

use super::worker;

/// A statement that looked at the clock in time may write a moment later on a busy machine: 150 ms are allowed.
const WATCH: &str = "
    create table breach (what text not null, job_id text not null, was text not null, became text not null);
    create function watch() returns trigger language plpgsql as $$
    declare
        now_us bigint := (extract(epoch from clock_timestamp()) * 1000000)::bigint;
        is_claim boolean := new.state = 1 and (old.state = 0 or old.worker_id <> new.worker_id);
        what text := case
            when old.state > 1 then 'an ended job was written'
            when is_claim and new.attempt <= old.attempt then 'a claim without a new token'
            when new.attempt > old.attempt and old.state = 1 and old.lease_until > now_us then 'taken from a living worker'
            when old.state = 1 and new.attempt = old.attempt and new.cancel_requested = old.cancel_requested
                and old.lease_until < now_us - 150000 then 'written after the end of the lease'
            when old.cancel_requested = 1 and new.state = 2 then 'done though it was to be cancelled'
            when new.checkpoint is distinct from old.checkpoint and convert_from(new.checkpoint, 'utf8') <> new.attempt::text
                then 'saved by a stale worker'
        end;
    begin
        if what is not null then
            insert into breach values (what, new.id, old::text, new::text);
        end if;
        return null;
    end $$;
    create trigger watch after update on job for each row execute function watch();";

/// Begins to watch; the tables are made if they are not there yet.
#[tokio::main(flavor = "current_thread")]
pub(super) async fn begin(url: &str) {
    let db = worker::open(url).await;
    let mut tx = db.begin().await.unwrap();
    raw_sql(WATCH).execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
}

/// What was noted, each kind with its number and one example.
pub(super) async fn breaches(db: &Db) -> Vec<String> {
    let noted = "select what, count(*), min(was || ' became ' || became) from breach group by what";
    let rows: Vec<(String, i64, String)> = sqlx::query_as(noted).fetch_all(db.read()).await.unwrap();
    rows.into_iter().map(|(what, times, example)| format!("{what}, {times} times: {example}")).collect()
}
