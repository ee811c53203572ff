//! What the files say: objects with their class, and attributes with their values, in a few flat tables.
//!
//! An identity is stored once; `#_x`, `_x`, `urn:uuid:x` and `x` are the same object. Where two files say different things
//! about one attribute, the first holds and the contradiction is kept for the findings.

use std::collections::HashMap;
use std::ops::Range;

use super::schema::{Attr, Class};

/// An object by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ObjectIx(u32);

/// The value of an attribute.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Value {
    Number(f64),
    Flag(bool),
    Text(u32),
    Object(ObjectIx),
}

#[derive(Debug, Clone, Copy)]
struct Fact {
    object: ObjectIx,
    attr: Attr,
    value: Value,
}

/// Facts being collected from files.
#[derive(Debug, Default)]
pub(crate) struct Collector {
    known: HashMap<Box<str>, ObjectIx>,
    entries: Vec<Entry>,
    texts: Vec<Box<str>>,
    text_numbers: HashMap<Box<str>, u32>,
    facts: Vec<Fact>,
    repeated: Vec<ObjectIx>,
}

#[derive(Debug)]
struct Entry {
    id: Box<str>,
    class: Option<Class>,
    is_defined: bool,
}

impl Collector {
    /// The object of an identity as it is written anywhere in the files.
    pub(crate) fn object(&mut self, written: &str) -> ObjectIx {
        let id = written.trim().trim_start_matches('#');
        let key = bare(id);
        if let Some(known) = self.known.get(key) {
            return *known;
        }
        let object = ObjectIx(self.entries.len() as u32);
        self.known.insert(key.into(), object);
        self.entries.push(Entry { id: id.into(), class: None, is_defined: false });
        object
    }

    /// An object that a file says to exist; `class` is `None` for one that is not needed.
    pub(crate) fn define(&mut self, written: &str, class: Option<Class>) -> ObjectIx {
        let object = self.object(written);
        let entry = &mut self.entries[object.0 as usize];
        if entry.is_defined {
            self.repeated.push(object);
        } else {
            (entry.is_defined, entry.class, entry.id) = (true, class, written.trim().into());
        }
        object
    }

    /// An object that a file says more about.
    pub(crate) fn mention(&mut self, written: &str, class: Option<Class>) -> ObjectIx {
        let object = self.object(written);
        let entry = &mut self.entries[object.0 as usize];
        entry.class = entry.class.or(class);
        object
    }

    pub(crate) fn add(&mut self, object: ObjectIx, attr: Attr, value: Value) {
        self.facts.push(Fact { object, attr, value });
    }

    pub(crate) fn text(&mut self, text: &str) -> Value {
        if let Some(number) = self.text_numbers.get(text) {
            return Value::Text(*number);
        }
        let number = self.texts.len() as u32;
        self.texts.push(text.into());
        self.text_numbers.insert(text.into(), number);
        Value::Text(number)
    }

    /// Sorts what was collected for reading.
    pub(crate) fn finish(mut self) -> Facts {
        drop(self.text_numbers);
        // Stable: of two facts about one attribute the first in the order of the files stays first.
        self.facts.sort_by_key(|fact| (fact.object, fact.attr));
        let mut contradictions = Vec::new();
        self.facts.dedup_by(|later, first| {
            let is_same = (later.object, later.attr) == (first.object, first.attr);
            if is_same && later.value != first.value {
                contradictions.push((first.object, first.attr));
            }
            is_same
        });
        let mut spans = vec![0..0; self.entries.len()];
        let mut start = 0;
        for facts in self.facts.chunk_by(|one, next| one.object == next.object) {
            let end = start + facts.len() as u32;
            spans[facts[0].object.0 as usize] = start..end;
            start = end;
        }
        let mut by_class: HashMap<Class, Vec<ObjectIx>> = HashMap::new();
        for (number, entry) in self.entries.iter().enumerate() {
            if let (Some(class), true) = (entry.class, entry.is_defined) {
                by_class.entry(class).or_default().push(ObjectIx(number as u32));
            }
        }
        Facts {
            known: self.known,
            entries: self.entries,
            texts: self.texts,
            all: self.facts,
            spans,
            by_class,
            repeated: self.repeated,
            contradictions,
        }
    }
}

/// An identity without what only some files put before it.
fn bare(id: &str) -> &str {
    let id = id.strip_prefix("urn:uuid:").unwrap_or(id);
    id.strip_prefix('_').unwrap_or(id)
}

/// What the files say, ready to be read.
#[derive(Debug)]
pub(crate) struct Facts {
    known: HashMap<Box<str>, ObjectIx>,
    entries: Vec<Entry>,
    texts: Vec<Box<str>>,
    all: Vec<Fact>,
    spans: Vec<Range<u32>>,
    by_class: HashMap<Class, Vec<ObjectIx>>,
    repeated: Vec<ObjectIx>,
    contradictions: Vec<(ObjectIx, Attr)>,
}

impl Facts {
    /// The objects of a class, in the order of the files.
    pub(crate) fn of(&self, class: Class) -> impl Iterator<Item = Object<'_>> {
        self.by_class.get(&class).into_iter().flatten().map(|object| self.at(*object))
    }

    /// The objects of several classes, class by class.
    pub(crate) fn of_all<'f>(&'f self, classes: &'f [Class]) -> impl Iterator<Item = Object<'f>> {
        classes.iter().flat_map(|class| self.of(*class))
    }

    pub(crate) fn at(&self, ix: ObjectIx) -> Object<'_> {
        Object { facts: self, ix }
    }

    /// An identity derived from an object's that no object of the files has.
    pub(crate) fn derived_id(&self, object: Object<'_>, suffix: &str) -> String {
        let mut id = format!("{}-{suffix}", object.id());
        while self.known.contains_key(bare(&id)) {
            id.push('+');
        }
        id
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Objects that were defined more than once.
    pub(crate) fn repeated(&self) -> impl Iterator<Item = Object<'_>> {
        self.repeated.iter().map(|object| self.at(*object))
    }

    /// Attributes that files disagree about.
    pub(crate) fn contradictions(&self) -> impl Iterator<Item = (Object<'_>, Attr)> {
        self.contradictions.iter().map(|(object, attr)| (self.at(*object), *attr))
    }

    /// References to objects that no file defines: who refers, by what, to whom.
    pub(crate) fn dangling(&self) -> impl Iterator<Item = (Object<'_>, Attr, Object<'_>)> {
        self.all.iter().filter_map(|fact| match fact.value {
            Value::Object(to) if !self.entries[to.0 as usize].is_defined => {
                Some((self.at(fact.object), fact.attr, self.at(to)))
            }
            _ => None,
        })
    }

    /// Objects that are only spoken about, such as the machine of a state whose equipment file is missing.
    pub(crate) fn undefined(&self) -> impl Iterator<Item = Object<'_>> {
        let undefined = |entry: &Entry| entry.class.is_some() && !entry.is_defined;
        let numbers = self.entries.iter().enumerate().filter(move |(_, entry)| undefined(entry));
        numbers.map(|(number, _)| self.at(ObjectIx(number as u32)))
    }
}

/// One object with what is said about it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Object<'f> {
    facts: &'f Facts,
    pub(crate) ix: ObjectIx,
}

impl PartialEq for Object<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.ix == other.ix
    }
}

impl<'f> Object<'f> {
    /// Its number, for tables beside the facts.
    pub(crate) fn number_of(self) -> usize {
        self.ix.0 as usize
    }

    /// The identity as its defining file writes it.
    pub(crate) fn id(self) -> &'f str {
        &self.facts.entries[self.number_of()].id
    }

    /// The master resource identifier: as given, else the identity without its underscore.
    pub(crate) fn mrid(self) -> &'f str {
        self.text(Attr::Mrid).unwrap_or_else(|| bare(self.id()))
    }

    pub(crate) fn name(self) -> Option<&'f str> {
        self.text(Attr::Name).filter(|name| !name.is_empty())
    }

    /// What it is; `None` for what no file defines or what is not needed.
    pub(crate) fn class(self) -> Option<Class> {
        let entry = &self.facts.entries[self.number_of()];
        entry.class.filter(|_| entry.is_defined)
    }

    /// What it is called in messages: its name, else its identity.
    pub(crate) fn label(self) -> &'f str {
        self.name().unwrap_or_else(|| self.id())
    }

    fn value(self, attr: Attr) -> Option<Value> {
        let span = &self.facts.spans[self.number_of()];
        let facts = &self.facts.all[span.start as usize..span.end as usize];
        facts.iter().find(|fact| fact.attr == attr).map(|fact| fact.value)
    }

    pub(crate) fn number(self, attr: Attr) -> Option<f64> {
        match self.value(attr) {
            Some(Value::Number(number)) => Some(number),
            _ => None,
        }
    }

    /// A number of which 0 means that it is missing.
    pub(crate) fn given(self, attr: Attr) -> Option<f64> {
        self.number(attr).filter(|number| *number != 0.0)
    }

    pub(crate) fn flag(self, attr: Attr) -> Option<bool> {
        match self.value(attr) {
            Some(Value::Flag(flag)) => Some(flag),
            _ => None,
        }
    }

    pub(crate) fn text(self, attr: Attr) -> Option<&'f str> {
        match self.value(attr) {
            Some(Value::Text(number)) => Some(&self.facts.texts[number as usize]),
            _ => None,
        }
    }

    /// The last word of an enumeration value, such as `Yn` of `WindingConnection.Yn`.
    pub(crate) fn choice(self, attr: Attr) -> Option<&'f str> {
        self.text(attr).map(|text| text.rsplit('.').next().unwrap_or(text))
    }

    /// Whether it refers to an object, defined or not.
    pub(crate) fn refers(self, attr: Attr) -> bool {
        matches!(self.value(attr), Some(Value::Object(_)))
    }

    /// The object it refers to, if a file defines that.
    pub(crate) fn target(self, attr: Attr) -> Option<Self> {
        match self.value(attr) {
            Some(Value::Object(ix)) => {
                let target = Self { facts: self.facts, ix };
                self.facts.entries[ix.0 as usize].is_defined.then_some(target)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_object_has_one_identity_however_it_is_written() {
        let mut collector = Collector::default();
        let line = collector.define("_a1", Some(Class::ACLineSegment));
        for written in ["#_a1", "a1", "urn:uuid:a1"] {
            assert_eq!(collector.object(written), line, "{written}");
        }
        assert_ne!(collector.object("_a2"), line);
    }

    #[test]
    fn keeps_the_first_of_two_values_and_tells_of_the_second() {
        let mut collector = Collector::default();
        let line = collector.define("_a", Some(Class::ACLineSegment));
        for number in [1.0, 2.0] {
            collector.add(line, Attr::LineR, Value::Number(number));
        }
        let facts = collector.finish();
        assert_eq!(facts.of(Class::ACLineSegment).next().unwrap().number(Attr::LineR), Some(1.0));
        assert_eq!(facts.contradictions().count(), 1);
    }

    #[test]
    fn finds_references_that_lead_nowhere() {
        let mut collector = Collector::default();
        let terminal = collector.define("_t", Some(Class::Terminal));
        let line = collector.object("#_gone");
        collector.add(terminal, Attr::TerminalEquipment, Value::Object(line));
        let facts = collector.finish();
        let (from, attr, to) = facts.dangling().next().unwrap();
        assert_eq!((from.id(), attr, to.id()), ("_t", Attr::TerminalEquipment, "_gone"));
        assert_eq!(from.target(Attr::TerminalEquipment), None);
    }

    #[test]
    fn zero_means_missing_where_it_is_asked_for_so() {
        let mut collector = Collector::default();
        let machine = collector.define("_m", Some(Class::SynchronousMachine));
        collector.add(machine, Attr::MachineXd2, Value::Number(0.0));
        let facts = collector.finish();
        assert_eq!(facts.at(machine).number(Attr::MachineXd2), Some(0.0));
        assert_eq!(facts.at(machine).given(Attr::MachineXd2), None);
    }
}
