//! The photographs that the demo page shows, and what is to be painted over on each.

use std::{collections::BTreeMap, fmt::Write as _, fs, path::Path};

use anyhow::Context as _;
use serde::{Deserialize, de::DeserializeOwned};

use crate::{
    chrome::workspace,
    mouse::{Point, at},
};

/// A photograph, and an example of what to erase from it.
#[derive(Debug, Clone, PartialEq)]
pub struct Photo {
    /// Its file's name in `tests/photos`.
    pub file: String,
    /// What it shows.
    pub title: String,
    /// What to erase.
    pub remove: String,
    /// Who made it and who may use it.
    pub credit: String,
    /// What to paint, in the picture's own pixels.
    pub strokes: Vec<Brush>,
}

/// One stroke.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Brush {
    /// Half of the brush's width.
    pub radius: f64,
    /// Where it goes, each as x and y.
    points: Vec<[f64; 2]>,
}

impl Brush {
    /// Where it goes.
    pub fn points(&self) -> Vec<Point> {
        self.points.iter().map(|[x, y]| at(*x, *y)).collect()
    }
}

#[derive(Deserialize)]
struct Caption {
    case: String,
    title: String,
    remove: String,
    credit: String,
}

#[derive(Deserialize)]
struct Case {
    photo: String,
    stroke: Vec<Brush>,
}

fn read<T: DeserializeOwned>(file: &Path) -> anyhow::Result<T> {
    let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
    toml::from_str(&text).with_context(|| file.display().to_string())
}

/// All photographs, in the order of the page.
///
/// # Errors
/// If one of the files that describe them cannot be read.
pub fn photos() -> anyhow::Result<Vec<Photo>> {
    let tests = workspace().join("tests");
    let mut captions: BTreeMap<String, Vec<Caption>> = read(&tests.join("site/gallery/captions.toml"))?;
    let captions = captions.remove("photo").context("no photographs")?;
    let photo = |caption: Caption| {
        let case: Case = read(&tests.join("golden").join(&caption.case).join("case.toml"))?;
        let Caption { title, remove, credit, .. } = caption;
        Ok(Photo { file: case.photo, title, remove, credit, strokes: case.stroke })
    };
    captions.into_iter().map(photo).collect()
}

/// The page's figures.
pub fn figures(photos: &[Photo]) -> String {
    photos.iter().fold(String::new(), |mut page, photo| {
        let [file, title, remove, credit] =
            [&photo.file, &photo.title, &photo.remove, &photo.credit].map(|text| escaped(text));
        write!(
            page,
            r#"<figure><img src="/photos/{file}" alt="{title}"><figcaption>{title}: remove <b>{remove}</b><small>{credit}</small></figcaption></figure>"#
        )
        .unwrap_or_default(); // writing to a string does not fail
        page
    })
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_photograph_is_there_with_something_to_erase() {
        let photos = photos().unwrap();
        assert!(photos.len() >= 6);
        for photo in &photos {
            assert!(workspace().join("tests/photos").join(&photo.file).is_file(), "{}", photo.file);
            assert!(!photo.strokes.is_empty() && photo.strokes.iter().all(|stroke| !stroke.points().is_empty()));
        }
    }
}
