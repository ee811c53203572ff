//! The form of a law that somebody gives, such as `a*sin(_) + _`. What it names and the table has no column for is a
//! parameter; `_` is a hole that is filled with a formula of its own, `_f` one filled the same wherever it stands.

use crate::error::Error;
use crate::expr::{Bin, Node};
use crate::forest;
use crate::parse::{self, parse};
use crate::tape::{Code, Sym, Tape, subtree_sizes};

/// Parameters and holes at most.
const MAX_OPEN: usize = 32;
/// The mark of a hole.
const HOLE: char = '_';

/// A form over columns, parameters and holes, numbered in this order.
#[derive(Debug, Clone)]
pub(crate) struct Template {
    pub(crate) form: Node,
    syms: Vec<Sym>,
    columns: usize,
    pub(crate) parameters: usize,
    pub(crate) holes: usize,
}

/// The formula in a hole: a sum of terms.
#[derive(Debug, Clone)]
pub(crate) struct Sum {
    pub(crate) offset: f64,
    pub(crate) coefficients: Vec<f64>,
    pub(crate) terms: Vec<Sym>,
}

/// What a template is filled with.
#[derive(Debug, Clone)]
pub(crate) struct Filling {
    pub(crate) parameters: Vec<f64>,
    pub(crate) sums: Vec<Sum>,
}

impl Template {
    /// Reads a template for a table with these columns.
    pub(crate) fn read(text: &str, columns: &[String]) -> Result<Self, Error> {
        let unknown = parse::unknown_names(text, columns);
        let open = unknown.len() + text.matches(HOLE).count();
        if open > 2 * MAX_OPEN {
            return Err(Error::TooOpen { open, limit: MAX_OPEN });
        }
        let (holes, parameters): (Vec<String>, Vec<String>) =
            unknown.into_iter().partition(|name| name.starts_with(HOLE));
        let names: Vec<String> = [columns, &parameters, &holes].concat();
        let first = columns.len() + parameters.len();
        let anonymous = holes.iter().position(|name| name.chars().eq([HOLE])).map(|at| first + at);
        let mut form = parse(text, &names)?;
        let mut count = holes.len();
        if let Some(anonymous) = anonymous {
            let mut seen = 0;
            form = numbered(&form, &mut |v| {
                if usize::from(v) != anonymous {
                    return v;
                }
                seen += 1;
                // The first keeps its number, each further one is a hole of its own.
                if seen == 1 { v } else { (first + count + seen - 2) as u16 }
            });
            count += seen.saturating_sub(1);
        }
        let open = parameters.len() + count;
        if open > MAX_OPEN {
            return Err(Error::TooOpen { open, limit: MAX_OPEN });
        }
        let syms = Tape::compile(&form).syms;
        Ok(Self { form, syms, columns: columns.len(), parameters: parameters.len(), holes: count })
    }

    /// The code of the filled template, with the places of every number in it that is fitted: the parameters first,
    /// then for every hole the offset, the coefficients and what stands inside the terms.
    pub(crate) fn cast(&self, filling: &Filling) -> (Tape, Vec<Vec<usize>>) {
        let mut first = vec![self.parameters];
        for sum in &filling.sums {
            first.push(first[first.len() - 1] + sum.numbers());
        }
        let mut places = vec![vec![]; first[filling.sums.len()]];
        let mut syms = Vec::new();
        for sym in &self.syms {
            match sym.code {
                Code::Var(v) if usize::from(v) >= self.columns => {
                    let at = usize::from(v) - self.columns;
                    if at < self.parameters {
                        places[at].push(syms.len());
                        syms.push(Sym::constant(filling.parameters[at]));
                    } else {
                        let hole = at - self.parameters;
                        filling.sums[hole].cast(&mut syms, &mut places[first[hole]..first[hole + 1]]);
                    }
                }
                _ => syms.push(*sym),
            }
        }
        (Tape::new(syms), places)
    }
}

impl Filling {
    /// The numbers that are fitted, in the order of their places.
    pub(crate) fn numbers_mut(&mut self) -> Vec<&mut f64> {
        let mut all: Vec<&mut f64> = self.parameters.iter_mut().collect();
        for sum in &mut self.sums {
            all.push(&mut sum.offset);
            all.extend(&mut sum.coefficients);
            let inner = sum.terms.iter_mut().filter(|sym| sym.code == Code::Const);
            all.extend(inner.map(|sym| &mut sym.value));
        }
        all
    }

    /// Symbols of the filling, coefficients and offsets counted.
    pub(crate) fn size(&self) -> usize {
        self.sums.iter().map(|sum| sum.terms.len() + 2 * sum.coefficients.len() + 1).sum()
    }
}

impl Sum {
    /// A sum of terms that has not been fitted; `None` where the terms come to nothing.
    pub(crate) fn rough(terms: &[Sym]) -> Option<Self> {
        let terms = forest::normalised(terms)?;
        let count = forest::roots(&subtree_sizes(&terms)).len();
        Some(Self { offset: 0.0, coefficients: vec![1.0; count], terms })
    }

    fn numbers(&self) -> usize {
        let inner = self.terms.iter().filter(|sym| sym.code == Code::Const).count();
        1 + self.coefficients.len() + inner
    }

    fn cast(&self, syms: &mut Vec<Sym>, places: &mut [Vec<usize>]) {
        let (of_sum, of_terms) = places.split_at_mut(1 + self.coefficients.len());
        let mut inner = of_terms.iter_mut();
        of_sum[0].push(syms.len());
        syms.push(Sym::constant(self.offset));
        let mut start = 0;
        for ((root, coefficient), place) in forest::roots(&subtree_sizes(&self.terms))
            .into_iter()
            .zip(&self.coefficients)
            .zip(&mut of_sum[1..])
        {
            place.push(syms.len());
            syms.push(Sym::constant(*coefficient));
            for sym in &self.terms[start..=root] {
                if sym.code == Code::Const
                    && let Some(place) = inner.next()
                {
                    place.push(syms.len());
                }
                syms.push(*sym);
            }
            syms.extend([Sym::of(Code::Bin(Bin::Mul)), Sym::of(Code::Bin(Bin::Add))]);
            start = root + 1;
        }
    }
}

/// The form with its variables numbered anew, from left to right.
fn numbered(node: &Node, number: &mut dyn FnMut(u16) -> u16) -> Node {
    match node {
        Node::Num(c) => Node::Num(*c),
        Node::Var(v) => Node::Var(number(*v)),
        Node::Neg(a) => Node::Neg(Box::new(numbered(a, number))),
        Node::Fun(fun, a) => Node::fun(*fun, numbered(a, number)),
        Node::Bin(op, a, b) => {
            let a = numbered(a, number);
            Node::bin(*op, a, numbered(b, number))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns() -> Vec<String> {
        ["x", "z"].map(str::to_owned).into()
    }

    fn sum(text: &str, coefficients: &[f64], offset: f64) -> Sum {
        let terms = Tape::compile(&parse(text, &columns()).unwrap()).syms;
        let rough = Sum::rough(&terms).unwrap();
        assert_eq!(rough.coefficients.len(), coefficients.len());
        Sum { offset, coefficients: coefficients.to_vec(), ..rough }
    }

    #[test]
    fn every_bare_hole_is_its_own_and_a_named_one_is_the_same() {
        let read = |text: &str| {
            let template = Template::read(text, &columns()).unwrap();
            (template.parameters, template.holes)
        };
        assert_eq!(read("a*sin(_) + _"), (1, 2));
        assert_eq!(read("_f/(b + _f) + a*x + _"), (2, 2));
        assert_eq!(read("a*x^b"), (2, 0));
        assert!(Template::read("a*(", &columns()).is_err());
    }

    #[test]
    fn a_filled_template_has_the_values_of_its_parts() {
        let template = Template::read("a*sin(_f) + _ - z/_f", &columns()).unwrap();
        let mut filling = Filling {
            parameters: vec![3.0],
            sums: vec![sum("x*z", &[2.0], 1.0), sum("exp(0.5*x) + z", &[4.0, -1.0], 0.25)],
        };
        let (x, z): (f64, f64) = (0.7, 1.3);
        let (tape, places) = template.cast(&filling);
        let f = 2.0 * x * z + 1.0;
        let expected = 3.0 * f.sin() + 4.0 * (0.5 * x).exp() - z + 0.25 - z / f;
        assert!((tape.eval(&[&[x], &[z]])[0] - expected).abs() < 1e-14);
        let values: Vec<f64> = places.iter().map(|places| tape.syms[places[0]].value).collect();
        assert_eq!(values, filling.numbers_mut().into_iter().map(|value| *value).collect::<Vec<_>>());
        assert_eq!(places.iter().map(Vec::len).collect::<Vec<_>>(), [1, 2, 2, 1, 1, 1, 1]);
    }
}
