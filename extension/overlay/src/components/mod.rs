//! The parts of the editor. They show the state and translate events; nothing is decided here.

mod dialogs;
mod dock;
mod header;
mod improve;
mod stage;

pub use self::{
    dialogs::{Asking, Closing, Failed, Start},
    dock::Dock,
    header::Header,
    improve::{Candidates, ImproveButtons, ModelsPanel},
    stage::Stage,
};
