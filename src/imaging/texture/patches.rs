//! Matches as a grid, for whoever asks which of them lie over a pixel.

use super::{
    lay::{Detail, side},
    matching::Match,
};
use crate::imaging::card::{LaidPatch, Span};

/// All matches in their places, and places without one between them.
#[derive(Debug)]
pub(super) struct Patches {
    /// Where its columns and rows begin, in the tile; ascending.
    columns: Vec<u32>,
    rows: Vec<u32>,
    /// Row by row.
    pub(super) laid: Vec<LaidPatch>,
}

impl Patches {
    pub(super) fn new(matches: &[Match], detail: Detail) -> Self {
        let sorted = |starts: &mut Vec<u32>| {
            starts.sort_unstable();
            starts.dedup();
        };
        let (mut columns, mut rows): (Vec<u32>, Vec<u32>) =
            matches.iter().map(|found| (found.to.x, found.to.y)).unzip();
        sorted(&mut columns);
        sorted(&mut rows);
        let mut laid = vec![LaidPatch::default(); columns.len() * rows.len()];
        let (left, top) = detail.origin;
        let here = |at: u32, origin: usize| (detail.scaled(at) as u32).wrapping_sub(origin as u32);
        for found in matches {
            let (column, row) =
                (columns.partition_point(|&x| x < found.to.x), rows.partition_point(|&y| y < found.to.y));
            laid[row * columns.len() + column] = LaidPatch {
                to: [here(found.to.x, left), here(found.to.y, top)],
                from: [detail.scaled(found.from.x) as u32, detail.scaled(found.from.y) as u32],
                gain: found.gain,
            };
        }
        Self { columns, rows, laid }
    }

    /// Patches in a row of the grid.
    pub(super) fn across(&self) -> usize {
        self.columns.len()
    }

    /// For each column of pixels, then for each row, which columns or rows of the grid lie over it.
    pub(super) fn spans(&self, detail: Detail) -> Vec<Span> {
        let side = side(detail.scale);
        let over = |starts: &[u32], origin: usize, len: usize| {
            let starts: Vec<usize> = starts.iter().map(|&at| detail.scaled(at)).collect();
            let span = |at: usize| Span {
                first: starts.partition_point(|start| start + side <= at) as u32,
                end: starts.partition_point(|&start| start <= at) as u32,
            };
            (origin..origin + len).map(span).collect::<Vec<_>>()
        };
        let mut spans = over(&self.columns, detail.origin.0, detail.width);
        spans.extend(over(&self.rows, detail.origin.1, detail.height));
        spans
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imaging::texture::search::Place;

    #[test]
    fn each_pixel_knows_the_patches_over_it() {
        let found = |x, y| Match { to: Place { x, y }, from: Place { x: 7, y: 1 }, gain: 1.0 };
        let matches = [found(0, 0), found(5, 0), found(10, 5)];
        let detail = Detail { scale: 2.0, width: 30, height: 4, origin: (10, 8) };
        let patches = Patches::new(&matches, detail);
        let gains: Vec<f32> = patches.laid.iter().map(|patch| patch.gain).collect();
        assert_eq!((patches.across(), gains), (3, vec![1.0, 1.0, 0.0, 0.0, 0.0, 1.0]));
        assert_eq!((patches.laid[5].to, patches.laid[5].from), ([10, 2], [14, 2]));
        let spans = patches.spans(detail);
        let over = |at: usize| (spans[at].first, spans[at].end);
        // A patch is 22 pixels wide; columns begin at 0, 10 and 20, rows at 0 and 10.
        assert_eq!([over(0), over(11), over(12), over(22)], [(0, 2), (0, 3), (1, 3), (2, 3)]);
        assert_eq!([over(30), over(32)], [(0, 1), (0, 2)]);
    }
}
