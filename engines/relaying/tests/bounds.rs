//! Port matrices, bounds and the search on physics, against fresh dense solutions of small random networks.

use num_complex::Complex64;
use relaying::composition::exhaustive::census;
use relaying::composition::minimal::all;
use relaying::composition::objective::Objective;
use relaying::composition::oracle::Oracle;
use relaying::composition::search::{Control, Ending, Progress, Task, best};
use relaying::composition::space::Region;
use relaying::curve::{Curve, Law};
use relaying::physics::bias::{Bias, End};
use relaying::physics::check::{Check, FaultKind, Measure, Parallel, Reading, Requirement, Test};
use relaying::physics::oracle::Protection;
use relaying::physics::ports::{Column, Pair, Ports, Scheme, Sequence};

/// A small generator, so that every test has its own fixed instances.
struct Chance(u64);

impl Chance {
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let x = (self.0 ^ (self.0 >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (x >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.unit() * limit as f64) as usize
    }

    fn impedance(&mut self, size: f64) -> Complex64 {
        let x = size * (0.3 + self.unit());
        Complex64::new(x * (0.02 + 0.6 * self.unit()), x)
    }
}

/// A network of lines and classes of units; admittances per sequence.
struct Grid {
    nodes: usize,
    lines: Vec<(usize, usize, [Complex64; 3])>,
    classes: Vec<(usize, u16, [Complex64; 3])>,
    earths: Vec<(usize, Complex64)>,
}

type Matrix = Vec<Vec<Complex64>>;

impl Grid {
    fn random(chance: &mut Chance, classes: usize) -> Self {
        let nodes = 4 + chance.below(4);
        Self::of(chance, nodes, classes)
    }

    fn of(chance: &mut Chance, nodes: usize, classes: usize) -> Self {
        let mut lines = Vec::new();
        for node in 1..nodes {
            let other = chance.below(node);
            lines.push(Self::line(chance, other, node));
        }
        for _ in 0..nodes / 2 {
            let (a, b) = (chance.below(nodes), chance.below(nodes));
            if a != b {
                lines.push(Self::line(chance, a, b));
            }
        }
        let classes = (0..classes)
            .map(|_| {
                let (y, y0) = (chance.impedance(20.0).inv(), chance.impedance(15.0).inv());
                (
                    chance.below(nodes),
                    1 + chance.below(3) as u16,
                    [y, y, if chance.below(3) > 0 { y0 } else { Complex64::ZERO }],
                )
            })
            .collect();
        let earths = (0..2).map(|_| (chance.below(nodes), chance.impedance(60.0).inv())).collect();
        Self { nodes, lines, classes, earths }
    }

    fn line(chance: &mut Chance, a: usize, b: usize) -> (usize, usize, [Complex64; 3]) {
        let (z1, z0) = (chance.impedance(10.0), chance.impedance(30.0));
        (a, b, [z1.inv(), z1.inv(), z0.inv()])
    }

    /// Fresh impedance matrix of a sequence, with some lines out.
    fn impedances(&self, s: usize, counts: &[u16], out: &[usize]) -> Matrix {
        let mut y = vec![vec![Complex64::ZERO; self.nodes]; self.nodes];
        for (at, &(a, b, line)) in self.lines.iter().enumerate() {
            if !out.contains(&at) {
                y[a][a] += line[s];
                y[b][b] += line[s];
                y[a][b] -= line[s];
                y[b][a] -= line[s];
            }
        }
        for (&(node, _, unit), &n) in self.classes.iter().zip(counts) {
            y[node][node] += unit[s] * f64::from(n);
        }
        if s == 2 {
            for &(node, earth) in &self.earths {
                y[node][node] += earth;
            }
        }
        inverse(y)
    }

    fn high(&self) -> Vec<u16> {
        self.classes.iter().map(|class| class.1).collect()
    }

    /// Every node a fault point, and once more with a line opened for it; both ends of every line a current and a voltage
    /// row, every line an outage. Relays of the first line have another clock.
    fn ports(&self, schemes: Vec<Vec<usize>>) -> Ports {
        let high = self.high();
        let mut columns: Vec<Vec<Complex64>> =
            self.classes.iter().map(|class| self.unit_vector(class.0)).collect();
        let mut steps: Vec<Column> = self.classes.iter().map(|class| Column { step: class.2 }).collect();
        for &(a, b, line) in &self.lines {
            columns.push(self.difference(a, b, Complex64::ONE));
            steps.push(Column { step: line.map(|y| -y) });
        }
        let pair = |row: u32, fault: u32| {
            let kv = if row.is_multiple_of(2) { 0.0 } else { 63.5 };
            Pair { turn: turn(row as usize), ..Pair::plain(row, fault, kv) }
        };
        let pairs: Vec<Pair> = (0..2 * self.nodes as u32)
            .flat_map(|fault| (0..4 * self.lines.len() as u32).map(move |row| pair(row, fault)))
            .collect();
        let sequences = [0, 1, 2].map(|s| {
            if s == 1 {
                return Sequence::default();
            }
            let z = self.impedances(s, &high, &[]);
            let rows = self.rows(s);
            let times = |a: &[Complex64], b: &[Complex64]| -> Complex64 {
                a.iter()
                    .zip(&z)
                    .map(|(a, row)| a * row.iter().zip(b).map(|(z, b)| z * b).sum::<Complex64>())
                    .sum()
            };
            let faults: Vec<Vec<Complex64>> =
                (0..2 * self.nodes).map(|fault| self.unit_vector(fault % self.nodes)).collect();
            let table = |left: &[Vec<Complex64>], right: &[Vec<Complex64>]| -> Vec<Complex64> {
                left.iter().flat_map(|a| right.iter().map(|b| times(a, b)).collect::<Vec<_>>()).collect()
            };
            Sequence {
                control: table(&columns, &columns),
                left: table(&rows, &columns),
                right: table(&faults, &columns),
                kappa: pairs
                    .iter()
                    .map(|p| times(&rows[p.row as usize], &faults[p.fault as usize]))
                    .collect(),
                z_ff: faults.iter().map(|f| times(f, f)).collect(),
            }
        });
        let classes = self.classes.len();
        let scheme = |out: Vec<usize>| {
            let idle_rows = out.iter().flat_map(|&line| (4 * line as u32)..(4 * line as u32 + 4)).collect();
            let columns = out.into_iter().map(|line| line + classes).collect();
            Scheme { columns, idle_rows, ..Scheme::default() }
        };
        let shifted = schemes.into_iter().map(scheme).collect();
        Ports {
            high,
            columns: steps,
            schemes: shifted,
            opened: (0..2 * self.nodes)
                .map(|fault| self.opened(fault).into_iter().map(|line| classes + line).collect())
                .collect(),
            fault_kv: vec![63.5; 2 * self.nodes],
            pairs,
            bases: vec![sequences],
        }
    }

    /// The line that opens for a fault point: one without which, and without the last one, all hangs together.
    fn opened(&self, fault: usize) -> Option<usize> {
        let lines = self.lines.len() - 1;
        let mut able = (0..lines).map(|step| (fault + step) % lines).filter(|&line| self.is_whole(line));
        if fault >= self.nodes { able.next() } else { None }
    }

    fn is_whole(&self, without: usize) -> bool {
        let mut reached = vec![false; self.nodes];
        reached[0] = true;
        for _ in 0..self.nodes {
            for (at, &(a, b, _)) in self.lines.iter().enumerate().take(self.lines.len() - 1) {
                if at != without && (reached[a] || reached[b]) {
                    (reached[a], reached[b]) = (true, true);
                }
            }
        }
        reached.into_iter().all(|is_reached| is_reached)
    }

    /// Per line: current and voltage at its beginning, current and voltage at its end.
    fn rows(&self, s: usize) -> Vec<Vec<Complex64>> {
        let rows = self.lines.iter().flat_map(|&(a, b, line)| {
            [
                self.difference(a, b, -line[s]),
                self.unit_vector(a),
                self.difference(b, a, -line[s]),
                self.unit_vector(b),
            ]
        });
        rows.collect()
    }

    fn unit_vector(&self, node: usize) -> Vec<Complex64> {
        (0..self.nodes).map(|at| Complex64::new(f64::from(u8::from(at == node)), 0.0)).collect()
    }

    fn difference(&self, a: usize, b: usize, factor: Complex64) -> Vec<Complex64> {
        self.unit_vector(a).iter().zip(self.unit_vector(b)).map(|(a, b)| (a - b) * factor).collect()
    }
}

/// The clock of a row's relay.
fn turn(row: usize) -> Complex64 {
    if row < 4 { Complex64::from_polar(1.0, -30f64.to_radians()) } else { Complex64::ONE }
}

fn inverse(mut y: Matrix) -> Matrix {
    let n = y.len();
    let mut z: Matrix =
        (0..n).map(|i| (0..n).map(|j| Complex64::new(f64::from(u8::from(i == j)), 0.0)).collect()).collect();
    for k in 0..n {
        let pivot = (k..n).max_by(|&a, &b| y[a][k].norm().total_cmp(&y[b][k].norm())).expect("not empty");
        y.swap(k, pivot);
        z.swap(k, pivot);
        let scale = y[k][k].inv();
        for j in 0..n {
            y[k][j] *= scale;
            z[k][j] *= scale;
        }
        for i in (0..n).filter(|&i| i != k) {
            let factor = y[i][k];
            for j in 0..n {
                let (a, b) = (y[k][j], z[k][j]);
                y[i][j] -= factor * a;
                z[i][j] -= factor * b;
            }
        }
    }
    z
}

/// Phase currents or voltages at a row of a fresh solution, straight from the table of formulas (solid faults).
fn seen_fresh(
    grid: &Grid,
    (counts, out): (&[u16], &[usize]),
    fault: usize,
    row: usize,
    kind: FaultKind,
) -> [Complex64; 3] {
    let out: Vec<usize> = out.iter().copied().chain(grid.opened(fault)).collect();
    let fault = fault % grid.nodes;
    let z = [0, 1, 2].map(|s| grid.impedances(s, counts, &out));
    let at = z.each_ref().map(|z| z[fault][fault]);
    let v = Complex64::new(63.5, 0.0);
    let none = Complex64::ZERO;
    let i1 = |z: Complex64| v / z;
    let amperes = match kind {
        FaultKind::Lll => [i1(at[0]), none, none],
        FaultKind::Ll => [i1(at[0] + at[1]), -i1(at[0] + at[1]), none],
        FaultKind::Lg => [i1(at[0] + at[1] + at[2]); 3],
        FaultKind::Llg => {
            let first = i1(at[0] + at[1] * at[2] / (at[1] + at[2]));
            [first, -first * at[2] / (at[1] + at[2]), -first * at[1] / (at[1] + at[2])]
        }
    };
    let turns = [turn(row), turn(row).conj(), Complex64::ONE];
    [0, 1, 2].map(|s| {
        let rows = grid.rows(s);
        let kappa: Complex64 = rows[row].iter().zip(&z[s]).map(|(a, z)| a * z[fault]).sum();
        let before = if row % 2 == 1 && s == 0 { v } else { none };
        turns[s] * if row % 2 == 1 { before - kappa * amperes[s] } else { kappa * amperes[s] }
    })
}

fn phases([i1, i2, i0]: [Complex64; 3]) -> [f64; 3] {
    let a = Complex64::from_polar(1.0, 2.0 * std::f64::consts::PI / 3.0);
    [i1 + i2 + i0, a * a * i1 + a * i2 + i0, a * i1 + a * a * i2 + i0].map(Complex64::norm)
}

fn pair(grid: &Grid, row: usize, fault: usize) -> u32 {
    (fault * 4 * grid.lines.len() + row) as u32
}

fn reading(grid: &Grid, measure: Measure, line_end: usize, fault: usize) -> Reading {
    Reading {
        measure,
        current: Some(pair(grid, 2 * line_end, fault)),
        voltage: Some(pair(grid, 2 * line_end + 1, fault)),
        parallel: None,
    }
}

/// An end of a line that no fault at a point has opened.
fn line_end(grid: &Grid, chance: &mut Chance, fault: usize) -> usize {
    loop {
        let end = chance.below(2 * grid.lines.len());
        if grid.opened(fault) != Some(end / 2) {
            return end;
        }
    }
}

/// A differential protection that two ends and all the rest restrain.
fn biased(grid: &Grid, chance: &mut Chance, fault: usize) -> (Measure, Test) {
    let has_zero = chance.below(2) == 0;
    let end = |chance: &mut Chance| End {
        pair: pair(grid, 2 * line_end(grid, chance, fault), fault),
        ratio: 0.5 + chance.unit(),
    };
    let ends = vec![end(chance), end(chance)];
    let has_rest = chance.below(2) == 0;
    let (pickup_ka, slope) = (0.5 + 4.0 * chance.unit(), 1.0 + 1.5 * chance.unit());
    let measure = Measure::Total { ratio: 0.5 + chance.unit(), has_zero };
    (measure, Test::Biased(Bias { pickup_ka, slope, required: 1.0, ends, has_rest }))
}

/// Checks of all kinds: limits are met at about one in two compositions.
fn checks(grid: &Grid, chance: &mut Chance, (count, easy): (usize, f64)) -> Vec<Check> {
    let one = |chance: &mut Chance| {
        let fault = chance.below(2 * grid.nodes);
        let end = line_end(grid, chance, fault);
        let kind = FaultKind::ALL[chance.below(4)];
        let (k0, z_set) = (Complex64::new(0.7, -0.1), Complex64::new(6.0, 25.0));
        let (measure, limit) = match chance.below(7) {
            0 => (Measure::Phase, 1.5),
            1 => (Measure::Residual, 0.8),
            2 => (Measure::Negative, 0.6),
            3 => (Measure::Total { ratio: 1.0, has_zero: true }, 6.0),
            4 => (Measure::Mho { z_set, k0 }, 0.9),
            5 => (Measure::Quadrilateral { z_set, k0 }, 0.9),
            _ => (Measure::Voltage, 20.0),
        };
        let resistance_ohm = if chance.below(4) == 0 { 5.0 } else { 0.0 };
        let is_least = chance.below(4) > 0 && !matches!(measure, Measure::Voltage);
        let limit = limit * if is_least { 0.05 + easy * chance.unit() } else { 0.6 + 3.0 * chance.unit() };
        let mut reading = reading(grid, measure, end, fault);
        let other = self::reading(grid, measure, line_end(grid, chance, fault), fault);
        if matches!(measure, Measure::Mho { .. } | Measure::Quadrilateral { .. }) && chance.below(3) == 0 {
            let pair = pair(grid, 2 * line_end(grid, chance, fault), fault);
            reading.parallel = Some(Parallel { pair, k0m: Complex64::new(0.3, 0.05) });
        }
        let definite = |time_s: f64| Curve { pickup_ka: limit, law: Law::Definite(time_s) };
        let test = match chance.below(12) {
            0 => Test::RatioAtMost(limit, other),
            1 => {
                let (measure, test) = biased(grid, chance, fault);
                reading.measure = measure;
                test
            }
            2 if !matches!(measure, Measure::Voltage) => {
                Test::Slower { own: definite(0.5), first: other, first_curve: definite(0.1), interval_s: 0.3 }
            }
            _ if is_least => Test::AtLeast(limit),
            _ => Test::AtMost(limit),
        };
        Check { fault: fault as u32, kind, resistance_ohm, reading, test, group: None }
    };
    (0..count).map(|_| one(chance)).collect()
}

#[test]
fn values_equal_a_fresh_solution_in_every_composition_and_scheme() {
    let mut worst = 0.0_f64;
    for seed in 0..12 {
        let mut chance = Chance(seed * 91 + 7);
        let grid = Grid::random(&mut chance, 3);
        let ring = grid.lines.len() - 1;
        let schemes = vec![vec![], vec![ring]];
        let mut checks = Vec::new();
        for fault in 0..2 * grid.nodes {
            for end in (0..2 * grid.lines.len()).filter(|end| grid.opened(fault) != Some(end / 2)) {
                for kind in FaultKind::ALL {
                    for (measure, test) in
                        [(Measure::Phase, Test::AtLeast(1.0)), (Measure::Voltage, Test::AtMost(1.0))]
                    {
                        let reading = reading(&grid, measure, end, fault);
                        checks.push(Check {
                            fault: fault as u32,
                            kind,
                            resistance_ohm: 0.0,
                            reading,
                            test,
                            group: None,
                        });
                    }
                }
            }
        }
        let protection = Protection::new(grid.ports(schemes), checks, Vec::new());
        let all: Vec<u32> = (0..protection.checks().len() as u32).collect();
        let space = Region::new(vec![0; 3], grid.high());
        for counts in space.walk().filter(|counts| counts.iter().any(|&n| n > 0)) {
            for (scheme, out) in [vec![], vec![ring]].into_iter().enumerate() {
                let outcomes = protection.outcomes(scheme, &counts, &all);
                for (check, outcome) in protection.checks().iter().zip(&outcomes).step_by(7) {
                    let is_voltage = matches!(check.reading.measure, Measure::Voltage);
                    let end = check.reading.current.unwrap() as usize % (4 * grid.lines.len());
                    let row = end + usize::from(is_voltage);
                    let fresh =
                        phases(seen_fresh(&grid, (&counts, &out), check.fault as usize, row, check.kind));
                    let expected = if is_voltage {
                        fresh.iter().copied().fold(f64::INFINITY, f64::min)
                    } else {
                        fresh.iter().copied().fold(0.0, f64::max)
                    };
                    worst = worst.max((outcome.value - expected).abs() / (1.0 + expected));
                }
            }
        }
    }
    assert!(worst < 1e-9, "{worst}");
}

#[test]
fn bounds_never_contradict_any_composition_and_prove_most_of_what_is_true() {
    let (mut asked, mut failing, mut proven) = (0, 0, 0);
    for seed in 0..40 {
        let mut chance = Chance(seed * 57 + 3);
        let grid = Grid::random(&mut chance, 2 + seed as usize % 3);
        let checks = checks(&grid, &mut chance, (25, 2.0));
        let protection =
            Protection::new(grid.ports(vec![vec![], vec![grid.lines.len() - 1]]), checks, Vec::new());
        for check in 0..25 {
            for scheme in 0..2 {
                let corner = |chance: &mut Chance| -> Vec<u16> {
                    grid.high().iter().map(|&high| chance.below(usize::from(high) + 1) as u16).collect()
                };
                let (a, b) = (corner(&mut chance), corner(&mut chance));
                let low = a.iter().zip(&b).map(|(a, b)| *a.min(b)).collect();
                let region = Region::new(low, a.iter().zip(&b).map(|(a, b)| *a.max(b)).collect());
                let fails = protection.is_live(scheme, check)
                    && region.walk().all(|counts| !protection.outcomes(scheme, &counts, &[check])[0].holds());
                let is_proven = protection.fail_throughout(scheme, &[check], &region);
                assert!(!is_proven || fails, "seed {seed}, check {check}, scheme {scheme}: {region:?}");
                asked += 1;
                failing += usize::from(fails);
                proven += usize::from(is_proven);
            }
        }
    }
    assert!(failing > asked / 5, "{failing} of {asked}");
    assert!(proven * 100 > failing * 80, "{proven} proven of {failing}");
}

#[test]
fn the_search_on_physics_equals_brute_force() {
    let (mut feasible, mut hurt) = (0, 0);
    for seed in 0..40 {
        let mut chance = Chance(seed * 131 + 17);
        let grid = Grid::random(&mut chance, 3 + seed as usize % 3);
        let checks = checks(&grid, &mut chance, (6 + seed as usize % 8, 0.5));
        let mut requirements: Vec<Requirement> = (0..checks.len() as u32 / 2)
            .map(|check| Requirement { alternatives: vec![vec![check]] })
            .collect();
        for fault in 0..grid.nodes as u32 {
            let here: Vec<u32> =
                (0..checks.len() as u32).filter(|&c| checks[c as usize].fault == fault).collect();
            if here.len() > 2 {
                requirements
                    .push(Requirement { alternatives: here.iter().map(|&check| vec![check]).collect() });
            }
        }
        let protection =
            Protection::new(grid.ports(vec![vec![], vec![grid.lines.len() - 1]]), checks, requirements);
        let task = Task {
            domain: Region::new(vec![0; grid.classes.len()], grid.high()),
            objective: Objective::count(&grid.high()),
            schemes: vec![0, 1],
            is_robust: seed % 5 == 0,
            units: grid.classes.len(),
        };
        let census = census(&protection, &task);
        let go_on: &(dyn Fn(&Progress) -> Control + Sync) = &|_| Control::Continue;
        let answer = best(&protection, &task, &[], go_on);
        let value = match &answer.ending {
            Ending::Best(counts) => Some(task.objective.value(counts)),
            _ => None,
        };
        assert_eq!(value, census.best, "seed {seed}");
        let minimal = all(&protection, &task, &[], go_on);
        assert_eq!(minimal.compositions.len(), census.minimal.len(), "seed {seed}");
        feasible += usize::from(value.is_some());
        hurt += usize::from(value.is_some() && !task.is_adequate(&protection, &task.domain.high));
    }
    assert!(feasible > 5 && feasible < 35, "{feasible} feasible");
    assert!(hurt > 1, "{hurt} feasible although all units together are not");
}

#[test]
fn complete_enumeration_says_the_same_as_single_compositions() {
    let mut adequate = 0;
    for seed in 0..30 {
        let mut chance = Chance(seed * 211 + 29);
        let grid = Grid::random(&mut chance, 2 + seed as usize % 3);
        let one = |chance: &mut Chance| {
            let kind = FaultKind::ALL[chance.below(4)];
            let measure = match chance.below(3) {
                0 if matches!(kind, FaultKind::Lg | FaultKind::Llg) => Measure::Residual,
                1 if kind != FaultKind::Lll => Measure::Negative,
                _ => Measure::Phase,
            };
            (kind, measure, 0.05 + 0.2 * chance.unit())
        };
        let checks = scattered(&mut chance, &grid, &one);
        adequate += enumerated(&grid, checks);
    }
    assert!(adequate > 50, "{adequate}");
}

/// Many fault points with unequal numbers of pairs: several tiles, groups that are not full, lanes that only fill up.
#[test]
fn complete_enumeration_of_many_fault_points_says_the_same_as_single_compositions() {
    let (mut adequate, mut inadequate) = (0, 0);
    for seed in 0..6 {
        let mut chance = Chance(seed * 977 + 5);
        let grid = Grid::of(&mut chance, 45 + 3 * seed as usize, 3 + seed as usize % 2);
        // What most cases require.
        let one = |chance: &mut Chance| match chance.below(4) {
            0 => (FaultKind::Lll, Measure::Phase, 1.0),
            1 => (FaultKind::Llg, Measure::Phase, 1.0),
            2 => (FaultKind::Lg, Measure::Residual, 1.0),
            _ => (FaultKind::Llg, Measure::Residual, 1.0),
        };
        let mut checks = scattered(&mut chance, &grid, &one);
        // Limits some compositions keep: parts of what is seen with all units.
        let protection = Protection::new(grid.ports(vec![vec![]]), checks.clone(), Vec::new());
        let all: Vec<u32> = (0..checks.len() as u32).collect();
        let seen = protection.outcomes(0, &grid.high(), &all);
        for (check, seen) in checks.iter_mut().zip(&seen) {
            check.test = Test::AtLeast(seen.value * (0.02 + 0.2 * chance.unit()));
        }
        let mut seen = seen.iter();
        checks.retain(|_| seen.next().is_some_and(|seen| seen.value > 1e-3));
        assert!(checks.len() > 512, "{}", checks.len());
        let found = enumerated(&grid, checks);
        adequate += found;
        inadequate += 2 * grid.high().iter().map(|&n| usize::from(n) + 1).product::<usize>() - found;
    }
    assert!(adequate > 20 && inadequate > 20, "{adequate} adequate, {inadequate} not");
}

/// Checks at about one in six pairs.
fn scattered(
    chance: &mut Chance,
    grid: &Grid,
    one: &dyn Fn(&mut Chance) -> (FaultKind, Measure, f64),
) -> Vec<Check> {
    let mut checks = Vec::new();
    for fault in 0..grid.nodes {
        // The sweep knows one clock: not that of the first line's relays.
        for end in 2..2 * grid.lines.len() {
            if chance.below(6) == 0 {
                let (kind, measure, limit) = one(chance);
                let (reading, test) = (reading(grid, measure, end, fault), Test::AtLeast(limit));
                checks.push(Check {
                    fault: fault as u32,
                    kind,
                    resistance_ohm: 0.0,
                    reading,
                    test,
                    group: None,
                });
            }
        }
    }
    checks
}

/// Compares the walk with single compositions, with all lines and without the last one; returns how many are adequate.
fn enumerated(grid: &Grid, checks: Vec<Check>) -> usize {
    let requirements =
        (0..checks.len() as u32).map(|check| Requirement { alternatives: vec![vec![check]] }).collect();
    let schemes = vec![vec![], vec![grid.lines.len() - 1]];
    let protection = Protection::new(grid.ports(schemes), checks, requirements);
    let region = Region::new(vec![0; grid.classes.len()], grid.high());
    let mut adequate = 0;
    for scheme in 0..2 {
        let all = relaying::physics::walk::adequate(&protection, scheme, &region).expect("limits alone");
        for counts in region.walk() {
            let place = counts
                .iter()
                .zip(&region.high)
                .fold(0, |place, (&n, &high)| place * usize::from(high + 1) + usize::from(n));
            let is_adequate = protection.breaches(scheme, &counts, 1).is_empty();
            assert_eq!(all[place], is_adequate, "scheme {scheme}, {counts:?}");
            adequate += usize::from(is_adequate);
        }
    }
    adequate
}
