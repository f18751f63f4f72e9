//! A tab with a web page.

use std::{fs, path::Path};

use anyhow::Context as _;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde::Deserialize;
use serde_json::json;

use crate::{
    cdp::Session,
    mouse::{Hand, Menu, Mouse, Point, at},
    wait::{self, SOON},
};

/// A tab, or a frame that fills one.
#[derive(Debug, Clone)]
pub struct Page {
    session: Session,
    mouse: Mouse,
}

/// A rectangle in CSS pixels of the viewport.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub struct Rect {
    /// Left edge.
    pub x: f64,
    /// Upper edge.
    pub y: f64,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
}

impl Rect {
    /// Its middle.
    pub fn middle(&self) -> Point {
        at(self.x + self.width / 2.0, self.y + self.height / 2.0)
    }
}

/// The colours that a person prefers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Scheme {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Light, Self::Dark];

    /// As style sheets name it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

impl Page {
    /// A page that was attached to.
    pub fn new(session: Session, mouse: Mouse) -> Self {
        Self { session, mouse }
    }

    /// The connection.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// The mouse and keys.
    pub fn mouse(&self) -> &Mouse {
        &self.mouse
    }

    /// Waits until the address is there with all that belongs to it.
    ///
    /// # Errors
    /// If it does not load.
    pub fn loaded(&self, url: &str) -> anyhow::Result<()> {
        let state = format!("document.readyState === 'complete' && location.href.startsWith({}) || null", json!(url));
        // A page that is just being replaced answers with an error.
        wait::until(&format!("{url} to load"), SOON, || Ok(self.session.eval(&state).ok().filter(|v| !v.is_null())))?;
        Ok(())
    }

    /// Goes to another address.
    ///
    /// # Errors
    /// If it does not load.
    pub fn goto(&self, url: &str) -> anyhow::Result<()> {
        self.session.call("Page.navigate", json!({ "url": url }))?;
        self.loaded(url)
    }

    /// Makes the window as large as its page needs to be, in CSS pixels.
    ///
    /// # Errors
    /// If the page does not get there.
    pub fn resize(&self, (width, height): (u32, u32)) -> anyhow::Result<()> {
        let frame: [u32; 2] = self.session.read("[outerWidth - innerWidth, outerHeight - innerHeight]")?;
        let cdp = self.session.cdp();
        let window = cdp.call("Browser.getWindowForTarget", json!({ "targetId": self.session.target() }))?;
        let bounds = json!({ "width": width + frame[0], "height": height + frame[1] });
        cdp.call("Browser.setWindowBounds", json!({ "windowId": window["windowId"], "bounds": bounds }))?;
        let is_there = || {
            Ok(Some(self.session.read::<[u32; 2]>("[innerWidth, innerHeight]")?).filter(|now| *now == [width, height]))
        };
        wait::until("the window's size", SOON, is_there).map(drop)
    }

    /// Brings the tab to the front.
    ///
    /// # Errors
    /// If it is gone.
    pub fn activate(&self) -> anyhow::Result<()> {
        self.session.cdp().call("Target.activateTarget", json!({ "targetId": self.session.target() }))?;
        let painted = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))";
        self.session.eval(painted).map(drop)
    }

    /// Closes the tab.
    ///
    /// # Errors
    /// If it is gone.
    pub fn close(&self) -> anyhow::Result<()> {
        self.session.cdp().call("Target.closeTarget", json!({ "targetId": self.session.target() })).map(drop)
    }

    /// Where the first element that matches is, after scrolling to it.
    ///
    /// # Errors
    /// If there is none.
    pub fn rect(&self, selector: &str) -> anyhow::Result<Rect> {
        let script = format!(
            "(() => {{ const element = document.querySelector({});
                element.scrollIntoViewIfNeeded?.();
                return element.getBoundingClientRect().toJSON(); }})()",
            json!(selector)
        );
        self.session.read(&script).with_context(|| format!("no {selector}"))
    }

    /// Where a point of the viewport is on the screen.
    ///
    /// # Errors
    /// If the page is gone.
    pub fn on_screen(&self, point: Point) -> anyhow::Result<Point> {
        // Without a window manager the browser draws its whole frame itself, and all of it is above the page. A frame
        // over the whole page is as high as the page, though not as wide where the page has a scroll bar.
        let script = "[screenX, screenY + outerHeight - innerHeight]";
        let [x, y]: [f64; 2] = self.session.read(script)?;
        Ok(at(x + point.x, y + point.y))
    }

    /// Whether a text stands on the page, in closed shadow trees too.
    ///
    /// # Errors
    /// If the page is gone.
    pub fn says(&self, text: &str) -> anyhow::Result<bool> {
        let document = self.session.call("DOM.getDocument", json!({ "depth": -1, "pierce": true }))?;
        Ok(document.to_string().contains(text))
    }

    /// Right-clicks in the middle of an element and chooses our entry with the keyboard.
    ///
    /// # Errors
    /// If there is no such element or no menu.
    pub fn inpaint(&self, selector: &str, menu: Menu) -> anyhow::Result<()> {
        self.inpaint_at(self.rect(selector)?.middle(), menu, Hand::Keys)
    }

    /// Right-clicks at a point of the viewport and chooses our entry.
    ///
    /// # Errors
    /// If there is no menu.
    pub fn inpaint_at(&self, point: Point, menu: Menu, hand: Hand) -> anyhow::Result<()> {
        self.mouse.inpaint(self.on_screen(point)?, menu, hand)
    }

    /// Shows colours as a person with this preference sees them.
    ///
    /// # Errors
    /// If the page is gone.
    pub fn prefer(&self, scheme: Scheme) -> anyhow::Result<()> {
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme.name() }] });
        self.session.call("Emulation.setEmulatedMedia", features).map(drop)
    }

    /// Waits until everything that moves has arrived, but for what turns for ever.
    ///
    /// # Errors
    /// If the page is gone.
    pub fn still(&self) -> anyhow::Result<()> {
        let script = "new Promise(requestAnimationFrame).then(() => Promise.allSettled(document.getAnimations()
            .filter((move) => move.effect.getComputedTiming().endTime !== Infinity).map((move) => move.finished)))
            .then(() => new Promise(requestAnimationFrame)).then(() => true)";
        self.session.eval(script).map(drop)
    }

    /// What the tab shows.
    ///
    /// # Errors
    /// If the page is gone.
    pub fn pixels(&self) -> anyhow::Result<image::RgbaImage> {
        let taken = self.session.call("Page.captureScreenshot", json!({ "format": "png" }))?;
        let bytes = BASE64_STANDARD.decode(taken["data"].as_str().context("no picture")?)?;
        Ok(image::load_from_memory(&bytes)?.into_rgba8())
    }

    /// Saves what the tab shows as PNG.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn screenshot(&self, file: &Path) -> anyhow::Result<()> {
        let taken = self.session.call("Page.captureScreenshot", json!({ "format": "png" }))?;
        let bytes = BASE64_STANDARD.decode(taken["data"].as_str().context("no picture")?)?;
        fs::write(file, bytes).with_context(|| file.display().to_string())
    }
}
