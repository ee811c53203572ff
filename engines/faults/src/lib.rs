//! Short-circuit currents and voltages of a grid: what flows at the fault and what every relay sees of it.
//!
//! IEC 60909-0 (editions 2001 and 2016, greatest and least currents) and equal EMFs; three-phase, two-phase, earth and
//! two-phase-to-earth faults at buses and on lines, with mutual coupling of the zero sequence. The matrices are
//! factored once; single entries of their inverses answer everything else.
//!
//! ```
//! use faults::{FaultImpedance, FaultKind, Options, Place, Study, Wanted};
//! use network::{Feeder, FeederLevel, Line, Model};
//!
//! // 1100 MVA (c = 1.1) at 110 kV are 12.1 Ω; a line of 10 Ω behind it.
//! let level = FeederLevel { sk_mva: Some(1100.0), rx: Some(0.0), ..FeederLevel::default() };
//! let model = Model::new()
//!     .bus("A", 110.0)
//!     .bus("B", 110.0)
//!     .line(Line::new("AB", "A", "B").z1(0.0, 10.0))
//!     .feeder(Feeder { max: Some(level), ..Feeder::new("grid", "A") });
//!
//! let study = Study::of(&model, &[], &Options::iec_max())?;
//! let at = Place::Bus("B".to_owned());
//! let fault = study.fault(&at, FaultKind::Lll, FaultImpedance::default(), Wanted::ALL)?;
//! let expected = 1.1 * 110.0 / 3f64.sqrt() / (12.1 + 10.0);
//! assert!((fault.ikss_ka.unwrap() - expected).abs() < 1e-12);
//! # Ok::<(), faults::Error>(())
//! ```
#![deny(missing_docs)]

mod breaking;
mod circuit;
mod decay;
mod error;
mod everywhere;
mod explain;
mod factors;
mod fault;
mod matrix;
mod measure;
mod measuring;
mod meshed;
mod method;
mod opendss;
mod peak;
mod point;
mod ports;
mod relays;
mod result;
mod shares;
mod study;

pub use breaking::{mu, q};
pub use error::Error;
pub use explain::{Ingredient, Pair};
pub use factors::Factor;
pub use fault::{FaultImpedance, FaultKind, LinePoint, Place, Thevenin, phases, sequence_currents};
pub use measure::{BusVoltages, Loops, Measurement, rotate};
pub use measuring::Selection;
pub use method::{Case, Edition, EmfLevel, LowVoltageTolerance, Method, Options, PeakMethod};
pub use opendss::{OpenDss, OpenDssBus, OpenDssElement, OpenDssEnd};
pub use peak::{Kappa, kappa, thermal_m};
pub use ports::{Dyad, PortMatrix, PortRequest, Ports};
pub use relays::{BranchEnd, RelayMatrix, Sight};
pub use result::{Fault, MachineShare};
pub use shares::SourceShare;
pub use study::{Study, Wanted};
