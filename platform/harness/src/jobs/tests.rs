//! The queue on SQLite, and on PostgreSQL where `QUORATE_TEST_POSTGRES` names one.

mod control;
mod invariants;
mod life;
mod model;
mod stage;
mod work;
