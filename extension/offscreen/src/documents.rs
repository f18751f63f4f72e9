//! The pictures that are being worked on.

use std::rc::Rc;

use brushaway::{
    engine::{Layer, Layers, Patch},
    geometry::Size,
    image::Image,
    imaging::{
        codec::{self, Colour, EncodeOptions, Format, JpegQuality, Limits, Metadata, MetadataPolicy},
        softness::Softness,
    },
    mask::{Mark, Mask},
    protocol::{self, Beside, Fault, JobId, JobReport, Recipe},
};

use crate::{
    faults,
    parking::{Made, Origin, Parked},
    past::Past,
};

/// As many results of one mask are kept.
const MOST_RESULTS: usize = 12;

/// The original comes back a little softly, so that no edge shows: over so many pixels of a picture of 1000.
const RESTORE_FEATHER: u32 = 3;

/// One picture: what jobs start from, what they made, what was changed in it for good.
pub(crate) struct Document {
    /// The file that it was read from, if what is done to it is to be remembered.
    origin: Option<Origin>,
    source: Rc<Image>,
    /// What was done, step by step.
    past: Past,
    /// What the results are of.
    mask: Option<Rc<Mask>>,
    /// What jobs made of this mask, by job, in their order.
    results: Vec<Made>,
    /// The result that is on the screen.
    chosen: Option<JobId>,
    layers: Layers,
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
    /// Decodes a file; what `original` tells beside its picture takes the place of what it tells itself. What is done to it
    /// is remembered under its `origin`, if there is one.
    pub(crate) fn open(bytes: &[u8], original: Option<&[u8]>, origin: Option<Origin>) -> Result<Opened, Fault> {
        let decoded = match original {
            Some(original) => codec::decode_shown(bytes, original, Limits::default()),
            None => codec::decode(bytes, Limits::default()),
        };
        let decoded = decoded.map_err(|error| faults::of_decoding(&error))?;
        let document = Self {
            origin,
            source: Rc::new(decoded.image),
            past: Past::default(),
            mask: None,
            results: Vec::new(),
            chosen: None,
            layers: Layers::default(),
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

    /// The file that it was read from, if what is done to it is to be remembered.
    pub(crate) const fn origin(&self) -> Option<Origin> {
        self.origin
    }

    /// What was done, step by step.
    pub(crate) const fn past(&self) -> &Past {
        &self.past
    }

    /// Learns what was done. Results of what was marked before are of no use any more.
    pub(crate) fn learn(&mut self, learn: impl FnOnce(&mut Past)) {
        learn(&mut self.past);
        self.forget_results();
    }

    /// The mask of a job, and what of its result is held back.
    pub(crate) fn mask(
        &self,
        base: Option<&[u8]>,
        marks: &[Mark],
        reach_px: u32,
    ) -> Result<(Mask, Option<Softness>), Fault> {
        let base = base.map(mask_of_file).transpose()?;
        let softness = Softness::of(base.as_ref(), marks, self.size(), reach_px);
        let mut mask = base.unwrap_or_else(|| Mask::empty(self.size()));
        mask.apply_marks(marks);
        Ok((mask, softness))
    }

    /// Lets the picture go, but for what was done to it.
    pub(crate) fn into_parked(mut self) -> Parked {
        let layers = self.layers.into_parked(Rc::make_mut(&mut self.source));
        self.past.agree(&layers);
        let shown = self.results.into_iter().find(|made| Some(made.job) == self.chosen);
        Parked { layers, past: self.past, result: self.mask.zip(shown) }
    }

    /// Does again what was done before, and returns what changed.
    pub(crate) fn resume(&mut self, parked: Parked) -> Vec<Patch> {
        self.layers = Layers::resumed(parked.layers, Rc::make_mut(&mut self.source));
        self.past = parked.past;
        if let Some((mask, made)) = parked.result {
            (self.mask, self.chosen) = (Some(mask), Some(made.job));
            self.results = vec![made];
        }
        self.layers.shown(&self.source)
    }

    /// The result that is on the screen: which job made it, and what was told of it.
    pub(crate) fn shown(&self) -> Option<(JobId, JobReport)> {
        self.chosen().map(|made| (made.job, made.report.clone()))
    }

    fn chosen(&self) -> Option<&Made> {
        self.results.iter().find(|made| Some(made.job) == self.chosen)
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
    pub(crate) fn finish(&mut self, mask: &Rc<Mask>, made: Made) {
        if self.mask.as_ref() == Some(mask) {
            if self.results.len() == MOST_RESULTS {
                self.results.remove(0);
            }
            self.chosen = Some(made.job);
            self.results.push(made);
        }
    }

    /// Takes up an earlier result. None if it is gone.
    pub(crate) fn choose(&mut self, job: JobId) -> Option<Vec<Patch>> {
        let patches = self.results.iter().find(|made| made.job == job).map(|made| made.outcome.patches.clone())?;
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
        let Some(layer) = self.chosen().map(|made| Layer::of(&made.outcome)) else { return };
        self.layers.push(Rc::make_mut(&mut self.source), &layer);
        self.forget_results();
    }

    /// Takes the last change back and returns the pixels that are there again.
    pub(crate) fn unkeep(&mut self) -> Result<Vec<Patch>, Fault> {
        self.forget_results();
        let layer = self.layers.undo(Rc::make_mut(&mut self.source));
        layer.map(|layer| layer.patches()).ok_or_else(gone)
    }

    /// Makes the change again that was taken back last and returns its pixels.
    pub(crate) fn rekeep(&mut self) -> Result<Vec<Patch>, Fault> {
        self.forget_results();
        let layer = self.layers.redo(Rc::make_mut(&mut self.source));
        layer.map(|layer| layer.patches()).ok_or_else(gone)
    }

    /// Brings the picture as it came back where marks are and returns what changed; nothing if it is there already.
    pub(crate) fn restore(&mut self, marks: &[Mark]) -> Result<Vec<Patch>, Fault> {
        let mut mask = Mask::empty(self.size());
        mask.apply_marks(marks);
        let feather_px = (self.size().longer_side() * RESTORE_FEATHER / 1000).max(1);
        let restoring = self.layers.restoring(&self.source, &mask, feather_px).map_err(Fault::bug)?;
        let Some(layer) = restoring else { return Ok(Vec::new()) };
        self.layers.push(Rc::make_mut(&mut self.source), &layer);
        self.forget_results();
        Ok(layer.patches())
    }

    /// The picture as a file, with the last result if that is wanted. Returns the format that was written.
    pub(crate) fn export(&mut self, recipe: &Recipe, with_result: bool) -> Result<(Vec<u8>, Format), Fault> {
        let all = [Format::Png, Format::Jpeg, Format::WebP];
        let format = all.into_iter().find(|format| format.extension() == recipe.format);
        let format = format.ok_or_else(|| Fault::bug(format!("no format {}", recipe.format)))?;
        let own = self.quality;
        let quality = recipe.quality.map_or(own, |percent| JpegQuality::new(percent, own.chroma()));
        // The result is in the picture for the time of writing: a second copy would cost time and memory.
        let mut last = Layers::default();
        if let Some(layer) = self.chosen().filter(|_| with_result).map(|made| Layer::of(&made.outcome)) {
            last.push(Rc::make_mut(&mut self.source), &layer);
        }
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
        last.undo(Rc::make_mut(&mut self.source));
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

/// The editor remembers a change that this engine never made: it was started anew since.
fn gone() -> Fault {
    Fault::new("fault_undo_gone", protocol::Action::Adjust, "the change is not known here")
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
