//! The stories, one file each, in one test binary.

#![expect(clippy::unwrap_used, reason = "what a story needs and does not get is its failure")]

#[path = "stories/analyses.rs"]
mod analyses;
#[path = "stories/bad_input.rs"]
mod bad_input;
#[path = "stories/command_line.rs"]
mod command_line;
#[path = "stories/compositions.rs"]
mod compositions;
#[path = "stories/crash.rs"]
mod crash;
#[path = "stories/data_sets.rs"]
mod data_sets;
#[path = "stories/dead_service.rs"]
mod dead_service;
#[path = "stories/faults.rs"]
mod faults;
#[path = "stories/first_start.rs"]
mod first_start;
#[path = "stories/grids.rs"]
mod grids;
#[path = "stories/jobs.rs"]
mod jobs;
#[path = "stories/lists.rs"]
mod lists;
#[path = "stories/live.rs"]
mod live;
#[path = "stories/math_func.rs"]
mod math_func;
#[path = "stories/metrics.rs"]
mod metrics;
#[path = "stories/python_client.rs"]
mod python_client;
#[path = "stories/schema_fuzz.rs"]
mod schema_fuzz;
