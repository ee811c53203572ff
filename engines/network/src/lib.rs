//! The grid model: elements in physical units, states laid over them, topology, and the native file format.
//!
//! Everything has an id and keeps its name and mRID; what isn't known is absent, never 0. Nothing here reads files,
//! clocks or the environment.
//!
//! ```
//! use network::{Change, Feeder, FeederLevel, Line, Model, State, Topology, View};
//!
//! let level = FeederLevel { sk_mva: Some(3000.0), rx: Some(0.1), ..FeederLevel::default() };
//! let model = Model::new()
//!     .frequency(50.0)
//!     .bus("A", 110.0)
//!     .bus("B", 110.0)
//!     .line(Line::new("AB", "A", "B").z1(1.2, 3.9).z0(3.2, 12.6))
//!     .feeder(Feeder { max: Some(level), ..Feeder::new("grid", "A") })
//!     .scheme(State::new("AB out", vec![Change::Out("AB".to_owned())]));
//! model.check()?;
//!
//! let topology = Topology::of(&View::of(&model, &[&model.schemes[0]])?);
//! assert_eq!(topology.island_count(), 2);
//! # Ok::<(), network::Error>(())
//! ```
#![deny(missing_docs)]

mod bus;
mod element;
mod error;
mod file;
mod finding;
mod layout;
mod line;
mod machine;
mod model;
mod ranges;
mod shunt;
mod source;
mod state;
mod topology;
mod transformer;
mod vector_group;
mod view;

pub use bus::{Bus, Switch, SwitchKind};
pub use element::Element;
pub use error::Error;
pub use file::{read, schema, write};
pub use finding::{Argument, Finding, Report, Severity, Subject};
pub use line::{Coupling, Line, SeriesElement};
pub use machine::{Block, Converter, ConverterKind, Motor, Unit, UnitKind};
pub use model::{Entry, FORMAT_VERSION, Model};
pub use ranges::{Impossible, Range};
pub use shunt::{Earthing, Load, Shunt};
pub use source::{Equivalent, Feeder, FeederLevel};
pub use state::{Change, State};
pub use topology::Topology;
pub use transformer::{
    Magnetizing, Neutral, Operation, TapChanger, Transformer, Transformer3, Winding, WindingImpedance,
    WindingPair,
};
pub use vector_group::{Connection, GroupWinding, VectorGroup};
pub use view::View;
