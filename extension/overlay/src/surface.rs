//! The canvases: the picture, the result over it, and the paint over both.

use std::cell::{Cell, RefCell};

use brushaway::{
    geometry::{Point, Rect, Size},
    mask::{Stroke, Tool},
};
use brushaway_browser::error::JsError;
use js_sys::Reflect;
use wasm_bindgen::{Clamped, JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, CanvasRenderingContext2d, ColorSpaceConversion, HtmlCanvasElement, HtmlImageElement, ImageBitmap,
    ImageBitmapOptions, ImageData,
};

use crate::{page, painting::Painting, view::Frame};

/// Paint is opaque here; the style sheet makes the whole canvas see-through, so that strokes do not add up.
const PAINT: &str = "#ff3b6b";

/// The longer side of the paint's canvas, in pixels.
const MOST_PAINT_PX: f64 = 4096.0;

/// Side of a small picture of a result, in pixels: sharp at 56 CSS pixels on a fine screen.
const THUMBNAIL_PX: u32 = 112;

/// Three canvases of one picture.
#[derive(Debug)]
pub struct Surface {
    /// The picture that jobs start from, at full resolution.
    pub source: HtmlCanvasElement,
    /// What jobs changed, at full resolution, transparent elsewhere.
    pub result: HtmlCanvasElement,
    /// What is painted, at the resolution of the screen.
    pub brush: HtmlCanvasElement,
    size: Cell<Option<Size>>,
    is_result_stale: Cell<bool>,
    /// Around all that the result changed.
    changed: Cell<Option<Rect>>,
    base: RefCell<Option<HtmlImageElement>>,
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
            size: Cell::default(),
            is_result_stale: Cell::default(),
            changed: Cell::default(),
            base: RefCell::default(),
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
        let options = ImageBitmapOptions::new();
        // The engine computes on the file's own values, so these are shown.
        options.set_color_space_conversion(ColorSpaceConversion::None);
        let promise = page::window()?.create_image_bitmap_with_blob_and_image_bitmap_options(picture, &options);
        let promise = promise.map_err(JsError::of("decode the picture"))?;
        let bitmap: ImageBitmap =
            JsFuture::from(promise).await.map_err(JsError::of("decode the picture"))?.unchecked_into();
        let size = Size::new(bitmap.width(), bitmap.height());
        let size = size.map_err(|e| JsError::unexpected("decode the picture", e.to_string()))?;
        for canvas in [&self.source, &self.result] {
            canvas.set_width(size.width());
            canvas.set_height(size.height());
        }
        let drawn = context(&self.source)?.draw_image_with_image_bitmap(&bitmap, 0.0, 0.0);
        bitmap.close();
        drawn.map_err(JsError::of("draw the picture"))?;
        self.size.set(Some(size));
        self.base.replace(None);
        Ok(size)
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

    /// A small picture of what the result changed, as a `data:` URL.
    ///
    /// # Errors
    /// [`JsError`] if there is no result, or no drawing context.
    pub fn thumbnail(&self) -> Result<String, JsError> {
        let failed = || JsError::of("draw a small picture");
        let rect = self.changed.get().ok_or_else(|| JsError::unexpected("draw a small picture", "no result"))?;
        let canvas = page::element::<HtmlCanvasElement>("canvas")?;
        canvas.set_width(THUMBNAIL_PX);
        canvas.set_height(THUMBNAIL_PX);
        // All of it, in the middle.
        let scale = f64::from(THUMBNAIL_PX) / f64::from(rect.size.longer_side());
        let side = f64::from(THUMBNAIL_PX) / scale;
        let middle = |start: u32, length: u32| f64::from(start) + f64::from(length) / 2.0 - side / 2.0;
        let (left, top) = (middle(rect.x, rect.size.width()), middle(rect.y, rect.size.height()));
        let target = context(&canvas)?;
        for layer in [&self.source, &self.result] {
            target
                .draw_image_with_html_canvas_element_and_sw_and_sh_and_dx_and_dy_and_dw_and_dh(
                    layer,
                    left,
                    top,
                    side,
                    side,
                    0.0,
                    0.0,
                    f64::from(THUMBNAIL_PX),
                    f64::from(THUMBNAIL_PX),
                )
                .map_err(failed())?;
        }
        canvas.to_data_url_with_type("image/jpeg").map_err(failed())
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

    /// Fits the paint's canvas to its place on screen and paints again.
    ///
    /// # Errors
    /// [`JsError`] if there is no drawing context.
    pub fn fit(&self, painting: &Painting) -> Result<(), JsError> {
        let ratio = page::window()?.device_pixel_ratio();
        let rect = self.brush.get_bounding_client_rect();
        // Of a picture seen at a large scale there is more paint than anybody sees; it gets no finer than this.
        let shrink = (MOST_PAINT_PX / (rect.width().max(rect.height()) * ratio)).min(1.0);
        let side = |length: f64| (length * ratio * shrink).round().max(1.0) as u32;
        self.brush.set_width(side(rect.width()));
        self.brush.set_height(side(rect.height()));
        self.paint_all(painting)
    }

    /// Paints everything again.
    ///
    /// # Errors
    /// [`JsError`] if there is no drawing context.
    pub fn paint_all(&self, painting: &Painting) -> Result<(), JsError> {
        clear(&self.brush)?;
        self.paint_base(painting)?;
        for stroke in painting.strokes() {
            self.paint(stroke, 0)?;
        }
        Ok(())
    }

    /// Paints a stroke from its point `first` on, so that a stroke that grows costs the same all along.
    ///
    /// # Errors
    /// [`JsError`] if there is no drawing context.
    pub fn paint(&self, stroke: &Stroke, first: usize) -> Result<(), JsError> {
        let Some(size) = self.size.get() else { return Ok(()) };
        let context = context(&self.brush)?;
        let scale = f64::from(self.brush.width()) / f64::from(size.width());
        let at = |point: &Point| (f64::from(point.x) * scale, f64::from(point.y) * scale);
        let operation = match stroke.tool {
            Tool::Brush => "source-over",
            Tool::Eraser => "destination-out",
        };
        context.set_global_composite_operation(operation).map_err(JsError::of("paint"))?;
        context.set_stroke_style_str(PAINT);
        context.set_line_width(f64::from(stroke.radius) * 2.0 * scale);
        context.set_line_cap("round");
        context.set_line_join("round");
        context.begin_path();
        let Some((start, rest)) = stroke.points.get(first..).and_then(|points| points.split_first()) else {
            return Ok(());
        };
        let (x, y) = at(start);
        context.move_to(x, y);
        // A line to where it starts makes a dot.
        context.line_to(x, y);
        for (x, y) in rest.iter().map(at) {
            context.line_to(x, y);
        }
        context.stroke();
        context.set_global_composite_operation("source-over").map_err(JsError::of("paint"))
    }

    /// Remembers the picture of an imported mask, white where something is to go.
    ///
    /// # Errors
    /// [`JsError`] if it is not a picture.
    pub async fn load_base(&self, object_url: &str) -> Result<(), JsError> {
        let image = page::load_image(object_url).await?;
        self.base.replace(Some(image));
        Ok(())
    }

    fn paint_base(&self, painting: &Painting) -> Result<(), JsError> {
        let base = self.base.borrow();
        let (Some(image), Some(_)) = (base.as_ref(), painting.base()) else { return Ok(()) };
        let context = context(&self.brush)?;
        let (width, height) = (self.brush.width(), self.brush.height());
        let (w, h) = (f64::from(width), f64::from(height));
        let drawn = context.draw_image_with_html_image_element_and_dw_and_dh(image, 0.0, 0.0, w, h);
        drawn.map_err(JsError::of("paint the mask"))?;
        let pixels = context.get_image_data(0.0, 0.0, w, h).map_err(JsError::of("paint the mask"))?;
        let mut data = pixels.data();
        for pixel in data.chunks_exact_mut(4) {
            let brightness = pixel[..3].iter().map(|&v| u32::from(v)).sum::<u32>() / 3 * u32::from(pixel[3]) / 255;
            pixel.copy_from_slice(&if brightness < 128 { [0; 4] } else { [0xff, 0x3b, 0x6b, 0xff] });
        }
        put_pixels(&self.brush, &data, width, (0.0, 0.0))
    }

    /// The picture with what was kept, as a PNG file.
    ///
    /// # Errors
    /// [`JsError`] if the browser cannot encode it.
    pub async fn source_file(&self) -> Result<Blob, JsError> {
        page::canvas_file(&self.source).await
    }
}

fn context(canvas: &HtmlCanvasElement) -> Result<CanvasRenderingContext2d, JsError> {
    let context = canvas.get_context("2d").map_err(JsError::of("draw"))?;
    context.map(JsValue::from).and_then(|c| c.dyn_into().ok()).ok_or_else(|| JsError::unexpected("draw", "no context"))
}

fn clear(canvas: &HtmlCanvasElement) -> Result<(), JsError> {
    context(canvas)?.clear_rect(0.0, 0.0, f64::from(canvas.width()), f64::from(canvas.height()));
    Ok(())
}

fn put(canvas: &HtmlCanvasElement, rect: Rect, pixels: &[u8]) -> Result<(), JsError> {
    put_pixels(canvas, pixels, rect.size.width(), (f64::from(rect.x), f64::from(rect.y)))
}

fn put_pixels(canvas: &HtmlCanvasElement, pixels: &[u8], width: u32, at: (f64, f64)) -> Result<(), JsError> {
    let data = ImageData::new_with_u8_clamped_array(Clamped(pixels), width).map_err(JsError::of("draw"))?;
    context(canvas)?.put_image_data(&data, at.0, at.1).map_err(JsError::of("draw"))
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
    let canvas = page::element::<HtmlCanvasElement>("canvas")?;
    canvas.set_width(w.round() as u32);
    canvas.set_height(h.round() as u32);
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
    let canvas = page::element::<HtmlCanvasElement>("canvas")?;
    canvas.set_width(w as u32);
    canvas.set_height(h as u32);
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
