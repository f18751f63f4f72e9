//! Parts of a selection that hang together.

use std::collections::VecDeque;

/// Pixels of a grid, row by row, that are `inside`; `keep` those that hang together with a start, side by side.
pub(super) fn connected(inside: &[bool], width: usize, starts: impl IntoIterator<Item = usize>) -> Vec<bool> {
    let mut reached = vec![false; inside.len()];
    let mut waiting: VecDeque<usize> = VecDeque::new();
    let mut reach = |at: usize, waiting: &mut VecDeque<usize>| {
        if inside[at] && !reached[at] {
            reached[at] = true;
            waiting.push_back(at);
        }
    };
    for start in starts {
        reach(start, &mut waiting);
    }
    while let Some(at) = waiting.pop_front() {
        let x = at % width;
        if x > 0 {
            reach(at - 1, &mut waiting);
        }
        if x + 1 < width {
            reach(at + 1, &mut waiting);
        }
        if at >= width {
            reach(at - width, &mut waiting);
        }
        if at + width < inside.len() {
            reach(at + width, &mut waiting);
        }
    }
    reached
}

/// Fills holes of at most `limit` pixels. A hole is what is outside, enclosed, and holds none of `kept`.
pub(super) fn fill_holes(inside: &mut [bool], width: usize, limit: usize, kept: &[usize]) {
    let outside: Vec<bool> = inside.iter().map(|&inside| !inside).collect();
    let height = inside.len() / width;
    let rim = (0..width).flat_map(|x| [x, (height - 1) * width + x]);
    let sides = (0..height).flat_map(|y| [y * width, y * width + width - 1]);
    let mut known = connected(&outside, width, rim.chain(sides).chain(kept.iter().copied()));
    for start in 0..inside.len() {
        if inside[start] || known[start] {
            continue;
        }
        let hole = hole_from(&outside, width, start, &mut known);
        if hole.len() <= limit {
            for at in hole {
                inside[at] = true;
            }
        }
    }
}

/// The pixels of the hole that `start` is in, marked as known.
fn hole_from(outside: &[bool], width: usize, start: usize, known: &mut [bool]) -> Vec<usize> {
    let mut hole = vec![start];
    known[start] = true;
    let mut next = 0;
    while let Some(&at) = hole.get(next) {
        next += 1;
        // Holes do not touch the edges, so all four exist.
        for other in [at - 1, at + 1, at - width, at + width] {
            if outside[other] && !known[other] {
                known[other] = true;
                hole.push(other);
            }
        }
    }
    hole
}
