//! The cheapest border between object and background on a grid: a minimum cut.
//!
//! Boykov and Kolmogorov, "An Experimental Comparison of Min-Cut/Max-Flow Algorithms for Energy Minimization in
//! Vision", 2004: two trees grow from the terminals until they touch, the path is filled, and what that cuts off is
//! adopted again. Written for a grid of eight neighbours: edges are found by arithmetic, and cost 40 bytes a pixel.

use std::collections::VecDeque;

/// Neighbours of a pixel: columns and rows away. Each direction stands beside its opposite.
pub(super) const DIRECTIONS: [(i32, i32); 8] = [(1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, -1), (-1, 1), (1, -1)];

/// The direction back.
const fn back(direction: u8) -> u8 {
    direction ^ 1
}

/// Which tree a pixel is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tree {
    Free,
    Object,
    Background,
}

/// In place of the direction of a parent: the parent is a terminal.
const TERMINAL: u8 = 8;
/// In place of the direction of a parent: there is none (any more).
const NONE: u8 = 9;

/// A grid of pixels that are pulled to both sides, and to each other.
pub(super) struct Grid {
    /// Pixels from left to right, with one beyond either edge that nothing flows to. So no step looks at an edge.
    stride: usize,
    width: usize,
    height: usize,
    /// What can still flow to each neighbour.
    room: Vec<[i32; 8]>,
    /// What can still come from the object's terminal; if negative, go to the background's.
    terminal: Vec<i32>,
    tree: Vec<Tree>,
    parent: Vec<u8>,
    /// When `depth` was last known to be right.
    seen: Vec<u32>,
    /// Steps to the terminal.
    depth: Vec<u32>,
    now: u32,
    active: VecDeque<u32>,
    waiting: Vec<bool>,
    orphans: VecDeque<u32>,
}

impl Grid {
    /// Pixels without any pull.
    pub(super) fn new(width: usize, height: usize) -> Self {
        let stride = width + 2;
        let count = stride * (height + 2);
        Self {
            stride,
            width,
            height,
            room: vec![[0; 8]; count],
            terminal: vec![0; count],
            tree: vec![Tree::Free; count],
            parent: vec![NONE; count],
            seen: vec![0; count],
            depth: vec![0; count],
            now: 0,
            active: VecDeque::new(),
            waiting: vec![false; count],
            orphans: VecDeque::new(),
        }
    }

    const fn index(&self, x: usize, y: usize) -> usize {
        (y + 1) * self.stride + x + 1
    }

    /// Pulls a pixel to the object by this much, or to the background if it is negative.
    pub(super) fn pull(&mut self, x: usize, y: usize, force: i32) {
        let at = self.index(x, y);
        self.terminal[at] = force;
    }

    /// Makes it cost this much to part a pixel from its neighbour in `direction`, which must be on the grid.
    pub(super) fn bind(&mut self, x: usize, y: usize, direction: usize, force: i32) {
        let at = self.index(x, y);
        let other = self.neighbour(at, direction as u8);
        self.room[at][direction] = force;
        self.room[other][direction ^ 1] = force;
    }

    /// The pixel in that direction.
    const fn neighbour(&self, at: usize, direction: u8) -> usize {
        let (dx, dy) = DIRECTIONS[direction as usize];
        // Pixels beyond the edges have no room, so no step leaves the grid.
        at.wrapping_add_signed(dy as isize * self.stride.cast_signed() + dx as isize)
    }

    /// Which pixels are on the object's side of the cheapest cut, row by row.
    pub(super) fn solve(mut self) -> Vec<bool> {
        for at in 0..self.terminal.len() {
            if self.terminal[at] != 0 {
                self.tree[at] = if self.terminal[at] > 0 { Tree::Object } else { Tree::Background };
                self.parent[at] = TERMINAL;
                self.depth[at] = 1;
                self.wake(at);
            }
        }
        while let Some(&at) = self.active.front() {
            let at = at as usize;
            if let Some((from, direction)) = self.grow(at) {
                self.now += 1;
                self.fill_path(from, direction);
                while let Some(orphan) = self.orphans.pop_front() {
                    self.adopt(orphan as usize);
                }
            } else {
                self.active.pop_front();
                self.waiting[at] = false;
            }
        }
        let rows = (0..self.height).flat_map(|y| {
            let start = self.index(0, y);
            &self.tree[start..start + self.width]
        });
        rows.map(|&tree| tree == Tree::Object).collect()
    }

    fn wake(&mut self, at: usize) {
        if !self.waiting[at] {
            self.waiting[at] = true;
            self.active.push_back(at as u32);
        }
    }

    /// Whether flow can pass between a pixel of `tree` and its neighbour `other`, away from that tree's terminal.
    fn is_open(&self, tree: Tree, at: usize, direction: u8, other: usize) -> bool {
        match tree {
            Tree::Object => self.room[at][direction as usize] > 0,
            _ => self.room[other][back(direction) as usize] > 0,
        }
    }

    /// Takes free neighbours into the tree of `at`. Gives the edge from object to background where the trees touch.
    fn grow(&mut self, at: usize) -> Option<(usize, u8)> {
        let tree = self.tree[at];
        if tree == Tree::Free {
            return None;
        }
        for direction in 0..8 {
            let other = self.neighbour(at, direction);
            if !self.is_open(tree, at, direction, other) {
                continue;
            }
            if self.tree[other] == Tree::Free {
                self.tree[other] = tree;
                self.wake(other);
            } else if self.tree[other] != tree {
                return Some(if tree == Tree::Object { (at, direction) } else { (other, back(direction)) });
            } else if self.seen[other] > self.seen[at] || self.depth[other] <= self.depth[at] + 1 {
                continue;
            }
            // New, or nearer to its terminal this way.
            self.parent[other] = back(direction);
            self.seen[other] = self.seen[at];
            self.depth[other] = self.depth[at] + 1;
        }
        None
    }

    /// Sends as much as it bears along the path through the edge from `from` in `direction`.
    fn fill_path(&mut self, from: usize, direction: u8) {
        let to = self.neighbour(from, direction);
        let mut flow = self.room[from][direction as usize];
        let mut at = from;
        while self.parent[at] != TERMINAL {
            let up = self.parent[at];
            at = self.neighbour(at, up);
            flow = flow.min(self.room[at][back(up) as usize]);
        }
        flow = flow.min(self.terminal[at]);
        at = to;
        while self.parent[at] != TERMINAL {
            let up = self.parent[at];
            flow = flow.min(self.room[at][up as usize]);
            at = self.neighbour(at, up);
        }
        flow = flow.min(-self.terminal[at]);

        self.send(from, direction, flow);
        at = from;
        while self.parent[at] != TERMINAL {
            let up = self.parent[at];
            let parent = self.neighbour(at, up);
            if self.send(parent, back(up), flow) {
                self.orphan(at);
            }
            at = parent;
        }
        self.terminal[at] -= flow;
        if self.terminal[at] == 0 {
            self.orphan(at);
        }
        at = to;
        while self.parent[at] != TERMINAL {
            let up = self.parent[at];
            let parent = self.neighbour(at, up);
            if self.send(at, up, flow) {
                self.orphan(at);
            }
            at = parent;
        }
        self.terminal[at] += flow;
        if self.terminal[at] == 0 {
            self.orphan(at);
        }
    }

    /// Sends flow over an edge; whether that leaves no room on it.
    fn send(&mut self, at: usize, direction: u8, flow: i32) -> bool {
        let other = self.neighbour(at, direction);
        self.room[other][back(direction) as usize] += flow;
        let room = &mut self.room[at][direction as usize];
        *room -= flow;
        *room == 0
    }

    /// Its link to the terminal is full.
    fn orphan(&mut self, at: usize) {
        self.parent[at] = NONE;
        self.orphans.push_back(at as u32);
    }

    /// Finds another parent in the same tree, as near to the terminal as there is, or sets the pixel free.
    fn adopt(&mut self, at: usize) {
        let tree = self.tree[at];
        if tree == Tree::Free {
            return;
        }
        let mut best = (NONE, u32::MAX);
        for direction in 0..8 {
            let other = self.neighbour(at, direction);
            if self.tree[other] == tree && self.is_open(tree, other, back(direction), at) {
                let depth = self.depth_of(other);
                if depth < best.1 {
                    best = (direction, depth);
                }
            }
        }
        if best.0 != NONE {
            self.parent[at] = best.0;
            self.seen[at] = self.now;
            self.depth[at] = best.1 + 1;
            return;
        }
        for direction in 0..8 {
            let other = self.neighbour(at, direction);
            if self.tree[other] != tree {
                continue;
            }
            if self.is_open(tree, other, back(direction), at) {
                self.wake(other);
            }
            if self.parent[other] == back(direction) {
                self.orphan(other);
            }
        }
        self.tree[at] = Tree::Free;
    }

    /// Steps from a pixel to its terminal, `u32::MAX` if it hangs on an orphan.
    fn depth_of(&mut self, start: usize) -> u32 {
        let (mut at, mut steps) = (start, 0);
        let depth = loop {
            if self.seen[at] == self.now && self.parent[at] != NONE {
                break steps + self.depth[at];
            }
            match self.parent[at] {
                TERMINAL => break steps + 1,
                NONE => return u32::MAX,
                up => at = self.neighbour(at, up),
            }
            steps += 1;
        };
        // So that the next one who asks finds it on the way.
        let (mut at, mut left) = (start, depth);
        while self.seen[at] != self.now {
            self.seen[at] = self.now;
            self.depth[at] = left;
            if self.parent[at] == TERMINAL {
                break;
            }
            at = self.neighbour(at, self.parent[at]);
            left -= 1;
        }
        depth
    }
}
