//! Holds a certificate against its case: what it proves, it proves of the case, not of matrices somebody wrote down.
//!
//! Nothing of the search is used, and nothing it wrote is believed. Every scheme is factored for itself; the certificate's
//! checks are read from the case again and get matrices of their own, which must be those of the certificate; a rule must
//! break a requirement of the case; then the checker of `proof` looks for a contradiction. What is said to be adequate is
//! computed anew in every scheme, each composition as a state of the network, with the formulas of `proof`.

mod fresh;

use std::collections::{HashMap, HashSet};

use faults::{Options, PortRequest, Study};
use network::{Change, Model, State};
use num_complex::Complex64;
use proof::{Certificate, Claim, Port, Refusal};
use rayon::prelude::*;
use thiserror::Error as ThisError;

use crate::assembly::variables::full_state;
use crate::assembly::{Decisions, options, views};
use crate::case::Case;
use crate::composition::objective::{Criterion, Objective};
use crate::error::Error;
use crate::setup::{Setup, Spot};
use fresh::Fresh;

/// By this part of the greatest entry two computations of a matrix may differ.
const SAME: f64 = 1e-6;
/// Where the greatest entry is less than this, Ω or parts of a current, all of them are rounding or nothing.
const LEAST: f64 = 1e-3;

/// Why a certificate proves nothing about its case.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum Discrepancy {
    /// The case is not usable.
    #[error(transparent)]
    Case(#[from] Error),
    /// Its network can't be computed in some scheme or composition.
    #[error("the network can't be computed: {0}")]
    Network(String),
    /// Classes, schemes or values are not those of the case.
    #[error("{0} are not those of the case")]
    Frame(&'static str),
    /// A check is not the case's, or its matrices are not.
    #[error("{label:?}: its {what} are not those of the case")]
    Witness {
        /// The check.
        label: String,
        /// What differs.
        what: &'static str,
    },
    /// Where the checks of a rule fail, nothing that is required need be broken.
    #[error("rule {0}: where its checks fail, no requirement of the case is broken")]
    Rule(usize),
    /// A composition is not adequate.
    #[error("composition {counts:?} is not adequate in scheme {scheme:?}: {label} fails")]
    Inadequate {
        /// The composition.
        counts: Vec<u16>,
        /// The scheme.
        scheme: String,
        /// The check.
        label: String,
    },
    /// The composition said to be adequate is not what the claim is about.
    #[error("the claim is not about composition {0:?}")]
    Claim(Vec<u16>),
    /// The proof itself is refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

/// Checks that a certificate holds for a case. `today` decides which waivers hold.
pub fn audit(case: &Case, model: &Model, today: &str, certificate: &Certificate) -> Result<(), Discrepancy> {
    let auditor = Auditor::new(case, model, today)?;
    let schemes = auditor.frame(certificate)?;
    let rebuilt = auditor.rebuilt(certificate, &schemes)?;
    auditor.rules(certificate, &schemes)?;
    proof::check(&rebuilt)?;
    auditor.claim(certificate)?;
    auditor.adequate(certificate, &schemes)
}

/// A case as it is read for a check.
struct Auditor<'a> {
    case: &'a Case,
    model: &'a Model,
    setup: Setup,
    options: Options,
    /// The state the case lays over its network.
    extra: Option<&'a State>,
    /// All units in service, all neutrals earthed.
    full: State,
    high: Vec<u16>,
    /// How the site of each pair stands to its spot, in the network as it stands: voltage before the fault, kV, and turn.
    views: Vec<(f64, Complex64)>,
}

impl<'a> Auditor<'a> {
    fn new(case: &'a Case, model: &'a Model, today: &str) -> Result<Self, Discrepancy> {
        let setup = Setup::of(case, model, today)?;
        let options = options(case.head.currents);
        let full = full_state(case, model)?;
        let extra = case.head.state.as_ref().and_then(|id| model.overlay(id));
        let units = case.classes.iter().map(|class| class.units.len() as u16);
        let high = units.chain(case.neutrals.iter().map(|_| 1)).collect();
        let mut auditor = Self { case, model, setup, options, extra, full, high, views: Vec::new() };
        auditor.views = auditor.seen()?;
        Ok(auditor)
    }

    fn seen(&self) -> Result<Vec<(f64, Complex64)>, Discrepancy> {
        let network = |error: faults::Error| Discrepancy::Network(error.to_string());
        let states: Vec<&State> = self.extra.into_iter().chain([&self.full]).collect();
        let study = Study::of(self.model, &states, &self.options).map_err(network)?;
        let request = PortRequest {
            faults: self.setup.spots.iter().map(Spot::place).collect(),
            relays: self.setup.sites.iter().map(|site| (site.element.clone(), site.end)).collect(),
            pairs: self.setup.pairs.clone(),
            openings: self.setup.openings(),
            switches: Vec::new(),
        };
        let ports = faults::Ports::of(&study, &request).map_err(network)?;
        Ok(views(&request, &ports).iter().map(|view| (view.kv, view.turn)).collect())
    }

    /// Elements out in a scheme; 0 is the network as it stands.
    fn gone(&self, scheme: usize) -> Vec<&str> {
        let own = self.case.schemes.get(scheme.wrapping_sub(1));
        own.iter().flat_map(|own| own.out.iter().chain(&own.earthed)).map(String::as_str).collect()
    }

    /// The schemes, classes and values must be the case's; returns the places of the schemes.
    fn frame(&self, certificate: &Certificate) -> Result<Vec<usize>, Discrepancy> {
        let known = |id: &String| match id.as_str() {
            "base" => Some(0),
            id => self.case.schemes.iter().position(|scheme| scheme.id == id).map(|at| at + 1),
        };
        let schemes: Option<Vec<usize>> = certificate.schemes.iter().map(known).collect();
        let is_set =
            |all: &Vec<usize>| !all.is_empty() && all.iter().collect::<HashSet<_>>().len() == all.len();
        let schemes = schemes.filter(is_set).ok_or(Discrepancy::Frame("schemes"))?;
        let decisions = Decisions { classes: &self.case.classes, neutrals: &self.case.neutrals };
        let (domain, names) = (decisions.domain(), decisions.names());
        let classes = &certificate.classes;
        let is_same = classes.len() == names.len()
            && classes.iter().enumerate().all(|(at, class)| {
                let is_neutral = at >= self.case.classes.len();
                (class.id.as_str(), class.low, class.high, class.is_neutral)
                    == (names[at], domain.low[at], domain.high[at], is_neutral)
            });
        if !is_same {
            return Err(Discrepancy::Frame("classes"));
        }
        let criteria: Option<Vec<Criterion>> =
            certificate.criteria.iter().map(|name| Criterion::of(name)).collect();
        let criteria = criteria.ok_or(Discrepancy::Frame("values"))?;
        let objective = Objective::new(&criteria, &decisions.weights(), &domain.high);
        let is_same = classes.iter().enumerate().all(|(at, class)| {
            class.values.len() == usize::from(class.high) + 1
                && class.values.iter().zip(0..).all(|(value, n)| *value == objective.part(at, n).0)
        });
        if is_same { Ok(schemes) } else { Err(Discrepancy::Frame("values")) }
    }

    /// The certificate with the case's own checks and matrices.
    fn rebuilt(&self, certificate: &Certificate, schemes: &[usize]) -> Result<Certificate, Discrepancy> {
        let mut of_scheme: HashMap<(usize, Option<Opening>), Vec<usize>> = HashMap::new();
        for (at, witness) in certificate.witnesses.iter().enumerate() {
            let differs = |what| Discrepancy::Witness { label: witness.label.clone(), what };
            let scheme = *schemes.get(witness.scheme).ok_or_else(|| differs("schemes"))?;
            if witness.check as usize >= self.setup.checks.len() || !self.is_live(scheme, witness.check) {
                return Err(differs("settings"));
            }
            let opening = self.opening(self.setup.checks[witness.check as usize].fault as usize);
            of_scheme.entry((scheme, opening)).or_default().push(at);
        }
        let of = |((scheme, opening), places): (&(usize, Option<Opening>), &Vec<usize>)| {
            let opened = opening.as_ref().map(state);
            let checks = places.iter().map(|&place| certificate.witnesses[place].check);
            let fresh = Fresh::open(self, (*scheme, opened.as_ref()), &self.pairs_of(checks))?;
            let witness = |&place: &usize| self.compared(&fresh, certificate, place).map(|new| (place, new));
            places.iter().map(witness).collect::<Result<Vec<_>, Discrepancy>>()
        };
        let mut rebuilt = certificate.clone();
        let all: Vec<Result<Vec<_>, Discrepancy>> = of_scheme.par_iter().map(of).collect();
        for own in all {
            own?.into_iter().for_each(|(place, witness)| rebuilt.witnesses[place] = witness);
        }
        Ok(rebuilt)
    }

    /// A witness made anew, which must be the one in the certificate.
    fn compared(
        &self,
        fresh: &Fresh,
        certificate: &Certificate,
        place: usize,
    ) -> Result<proof::Witness, Discrepancy> {
        let old = &certificate.witnesses[place];
        let differs = |what| Discrepancy::Witness { label: old.label.clone(), what };
        if !fresh.is_fed(self.setup.checks[old.check as usize].fault as usize) {
            return Err(differs("sources"));
        }
        let new = fresh
            .witness(self, (old.scheme, old.label.clone()), old.check)
            .ok_or_else(|| differs("times"))?;
        if (&new.kind, &new.reading, &new.test, new.resistance_ohm)
            != (&old.kind, &old.reading, &old.test, old.resistance_ohm)
            || new.counts != old.counts
        {
            return Err(differs("settings"));
        }
        let is_alike = |(one, other): (&proof::View, &proof::View)| {
            (one.kv - other.kv).abs() <= SAME * one.kv.max(1.0) && (one.turn - other.turn).norm() <= SAME
        };
        let is_same = are_same(Some(&new.positive), Some(&old.positive))
            && new.views.len() == old.views.len()
            && new.views.iter().zip(&old.views).all(is_alike)
            && are_same(new.zero.as_ref(), old.zero.as_ref());
        if is_same { Ok(new) } else { Err(differs("matrices")) }
    }

    /// The pairs of sites and spots that checks read.
    fn pairs_of(&self, checks: impl Iterator<Item = u32>) -> Vec<(usize, usize)> {
        let all = self.setup.pairs.len() as u32;
        let mut pairs: Vec<u32> = checks
            .flat_map(|check| self.setup.checks[check as usize].pairs())
            .map(|pair| pair % all)
            .collect();
        pairs.sort_unstable();
        pairs.dedup();
        pairs.into_iter().map(|pair| self.setup.pairs[pair as usize]).collect()
    }

    /// Whether a check can be made in a scheme: its lines are in service, its group of settings is active.
    fn is_live(&self, scheme: usize, check: u32) -> bool {
        let own = &self.setup.checks[check as usize];
        let gone = self.gone(scheme);
        let group = self.case.schemes.get(scheme.wrapping_sub(1)).and_then(|own| own.group.as_ref());
        let active =
            group.and_then(|name| self.setup.groups.iter().position(|known| known == name)).unwrap_or(0);
        own.group.is_none_or(|group| usize::from(group) == active)
            && !gone.iter().any(|id| self.setup.spots[own.fault as usize].goes_with(id))
            && own.needed_pairs().all(|pair| {
                let (site, _) = self.setup.pairs[pair as usize % self.setup.pairs.len()];
                !gone.contains(&self.setup.sites[site].element.as_str())
            })
    }

    /// What has opened for faults at a spot.
    fn opening(&self, spot: usize) -> Option<Opening> {
        match &self.setup.spots[spot] {
            Spot::Line { line, opened: Some(end), .. } => Some((line.clone(), *end)),
            _ => None,
        }
    }

    /// Where all checks of a rule or clause fail, a requirement is broken: each alternative that can be made has one.
    fn rules(&self, certificate: &Certificate, schemes: &[usize]) -> Result<(), Discrepancy> {
        let mut with: HashMap<u32, Vec<usize>> = HashMap::new();
        for (at, requirement) in self.setup.requirements.iter().enumerate() {
            for &check in requirement.alternatives.iter().flatten() {
                with.entry(check).or_default().push(at);
            }
        }
        let breaks = |rule: &Vec<usize>| {
            let witnesses = || rule.iter().map(|&place| &certificate.witnesses[place]);
            let Some(first) = witnesses().next() else { return false };
            let (scheme, failing) =
                (schemes[first.scheme], witnesses().map(|own| own.check).collect::<HashSet<u32>>());
            witnesses().all(|own| own.scheme == first.scheme)
                && with.get(&first.check).into_iter().flatten().any(|&at| {
                    let alternatives = self.setup.requirements[at].alternatives.iter();
                    let mut live =
                        alternatives.filter(|checks| checks.iter().all(|&check| self.is_live(scheme, check)));
                    live.all(|checks| checks.iter().any(|check| failing.contains(check)))
                })
        };
        let clauses = certificate.clauses.iter().map(|clause| &clause.witnesses);
        let is_known = |rule: &&Vec<usize>| rule.iter().all(|&place| place < certificate.witnesses.len());
        match certificate.rules.iter().chain(clauses).position(|rule| !is_known(&rule) || !breaks(rule)) {
            Some(at) => Err(Discrepancy::Rule(at + 1)),
            None => Ok(()),
        }
    }

    /// The compositions said to be adequate are what the claim is about.
    fn claim(&self, certificate: &Certificate) -> Result<(), Discrepancy> {
        let sets = &certificate.adequate;
        let (classes, units) = (&certificate.classes, self.case.classes.len());
        let fits = |set: &&Vec<u16>| {
            set.len() == classes.len()
                && set.iter().zip(classes).all(|(n, class)| (class.low..=class.high).contains(n))
        };
        if let Some(set) = sets.iter().find(|set| !fits(set)) {
            return Err(Discrepancy::Claim(set.clone()));
        }
        let value = |set: &Vec<u16>| {
            let parts = set.iter().zip(classes).map(|(&n, class)| class.values[usize::from(n)]);
            parts.fold([0_i64; 4], |sum, part| std::array::from_fn(|at| sum[at].saturating_add(part[at])))
        };
        let is_meant = match &certificate.claim {
            Claim::NothingBelow(least) => sets.len() == 1 && value(&sets[0]) == *least,
            Claim::Infeasible => sets.is_empty(),
            Claim::AllAbove(claimed) => {
                sets.len() == claimed.len()
                    && sets.iter().zip(claimed).all(|(set, claimed)| set[..units] == claimed[..units])
            }
        };
        if is_meant { Ok(()) } else { Err(Discrepancy::Claim(sets.first().cloned().unwrap_or_default())) }
    }

    /// What is said to be adequate is, in every scheme, after every loss that must be survived.
    fn adequate(&self, certificate: &Certificate, schemes: &[usize]) -> Result<(), Discrepancy> {
        let mut situations: Vec<Vec<u16>> = Vec::new();
        for set in &certificate.adequate {
            situations.push(set.clone());
            for class in (0..self.case.classes.len()).filter(|&class| certificate.is_robust && set[class] > 0)
            {
                let mut left = set.clone();
                left[class] -= 1;
                situations.push(left);
            }
        }
        let all: Vec<Result<(), Discrepancy>> =
            schemes.par_iter().map(|&scheme| self.holds(scheme, &situations)).collect();
        all.into_iter().collect()
    }

    /// All that is required in a scheme holds in some compositions.
    fn holds(&self, scheme: usize, situations: &[Vec<u16>]) -> Result<(), Discrepancy> {
        let mut live: HashMap<Option<Opening>, Vec<Live<'_>>> = HashMap::new();
        for requirement in &self.setup.requirements {
            let is_live = |checks: &&Vec<u32>| checks.iter().all(|&check| self.is_live(scheme, check));
            let alternatives: Vec<&Vec<u32>> = requirement.alternatives.iter().filter(is_live).collect();
            let Some(&first) = alternatives.first().and_then(|checks| checks.first()) else { continue };
            let spot = self.setup.checks[first as usize].fault as usize;
            live.entry(self.opening(spot)).or_default().push((spot, alternatives));
        }
        if situations.is_empty() {
            return Ok(());
        }
        // One after the other in a known order: the first failure is always the same.
        let mut openings: Vec<(&Option<Opening>, &Vec<Live<'_>>)> = live.iter().collect();
        openings.sort_by_key(|(opening, _)| *opening);
        openings.into_iter().try_for_each(|(opening, live)| {
            let opened = opening.as_ref().map(state);
            self.holds_once_opened((scheme, opened.as_ref()), live, situations)
        })
    }

    /// What is required of faults for which the same has opened.
    fn holds_once_opened(
        &self,
        (scheme, opened): (usize, Option<&State>),
        live: &[Live<'_>],
        situations: &[Vec<u16>],
    ) -> Result<(), Discrepancy> {
        let checks =
            live.iter().flat_map(|(_, alternatives)| alternatives.iter().copied().flatten().copied());
        let pairs = self.pairs_of(checks);
        let all = Fresh::closed(self, (scheme, opened), &self.high, &pairs)?;
        for counts in situations {
            let fresh = Fresh::closed(self, (scheme, opened), counts, &pairs)?;
            // Nothing is required where the scheme itself takes away all sources.
            for (spot, alternatives) in live.iter().filter(|(spot, _)| all.is_fed(*spot)) {
                let holds = |check: &u32| {
                    let witness = fresh.witness(self, (0, String::new()), *check);
                    fresh.is_fed(*spot) && witness.is_some_and(|witness| proof::holds(&witness))
                };
                if !alternatives.iter().any(|checks| checks.iter().all(holds)) {
                    let label = self.setup.labels[alternatives[0][0] as usize].words();
                    let scheme = scheme.checked_sub(1).map_or("base", |at| self.case.schemes[at].id.as_str());
                    let (counts, scheme) = (counts.clone(), scheme.to_owned());
                    return Err(Discrepancy::Inadequate { counts, scheme, label });
                }
            }
        }
        Ok(())
    }
}

/// A spot, and the alternatives that can be made there, one of which must hold.
type Live<'a> = (usize, Vec<&'a Vec<u32>>);

/// An end of a line that has opened.
type Opening = (String, usize);

fn state((line, end): &Opening) -> State {
    State::new("", vec![Change::Open { id: line.clone(), terminal: end + 1 }])
}

/// Whether two matrices are the same but for rounding.
fn are_same(one: Option<&Port>, other: Option<&Port>) -> bool {
    let (Some(one), Some(other)) = (one, other) else { return one.is_none() && other.is_none() };
    if one.rows.len() != other.rows.len() {
        return false;
    }
    // A class alone on its island has no matrices when the scheme is factored for itself: nothing feels it.
    let is_alone = |class: usize| one.unit.get(class) == Some(&Complex64::ZERO);
    let unless_alone = |class: usize, value: Complex64| if is_alone(class) { Complex64::ZERO } else { value };
    let unit = |port: &Port| -> Vec<Complex64> {
        port.unit.iter().enumerate().map(|(class, unit)| unless_alone(class, *unit)).collect()
    };
    let control = |port: &Port| -> Vec<Complex64> {
        let row = |(class, row): (usize, &Vec<Complex64>)| {
            let own = row.iter().enumerate();
            own.map(|(at, &z)| if at == class { unless_alone(class, z) } else { z }).collect::<Vec<_>>()
        };
        port.control.iter().enumerate().flat_map(row).collect()
    };
    let left = |port: &Port| port.rows.iter().flat_map(|row| row.left.iter().copied()).collect::<Vec<_>>();
    let seen = |port: &Port| port.rows.iter().map(|row| row.kappa).collect::<Vec<_>>();
    let parts = |port: &Port| {
        [unit(port), control(port), port.right.clone(), vec![port.z_ff], left(port), seen(port)]
    };
    parts(one).iter().zip(&parts(other)).all(|(one, other)| {
        let greatest = one.iter().map(|value| value.norm()).fold(0.0, f64::max);
        one.len() == other.len()
            && one.iter().zip(other).all(|(a, b)| (a - b).norm() <= SAME * greatest.max(LEAST))
    })
}
