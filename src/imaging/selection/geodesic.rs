//! Distances that grow where colours change.

use super::level::Level;

/// The least change of colour along any way from a source to each pixel; `f32::INFINITY` without a source.
///
/// Changes below `grain` count nothing but a trace for their length. Swept to and fro as chamfer distances are
/// (Toivanen, "New geodesic distance transforms for gray-scale images", 1996): exact but for ways that wind often.
pub(super) fn change_from(level: &Level, sources: impl IntoIterator<Item = usize>, grain: f32) -> Vec<f32> {
    const SWEEPS: usize = 3;
    let (width, height) = (level.width, level.height);
    let mut least = vec![f32::INFINITY; width * height];
    for source in sources {
        least[source] = 0.0;
    }
    let cost = |step: f32, length: f32| (step - grain).max(0.0) + 0.05 * length;
    for _ in 0..SWEEPS {
        for y in 0..height {
            for x in 0..width {
                let at = y * width + x;
                let mut best = least[at];
                if x > 0 {
                    best = best.min(least[at - 1] + cost(level.steps[at - 1][0], 1.0));
                }
                if y > 0 {
                    let above = at - width;
                    best = best.min(least[above] + cost(level.steps[above][1], 1.0));
                    if x > 0 {
                        best = best.min(least[above - 1] + cost(level.steps[above - 1][2], 1.4));
                    }
                    if x + 1 < width {
                        best = best.min(least[above + 1] + cost(level.steps[above + 1][3], 1.4));
                    }
                }
                least[at] = best;
            }
        }
        for y in (0..height).rev() {
            for x in (0..width).rev() {
                let at = y * width + x;
                let mut best = least[at];
                let steps = level.steps[at];
                if x + 1 < width {
                    best = best.min(least[at + 1] + cost(steps[0], 1.0));
                }
                if y + 1 < height {
                    let below = at + width;
                    best = best.min(least[below] + cost(steps[1], 1.0));
                    if x + 1 < width {
                        best = best.min(least[below + 1] + cost(steps[2], 1.4));
                    }
                    if x > 0 {
                        best = best.min(least[below - 1] + cost(steps[3], 1.4));
                    }
                }
                least[at] = best;
            }
        }
    }
    least
}
