//! How sharp large holes become by the second pass, on photographs, with the small network.

use std::{fs, path::Path};

use brushaway::{
    engine::{JobOptions, erase},
    geometry::Size,
    image::Image,
    imaging::{
        codec::{EncodeOptions, Format, Limits, decode, encode},
        morphology::dilate,
    },
    mask::Mask,
    models::{Drafted, LatentContract},
};

use super::{
    Outcome,
    network::{Always, Studio, contract_of, photographs},
    print_head, print_row,
};

/// Around a hole, surroundings are measured from here to there, in pixels.
const BAND_PX: [u32; 2] = [8, 56];
/// So far inside a hole it is measured, in pixels.
const INSET_PX: u32 = 6;

/// Fills the holes of a folder at the photographs' own size, with and without the second pass.
pub(super) fn study(contract: &LatentContract, graphs: &Path, photos: &Path, out: &Path) -> Outcome<()> {
    let mut studio = Studio::new(&contract_of(contract, graphs)?, graphs, 2)?;
    fs::create_dir_all(out)?;
    println_head();
    let mut sums = [0.0; 4];
    let names = photographs(photos)?;
    for path in &names {
        let source = decode(&fs::read(path)?, Limits::default())?.image;
        let marked = decode(&fs::read(path.to_string_lossy().replace("_img.png", "_mask.png"))?, Limits::default())?;
        let coverage: Vec<u8> = marked.image.as_bytes().chunks_exact(4).map(|pixel| pixel[0]).collect();
        let mask = Mask::from_coverage(source.size(), &coverage)?;
        let mut pictures = vec![source.clone()];
        for detail in [false, true] {
            let options = JobOptions { detail, ..JobOptions::default() };
            let mut model = Drafted { draft: &mut studio.lite, main: &mut studio.model };
            let run = Always(1);
            let outcome = pollster::block_on(erase(&source, &mask, &mut model, None, &options, &run, &mut |_| ()))?;
            let mut result = source.clone();
            outcome.apply(&mut result);
            pictures.push(result);
        }
        let measured = measures(&pictures, &mask);
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        print_row(&name, &measured.map(|value| format!("{value:.2}")));
        sums.iter_mut().zip(measured).for_each(|(sum, value)| *sum += value / names.len() as f32);
        fs::write(out.join(format!("{name}.png")), encode(&beside(&pictures)?, &EncodeOptions::new(Format::Png))?)?;
    }
    print_row("mean", &sums.map(|value| format!("{value:.2}")));
    Ok(())
}

#[expect(clippy::print_stdout, reason = "what it prints is its result")]
fn println_head() {
    println!("### Sharpness in the hole, as a share of that of its surroundings\n");
    print_head("photograph", &["the photograph", "without", "with the second pass", "gained"].map(str::to_owned));
}

/// Of the photograph, without and with the pass, and the ratio of these.
fn measures(pictures: &[Image], mask: &Mask) -> [f32; 4] {
    let [inner, outer] = BAND_PX.map(|px| dilate(mask, px));
    let size = mask.size();
    let outside = dilate(&Mask::from_fn(size, |x, y| !mask.is_fill(x, y)), INSET_PX);
    let inside = Mask::from_fn(size, |x, y| !outside.is_fill(x, y));
    let band = Mask::from_fn(size, |x, y| outer.is_fill(x, y) && !inner.is_fill(x, y));
    let ratio = |picture: &Image| slope(picture, &inside) / slope(picture, &band);
    let [photograph, without, with] = [0, 1, 2].map(|at: usize| pictures.get(at).map_or(0.0, ratio));
    [photograph, without, with, with / without]
}

/// Mean difference of neighbours that are both in a mask, of the green values.
fn slope(picture: &Image, mask: &Mask) -> f32 {
    let (width, height) = picture.size().into();
    let at = |x: u32, y: u32| f32::from(picture.as_bytes()[(y * width + x) as usize * Image::CHANNELS + 1]);
    let (mut sum, mut count) = (0.0, 0);
    for (x, y) in (0..height - 1).flat_map(|y| (0..width - 1).map(move |x| (x, y))) {
        if mask.is_fill(x, y) && mask.is_fill(x + 1, y) && mask.is_fill(x, y + 1) {
            sum += (at(x, y) - at(x + 1, y)).abs() + (at(x, y) - at(x, y + 1)).abs();
            count += 1;
        }
    }
    sum / count.max(1) as f32
}

fn beside(pictures: &[Image]) -> Outcome<Image> {
    let (width, height) = pictures.first().map_or((1, 1), |picture| picture.size().into());
    let mut sheet = Image::filled(Size::new(width * pictures.len() as u32, height)?, [0, 0, 0, 255]);
    for (column, picture) in (0..).zip(pictures) {
        sheet.paste(picture, column * width, 0);
    }
    Ok(sheet)
}
