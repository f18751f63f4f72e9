//! How large a picture is meant to be on paper, and how large some programs show a screenshot.

/// Metres in an inch.
const INCH: f64 = 0.0254;

/// How many pixels lie along a length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Density {
    /// From left to right.
    pub(in super::super) across: u32,
    /// From top to bottom.
    pub(in super::super) down: u32,
    /// They are in a metre; else only their ratio counts.
    pub(in super::super) is_in_metre: bool,
}

impl Density {
    /// Reads what follows the name in a JPEG's first segment: version, unit, densities (ITU-T T.871, section 10.1). None
    /// if that only says that pixels are square.
    pub(in super::super) fn of_jfif(segment: &[u8]) -> Option<Self> {
        let [_, _, unit, x_high, x_low, y_high, y_low, ..] = segment else { return None };
        let counts = [u16::from_be_bytes([*x_high, *x_low]), u16::from_be_bytes([*y_high, *y_low])];
        let in_metre = |per: f64| counts.map(|count| (f64::from(count) * per).round() as u32);
        let ([across, down], is_in_metre) = match unit {
            1 => (in_metre(1.0 / INCH), true),
            2 => (in_metre(100.0), true),
            _ => (counts.map(u32::from), false),
        };
        let tells = across > 0 && down > 0 && (is_in_metre || across != down);
        tells.then_some(Self { across, down, is_in_metre })
    }

    /// Pixels in an inch, or the ratio, as far as 16 bits go.
    pub(in super::super) fn in_inch(self) -> (u16, u16) {
        let per = if self.is_in_metre { INCH } else { 1.0 };
        let count = |count: u32| (f64::from(count) * per).round().clamp(1.0, f64::from(u16::MAX)) as u16;
        (count(self.across), count(self.down))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jfif(unit: u8, x: u16, y: u16) -> Option<Density> {
        Density::of_jfif(&[&[1, 2, unit][..], &x.to_be_bytes(), &y.to_be_bytes(), &[0, 0]].concat())
    }

    #[test]
    fn every_density_in_an_inch_comes_back() {
        assert!((1..=u16::MAX).all(|dots| jfif(1, dots, 300).unwrap().in_inch() == (dots, 300)));
    }

    #[test]
    fn units_are_told_apart() {
        assert_eq!(jfif(2, 50, 50).unwrap(), Density { across: 5_000, down: 5_000, is_in_metre: true });
        assert_eq!(jfif(2, 50, 50).unwrap().in_inch(), (127, 127));
        assert_eq!(jfif(0, 4, 3).unwrap(), Density { across: 4, down: 3, is_in_metre: false });
        assert_eq!(jfif(0, 4, 3).unwrap().in_inch(), (4, 3));
        assert_eq!([jfif(0, 1, 1), jfif(1, 0, 72), Density::of_jfif(&[1, 2, 1])], [None; 3]);
    }
}
