//! The screen's own mouse and keyboard: what a page gets from here, it gets from a person.

use std::{collections::HashSet, process::Command};

use anyhow::{Context as _, ensure};

use crate::wait::{self, SOON};

/// A place on the screen or in a picture; who takes it says in which.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// To the right.
    pub x: f64,
    /// Down.
    pub y: f64,
}

/// Makes a [`Point`].
pub const fn at(x: f64, y: f64) -> Point {
    Point { x, y }
}

/// A button of the mouse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Button {
    /// The one for everything.
    Left = 1,
    /// The wheel, pressed: moves a large picture.
    Middle = 2,
    /// The one for menus; over the picture it erases paint.
    Right = 3,
}

/// What was clicked decides how far from the menu's end our entry stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Menu {
    /// The browser knows it as a picture or canvas: after our entry comes only "Inspect".
    Picture,
    /// The page as such: "View page source" comes too.
    Page,
}

/// How an entry of a menu is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hand {
    /// With arrow keys: the pointer stays where it is.
    Keys,
    /// With the mouse: the pointer ends where the entry was.
    Mouse,
}

/// The mouse and the keyboard of one X display.
#[derive(Debug, Clone)]
pub struct Mouse {
    display: String,
}

impl Mouse {
    /// Of a display such as `:99`.
    pub fn new(display: &str) -> Self {
        Self { display: display.to_owned() }
    }

    fn xdotool(&self, args: &[String]) -> anyhow::Result<String> {
        let made = Command::new("xdotool")
            .args(args)
            .env("DISPLAY", &self.display)
            .output()
            .context("xdotool does not start; is it installed?")?;
        ensure!(made.status.success(), "xdotool {args:?}: {}", String::from_utf8_lossy(&made.stderr));
        Ok(String::from_utf8(made.stdout)?)
    }

    fn run(&self, line: &str) -> anyhow::Result<String> {
        self.xdotool(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    /// Moves to a point of the screen.
    ///
    /// # Errors
    /// If xdotool fails.
    pub fn move_to(&self, to: Point) -> anyhow::Result<()> {
        self.run(&format!("mousemove --sync {:.0} {:.0}", to.x, to.y)).map(drop)
    }

    /// Clicks at a point of the screen.
    ///
    /// # Errors
    /// If xdotool fails.
    pub fn click(&self, to: Point) -> anyhow::Result<()> {
        self.run(&format!("mousemove {:.0} {:.0} click 1", to.x, to.y)).map(drop)
    }

    /// Presses the left button down, or lets it go.
    ///
    /// # Errors
    /// If xdotool fails.
    pub fn hold(&self, to: Point, down: bool) -> anyhow::Result<()> {
        let verb = if down { "mousedown" } else { "mouseup" };
        self.run(&format!("mousemove {:.0} {:.0} {verb} 1", to.x, to.y)).map(drop)
    }

    /// Turns the wheel over a point of the screen, up if `steps` is positive.
    ///
    /// # Errors
    /// If xdotool fails.
    pub fn wheel(&self, over: Point, steps: i32) -> anyhow::Result<()> {
        let button = if steps > 0 { 4 } else { 5 };
        self.run(&format!("mousemove {:.0} {:.0} click --repeat {} {button}", over.x, over.y, steps.abs())).map(drop)
    }

    /// As [`Mouse::wheel`], while a key is held.
    ///
    /// # Errors
    /// If xdotool fails.
    pub fn wheel_with(&self, key: &str, over: Point, steps: i32) -> anyhow::Result<()> {
        self.holding(key, || self.wheel(over, steps))
    }

    /// Clicks while a key is held.
    ///
    /// # Errors
    /// If xdotool fails.
    pub fn click_with(&self, key: &str, to: Point) -> anyhow::Result<()> {
        self.holding(key, || self.click(to))
    }

    /// Draws with the left button while a key is held.
    ///
    /// # Errors
    /// If xdotool fails.
    pub fn stroke_with(&self, key: &str, points: &[Point]) -> anyhow::Result<()> {
        self.holding(key, || self.stroke(points, Button::Left))
    }

    fn holding(&self, key: &str, act: impl FnOnce() -> anyhow::Result<()>) -> anyhow::Result<()> {
        self.run(&format!("keydown {key}"))?;
        let acted = act();
        self.run(&format!("keyup {key}"))?;
        acted
    }

    /// Presses keys by their X names, one after the other.
    ///
    /// # Errors
    /// If xdotool fails.
    pub fn keys(&self, names: &str) -> anyhow::Result<()> {
        self.run(&format!("key {names}")).map(drop)
    }

    /// Presses a key down, or lets it go.
    ///
    /// # Errors
    /// If xdotool fails.
    pub fn key(&self, name: &str, down: bool) -> anyhow::Result<()> {
        let verb = if down { "keydown" } else { "keyup" };
        self.run(&format!("{verb} {name}")).map(drop)
    }

    /// Types a text.
    ///
    /// # Errors
    /// If xdotool fails.
    pub fn text(&self, text: &str) -> anyhow::Result<()> {
        self.xdotool(&["type".to_owned(), text.to_owned()]).map(drop)
    }

    /// Draws through points of the screen with a button held, at the pace of a hand.
    ///
    /// # Errors
    /// If xdotool fails.
    pub fn stroke(&self, points: &[Point], button: Button) -> anyhow::Result<()> {
        let (first, rest) = points.split_first().context("a stroke has a point")?;
        let mut words = vec![format!("mousemove {:.0} {:.0} mousedown {}", first.x, first.y, button as u8)];
        let mut from = *first;
        for to in rest {
            let steps = ((to.x - from.x).hypot(to.y - from.y) / 16.0).ceil().max(1.0);
            for step in 1..=steps as u32 {
                let part = f64::from(step) / steps;
                let (x, y) = (from.x + (to.x - from.x) * part, from.y + (to.y - from.y) * part);
                words.push(format!("sleep 0.01 mousemove {x:.0} {y:.0}"));
            }
            from = *to;
        }
        words.push(format!("sleep 0.02 mouseup {}", button as u8));
        self.run(&words.join(" ")).map(drop)
    }

    /// Windows that can be seen, menus and dialogs among them.
    ///
    /// # Errors
    /// If xdotool fails.
    pub fn windows(&self) -> anyhow::Result<HashSet<String>> {
        // Finding none is an error to xdotool and an answer to us.
        Ok(self.run("search --onlyvisible .*").unwrap_or_default().lines().map(str::to_owned).collect())
    }

    /// Waits for a window that was not there `before`.
    ///
    /// # Errors
    /// If none comes.
    pub fn new_window(&self, what: &str, before: &HashSet<String>) -> anyhow::Result<String> {
        wait::until(what, SOON, || Ok(self.windows()?.difference(before).next().cloned()))
    }

    /// Right-clicks at a point of the screen and chooses our entry from the browser's own menu.
    ///
    /// # Errors
    /// If no menu comes, or it stays.
    pub fn inpaint(&self, to: Point, menu: Menu, hand: Hand) -> anyhow::Result<()> {
        let before = self.windows()?;
        self.run(&format!("mousemove {:.0} {:.0} click 3", to.x, to.y))?;
        let window = self.new_window("the context menu", &before)?;
        match (hand, menu) {
            (Hand::Keys, Menu::Picture) => self.keys("Up Up Return")?,
            (Hand::Keys, Menu::Page) => self.keys("Up Up Up Return")?,
            (Hand::Mouse, _) => self.pick(&window, if menu == Menu::Picture { 62.0 } else { 92.0 })?,
        }
        wait::until("the context menu to close", SOON, || Ok((!self.windows()?.contains(&window)).then_some(())))
    }

    /// Clicks on the entry that stands `above_end` over the menu's lower edge.
    fn pick(&self, window: &str, above_end: f64) -> anyhow::Result<()> {
        let shape = self.run(&format!("getwindowgeometry --shell {window}"))?;
        let value = |name: &str| -> anyhow::Result<f64> {
            let line = shape.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
            Ok(line.context("no such line")?.trim().parse()?)
        };
        let entry = at(value("X")? + 80.0, value("Y")? + value("HEIGHT")? - above_end);
        // An entry is chosen only if the pointer came to it after the menu had opened.
        self.move_to(at(entry.x, entry.y - 4.0))?;
        wait::hand();
        self.click(entry)
    }
}
