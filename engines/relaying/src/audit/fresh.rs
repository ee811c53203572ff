//! The network of one scheme, factored for itself: nothing of it is taken from another state by updates.

use std::collections::HashMap;

use faults::{PortMatrix, PortRequest, Study};
use network::{Change, State};
use num_complex::Complex64;
use proof::{Port, Row, View, Witness};

use super::{Auditor, Discrepancy};
use crate::assembly::out;
use crate::assembly::variables::{neutral_change, outage};
use crate::case::neutral::Earthing;
use crate::certificate::Places;

/// Positive, negative, zero.
const ZERO: usize = 2;

/// Port matrices of a state for some pairs of a site and a spot.
pub(super) struct Fresh {
    matrices: [PortMatrix; 3],
    before_kv: Vec<f64>,
    spots: HashMap<usize, usize>,
    sites: HashMap<usize, usize>,
    pairs: HashMap<(usize, usize), usize>,
    /// Entries of compositions that can be switched in the matrices.
    decided: usize,
}

impl Fresh {
    /// All units and neutrals as switches of the matrices; what a fault has opened is open.
    pub(super) fn open(
        auditor: &Auditor<'_>,
        (scheme, opened): (usize, Option<&State>),
        pairs: &[(usize, usize)],
    ) -> Result<Self, Discrepancy> {
        let units = auditor.case.classes.iter().map(|class| out(&class.units[0]));
        let isolated = |neutral| State::new("", vec![neutral_change(neutral, Earthing::Isolated)]);
        let gone = auditor.gone(scheme);
        let is_left = |state: &State| state.changes.iter().all(|change| !gone.contains(&change.id()));
        let nothing = || State::new("", Vec::new());
        let all = units.chain(auditor.case.neutrals.iter().map(isolated));
        let switches = all.map(|state| if is_left(&state) { state } else { nothing() }).collect();
        let laid: Vec<&State> = opened.into_iter().collect();
        Self::of(auditor, scheme, &laid, pairs, switches)
    }

    /// One composition; neutrals of classes that stay earthed go on in the zero sequence.
    pub(super) fn closed(
        auditor: &Auditor<'_>,
        (scheme, opened): (usize, Option<&State>),
        counts: &[u16],
        pairs: &[(usize, usize)],
    ) -> Result<Self, Discrepancy> {
        let of = |is_meant: &dyn Fn(&crate::case::unit::Class) -> bool| {
            let state = auditor.composition(counts, is_meant);
            let laid: Vec<&State> = std::iter::once(&state).chain(opened).collect();
            Self::of(auditor, scheme, &laid, pairs, Vec::new())
        };
        let mut fresh = of(&|_| true)?;
        if auditor.case.classes.iter().any(|class| class.stays_earthed) {
            fresh.matrices[ZERO] = of(&|class| !class.stays_earthed)?.matrices[ZERO].clone();
        }
        Ok(fresh)
    }

    fn of(
        auditor: &Auditor<'_>,
        scheme: usize,
        laid: &[&State],
        pairs: &[(usize, usize)],
        switches: Vec<State>,
    ) -> Result<Self, Discrepancy> {
        let network = |error: faults::Error| Discrepancy::Network(error.to_string());
        let outage = auditor.case.schemes.get(scheme.wrapping_sub(1)).map(|own| outage(own, auditor.model));
        let states: Vec<&State> = auditor
            .extra
            .into_iter()
            .chain([&auditor.full])
            .chain(laid.iter().copied())
            .chain(&outage)
            .collect();
        let study = Study::of(auditor.model, &states, &auditor.options).map_err(network)?;
        let gone = auditor.gone(scheme);
        let (mut sites, mut spots) = (HashMap::new(), HashMap::new());
        let mut request = PortRequest { switches, ..PortRequest::default() };
        let mut numbered = HashMap::new();
        for &(site, spot) in pairs {
            let fault = *spots.entry(spot).or_insert_with(|| {
                request.faults.push(auditor.setup.spots[spot].place());
                request.faults.len() - 1
            });
            let own = &auditor.setup.sites[site];
            if gone.contains(&own.element.as_str()) {
                continue;
            }
            let row = *sites.entry(site).or_insert_with(|| {
                request.relays.push((own.element.clone(), own.end));
                request.relays.len() - 1
            });
            numbered.entry((site, spot)).or_insert_with(|| {
                request.pairs.push((row, fault));
                request.pairs.len() - 1
            });
        }
        let decided = request.switches.len();
        let ports = faults::Ports::of(&study, &request).map_err(network)?;
        let before_kv = ports.before_kv.iter().map(|kv| kv.norm()).collect();
        Ok(Self { matrices: ports.sequences, before_kv, spots, sites, pairs: numbered, decided })
    }

    /// Whether a spot has a source.
    pub(super) fn is_fed(&self, spot: usize) -> bool {
        self.spots.get(&spot).is_some_and(|&fault| {
            let own = self.matrices[0].own[fault];
            !self.matrices[0].floats[fault] && own.is_finite()
        })
    }

    /// A check of the case as a witness with these matrices. `None` where a time follows a formula.
    pub(super) fn witness(
        &self,
        auditor: &Auditor<'_>,
        (scheme, label): (usize, String),
        check: u32,
    ) -> Option<Witness> {
        let own = &auditor.setup.checks[check as usize];
        let spot = own.fault as usize;
        let all = auditor.setup.pairs.len() as u32;
        // Pairs of currents come first, those of voltages follow in the same order.
        let rows: Vec<(bool, usize)> =
            own.pairs().map(|pair| (pair >= all, auditor.setup.pairs[(pair % all) as usize].0)).collect();
        let places = Places(own.pairs().collect());
        let is_alike = self.matrices[0] == self.matrices[1];
        let fault = self.spots[&spot];
        let port = |s: usize| (!self.matrices[s].floats[fault]).then(|| self.port(auditor, s, (spot, &rows)));
        let view = |pair: u32| {
            let (kv, turn) = auditor.views[(pair % all) as usize];
            View { kv: if pair >= all { kv } else { 0.0 }, turn }
        };
        Some(Witness {
            scheme,
            check,
            label,
            kind: own.kind.name().to_owned(),
            resistance_ohm: own.resistance_ohm,
            fault_kv: self.before_kv[fault],
            views: own.pairs().map(view).collect(),
            reading: places.reading(&own.reading),
            test: places.test(own)?,
            counts: auditor.high[..self.decided].to_vec(),
            positive: port(0)?,
            negative: if is_alike { None } else { Some(port(1)?) },
            zero: port(ZERO),
        })
    }

    fn port(&self, auditor: &Auditor<'_>, s: usize, (spot, rows): (usize, &[(bool, usize)])) -> Port {
        let matrix = &self.matrices[s];
        let dyads = matrix.dyads.len();
        let dyad = |entry: usize| matrix.dyads.iter().position(|dyad| dyad.switch == entry);
        let places: Vec<Option<usize>> = (0..self.decided).map(dyad).collect();
        let by_entry = |values: &[Complex64], at: usize, sign: f64| -> Vec<Complex64> {
            let value = |place: &Option<usize>| {
                place.map_or(Complex64::ZERO, |place| values[at * dyads + place] * sign)
            };
            places.iter().map(value).collect()
        };
        let unit = |(entry, place): (usize, &Option<usize>)| match place {
            Some(place) if !(s == ZERO && auditor.stays_earthed(entry)) => matrix.dyads[*place].admittance,
            _ => Complex64::ZERO,
        };
        let row = |&(is_voltage, site): &(bool, usize)| {
            // What is out measures nothing.
            let (Some(&relay), Some(&pair)) = (self.sites.get(&site), self.pairs.get(&(site, spot))) else {
                return Row { left: vec![Complex64::ZERO; places.len()], kappa: Complex64::ZERO };
            };
            if is_voltage {
                return Row {
                    left: by_entry(&matrix.relay_voltage_dyad, relay, 1.0),
                    kappa: matrix.transfer[pair],
                };
            }
            let own = &auditor.setup.sites[site];
            Row {
                left: by_entry(&matrix.relay_dyad, relay, -own.sign()),
                kappa: auditor.setup.current((site, spot), matrix.kappa[pair]),
            }
        };
        let fault = self.spots[&spot];
        let control = |place: &Option<usize>| match place {
            Some(place) => by_entry(&matrix.dyad_dyad, *place, 1.0),
            None => vec![Complex64::ZERO; places.len()],
        };
        Port {
            unit: places.iter().enumerate().map(unit).collect(),
            control: places.iter().map(control).collect(),
            right: by_entry(&matrix.fault_dyad, fault, 1.0),
            z_ff: matrix.own[fault],
            rows: rows.iter().map(row).collect(),
        }
    }
}

impl Auditor<'_> {
    /// A composition as a state: units beyond the counts out, neutrals as they stand.
    fn composition(&self, counts: &[u16], is_meant: impl Fn(&crate::case::unit::Class) -> bool) -> State {
        let (units, neutrals) = counts.split_at(self.case.classes.len());
        let classes = self.case.classes.iter().zip(units).filter(|(class, _)| is_meant(class));
        let stopped =
            classes.flat_map(|(class, &n)| class.units[usize::from(n)..].iter().cloned().map(Change::Out));
        let earthings = self.case.neutrals.iter().zip(neutrals);
        let turned = earthings.map(|(neutral, &n)| neutral_change(neutral, Earthing::of(n)));
        State::new("composition", stopped.chain(turned).collect())
    }

    fn stays_earthed(&self, entry: usize) -> bool {
        self.case.classes.get(entry).is_some_and(|class| class.stays_earthed)
    }
}
