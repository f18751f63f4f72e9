//! A stand-in for a hub of models on loopback: answers as Hugging Face does, and fails as told.
//!
//! `GET /<repo>/resolve/<revision>/<path>` redirects to a signed address on a second port, another one at each request;
//! those expire. `GET /api/models/<repo>/tree/<revision>` lists files with lengths and digests.

mod client;
mod content;
mod fault;
mod hub;
mod request;
mod respond;

pub use self::{
    client::Client,
    content::Content,
    fault::Fault,
    hub::{Hub, Seen},
};
