-- Linear fits of data sets: the question, the state, the result.
create table fit (
    fit_id text not null primary key,
    data_set_id text not null,
    data_set_version bigint not null,
    target text not null,
    inputs text not null,
    -- One function of one variable per data set is what MathFunc asks for.
    is_guess bigint not null default 0,
    is_failure_told bigint not null default 0,
    state text not null,
    job_id text not null,
    created_at bigint not null,
    finished_at bigint,
    error text,
    result text,
    model text
);
create index fit_of_data_set on fit (data_set_id, fit_id);
create index fit_of_job on fit (job_id);
