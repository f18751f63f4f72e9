//! What a file tells beside its picture: kept, but for what is no longer true and for what nobody may know.

mod density;
mod exif;
mod iptc;
#[cfg(test)]
mod tests;
mod xmp;

use image::metadata::Orientation;

pub(super) use self::{
    density::Density,
    iptc::{from_resources, to_resources},
};
use crate::geometry::Size;

/// What becomes of a picture's metadata when it is written.
///
/// Under each policy what is written is true of the new file: it is the right way up, its size is its size, and there is
/// no thumbnail or preview, which would show what was removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MetadataPolicy {
    /// All is kept but where the picture was taken: coordinates and the names of places.
    #[default]
    KeepWithoutPlace,
    /// All is kept.
    KeepAll,
    /// Nothing is kept.
    Strip,
}

/// What a file tells beside its picture, as it stands there. Give it back to `encode`, which applies a
/// [`MetadataPolicy`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Metadata {
    /// EXIF: a TIFF without pixels (CIPA DC-008), from its byte order on.
    exif: Option<Vec<u8>>,
    /// An XMP packet (ISO 16684-1).
    xmp: Option<Vec<u8>>,
    /// Datasets of the IPTC (Information Interchange Model 4.2).
    iptc: Option<Vec<u8>>,
    density: Option<Density>,
}

/// What may be written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Kept {
    /// As in [`Metadata`].
    pub(super) exif: Option<Vec<u8>>,
    /// As in [`Metadata`].
    pub(super) xmp: Option<String>,
    /// As in [`Metadata`].
    pub(super) iptc: Option<Vec<u8>>,
    /// Of paper and screenshots.
    pub(super) density: Option<Density>,
}

/// Whether the place where a picture was taken may be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Kept,
    Removed,
}

/// The most bytes that are read of each kind, the same that the PNG decoder inflates a text to. In a JPEG no kind has
/// more than 64 KiB.
const LONGEST: usize = 2 << 20;

impl Metadata {
    /// That of a file that tells nothing.
    pub const NONE: Self = Self { exif: None, xmp: None, iptc: None, density: None };

    /// Takes what a file holds. Parts that are longer than any camera or program makes them are left out.
    pub(super) fn new(exif: Option<Vec<u8>>, xmp: Option<Vec<u8>>, iptc: Option<Vec<u8>>) -> Self {
        let usual = |part: Option<Vec<u8>>| part.filter(|part| !part.is_empty() && part.len() <= LONGEST);
        // Some programs put JPEG's mark in front of it in other formats too.
        let exif = exif.map(|exif| exif.strip_prefix(b"Exif\0\0").map(<[u8]>::to_vec).unwrap_or(exif));
        Self { exif: usual(exif), xmp: usual(xmp), iptc: usual(iptc), density: None }
    }

    /// Also tells how large the picture is on paper.
    pub(super) fn with_density(self, density: Option<Density>) -> Self {
        Self { density, ..self }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        *self == Self::NONE
    }

    /// How the stored picture must be turned to be the right way up.
    pub(super) fn orientation(&self) -> Orientation {
        self.exif.as_deref().and_then(Orientation::from_exif_chunk).unwrap_or(Orientation::NoTransforms)
    }

    /// What may be written beside a picture of this size.
    pub(super) fn kept(&self, policy: MetadataPolicy, size: Size) -> Kept {
        let place = match policy {
            MetadataPolicy::KeepWithoutPlace => Place::Removed,
            MetadataPolicy::KeepAll => Place::Kept,
            MetadataPolicy::Strip => return Kept::default(),
        };
        let kept = Kept {
            exif: self.exif.as_deref().and_then(|tiff| exif::rewritten(tiff, size, place)),
            xmp: self.xmp.as_deref().and_then(|packet| xmp::rewritten(packet, size, place)),
            iptc: self.iptc.as_deref().and_then(|datasets| iptc::rewritten(datasets, place)),
            density: self.density,
        };
        let lost = [
            ("EXIF", self.exif.is_some() && kept.exif.is_none()),
            ("XMP", self.xmp.is_some() && kept.xmp.is_none()),
            ("IPTC", self.iptc.is_some() && kept.iptc.is_none()),
        ];
        for (name, _) in lost.into_iter().filter(|(_, is_lost)| *is_lost) {
            log::warn!("{name} is left out: it can't be read, or nothing of it may be kept");
        }
        kept
    }
}
