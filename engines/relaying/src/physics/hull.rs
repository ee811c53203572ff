//! Certified bounds over regions of compositions.
//!
//! With the fault point driven by a voltage, everything seen is σ = P/F, where P and F are linear in the count of
//! each class on its own. On a box such functions lie in the convex hull of their values at the corners (Zadeh and
//! Desoer, Linear System Theory, 1963, mapping theorem). So if at every corner |P − cF| ≤ ρ Re(F e^(−jθ)), then
//! |P/F − c| ≤ ρ in the whole region: a disk, certain, from evaluated values alone. Classes beyond the most
//! influential few enter as disks themselves. Regions about which this says nothing are halved.

use num_complex::Complex64;

use super::check::{Check, Inputs};
use super::disk::{Disk, Phasor};
use super::ladder::Ladder;
use super::point::{APART, CUT, inputs_of};
use super::ports::{NEGATIVE, POSITIVE, Ports, ZERO};
use super::probe::Probe;
use crate::composition::space::Region;

/// Classes whose corners are all looked at: few at first, more where that says nothing.
const CORNER_CLASSES: [usize; 2] = [5, 9];
/// Regions looked at for one question, before it counts as not proven.
const BUDGET: usize = 16;
/// A check holds from this margin on; rounding must not turn equality into failure.
pub(super) const HOLDS: f64 = 1.0 - 1e-9;

/// Whether it is certain that a check fails in every composition of a region.
pub(super) fn fails_throughout(ports: &Ports, scheme: usize, check: &Check, region: &Region) -> bool {
    let mut probe = Probe::new(ports, Base::new(ports, scheme, check), check);
    if holds_in(&mut probe, region) {
        return false;
    }
    let base = probe.base();
    let mut open = vec![region.clone()];
    let mut looked_at = 0;
    while let Some(part) = open.pop() {
        looked_at += 1;
        match judge(ports, base, check, &part) {
            Verdict::Fails => {}
            Verdict::Holds => return false,
            Verdict::Unknown(class) => {
                if looked_at + open.len() >= BUDGET {
                    return false;
                }
                let (low, high) = (part.low[class], part.high[class]);
                let middle = low + (high - low) / 2;
                let (mut below, mut above) = (part.clone(), part);
                below.high[class] = middle;
                above.low[class] = middle + 1;
                open.push(below);
                open.push(above);
            }
        }
    }
    true
}

/// Whether a look at the corners of a region makes it certain that a check fails in all of it.
pub(super) fn is_certain(ports: &Ports, base: &Base, check: &Check, region: &Region) -> bool {
    matches!(judge(ports, base, check, region), Verdict::Fails)
}

enum Verdict {
    Fails,
    /// It holds at one of the corners.
    Holds,
    /// Nothing is certain; the class to halve.
    Unknown(usize),
}

/// One check in one scheme with all classes at their base counts: per sequence what the fault point drives, none where
/// it is cut off, and how much one unit of each class moves it.
pub(super) struct Base {
    pub(super) driven: [Option<Driven<Complex64>>; 3],
    moved: Vec<f64>,
}

impl Base {
    pub(super) fn new(ports: &Ports, scheme: usize, check: &Check) -> Self {
        let mut driven = [None, None, None];
        for &s in ports.own_sequences() {
            driven[s] = Driven::new(ports, s, (scheme, check));
        }
        let moved = moved(ports, &driven);
        Self { driven, moved }
    }
}

fn judge(ports: &Ports, base: &Base, check: &Check, region: &Region) -> Verdict {
    let mut order: Vec<usize> =
        (0..ports.classes()).filter(|&class| region.low[class] < region.high[class]).collect();
    let range = |class: usize| f64::from(region.high[class] - region.low[class]);
    let weight = |class: usize| base.moved[class] * range(class);
    // Those that move the fault point and the reading most come first.
    order.sort_by(|&a, &b| weight(b).total_cmp(&weight(a)).then(a.cmp(&b)));
    let mut verdict = Verdict::Unknown(0);
    for most in CORNER_CLASSES {
        let split = order.split_at(order.len().min(most));
        verdict = judge_by(ports, base, check, region, split);
        if !matches!(verdict, Verdict::Unknown(_)) || split.1.is_empty() {
            break;
        }
    }
    verdict
}

/// A look at all corners of some classes, with the others as disks.
fn judge_by(
    ports: &Ports,
    base: &Base,
    check: &Check,
    region: &Region,
    (corners, weak): (&[usize], &[usize]),
) -> Verdict {
    let widest = corners.iter().copied().max_by_key(|&class| region.high[class] - region.low[class]);
    let unknown = Verdict::Unknown(widest.unwrap_or(0));
    let Some(parts) = Corners::of(ports, (base, check.pairs().count()), region, (corners, weak)) else {
        return if corners.is_empty() { Verdict::Holds } else { unknown };
    };
    let margin = parts.enclosure(ports, check).and_then(|inputs| check.margin(&inputs));
    match margin {
        Some(margin) if margin.high < HOLDS => Verdict::Fails,
        _ if corners.is_empty() || parts.holds_somewhere(ports, check) => Verdict::Holds,
        _ => unknown,
    }
}

/// A composition of the region in which the check holds, looked for by going from one corner to the next, class by
/// class, wherever the margin rises. That none is found proves nothing.
fn holds_in(probe: &mut Probe<'_>, region: &Region) -> bool {
    let mut margin = |counts: &[u16]| probe.margin(counts).unwrap_or(0.0);
    let mut counts = region.low.clone();
    let mut best = margin(&counts);
    let other = margin(&region.high);
    if other > best {
        (best, counts) = (other, region.high.clone());
    }
    for _ in 0..2 {
        for class in 0..counts.len() {
            let (own, other) = (counts[class], region.low[class] + region.high[class] - counts[class]);
            if best >= HOLDS || other == own {
                continue;
            }
            counts[class] = other;
            let changed = margin(&counts);
            if changed > best {
                best = changed;
            } else {
                counts[class] = own;
            }
        }
    }
    best >= HOLDS
}

/// How much one unit of each class moves what a check reads, relatively, at the base.
pub(super) fn influence(ports: &Ports, scheme: usize, check: &Check) -> Vec<f64> {
    Base::new(ports, scheme, check).moved
}

fn moved(ports: &Ports, driven: &[Option<Driven<Complex64>>; 3]) -> Vec<f64> {
    let mut moved = vec![0.0; ports.classes()];
    for &s in ports.own_sequences() {
        let Some(driven) = &driven[s] else { continue };
        let readings: f64 = driven.readings.iter().map(|reading| reading.norm()).fold(0.0, f64::max);
        for (class, moved) in moved.iter_mut().enumerate() {
            let step = ports.columns[class].step[s];
            let transfer = driven.transfer[class] * step;
            *moved += (transfer * driven.transfer[class]).norm() / driven.fault.norm().max(f64::MIN_POSITIVE);
            for left in &driven.left {
                *moved += (transfer * left[class]).norm() / readings.max(f64::MIN_POSITIVE);
            }
        }
    }
    moved
}

/// One sequence with the fault point driven by one volt: what is read, and how classes act on it.
#[derive(Clone)]
pub(super) struct Driven<T> {
    /// Admittance of the fault point.
    pub(super) fault: T,
    /// Readings per volt.
    pub(super) readings: Vec<T>,
    /// Per class: its voltage per volt.
    pub(super) transfer: Vec<T>,
    /// Per reading and class.
    pub(super) left: Vec<Vec<T>>,
    /// Class by class.
    pub(super) control: Vec<T>,
}

impl Driven<Complex64> {
    /// All classes at their base counts, in a scheme. `None` when the fault point is cut off.
    fn new(ports: &Ports, s: usize, (scheme, check): (usize, &Check)) -> Option<Self> {
        let (sequence, columns, classes) = (ports.sequence(scheme, s), ports.columns.len(), ports.classes());
        let outages = ports.schemes[scheme].columns.iter().chain(&ports.opened[check.fault as usize]);
        let used: Vec<usize> = (0..classes).chain(outages.copied()).collect();
        let pick = |vector: &[Complex64]| used.iter().map(|&column| vector[column]).collect::<Vec<_>>();
        let pairs: Vec<u32> = check.pairs().collect();
        let mut kappa: Vec<Complex64> = pairs.iter().map(|&pair| sequence.kappa[pair as usize]).collect();
        let row = |pair: &u32| pick(sequence.left_of(ports.pairs[*pair as usize].row, columns));
        let mut left: Vec<Vec<Complex64>> = pairs.iter().map(row).collect();
        let mut right = pick(sequence.right_of(check.fault, columns));
        let mut z: Vec<Vec<Complex64>> =
            used.iter().map(|&row| pick(&sequence.control[row * columns..][..columns])).collect();
        let mut z_ff = sequence.z_ff[check.fault as usize];
        if !z_ff.is_finite() {
            return None;
        }
        for at in classes..used.len() {
            let delta = ports.columns[used[at]].step[s];
            let pivot = delta * z[at][at] + 1.0;
            if pivot.norm() < CUT {
                if right[at].norm() > 1e-6 * z_ff.norm() {
                    return None;
                }
                for (kappa, left) in kappa.iter_mut().zip(&mut left) {
                    if left[at].norm() > APART {
                        *kappa = Complex64::ZERO;
                        left.fill(Complex64::ZERO);
                    }
                }
                continue;
            }
            let g = delta / pivot;
            let (column, seen) = (z[at].clone(), right[at]);
            z_ff -= g * seen * seen;
            for (kappa, left) in kappa.iter_mut().zip(&mut left) {
                *kappa -= g * left[at] * seen;
                let own = left[at];
                left.iter_mut().zip(&column).for_each(|(left, column)| *left -= g * own * column);
            }
            right.iter_mut().zip(&column).for_each(|(right, column)| *right -= g * seen * column);
            for (row, own) in z.iter_mut().zip(&column) {
                row.iter_mut().zip(&column).for_each(|(z, column)| *z -= g * own * column);
            }
        }
        let fault = z_ff.inv();
        let transfer: Vec<Complex64> = right[..classes].iter().map(|b| b * fault).collect();
        let left = left
            .iter()
            .zip(&kappa)
            .map(|(left, kappa)| left[..classes].iter().zip(&transfer).map(|(a, t)| a - kappa * t).collect());
        let control = (0..classes).flat_map(|i| {
            let (z, right, transfer) = (&z, &right, &transfer);
            (0..classes).map(move |j| z[i][j] - right[i] * transfer[j])
        });
        Some(Self {
            fault,
            readings: kappa.iter().map(|kappa| kappa * fault).collect(),
            left: left.collect(),
            control: control.collect(),
            transfer,
        })
    }
}

impl<T: Phasor> Driven<T> {
    /// The same as known numbers of another kind.
    fn from(other: &Driven<Complex64>) -> Self {
        let exact = |values: &Vec<Complex64>| values.iter().map(|&value| T::exact(value)).collect();
        Self {
            fault: T::exact(other.fault),
            readings: exact(&other.readings),
            transfer: exact(&other.transfer),
            left: other.left.iter().map(exact).collect(),
            control: exact(&other.control),
        }
    }

    /// Adds `delta` siemens at a class and returns the pivot, by which F is multiplied. Only what concerns the
    /// classes still to come is kept up. `None`: nothing certain.
    fn step(&mut self, class: usize, delta: T, rest: &[usize]) -> Option<T> {
        let one = T::exact(Complex64::ONE);
        let classes = self.transfer.len();
        if delta.is_zero() || self.transfer[class].magnitude().high < 1e-12 {
            return Some(one);
        }
        let control = |i: usize, j: usize| i * classes + j;
        let pivot = one.plus(delta.times(self.control[control(class, class)]));
        if pivot.magnitude().low < CUT {
            return None;
        }
        let g = delta.times(pivot.inverse()?);
        let seen = self.transfer[class];
        self.fault = self.fault.plus(g.times(seen).times(seen));
        for (reading, left) in self.readings.iter_mut().zip(&mut self.left) {
            let own = g.times(left[class]);
            *reading = reading.minus(own.times(seen));
            for &j in rest {
                left[j] = left[j].minus(own.times(self.control[control(class, j)]));
            }
        }
        for (at, &i) in rest.iter().enumerate() {
            let own = g.times(self.control[control(class, i)]);
            self.transfer[i] = self.transfer[i].minus(own.times(seen));
            for &j in &rest[at..] {
                let changed = self.control[control(i, j)].minus(own.times(self.control[control(class, j)]));
                self.control[control(i, j)] = changed;
                self.control[control(j, i)] = changed;
            }
        }
        Some(pivot)
    }
}

/// Values at every corner of a region, per sequence, in one order.
struct Corners {
    sequences: [Vec<Corner>; 3],
    /// Corner by corner what is read there.
    readings: [Vec<Disk>; 3],
    count: usize,
}

/// One corner: F, and the fault point's admittance there.
#[derive(Clone, Copy)]
struct Corner {
    f: Disk,
    fault: Disk,
}

impl Corners {
    fn of(
        ports: &Ports,
        (base, count): (&Base, usize),
        region: &Region,
        (corners, weak): (&[usize], &[usize]),
    ) -> Option<Self> {
        let mut all = Self { sequences: Default::default(), readings: Default::default(), count };
        for &s in ports.own_sequences() {
            (all.sequences[s], all.readings[s]) = match &base.driven[s] {
                // Numbers suffice where all corners are looked at.
                Some(driven) if weak.is_empty() => {
                    corners_of::<Complex64>(ports, (s, driven), region, (corners, weak))?
                }
                Some(driven) => corners_of::<Disk>(ports, (s, driven), region, (corners, weak))?,
                None => {
                    // Without a path to earth the zero sequence carries nothing; without any source nothing is seen.
                    let nothing = Disk::exact(Complex64::ZERO);
                    let corner = Corner { f: Disk::exact(Complex64::ONE), fault: nothing };
                    let all = 1 << corners.len();
                    (vec![corner; all], vec![nothing; all * count])
                }
            };
        }
        Some(all)
    }

    fn own(ports: &Ports, s: usize) -> usize {
        if s == NEGATIVE && ports.is_alike() { POSITIVE } else { s }
    }

    /// Whether the check certainly holds at a corner.
    fn holds_somewhere(&self, ports: &Ports, check: &Check) -> bool {
        (0..self.sequences[POSITIVE].len()).any(|at| {
            let fault = |s: usize| self.sequences[Self::own(ports, s)][at].fault;
            let read = |s: usize, place: usize| self.readings[Self::own(ports, s)][at * self.count + place];
            let inputs = gather(ports, check, fault, read);
            check.margin(&inputs).is_some_and(|margin| margin.low >= HOLDS)
        })
    }

    /// Disks around everything the check reads, anywhere in the region.
    fn enclosure(&self, ports: &Ports, check: &Check) -> Option<Inputs<Disk>> {
        let mut faults = Vec::new();
        let mut readings = Vec::new();
        for s in [POSITIVE, NEGATIVE, ZERO].map(|s| Self::own(ports, s)) {
            let corners = &self.sequences[s];
            faults.push(enclose(corners, |at| corners[at].fault)?);
            let read = |place: usize| enclose(corners, |at| self.readings[s][at * self.count + place]);
            let row: Option<Vec<Disk>> = (0..self.count).map(read).collect();
            readings.push(row?);
        }
        Some(gather(ports, check, |s| faults[s], |s, reading| readings[s][reading]))
    }
}

fn gather<T: Copy>(
    ports: &Ports,
    check: &Check,
    fault: impl Fn(usize) -> T,
    reading: impl Fn(usize, usize) -> T,
) -> Inputs<T> {
    let pairs: Vec<u32> = check.pairs().collect();
    let rows = |pair: u32| {
        let at = pairs.iter().position(|&known| known == pair)?;
        Some([POSITIVE, NEGATIVE, ZERO].map(|s| reading(s, at)))
    };
    inputs_of(ports, check, ([POSITIVE, NEGATIVE, ZERO].map(fault), rows))
}

/// Values at all corners of a region in one sequence; classes that are not looked at one by one enter as disks.
fn corners_of<T: Phasor + Into<Disk>>(
    ports: &Ports,
    (s, driven): (usize, &Driven<Complex64>),
    region: &Region,
    (corners, weak): (&[usize], &[usize]),
) -> Option<(Vec<Corner>, Vec<Disk>)> {
    let mut driven = Driven::<T>::from(driven);
    let step = |class: usize, n: f64| ports.columns[class].step[s] * (n - f64::from(ports.high[class]));
    let others: Vec<usize> = (0..ports.classes()).filter(|class| !corners.contains(class)).collect();
    for (at, &class) in others.iter().enumerate() {
        let rest: Vec<usize> = others[at + 1..].iter().chain(corners).copied().collect();
        let (low, high) = (f64::from(region.low[class]), f64::from(region.high[class]));
        let is_weak = weak.contains(&class);
        let radius = if is_weak { step(class, low) - step(class, high) } else { Complex64::ZERO };
        let delta = T::around(step(class, f64::midpoint(low, high)), radius.norm() / 2.0);
        driven.step(class, delta, &rest)?;
    }
    let ends: Vec<[T; 2]> = corners
        .iter()
        .map(|&class| [region.low[class], region.high[class]].map(|n| T::exact(step(class, f64::from(n)))))
        .collect();
    let mut found = Vec::with_capacity(1 << corners.len());
    let mut read = Vec::with_capacity(driven.readings.len() << corners.len());
    Ladder::new(&driven, corners).descend(0, &ends, &mut |f, fault, readings| {
        read.extend(readings.iter().map(|&reading| reading.into()));
        found.push(Corner { f: f.into(), fault: fault.into() });
    })?;
    Some((found, read))
}

/// A disk around P/F on the whole region, from its values at the corners.
fn enclose(corners: &[Corner], value: impl Fn(usize) -> Disk) -> Option<Disk> {
    let direction: Complex64 =
        corners.iter().map(|corner| corner.f.centre / corner.f.centre.norm_sqr().sqrt()).sum();
    if direction.norm() == 0.0 {
        return None;
    }
    let turn = direction.conj() / direction.norm();
    let mut ends = [f64::INFINITY, f64::NEG_INFINITY, f64::INFINITY, f64::NEG_INFINITY];
    for at in (0..corners.len()).map(|at| value(at).centre) {
        ends = [ends[0].min(at.re), ends[1].max(at.re), ends[2].min(at.im), ends[3].max(at.im)];
    }
    let centre = Complex64::new(f64::midpoint(ends[0], ends[1]), f64::midpoint(ends[2], ends[3]));
    let mut radius = 0.0_f64;
    for (at, corner) in corners.iter().enumerate() {
        let along = corner.f.scaled(turn).real().low;
        if along <= 0.0 {
            return None;
        }
        let away = value(at).minus(Disk::exact(centre)).times(corner.f).magnitude().high;
        radius = radius.max(away / along);
    }
    Some(Disk { centre, radius: radius * (1.0 + 1e-12) })
}
