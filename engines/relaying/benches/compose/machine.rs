//! What the machine can do: processor time of a piece of work, multiplications and additions per second.

#![expect(clippy::inline_always, reason = "the probe must be compiled inside its dispatcher")]

use std::time::{Duration, Instant};

use pulp::{Arch, Simd, WithSimd};
use rustix::time::{ClockId, clock_gettime};

/// The result of some work of this thread and the processor time it took, s.
pub(crate) fn processor<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let now = || {
        let time = clock_gettime(ClockId::ThreadCPUTime);
        Duration::new(time.tv_sec as u64, time.tv_nsec as u32).as_secs_f64()
    };
    let start = now();
    let result = work();
    (result, now() - start)
}

/// The result of some work on all cores, and in words how long it took: by the clock, and processor time.
pub(crate) fn timed<T>(work: impl FnOnce() -> T) -> (T, String) {
    let now = || {
        let time = clock_gettime(ClockId::ProcessCPUTime);
        Duration::new(time.tv_sec as u64, time.tv_nsec as u32).as_secs_f64()
    };
    let (clock, processor) = (Instant::now(), now());
    let result = work();
    let words = format!("{:.2} s ({:.2} s of processor)", clock.elapsed().as_secs_f64(), now() - processor);
    (result, words)
}

/// Multiplications and additions per second of one core, in fused steps on the widest vectors.
pub(crate) fn flops() -> f64 {
    const ROUNDS: usize = 20_000_000;
    let (lanes, seconds) = processor(|| Arch::new().dispatch(Probe(ROUNDS)));
    2.0 * (ROUNDS * CHAINS * lanes) as f64 / seconds
}

/// Chains of steps that don't wait for each other.
const CHAINS: usize = 12;

struct Probe(usize);

impl WithSimd for Probe {
    type Output = usize;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> usize {
        let factor = simd.splat_f64s(std::hint::black_box(0.999_999));
        let mut sums = [simd.splat_f64s(std::hint::black_box(1.0)); CHAINS];
        for _ in 0..self.0 {
            for sum in &mut sums {
                *sum = simd.mul_add_f64s(*sum, factor, factor);
            }
        }
        let all = sums.into_iter().fold(factor, |all, sum| simd.add_f64s(all, sum));
        std::hint::black_box(simd.reduce_sum_f64s(all));
        S::F64_LANES
    }
}
