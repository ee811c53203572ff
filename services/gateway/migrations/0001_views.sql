-- Views made from events and from what the services answer; they can be thrown away and made again at any time.

-- One row per data set with its linear fit and its formula, each as JSON, none where there is none.
create table overview (
    data_set_id text primary key,
    data_set text not null,
    linear text,
    formula text,
    refreshed_at bigint not null
);

-- Rows of the overview that must be made again; the version grows with every reason.
create table stale (
    data_set_id text primary key,
    version bigint not null,
    due_at bigint not null
);
create index stale_due on stale (due_at);

-- All jobs of all services as they were told last.
create table job_view (
    job_id text primary key,
    service text not null,
    kind text not null,
    state text not null,
    body text not null,
    seen_at bigint not null
);
create index job_view_state on job_view (state, job_id);
create index job_view_service on job_view (service, seen_at);
