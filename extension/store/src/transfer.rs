//! One model on its way: how far it is, and whether to go on.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use brushaway::{
    protocol::{Transfer, TransferPhase},
    store::{Control, Halt, Pace, Phase, Progress, StoreError},
};
use brushaway_browser::clock;
use futures_util::future::LocalBoxFuture;

/// Between two reports.
const REPORT_MILLIS: f64 = 250.0;

/// While it waits, so often it looks whether it is still wanted.
pub(crate) const LOOK_MILLIS: u32 = 100;

/// The longest pause before a broken connection is taken up again.
const LONGEST_PAUSE_MILLIS: u32 = 30_000;

/// A running transfer.
pub(crate) struct Running {
    /// Tells the world.
    report: Box<dyn Fn(Transfer)>,
    /// Bytes of files that are done.
    base_bytes: Cell<u64>,
    total_bytes: u64,
    pause_millis: u32,
    pace: RefCell<Pace>,
    phase: Cell<TransferPhase>,
    done_bytes: Cell<u64>,
    said_millis: Cell<f64>,
    halt: Cell<Option<Halt>>,
}

impl Running {
    pub(crate) fn new(total_bytes: u64, pause_millis: u32, report: impl Fn(Transfer) + 'static) -> Rc<Self> {
        Rc::new(Self {
            report: Box::new(report),
            base_bytes: Cell::default(),
            total_bytes,
            pause_millis,
            pace: RefCell::default(),
            phase: Cell::new(TransferPhase::Queued),
            done_bytes: Cell::default(),
            said_millis: Cell::new(f64::NEG_INFINITY),
            halt: Cell::default(),
        })
    }

    /// Asks it to stop. A wish to give up is not taken back by one to pause.
    pub(crate) fn halt(&self, halt: Halt) {
        if self.halt.get() != Some(Halt::Cancel) {
            self.halt.set(Some(halt));
        }
    }

    /// Ends when it was asked to stop and nothing came of it: a connection that stands still hears nothing.
    pub(crate) async fn halted(&self) -> Halt {
        loop {
            clock::sleep_millis(LOOK_MILLIS).await;
            if let Some(halt) = self.halt.get() {
                // A part that is being written comes first.
                clock::sleep_millis(10 * LOOK_MILLIS).await;
                return halt;
            }
        }
    }

    /// A file of this length is done.
    pub(crate) fn done(&self, len_bytes: u64) {
        self.base_bytes.set(self.base_bytes.get() + len_bytes);
    }

    fn enter(&self, phase: TransferPhase) {
        if self.phase.replace(phase) != phase {
            self.pace.borrow_mut().restart();
            self.said_millis.set(f64::NEG_INFINITY);
        }
    }

    fn say(&self) {
        let now = clock::now_millis();
        if now - self.said_millis.get() < REPORT_MILLIS {
            return;
        }
        self.said_millis.set(now);
        let pace = self.pace.borrow();
        (self.report)(Transfer {
            phase: self.phase.get(),
            done_bytes: self.done_bytes.get(),
            bytes_per_second: pace.bytes_per_second(),
            seconds_left: pace.seconds_left(self.total_bytes),
        });
    }
}

impl Control for Running {
    fn step(&self, progress: Progress) -> Result<(), Halt> {
        if let Some(halt) = self.halt.get() {
            return Err(halt);
        }
        self.enter(match progress.phase {
            Phase::Checking => TransferPhase::Checking,
            Phase::Fetching => TransferPhase::Fetching,
        });
        self.done_bytes.set(self.base_bytes.get() + progress.done_bytes);
        self.pace.borrow_mut().add(clock::now_millis(), self.done_bytes.get());
        self.say();
        Ok(())
    }

    fn wait<'a>(&'a self, retry: u32, _after: &'a StoreError) -> LocalBoxFuture<'a, Result<(), Halt>> {
        Box::pin(async move {
            self.enter(TransferPhase::Waiting);
            self.say();
            let millis = self.pause_millis.saturating_mul(1 << retry.saturating_sub(1).min(16));
            let until = clock::now_millis() + f64::from(millis.min(LONGEST_PAUSE_MILLIS));
            while clock::now_millis() < until {
                if let Some(halt) = self.halt.get() {
                    return Err(halt);
                }
                clock::sleep_millis(LOOK_MILLIS).await;
            }
            Ok(())
        })
    }
}
