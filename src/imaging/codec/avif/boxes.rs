//! Boxes and the numbers in them, as far as they can be read.

/// Boxes one after another: their kinds and bodies. Ends where one is cut off.
pub(super) struct Boxes<'a>(pub(super) &'a [u8]);

impl<'a> Boxes<'a> {
    /// The body of the first one of a kind.
    pub(super) fn find(mut self, wanted: [u8; 4]) -> Option<&'a [u8]> {
        Iterator::find(&mut self, |(kind, _)| *kind == wanted).map(|(_, body)| body)
    }
}

impl<'a> Iterator for Boxes<'a> {
    type Item = ([u8; 4], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let mut numbers = Numbers(self.0);
        let len = numbers.long()?;
        let kind = *numbers.0.first_chunk()?;
        let (head, len) = match len {
            // To the end of what it is in.
            0 => (8, self.0.len()),
            1 => (16, usize::try_from(Numbers(self.0.get(8..)?).of_bytes(8)?).ok()?),
            len => (8, len as usize),
        };
        let body = self.0.get(head..len)?;
        self.0 = &self.0[len..];
        Some((kind, body))
    }
}

/// The version of a full box, and what follows its flags.
pub(super) fn versioned(body: &[u8]) -> Option<(u8, &[u8])> {
    Some((*body.first()?, body.get(4..)?))
}

/// Numbers one after another, the highest byte first.
pub(super) struct Numbers<'a>(pub(super) &'a [u8]);

impl<'a> Numbers<'a> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        self.take::<1>().map(|[byte]| byte)
    }

    pub(super) fn short(&mut self) -> Option<u16> {
        self.take().map(u16::from_be_bytes)
    }

    pub(super) fn long(&mut self) -> Option<u32> {
        self.take().map(u32::from_be_bytes)
    }

    /// A number of 16 bits if it is short, else of 32.
    pub(super) fn one_of(&mut self, is_short: bool) -> Option<u32> {
        if is_short { self.short().map(u32::from) } else { self.long() }
    }

    /// A number of 0, 4 or 8 bytes: the widths that tables of places have.
    pub(super) fn of_bytes(&mut self, width: u8) -> Option<u64> {
        match width {
            0 => Some(0),
            4 => self.long().map(u64::from),
            8 => self.take().map(u64::from_be_bytes),
            _ => None,
        }
    }

    /// Text up to a zero, which is not part of it.
    pub(super) fn text(&mut self) -> Option<&'a [u8]> {
        let len = self.0.iter().position(|&byte| byte == 0)?;
        let text = &self.0[..len];
        self.0 = &self.0[len + 1..];
        Some(text)
    }
}
