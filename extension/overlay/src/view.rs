//! How large the picture is seen, and which part of it.

/// The place where the picture just fits, in CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Frame {
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
    /// Scale at which one pixel of the picture is one of the screen.
    pub actual: f64,
}

impl Frame {
    /// The largest scale: pixels of the picture become as large as this many of the screen.
    const MOST_PIXELS: f64 = 16.0;

    fn most(&self) -> f64 {
        (self.actual * Self::MOST_PIXELS).max(4.0)
    }
}

/// A scaled and shifted picture. At scale 1 it fits its frame; the frame is always covered.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct View {
    /// Relative to the picture that fits.
    pub scale: f64,
    /// Of the picture's corner relative to the frame's, in CSS pixels; at most 0.
    pub left: f64,
    /// As `left`.
    pub top: f64,
}

impl Default for View {
    fn default() -> Self {
        Self { scale: 1.0, left: 0.0, top: 0.0 }
    }
}

impl View {
    /// Larger or smaller by `factor`; the point `at` of the frame stays where it is.
    #[must_use]
    pub fn zoomed(self, factor: f64, at: (f64, f64), frame: Frame) -> Self {
        let scale = (self.scale * factor).clamp(1.0, frame.most());
        let ratio = scale / self.scale;
        let (left, top) = (at.0 - (at.0 - self.left) * ratio, at.1 - (at.1 - self.top) * ratio);
        Self { scale, left, top }.within(frame)
    }

    /// Shifted by so many CSS pixels.
    #[must_use]
    pub fn panned(self, by: (f64, f64), frame: Frame) -> Self {
        Self { left: self.left + by.0, top: self.top + by.1, ..self }.within(frame)
    }

    fn within(self, frame: Frame) -> Self {
        let left = self.left.clamp(frame.width * (1.0 - self.scale), 0.0);
        let top = self.top.clamp(frame.height * (1.0 - self.scale), 0.0);
        Self { left, top, ..self }
    }

    /// For a style attribute.
    pub fn css(&self) -> String {
        format!("transform:translate({:.2}px,{:.2}px) scale({:.5})", self.left, self.top, self.scale)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: Frame = Frame { width: 800.0, height: 600.0, actual: 2.0 };

    fn close(a: View, b: (f64, f64, f64)) {
        let differences = [a.scale - b.0, a.left - b.1, a.top - b.2];
        assert!(differences.iter().all(|d| d.abs() < 1e-9), "{a:?} {b:?}");
    }

    #[test]
    fn the_point_under_the_pointer_stays() {
        close(View::default().zoomed(2.0, (200.0, 300.0), FRAME), (2.0, -200.0, -300.0));
        let twice = View::default().zoomed(2.0, (200.0, 300.0), FRAME).zoomed(2.0, (200.0, 300.0), FRAME);
        close(twice, (4.0, -600.0, -900.0));
        close(twice.zoomed(0.25, (200.0, 300.0), FRAME), (1.0, 0.0, 0.0));
    }

    #[test]
    fn the_frame_is_always_covered() {
        close(View::default().zoomed(0.1, (0.0, 0.0), FRAME), (1.0, 0.0, 0.0));
        close(View::default().panned((50.0, -50.0), FRAME), (1.0, 0.0, 0.0));
        let corner = View::default().zoomed(2.0, (0.0, 0.0), FRAME).panned((-9999.0, -9999.0), FRAME);
        close(corner, (2.0, -800.0, -600.0));
        close(corner.panned((9999.0, 100.0), FRAME), (2.0, 0.0, -500.0));
        close(View::default().zoomed(1e9, (0.0, 0.0), FRAME), (32.0, 0.0, 0.0));
    }
}
