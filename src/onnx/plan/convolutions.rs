//! Convolutions, and means of windows, which are convolutions whose weights are all alike.

use super::{
    Convolution, Ending, Layout, Step, View,
    planner::{Entry, Planner, Reason},
};
use crate::onnx::proto::Node;

/// More weights that are all alike are not written down.
const MOST_ALIKE: usize = 1 << 20;

/// Two whole numbers of an attribute, none of which is below 0 or large.
fn two(values: Option<&[i64]>, default: usize) -> Option<[usize; 2]> {
    let small = |number: i64| u16::try_from(number).ok().map(usize::from);
    match values {
        None => Some([default; 2]),
        Some(&[one, other]) => Some([small(one)?, small(other)?]),
        Some(_) => None,
    }
}

impl Planner<'_> {
    pub(super) fn convolution(&mut self, node: &Node) -> Result<Entry, Reason> {
        let shape = self.made_shape(node)?;
        let (input, mut pads) = self.padded_input(node)?;
        let weight_name = node.input(1).filter(|name| self.is_initializer(name)).ok_or("its weights change")?;
        let weight_shape = self.shape(weight_name).ok_or("its weights are not known")?;
        let (
            &[batch, channels, height, width],
            &[outputs, in_group, down, across],
            &[_, _, output_height, output_width],
        ) = (input.shape.as_slice(), weight_shape.as_slice(), shape.as_slice())
        else {
            return Err("not two axes of pixels");
        };
        let strides = two(node.ints("strides"), 1).ok_or("strides that are none")?;
        let dilations = two(node.ints("dilations"), 1).ok_or("dilations that are none")?;
        let groups = usize::try_from(node.int("group", 1)).ok().filter(|&groups| groups > 0).ok_or("no group")?;
        if in_group.checked_mul(groups) != Some(channels) || !outputs.is_multiple_of(groups) || strides.contains(&0) {
            return Err("channels that do not fit");
        }
        if dilations != [1, 1] || !matches!(node.text("auto_pad"), "" | "NOTSET") {
            return Err("windows with gaps, or pads of its own choice");
        }
        if let Some(own) = node.ints("pads") {
            let own = two(own.get(..2), 0).ok_or("pads that take away")?;
            pads = [pads[0] + own[0], pads[1] + own[1]];
        }
        let layout =
            if groups == 1 { Layout::Kernel { outputs, channels, taps: down * across } } else { Layout::Plain };
        let weight = self.weight(weight_name, layout).ok_or("its weights are not known")?;
        let bias = match node.input(2) {
            Some(name) => Some(self.weight(name, Layout::Plain).ok_or("its bias changes")?),
            None => None,
        };
        let input = self.packed(input);
        let output = self.value(shape.iter().product());
        self.step(Step::Convolution(Convolution {
            input,
            weight,
            bias,
            ending: Ending::Plain,
            output,
            batch,
            channels,
            size: [height, width],
            outputs,
            output_size: [output_height, output_width],
            window: [down, across],
            strides,
            pads,
            groups,
        }));
        Ok(Self::made(output, &shape))
    }

    /// A convolution of each channel alone.
    pub(super) fn average_pool(&mut self, node: &Node) -> Result<Entry, Reason> {
        let shape = self.made_shape(node)?;
        let input = self.read(node, 0)?.view;
        let (&[batch, channels, height, width], &[_, _, output_height, output_width]) =
            (input.shape.as_slice(), shape.as_slice())
        else {
            return Err("not two axes of pixels");
        };
        let window = node.ints("kernel_shape").and_then(|sides| two(Some(sides), 1)).ok_or("no window")?;
        let strides = two(node.ints("strides"), 1).ok_or("strides that are none")?;
        let is_dense = node.ints("dilations").is_none_or(|dilations| dilations == [1, 1]);
        if window.contains(&0) || strides.contains(&0) || !is_dense {
            return Err("windows with gaps, or none");
        }
        if node.ints("pads").is_some_and(|pads| pads.iter().any(|&pad| pad != 0)) {
            return Err("windows that reach over the edge");
        }
        let taps: usize = window.iter().product();
        let len = channels.checked_mul(taps).filter(|&len| len <= MOST_ALIKE).ok_or("too large windows")?;
        let weight = self.inside(vec![(taps as f32).recip(); len]);
        let input = self.packed(input);
        let output = self.value(shape.iter().product());
        self.step(Step::Convolution(Convolution {
            input,
            weight,
            bias: None,
            ending: Ending::Plain,
            output,
            batch,
            channels,
            size: [height, width],
            outputs: channels,
            output_size: [output_height, output_width],
            window,
            strides,
            pads: [0, 0],
            groups: channels,
        }));
        Ok(Self::made(output, &shape))
    }

    /// What a convolution is of, and how many zeros were put above and to the left by an operator of its own before.
    fn padded_input(&mut self, node: &Node) -> Result<(View, [usize; 2]), Reason> {
        let name = node.input(0).ok_or("an input is missing")?.to_owned();
        if let Some((before, begins)) = self.padding(&name)
            && let (&[0, 0, above, left], Some(entry)) = (begins.as_slice(), self.entry(&before))
        {
            // What is below and to the right follows from the extents of the output.
            return Ok((entry.view, [above, left]));
        }
        Ok((self.read(node, 0)?.view, [0, 0]))
    }
}
