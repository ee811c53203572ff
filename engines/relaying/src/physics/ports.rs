//! Port matrices: all the search knows of a network.
//!
//! *Rows* are what relays measure, as linear functions of the node voltages: a current row gives the current towards
//! the protected element per ampere of fault current, a voltage row the voltage lost at the relay per ampere.
//! *Columns* are what changes the network: a class of units (a shunt, once per running unit) or a part of an outage.
//! Impedances are in Ω, admittances in S, voltages in kV (phase to earth), currents in kA.

use num_complex::Complex64;

/// Something that changes the network by one symmetric term: ΔY = δ v vᵀ, in each sequence with its own v.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Column {
    /// δ in S per sequence: what one unit of the class adds, or what the outage adds (mostly negative).
    pub step: [Complex64; 3],
}

/// The port matrices of one sequence.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sequence {
    /// Between columns, row by row.
    pub control: Vec<Complex64>,
    /// Rows by columns.
    pub left: Vec<Complex64>,
    /// Fault points by columns.
    pub right: Vec<Complex64>,
    /// Each pair of a row and a fault point.
    pub kappa: Vec<Complex64>,
    /// Impedance at each fault point.
    pub z_ff: Vec<Complex64>,
}

/// A row and a fault point that belong together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    /// The row.
    pub row: u32,
    /// The fault point.
    pub fault: u32,
    /// Voltage before the fault of a voltage row, kV.
    pub kv: f64,
    /// Turns the positive sequence from the fault's clock to the row's; 1 where no transformer turns between them.
    pub turn: Complex64,
}

impl Pair {
    /// A pair of one voltage level and clock.
    pub fn plain(row: u32, fault: u32, kv: f64) -> Self {
        Self { row, fault, kv, turn: Complex64::ONE }
    }
}

/// An outage scheme: the network as it stands when nothing is in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scheme {
    /// The base network it starts from.
    pub base: usize,
    /// The columns that take effect.
    pub columns: Vec<usize>,
    /// The group of settings that is active.
    pub group: u16,
    /// Rows that measure nothing because their element is out, in rising order.
    pub idle_rows: Vec<u32>,
    /// Fault points that are out with their element, in rising order.
    pub void_faults: Vec<u32>,
}

/// Port matrices of a network in which every class runs with all its units and nothing is out.
#[derive(Debug, Clone, PartialEq)]
pub struct Ports {
    /// How many units of each class run in the matrices.
    pub high: Vec<u16>,
    /// Columns: the classes first, then parts of outages.
    pub columns: Vec<Column>,
    /// The schemes.
    pub schemes: Vec<Scheme>,
    /// Voltage before the fault at each fault point, kV.
    pub fault_kv: Vec<f64>,
    /// Columns that take effect for faults at a point alone, in every scheme: what has opened there before.
    pub opened: Vec<Vec<usize>>,
    /// Pairs, in the order of their fault points.
    pub pairs: Vec<Pair>,
    /// Base networks, each with positive, negative and zero sequence. An empty negative sequence is as the positive,
    /// in all of them or in none. An infinite impedance has no path to earth.
    pub bases: Vec<[Sequence; 3]>,
}

/// Positive, negative, zero.
pub(super) const POSITIVE: usize = 0;
pub(super) const NEGATIVE: usize = 1;
pub(super) const ZERO: usize = 2;

impl Ports {
    /// How many classes there are.
    pub fn classes(&self) -> usize {
        self.high.len()
    }

    /// Whether the negative sequence is as the positive.
    pub fn is_alike(&self) -> bool {
        self.bases.iter().all(|base| base[NEGATIVE].z_ff.is_empty())
    }

    /// A sequence of the base network a scheme starts from.
    pub(super) fn sequence(&self, scheme: usize, s: usize) -> &Sequence {
        &self.bases[self.schemes[scheme].base][s]
    }

    /// The sequences that have matrices of their own.
    pub(super) fn own_sequences(&self) -> &'static [usize] {
        if self.is_alike() { &[POSITIVE, ZERO] } else { &[POSITIVE, NEGATIVE, ZERO] }
    }
}

impl Sequence {
    pub(super) fn left_of(&self, row: u32, columns: usize) -> &[Complex64] {
        &self.left[row as usize * columns..][..columns]
    }

    pub(super) fn right_of(&self, fault: u32, columns: usize) -> &[Complex64] {
        &self.right[fault as usize * columns..][..columns]
    }
}
