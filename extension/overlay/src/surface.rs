//! The canvases: the picture, the result over it, and the paint over both.

use std::cell::Cell;

use brushaway::{
    geometry::{Rect, Size},
    image::Image,
    mask::Mask,
};
use brushaway_browser::error::JsError;
use js_sys::Reflect;
use wasm_bindgen::{Clamped, JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, CanvasRenderingContext2d, ColorSpaceConversion, Element, HtmlCanvasElement, ImageBitmap, ImageBitmapOptions,
    ImageData,
};

use crate::{page, view::Frame};

mod loupe;
mod moving;
mod paint;
mod small;

pub(crate) use self::small::Snapshots;
pub use self::{moving::Still, paint::Ink};

/// The canvases of one picture.
#[derive(Debug)]
pub struct Surface {
    /// The picture that jobs start from, at full resolution.
    pub source: HtmlCanvasElement,
    /// What jobs changed, at full resolution, transparent elsewhere.
    pub result: HtmlCanvasElement,
    /// What is painted, at the resolution of the screen.
    pub brush: HtmlCanvasElement,
    /// The line around an area in the making, in image pixels.
    pub outline: Element,
    /// What is seen while a hand moves the picture.
    pub still: Still,
    /// Which pixels the result changed, at full resolution; empty unless they are looked at.
    pub marks: HtmlCanvasElement,
    size: Cell<Option<Size>>,
    is_result_stale: Cell<bool>,
    /// Around all that the result changed.
    changed: Cell<Option<Rect>>,
}

impl Surface {
    /// Makes the canvases.
    ///
    /// # Errors
    /// [`JsError`] outside a page.
    pub fn new() -> Result<Self, JsError> {
        let canvas = |class: &str| -> Result<HtmlCanvasElement, JsError> {
            let canvas = page::element::<HtmlCanvasElement>("canvas")?;
            canvas.set_class_name(class);
            Ok(canvas)
        };
        Ok(Self {
            source: canvas("source")?,
            result: canvas("result")?,
            brush: canvas("brush")?,
            outline: paint::outline()?,
            still: Still::new()?,
            marks: canvas("marks")?,
            size: Cell::default(),
            is_result_stale: Cell::default(),
            changed: Cell::default(),
        })
    }

    /// Width and height of the picture.
    pub const fn size(&self) -> Option<Size> {
        self.size.get()
    }

    /// Shows a new picture.
    ///
    /// # Errors
    /// [`JsError`] if the browser cannot decode it.
    pub async fn show(&self, picture: &Blob) -> Result<Size, JsError> {
        let bitmap = decoded(picture).await?;
        let size = Size::new(bitmap.width(), bitmap.height());
        let size = size.map_err(|e| JsError::unexpected("decode the picture", e.to_string()))?;
        for canvas in [&self.source, &self.result] {
            canvas.set_width(size.width());
            canvas.set_height(size.height());
        }
        let drawn = context(&self.source)?.draw_image_with_image_bitmap(&bitmap, 0.0, 0.0);
        bitmap.close();
        drawn.map_err(JsError::of("draw the picture"))?;
        let view_box = format!("0 0 {} {}", size.width(), size.height());
        self.outline.set_attribute("viewBox", &view_box).map_err(JsError::of("draw the picture"))?;
        self.size.set(Some(size));
        Ok(size)
    }

    /// Around all that the result changed.
    pub(crate) const fn changed(&self) -> Option<Rect> {
        self.changed.get()
    }

    /// The place where the picture just fits, and how its pixels relate to the screen's. None while there is none.
    pub fn frame(&self) -> Option<Frame> {
        let (width, height) = (f64::from(self.brush.offset_width()), f64::from(self.brush.offset_height()));
        let ratio = page::window().ok()?.device_pixel_ratio();
        let actual = f64::from(self.size()?.width()) / (width * ratio);
        (width > 0.0 && height > 0.0).then_some(Frame { width, height, actual })
    }

    /// The next patch starts a new result; until it comes the old one stays on screen.
    pub fn expect_new_result(&self) {
        self.is_result_stale.set(true);
    }

    /// Takes the result away.
    ///
    /// # Errors
    /// [`JsError`] if there is no drawing context.
    pub fn clear_result(&self) -> Result<(), JsError> {
        self.is_result_stale.set(false);
        self.changed.set(None);
        clear(&self.result)
    }

    /// Draws a part of the result. `pixels` are RGBA.
    ///
    /// # Errors
    /// [`JsError`] if the sizes do not fit.
    pub fn draw_result(&self, rect: Rect, pixels: &[u8]) -> Result<(), JsError> {
        if self.is_result_stale.replace(false) {
            self.changed.set(None);
            clear(&self.result)?;
        }
        self.changed.set(Some(self.changed.get().map_or(rect, |changed| changed.union(rect))));
        put(&self.result, rect, pixels)
    }

    /// A part of the picture that jobs start from.
    ///
    /// # Errors
    /// [`JsError`] if there is no drawing context.
    pub fn pixels(&self, rect: Rect) -> Result<Image, JsError> {
        let (w, h) = (f64::from(rect.size.width()), f64::from(rect.size.height()));
        image_of(&self.source, (f64::from(rect.x), f64::from(rect.y), w, h), rect.size)
    }

    /// Draws into the picture itself.
    ///
    /// # Errors
    /// [`JsError`] if the sizes do not fit.
    pub fn draw_source(&self, rect: Rect, pixels: &[u8]) -> Result<(), JsError> {
        put(&self.source, rect, pixels)
    }

    /// Makes the result the picture.
    ///
    /// # Errors
    /// [`JsError`] if there is no drawing context.
    pub fn keep_result(&self) -> Result<(), JsError> {
        let drawn = context(&self.source)?.draw_image_with_html_canvas_element(&self.result, 0.0, 0.0);
        drawn.map_err(JsError::of("keep the result"))?;
        self.clear_result()
    }

    /// The picture with what was kept, as a PNG file.
    ///
    /// # Errors
    /// [`JsError`] if the browser cannot encode it.
    pub async fn source_file(&self) -> Result<Blob, JsError> {
        page::canvas_file(&self.source).await
    }
}

/// The mask as a PNG file, white where something is to go.
///
/// # Errors
/// [`JsError`] if the browser cannot encode it.
pub async fn mask_file(mask: &Mask) -> Result<Blob, JsError> {
    let canvas = page::canvas(mask.size().width(), mask.size().height())?;
    let pixels: Vec<u8> = mask.as_bytes().iter().flat_map(|&value| [value, value, value, 255]).collect();
    put_pixels(&canvas, &pixels, mask.size().width(), (0.0, 0.0))?;
    page::canvas_file(&canvas).await
}

/// Pixels of a canvas: left, top, width, height.
fn image_of(canvas: &HtmlCanvasElement, (x, y, w, h): (f64, f64, f64, f64), size: Size) -> Result<Image, JsError> {
    let what = "read the picture";
    let pixels = context(canvas)?.get_image_data(x, y, w, h).map_err(JsError::of(what))?.data().0;
    Image::from_rgba(size, pixels).map_err(|error| JsError::unexpected(what, error.to_string()))
}

fn set(context: &CanvasRenderingContext2d, key: &str, value: &str) -> Result<(), JsError> {
    Reflect::set(context, &key.into(), &value.into()).map(drop).map_err(JsError::of("draw"))
}

pub(crate) fn context(canvas: &HtmlCanvasElement) -> Result<CanvasRenderingContext2d, JsError> {
    let context = canvas.get_context("2d").map_err(JsError::of("draw"))?;
    context.map(JsValue::from).and_then(|c| c.dyn_into().ok()).ok_or_else(|| JsError::unexpected("draw", "no context"))
}

fn clear(canvas: &HtmlCanvasElement) -> Result<(), JsError> {
    context(canvas)?.clear_rect(0.0, 0.0, f64::from(canvas.width()), f64::from(canvas.height()));
    Ok(())
}

pub(crate) fn put(canvas: &HtmlCanvasElement, rect: Rect, pixels: &[u8]) -> Result<(), JsError> {
    put_pixels(canvas, pixels, rect.size.width(), (f64::from(rect.x), f64::from(rect.y)))
}

fn put_pixels(canvas: &HtmlCanvasElement, pixels: &[u8], width: u32, at: (f64, f64)) -> Result<(), JsError> {
    let data = ImageData::new_with_u8_clamped_array(Clamped(pixels), width).map_err(JsError::of("draw"))?;
    context(canvas)?.put_image_data(&data, at.0, at.1).map_err(JsError::of("draw"))
}

/// A file as the browser decodes it. Its values are not converted: the engine computes on them, so these are shown.
async fn decoded(file: &Blob) -> Result<ImageBitmap, JsError> {
    let options = ImageBitmapOptions::new();
    options.set_color_space_conversion(ColorSpaceConversion::None);
    let promise = page::window()?.create_image_bitmap_with_blob_and_image_bitmap_options(file, &options);
    let promise = promise.map_err(JsError::of("decode the picture"))?;
    Ok(JsFuture::from(promise).await.map_err(JsError::of("decode the picture"))?.unchecked_into())
}

/// The pixels of a file that the engine does not read, as the browser decodes it, in one that it reads.
///
/// # Errors
/// [`JsError`] if the browser does not read it either.
pub async fn pixels(file: &Blob) -> Result<Blob, JsError> {
    let bitmap = decoded(file).await?;
    let canvas = page::canvas(bitmap.width(), bitmap.height())?;
    let drawn = context(&canvas)?.draw_image_with_image_bitmap(&bitmap, 0.0, 0.0);
    bitmap.close();
    drawn.map_err(JsError::of("draw the picture"))?;
    page::canvas_file(&canvas).await
}

/// Whether the browser can show `mime` although the engine cannot read it; then the browser converts it.
///
/// # Errors
/// [`JsError`] if it cannot.
pub async fn converted(file: &Blob, width: Option<f64>) -> Result<Blob, JsError> {
    let url = page::object_url(file)?;
    let image = page::load_image(&url).await?;
    let (mut w, mut h) = (f64::from(image.natural_width()), f64::from(image.natural_height()));
    if let Some(wanted) = width.filter(|wanted| *wanted > w && file.type_().contains("svg")) {
        (w, h) = (wanted, h * wanted / w.max(1.0));
    }
    let canvas = page::canvas(w.round() as u32, h.round() as u32)?;
    let drawn = context(&canvas)?.draw_image_with_html_image_element_and_dw_and_dh(&image, 0.0, 0.0, w, h);
    drawn.map_err(JsError::of("convert the picture"))?;
    page::canvas_file(&canvas).await
}

/// Cuts `rect` (in CSS pixels, of a page shown at `ratio`) out of a screenshot.
///
/// # Errors
/// [`JsError`] if nothing of it is visible.
pub async fn cut_screenshot(data_url: &str, rect: [f64; 4], ratio: f64) -> Result<Blob, JsError> {
    let image = page::load_image(data_url).await?;
    let (width, height) = (f64::from(image.natural_width()), f64::from(image.natural_height()));
    let [x, y, w, h] = rect.map(|v| v * ratio);
    let (left, top) = (x.max(0.0).round(), y.max(0.0).round());
    let (w, h) = ((x + w).min(width).round() - left, (y + h).min(height).round() - top);
    if w < 1.0 || h < 1.0 {
        return Err(JsError::unexpected("cut the screenshot", "the picture is not in view"));
    }
    let canvas = page::canvas(w as u32, h as u32)?;
    let drawn = context(&canvas)?.draw_image_with_html_image_element_and_sw_and_sh_and_dx_and_dy_and_dw_and_dh(
        &image, left, top, w, h, 0.0, 0.0, w, h,
    );
    drawn.map_err(JsError::of("cut the screenshot"))?;
    page::canvas_file(&canvas).await
}

/// Reads a field of a JavaScript object.
pub fn field(object: &JsValue, key: &str) -> JsValue {
    Reflect::get(object, &key.into()).unwrap_or_default()
}
