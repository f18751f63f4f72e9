//! Why a file did not come, and what to do about it.

use super::{Digest, DiskError, Halt, SourceError};

/// What a person can do about a fault; at most one button.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// Do the same again; it goes on where it stopped.
    Retry,
    /// Make room, then do the same again.
    FreeSpace,
    /// Get the file from another host.
    ChooseMirror,
    /// Choose a file that is on this computer already.
    OpenFile,
    /// Nothing is wrong.
    None,
}

/// Why a file is not there.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No connection, or it broke again and again.
    #[error("the connection was lost: {reason}")]
    Offline {
        /// The platform's own words.
        reason: String,
    },
    /// The body ended before the file did, again and again.
    #[error("the connection ended after {done_bytes} bytes")]
    CutShort {
        /// How much of the file had come.
        done_bytes: u64,
    },
    /// The connection stood, and nothing came, again and again.
    #[error("the server sent nothing for too long")]
    Stalled,
    /// 404 and its like, or not in the hub's list.
    #[error("the file is not there any more")]
    NotFound,
    /// 401 and 403.
    #[error("the server does not give this file away (status {status})")]
    Forbidden {
        /// HTTP status.
        status: u16,
    },
    /// 416, also when asked for the whole file; or a range that nobody asked for.
    #[error("the server does not give the missing part of the file")]
    RangeRefused,
    /// 429.
    #[error("the server says that this was asked for too often")]
    TooMany,
    /// 5xx, and answers that make no sense.
    #[error("the server failed (status {status})")]
    Server {
        /// HTTP status.
        status: u16,
    },
    /// Another file than expected, as its length says.
    #[error("the file has {actual_bytes} bytes instead of {expected_bytes}")]
    WrongLength {
        /// As the catalogue or the server's own word has it.
        expected_bytes: u64,
        /// As it came; at least, if it was still coming.
        actual_bytes: u64,
    },
    /// Another file than expected, or damaged. Nothing of it is kept.
    #[error("the file is damaged: its SHA-256 is {actual} instead of {expected}")]
    WrongDigest {
        /// As the catalogue has it.
        expected: Digest,
        /// As it came.
        actual: Digest,
    },
    /// A page to sign in to a hotel's network, a pointer to the file instead of the file, and the like.
    #[error("what came is not a model but {found}")]
    NotAModel {
        /// The media type, or the first bytes.
        found: String,
    },
    /// The hub's list is not as it used to be.
    #[error("the list of files cannot be read: {reason}")]
    Listing {
        /// What is wrong with it.
        reason: String,
    },
    /// No room on the disk.
    #[error("there is no room for the file: {missing_bytes} bytes are still to come")]
    QuotaFull {
        /// What is still to be stored.
        missing_bytes: u64,
    },
    /// The disk failed otherwise.
    #[error("storage failed: {reason}")]
    Disk {
        /// The platform's own words.
        reason: String,
    },
    /// The file that the person chose could not be read to its end.
    #[error("the chosen file cannot be read: {reason}")]
    Unreadable {
        /// The platform's own words.
        reason: String,
    },
    /// Stopped, to be gone on with.
    #[error("paused")]
    Paused,
    /// Given up.
    #[error("cancelled")]
    Cancelled,
}

impl StoreError {
    /// What the person can do.
    pub const fn remedy(&self) -> Remedy {
        match self {
            Self::Offline { .. }
            | Self::CutShort { .. }
            | Self::Stalled
            | Self::TooMany
            | Self::Server { .. }
            | Self::WrongDigest { .. }
            | Self::Disk { .. } => Remedy::Retry,
            Self::NotFound
            | Self::Forbidden { .. }
            | Self::RangeRefused
            | Self::WrongLength { .. }
            | Self::NotAModel { .. }
            | Self::Listing { .. } => Remedy::ChooseMirror,
            Self::QuotaFull { .. } => Remedy::FreeSpace,
            Self::Unreadable { .. } => Remedy::OpenFile,
            Self::Paused | Self::Cancelled => Remedy::None,
        }
    }

    /// The same seen by somebody who chose a file: the remedy is another file, not another host.
    pub const fn remedy_for_file(&self) -> Remedy {
        match self {
            Self::WrongDigest { .. } | Self::CutShort { .. } => Remedy::OpenFile,
            _ => match self.remedy() {
                Remedy::ChooseMirror => Remedy::OpenFile,
                other => other,
            },
        }
    }

    /// Whether it may go away by itself, so that a download takes itself up again.
    pub(super) const fn is_passing(&self) -> bool {
        matches!(
            self,
            Self::Offline { .. } | Self::CutShort { .. } | Self::Stalled | Self::TooMany | Self::Server { .. }
        )
    }
}

impl From<SourceError> for StoreError {
    fn from(error: SourceError) -> Self {
        match error {
            SourceError::Lost { reason } => Self::Offline { reason },
            SourceError::Stalled => Self::Stalled,
        }
    }
}

impl From<DiskError> for StoreError {
    fn from(error: DiskError) -> Self {
        match error {
            DiskError::Full => Self::QuotaFull { missing_bytes: 0 },
            DiskError::Failed { reason } => Self::Disk { reason },
        }
    }
}

impl From<Halt> for StoreError {
    fn from(halt: Halt) -> Self {
        match halt {
            Halt::Pause => Self::Paused,
            Halt::Cancel => Self::Cancelled,
        }
    }
}
