//! Random structures and small changes of structures.

use crate::expr::{Bin, Fun};
use crate::options::OperatorSet;
use crate::rng::Rng;
use crate::tape::{Code, Sym, subtree_sizes};

/// What random structures are made of, with weights.
#[derive(Debug, Clone)]
pub(crate) struct Flavour {
    unary: Vec<(Code, u32)>,
    binary: Vec<(Code, u32)>,
    /// The variables worth using.
    variables: Vec<u16>,
    /// Terms are logarithms: factors of the target, seen from its logarithm.
    factors: bool,
}

/// Which functions a flavour leans to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leaning {
    Arithmetic,
    Exponential,
    Trigonometric,
    Everything,
    /// Arithmetic inside logarithms.
    Factors,
}

impl Flavour {
    /// The operators of the set, weighted by leaning.
    pub(crate) fn new(leaning: Leaning, set: &OperatorSet, variables: Vec<u16>) -> Self {
        let weight = |fun: Fun| match (leaning, fun) {
            (_, Fun::Sqrt) => 4,
            (Leaning::Exponential, Fun::Exp) => 8,
            (Leaning::Exponential, Fun::Log)
            | (Leaning::Everything, Fun::Exp | Fun::Log | Fun::Sin | Fun::Cos) => 5,
            (Leaning::Exponential, Fun::Tanh) | (Leaning::Factors, Fun::Sin | Fun::Cos) => 2,
            (Leaning::Trigonometric, Fun::Sin | Fun::Cos) => 7,
            (Leaning::Trigonometric, Fun::Asin | Fun::Acos | Fun::Atan | Fun::Tan)
            | (Leaning::Everything, _) => 1,
            _ => 0,
        };
        let mut unary = vec![(Code::Power(2), 6), (Code::Power(3), 2)];
        if set.has_binary(Bin::Div) {
            unary.push((Code::Power(-1), 5));
        }
        if set.has_binary(Bin::Div) && set.has(Fun::Sqrt) {
            unary.push((Code::HalfPower(-1), 1));
        }
        unary.extend(set.functions.iter().map(|fun| (Code::Fun(*fun), weight(*fun))).filter(|(_, w)| *w > 0));
        let share = |op: Bin| match op {
            Bin::Add => 8,
            Bin::Sub => 5,
            Bin::Mul => 10,
            Bin::Div => 6,
            Bin::Pow | Bin::Max | Bin::Min => 1,
        };
        let mut binary: Vec<(Code, u32)> =
            [Bin::Add, Bin::Sub, Bin::Mul].map(|op| (Code::Bin(op), share(op))).into();
        let others = set.binary.iter().filter(|op| !matches!(op, Bin::Add | Bin::Sub | Bin::Mul));
        binary.extend(others.map(|op| (Code::Bin(*op), share(*op))));
        Self { unary, binary, variables, factors: leaning == Leaning::Factors }
    }

    fn unary(&self, rng: &mut Rng) -> Sym {
        Sym::of(pick(&self.unary, rng))
    }

    fn binary(&self, rng: &mut Rng) -> Sym {
        Sym::of(pick(&self.binary, rng))
    }

    fn variable(&self, rng: &mut Rng) -> Sym {
        Sym::of(Code::Var(self.variables[rng.below(self.variables.len())]))
    }

    fn leaf(&self, rng: &mut Rng) -> Vec<Sym> {
        let roll = rng.unit();
        if roll < 0.68 {
            vec![self.variable(rng)]
        } else if roll < 0.93 || self.variables.len() < 2 {
            vec![constant(rng)]
        } else {
            // Differences of like quantities are the leaves of distances.
            let op = if rng.chance(0.7) { Bin::Sub } else { Bin::Mul };
            vec![self.variable(rng), self.variable(rng), Sym::of(Code::Bin(op))]
        }
    }

    /// A random tree of at most this depth.
    fn tree(&self, depth: usize, rng: &mut Rng) -> Vec<Sym> {
        if depth == 0 || rng.chance(0.25) {
            return self.leaf(rng);
        }
        if rng.chance(0.4) {
            let mut syms = self.tree(depth - 1, rng);
            syms.push(self.unary(rng));
            return syms;
        }
        let mut syms = self.tree(depth - 1, rng);
        syms.extend(self.tree(depth - 1, rng));
        syms.push(self.binary(rng));
        syms
    }

    /// A random term of at most this depth.
    fn term(&self, depth: usize, rng: &mut Rng) -> Vec<Sym> {
        let mut syms = self.tree(depth, rng);
        if self.factors && rng.chance(0.8) {
            syms.push(Sym::of(Code::Fun(Fun::Log)));
        }
        syms
    }

    /// A random forest of one to three small terms.
    pub(crate) fn forest(&self, rng: &mut Rng) -> Vec<Sym> {
        let terms = 1 + rng.below(3);
        (0..terms).flat_map(|_| self.term(1 + rng.below(3), rng)).collect()
    }

    /// A changed copy; `other` lends a part now and then.
    pub(crate) fn mutated(&self, parent: &[Sym], other: &[Sym], rng: &mut Rng) -> Vec<Sym> {
        let mut syms = parent.to_vec();
        loop {
            syms = self.changed_once(&syms, other, rng);
            if syms.is_empty() || rng.chance(0.62) {
                return syms;
            }
        }
    }

    fn changed_once(&self, syms: &[Sym], other: &[Sym], rng: &mut Rng) -> Vec<Sym> {
        let sizes = subtree_sizes(syms);
        let at = rng.below(syms.len());
        let first = at + 1 - usize::from(sizes[at]);
        let part = &syms[first..=at];
        let replace = |new: &[Sym]| {
            let mut changed = Vec::with_capacity(syms.len() + new.len());
            changed.extend_from_slice(&syms[..first]);
            changed.extend_from_slice(new);
            changed.extend_from_slice(&syms[at + 1..]);
            changed
        };
        match rng.below(100) {
            0..16 => {
                let mut new = part.to_vec();
                new[part.len() - 1] = self.similar(syms[at], rng);
                replace(&new)
            }
            16..26 => {
                let mut new = part.to_vec();
                new.push(self.unary(rng));
                replace(&new)
            }
            26..46 => {
                let leaf = self.leaf(rng);
                let op = self.binary(rng);
                let new = if rng.chance(0.75) { [part, &leaf, &[op]] } else { [&leaf, part, &[op]] };
                replace(&new.concat())
            }
            46..58 => replace(&hoisted(part, &sizes[first..=at], rng)),
            58..68 => replace(&self.tree(rng.below(3), rng)),
            68..76 => {
                let mut grown = syms.to_vec();
                grown.extend(self.term(1 + rng.below(2), rng));
                grown
            }
            76..82 => without_a_term(syms, &sizes, rng),
            82..86 => swapped(syms, &sizes, at),
            86..90 => jittered(syms, rng),
            _ => {
                let sizes = subtree_sizes(other);
                let from = rng.below(other.len());
                replace(&other[from + 1 - usize::from(sizes[from])..=from])
            }
        }
    }

    /// Another symbol of the same arity.
    fn similar(&self, sym: Sym, rng: &mut Rng) -> Sym {
        match sym.code.arity() {
            0 if rng.chance(0.8) => self.variable(rng),
            0 => constant(rng),
            1 => self.unary(rng),
            _ => self.binary(rng),
        }
    }
}

fn pick(weighted: &[(Code, u32)], rng: &mut Rng) -> Code {
    let total: u32 = weighted.iter().map(|(_, weight)| weight).sum();
    let mut roll = rng.below(total as usize) as u32;
    for (code, weight) in weighted {
        if roll < *weight {
            return *code;
        }
        roll -= weight;
    }
    weighted[0].0
}

fn constant(rng: &mut Rng) -> Sym {
    const FIRST: [f64; 6] = [1.0, -1.0, 2.0, 0.5, 3.0, 0.1];
    const SCALES: [f64; 4] = [0.3, 1.0, 3.0, 10.0];
    if rng.chance(0.5) {
        return Sym::constant(FIRST[rng.below(FIRST.len())]);
    }
    Sym::constant(rng.normal() * SCALES[rng.below(SCALES.len())])
}

/// One of the operands in place of the operation.
fn hoisted(part: &[Sym], sizes: &[u16], rng: &mut Rng) -> Vec<Sym> {
    let root = part.len() - 1;
    match part[root].code.arity() {
        0 => part.to_vec(),
        1 => part[..root].to_vec(),
        _ => {
            let split = root - usize::from(sizes[root - 1]);
            if rng.chance(0.5) { part[..split].to_vec() } else { part[split..root].to_vec() }
        }
    }
}

fn without_a_term(syms: &[Sym], sizes: &[u16], rng: &mut Rng) -> Vec<Sym> {
    let roots = crate::forest::roots(sizes);
    if roots.len() < 2 {
        return syms.to_vec();
    }
    let root = roots[rng.below(roots.len())];
    let first = root + 1 - usize::from(sizes[root]);
    [&syms[..first], &syms[root + 1..]].concat()
}

fn swapped(syms: &[Sym], sizes: &[u16], at: usize) -> Vec<Sym> {
    if syms[at].code.arity() < 2 {
        return syms.to_vec();
    }
    let first = at + 1 - usize::from(sizes[at]);
    let split = at - usize::from(sizes[at - 1]);
    [&syms[..first], &syms[split..at], &syms[first..split], &syms[at..]].concat()
}

fn jittered(syms: &[Sym], rng: &mut Rng) -> Vec<Sym> {
    let mut changed = syms.to_vec();
    for sym in changed.iter_mut().filter(|sym| sym.code == Code::Const) {
        sym.value =
            if rng.chance(0.3) { constant(rng).value } else { sym.value * (1.0 + 0.5 * rng.normal()) };
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_change_leaves_whole_trees() {
        let flavour = Flavour::new(Leaning::Everything, &OperatorSet::default(), vec![0, 1, 2]);
        let mut rng = Rng::stream(3, 0, 0);
        let mut syms = flavour.forest(&mut rng);
        for _ in 0..5000 {
            let other = flavour.forest(&mut rng);
            let next = flavour.mutated(&syms, &other, &mut rng);
            let mut depth = 0_usize;
            for sym in &next {
                assert!(depth >= sym.code.arity());
                depth = depth - sym.code.arity() + 1;
            }
            assert!(depth >= 1);
            syms = if next.len() > 40 { other } else { next };
        }
    }

    #[test]
    fn uses_only_the_operators_it_is_given() {
        let set = OperatorSet::from_names(&["add", "mul", "exp"]).unwrap();
        let flavour = Flavour::new(Leaning::Everything, &set, vec![0]);
        let mut rng = Rng::stream(4, 0, 0);
        for _ in 0..500 {
            let allowed = |sym: &Sym| match sym.code {
                Code::Fun(fun) => fun == Fun::Exp,
                Code::Bin(op) => matches!(op, Bin::Add | Bin::Sub | Bin::Mul),
                Code::Power(n) => n > 0,
                _ => true,
            };
            assert!(flavour.forest(&mut rng).iter().all(allowed));
        }
    }
}
