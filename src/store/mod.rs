//! Model files on the person's disk: fetched in parts, checked, resumed, and read without loading them.
//!
//! What touches a network, a disk or a clock comes through ports ([`Net`], [`Disk`], [`Control`]).

mod digest;
mod error;
mod fetch;
mod hub;
mod intake;
mod pace;
mod ports;
mod prepared;
mod split;
mod stored;
#[cfg(test)]
mod tests;
mod walk;
mod wire;

pub use self::{
    digest::{Digest, InvalidDigest},
    error::{Remedy, StoreError},
    fetch::{FetchOptions, FileSpec, check, fetch, take_in},
    hub::{Facts, HubFile, learn},
    pace::Pace,
    ports::{
        Chunks, Control, Disk, DiskAnswer, DiskError, Halt, Head, Net, Phase, Progress, Response, SourceError, WireHead,
    },
    prepared::{Preparation, Prepared, PreparedWeights},
    split::{Split, SplitError, SplitOptions, split},
    stored::{StoredFile, find, forget},
};
