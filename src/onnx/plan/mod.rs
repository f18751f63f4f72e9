//! A graph as a list of kernels to run one after another, for a card on which our own are faster than the runtime's.
//!
//! All extents must be known. Whole numbers become floats: those that a graph is given are timesteps and ids, far below
//! 2^24. Nothing here knows of a device: [`crate::onnx::plan::Plan`] says what is computed from what, and where values have
//! room.

mod arrange;
mod convolutions;
mod fuse;
mod norms;
mod planner;
mod products;
mod rooms;
mod steps;
mod view;

use std::ops::Range;

pub use self::{
    rooms::Rooms,
    steps::{Affine, Contraction, Convolution, Each, Ending, Gather, Map, Normalisation, Product, Softmax, Step},
    view::{MOST_AXES, View, joined},
};
use super::{
    passes,
    proto::{Model, Tensor},
};

/// What a step reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Operand {
    /// Computed, or given to a run.
    Value(usize),
    /// Always the same.
    Weight(usize),
}

/// A value that a run is given or gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Port {
    /// Its name in the graph.
    pub name: String,
    /// Its extents.
    pub shape: Vec<usize>,
    /// Which of the plan's values it is.
    pub value: usize,
}

/// How a weight's values lie on the card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Layout {
    /// As in the file.
    Plain,
    /// 64-bit whole numbers in the file, floats on the card.
    Integers,
    /// `[outputs, channels, taps]` in the file, `[taps, channels, outputs]` on the card, outputs filled up with zeros to
    /// a multiple of four.
    Kernel {
        /// Channels that come out.
        outputs: usize,
        /// Channels that go in.
        channels: usize,
        /// Places of a window.
        taps: usize,
    },
}

impl Layout {
    /// How many values there are on the card, of so many words of 32 bits.
    pub const fn len(self, words: usize) -> usize {
        match self {
            Self::Plain => words,
            Self::Integers => words / 2,
            Self::Kernel { outputs, channels, taps } => taps * channels * outputs.next_multiple_of(4),
        }
    }
}

/// Where a weight's values are.
#[derive(Debug, Clone, PartialEq)]
pub enum Source {
    /// In the graph.
    Graph(Vec<f32>),
    /// In the file beside it.
    File(Range<u64>),
}

impl Source {
    /// How many words of 32 bits.
    pub fn len(&self) -> usize {
        match self {
            Self::Graph(values) => values.len(),
            Self::File(span) => ((span.end - span.start) / 4) as usize,
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// What never changes.
#[derive(Debug, Clone, PartialEq)]
pub struct Weight {
    /// Where it comes from.
    pub source: Source,
    /// What becomes of it on the card.
    pub layout: Layout,
}

/// A graph as kernels.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Plan {
    /// What a run is given.
    pub inputs: Vec<Port>,
    /// What it gives.
    pub outputs: Vec<Port>,
    /// How many elements each value has.
    pub values: Vec<usize>,
    /// What never changes.
    pub weights: Vec<Weight>,
    /// What is done once, in this order: it depends on nothing that a run is given.
    pub first: Vec<Step>,
    /// What each run does, in this order.
    pub steps: Vec<Step>,
}

/// Why there is no plan for a graph: it can be run by a runtime.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotPlanned {
    /// It cannot be read.
    #[error("the graph cannot be read: {0}")]
    Malformed(String),
    /// An operator, or a way to use it, that there is no kernel for.
    #[error("no kernel for {operator} ({node}): {reason}")]
    Operator {
        /// The node's name.
        node: String,
        /// What it calls.
        operator: String,
        /// What there is none for.
        reason: &'static str,
    },
    /// An extent is open, or a value is not known.
    #[error("{0}: its extents are not known")]
    Shape(String),
}

impl Plan {
    /// Plans the graph of an ONNX model.
    ///
    /// # Errors
    /// [`NotPlanned`].
    pub fn of(model: &[u8]) -> Result<Self, NotPlanned> {
        use prost::Message as _;
        let model = Model::decode(model).map_err(|error| NotPlanned::Malformed(error.to_string()))?;
        let mut graph = model.graph.ok_or_else(|| NotPlanned::Malformed("no graph".to_owned()))?;
        passes::fold_shapes::run(&mut graph);
        let mut plan = planner::plan(&graph)?;
        plan.drop_unused();
        plan.part();
        Ok(plan)
    }

    /// Takes away steps whose values nobody reads.
    fn drop_unused(&mut self) {
        let mut used = vec![false; self.values.len()];
        self.outputs.iter().for_each(|port| used[port.value] = true);
        let mut kept: Vec<Step> = Vec::with_capacity(self.steps.len());
        for step in std::mem::take(&mut self.steps).into_iter().rev() {
            if !used[step.writes()] {
                continue;
            }
            for operand in step.reads() {
                if let Operand::Value(value) = operand {
                    used[value] = true;
                }
            }
            kept.push(step);
        }
        kept.reverse();
        self.steps = kept;
    }

    /// Puts apart what is always the same.
    fn part(&mut self) {
        let mut varies = vec![false; self.values.len()];
        self.inputs.iter().for_each(|port| varies[port.value] = true);
        // What comes out is written by each run.
        self.outputs.iter().for_each(|port| varies[port.value] = true);
        let is_varying =
            |operand: &Operand, varies: &[bool]| matches!(operand, Operand::Value(value) if varies[*value]);
        for step in &self.steps {
            // A value that several steps write parts of varies if one of them does.
            if step.reads().iter().any(|operand| is_varying(operand, &varies)) {
                varies[step.writes()] = true;
            }
        }
        for step in &self.steps {
            if step.reads().iter().any(|operand| is_varying(operand, &varies)) {
                varies[step.writes()] = true;
            }
        }
        (self.steps, self.first) = std::mem::take(&mut self.steps).into_iter().partition(|step| varies[step.writes()]);
    }

    /// Floating-point operations of a run, about.
    pub fn work(&self) -> u64 {
        self.steps.iter().map(Step::work).sum()
    }
}

/// Where the values of an initialiser are, and how they lie on the card if they are to lie as they do.
fn source(tensor: &Tensor) -> Option<(Source, Layout)> {
    match (tensor.span(), tensor.data_type()) {
        (Some(span), Tensor::FLOAT) => Some((Source::File(span), Layout::Plain)),
        (Some(span), Tensor::INT64) => Some((Source::File(span), Layout::Integers)),
        (Some(_), _) => None,
        (None, Tensor::FLOAT) => Some((Source::Graph(tensor.floats()?), Layout::Plain)),
        (None, _) => {
            let values = tensor.ints()?.into_iter().map(|value| value as f32).collect();
            Some((Source::Graph(values), Layout::Plain))
        }
    }
}
