//! The parts of the editor. They show the state and translate events; nothing is decided here.

mod compare;
mod dialogs;
mod dock;
mod focus;
mod header;
mod help;
mod history;
mod improve;
mod mask_menu;
mod ring;
mod save_panel;
mod stage;
mod strip;

pub use self::{
    compare::{Comparison, Looks},
    dialogs::{Asking, Closing, Failed, OpenFile, Start},
    dock::Dock,
    header::Header,
    help::Help,
    history::History,
    improve::{Candidates, ImproveButtons, ModelsPanel},
    save_panel::SavePanel,
    stage::Stage,
    strip::{BatchPanel, StripView},
};
