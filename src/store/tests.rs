//! The store against a network and a disk that do what they are told.

mod fakes;
mod faults;
mod prepared;
mod resume;
mod split;
