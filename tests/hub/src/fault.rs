//! What can go wrong with a file.

/// A fault of one path. Lasts until it is taken back, or as often as [`Fault::times`] says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    pub(crate) kind: Kind,
    /// How often it still happens; none is for ever.
    pub(crate) left: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    CutAt(u64),
    Status(u16),
    Html,
    WrongLength,
    FlippedByte(u64),
    StallAfter(u64),
    IgnoreRange,
    Slow(u64),
    Expired,
}

impl Fault {
    const fn new(kind: Kind) -> Self {
        Self { kind, left: None }
    }

    /// The connection closes before this byte of the file.
    pub const fn cut_at(byte: u64) -> Self {
        Self::new(Kind::CutAt(byte))
    }

    /// This status instead of the file. 404 and 429 are the hub's own answer, all others that of the second host.
    pub const fn status(status: u16) -> Self {
        Self::new(Kind::Status(status))
    }

    /// A web page with status 200, as from a hotel's network.
    pub const fn html() -> Self {
        Self::new(Kind::Html)
    }

    /// The file lacks its last byte, and its head agrees.
    pub const fn wrong_length() -> Self {
        Self::new(Kind::WrongLength)
    }

    /// One bit of this byte of the file is wrong.
    pub const fn flipped_byte(byte: u64) -> Self {
        Self::new(Kind::FlippedByte(byte))
    }

    /// Nothing comes from this byte of the file on, and the connection stays open until the hub stops.
    pub const fn stall_after(byte: u64) -> Self {
        Self::new(Kind::StallAfter(byte))
    }

    /// The whole file, whatever was asked.
    pub const fn ignore_range() -> Self {
        Self::new(Kind::IgnoreRange)
    }

    /// No faster than this.
    pub const fn slow(bytes_per_second: u64) -> Self {
        Self::new(Kind::Slow(bytes_per_second))
    }

    /// The signed address has expired before it is used.
    pub const fn expired() -> Self {
        Self::new(Kind::Expired)
    }

    /// Happens so often, and then no more.
    #[must_use]
    pub const fn times(self, times: u32) -> Self {
        Self { left: Some(times), ..self }
    }

    /// Whether the hub itself has this fault; else the host that it redirects to.
    pub(crate) const fn is_of_hub(self) -> bool {
        matches!(self.kind, Kind::Status(404 | 429))
    }
}
