//! Erases from files, natively: every model of one run whose graph is here, with the whole pipeline around it.
//!
//! `cargo xtask eval` uses it. Each line of the input is `PICTURE<tab>MASK<tab>OUTPUT`, all paths; what is bright in the
//! mask goes. For each model it writes `OUTPUT.<model>.network.png` and `OUTPUT.<model>.png`, and once `OUTPUT.hole.png`,
//! white where the program may change anything. It prints a line of JSON for each.
#![expect(clippy::print_stdout, reason = "what it prints is read by the program that started it")]
#![expect(clippy::disallowed_methods, reason = "never in a browser, where this clock panics")]

use std::{
    env,
    error::Error,
    fs,
    io::stdin,
    path::{Path, PathBuf},
    time::Instant,
};

use brushaway::{
    engine::{JobOptions, Stage, erase},
    image::Image,
    imaging::{
        codec::{EncodeOptions, Format, Limits, decode, encode},
        morphology::dilate,
    },
    mask::Mask,
    models::{Cancelled, Catalog, ModelSpec, Run, SinglePass},
    runtime::ort::OrtSession,
};

/// Never stops.
struct Always;

impl Run for Always {
    fn step(&self, _: usize, _: usize) -> Result<(), Cancelled> {
        Ok(())
    }
}

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let library = env::var_os("BRUSHAWAY_ORT_LIB").map(PathBuf::from).ok_or("BRUSHAWAY_ORT_LIB names no library")?;
    let folders: Vec<PathBuf> = env::args_os().skip(1).map(PathBuf::from).collect();
    let jobs: Vec<String> = stdin().lines().collect::<Result<_, _>>()?;
    let catalog = Catalog::shipped()?;
    for spec in &catalog.models {
        let Some((file, contract)) = spec.single_pass() else { continue };
        let Some(graph) = folders.iter().map(|folder| folder.join(&file.path)).find(|path| path.is_file()) else {
            continue;
        };
        let mut model = SinglePass::new(OrtSession::load(&library, &fs::read(graph)?, 2)?, contract.clone());
        for job in &jobs {
            let [picture, mask, output] = job.split('\t').map(Path::new).collect::<Vec<_>>()[..] else {
                return Err(format!("not three paths: {job}").into());
            };
            erase_file(spec, &mut model, (picture, mask), output)?;
        }
    }
    Ok(())
}

fn erase_file(
    spec: &ModelSpec,
    model: &mut SinglePass<OrtSession>,
    (picture, mask): (&Path, &Path),
    output: &Path,
) -> Outcome<()> {
    let picture = read(picture)?;
    let mask = read(mask)?;
    let coverage: Vec<u8> = mask.as_bytes().chunks_exact(Image::CHANNELS).map(|pixel| pixel[0]).collect();
    let mask = Mask::from_coverage(mask.size(), &coverage)?;
    let options = JobOptions { texture: spec.texture, ..JobOptions::default() };
    let mut alone = picture.clone();
    let mut seconds_alone = 0.0;
    let started = Instant::now();
    let mut hear = |patch: brushaway::engine::Patch| {
        if patch.stage == Stage::Network {
            alone.paste(&patch.pixels, patch.rect.x, patch.rect.y);
            seconds_alone = started.elapsed().as_secs_f64();
        }
    };
    let outcome = pollster::block_on(erase(&picture, &mask, model, None, &options, &Always, &mut hear))?;
    let seconds = started.elapsed().as_secs_f64();
    let grow_px = options.margin(picture.size()).grow_px;
    write(output, "hole.png", &shown(&dilate(&mask, grow_px))?)?;
    let id = &spec.id;
    write(output, &format!("{id}.network.png"), &alone)?;
    let mut result = picture;
    outcome.apply(&mut result);
    write(output, &format!("{id}.png"), &result)?;
    let name = output.file_name().unwrap_or_default().to_string_lossy();
    println!(
        "{}",
        serde_json::json!({
            "name": name, "model": id.0, "seconds_network": seconds_alone, "seconds": seconds, "grow_px": grow_px,
        })
    );
    Ok(())
}

/// White where a mask fills.
fn shown(mask: &Mask) -> Outcome<Image> {
    let pixels = mask.as_bytes().iter().flat_map(|&value| [value, value, value, u8::MAX]).collect();
    Ok(Image::from_rgba(mask.size(), pixels)?)
}

fn read(path: &Path) -> Outcome<Image> {
    let file = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(decode(&file, Limits::default()).map_err(|error| format!("{}: {error}", path.display()))?.image)
}

fn write(output: &Path, end: &str, image: &Image) -> Outcome<()> {
    let path = format!("{}.{end}", output.display());
    Ok(fs::write(path, encode(image, &EncodeOptions::new(Format::Png))?)?)
}
