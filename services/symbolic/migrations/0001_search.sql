-- Searches for formulas: the question, the state, the front, the choice.
create table search (
    search_id text not null primary key,
    data_set_id text not null,
    data_set_version bigint not null,
    target text not null,
    inputs text not null,
    options text not null,
    -- One function of one variable per data set is what MathFunc asks for.
    is_guess bigint not null default 0,
    is_failure_told bigint not null default 0,
    state text not null,
    job_id text not null,
    created_at bigint not null,
    finished_at bigint,
    error text,
    stage text,
    evaluations bigint not null default 0,
    elapsed_s double precision not null default 0,
    front text not null default '[]',
    chosen bigint,
    reasons text not null default '[]',
    findings text not null default '[]'
);
create index search_of_data_set on search (data_set_id, search_id);
create index search_of_job on search (job_id);
