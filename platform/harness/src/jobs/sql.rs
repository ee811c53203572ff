//! The statements of the queue. What SQLite and PostgreSQL can't say alike stands here twice, side by side.
//!
//! Every write of a worker is guarded by its fencing token: `id = … and attempt = … and state = 1 and
//! lease_until > now`. The clock is always the database's (the view `clock`).

use crate::db::Dialect;

/// The columns of a [`super::row::Row`].
macro_rules! columns {
    () => {
        "job.id, queue, kind, title, subject_kind, subject_id, data_set_id, state, priority, run_at, \
         job.attempt, failures, crash_count, max_attempts, cancel_requested, job.progress, progress_note, error, \
         created_at, started_at, finished_at"
    };
}

/// The fencing token as a condition on `$1` and `$2`.
macro_rules! held {
    () => {
        "id = $1 and attempt = $2 and state = 1 and lease_until > (select now_us from clock)"
    };
}

macro_rules! insert {
    () => {
        "insert into job (id, queue, kind, args, args_version, title, subject_kind, subject_id, data_set_id, state, priority, \
         run_at, attempt, failures, crash_count, max_attempts, cancel_requested, unique_key, lock_key, traceparent, created_at) \
         select $1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10, coalesce($11, now_us + $12), 0, 0, 0, $13, 0, $14, $15, $16, now_us \
         from clock where true \
         on conflict (kind, unique_key) where unique_key is not null and state < 2 do nothing"
    };
}

pub(super) const INSERT: &str = insert!();

/// The same, with the row for who is told of it.
pub(super) const INSERT_TOLD: &str = concat!(insert!(), " returning ", columns!());

pub(super) const LIVE_WITH_KEY: &str =
    "select id from job where kind = $1 and unique_key = $2 and state < 2 and unique_key is not null";

pub(super) const ONE: &str = concat!("select ", columns!(), " from job where id = $1");

pub(super) const LIST: &str = concat!(
    "select ",
    columns!(),
    " from job where id < $1 and ($2 is null or state = $2) and (kind = $3 or $3 is null and kind not like 'harness.%') order by id desc limit $4"
);

pub(super) const COUNTS: &str = "select state, count(*) as jobs from job group by state";

/// `$1` the known kinds with their versions as `["kind:1"]`, `$2` the free slots, `$3` the lease, `$4` the worker.
///
/// A row whose worker's lease has lapsed is taken over here: no sweeper, no leader. Of the candidates with one lock key
/// one is taken; what two workers choose at the same moment is decided by the index `job_lock`. PostgreSQL is to follow
/// the index `job_ready` (see [`crate::db::Db::begin_by_index`]): reading and sorting all that wait took 28 ms of 10,000
/// waiting jobs, following the index 1 ms. SQLite finds a kind in the text: making its table of `json_each` took longer
/// than all the rest of a claim.
pub(super) fn claim(dialect: Dialect) -> &'static str {
    dialect.pick(
        concat!(
            "with ready as (select id, lock_key, priority, run_at from job \
                 where state = 0 and run_at <= (select now_us from clock) \
                 and instr($1, '\"' || kind || ':' || args_version || '\"') > 0 \
                 and queue not in (select queue from job_queue where is_paused = 1) \
                 and (lock_key is null or not exists \
                     (select 1 from job as other where other.state = 1 and other.lock_key = job.lock_key)) \
                 order by priority, run_at, id limit $2), \
             lapsed as (select id, lock_key, priority, run_at from job \
                 where state = 1 and lease_until < (select now_us from clock) \
                 and instr($1, '\"' || kind || ':' || args_version || '\"') > 0 \
                 order by lease_until limit $2), \
             ranked as (select id, priority, run_at, \
                 row_number() over (partition by coalesce(lock_key, id) order by priority, run_at, id) as place \
                 from (select * from ready union all select * from lapsed)) \
             update job set state = 1, attempt = attempt + 1, started_at = (select now_us from clock), error = null, \
                 crash_count = crash_count + case when state = 1 and worker_id <> $4 then 1 else 0 end, \
                 lease_until = (select now_us from clock) + $3, worker_id = $4 \
             where id in (select id from ranked where place = 1 order by priority, run_at, id limit $2) \
             returning args, args_version, checkpoint, traceparent, lock_key, ",
            columns!()
        ),
        concat!(
            "with ready as materialized (select id, lock_key, priority, run_at from job \
                 where state = 0 and run_at <= (select now_us from clock) \
                 and kind || ':' || args_version = any (array(select jsonb_array_elements_text($1::jsonb))) \
                 and queue not in (select queue from job_queue where is_paused = 1) \
                 and (lock_key is null or not exists \
                     (select 1 from job as other where other.state = 1 and other.lock_key = job.lock_key)) \
                 order by priority, run_at, id limit $2 for update of job skip locked), \
             lapsed as materialized (select id, lock_key, priority, run_at from job \
                 where state = 1 and lease_until < (select now_us from clock) \
                 and kind || ':' || args_version = any (array(select jsonb_array_elements_text($1::jsonb))) \
                 order by lease_until limit $2 for update of job skip locked), \
             ranked as (select id, priority, run_at, \
                 row_number() over (partition by coalesce(lock_key, id) order by priority, run_at, id) as place \
                 from (select * from ready union all select * from lapsed) as both_kinds) \
             update job set state = 1, attempt = attempt + 1, started_at = (select now_us from clock), error = null, \
                 crash_count = crash_count + case when state = 1 and worker_id <> $4 then 1 else 0 end, \
                 lease_until = (select now_us from clock) + $3, worker_id = $4 \
             where id in (select id from ranked where place = 1 order by priority, run_at, id limit $2) \
             returning args, args_version, checkpoint, traceparent, lock_key, ",
            columns!()
        ),
    )
}

/// `$1` the leases as `[{id, attempt, progress, note}]`, `$2` the lease. Rows that a transaction holds just now are left
/// out on PostgreSQL; [`HELD_STILL`] tells them from lost ones.
pub(super) fn renew(dialect: Dialect) -> &'static str {
    dialect.pick(
        "update job set lease_until = (select now_us from clock) + $2, \
             progress = coalesce(mine.progress, job.progress), \
             progress_note = coalesce(mine.note, job.progress_note) \
         from (select value->>'id' as id, value->>'attempt' as attempt, value->>'progress' as progress, \
                 value->>'note' as note from json_each($1)) as mine \
         where job.id = mine.id and job.attempt = mine.attempt and state = 1 \
             and lease_until > (select now_us from clock) \
         returning job.id, cancel_requested",
        "with held as materialized (select job.id, mine.progress, mine.note from job \
             join jsonb_to_recordset($1::jsonb) as mine(id text, attempt bigint, progress double precision, note text) \
             on job.id = mine.id and job.attempt = mine.attempt \
             where state = 1 and lease_until > (select now_us from clock) for update of job skip locked) \
         update job set lease_until = (select now_us from clock) + $2, \
             progress = coalesce(held.progress, job.progress), \
             progress_note = coalesce(held.note, job.progress_note) \
         from held where job.id = held.id returning job.id, cancel_requested",
    )
}

pub(super) const HELD_STILL: &str = concat!("select id from job where ", held!());

macro_rules! acknowledge {
    ($mine:expr, $columns:expr) => {
        concat!(
            "update job set state = 2, finished_at = (select now_us from clock), lease_until = null, progress = 1, \
                 progress_note = null, error = null, checkpoint = null, result = mine.result \
             from ",
            $mine,
            " where job.id = mine.id and job.attempt = mine.attempt and state = 1 and cancel_requested = 0 \
                 and lease_until > (select now_us from clock) \
             returning ",
            $columns
        )
    };
}

macro_rules! results_on_sqlite {
    () => {
        "(select value->>'id' as id, value->>'attempt' as attempt, value->>'result' as result from json_each($1)) as mine"
    };
}

macro_rules! results_on_postgres {
    () => {
        "json_to_recordset($1::json) as mine(id text, attempt bigint, result text)"
    };
}

/// `$1` the results as `[{id, attempt, result}]`; gives the jobs that are done now, with all columns for who is told.
pub(super) fn acknowledge(dialect: Dialect, is_told: bool) -> &'static str {
    if is_told {
        dialect.pick(
            acknowledge!(results_on_sqlite!(), columns!()),
            acknowledge!(results_on_postgres!(), columns!()),
        )
    } else {
        dialect.pick(
            acknowledge!(results_on_sqlite!(), "job.id"),
            acknowledge!(results_on_postgres!(), "job.id"),
        )
    }
}

/// Makes the job done as the first step of its completion: from here to the commit its row is locked.
pub(super) const COMPLETE: &str = concat!(
    "update job set state = 2, finished_at = (select now_us from clock), lease_until = null, progress = 1, \
         progress_note = null, error = null, checkpoint = null \
     where ",
    held!(),
    " and cancel_requested = 0 returning ",
    columns!()
);

/// The same for a job that somebody asked to stop: it ends as cancelled, with what it has.
pub(super) const COMPLETE_CANCELLED: &str = concat!(
    "update job set state = 4, finished_at = (select now_us from clock), lease_until = null, progress_note = null \
     where ",
    held!(),
    " and cancel_requested = 1 returning ",
    columns!()
);

pub(super) const KEEP_RESULT: &str = "update job set result = $2 where id = $1";

pub(super) const RESULT: &str = "select result from job where id = $1 and state = 2";

/// Locks the row for a transaction of its worker that does not end the job.
pub(super) const HOLD: &str = concat!(
    "update job set cancel_requested = cancel_requested where ",
    held!(),
    " and cancel_requested = 0"
);

pub(super) const CHECKPOINT: &str =
    concat!("update job set checkpoint = $3 where ", held!(), " and cancel_requested = 0");

/// Another try: `$3` microseconds from now, `$4` 1 when the last one counts as failed. A job that is to be cancelled does
/// not wait for its end.
pub(super) const TRY_AGAIN: &str = concat!(
    "update job set state = 0, lease_until = null, \
         run_at = (select now_us from clock) + case when cancel_requested = 1 then 0 else $3 end, \
         failures = failures + $4, error = coalesce($5, error) \
     where ",
    held!(),
    " returning ",
    columns!()
);

/// The end without success: `$3` the state, `$4` 1 when a failed try is to be counted, `$5` the error.
pub(super) const END: &str = concat!(
    "update job set state = $3, lease_until = null, finished_at = (select now_us from clock), \
         failures = failures + $4, error = coalesce($5, error) \
     where ",
    held!(),
    " returning ",
    columns!()
);

/// Whether a guarded write found nothing because the job is to be cancelled.
pub(super) const IS_TO_STOP: &str = concat!("select id from job where cancel_requested = 1 and ", held!());

/// A job is asked to stop: a waiting one whose kind is known here (`$2` = 1) ends at once, another when a worker has seen it.
pub(super) const CANCEL: &str = concat!(
    "update job set cancel_requested = 1, \
         run_at = case when state = 0 then (select now_us from clock) else run_at end, \
         finished_at = case when state = 0 and $2 = 1 then (select now_us from clock) end, \
         state = case when state = 0 and $2 = 1 then 4 else state end \
     where id = $1 and state < 2 returning args, args_version, ",
    columns!()
);

pub(super) const RETRY: &str = concat!(
    "update job set state = 0, failures = 0, crash_count = 0, cancel_requested = 0, progress = null, \
         progress_note = null, started_at = null, finished_at = null, run_at = (select now_us from clock) \
     where id = $1 and state in (3, 4) returning args, args_version, ",
    columns!()
);

/// On SQLite one process owns the file: what ran when it opened the file belongs to a dead one.
pub(super) const ADOPT: &str =
    "update job set lease_until = 0 where state = 1 and lease_until > (select now_us from clock)";

pub(super) const PAUSE: &str = "insert into job_queue (queue, is_paused) values ($1, $2) \
    on conflict (queue) do update set is_paused = excluded.is_paused";

/// Whether a job of the kinds `$1` could have been claimed `$2` microseconds ago already.
pub(super) fn is_ready(dialect: Dialect) -> &'static str {
    dialect.pick(
        "select id from job where state = 0 and run_at <= (select now_us from clock) - $2 \
             and instr($1, '\"' || kind || ':' || args_version || '\"') > 0 \
             and queue not in (select queue from job_queue where is_paused = 1) \
             and (lock_key is null or not exists \
                 (select 1 from job as other where other.state = 1 and other.lock_key = job.lock_key)) \
         limit 1",
        "select id from job where state = 0 and run_at <= (select now_us from clock) - $2 \
             and kind || ':' || args_version in (select jsonb_array_elements_text($1::jsonb)) \
             and queue not in (select queue from job_queue where is_paused = 1) \
             and (lock_key is null or not exists \
                 (select 1 from job as other where other.state = 1 and other.lock_key = job.lock_key)) \
         limit 1",
    )
}

pub(super) const DELETE_OLD: &str = "delete from job where id in (select id from job \
    where state > 1 and finished_at < (select now_us from clock) - $1 order by finished_at limit $2)";

pub(super) const DECLARE_SCHEDULE: &str = "insert into job_schedule (name, rule, next_at) values ($1, $2, $3) \
    on conflict (name) do update set rule = excluded.rule, next_at = excluded.next_at \
    where job_schedule.rule <> excluded.rule";

pub(super) const DUE_SCHEDULES: &str =
    "select name, next_at, now_us from job_schedule, clock where next_at <= now_us order by next_at";

/// Whoever moves the schedule on owns the slot.
pub(super) const TAKE_SLOT: &str = "update job_schedule set next_at = $3 where name = $1 and next_at = $2";

/// PostgreSQL: the process `$2` calls the others. A call need not survive a crash, so nobody waits for the disk.
pub(super) const NOTIFY: &str = "select set_config('synchronous_commit', 'off', true), pg_notify($1, $2)";
