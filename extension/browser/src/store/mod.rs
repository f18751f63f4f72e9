//! The store's ports in the browser: `fetch`, the extension's CacheStorage, a file that the person chose.

mod chosen;
mod disk;
mod files;
mod longer;
mod made;
mod net;

pub use self::{
    chosen::ChosenFile,
    disk::CacheDisk,
    files::{at_hub, wanted},
    longer::{LongerBlob, Rows},
    made::MadeBytes,
    net::FetchNet,
};
