//! What a person can ask for beyond painting: how the picture is read, saved, copied, imported.

use std::rc::Rc;

use brushaway::protocol::{self, Fault, Screenshot};
use brushaway_browser::{bus, chrome, handed};
use brushaway_ui::t;

use crate::{
    arrival::{self, Arrival},
    controller::Controller,
    page,
    state::{Action, Ask},
    surface::cut_screenshot,
};

/// The picture of the package, to try things on: where it is, and what it is called.
const SAMPLE: &str = "/popup/sample.jpg#sample.jpg";

/// Where this page was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In a frame over a web page.
    Frame,
    /// In a tab of its own.
    Tab,
}

impl Controller {
    /// Gets the picture that this page was opened for.
    pub(crate) fn arrive(self: &Rc<Self>, place: Place) {
        self.spawn("get the picture", async move |this| {
            let token = page::fragment().map_err(bus::fault)?;
            let arrived = match place {
                Place::Frame => {
                    let (arrival, host) = arrival::from_frame(token).await?;
                    this.host.replace(Some(host));
                    arrival
                }
                Place::Tab if token.is_empty() => {
                    this.tell(Action::Await);
                    return Ok(());
                }
                Place::Tab if token == "closed-page" => {
                    this.tell(Action::Await);
                    this.tell(Action::Tell(t!("note_closed_page")));
                    return Ok(());
                }
                Place::Tab => {
                    let arrived = if token.starts_with(handed::PREFIX) {
                        arrival::from_panel(&token).await
                    } else if token.starts_with("blob:") || token == SAMPLE {
                        arrival::from_editor(&token).await
                    } else {
                        arrival::from_tab(token).await
                    };
                    match arrived {
                        Ok(arrival) => arrival,
                        Err(fault) => {
                            this.tell(Action::Fail(fault));
                            return Ok(());
                        }
                    }
                }
            };
            this.receive_arrival(arrived).await;
            Ok(())
        });
    }

    async fn receive_arrival(self: &Rc<Self>, arrival: Arrival) {
        if let Some(file) = arrival.file.clone() {
            let notes = if arrival.is_drawn { vec!["note_drawn"] } else { Vec::new() };
            return self.open(arrival, file, notes).await;
        }
        if arrival.is_gone {
            return self.tell(Action::Fail(Fault::new("fault_gone", protocol::Action::Close, arrival.reason)));
        }
        let allowed = match arrival.pattern() {
            Some(pattern) => chrome::may_read(&pattern).await,
            None => false,
        };
        log::info!("the page could not read the picture: {}", arrival.reason);
        self.arrival.replace(Some(arrival));
        if allowed {
            self.read_from_site().await;
        } else {
            self.ask(None);
        }
    }

    fn ask(&self, refused: Option<String>) {
        let arrival = self.arrival.borrow();
        let host = arrival.as_ref().and_then(Arrival::host).unwrap_or_default();
        let can_capture =
            arrival.as_ref().is_some_and(|arrival| arrival.rect.is_some()) && self.host.borrow().is_some();
        let is_named = arrival.as_ref().is_some_and(|arrival| arrival.rect.is_none() && arrival.reason.is_empty());
        self.tell(Action::Ask(Ask { host, refused, can_capture, is_named }));
    }

    async fn read_from_site(self: &Rc<Self>) {
        let arrival = self.arrival.borrow().clone();
        let Some(arrival) = arrival else { return };
        match arrival::from_site(&arrival.url).await {
            Ok(file) => self.open(arrival, file, Vec::new()).await,
            Err(error) => self.ask(Some(error.reason)),
        }
    }

    /// Asks the browser for leave to read from the picture's site. Called from a click, as the browser demands.
    pub(crate) fn allow(self: &Rc<Self>) {
        self.spawn("ask for permission", async move |this| {
            let pattern = this.arrival.borrow().as_ref().and_then(Arrival::pattern);
            let Some(pattern) = pattern else { return Ok(()) };
            if chrome::ask_to_read(&pattern).await.map_err(bus::fault)? {
                this.read_from_site().await;
            }
            Ok(())
        });
    }

    /// Works on what the screen shows of the picture.
    pub(crate) fn capture(self: &Rc<Self>) {
        self.spawn("take a screenshot", async move |this| {
            let (arrival, host) = (this.arrival.borrow().clone(), this.host.borrow().clone());
            let (Some(arrival), Some(host)) = (arrival, host) else { return Ok(()) };
            let Some(rect) = arrival.rect else { return Ok(()) };
            host.hide().await.map_err(bus::fault)?;
            let shot = bus::ask(Screenshot {}).await;
            host.show();
            let failed = |error| Fault::new("fault_screenshot", protocol::Action::Adjust, error);
            let file = cut_screenshot(&shot?, rect, arrival.ratio).await.map_err(failed)?;
            this.open(arrival, file, vec!["note_screenshot"]).await;
            Ok(())
        });
    }

    /// Opens a picture on the web by its address.
    pub(crate) fn open_address(self: &Rc<Self>, address: &str) {
        let Some(arrival) = Arrival::of_address(address) else {
            return self.tell(Action::Tell(t!("fault_address")));
        };
        self.spawn("open an address", async move |this| {
            this.receive_arrival(arrival).await;
            Ok(())
        });
    }
}
