//! Uses the extension as a person does: a real browser on a real X display, a real mouse, real pages on loopback.
//!
//! A test file is a list of cases over one [`lab::Lab`]: a browser with the extension, and a site. What a case does it does
//! with [`page::Page`] and [`editor::Editor`]; it waits on states with [`wait`], never for a time.

pub mod axe;
pub mod cdp;
pub mod chrome;
pub mod editor;
pub mod form;
pub mod gallery;
pub mod lab;
pub mod mouse;
pub mod netlog;
pub mod page;
pub mod pixels;
mod question;
pub mod scene;
pub mod shelf;
pub mod site;
pub mod standin;
pub mod wait;
pub mod xvfb;
