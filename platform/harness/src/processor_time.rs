//! Processor time, the budget of computations: wall time says little on a busy machine.

use rustix::time::{ClockId, clock_gettime};

/// How long this thread has computed, in seconds.
pub fn of_this_thread() -> f64 {
    seconds(ClockId::ThreadCPUTime)
}

/// How long all threads of this process have computed, in seconds.
pub fn of_this_process() -> f64 {
    seconds(ClockId::ProcessCPUTime)
}

fn seconds(clock: ClockId) -> f64 {
    let time = clock_gettime(clock);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grows_with_work() {
        let start = of_this_thread();
        let mut sum = 0u64;
        while of_this_thread() <= start {
            sum = std::hint::black_box(sum.wrapping_add(1));
        }
        assert!(of_this_process() > 0.0);
    }
}
