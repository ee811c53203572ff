//! All corners of a region, one class after the other: each rung keeps what the classes below it need, in arrays that are
//! used again for the next corner.

use num_complex::Complex64;

use super::disk::Phasor;
use super::hull::Driven;
use super::point::CUT;

/// One rung per class, and the ground.
pub(super) struct Ladder<T> {
    rungs: Vec<Rung<T>>,
    classes: usize,
}

/// One sequence with some classes decided.
#[derive(Clone)]
struct Rung<T> {
    /// The product of pivots: by this F has changed.
    f: T,
    fault: T,
    readings: Vec<T>,
    transfer: Vec<T>,
    /// Reading by reading, by class.
    left: Vec<T>,
    control: Vec<T>,
}

impl<T: Phasor> Ladder<T> {
    /// The classes in the order in which they are decided.
    pub(super) fn new(driven: &Driven<T>, classes: &[usize]) -> Self {
        let all = driven.transfer.len();
        let left = driven.left.iter().flat_map(|left| classes.iter().map(|&class| left[class]));
        let control = classes.iter().flat_map(|&i| classes.iter().map(move |&j| driven.control[i * all + j]));
        let top = Rung {
            f: T::exact(Complex64::ONE),
            fault: driven.fault,
            readings: driven.readings.clone(),
            transfer: classes.iter().map(|&class| driven.transfer[class]).collect(),
            left: left.collect(),
            control: control.collect(),
        };
        Self { rungs: vec![top; classes.len() + 1], classes: classes.len() }
    }

    /// Calls back at every corner with F, the fault point's admittance and the readings. `None`: nothing certain.
    pub(super) fn descend(
        &mut self,
        class: usize,
        ends: &[[T; 2]],
        corner: &mut impl FnMut(T, T, &[T]),
    ) -> Option<()> {
        if class == self.classes {
            let ground = &self.rungs[class];
            corner(ground.f, ground.fault, &ground.readings);
            return Some(());
        }
        for delta in ends[class] {
            self.step(class, delta)?;
            self.descend(class + 1, ends, corner)?;
        }
        Some(())
    }

    /// The fault point's admittance and the readings with all classes decided.
    pub(super) fn ground(&self) -> (T, &[T]) {
        let ground = &self.rungs[self.classes];
        (ground.fault, &ground.readings)
    }

    /// Decides a class by adding `delta` siemens; those after it are open again. `None`: it lies at a cut.
    pub(super) fn step(&mut self, class: usize, delta: T) -> Option<()> {
        let count = self.classes;
        let (above, below) = self.rungs.split_at_mut(class + 1);
        let (from, to) = (&above[class], &mut below[0]);
        let seen = from.transfer[class];
        let is_idle = delta.is_zero() || seen.magnitude().high < 1e-12;
        let one = T::exact(Complex64::ONE);
        let pivot = if is_idle { one } else { one.plus(delta.times(from.control[class * count + class])) };
        if pivot.magnitude().low < CUT {
            return None;
        }
        let g = if is_idle { T::exact(Complex64::ZERO) } else { delta.times(pivot.inverse()?) };
        to.f = from.f.times(pivot);
        to.fault = from.fault.plus(g.times(seen).times(seen));
        let own = &from.control[class * count..][..count];
        for reading in 0..from.readings.len() {
            let row = reading * count;
            let taken = g.times(from.left[row + class]);
            to.readings[reading] = from.readings[reading].minus(taken.times(seen));
            for (j, &own) in own.iter().enumerate().skip(class + 1) {
                to.left[row + j] = from.left[row + j].minus(taken.times(own));
            }
        }
        for (i, &at) in own.iter().enumerate().skip(class + 1) {
            let taken = g.times(at);
            to.transfer[i] = from.transfer[i].minus(taken.times(seen));
            for (j, &own) in own.iter().enumerate().skip(i) {
                let changed = from.control[i * count + j].minus(taken.times(own));
                to.control[i * count + j] = changed;
                to.control[j * count + i] = changed;
            }
        }
        Some(())
    }
}
