//! IPTC's datasets (Information Interchange Model 4.2), and the blocks of Adobe's that they stand in.

use super::Place;

/// Starts each dataset.
const MARK: u8 = 0x1c;
/// Starts each resource.
const RESOURCE: &[u8] = b"8BIM";
/// The resource that holds the datasets (Adobe Photoshop File Formats Specification, image resource IDs).
const IPTC_RESOURCE: [u8; 2] = [0x04, 0x04];

/// Returns the datasets that may stay; none if there is none.
pub(super) fn rewritten(mut datasets: &[u8], place: Place) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(datasets.len());
    while let [MARK, record, number, high, low, rest @ ..] = datasets {
        let len = u16::from_be_bytes([*high, *low]);
        // Longer ones, of which the length's length is told, are pictures and sounds.
        if len > i16::MAX as u16 {
            break;
        }
        let Some((_, after)) = rest.split_at_checked(usize::from(len)) else { break };
        if may_stay(*record, *number, place) {
            out.extend_from_slice(&datasets[..datasets.len() - after.len()]);
        }
        datasets = after;
    }
    (!out.is_empty()).then_some(out)
}

/// Whether a dataset can be kept. Of the records, only the envelope and the description of the picture are: the others are
/// the object itself.
const fn may_stay(record: u8, number: u8, place: Place) -> bool {
    match (record, number) {
        // The preview, its format and version.
        (2, 200..=202) => false,
        // Place of the content, by code and name; city, part of it, state; country, by code and name.
        (2, 26..=27 | 90 | 92 | 95 | 100..=101) => matches!(place, Place::Kept),
        (1 | 2, _) => true,
        _ => false,
    }
}

/// Finds the datasets among Adobe's resources, of which others are thumbnails.
pub(in super::super) fn from_resources(mut resources: &[u8]) -> Option<&[u8]> {
    while let Some([id_high, id_low, name_len, rest @ ..]) = resources.strip_prefix(RESOURCE) {
        // The name and its length are together even.
        let rest = rest.get(usize::from(*name_len | 1)..)?;
        let (len, rest) = rest.split_first_chunk::<4>()?;
        let len = u32::from_be_bytes(*len) as usize;
        let data = rest.get(..len)?;
        if [*id_high, *id_low] == IPTC_RESOURCE {
            return Some(data);
        }
        resources = rest.get(len.checked_next_multiple_of(2)?..)?;
    }
    None
}

/// Puts datasets into a resource.
pub(in super::super) fn to_resources(datasets: &[u8]) -> Vec<u8> {
    let len = (datasets.len() as u32).to_be_bytes();
    let mut out = [RESOURCE, &IPTC_RESOURCE, &[0, 0], &len, datasets].concat();
    out.resize(out.len().next_multiple_of(2), 0);
    out
}
