//! Real photographs, the real model, a known result: decode, mask, erase, compare.
//!
//! A case is a folder of `tests/golden`. `UPDATE_GOLDEN=1` accepts what comes out; look at it before you commit.

#![cfg(feature = "ort")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod native_runtime;

use std::{
    cell::Cell,
    env, fs,
    path::{Path, PathBuf},
};

use brushaway::{
    engine::{JobOptions, Outcome, Patch, Stage, erase},
    geometry::{Point, Rect},
    image::Image,
    imaging::codec::{EncodeOptions, Format, Limits, decode, encode},
    mask::{Mask, Stroke, Tool},
    models::{Cancelled, Catalog, Run, SinglePass},
    runtime::ort::OrtSession,
};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    photo: String,
    tolerance: Tolerance,
    stroke: Vec<PaintedStroke>,
}

/// How far a result may be from the accepted one: processors round differently.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tolerance {
    /// Largest difference of a channel that does not count.
    per_channel: u8,
    /// Pixels that may differ by more.
    max_outliers: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PaintedStroke {
    tool: Tool,
    radius: f32,
    points: Vec<(f32, f32)>,
}

struct CountingRun(Cell<usize>);

impl Run for CountingRun {
    fn step(&self, _done: usize, _total: usize) -> Result<(), Cancelled> {
        self.0.set(self.0.get() + 1);
        Ok(())
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn model() -> SinglePass<OrtSession> {
    let catalog = Catalog::shipped().unwrap();
    let (file, contract) = catalog.built_in().unwrap().single_pass().unwrap();
    let graph = fs::read(root().join("extension").join(&file.path)).unwrap();
    assert_eq!(Some(graph.len() as u64), file.len_bytes, "catalog.toml names another file");
    SinglePass::new(native_runtime::session(&graph, 2), contract.clone())
}

fn image(path: &Path) -> Image {
    decode(&fs::read(path).unwrap(), Limits::default()).unwrap().image
}

fn mask_of(case: &Case, photo: &Image) -> Mask {
    let mut mask = Mask::empty(photo.size());
    for stroke in &case.stroke {
        let points = stroke.points.iter().map(|&(x, y)| Point::new(x, y)).collect();
        mask.apply(&Stroke::new(stroke.tool, stroke.radius, points));
    }
    mask
}

#[test]
fn photographs_come_out_as_accepted() {
    let mut model = model();
    let texture = Catalog::shipped().unwrap().built_in().unwrap().texture;
    let mut folders: Vec<PathBuf> =
        fs::read_dir(root().join("tests/golden")).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    assert!(folders.len() >= 6, "only {} cases", folders.len());
    for folder in folders {
        let case: Case = toml::from_str(&fs::read_to_string(folder.join("case.toml")).unwrap()).unwrap();
        let photo = image(&root().join("tests/photos").join(&case.photo));
        let mask = mask_of(&case, &photo);
        let options = JobOptions { preview: true, texture, ..JobOptions::default() };
        let run = CountingRun(Cell::new(0));
        let mut heard: Vec<Patch> = Vec::new();
        let mut hear = |patch| heard.push(patch);
        let erasing = erase(&photo, &mask, &mut model, None, &options, &run, &mut hear);
        let outcome = pollster::block_on(erasing).unwrap();
        check_heard(&folder, &heard, &outcome);
        assert!(run.0.get() > 0, "{}: nobody was told", folder.display());
        let mut result = photo.clone();
        outcome.apply(&mut result);
        check_untouched(&folder, &options, &photo, &mask, &result);
        check_changed(&folder, &photo, &mask, &result);
        compare(&folder, &case.tolerance, &mask, &options, &result);
    }
}

/// Each part came in the order of its stages, and what came last is what the job has made.
fn check_heard(folder: &Path, heard: &[Patch], outcome: &Outcome) {
    for patch in &outcome.patches {
        let here: Vec<&Patch> = heard.iter().filter(|other| other.rect == patch.rect).collect();
        let stages: Vec<Stage> = here.iter().map(|patch| patch.stage).collect();
        assert!(stages.is_sorted() && stages.ends_with(&[Stage::Network, Stage::Textured]), "{}", folder.display());
        assert_eq!(here.last(), Some(&patch), "{}", folder.display());
    }
}

/// Far from the paint every pixel is the photograph's.
fn check_untouched(folder: &Path, options: &JobOptions, photo: &Image, mask: &Mask, result: &Image) {
    let grown = brushaway::imaging::morphology::dilate(mask, options.margin(photo.size()).grow_px);
    let pairs = photo.as_bytes().chunks_exact(4).zip(result.as_bytes().chunks_exact(4));
    let touched = pairs.zip(grown.as_bytes()).filter(|((a, b), hole)| **hole == Mask::KEEP && a != b).count();
    assert_eq!(touched, 0, "{}: pixels outside the mask changed", folder.display());
}

/// The hole holds neither what was there nor one flat colour.
fn check_changed(folder: &Path, photo: &Image, mask: &Mask, result: &Image) {
    let hole = |image: &Image| -> Vec<[f64; 3]> {
        let pixels = image.as_bytes().chunks_exact(4).zip(mask.as_bytes());
        pixels.filter(|(_, fill)| **fill == Mask::FILL).map(|(p, _)| [p[0], p[1], p[2]].map(f64::from)).collect()
    };
    let (before, after) = (hole(photo), hole(result));
    let mean = |pixels: &[[f64; 3]], c: usize| pixels.iter().map(|p| p[c]).sum::<f64>() / pixels.len() as f64;
    let moved = before.iter().zip(&after).map(|(a, b)| (0..3).map(|c| (a[c] - b[c]).abs()).sum::<f64>()).sum::<f64>();
    assert!(moved / before.len() as f64 > 3.0, "{}: the object is still there", folder.display());
    let spread = (0..3).map(|c| after.iter().map(|p| (p[c] - mean(&after, c)).abs()).sum::<f64>()).sum::<f64>();
    assert!(spread / after.len() as f64 > 1.0, "{}: the fill is flat", folder.display());
}

fn compare(folder: &Path, tolerance: &Tolerance, mask: &Mask, options: &JobOptions, result: &Image) {
    let margin = options.margin(result.size()).grow_px;
    let rect: Rect = mask.bounds().unwrap().grown(margin, result.size());
    // Only what may change is kept: the photograph has the rest.
    let hole = brushaway::imaging::morphology::dilate(mask, margin).cropped(rect);
    let mut changed = result.cropped(rect);
    for (pixel, fill) in changed.as_bytes_mut().chunks_exact_mut(4).zip(hole.as_bytes()) {
        if *fill == Mask::KEEP {
            pixel.copy_from_slice(&[0, 0, 0, 255]);
        }
    }
    let accepted = folder.join("expected.png");
    if env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&accepted, encode(&changed, &EncodeOptions::new(Format::Png)).unwrap()).unwrap();
    }
    let expected = image(&accepted);
    assert_eq!(expected.size(), changed.size(), "{}", folder.display());
    let differs = |(a, b): &(&[u8], &[u8])| a.iter().zip(*b).any(|(x, y)| x.abs_diff(*y) > tolerance.per_channel);
    let outliers = expected.as_bytes().chunks_exact(4).zip(changed.as_bytes().chunks_exact(4)).filter(differs).count();
    assert!(outliers <= tolerance.max_outliers, "{}: {outliers} pixels differ", folder.display());
}
