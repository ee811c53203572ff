-- A data set as lists show it; `columns` and `row_count` are those of its newest version.
create table data_set (
    data_set_id text primary key,
    number bigint not null unique,
    name text not null,
    description text not null,
    source text not null,
    target text,
    version bigint not null,
    version_id text not null,
    revision bigint not null,
    row_count bigint not null,
    columns text not null,
    created_at bigint not null,
    updated_at bigint not null
);

-- The next small number; numbers are never given twice.
create table data_set_number (
    only_row bigint primary key,
    next bigint not null
);
insert into data_set_number (only_row, next) values (1, 1);

-- A version never changes. `version` is null while its columns are being written: then nobody sees it.
create table data_set_version (
    version_id text primary key,
    data_set_id text not null,
    version bigint,
    row_count bigint not null,
    block_rows bigint not null,
    columns text not null,
    findings text not null,
    size_bytes bigint not null,
    created_at bigint not null,
    touched_at bigint not null,
    unique (data_set_id, version)
);
create index data_set_version_draft on data_set_version (touched_at) where version is null;

-- `dictionary` is the head of a column of texts in the binary form of the table contract.
create table data_set_column (
    version_id text not null references data_set_version (version_id) on delete cascade,
    position bigint not null,
    name text not null,
    profile text not null,
    dictionary bytea,
    primary key (version_id, position)
);

-- `block_rows` values of one column, in the binary form of the table contract.
create table column_chunk (
    version_id text not null references data_set_version (version_id) on delete cascade,
    chunk bigint not null,
    position bigint not null,
    body bytea not null,
    primary key (version_id, chunk, position)
);

-- The samples that were loaded once; a sample that its user deleted does not come back.
create table sample (
    file text primary key,
    data_set_id text not null,
    loaded_at bigint not null
);
