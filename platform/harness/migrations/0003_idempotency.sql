-- Answers of creating requests by their Idempotency-Key.
create table idempotency (
    scope text not null,
    idempotency_key text not null,
    fingerprint text not null,
    status bigint not null,
    location text,
    body text not null,
    created_at bigint not null,
    primary key (scope, idempotency_key)
);
create index idempotency_age on idempotency (created_at);
