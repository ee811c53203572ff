//! The guards of the queue's statements, each of which can be left out to see whether the fuzzer misses it.

/// A condition on which an invariant rests.
#[derive(Debug)]
pub(super) struct Guard {
    pub(super) name: &'static str,
    /// Clauses as they stand in the statements, and what comes in their place; never longer.
    clauses: &'static [(&'static str, &'static str)],
}

const LEASE: &str = "lease_until > (select now_us from clock)";

/// The state alone would not be missed: what does not run has no lease. So it is left out together with the lease.
pub(super) const GUARDS: &[Guard] = &[
    Guard {
        name: "attempt",
        clauses: &[("attempt = $2", "$2 = $2"), ("job.attempt = mine.attempt", "true")],
    },
    Guard { name: "lease", clauses: &[(LEASE, "true")] },
    Guard { name: "state", clauses: &[(LEASE, "true"), ("and state = 1", "")] },
    Guard { name: "token", clauses: &[("attempt = attempt + 1", "attempt = attempt")] },
    Guard { name: "takeover", clauses: &[("lease_until < (select now_us from clock)", "true")] },
    Guard { name: "cancel", clauses: &[("and cancel_requested = 0", "")] },
];

impl Guard {
    /// The guard of this name.
    pub(super) fn named(name: &str) -> &'static Self {
        let names: Vec<&str> = GUARDS.iter().map(|guard| guard.name).collect();
        let found = GUARDS.iter().find(|guard| guard.name == name);
        found.unwrap_or_else(|| panic!("there is no guard {name}; the guards are {}", names.join(", ")))
    }

    /// Leaves it out of a statement, whose length stays the same; in how many places.
    pub(super) fn leave_out(&self, statement: &mut [u8]) -> usize {
        let mut places = 0;
        for (clause, instead) in self.clauses {
            while let Some(at) = statement.windows(clause.len()).position(|part| part == clause.as_bytes()) {
                let place = &mut statement[at..at + clause.len()];
                place.fill(b' ');
                place[..instead.len()].copy_from_slice(instead.as_bytes());
                places += 1;
            }
        }
        places
    }
}

/// A guard leaves every place where it stands, and nothing else.
pub(super) fn leaves_its_places_only() {
    let mut statement = *b"where id = $1 and attempt = $2 and state = 1";
    assert_eq!(Guard::named("attempt").leave_out(&mut statement), 1);
    assert_eq!(&statement, b"where id = $1 and $2 = $2      and state = 1");
    assert_eq!(Guard::named("cancel").leave_out(&mut statement), 0);
}
