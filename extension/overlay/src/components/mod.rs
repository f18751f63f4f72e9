//! The parts of the editor. They show the state and translate events; nothing is decided here.

mod dialogs;
mod dock;
mod header;
mod stage;

pub use self::{
    dialogs::{Asking, Closing, Failed, Start},
    dock::Dock,
    header::Header,
    stage::Stage,
};
