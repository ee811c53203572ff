//! Rotating machines: generating units, condensers, motors; and the blocks units form with their transformers.

use std::collections::HashMap;

use network::{Block, Motor, Neutral, Severity, Topology, Unit, UnitKind, View};

use super::containers;
use super::conversion::Conversion;
use super::facts::Object;
use super::notes::Trouble;
use super::schema::{Attr, Class};
use super::terminals::Connection;

fn percent(per_unit: f64) -> f64 {
    per_unit * 100.0
}

impl<'f> Conversion<'f> {
    pub(super) fn machines(&mut self) {
        for machine in self.facts.of(Class::SynchronousMachine) {
            if let Some(connection) = self.connection(machine, "units") {
                let unit = self.unit(machine, &connection);
                self.model.units.push(unit);
            }
        }
        for machine in self.facts.of(Class::AsynchronousMachine) {
            if let Some(connection) = self.connection(machine, "motors") {
                let motor = self.motor(machine, &connection);
                self.model.motors.push(motor);
            }
        }
    }

    /// Reactances are per unit of the machine's own rating; its resistance R is in Ω, r2 and r0 are per unit again.
    fn unit(&mut self, machine: Object<'f>, connection: &Connection) -> Unit {
        const KIND: &str = "units";
        let label = machine.label();
        let mut wanted = |attr, field| self.notes.wanted(machine.given(attr), [KIND, field], label);
        let rated_kv = wanted(Attr::MachineRatedU, "rated_kv");
        let rated_mva = wanted(Attr::MachineRatedS, "rated_mva");
        let xdss = wanted(Attr::MachineXd2, "xdss_percent");
        let x0 = wanted(Attr::MachineX0, "x0_percent");
        let cos_phi = wanted(Attr::MachinePowerFactor, "cos_phi");
        let r_ohm = wanted(Attr::MachineR, "r_ohm");
        let rated_ohm = rated_kv.zip(rated_mva).map(|(kv, mva)| kv * kv / mva);
        let in_ohm = |attr| machine.given(attr).zip(rated_ohm).map(|(pu, ohm)| pu * ohm);
        let generating = machine.target(Attr::MachineUnit);
        if generating.is_some_and(is_behind_converter) {
            self.notes.count(Trouble::new("inverter_machine", Severity::Info, KIND), label);
        }
        let earth = |attr| machine.number(attr).unwrap_or(0.0);
        let neutral = Neutral::through(earth(Attr::MachineEarthR), earth(Attr::MachineEarthX));
        let substation = containers::substation(machine, &mut self.notes);
        Unit {
            name: machine.name().map(str::to_owned),
            mrid: Some(machine.mrid().to_owned()),
            kind: unit_kind(machine),
            rated_kv,
            rated_mva,
            cos_phi,
            xdss_percent: xdss.map(percent),
            x2_percent: machine.given(Attr::MachineX2).map(percent),
            x0_percent: x0.map(percent),
            xd_percent: machine.given(Attr::MachineXd).map(percent),
            r_ohm,
            r2_ohm: in_ohm(Attr::MachineR2),
            r0_ohm: in_ohm(Attr::MachineR0),
            pg_percent: machine.given(Attr::MachineRange),
            neutral: machine.flag(Attr::MachineEarthed).unwrap_or(false).then_some(neutral),
            // CIM counts what flows from the node into the machine.
            p_mw: machine.number(Attr::MachineP).map(|p| -p),
            q_mvar: machine.number(Attr::MachineQ).map(|q| -q),
            min_mw: generating.and_then(|unit| unit.number(Attr::UnitMinP)),
            max_mw: generating.and_then(|unit| unit.given(Attr::UnitMaxP)),
            plant: substation.and_then(Object::name).map(str::to_owned),
            in_service: Self::is_in_service(machine) && connection.is_closed,
            ..Unit::new(machine.id(), &connection.bus)
        }
    }

    fn motor(&mut self, machine: Object<'f>, connection: &Connection) -> Motor {
        const KIND: &str = "motors";
        let label = machine.label();
        let mut wanted = |attr, field| self.notes.wanted(machine.given(attr), [KIND, field], label);
        let rated_kv = wanted(Attr::MachineRatedU, "rated_kv");
        let rated_mw = wanted(Attr::MotorPower, "rated_mw");
        let ilr_irm = wanted(Attr::MotorStartRatio, "ilr_irm");
        let is_drive = machine.flag(Attr::MotorConverterFed).unwrap_or(false);
        let is_reversible = machine.flag(Attr::MotorReversible).unwrap_or(false);
        if is_drive && !is_reversible {
            // IEC 60909-0, 6.10: a drive that cannot feed back does not count.
            self.notes.count(Trouble::new("drive_feeds_nothing", Severity::Info, KIND), label);
        }
        let p_mw = machine.number(Attr::MachineP);
        Motor {
            name: machine.name().map(str::to_owned),
            mrid: Some(machine.mrid().to_owned()),
            rated_kv,
            rated_mw,
            rated_mva: machine.given(Attr::MachineRatedS).filter(|mva| !is_derived(machine, *mva)),
            cos_phi: machine.given(Attr::MachinePowerFactor),
            efficiency_percent: machine.given(Attr::MotorEfficiency),
            pole_pairs: machine
                .given(Attr::MotorPolePairs)
                .filter(|pairs| *pairs >= 1.0)
                .map(|pairs| pairs as u32),
            ilr_irm,
            rx: machine.given(Attr::MotorRx),
            p_mw,
            q_mvar: machine.number(Attr::MachineQ),
            reversing_drive: is_drive && is_reversible,
            generates: p_mw.is_some_and(|p| p < 0.0) || machine.choice(Attr::MotorType) == Some("generator"),
            in_service: Self::is_in_service(machine) && connection.is_closed && (!is_drive || is_reversible),
            ..Motor::new(machine.id(), &connection.bus)
        }
    }

    /// Blocks: transformers marked as part of a generator unit, with the one unit at their lower voltage. Where the mark
    /// is missing, a transformer whose lower side leads to one unit and to nothing else is taken for one, and told.
    pub(super) fn blocks(&mut self) {
        let Ok(view) = View::of(&self.model, &[]) else { return };
        let topology = Topology::of(&view);
        let node_of = |bus: &str| topology.node(bus);
        let mut units: HashMap<_, Vec<usize>> = HashMap::new();
        for (number, unit) in self.model.units.iter().enumerate() {
            units.entry(node_of(&unit.bus)).or_default().push(number);
        }
        let mut ends: HashMap<_, usize> = HashMap::new();
        let lines = self.model.lines.iter().flat_map(|line| [&line.from, &line.to]);
        let windings =
            self.model.transformers.iter().flat_map(|transformer| [&transformer.hv.bus, &transformer.lv.bus]);
        let windings3 =
            self.model.transformers3.iter().flat_map(|t| t.windings().map(|winding| &winding.bus));
        for bus in lines.chain(windings).chain(windings3) {
            *ends.entry(node_of(bus)).or_default() += 1;
        }
        let mut blocks = Vec::new();
        let mut transformers = self.facts.of(Class::PowerTransformer);
        for transformer in &self.model.transformers {
            let Some(object) = transformers.find(|object| object.id() == transformer.id) else { break };
            let node = node_of(&transformer.lv.bus);
            let at_node = units.get(&node).map_or(&[][..], Vec::as_slice);
            let mark = object.flag(Attr::TransformerInBlock);
            let is_alone = ends.get(&node) == Some(&1);
            match (mark, at_node) {
                (Some(true), [unit]) => blocks.push((object, *unit)),
                (None, [unit]) if is_alone => {
                    self.notes
                        .count(Trouble::new("unmarked_block", Severity::Info, "blocks"), object.label());
                    blocks.push((object, *unit));
                }
                (Some(true), []) => {
                    self.notes.count(
                        Trouble::new("block_without_unit", Severity::Warning, "blocks"),
                        object.label(),
                    );
                }
                (Some(true), _) => {
                    let trouble = Trouble::new("block_with_several_units", Severity::Warning, "blocks");
                    self.notes.count(trouble, object.label());
                }
                _ => {}
            }
        }
        let blocks = blocks.into_iter().map(|(transformer, unit)| {
            let unit = &self.model.units[unit];
            let id = self.facts.derived_id(transformer, "block");
            Block { name: unit.name.clone(), ..Block::new(&id, &unit.id, transformer.id()) }
        });
        self.model.blocks = blocks.collect();
    }
}

/// Whether a rated apparent power is `P_rM/(η·cos φ)`, rounded; then that formula is the better value.
fn is_derived(machine: Object<'_>, mva: f64) -> bool {
    let given =
        [Attr::MotorPower, Attr::MotorEfficiency, Attr::MachinePowerFactor].map(|attr| machine.given(attr));
    let [Some(mw), Some(efficiency), Some(cos_phi)] = given else { return false };
    (mw / (efficiency / 100.0 * cos_phi) / mva - 1.0).abs() < 5e-4
}

fn is_behind_converter(unit: Object<'_>) -> bool {
    matches!(unit.class(), Some(Class::WindGeneratingUnit | Class::SolarGeneratingUnit))
}

fn unit_kind(machine: Object<'_>) -> Option<UnitKind> {
    if machine.choice(Attr::MachineType) == Some("condenser") {
        return Some(UnitKind::Condenser);
    }
    let rotor = machine.choice(Attr::MachineRotor)?;
    if rotor.starts_with("turbo") {
        Some(UnitKind::Turbo)
    } else {
        rotor.starts_with("salient").then_some(UnitKind::SalientPole)
    }
}
