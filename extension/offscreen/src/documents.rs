//! The pictures that are being worked on.

use std::rc::Rc;

use brushaway::{
    engine::{Outcome, Patch, Stage},
    geometry::{Rect, Size},
    image::Image,
    imaging::codec::{self, Colour, EncodeOptions, Format, JpegQuality, Limits, Metadata, MetadataPolicy},
    mask::{Mark, Mask},
    protocol::{Beside, Fault, JobId, Recipe},
};

use crate::faults;

/// As many results of one mask are kept.
const MOST_RESULTS: usize = 12;

/// One picture: what jobs start from, what they made, what was there before results were kept.
pub(crate) struct Document {
    source: Rc<Image>,
    /// What the results are of.
    mask: Option<Rc<Mask>>,
    /// What jobs made of this mask, by job, in their order.
    results: Vec<(JobId, Outcome)>,
    /// The result that is on the screen.
    chosen: Option<JobId>,
    before: Vec<Vec<(Rect, Image)>>,
    format: Format,
    quality: JpegQuality,
    colour: Colour,
    metadata: Metadata,
}

/// What a file turned out to be.
pub(crate) struct Opened {
    pub(crate) document: Document,
    pub(crate) animated: bool,
}

impl Document {
    /// Decodes a file.
    pub(crate) fn open(bytes: &[u8]) -> Result<Opened, Fault> {
        let decoded = codec::decode(bytes, Limits::default()).map_err(|error| faults::of_decoding(&error))?;
        let document = Self {
            source: Rc::new(decoded.image),
            mask: None,
            results: Vec::new(),
            chosen: None,
            before: Vec::new(),
            format: decoded.format,
            quality: decoded.jpeg_quality.unwrap_or_default(),
            colour: decoded.colour,
            metadata: decoded.metadata,
        };
        Ok(Opened { document, animated: decoded.animated })
    }

    pub(crate) fn size(&self) -> Size {
        self.source.size()
    }

    /// What jobs start from.
    pub(crate) fn source(&self) -> Rc<Image> {
        Rc::clone(&self.source)
    }

    /// Formats to save in, the file's own first; PNG is always there.
    pub(crate) fn formats(&self) -> Vec<String> {
        let mut formats = vec![self.format.output(), Format::Png, Format::Jpeg, Format::WebP];
        let mut seen = Vec::new();
        formats.retain(|format| {
            !seen.contains(format) && {
                seen.push(*format);
                true
            }
        });
        formats.iter().map(|format| format.extension().to_owned()).collect()
    }

    /// The mask of a job.
    pub(crate) fn mask(&self, base: Option<&[u8]>, marks: &[Mark]) -> Result<Mask, Fault> {
        let mut mask = match base {
            Some(file) => mask_of_file(file)?,
            None => Mask::empty(self.size()),
        };
        for mark in marks {
            mask.apply_mark(mark);
        }
        Ok(mask)
    }

    /// A job begins on this mask. Results of another one are of no use any more.
    pub(crate) fn begin(&mut self, mask: &Rc<Mask>) {
        if self.mask.as_ref() != Some(mask) {
            self.results.clear();
            self.mask = Some(Rc::clone(mask));
        }
        self.chosen = None;
    }

    /// Remembers what a job made, unless the mask is another one by now.
    pub(crate) fn finish(&mut self, job: JobId, mask: &Rc<Mask>, outcome: Outcome) {
        if self.mask.as_ref() == Some(mask) {
            if self.results.len() == MOST_RESULTS {
                self.results.remove(0);
            }
            self.results.push((job, outcome));
            self.chosen = Some(job);
        }
    }

    /// Takes up an earlier result. None if it is gone.
    pub(crate) fn choose(&mut self, job: JobId) -> Option<Vec<Patch>> {
        let patches = self.results.iter().find(|(of, _)| *of == job).map(|(_, outcome)| outcome.patches.clone())?;
        self.chosen = Some(job);
        Some(patches)
    }

    fn forget_results(&mut self) {
        self.results.clear();
        self.mask = None;
        self.chosen = None;
    }

    /// Makes the chosen result the picture. Without one nothing happens.
    pub(crate) fn keep(&mut self) {
        let chosen = self.results.iter().find(|(job, _)| Some(*job) == self.chosen);
        let Some((_, outcome)) = chosen else { return };
        let before = put_in(outcome, Rc::make_mut(&mut self.source));
        self.before.push(before);
        self.forget_results();
    }

    /// Takes the last kept result back and returns the pixels that are there again.
    pub(crate) fn unkeep(&mut self) -> Vec<Patch> {
        self.forget_results();
        let before = self.before.pop().unwrap_or_default();
        take_out(&before, Rc::make_mut(&mut self.source));
        before.into_iter().map(|(rect, pixels)| Patch { stage: Stage::Textured, rect, pixels }).collect()
    }

    /// The picture as a file, with the last result if that is wanted. Returns the format that was written.
    pub(crate) fn export(&mut self, recipe: &Recipe, with_result: bool) -> Result<(Vec<u8>, Format), Fault> {
        let all = [Format::Png, Format::Jpeg, Format::WebP];
        let format = all.into_iter().find(|format| format.extension() == recipe.format);
        let format = format.ok_or_else(|| Fault::bug(format!("no format {}", recipe.format)))?;
        let own = self.quality;
        let quality = recipe.quality.map_or(own, |percent| JpegQuality::new(percent, own.chroma()));
        // The result is in the picture for the time of writing: a second copy would cost time and memory.
        let chosen = self.results.iter().find(|(job, _)| with_result && Some(*job) == self.chosen);
        let before = chosen.map(|(_, outcome)| put_in(outcome, Rc::make_mut(&mut self.source)));
        let file = codec::encode(
            &self.source,
            &EncodeOptions {
                format,
                quality,
                colour: &self.colour,
                metadata: &self.metadata,
                policy: policy(recipe.beside),
            },
        );
        if let Some(before) = before {
            take_out(&before, Rc::make_mut(&mut self.source));
        }
        Ok((file.map_err(|error| faults::of_encoding(&error))?, format))
    }
}

/// What the codec calls it.
const fn policy(beside: Beside) -> MetadataPolicy {
    match beside {
        Beside::WithoutPlace => MetadataPolicy::KeepWithoutPlace,
        Beside::All => MetadataPolicy::KeepAll,
        Beside::Nothing => MetadataPolicy::Strip,
    }
}

/// Puts a result into a picture and returns the pixels that were there.
fn put_in(outcome: &Outcome, picture: &mut Image) -> Vec<(Rect, Image)> {
    let before = outcome.patches.iter().map(|patch| (patch.rect, picture.cropped(patch.rect))).collect();
    outcome.apply(picture);
    before
}

/// Puts the pixels back that were there before a result.
fn take_out(before: &[(Rect, Image)], picture: &mut Image) {
    for (rect, pixels) in before {
        picture.paste(pixels, rect.x, rect.y);
    }
}

/// Bright, opaque pixels of an image file are to go.
fn mask_of_file(file: &[u8]) -> Result<Mask, Fault> {
    let image = codec::decode(file, Limits::default()).map_err(|error| faults::of_decoding(&error))?.image;
    let brightness = |pixel: &[u8]| {
        let sum: u32 = pixel.iter().take(3).map(|&value| u32::from(value)).sum();
        (sum / 3 * u32::from(pixel[3]) / 255) as u8
    };
    let coverage: Vec<u8> = image.as_bytes().chunks_exact(Image::CHANNELS).map(brightness).collect();
    Mask::from_coverage(image.size(), &coverage).map_err(Fault::bug)
}
