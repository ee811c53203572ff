//! Tap changers: position, range, and what a step does to voltage and angle.
//!
//! A symmetrical or asymmetrical phase shifter and a table have no constant step; they get the step that is right at
//! their present position (IEC 61970-301, `PhaseTapChangerNonLinear`).

use std::collections::HashMap;

use network::{Severity, TapChanger};

use super::conversion::Conversion;
use super::facts::{Object, ObjectIx};
use super::notes::Trouble;
use super::schema::{Attr, Class};

/// What a tap changer does at its present position: ratio and angle in degrees.
type Effect = (f64, f64);

impl<'f> Conversion<'f> {
    /// Tap changers by the transformer end they sit on.
    pub(super) fn tap_changers(&mut self) -> HashMap<ObjectIx, TapChanger> {
        let ratios = self.points(Class::RatioTapChangerTablePoint, Attr::RatioPointTable);
        let phases = self.points(Class::PhaseTapChangerTablePoint, Attr::PhasePointTable);
        let mut taps: HashMap<ObjectIx, TapChanger> = HashMap::new();
        for changer in self.facts.of(Class::RatioTapChanger) {
            let Some(end) = self.end_of(changer, Attr::RatioTapEnd) else { continue };
            let mut tap = position(changer);
            let table = changer.target(Attr::RatioTapTable).and_then(|table| at_step(&ratios, table, &tap));
            tap.step_percent = table
                .and_then(|effect| per_step(&tap, effect))
                .map_or_else(|| changer.number(Attr::RatioTapIncrement), |(percent, _)| Some(percent));
            taps.insert(end, tap);
        }
        let linear = self.facts.of(Class::PhaseTapChangerLinear).map(|changer| {
            let mut tap = position(changer);
            tap.step_deg = changer.number(Attr::PhaseTapShift);
            (changer, tap)
        });
        let tabular = self.facts.of(Class::PhaseTapChangerTabular).map(|changer| {
            let tap = position(changer);
            let effect = changer.target(Attr::PhaseTapTable).and_then(|table| at_step(&phases, table, &tap));
            (changer, with_effect(tap, effect))
        });
        let shifting = [Class::PhaseTapChangerSymmetrical, Class::PhaseTapChangerAsymmetrical];
        let shifting = shifting.into_iter().flat_map(|class| self.facts.of(class)).map(|changer| {
            let tap = position(changer);
            (changer, with_effect(tap, shift(changer, &tap)))
        });
        let phase: Vec<(Object<'f>, TapChanger)> = linear.chain(tabular).chain(shifting).collect();
        for (changer, tap) in phase {
            let Some(end) = self.end_of(changer, Attr::PhaseTapEnd) else { continue };
            taps.entry(end)
                .and_modify(|ratio| ratio.step_deg = ratio.step_deg.or(tap.step_deg))
                .or_insert(tap);
        }
        taps
    }

    fn end_of(&mut self, changer: Object<'f>, attr: Attr) -> Option<ObjectIx> {
        let end = changer.target(attr);
        if end.is_none() {
            self.notes.count(
                Trouble::new("tap_without_winding", Severity::Warning, "transformers"),
                changer.label(),
            );
        }
        end.map(|end| end.ix)
    }

    fn points(&self, class: Class, table: Attr) -> HashMap<ObjectIx, Vec<(f64, Effect)>> {
        let mut points: HashMap<ObjectIx, Vec<(f64, Effect)>> = HashMap::new();
        for point in self.facts.of(class) {
            let (Some(table), Some(step)) = (point.target(table), point.number(Attr::PointStep)) else {
                continue;
            };
            let effect = (
                point.given(Attr::PointRatio).unwrap_or(1.0),
                point.number(Attr::PhasePointAngle).unwrap_or(0.0),
            );
            points.entry(table.ix).or_default().push((step, effect));
        }
        points
    }
}

fn position(changer: Object<'_>) -> TapChanger {
    TapChanger {
        position: changer.number(Attr::TapStep).or_else(|| changer.number(Attr::TapNormal)),
        neutral: changer.number(Attr::TapNeutral).unwrap_or(0.0),
        low: changer.number(Attr::TapLow),
        high: changer.number(Attr::TapHigh),
        on_load: changer.flag(Attr::TapOnLoad).unwrap_or(false),
        ..TapChanger::default()
    }
}

fn at_step(
    points: &HashMap<ObjectIx, Vec<(f64, Effect)>>,
    table: Object<'_>,
    tap: &TapChanger,
) -> Option<Effect> {
    let position = tap.position?;
    let points = points.get(&table.ix)?;
    points.iter().find(|(step, _)| *step == position).map(|(_, effect)| *effect)
}

/// Percent and degrees of one step that give an effect at the present position; `None` at the neutral position.
fn per_step(tap: &TapChanger, (ratio, degrees): Effect) -> Option<Effect> {
    let steps = tap.position? - tap.neutral;
    (steps != 0.0).then(|| ((ratio - 1.0) * 100.0 / steps, degrees / steps))
}

fn with_effect(mut tap: TapChanger, effect: Option<Effect>) -> TapChanger {
    if let Some((percent, degrees)) = effect.and_then(|effect| per_step(&tap, effect)) {
        tap.step_percent = Some(percent).filter(|percent| percent.abs() > 1e-12);
        tap.step_deg = Some(degrees);
    }
    tap
}

/// A phase shifter by its voltage steps: at a constant ratio and both ways for a symmetrical one; along the winding's
/// angle for an asymmetrical one.
fn shift(changer: Object<'_>, tap: &TapChanger) -> Option<Effect> {
    let added = (tap.position? - tap.neutral) * changer.number(Attr::PhaseTapIncrement)? / 100.0;
    if changer.class() == Some(Class::PhaseTapChangerSymmetrical) {
        return Some((1.0, 2.0 * (added / 2.0).atan().to_degrees()));
    }
    let angle = changer.number(Attr::PhaseTapAngle).unwrap_or(90.0).to_radians();
    let (real, imaginary) = (1.0 + added * angle.cos(), added * angle.sin());
    Some((real.hypot(imaginary), imaginary.atan2(real).to_degrees()))
}
