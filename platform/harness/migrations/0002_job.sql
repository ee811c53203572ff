-- The database's clock in microseconds since 1970: leases and due times never depend on the clocks of workers.
create view clock as select database_now as now_us;

create table job (
    id text primary key,
    queue text not null,
    kind text not null,
    args text not null,
    args_version bigint not null,
    title text not null,
    subject_kind text,
    subject_id text,
    data_set_id text,
    -- 0 waiting, 1 running, 2 done, 3 failed, 4 cancelled
    state bigint not null,
    priority bigint not null,
    run_at bigint not null,
    -- With the id the fencing token: grows with every claim and never shrinks.
    attempt bigint not null,
    failures bigint not null,
    crash_count bigint not null,
    max_attempts bigint not null,
    lease_until bigint,
    worker_id text,
    cancel_requested bigint not null,
    unique_key text,
    lock_key text,
    progress double precision,
    progress_note text,
    checkpoint bytea,
    result text,
    error text,
    traceparent text,
    created_at bigint not null,
    started_at bigint,
    finished_at bigint
);
create index job_ready on job (priority, run_at, id) where state = 0;
create index job_lease on job (lease_until) where state = 1;
create index job_finished on job (finished_at) where state > 1;
create unique index job_unique on job (kind, unique_key) where unique_key is not null and state < 2;
create unique index job_lock on job (lock_key) where lock_key is not null and state = 1;

create table job_queue (
    queue text primary key,
    is_paused bigint not null
);

create table job_schedule (
    name text primary key,
    rule text not null,
    next_at bigint not null
);
