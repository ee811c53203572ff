//! The one source of wall-clock time; tests turn it by hand.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;

/// Tells the time; cheap to clone. Leases use the database's clock instead (see [`crate::db`]).
#[derive(Clone, Debug, Default)]
pub struct Clock {
    turned_us: Option<Arc<AtomicI64>>,
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self::default()
    }

    /// A clock that stands still at `start` until it is advanced.
    pub fn fixed(start: Timestamp) -> Self {
        Self { turned_us: Some(Arc::new(AtomicI64::new(start.as_microsecond()))) }
    }

    /// Moves a fixed clock forward; the system's clock stays as it is.
    pub fn advance(&self, by: std::time::Duration) {
        if let Some(turned) = &self.turned_us {
            turned.fetch_add(by.as_micros() as i64, Ordering::Relaxed);
        }
    }

    /// The time now, to the microsecond as databases keep it: what is told now reads the same later.
    #[expect(clippy::disallowed_methods, reason = "this is the Clock")]
    pub fn now(&self) -> Timestamp {
        match &self.turned_us {
            Some(turned) => from_us(turned.load(Ordering::Relaxed)),
            None => from_us(Timestamp::now().as_microsecond()),
        }
    }

    /// The time now in microseconds since 1970, as stored in databases.
    pub fn now_us(&self) -> i64 {
        self.now().as_microsecond()
    }
}

/// A stored time as a timestamp; times out of range (year 9999 and beyond) become the range's end.
pub fn from_us(us: i64) -> Timestamp {
    Timestamp::from_microsecond(us).unwrap_or(if us < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_clock_moves_only_when_advanced() {
        let clock = Clock::fixed(from_us(1_000_000));
        assert_eq!(clock.now_us(), 1_000_000);
        clock.advance(std::time::Duration::from_secs(2));
        assert_eq!(clock.now_us(), 3_000_000);
    }
}
