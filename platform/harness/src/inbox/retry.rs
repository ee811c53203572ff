//! How patient an inbox is with a handler that fails.

use std::time::Duration;

/// Attempts and the pauses between them, which double.
#[derive(Clone, Copy, Debug)]
pub struct Retry {
    /// After how many failures an event is put away as dead; a database that is away does not count.
    pub attempts: u32,
    /// The first pause.
    pub first: Duration,
    /// The longest pause.
    pub longest: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self { attempts: 8, first: Duration::from_millis(100), longest: Duration::from_secs(5) }
    }
}

impl Retry {
    /// How long to wait after the attempt of this number, counted from 1.
    pub fn pause_after(&self, attempt: u32) -> Duration {
        let doubled = self.first.saturating_mul(2_u32.saturating_pow(attempt.saturating_sub(1)));
        doubled.min(self.longest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest() {
        let retry = Retry::default();
        let pauses = [1, 2, 3, 7, u32::MAX].map(|n| retry.pause_after(n).as_millis());
        assert_eq!(pauses, [100, 200, 400, 5000, 5000]);
    }
}
