//! A formula as its variable goes to infinity: terms c·x^p·log(x)^q, the largest first, up to an order beyond which nothing is
//! known (Hardy 1910, Orders of Infinity). Sums of large terms that cancel leave the right small one.

/// Terms kept of a series.
const TERMS: usize = 6;
/// A sum this much smaller than its parts is zero and rounding.
const CANCELLED: f64 = 1e-12;

/// The order of a term: a power of the variable, then one of its logarithm.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub(crate) struct Order {
    pub(crate) power: f64,
    pub(crate) log: f64,
}

/// The order of constants.
pub(crate) const CONSTANT: Order = Order { power: 0.0, log: 0.0 };
/// The order of the logarithm itself.
pub(crate) const LOG: Order = Order { power: 0.0, log: 1.0 };
/// Smaller than every power.
pub(crate) const BENEATH: Order = Order { power: f64::NEG_INFINITY, log: 0.0 };

impl Order {
    fn plus(self, other: Self) -> Self {
        Self { power: self.power + other.power, log: self.log + other.log }
    }

    pub(crate) fn times(self, n: f64) -> Self {
        Self { power: self.power * n, log: self.log * n }
    }

    fn is(self, other: Self) -> bool {
        (self.power - other.power).abs() < 1e-12 && (self.log - other.log).abs() < 1e-12
    }
}

/// Terms with their coefficients, none of them zero, the largest order first.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Series {
    pub(crate) terms: Vec<(f64, Order)>,
    /// The order of what is left out; `None` where nothing is.
    pub(crate) rest: Option<Order>,
}

impl Series {
    pub(crate) fn of(c: f64, order: Order) -> Self {
        Self::gathered(vec![(c, order)], None)
    }

    pub(crate) fn constant(c: f64) -> Self {
        Self::of(c, CONSTANT)
    }

    /// What is nothing but smaller than this order.
    pub(crate) fn only_rest(order: Order) -> Self {
        Self { terms: vec![], rest: Some(order) }
    }

    pub(crate) fn is_zero(&self) -> bool {
        self.terms.is_empty() && self.rest.is_none()
    }

    /// The order it has at most; `None` for zero.
    pub(crate) fn order(&self) -> Option<Order> {
        self.terms.first().map(|term| term.1).or(self.rest)
    }

    /// The coefficient and order of the largest term, where that is known.
    pub(crate) fn leading(&self) -> Option<(f64, Order)> {
        self.terms.first().copied()
    }

    /// The limit, where it has one: it is neither unknown nor infinite.
    pub(crate) fn limit(&self) -> Option<f64> {
        match (self.leading(), self.rest) {
            (Some((_, order)), _) if order > CONSTANT => None,
            (Some((c, order)), _) if order.is(CONSTANT) => Some(c),
            (Some(_), _) | (None, None) => Some(0.0),
            (None, Some(rest)) => (rest < CONSTANT).then_some(0.0),
        }
    }

    /// The same with something of this order left out.
    pub(crate) fn up_to(self, order: Order) -> Self {
        let rest = Some(self.rest.map_or(order, |rest| if rest > order { rest } else { order }));
        Self::gathered(self.terms, rest)
    }

    pub(crate) fn scaled(&self, c: f64) -> Self {
        Self::gathered(self.terms.iter().map(|(d, order)| (c * d, *order)).collect(), self.rest)
    }

    pub(crate) fn plus(&self, other: &Self) -> Self {
        let rest = match (self.rest, other.rest) {
            (Some(a), Some(b)) => Some(if a > b { a } else { b }),
            (a, b) => a.or(b),
        };
        Self::gathered(self.terms.iter().chain(&other.terms).copied().collect(), rest)
    }

    pub(crate) fn times(&self, other: &Self) -> Self {
        let product =
            |a: &(f64, Order)| other.terms.iter().map(|b| (a.0 * b.0, a.1.plus(b.1))).collect::<Vec<_>>();
        let terms = self.terms.iter().flat_map(product).collect();
        let beyond = |a: &Self, b: &Self| Some(a.rest?.plus(b.order()?));
        let rests = [beyond(self, other), beyond(other, self)];
        let rest = rests.into_iter().flatten().reduce(|a, b| if a > b { a } else { b });
        Self::gathered(terms, rest)
    }

    /// A power with a number in the exponent; `None` where it has no value or the leading term is not known.
    pub(crate) fn power(&self, n: f64) -> Option<Self> {
        let (c, order) = self.leading()?;
        if c < 0.0 && n.fract() != 0.0 {
            return None;
        }
        let head = Self::of(libm::pow(c, n), order.times(n));
        // (1 + u)^n by its binomial series.
        let binomial = |j: usize| (0..j).map(|i| (n - i as f64) / (i as f64 + 1.0)).product();
        Some(head.times(&self.relative(c, order).composed(&binomial)))
    }

    /// The logarithm; `None` where it has no value or is beyond such series.
    pub(crate) fn log(&self) -> Option<Self> {
        let (c, order) = self.leading()?;
        if c <= 0.0 || order.log != 0.0 {
            return None;
        }
        let head = Self::constant(libm::log(c)).plus(&Self::of(order.power, LOG));
        let coefficient = |j: usize| match j {
            0 => 0.0,
            j if j % 2 == 1 => 1.0 / j as f64,
            j => -1.0 / j as f64,
        };
        Some(head.plus(&self.relative(c, order).composed(&coefficient)))
    }

    /// The exponential of a series that tends to a number.
    pub(crate) fn exp_of_bounded(&self) -> Option<Self> {
        let limit = self.limit()?;
        let factorial = |j: usize| 1.0 / (1..=j).map(|i| i as f64).product::<f64>();
        Some(self.plus(&Self::constant(-limit)).composed(&factorial).scaled(libm::exp(limit)))
    }

    /// What is left over the leading term, by that term.
    fn relative(&self, c: f64, order: Order) -> Self {
        self.times(&Self::of(1.0 / c, order.times(-1.0))).plus(&Self::constant(-1.0))
    }

    /// The sum of coefficients times powers of this series, which tends to zero.
    fn composed(&self, coefficient: &dyn Fn(usize) -> f64) -> Self {
        let mut sum = Self::constant(coefficient(0));
        let mut power = Self::constant(1.0);
        for j in 1..=TERMS {
            power = power.times(self);
            if power.is_zero() {
                return sum;
            }
            sum = sum.plus(&power.scaled(coefficient(j)));
        }
        let ends = (TERMS + 1..=TERMS + 2).all(|j| coefficient(j) == 0.0);
        match self.order() {
            Some(order) if !ends => sum.up_to(order.times(TERMS as f64 + 1.0)),
            _ => sum,
        }
    }

    fn gathered(mut terms: Vec<(f64, Order)>, mut rest: Option<Order>) -> Self {
        let above = |order: Order| rest.is_none_or(|rest| order > rest && !order.is(rest));
        terms.retain(|(_, order)| above(*order));
        terms.sort_by(|a, b| b.1.power.total_cmp(&a.1.power).then(b.1.log.total_cmp(&a.1.log)));
        let mut joined: Vec<(f64, Order)> = Vec::new();
        let mut largest = 0.0_f64;
        for (c, order) in terms {
            match joined.last_mut() {
                Some((sum, known)) if known.is(order) => {
                    largest = largest.max(c.abs());
                    *sum += c;
                    if sum.abs() <= CANCELLED * largest {
                        *sum = 0.0;
                    }
                }
                _ => {
                    largest = c.abs();
                    joined.push((c, order));
                }
            }
        }
        joined.retain(|(c, _)| *c != 0.0);
        if joined.len() > TERMS {
            rest = Some(joined[TERMS].1);
            joined.truncate(TERMS);
        }
        Self { terms: joined, rest }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn x() -> Series {
        Series::of(1.0, Order { power: 1.0, log: 0.0 })
    }

    #[test]
    fn what_is_large_cancels_and_what_is_small_stays() {
        // sqrt(x² + 1) - x = 1/(2x) - 1/(8x³) + …
        let root = x().times(&x()).plus(&Series::constant(1.0)).power(0.5).unwrap();
        let (c, order) = root.plus(&x().scaled(-1.0)).leading().unwrap();
        assert!((c - 0.5).abs() < 1e-15 && order.is(Order { power: -1.0, log: 0.0 }));
        // A sum of terms that all cancel is zero, unless something was left out.
        assert!(x().plus(&x().scaled(-1.0)).is_zero());
        assert!(
            root.plus(&root.scaled(-1.0)).leading().is_none() && !root.plus(&root.scaled(-1.0)).is_zero()
        );
    }

    #[test]
    fn logarithms_and_exponentials_undo_each_other() {
        // exp(log(1 + 1/x)) = 1 + 1/x.
        let small = Series::constant(1.0).plus(&x().power(-1.0).unwrap());
        let back = small.log().unwrap().exp_of_bounded().unwrap();
        let rest = back.plus(&small.scaled(-1.0));
        assert!(rest.order().unwrap().power <= -6.0, "{rest:?}");
        // log(3x²) = 2 log(x) + log(3).
        let log = x().times(&x()).scaled(3.0).log().unwrap();
        assert_eq!(log.terms, vec![(2.0, LOG), (libm::log(3.0), CONSTANT)]);
    }

    #[test]
    fn roots_of_negative_things_have_no_value() {
        assert!(x().scaled(-1.0).power(0.5).is_none() && x().scaled(-1.0).log().is_none());
        assert_eq!(x().scaled(-2.0).power(3.0).unwrap().leading().unwrap().0, -8.0);
    }
}
