//! Several good formulas of every size, for those who want to choose themselves. Two formulas with the same error are
//! taken for one law written twice.

use crate::front::{Front, Member};

/// Errors closer than this fraction are the same law's.
const SAME: f64 = 1e-7;

/// The best formulas of every size.
#[derive(Debug)]
pub(crate) struct Shelf {
    per_size: usize,
    /// By size, then by error.
    members: Vec<Member>,
}

impl Shelf {
    pub(crate) fn new(per_size: usize) -> Self {
        Self { per_size, members: vec![] }
    }

    /// Whether a formula of this size and error would be kept.
    pub(crate) fn would_take(&self, size: usize, mse: f64) -> bool {
        let own = || self.members.iter().filter(|member| member.size == size);
        self.per_size > 1
            && own().filter(|member| member.mse <= mse).count() < self.per_size
            && !own().any(|member| (member.mse - mse).abs() <= SAME * mse)
    }

    pub(crate) fn offer(&mut self, member: &Member) {
        if !self.would_take(member.size, member.mse) {
            return;
        }
        let before = |other: &Member| (other.size, other.mse) < (member.size, member.mse);
        let at = self.members.partition_point(before);
        self.members.insert(at, member.clone());
        let from = self.members.partition_point(|other| other.size < member.size);
        if self.members.iter().filter(|other| other.size == member.size).count() > self.per_size {
            self.members.remove(from + self.per_size);
        }
    }

    pub(crate) fn members(&self) -> &[Member] {
        &self.members
    }

    /// What the front does not have.
    pub(crate) fn beside(self, front: &Front) -> Vec<Member> {
        let known = |member: &Member| front.members().iter().any(|other| other.expr == member.expr);
        self.members.into_iter().filter(|member| !known(member)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::Expr;

    fn member(text: &str, size: usize, mse: f64) -> Member {
        let expr = Expr::parse(text, &["x".to_owned(), "y".to_owned()]).unwrap();
        Member { expr, size, mse, r2: 0.0, description_length: 0.0, exact: false }
    }

    #[test]
    fn keeps_the_best_of_each_size_and_each_law_once() {
        let mut shelf = Shelf::new(2);
        for (text, size, mse) in
            [("x", 1, 3.0), ("y", 1, 2.0), ("-x", 1, 3.0), ("x*y", 3, 1.0), ("7", 1, 5.0), ("x^2", 1, 1.0)]
        {
            shelf.offer(&member(text, size, mse));
        }
        let kept: Vec<String> = shelf.members().iter().map(|m| m.expr.text()).collect();
        assert_eq!(kept, ["x^2", "y", "x*y"]);
        let mut front = Front::default();
        front.offer(member("x^2", 1, 1.0));
        let beside: Vec<String> = shelf.beside(&front).iter().map(|m| m.expr.text()).collect();
        assert_eq!(beside, ["y", "x*y"]);
        assert!(!Shelf::new(1).would_take(1, 0.0));
    }
}
