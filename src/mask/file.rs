//! Masks as files: to keep them in little room, and to hand them on.

use super::Mask;

impl Mask {
    /// The mask as a picture, white where it fills: a Windows bitmap with one bit a pixel, which every decoder reads.
    ///
    /// The layout is that of `BITMAPFILEHEADER` and `BITMAPINFOHEADER` in Microsoft's documentation of bitmap storage.
    pub fn to_bitmap(&self) -> Vec<u8> {
        /// Both headers and the two colours.
        const PIXELS_AT: u32 = 14 + 40 + 8;
        let (width, height) = self.size().into();
        // Rows begin at multiples of four bytes.
        let stride = width.div_ceil(32) * 4;
        let len = PIXELS_AT + stride * height;
        let mut file = Vec::with_capacity(len as usize);
        file.extend(b"BM");
        for field in [len, 0, PIXELS_AT, 40, width, height] {
            file.extend(field.to_le_bytes());
        }
        // One plane, one bit a pixel.
        file.extend([1, 0, 1, 0]);
        // Not compressed; as many bytes of pixels; no statement on dots per metre; two colours, both of them used.
        for field in [0, stride * height, 0, 0, 2, 2] {
            file.extend(field.to_le_bytes());
        }
        file.extend([0, 0, 0, 0, 255, 255, 255, 0]);
        // From the lowest row up.
        for y in (0..height).rev() {
            let start = file.len();
            for pixels in self.row(y).chunks(8) {
                let bits = pixels.iter().enumerate().map(|(at, &pixel)| (pixel & 0x80) >> at);
                file.push(bits.fold(0, |byte, bit| byte | bit));
            }
            file.resize(start + stride as usize, 0);
        }
        file
    }
}
