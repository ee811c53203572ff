-- What this service tells: written in the transaction of the change itself, delivered afterwards by the relay.
create table outbox (
    seq bigint numbered primary key,
    event_id text not null,
    type text not null,
    subject text not null,
    data text not null,
    traceparent text,
    told_at bigint not null,
    delivered_at bigint
);
create index outbox_waiting on outbox (seq) where delivered_at is null;
create index outbox_delivered on outbox (delivered_at) where delivered_at is not null;

-- What this service has heard: one row per event, written in the transaction of the event's effects.
create table inbox (
    consumer text not null,
    event_id text not null,
    heard_at bigint not null,
    primary key (consumer, event_id)
);
create index inbox_heard on inbox (heard_at);

-- Events whose handler failed for good, kept for a person to look at.
create table dead_letter (
    consumer text not null,
    event_id text not null,
    event text not null,
    error text not null,
    attempts bigint not null,
    dead_at bigint not null,
    primary key (consumer, event_id)
);
