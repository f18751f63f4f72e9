//! A job: a picture and a painted mask in, what changes out.

mod detail;
mod job;
mod layers;
mod plan;
mod progress;
mod tile;

pub use self::{
    job::{EngineError, JobOptions, Outcome, Patch, Stage, erase},
    layers::{Layer, Layers, ParkedLayers},
    plan::{Plan, PlannedTile},
};
