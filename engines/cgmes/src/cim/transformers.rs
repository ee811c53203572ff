//! Transformers with two and three windings.
//!
//! CIM gives every end its own impedance in Ω at its own rated voltage; where the whole sits on one end the other has zeros,
//! and which end that is differs between tools. All ends are therefore referred to the first winding and added. Three
//! ends are the legs of a star; IEC 60909-0 corrects pairs (6.3.3), so pairs are recovered from the legs.

use network::{
    Connection, GroupWinding, Neutral, Operation, Severity, Transformer, Transformer3, VectorGroup, Winding,
    WindingImpedance, WindingPair,
};

use super::conversion::Conversion;
use super::facts::Object;
use super::notes::Trouble;
use super::schema::{Attr, Class};

/// One end of a transformer, as far as it is known.
#[derive(Debug, Clone)]
pub(super) struct End<'f> {
    pub(super) object: Object<'f>,
    winding: Winding,
    connection: Option<GroupWinding>,
}

impl<'f> Conversion<'f> {
    pub(super) fn transformers(&mut self) {
        let mut ends: Vec<Vec<Object<'f>>> = vec![Vec::new(); self.facts.len()];
        for end in self.facts.of(Class::PowerTransformerEnd) {
            if let Some(transformer) = end.target(Attr::EndTransformer) {
                ends[transformer.number_of()].push(end);
            }
        }
        let taps = self.tap_changers();
        for transformer in self.facts.of(Class::PowerTransformer) {
            let own = std::mem::take(&mut ends[transformer.number_of()]);
            if !(2..=3).contains(&own.len()) {
                self.left_out(transformer, "unsupported_windings");
                continue;
            }
            let Some(mut windings) = self.windings(transformer, own) else { continue };
            for end in &mut windings {
                end.winding.tap = taps.get(&end.object.ix).copied();
            }
            // The first winding is that of the highest voltage; of equal ones the order of the file holds.
            windings.sort_by(|one, other| other.winding.rated_kv.total_cmp(&one.winding.rated_kv));
            match <[End<'f>; 2]>::try_from(windings) {
                Ok(two) => self.two_windings(transformer, two),
                Err(more) => {
                    if let Ok(three) = more.try_into() {
                        self.three_windings(transformer, three);
                    }
                }
            }
        }
    }

    fn left_out(&mut self, transformer: Object<'f>, code: &'static str) {
        self.notes.count(Trouble::new(code, Severity::Error, "transformers"), transformer.label());
    }

    /// The ends with their buses, in the order of their numbers; `None` where one cannot be used.
    fn windings(&mut self, transformer: Object<'f>, mut ends: Vec<Object<'f>>) -> Option<Vec<End<'f>>> {
        ends.sort_by(|one, other| {
            let number = |end: &Object<'_>| end.number(Attr::EndNumber).unwrap_or(0.0);
            number(one).total_cmp(&number(other))
        });
        let windings: Option<Vec<End<'f>>> = ends.iter().map(|end| self.winding(transformer, *end)).collect();
        if windings.is_none() {
            self.left_out(transformer, "not_connected");
        }
        windings
    }

    fn winding(&mut self, transformer: Object<'f>, end: Object<'f>) -> Option<End<'f>> {
        let terminal = end.target(Attr::EndTerminal)?;
        let ending = *self.terminals.at(transformer).iter().find(|ending| ending.terminal == terminal)?;
        let bus = self.bus_at(&ending)?;
        let (bus, nominal_kv) = (bus.id.clone(), bus.nominal_kv);
        let rated_kv = end.given(Attr::EndRatedU).filter(|kv| *kv > 0.0).unwrap_or_else(|| {
            let assumed = ("assumed", format!("{nominal_kv} kV"));
            let trouble = Trouble {
                field: "rated_kv",
                ..Trouble::new("assumed_value", Severity::Warning, "transformers")
            };
            self.notes.count_with(trouble, transformer.label(), assumed);
            nominal_kv
        });
        let connection = group_winding(end);
        let winding = Winding {
            rated_mva: end.given(Attr::EndRatedS),
            neutral: self.neutral(transformer, end, connection),
            closed: ending.is_connected,
            ..Winding::new(&bus, rated_kv)
        };
        Some(End { object: end, winding, connection })
    }

    fn neutral(
        &mut self,
        transformer: Object<'f>,
        end: Object<'f>,
        winding: Option<GroupWinding>,
    ) -> Option<Neutral> {
        let earthed = end.flag(Attr::EndGrounded).unwrap_or(false);
        let is_delta = winding.is_some_and(|winding| winding.connection == Connection::Delta);
        let has_neutral = winding.is_some_and(|winding| winding.neutral);
        if earthed && (is_delta || (winding.is_some() && !has_neutral)) {
            let trouble = Trouble::new("neutral_contradiction", Severity::Warning, "transformers");
            self.notes.count(trouble, transformer.label());
        }
        let [r_ohm, x_ohm] = [Attr::EndRground, Attr::EndXground].map(|attr| end.number(attr).unwrap_or(0.0));
        let exists = !is_delta && (earthed || has_neutral);
        exists.then_some(Neutral { r_ohm, x_ohm, earthed, switchable: false })
    }

    fn two_windings(&mut self, transformer: Object<'f>, ends: [End<'f>; 2]) {
        const KIND: &str = "transformers";
        let label = transformer.label();
        let [z1, z0] = [[Attr::EndR, Attr::EndX], [Attr::EndR0, Attr::EndX0]].map(|attrs| {
            let [first, second] = legs(&ends, attrs);
            Some([first[0] + second[0], first[1] + second[1]]).filter(|[_, x]| *x != 0.0)
        });
        let z1 = self.notes.wanted(z1, [KIND, "z1"], label);
        let z0 = self.notes.wanted(z0, [KIND, "z0"], label);
        if z1.is_some_and(|[r, x]| r < 0.0 || x < 0.0) {
            self.notes.count(Trouble::new("negative_impedance", Severity::Warning, KIND), label);
        }
        let rated_mva = ends.iter().filter_map(|end| end.winding.rated_mva).reduce(f64::min);
        let rated_mva = self.notes.wanted(rated_mva, [KIND, "rated_mva"], label);
        let vector_group = self.vector_group(transformer, KIND, &ends);
        let [hv, lv] = ends.map(|end| end.winding);
        let pt_percent = [&hv, &lv].into_iter().find_map(|winding| {
            let tap = winding.tap.filter(|tap| !tap.on_load)?;
            let percent = (tap.position? - tap.neutral).abs() * tap.step_percent?;
            (percent != 0.0).then_some(percent)
        });
        self.model.transformers.push(Transformer {
            name: transformer.name().map(str::to_owned),
            mrid: Some(transformer.mrid().to_owned()),
            rated_mva,
            z1: z1.map(ohm),
            z0: z0.map(ohm),
            vector_group,
            pt_percent,
            operation: operation(transformer),
            in_service: Self::is_in_service(transformer),
            ..Transformer::new(transformer.id(), hv, lv)
        });
    }

    fn three_windings(&mut self, transformer: Object<'f>, ends: [End<'f>; 3]) {
        const KIND: &str = "transformers3";
        let label = transformer.label();
        let star = |attrs| Some(legs(&ends, attrs)).filter(|legs| legs.iter().any(|[_, x]| *x != 0.0));
        let z1 = self.notes.wanted(star([Attr::EndR, Attr::EndX]), [KIND, "z1"], label);
        let z0 = self.notes.wanted(star([Attr::EndR0, Attr::EndX0]), [KIND, "z0"], label);
        let ratings: Vec<f64> = ends.iter().filter_map(|end| end.winding.rated_mva).collect();
        self.notes.wanted((ratings.len() == 3).then_some(()), [KIND, "rated_mva"], label);
        let [hv_mv, hv_lv, mv_lv] = [[0, 1], [0, 2], [1, 2]].map(|[one, other]| {
            let pair =
                |legs: [[f64; 2]; 3]| ohm([legs[one][0] + legs[other][0], legs[one][1] + legs[other][1]]);
            // A pair is rated by the smaller of its windings.
            let rated_mva = ends[one].winding.rated_mva.zip(ends[other].winding.rated_mva);
            WindingPair {
                rated_mva: rated_mva.map(|(one, other)| one.min(other)),
                z1: z1.map(pair),
                z0: z0.map(pair),
            }
        });
        let vector_group = self.vector_group(transformer, KIND, &ends);
        self.model.transformers3.push(Transformer3 {
            name: transformer.name().map(str::to_owned),
            mrid: Some(transformer.mrid().to_owned()),
            hv_mv,
            hv_lv,
            mv_lv,
            vector_group,
            in_service: Self::is_in_service(transformer),
            ..Transformer3::new(transformer.id(), ends.map(|end| end.winding))
        });
    }

    /// The vector group with clock numbers counted from the first winding.
    fn vector_group(
        &mut self,
        transformer: Object<'f>,
        kind: &'static str,
        ends: &[End<'f>],
    ) -> Option<VectorGroup> {
        let windings: Option<Vec<GroupWinding>> = ends.iter().map(|end| end.connection).collect();
        let mut windings = self.notes.wanted(windings, [kind, "vector_group"], transformer.label())?;
        // The winding an autotransformer shares belongs to its other one, whichever end the file calls so.
        if windings[0].connection == Connection::Auto {
            windings[0].connection = Connection::Star;
            if let Some(other) =
                windings.iter_mut().skip(1).find(|other| other.connection == Connection::Star)
            {
                other.connection = Connection::Auto;
            }
        }
        let first = windings[0].clock;
        for winding in &mut windings {
            let clock = winding.clock.zip(first).map(|(own, first)| (own + 12 - first) % 12);
            // No odd shift without a delta or zigzag winding: that clock number is a slip of the pen, kept and told.
            winding.clock = clock;
        }
        windings[0].clock = Some(0);
        Some(VectorGroup::new(windings))
    }
}

/// The impedances of all ends in Ω at the first winding's rated voltage.
fn legs<const N: usize>(ends: &[End<'_>; N], [r, x]: [Attr; 2]) -> [[f64; 2]; N] {
    let first_kv = ends[0].winding.rated_kv;
    ends.each_ref().map(|end| {
        let ratio = first_kv / end.winding.rated_kv;
        [r, x].map(|attr| end.object.number(attr).unwrap_or(0.0) * ratio * ratio)
    })
}

fn ohm([r, x]: [f64; 2]) -> WindingImpedance {
    WindingImpedance::Ohm { r, x }
}

fn group_winding(end: Object<'_>) -> Option<GroupWinding> {
    let (connection, neutral) = match end.choice(Attr::EndConnection)? {
        "D" => (Connection::Delta, false),
        "Y" => (Connection::Star, false),
        "Yn" => (Connection::Star, true),
        "Z" => (Connection::Zigzag, false),
        "Zn" => (Connection::Zigzag, true),
        "A" => (Connection::Auto, end.flag(Attr::EndGrounded).unwrap_or(false)),
        _ => return None,
    };
    let clock = end.number(Attr::EndClock).map(|clock| clock.rem_euclid(12.0) as u8);
    Some(GroupWinding { connection, neutral, clock })
}

/// The state of operation before the fault, where the file says to use it (IEC 60909-0, 6.3.3).
fn operation(transformer: Object<'_>) -> Option<Operation> {
    if transformer.flag(Attr::TransformerOperational) != Some(true) {
        return None;
    }
    let angle = transformer.number(Attr::TransformerOperatingAngle)?;
    Some(Operation {
        u_kv: transformer.given(Attr::TransformerOperatingVoltage)?,
        i_ka: transformer.given(Attr::TransformerOperatingCurrent)? / 1000.0,
        cos_phi: angle.to_radians().cos(),
        leading: angle < 0.0,
    })
}
