//! The executable architecture: which services there are. Their order is the order of their start.

use harness::service::Part;

/// The public door; without it in a process, a service's own API is served.
pub(crate) const GATEWAY: &str = "gateway";

/// All services.
pub(crate) fn parts() -> Vec<Part> {
    vec![catalogue::part(), regression::part(), symbolic::part(), gateway::part()]
}
