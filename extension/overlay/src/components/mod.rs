//! The parts of the editor. They show the state and translate events; nothing is decided here.

mod dialogs;
mod dock;
mod header;
mod help;
mod improve;
mod mask_menu;
mod stage;

pub use self::{
    dialogs::{Asking, Closing, Failed, Start},
    dock::Dock,
    header::Header,
    help::Help,
    improve::{Candidates, ImproveButtons, ModelsPanel},
    stage::Stage,
};
