//! Which equipment ends where: terminals by their equipment, and the buses they meet at.
//!
//! A node-breaker model meets at connectivity nodes, with switches between them; a bus-branch model at topological nodes.
//! A terminal counts as connected unless the state says otherwise (`ACDCTerminal.connected`).

use std::collections::HashMap;

use network::{Bus, Severity, Switch, SwitchKind};

use super::containers;
use super::conversion::Conversion;
use super::facts::{Facts, Object, ObjectIx};
use super::notes::Trouble;
use super::schema::{Attr, Class};

/// One end of an equipment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ending<'f> {
    pub(crate) terminal: Object<'f>,
    /// Where it ends: a connectivity node or a topological node.
    pub(crate) node: Option<Object<'f>>,
    pub(crate) is_connected: bool,
}

/// The ends of all equipment.
#[derive(Debug)]
pub(crate) struct Terminals<'f> {
    by_equipment: Vec<Vec<Ending<'f>>>,
}

impl<'f> Terminals<'f> {
    pub(crate) fn of(facts: &'f Facts) -> Self {
        let mut by_equipment: Vec<Vec<Ending<'f>>> = vec![Vec::new(); facts.len()];
        for terminal in facts.of(Class::Terminal) {
            let Some(equipment) = terminal.target(Attr::TerminalEquipment) else { continue };
            let node = terminal.target(Attr::TerminalNode).or_else(|| terminal.target(Attr::TerminalBus));
            let is_connected = terminal.flag(Attr::TerminalConnected).unwrap_or(true);
            by_equipment[equipment.number_of()].push(Ending { terminal, node, is_connected });
        }
        for endings in &mut by_equipment {
            let number = |ending: &Ending<'_>| ending.terminal.number(Attr::TerminalNumber).unwrap_or(0.0);
            endings.sort_by(|one, other| number(one).total_cmp(&number(other)));
        }
        Self { by_equipment }
    }

    /// The ends of an equipment, in the order of their numbers.
    pub(crate) fn at(&self, equipment: Object<'_>) -> &[Ending<'f>] {
        &self.by_equipment[equipment.number_of()]
    }

    /// All ends with their equipment's number.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Ending<'f>> {
        self.by_equipment.iter().flatten()
    }
}

/// A connection of an element: its bus and whether it is closed.
#[derive(Debug, Clone)]
pub(crate) struct Connection {
    pub(crate) bus: String,
    pub(crate) nominal_kv: f64,
    pub(crate) is_closed: bool,
}

/// What a node of the files became.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// Nothing meets there.
    Unused,
    /// It is a bus of the model, by its index.
    Bus(u32),
    /// Its voltage is unknown, so it cannot be one.
    Unusable,
}

impl<'f> Conversion<'f> {
    /// Turns every node that something ends at into a bus.
    pub(super) fn buses(&mut self) {
        let nodes: Vec<Object<'f>> = self.terminals.all().filter_map(|ending| ending.node).collect();
        for node in nodes {
            if self.places[node.number_of()] == Place::Unused {
                self.places[node.number_of()] = self.add_bus(node);
            }
        }
        self.name_busbars();
        self.tie_levels_of_detail();
    }

    fn add_bus(&mut self, node: Object<'f>) -> Place {
        let level = containers::voltage_level(node, &mut self.notes);
        let nominal = self.nominal_kv(node, level);
        let Some(nominal_kv) = nominal.filter(|kv| *kv > 0.0) else {
            self.notes.count(Trouble::new("unknown_voltage", Severity::Error, "buses"), node.label());
            return Place::Unusable;
        };
        let substation = level.and_then(|level| level.target(Attr::LevelSubstation));
        self.model.buses.push(Bus {
            name: node.name().map(str::to_owned),
            mrid: Some(node.mrid().to_owned()),
            substation: substation.and_then(Object::name).map(str::to_owned),
            ..Bus::new(node.id(), nominal_kv)
        });
        Place::Bus(self.model.buses.len() as u32 - 1)
    }

    /// Nominal voltage of a node: its own, its voltage level's, its topological node's, or that of what ends there.
    fn nominal_kv(&self, node: Object<'f>, level: Option<Object<'f>>) -> Option<f64> {
        let voltage = |base: Object<'f>| base.number(Attr::NominalVoltage);
        let of_bus = |bus: Object<'f>| bus.target(Attr::BusBaseVoltage);
        of_bus(node)
            .or_else(|| level?.target(Attr::LevelBaseVoltage))
            .or_else(|| of_bus(node.target(Attr::NodeBus)?))
            .and_then(voltage)
            .or_else(|| self.voltage_of_equipment.get(&node.ix).copied())
    }

    /// A connectivity node with a busbar section is called like the busbar. The topological node it belongs to gives its
    /// name and identity as other names to one of its nodes: that of a busbar, if it has one.
    fn name_busbars(&mut self) {
        let mut chosen: HashMap<ObjectIx, u32> = HashMap::new();
        for node in self.facts.of(Class::ConnectivityNode) {
            if let (Some(whole), Place::Bus(bus)) =
                (node.target(Attr::NodeBus), self.places[node.number_of()])
            {
                chosen.entry(whole.ix).or_insert(bus);
            }
        }
        for busbar in self.facts.of(Class::BusbarSection) {
            let node = self.terminals.at(busbar).first().and_then(|ending| ending.node);
            let is_node = |node: &Object<'_>| node.class() == Some(Class::ConnectivityNode);
            let (Some(node), Some(name)) = (node.filter(is_node), busbar.name()) else { continue };
            if let Place::Bus(bus) = self.places[node.number_of()] {
                self.model.buses[bus as usize].name = Some(name.to_owned());
                chosen.extend(node.target(Attr::NodeBus).map(|whole| (whole.ix, bus)));
            }
        }
        for whole in self.facts.of(Class::TopologicalNode) {
            // Where something ends at the topological node itself, that is a bus with this name.
            if let (Some(bus), Place::Unused) = (chosen.get(&whole.ix), self.places[whole.number_of()]) {
                let names = whole.name().into_iter().chain([whole.id()]).map(str::to_owned);
                self.model.buses[*bus as usize].aliases.extend(names);
            }
        }
    }

    /// Joins a topological node that something ends at with those of its connectivity nodes that are buses too, as where a
    /// bus-branch model meets a node-breaker one.
    fn tie_levels_of_detail(&mut self) {
        for node in self.facts.of(Class::ConnectivityNode) {
            let Some(whole) = node.target(Attr::NodeBus) else { continue };
            let places = [node, whole].map(|node| self.places[node.number_of()]);
            if matches!(places, [Place::Bus(_), Place::Bus(_)]) {
                let id = self.facts.derived_id(node, "tie");
                let tie = Switch { kind: SwitchKind::Tie, ..Switch::new(&id, node.id(), whole.id()) };
                self.model.switches.push(tie);
            }
        }
    }

    /// The bus at an end, if there is one.
    pub(super) fn bus_at(&self, ending: &Ending<'f>) -> Option<&Bus> {
        match self.places[ending.node?.number_of()] {
            Place::Bus(bus) => Some(&self.model.buses[bus as usize]),
            Place::Unused | Place::Unusable => None,
        }
    }

    /// Where equipment of one terminal is connected; notes what leads nowhere.
    pub(super) fn connection(&mut self, equipment: Object<'f>, kind: &'static str) -> Option<Connection> {
        let connection = self.terminals.at(equipment).first().and_then(|ending| self.connected(ending));
        if connection.is_none() {
            self.notes.count(Trouble::new("not_connected", Severity::Warning, kind), equipment.label());
        }
        connection
    }

    /// Where both ends of a branch are connected. One end that leads nowhere becomes an open end with a bus of its own.
    pub(super) fn connections(
        &mut self,
        equipment: Object<'f>,
        kind: &'static str,
    ) -> Option<[Connection; 2]> {
        let endings: Vec<Ending<'f>> = self.terminals.at(equipment).to_vec();
        let known: Vec<Option<Connection>> = endings.iter().map(|ending| self.connected(ending)).collect();
        match known.as_slice() {
            [Some(from), Some(to)] => Some([from.clone(), to.clone()]),
            [Some(from), None] | [Some(from)] => {
                Some([from.clone(), self.open_end(equipment, from.nominal_kv, kind)])
            }
            [None, Some(to)] => Some([self.open_end(equipment, to.nominal_kv, kind), to.clone()]),
            _ => {
                self.notes.count(Trouble::new("not_connected", Severity::Warning, kind), equipment.label());
                None
            }
        }
    }

    pub(super) fn connected(&self, ending: &Ending<'f>) -> Option<Connection> {
        let bus = self.bus_at(ending)?;
        Some(Connection { bus: bus.id.clone(), nominal_kv: bus.nominal_kv, is_closed: ending.is_connected })
    }

    fn open_end(&mut self, equipment: Object<'f>, nominal_kv: f64, kind: &'static str) -> Connection {
        self.notes.count(Trouble::new("open_end", Severity::Info, kind), equipment.label());
        let id = self.facts.derived_id(equipment, "end");
        let name = format!("open end of {}", equipment.label());
        self.model.buses.push(Bus { name: Some(name), ..Bus::new(&id, nominal_kv) });
        Connection { bus: id, nominal_kv, is_closed: false }
    }
}
