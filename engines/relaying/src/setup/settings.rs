//! Settings as they act: primary, in kA, kV and Ω, with the curve of the time.

use network::{Coupling, Line};
use num_complex::Complex64;

use super::{Condition, Site, parallel};
use crate::case::relay::{Kind, Measures, Relay, Settings, Stage, Time};
use crate::curve::{Curve, Law};
use crate::error::Error;
use crate::formula::Formula;
use crate::physics::check::{Measure, Test};

/// A stage's setting in primary values.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Setting {
    pub(super) measure: Measure,
    /// Pick-up in kA or kV; 1 for reaches, which are in the measure.
    pub(super) pickup: f64,
    pub(super) curve: Option<Curve>,
    /// Slope of a differential protection.
    pub(super) bias: Option<f64>,
    /// Where a distance protection takes the residual current of a parallel line, and its factor.
    pub(super) parallel: Option<(Site, Complex64)>,
}

impl Setting {
    fn of(measure: Measure, pickup: f64) -> Self {
        Self { measure, pickup, curve: None, bias: None, parallel: None }
    }

    /// The test that the stage sees with a factor, but for a bias.
    pub(super) fn sensitivity(&self, required: f64) -> Test {
        match self.measure {
            Measure::Voltage => Test::AtMost(self.pickup / required),
            Measure::Mho { .. } | Measure::Quadrilateral { .. } => Test::AtLeast(required),
            _ => Test::AtLeast(self.pickup * required),
        }
    }

    /// Whether the stage picks up when what it measures rises, and by that alone.
    pub(super) fn is_rising(&self) -> bool {
        self.bias.is_none() && self.measure != Measure::Voltage
    }

    pub(super) fn unit(&self) -> &'static str {
        match self.measure {
            Measure::Voltage => "kV",
            Measure::Power { .. } => "MVA",
            Measure::Mho { .. } | Measure::Quadrilateral { .. } | Measure::Bearing { .. } => "",
            _ => "kA",
        }
    }

    /// The stage's other conditions: each must hold beside its own.
    pub(super) fn conditions(relay: &Relay, stage: &Stage) -> Result<Vec<(Condition, Self)>, Error> {
        let owner = format!("{}/{}", relay.id, stage.id);
        let fail = |what: String| Error::Value { file: "relays.toml", owner: owner.clone(), what };
        let mut conditions = Vec::new();
        if let Some(kv) = stage.undervoltage_start_kv {
            let pickup =
                positive(kv).ok_or_else(|| fail(format!("undervoltage_start_kv = {kv} must be above 0")))?;
            conditions.push((Condition::Start, Self::of(Measure::Voltage, pickup)));
        }
        if let Some(direction) = &stage.direction {
            if !(direction.lag_deg.is_finite() && direction.within_deg > 0.0 && direction.within_deg < 90.0) {
                return Err(fail("direction: within_deg must lie between 0 and 90".to_owned()));
            }
            let sequence = match stage.measures {
                Measures::Phase => 0,
                Measures::Negative => 1,
                Measures::Residual => 2,
                Measures::ResidualPower | Measures::NegativePower => return Ok(conditions),
                _ => return Err(fail("direction is for phase, residual and negative stages".to_owned())),
            };
            let measure = Measure::Bearing { sequence, turn: turn(direction.lag_deg) };
            let pickup = direction.within_deg.to_radians().cos();
            conditions.push((Condition::Direction, Self::of(measure, pickup)));
        }
        Ok(conditions)
    }
}

/// Turns what a current that lags by an angle makes with its voltage to the real axis.
fn turn(lag_deg: f64) -> Complex64 {
    Complex64::from_polar(1.0, -lag_deg.to_radians())
}

/// What a relay stands at: its kind, the line if it is one, and all couplings and lines.
pub(super) type Stand<'a> = (Kind, Option<&'a Line>, (&'a [Coupling], &'a [Line]));

/// Reads a stage's settings.
pub(super) fn setting(
    (relay, stage): (&Relay, &Stage),
    settings: &Settings,
    (kind, line, network): Stand<'_>,
) -> Result<Setting, Error> {
    let owner = format!("{}/{}", relay.id, stage.id);
    let fail = |what: String| Error::Value { file: "relays.toml", owner: owner.clone(), what };
    let missing = |field: &str| fail(format!("{field} is missing"));
    let current = || {
        let secondary = settings.pickup_secondary_a.map(|a| {
            let ct = relay.ct.ok_or_else(|| missing("ct (pickup_secondary_a needs it)"))?;
            Ok(a * ct[0] / ct[1])
        });
        let amperes = match (settings.pickup_a, secondary) {
            (Some(amperes), None) => amperes,
            (None, Some(amperes)) => amperes?,
            (None, None) => return Err(missing("pickup_a or pickup_secondary_a")),
            (Some(_), Some(_)) => {
                return Err(fail("give pickup_a or pickup_secondary_a, not both".to_owned()));
            }
        };
        positive(amperes)
            .map(|a| a / 1000.0)
            .ok_or_else(|| fail(format!("pick-up {amperes} A must be above 0")))
    };
    let power = || {
        let mva = settings.pickup_mva.ok_or_else(|| missing("pickup_mva"))?;
        positive(mva).ok_or_else(|| fail(format!("pickup_mva = {mva} must be above 0")))
    };
    let power_turn = || {
        let direction =
            stage.direction.ok_or_else(|| missing("direction (its lag_deg is the element's angle)"))?;
        Ok(turn(direction.lag_deg))
    };
    let reach = || reach(relay, settings).map_err(|what| fail(what.to_owned()));
    let k0 = || match settings.k0 {
        Some([re, im]) => Ok(Complex64::new(re, im)),
        None => line.and_then(residual_factor).ok_or_else(|| {
            let (kind, id) = (kind.name(), relay.element());
            fail(format!("k0 is missing, and {kind} {id:?} has no line impedances to compute it from"))
        }),
    };
    if kind == Kind::Bus && !matches!(stage.measures, Measures::Undervoltage | Measures::Differential) {
        return Err(fail("a bus has no current of its own: use undervoltage or differential".to_owned()));
    }
    if kind == Kind::Unit && stage.measures == Measures::Differential {
        return Err(fail("a unit's own faults are not computed: no differential stage".to_owned()));
    }
    let (measure, pickup) = match stage.measures {
        Measures::Phase => (Measure::Phase, current()?),
        Measures::Residual => (Measure::Residual, current()?),
        Measures::Negative => (Measure::Negative, current()?),
        Measures::Differential => (Measure::Total { ratio: 1.0, has_zero: true }, current()?),
        Measures::ResidualPower => (Measure::Power { sequence: 2, turn: power_turn()? }, power()?),
        Measures::NegativePower => (Measure::Power { sequence: 1, turn: power_turn()? }, power()?),
        Measures::Mho => (Measure::Mho { z_set: reach()?, k0: k0()? }, 1.0),
        Measures::Quadrilateral => (Measure::Quadrilateral { z_set: reach()?, k0: k0()? }, 1.0),
        Measures::Undervoltage => {
            let kv = settings.pickup_kv.ok_or_else(|| missing("pickup_kv"))?;
            let kv = positive(kv).ok_or_else(|| fail(format!("pickup_kv = {kv} must be above 0")))?;
            (Measure::Voltage, kv)
        }
    };
    let curve = stage.time.as_ref().map(|time| curve(time, pickup, &owner)).transpose()?;
    let bias = settings.bias.filter(|_| stage.measures == Measures::Differential);
    if settings.bias.is_some_and(|bias| !(0.0..2.0).contains(&bias)) || bias != settings.bias {
        return Err(fail("bias is for differential stages and must lie from 0 to below 2".to_owned()));
    }
    let is_distance = matches!(stage.measures, Measures::Mho | Measures::Quadrilateral);
    let parallel = match (&stage.parallel, settings.k0m) {
        (None, None) => None,
        (None, Some(_)) => return Err(missing("parallel (k0m needs the line whose current it takes)")),
        (Some(_), _) if !is_distance => return Err(fail("parallel is for distance stages".to_owned())),
        (Some(other), k0m) => {
            let line = line.ok_or_else(|| fail("parallel is for relays at a line".to_owned()))?;
            Some(parallel::compensation((relay, line), (other, k0m), network).map_err(fail)?)
        }
    };
    let is_current = !is_distance && measure != Measure::Voltage;
    if !is_current && !matches!(stage.time, None | Some(Time::Definite(_))) {
        return Err(fail(
            "time: only stages that measure a current or a power have inverse times".to_owned(),
        ));
    }
    Ok(Setting { measure, pickup, curve, bias, parallel })
}

fn positive(value: f64) -> Option<f64> {
    (value.is_finite() && value > 0.0).then_some(value)
}

fn reach(relay: &Relay, settings: &Settings) -> Result<Complex64, &'static str> {
    let primary = settings.r_ohm.zip(settings.x_ohm);
    let secondary = settings.r_secondary_ohm.zip(settings.x_secondary_ohm);
    let (r, x) = match (primary, secondary) {
        (Some(reach), None) => reach,
        (None, Some((r, x))) => {
            let (ct, vt) =
                relay.ct.zip(relay.vt).ok_or("ct or vt is missing (secondary reaches need both)")?;
            let ratio = (vt[0] / vt[1]) / (ct[0] / ct[1]);
            (r * ratio, x * ratio)
        }
        (None, None) => return Err("r_ohm and x_ohm, or both secondary, are missing"),
        (Some(_), Some(_)) => return Err("give primary or secondary reaches, not both"),
    };
    if positive(r).is_none() || positive(x).is_none() {
        return Err("resistive and reactive reach must be above 0");
    }
    Ok(Complex64::new(r, x))
}

/// k0 = (z0 − z1) / (3 z1).
fn residual_factor(line: &Line) -> Option<Complex64> {
    let z1 = Complex64::new(line.r1_ohm?, line.x1_ohm?);
    let z0 = Complex64::new(line.r0_ohm?, line.x0_ohm?);
    Some((z0 - z1) / (z1 * 3.0))
}

fn curve(time: &Time, pickup_ka: f64, owner: &str) -> Result<Curve, Error> {
    let fail = |what: String| Error::Value { file: "relays.toml", owner: owner.to_owned(), what };
    let law = match time {
        Time::Definite(time_s) => Law::Definite(*time_s),
        Time::Inverse { shape, multiplier } => Law::Inverse(*shape, *multiplier),
        Time::Formula { formula, multiplier } => {
            let formula = Formula::parse(formula)
                .map_err(|source| Error::Formula { owner: owner.to_owned(), source })?;
            Law::Formula(formula, *multiplier)
        }
    };
    let curve = Curve { pickup_ka, law };
    if !curve.never_rises() {
        return Err(fail(
            "the time rises with the current, or is negative; coordination needs it to fall".to_owned(),
        ));
    }
    Ok(curve)
}
