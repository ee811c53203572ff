//! From facts to the model: what is built, in which order, and what the parts share.

use std::collections::HashMap;

use network::{Finding, Model, Severity};

use super::facts::{Facts, Object, ObjectIx};
use super::notes::{Notes, Trouble};
use super::rdf::{Head, Unreadable};
use super::schema::{Attr, Class};
use super::terminals::{Place, Terminals};

/// A model being built from facts.
pub(crate) struct Conversion<'f> {
    pub(super) facts: &'f Facts,
    pub(super) terminals: Terminals<'f>,
    pub(super) places: Vec<Place>,
    /// Nominal voltages of nodes as the equipment that ends there says.
    pub(super) voltage_of_equipment: HashMap<ObjectIx, f64>,
    /// Whether lengths of lines are more than one constant.
    pub(super) has_lengths: bool,
    pub(super) model: Model,
    pub(super) notes: Notes,
}

/// Builds the model and tells what was noticed.
pub(crate) fn convert(
    facts: &Facts,
    heads: &[(String, Head)],
    unreadable: &[Unreadable],
) -> (Model, Vec<Finding>) {
    let terminals = Terminals::of(facts);
    let voltage_of_equipment = equipment_voltages(facts, &terminals);
    let mut conversion = Conversion {
        facts,
        terminals,
        places: vec![Place::Unused; facts.len()],
        voltage_of_equipment,
        has_lengths: true,
        model: Model::new(),
        notes: Notes::default(),
    };
    conversion.files(heads, unreadable);
    conversion.buses();
    conversion.switches();
    conversion.lines();
    conversion.couplings();
    conversion.series_elements();
    conversion.transformers();
    conversion.machines();
    conversion.blocks();
    conversion.sources();
    conversion.converters();
    conversion.shunts();
    conversion.loads();
    conversion.earthings();
    conversion.finish()
}

fn equipment_voltages(facts: &Facts, terminals: &Terminals<'_>) -> HashMap<ObjectIx, f64> {
    let mut voltages = HashMap::new();
    for terminal in facts.of(Class::Terminal) {
        let Some(equipment) = terminal.target(Attr::TerminalEquipment) else { continue };
        let Some(kv) = equipment.target(Attr::BaseVoltage).and_then(|base| base.number(Attr::NominalVoltage))
        else {
            continue;
        };
        for ending in terminals.at(equipment) {
            if let Some(node) = ending.node {
                voltages.entry(node.ix).or_insert(kv);
            }
        }
    }
    for end in facts.of(Class::PowerTransformerEnd) {
        let base = end.target(Attr::EndBaseVoltage).and_then(|base| base.number(Attr::NominalVoltage));
        let Some(terminal) = end.target(Attr::EndTerminal) else { continue };
        let node = terminal.target(Attr::TerminalNode).or_else(|| terminal.target(Attr::TerminalBus));
        if let (Some(kv), Some(node)) = (base, node) {
            voltages.entry(node.ix).or_insert(kv);
        }
    }
    voltages
}

impl<'f> Conversion<'f> {
    /// What the files as such give reason to say.
    fn files(&mut self, heads: &[(String, Head)], unreadable: &[Unreadable]) {
        for (file, _) in heads.iter().filter(|(_, head)| head.is_difference) {
            self.notes.say(Finding::new("difference_model", Severity::Warning).at(file, None));
        }
        for place in unreadable {
            let object = self.facts.at(place.object);
            let finding = Finding::new("unreadable_value", Severity::Warning)
                .about(object.class().map_or("", Class::name), object.id())
                .field(place.attr.name())
                .at(&place.file, Some(place.line))
                .with("text", place.text.as_str());
            self.notes.say(finding);
        }
        for object in self.facts.repeated() {
            let kind = object.class().map_or("objects", Class::name);
            self.notes.count(Trouble::new("duplicate_id", Severity::Warning, kind), object.id());
        }
        for (object, attr) in self.facts.contradictions() {
            let kind = object.class().map_or("objects", Class::name);
            let trouble =
                Trouble { field: attr.name(), ..Trouble::new("contradiction", Severity::Warning, kind) };
            self.notes.count(trouble, object.label());
        }
        for (object, attr, _) in self.facts.dangling() {
            let kind = object.class().map_or("objects", Class::name);
            let trouble =
                Trouble { field: attr.name(), ..Trouble::new("dangling_reference", Severity::Warning, kind) };
            self.notes.count(trouble, object.label());
        }
        for object in self.facts.undefined() {
            self.notes.count(Trouble::new("undefined_object", Severity::Warning, "objects"), object.id());
        }
    }

    /// Whether equipment is in service by the state, else by what is normal; both are of CGMES 3.
    pub(super) fn is_in_service(equipment: Object<'f>) -> bool {
        let by_state = equipment.flag(Attr::InService);
        by_state.or_else(|| equipment.flag(Attr::NormallyInService)).unwrap_or(true)
    }

    fn finish(self) -> (Model, Vec<Finding>) {
        let model = self.model;
        let findings = self.notes.into_findings(|kind| size(&model, kind));
        (model, findings)
    }
}

/// Elements of a collection of the model.
fn size(model: &Model, kind: &str) -> Option<usize> {
    Some(match kind {
        "buses" => model.buses.len(),
        "switches" => model.switches.len(),
        "lines" => model.lines.len(),
        "couplings" => model.couplings.len(),
        "series_elements" => model.series_elements.len(),
        "transformers" => model.transformers.len(),
        "transformers3" => model.transformers3.len(),
        "units" => model.units.len(),
        "blocks" => model.blocks.len(),
        "feeders" => model.feeders.len(),
        "equivalents" => model.equivalents.len(),
        "motors" => model.motors.len(),
        "converters" => model.converters.len(),
        "shunts" => model.shunts.len(),
        "loads" => model.loads.len(),
        "earthings" => model.earthings.len(),
        _ => return None,
    })
}
