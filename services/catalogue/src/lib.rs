//! Data sets: import, columns, profiles, versions.
