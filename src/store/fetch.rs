//! A file from the network, or one that the person has already.

use super::{
    Chunks, Control, Digest, Disk, Head, Net, Phase, Progress, Response, StoreError, StoredFile,
    digest::Hash,
    find, forget,
    intake::{Intake, READ_BYTES},
};

/// A file to be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileSpec {
    /// The address that stays: never one that a redirect led to.
    pub url: String,
    /// Under which it is stored, without a slash at its end. A browser's cache takes only https addresses as keys.
    pub key: String,
    /// Length, if known.
    pub len_bytes: Option<u64>,
    /// What it must hash to, if known.
    pub sha256: Option<Digest>,
}

/// How a file is fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FetchOptions {
    /// Bytes per stored part, at least 1: the most that an interruption can lose, and about what is held in memory.
    pub part_bytes: u64,
    /// How often a broken download is taken up again before that is a fault. Counts anew after each stored part.
    pub retries: u32,
}

impl Default for FetchOptions {
    fn default() -> Self {
        Self { part_bytes: 32 << 20, retries: 5 }
    }
}

/// Brings a file onto the disk, going on at the first missing part, and checks it.
///
/// Memory stays at one part, whatever the file's size. A file that is there and was checked costs no request. One at a
/// time for each key: two would write the same parts.
///
/// # Errors
/// [`StoreError`]. Stored parts stay, to be gone on with, but for [`StoreError::WrongDigest`] and
/// [`StoreError::Cancelled`].
pub async fn fetch(
    file: &FileSpec,
    options: FetchOptions,
    net: &dyn Net,
    disk: &dyn Disk,
    control: &dyn Control,
) -> Result<StoredFile, StoreError> {
    let complete = async |intake: &mut Intake<'_>| download(&file.url, options.retries, intake, net, control).await;
    bring(file, options.part_bytes, disk, control, complete).await
}

/// Takes a file that the person chose: the same checks, the same place. What was downloaded of it already is not
/// written again.
///
/// # Errors
/// As [`fetch`]; see [`StoreError::remedy_for_file`].
pub async fn take_in(
    file: &FileSpec,
    options: FetchOptions,
    source: &mut dyn Chunks,
    disk: &dyn Disk,
    control: &dyn Control,
) -> Result<StoredFile, StoreError> {
    let complete = async |intake: &mut Intake<'_>| {
        let (skip, parts_before) = (intake.done_bytes(), intake.stored_parts());
        if let Err(error) = pour(source, skip, intake).await {
            // Nobody knows yet what was chosen: a download must not go on from there.
            intake.drop_parts_from(parts_before).await?;
            return Err(of_a_file(error, intake.total_bytes()));
        }
        Ok(())
    };
    bring(file, options.part_bytes, disk, control, complete).await
}

/// Reads a file that is on the disk once more and checks it. Until something is found wrong it stays as it is; what was made
/// of it goes, to be made anew.
///
/// # Errors
/// [`StoreError::NotFound`] if it is not whole, [`StoreError::WrongDigest`] if it was damaged, after which nothing of it is
/// kept; of disk and control.
pub async fn check(key: &str, disk: &dyn Disk, control: &dyn Control) -> Result<StoredFile, StoreError> {
    let stored = find(disk, key).await?.ok_or(StoreError::NotFound)?;
    let (mut hash, mut done_bytes) = (Hash::default(), 0);
    while done_bytes < stored.len_bytes {
        let to = stored.len_bytes.min(done_bytes + READ_BYTES);
        hash.add(&stored.read(disk, done_bytes..to).await?);
        done_bytes = to;
        control.step(Progress { phase: Phase::Checking, done_bytes, total_bytes: Some(stored.len_bytes) })?;
    }
    let (expected, actual) = (stored.sha256, hash.finish());
    if actual != expected {
        forget(disk, key).await?;
        return Err(StoreError::WrongDigest { expected, actual });
    }
    // What was made of it has no digest that anybody knows.
    stored.forget_others(disk).await?;
    Ok(stored)
}

/// Has `complete` bring what is missing of a file, and checks the whole; throws away what is of no use to a second try.
async fn bring(
    file: &FileSpec,
    part_bytes: u64,
    disk: &dyn Disk,
    control: &dyn Control,
    complete: impl AsyncFnOnce(&mut Intake<'_>) -> Result<(), StoreError>,
) -> Result<StoredFile, StoreError> {
    if let Some(stored) = stored_already(file, disk).await? {
        return Ok(stored);
    }
    let coming = async {
        let mut intake = Intake::resume(file, part_bytes, disk, control).await?;
        intake.check_room().await?;
        complete(&mut intake).await?;
        intake.finish(file.sha256).await
    };
    let result = coming.await;
    if let Err(StoreError::WrongDigest { .. } | StoreError::Cancelled) = &result {
        forget(disk, &file.key).await?;
    }
    result
}

/// The same fault, where the bytes come from this computer.
fn of_a_file(error: StoreError, total_bytes: Option<u64>) -> StoreError {
    match error {
        StoreError::Offline { reason } => StoreError::Unreadable { reason },
        StoreError::Stalled => StoreError::Unreadable { reason: "nothing came".to_owned() },
        // A file has an end, not a broken connection.
        StoreError::CutShort { done_bytes: actual_bytes } => {
            StoreError::WrongLength { expected_bytes: total_bytes.unwrap_or(actual_bytes), actual_bytes }
        }
        other => other,
    }
}

async fn stored_already(file: &FileSpec, disk: &dyn Disk) -> Result<Option<StoredFile>, StoreError> {
    let stored = find(disk, &file.key).await?;
    Ok(stored.filter(|stored| {
        file.sha256.is_none_or(|sha256| sha256 == stored.sha256)
            && file.len_bytes.is_none_or(|len| len == stored.len_bytes)
    }))
}

/// Fetches what is missing; takes itself up again where the connection breaks.
async fn download(
    url: &str,
    retries: u32,
    intake: &mut Intake<'_>,
    net: &dyn Net,
    control: &dyn Control,
) -> Result<(), StoreError> {
    let mut retry = 0;
    let mut parts_before = intake.stored_parts();
    // A proxy that dislikes ranges gets one plain question; then what is stored already is skipped.
    let mut asks_for_ranges = true;
    while !intake.is_whole() {
        match attempt(url, asks_for_ranges, intake, net).await {
            Ok(()) => return Ok(()),
            Err(StoreError::RangeRefused) if asks_for_ranges && intake.done_bytes() > 0 => asks_for_ranges = false,
            Err(error) if error.is_passing() => {
                if intake.stored_parts() > parts_before {
                    (retry, parts_before) = (0, intake.stored_parts());
                }
                retry += 1;
                if retry > retries {
                    return Err(error);
                }
                log::debug!("download broke at byte {}, retry {retry}: {error}", intake.done_bytes());
                control.wait(retry, &error).await?;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// One request, until its body ends. Success means that the file is whole.
async fn attempt(url: &str, asks_for_ranges: bool, intake: &mut Intake<'_>, net: &dyn Net) -> Result<(), StoreError> {
    intake.step(Phase::Fetching)?;
    let done_bytes = intake.done_bytes();
    let from_byte = Some(done_bytes).filter(|done| *done > 0 && asks_for_ranges);
    let Response { head, mut body } = net.get(url, from_byte).await?;
    if head.status == 416 && head.total_bytes == Some(done_bytes) && intake.total_bytes().is_none() {
        // Nobody knew the length, and the last byte was the end of a part.
        return intake.learn_total(done_bytes);
    }
    check_head(&head)?;
    if let Some(total) = head.total_bytes {
        let knew = intake.total_bytes().is_some();
        intake.learn_total(total)?;
        if !knew {
            intake.check_room().await?;
        }
    }
    // A server that ignores ranges begins at 0: skip what is there. One that begins too late left a gap.
    let skip = done_bytes.checked_sub(head.first_byte).ok_or(StoreError::RangeRefused)?;
    pour(&mut *body, skip, intake).await
}

/// Lets all of a source in, but for its first `skip` bytes.
async fn pour(source: &mut dyn Chunks, mut skip: u64, intake: &mut Intake<'_>) -> Result<(), StoreError> {
    while let Some(chunk) = source.next_chunk().await? {
        let skipped = usize::try_from(skip).unwrap_or(usize::MAX).min(chunk.len());
        skip -= skipped as u64;
        intake.push(&chunk[skipped..]).await?;
        intake.step(Phase::Fetching)?;
    }
    match intake.total_bytes() {
        // Nobody knows better: the end is the end.
        None if skip == 0 => intake.learn_total(intake.done_bytes()),
        Some(total) if total == intake.done_bytes() => Ok(()),
        _ => Err(StoreError::CutShort { done_bytes: intake.done_bytes().saturating_sub(skip) }),
    }
}

/// Whether what follows may be the file.
fn check_head(head: &Head) -> Result<(), StoreError> {
    check_status(head.status)?;
    match head.content_type.as_deref() {
        Some(found @ ("text/html" | "application/xhtml+xml" | "application/json" | "text/xml")) => {
            Err(StoreError::NotAModel { found: found.to_owned() })
        }
        _ => Ok(()),
    }
}

/// The fault that a status stands for.
pub(super) const fn check_status(status: u16) -> Result<(), StoreError> {
    match status {
        200 | 206 => Ok(()),
        401 | 403 | 451 => Err(StoreError::Forbidden { status }),
        404 | 410 => Err(StoreError::NotFound),
        416 => Err(StoreError::RangeRefused),
        429 => Err(StoreError::TooMany),
        _ => Err(StoreError::Server { status }),
    }
}
