//! How large the thing under a click is.

use super::{
    level::Level,
    object::{Beliefs, Window, change, edge, reach},
    region::connected,
};

/// The least size that an object is looked for at: half across, in pixels of the picture at half its size.
const LEAST_RADIUS: usize = 8;
/// Wider than this, a level of half the size shows an object well enough.
const ENOUGH_RADIUS: usize = 20;

/// How much of an edge the end of the picture is.
const AT_PICTURE_END: f32 = 0.35;
/// How much it counts that a candidate is found again when it may be larger.
const AGREEMENT_WEIGHT: f32 = 0.4;
/// Smaller ones, in pixels of that picture, are grain.
const LEAST_AREA: usize = 12;

/// A click on the levels of a picture, and what is excluded there.
pub(super) struct Click<'a> {
    /// The picture at half its size, at a quarter, ... .
    pub(super) levels: &'a [Level],
    /// Column and row on the first of them.
    pub(super) at: (usize, usize),
    /// What may be selected, on the first of them.
    pub(super) allowed: &'a [bool],
    /// What may surely not be, on the first of them; columns and rows.
    pub(super) exclude: &'a [(usize, usize)],
}

/// What an object could be, on the first level.
struct Candidate {
    radius: usize,
    inside: Vec<bool>,
    area: usize,
    contrast: f32,
    agreement: f32,
    score: f32,
}

/// How a picture changes on the ways to a click, and from what is excluded.
struct Changes {
    from_click: Vec<f32>,
    from_exclude: Option<Vec<f32>>,
    certain: Vec<usize>,
}

impl Click<'_> {
    /// The object under the click, of whatever size stands out best, on the first level.
    pub(super) fn object(&self) -> Vec<bool> {
        let base = &self.levels[0];
        let changes: Vec<Changes> = (0..self.levels.len()).map(|n| self.changes(n)).collect();
        let largest = base.width.max(base.height);
        let mut best: Option<Candidate> = None;
        let mut last: Option<Candidate> = None;
        let mut radius = LEAST_RADIUS;
        loop {
            let mut n = 0;
            while radius >> n > ENOUGH_RADIUS && n + 1 < self.levels.len() {
                n += 1;
            }
            let mut next = self.candidate(n, radius, &changes[n]);
            if let Some(mut last) = last.take() {
                let agreement = self.agreement(&last, &next);
                last.score += AGREEMENT_WEIGHT * agreement;
                // A long thing agrees with itself, too, but goes on growing.
                let grows = next.area * 20 > last.area * 21;
                let found = !grows && agreement > 0.95 && last.contrast > 0.8 && last.area >= LEAST_AREA;
                if found {
                    return last.inside;
                }
                // The last candidate of all has only the one before to agree with.
                next.agreement = agreement;
                if best.as_ref().is_none_or(|best| last.score > best.score) {
                    best = Some(last);
                }
            }
            if radius >= largest {
                next.score += AGREEMENT_WEIGHT * next.agreement;
                return best.filter(|best| best.score >= next.score).unwrap_or(next).inside;
            }
            last = Some(next);
            radius = radius * 8 / 5;
        }
    }

    /// Where the click is on level `n`.
    fn on_level(&self, n: usize, (x, y): (usize, usize)) -> usize {
        (y >> n) * self.levels[n].width + (x >> n)
    }

    fn changes(&self, n: usize) -> Changes {
        let level = &self.levels[n];
        let click = self.on_level(n, self.at);
        let exclude: Vec<usize> = self.exclude.iter().map(|&at| self.on_level(n, at)).collect();
        // A single pixel may be grain; those beside it that are alike are meant as well.
        let mut certain = vec![click];
        for direction in 0..8 {
            let Some(other) = level.neighbour(click, direction) else { continue };
            let apart = super::level::distance_squared(level.colours[click], level.colours[other]).sqrt();
            if apart <= 2.0 * level.mean_step && !exclude.contains(&other) {
                certain.push(other);
            }
        }
        let from_exclude = (!exclude.is_empty()).then(|| change(level, &exclude));
        Changes { from_click: change(level, &certain), from_exclude, certain }
    }

    /// The object if it is no larger than `radius`, counted on the first level, looked for on level `n`.
    fn candidate(&self, n: usize, radius: usize, changes: &Changes) -> Candidate {
        let level = &self.levels[n];
        let click = self.on_level(n, self.at);
        let (cx, cy) = (click % level.width, click / level.width);
        let (base, here) = (&self.levels[0], radius as f32 / (1 << n) as f32);
        let window = Window::around(level, (cx, cy), (here * 1.6) as usize);
        let count = level.colours.len();
        let mut beliefs = Beliefs {
            window,
            example: vec![0.0; count],
            prior: vec![0.0; count],
            allowed: vec![false; count],
            certain: changes.certain.clone(),
        };
        let reach = reach(level);
        for (x, y, at) in window.pixels(level) {
            let (dx, dy) = (x.abs_diff(cx) as f32, y.abs_diff(cy) as f32);
            let away = (dx * dx + dy * dy).sqrt() / here;
            let mut far = changes.from_click[at] / reach + away;
            if let Some(from_exclude) = &changes.from_exclude {
                // As far as it is near to what is excluded, if that is nearer.
                let near = from_exclude[at] / reach;
                far += (1.5 - near).max(0.0) * if near < changes.from_click[at] / reach { 2.0 } else { 0.0 };
            }
            beliefs.example[at] = libm::expf(-2.0 * far * far);
            beliefs.prior[at] = 1.0 - far.min(3.0);
            let (bx, by) = ((x << n).min(base.width - 1), (y << n).min(base.height - 1));
            beliefs.allowed[at] = away <= 1.0 && self.allowed[by * base.width + bx];
        }
        for &at in self.exclude {
            beliefs.allowed[self.on_level(n, at)] = false;
        }
        let inside = connected(&beliefs.cut(level, 3), level.width, [click]);
        let looks = Looks::of(level, &beliefs, &inside, &changes.from_click);
        let on_base = (0..base.colours.len()).map(|at| inside[self.on_level(n, (at % base.width, at / base.width))]);
        let on_base: Vec<bool> = on_base.collect();
        let area = on_base.iter().filter(|&&inside| inside).count();
        Candidate { radius, inside: on_base, area, contrast: looks.contrast, agreement: 0.0, score: looks.score() }
    }

    /// What two candidates share of what either has, where both could have looked.
    fn agreement(&self, a: &Candidate, b: &Candidate) -> f32 {
        let width = self.levels[0].width;
        let radius = a.radius.min(b.radius);
        let (mut both, mut any) = (0u32, 0u32);
        for (at, (&a, &b)) in a.inside.iter().zip(&b.inside).enumerate() {
            let (dx, dy) = ((at % width).abs_diff(self.at.0), (at / width).abs_diff(self.at.1));
            if (a || b) && dx * dx + dy * dy <= radius * radius {
                any += 1;
                both += u32::from(a && b);
            }
        }
        if any > 0 { both as f32 / any as f32 } else { 0.0 }
    }
}

/// How much a candidate looks like a thing.
struct Looks {
    /// How much of its border lies on edges.
    contrast: f32,
    /// How much of it looks like the click.
    alike: f32,
    /// How much of the picture it is.
    share: f32,
}

impl Looks {
    fn of(level: &Level, beliefs: &Beliefs, inside: &[bool], from_click: &[f32]) -> Self {
        let (mut on_edges, mut border, mut area, mut alike) = (0.0, 0.0, 0.0, 0.0);
        let reach = 2.0 * reach(level);
        for (_, _, at) in beliefs.window.pixels(level) {
            if inside[at] {
                area += 1.0;
                alike += libm::expf(-from_click[at] / reach);
                // Where the picture ends nobody knows whether the thing does.
                let ends = (0..4).filter(|&direction| level.neighbour(at, direction).is_none()).count() as f32;
                border += ends;
                on_edges += ends * AT_PICTURE_END;
            }
            for (n, direction) in [0, 2].into_iter().enumerate() {
                let Some(other) = level.neighbour(at, direction) else { continue };
                if inside[at] == inside[other] {
                    continue;
                }
                border += 1.0;
                // Where only the radius ends it, there is none either.
                if beliefs.allowed[at] && beliefs.allowed[other] {
                    on_edges += edge(level, level.steps[at][n]);
                }
            }
        }
        let part = |some: f32, all: f32| if all > 0.0 { some / all } else { 0.0 };
        let share = area / level.colours.len() as f32;
        Self { contrast: part(on_edges, border), alike: part(alike, area), share }
    }

    fn score(&self) -> f32 {
        let size = 0.03 * libm::logf(self.share.max(1e-4) / 1e-4) - (self.share - 0.15).max(0.0);
        self.contrast + 0.3 * self.alike + size
    }
}
