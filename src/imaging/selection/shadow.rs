//! The soft shadow that an object casts on the ground beside it.
//!
//! A shadow dims the ground and leaves its hue, and its border is soft. What the ground would be without it is learnt
//! by closing dark places: a greyscale closing (Serra, "Image Analysis and Mathematical Morphology", 1982) fills
//! everything that is narrower than its square, be it a shadow or the object itself.

use super::{SelectionError, region::connected};
use crate::{geometry::Rect, image::Image, mask::Mask};

/// The longest side of the grid that shadows are looked for on.
const GRID_SIDE: u32 = 240;
/// Samples along each side of a cell of that grid.
const SAMPLES: u32 = 4;
/// How far a shadow reaches at most, in longer sides of the object.
const REACH: f32 = 1.0;
/// The least dimming that is told from the ground.
const LEAST_DIMMING: f32 = 0.06;
/// The least dimming in the middle of a shadow, and the greatest: what is darker is no ground any more.
const MIDDLE_DIMMING: [f32; 2] = [0.09, 0.75];
/// How far shares of red, green and blue may be from the ground's, summed. Shadows under a sky are a little bluer.
const HUE_TOLERANCE: f32 = 0.09;
/// Part of the dimming that is gone within two cells at a border; above this it is hard. 1 at the border of a thing.
const HARD: f32 = 0.62;
/// Area of a shadow in areas of its object, at least and at most.
const AREAS: [f32; 2] = [0.01, 3.0];
/// The part of a shadow's cells that may lie where the search ends.
const CUT_OFF: f32 = 0.04;

/// Grows a mask towards the soft shadow of what it covers; leaves it unchanged where there is none.
///
/// A shadow is a soft, darker part of the ground with the ground's hue, hangs together with the object, and reaches no
/// farther than the object is long. Both may be of any size: what is computed is computed on a grid of at most 240
/// cells along a side.
///
/// # Errors
/// [`SelectionError::Mismatch`] if mask and image have different sizes.
pub fn include_shadow(mask: &Mask, image: &Image) -> Result<Mask, SelectionError> {
    if mask.size() != image.size() {
        return Err(SelectionError::Mismatch);
    }
    let Some(bounds) = mask.bounds() else { return Ok(mask.clone()) };
    let ground = Ground::around(mask, image, bounds);
    let mut shadow = vec![false; ground.cells.len()];
    for part in ground.dark_parts() {
        if ground.is_shadow(&part) {
            fill(&mut shadow, &part, true);
        }
    }
    let mut grown = mask.clone();
    if shadow.contains(&true) {
        ground.paint(&ground.joined(&shadow), &mut grown);
    }
    Ok(grown)
}

/// The surroundings of an object on a grid.
struct Ground {
    /// The part of the picture that the grid covers.
    rect: Rect,
    /// Pixels along the side of a cell.
    cell_px: u32,
    width: usize,
    height: usize,
    /// Mean red, green and blue.
    cells: Vec<[f32; 3]>,
    /// What the object is in, and the cells beside these, which may have some of it.
    object: Vec<bool>,
    /// Cells that are wholly or partly the object's.
    area: usize,
    /// Whether each edge of the grid (left, top, right, bottom) is one of the picture.
    ends: [bool; 4],
    /// Brightness in parts of the ground's; 1 where nothing dims it.
    light: Vec<f32>,
    /// Whether the hue is the ground's.
    alike: Vec<bool>,
    /// What dims less is texture.
    least_dimming: f32,
}

impl Ground {
    fn around(mask: &Mask, image: &Image, bounds: Rect) -> Self {
        let reach = (bounds.size.longer_side() as f32 * REACH).ceil() as u32;
        let rect = bounds.grown(reach, mask.size());
        let cell_px = rect.size.longer_side().div_ceil(GRID_SIDE);
        let (width, height) = (rect.size.width().div_ceil(cell_px), rect.size.height().div_ceil(cell_px));
        let (mut cells, mut touched) = (Vec::new(), Vec::new());
        for y in 0..height {
            for x in 0..width {
                let (colour, covered) = sample(mask, image, rect, cell_px, (x, y));
                cells.push(colour);
                touched.push(covered);
            }
        }
        let (width, height) = (width as usize, height as usize);
        let area = touched.iter().filter(|&&touched| touched).count();
        let size = mask.size();
        let ends = [rect.x == 0, rect.y == 0, rect.right() == size.width(), rect.bottom() == size.height()];
        let object = spread(&touched, width, 1);
        let (light, alike, least_dimming) = (Vec::new(), Vec::new(), LEAST_DIMMING);
        let mut ground = Self { rect, cell_px, width, height, cells, object, area, ends, light, alike, least_dimming };
        let longer = bounds.size.longer_side().div_ceil(cell_px) as usize;
        ground.learn((longer / 2).max(3));
        ground
    }

    /// Compares each cell with the ground around it.
    fn learn(&mut self, radius: usize) {
        let luma = |[red, green, blue]: [f32; 3]| 0.299 * red + 0.587 * green + 0.114 * blue;
        let weights: Vec<f32> = self.object.iter().map(|&object| if object { 0.0 } else { 1.0 }).collect();
        let soft = self.mean(&self.cells, &weights, 1);
        let lumas: Vec<f32> = soft.iter().map(|&colour| luma(colour)).collect();
        let dark: Vec<f32> = lumas.iter().zip(&self.object).map(|(&l, &object)| if object { 0.0 } else { l }).collect();
        let wide = self.extremes(&dark, radius, f32::max);
        let closed = self.extremes(&wide, radius, f32::min);
        let texture = self.texture(&lumas);
        self.least_dimming = LEAST_DIMMING.max(1.5 * texture);
        // The brightest of a textured ground are no measure for it: as much darker than these as texture makes it.
        let lit = |at: usize| !self.object[at] && dark[at] >= closed[at] * (1.0 - 0.03f32.max(2.0 * texture));
        let weights: Vec<f32> = (0..dark.len()).map(|at| if lit(at) { 1.0 } else { 1e-6 }).collect();
        let ground = self.mean(&self.cells, &weights, radius.div_ceil(2));
        let shares = |[red, green, blue]: [f32; 3]| {
            let sum = (red + green + blue).max(1.0);
            [red / sum, green / sum, blue / sum]
        };
        self.light = (0..dark.len()).map(|at| lumas[at] / luma(ground[at]).min(closed[at]).max(1.0)).collect();
        self.alike = (0..dark.len())
            .map(|at| {
                let (here, there) = (shares(soft[at]), shares(ground[at]));
                let apart: f32 = here.iter().zip(there).map(|(a, b)| (a - b).abs()).sum();
                // Hardly any light: the hue says nothing.
                lumas[at] > 6.0 && apart < HUE_TOLERANCE
            })
            .collect();
    }

    /// How much brightness usually differs from that four cells on, in parts of it.
    fn texture(&self, lumas: &[f32]) -> f32 {
        const STEP: usize = 4;
        let mut steps = Vec::new();
        for at in (0..lumas.len()).filter(|at| at % self.width + STEP < self.width) {
            if !self.object[at] && !self.object[at + STEP] {
                let (a, b) = (lumas[at], lumas[at + STEP]);
                steps.push((a - b).abs() / a.max(b).max(1.0));
            }
        }
        if steps.is_empty() {
            return 0.0;
        }
        let middle = steps.len() / 2;
        *steps.select_nth_unstable_by(middle, f32::total_cmp).1
    }

    /// Means over squares that reach `radius` cells to each side.
    fn mean(&self, colours: &[[f32; 3]], weights: &[f32], radius: usize) -> Vec<[f32; 3]> {
        let stride = self.width + 1;
        let mut sums = vec![[0.0f64; 4]; stride * (self.height + 1)];
        for y in 0..self.height {
            let mut row = [0.0; 4];
            for x in 0..self.width {
                let at = y * self.width + x;
                let [red, green, blue] = colours[at];
                for (sum, value) in row.iter_mut().zip([red, green, blue, 1.0]) {
                    *sum += f64::from(value * weights[at]);
                }
                let above = sums[y * stride + x + 1];
                sums[(y + 1) * stride + x + 1] = std::array::from_fn(|n| above[n] + row[n]);
            }
        }
        let mean = |at: usize| {
            let (x, y) = (at % self.width, at / self.width);
            let (left, right) = (x.saturating_sub(radius), (x + radius + 1).min(self.width));
            let (top, bottom) = (y.saturating_sub(radius) * stride, (y + radius + 1).min(self.height) * stride);
            let corners = [bottom + right, top + right, bottom + left, top + left].map(|at| sums[at]);
            let within = |n: usize| corners[0][n] - corners[1][n] - corners[2][n] + corners[3][n];
            let [red, green, blue, weight]: [f64; 4] = std::array::from_fn(within);
            if weight <= 1e-9 { colours[at] } else { [red, green, blue].map(|sum| (sum / weight) as f32) }
        };
        (0..colours.len()).map(mean).collect()
    }

    /// The extreme value of squares that reach `radius` cells to each side.
    fn extremes(&self, values: &[f32], radius: usize, of: fn(f32, f32) -> f32) -> Vec<f32> {
        let along = |values: &[f32], at: usize, limit: usize, stride: usize| {
            let n = at / stride % limit;
            let start = at - n * stride;
            let near = n.saturating_sub(radius)..(n + radius + 1).min(limit);
            near.map(|n| values[start + n * stride]).fold(values[at], of)
        };
        let rows: Vec<f32> = (0..values.len()).map(|at| along(values, at, self.width, 1)).collect();
        (0..values.len()).map(|at| along(&rows, at, self.height, self.width)).collect()
    }

    /// Dim parts with the ground's hue that touch the object.
    fn dark_parts(&self) -> Vec<Vec<usize>> {
        let dim = |at: usize| self.alike[at] && !self.object[at] && self.light[at] < 1.0 - self.least_dimming;
        let dim: Vec<bool> = (0..self.cells.len()).map(dim).collect();
        let beside = spread(&self.object, self.width, 1);
        let mut left = dim;
        let mut parts = Vec::new();
        for start in (0..left.len()).filter(|&at| beside[at]) {
            if left[start] {
                let part = connected(&left, self.width, [start]);
                let part: Vec<usize> = (0..left.len()).filter(|&at| part[at]).collect();
                fill(&mut left, &part, false);
                parts.push(part);
            }
        }
        parts
    }

    fn is_shadow(&self, part: &[usize]) -> bool {
        let [least, most] = AREAS.map(|areas| areas * self.area as f32);
        let area = part.len() as f32;
        if area < least.max(6.0) || area > most {
            return false;
        }
        let at_end = |at: usize| {
            let (x, y) = (at % self.width, at / self.width);
            let edges = [x == 0, y == 0, x + 1 == self.width, y + 1 == self.height];
            edges.iter().zip(self.ends).any(|(&at_edge, picture_ends)| at_edge && !picture_ends)
        };
        // A dark ground goes on where the search ends.
        if part.iter().filter(|&&at| at_end(at)).count() as f32 > CUT_OFF * area {
            return false;
        }
        let mut lights: Vec<f32> = part.iter().map(|&at| self.light[at]).collect();
        let middle = lights.len() / 2;
        let dimming = 1.0 - *lights.select_nth_unstable_by(middle, f32::total_cmp).1;
        let [least, most] = MIDDLE_DIMMING;
        let dim_enough = dimming >= least.max(1.5 * self.least_dimming);
        dim_enough && dimming <= most && self.hardness(part, dimming) < HARD
    }

    /// Which part of the dimming is gone within two cells where half of it is gone, on average.
    fn hardness(&self, part: &[usize], dimming: f32) -> f32 {
        const STEP: usize = 2;
        let mut near = vec![false; self.cells.len()];
        fill(&mut near, part, true);
        let near = spread(&near, self.width, 2);
        let luma = |[red, green, blue]: [f32; 3]| 0.299 * red + 0.587 * green + 0.114 * blue;
        let half = 1.0 - dimming / 2.0;
        let (mut sum, mut count) = (0.0, 0u32);
        for at in (0..near.len()).filter(|&at| near[at] && !self.object[at]) {
            let across = (at % self.width + STEP < self.width).then_some(at + STEP);
            let down = (at / self.width + STEP < self.height).then_some(at + STEP * self.width);
            for other in [across, down].into_iter().flatten().filter(|&other| near[other] && !self.object[other]) {
                if (self.light[at] < half) != (self.light[other] < half) {
                    let (a, b) = (luma(self.cells[at]), luma(self.cells[other]));
                    // Measured before blurring: cells are sharp.
                    sum += ((a - b).abs() / a.max(b).max(1.0) / dimming).min(1.0);
                    count += 1;
                }
            }
        }
        if count == 0 { 0.0 } else { sum / count as f32 }
    }

    /// With the cells between it and the object, and its faint rim.
    fn joined(&self, shadow: &[bool]) -> Vec<bool> {
        let near = spread(shadow, self.width, 3);
        let rim = spread(shadow, self.width, 1);
        (0..shadow.len()).map(|at| rim[at] || (near[at] && self.object[at])).collect()
    }

    /// Fills where cells are, with borders that run between their middles.
    fn paint(&self, cells: &[bool], mask: &mut Mask) {
        let (width, height) = (self.width, self.height);
        let at = |x: usize, y: usize| f32::from(u8::from(cells[y * width + x]));
        let side = self.cell_px as f32;
        let place = |pixel: u32, limit: usize| {
            let place = ((pixel as f32 + 0.5) / side - 0.5).clamp(0.0, (limit - 1) as f32);
            let first = place as usize;
            (first, (first + 1).min(limit - 1), place - first as f32)
        };
        let columns: Vec<_> = (0..self.rect.size.width()).map(|x| place(x, width)).collect();
        for y in 0..self.rect.size.height() {
            let (above, below, down) = place(y, height);
            if !cells[above * width..][..width].contains(&true) && !cells[below * width..][..width].contains(&true) {
                continue;
            }
            let row = &mut mask.row_mut(y + self.rect.y)[self.rect.x as usize..self.rect.right() as usize];
            for (pixel, &(left, right, across)) in row.iter_mut().zip(&columns) {
                let top = at(left, above) * (1.0 - across) + at(right, above) * across;
                let bottom = at(left, below) * (1.0 - across) + at(right, below) * across;
                if top * (1.0 - down) + bottom * down >= 0.5 {
                    *pixel = Mask::FILL;
                }
            }
        }
    }
}

/// The mean colour of a cell, and whether the mask is anywhere in it.
fn sample(mask: &Mask, image: &Image, rect: Rect, cell_px: u32, (x, y): (u32, u32)) -> ([f32; 3], bool) {
    let pixels = image.as_bytes().as_chunks::<4>().0;
    let step = cell_px.div_ceil(SAMPLES) as usize;
    let along = |cell: u32, from: u32, end: u32| {
        let first = from + cell * cell_px;
        (first..(first + cell_px).min(end)).step_by(step)
    };
    let (mut sum, mut count, mut covered) = ([0.0; 3], 0.0, false);
    for py in along(y, rect.y, rect.bottom()) {
        for px in along(x, rect.x, rect.right()) {
            let [red, green, blue, _] = pixels[py as usize * mask.size().width() as usize + px as usize];
            for (sum, value) in sum.iter_mut().zip([red, green, blue]) {
                *sum += f32::from(value);
            }
            count += 1.0;
            covered |= mask.is_fill(px, py);
        }
    }
    (sum.map(|sum| sum / count), covered)
}

/// Adds what is within `radius` cells, in a square.
fn spread(cells: &[bool], width: usize, radius: usize) -> Vec<bool> {
    let height = cells.len() / width;
    let mut spread = vec![false; cells.len()];
    for at in (0..cells.len()).filter(|&at| cells[at]) {
        let (x, y) = (at % width, at / width);
        for y in y.saturating_sub(radius)..(y + radius + 1).min(height) {
            let row = y * width;
            spread[row + x.saturating_sub(radius)..row + (x + radius + 1).min(width)].fill(true);
        }
    }
    spread
}

/// Sets these cells.
fn fill(cells: &mut [bool], part: &[usize], value: bool) {
    for &at in part {
        cells[at] = value;
    }
}
