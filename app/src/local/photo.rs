//! From a picture file to what is kept and sent: upright, at most 2048 pixels long, JPEG, without metadata.
//!
//! Drawing onto a canvas is what removes metadata: only pixels pass through it. The canvas is never larger than what is
//! kept: a small phone has no memory for one of 48 megapixels.

use js_sys::{ArrayBuffer, Promise, Reflect, Uint8Array};
use sha2::{Digest, Sha256};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, BlobPropertyBag, CanvasRenderingContext2d, File, HtmlCanvasElement, HtmlImageElement, ImageBitmap,
    ImageBitmapOptions, ImageOrientation, ResizeQuality, Url,
};

use crate::domain::ids::PhotoHash;

/// Longest edge of a photo, in pixels.
const LONG_EDGE: u32 = 2048;
/// Longest edge of the small picture kept for lists.
const THUMB_EDGE: u32 = 240;
const JPEG_QUALITY: f64 = 0.82;

/// A photo ready to be kept.
#[derive(Clone, Debug)]
pub struct Shot {
    /// Of `bytes`.
    pub hash: PhotoHash,
    /// JPEG.
    pub bytes: ArrayBuffer,
    /// JPEG, for lists.
    pub thumb: ArrayBuffer,
}

/// Why there is no photo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PhotoError {
    /// Not a picture this browser can read.
    #[error("not a picture this browser can read")]
    Unreadable,
    /// A HEIC picture, which most browsers cannot read.
    #[error("a HEIC picture, which this browser cannot read")]
    Heic,
    /// The browser could not draw or encode it; usually too little memory.
    #[error("the picture could not be made smaller")]
    NotDrawn,
}

/// Reads, turns upright, shrinks and encodes a picture file.
///
/// # Errors
/// [`PhotoError`]
pub async fn prepare(file: &File) -> Result<Shot, PhotoError> {
    let picture = match Picture::decode(file).await {
        Err(PhotoError::Unreadable) if is_heic(file).await => return Err(PhotoError::Heic),
        outcome => outcome?,
    };
    let bytes = picture.jpeg(LONG_EDGE).await?;
    Ok(Shot { hash: hash_of(&bytes), bytes, thumb: picture.jpeg(THUMB_EDGE).await? })
}

/// In WASM and not by `SubtleCrypto`, which a page without TLS does not have.
fn hash_of(bytes: &ArrayBuffer) -> PhotoHash {
    PhotoHash::from_digest(&Sha256::digest(Uint8Array::new(bytes).to_vec()))
}

/// By its first bytes: the box `ftyp` and one of the brands of HEIF with HEVC inside, or of none in particular.
async fn is_heic(file: &Blob) -> bool {
    let Ok(head) = file.slice_with_i32_and_i32(0, 10) else { return false };
    let Ok(head) = JsFuture::from(head.array_buffer()).await else { return false };
    let head = Uint8Array::new(&head).to_vec();
    head.get(4..8) == Some(b"ftyp") && matches!(head.get(8..), Some(b"he" | b"mi" | b"ms"))
}

/// The `src` of an `img` that shows some JPEG bytes; to be given back with [`forget_url`].
#[must_use]
pub fn url_of(jpeg: &ArrayBuffer) -> Option<String> {
    Url::create_object_url_with_blob(&blob_of(jpeg)?).ok()
}

fn blob_of(jpeg: &ArrayBuffer) -> Option<Blob> {
    let parts = js_sys::Array::of1(jpeg);
    let options = BlobPropertyBag::new();
    options.set_type("image/jpeg");
    Blob::new_with_buffer_source_sequence_and_options(&parts, &options).ok()
}

/// Frees what [`url_of`] holds.
pub fn forget_url(url: &str) {
    // The only failure is a URL that is none.
    let _ = Url::revoke_object_url(url);
}

/// The pixels of a photo of this phone.
///
/// # Errors
/// [`PhotoError`]
pub async fn read(jpeg: &ArrayBuffer) -> Result<ImageBitmap, PhotoError> {
    let blob = blob_of(jpeg).ok_or(PhotoError::NotDrawn)?;
    let promise = web_sys::window().and_then(|window| window.create_image_bitmap_with_blob(&blob).ok());
    let bitmap = JsFuture::from(promise.ok_or(PhotoError::NotDrawn)?).await.map_err(|_| PhotoError::Unreadable)?;
    bitmap.dyn_into().map_err(|_| PhotoError::Unreadable)
}

/// What is drawn on a canvas, as a photo.
pub(super) async fn of_canvas(canvas: &HtmlCanvasElement) -> Result<Shot, PhotoError> {
    let bytes = bytes_of(canvas).await?;
    let thumb = Picture::Bitmap(read(&bytes).await?).jpeg(THUMB_EDGE).await?;
    Ok(Shot { hash: hash_of(&bytes), bytes, thumb })
}

/// A canvas of that size and the means to draw on it.
pub(super) fn canvas(width: u32, height: u32) -> Option<(HtmlCanvasElement, CanvasRenderingContext2d)> {
    let canvas: HtmlCanvasElement = web_sys::window()?.document()?.create_element("canvas").ok()?.dyn_into().ok()?;
    canvas.set_width(width);
    canvas.set_height(height);
    let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
    // Where it is not known, the default is good enough.
    let _ = Reflect::set(&context, &"imageSmoothingQuality".into(), &"high".into());
    Some((canvas, context))
}

/// Decoded pixels, upright.
enum Picture {
    Bitmap(ImageBitmap),
    Element { image: HtmlImageElement, url: String },
}

impl Picture {
    async fn decode(file: &Blob) -> Result<Self, PhotoError> {
        // Loading tells the size, upright, before anything is decoded.
        let picture = Self::element(file).await?;
        if let Some(bitmap) = bitmap(file, picture.size()).await {
            return Ok(Self::Bitmap(bitmap));
        }
        // Older browsers refuse the options, and some formats only decode as an element.
        if let Self::Element { image, .. } = &picture {
            JsFuture::from(image.decode()).await.map_err(|_| PhotoError::Unreadable)?;
        }
        Ok(picture)
    }

    async fn element(file: &Blob) -> Result<Self, PhotoError> {
        let image = HtmlImageElement::new().map_err(|_| PhotoError::Unreadable)?;
        let url = Url::create_object_url_with_blob(file).map_err(|_| PhotoError::Unreadable)?;
        let loaded = Promise::new(&mut |resolve, reject| {
            image.set_onload(Some(&resolve));
            image.set_onerror(Some(&reject));
        });
        image.set_src(&url);
        // Made before loading is awaited, so that the URL is freed on failure too.
        let picture = Self::Element { image, url };
        JsFuture::from(loaded).await.map_err(|_| PhotoError::Unreadable)?;
        Ok(picture)
    }

    fn size(&self) -> (u32, u32) {
        match self {
            Self::Bitmap(bitmap) => (bitmap.width(), bitmap.height()),
            Self::Element { image, .. } => (image.natural_width(), image.natural_height()),
        }
    }

    /// The picture with its long edge at most `edge`, as JPEG.
    async fn jpeg(&self, edge: u32) -> Result<ArrayBuffer, PhotoError> {
        let (width, height) = self.size();
        let (width, height) = fit(width, height, edge).ok_or(PhotoError::Unreadable)?;
        let canvas = self.draw(width, height).ok_or(PhotoError::NotDrawn)?;
        let bytes = bytes_of(&canvas).await;
        // Phones give canvases little memory and take it back late.
        canvas.set_width(0);
        bytes
    }

    fn draw(&self, width: u32, height: u32) -> Option<HtmlCanvasElement> {
        let (canvas, context) = canvas(width, height)?;
        let (width, height) = (f64::from(width), f64::from(height));
        // JPEG has no transparency: what is transparent would come out black.
        context.set_fill_style_str("#fff");
        context.fill_rect(0.0, 0.0, width, height);
        match self {
            Self::Bitmap(bitmap) => context.draw_image_with_image_bitmap_and_dw_and_dh(bitmap, 0.0, 0.0, width, height),
            Self::Element { image, .. } => {
                context.draw_image_with_html_image_element_and_dw_and_dh(image, 0.0, 0.0, width, height)
            }
        }
        .ok()?;
        Some(canvas)
    }
}

/// The picture of that size, upright, made smaller while it is decoded where the browser knows how. `None` where it does not
/// do what is asked.
async fn bitmap(file: &Blob, (width, height): (u32, u32)) -> Option<ImageBitmap> {
    let options = ImageBitmapOptions::new();
    options.set_image_orientation(ImageOrientation::FromImage);
    if width.max(height) > LONG_EDGE {
        // One side only: then the other one tells whether the picture was turned upright first.
        if width > height {
            options.set_resize_width(LONG_EDGE);
        } else {
            options.set_resize_height(LONG_EDGE);
        }
        options.set_resize_quality(ResizeQuality::High);
    }
    let promise = web_sys::window()?.create_image_bitmap_with_blob_and_image_bitmap_options(file, &options).ok()?;
    let bitmap: ImageBitmap = JsFuture::from(promise).await.ok()?.dyn_into().ok()?;
    let [wide, high, width, height] = [bitmap.width(), bitmap.height(), width, height].map(f64::from);
    // A pixel of rounding.
    let same_shape = (wide * height - high * width).abs() <= width.max(height) * 1.5;
    if !same_shape {
        bitmap.close();
    }
    same_shape.then_some(bitmap)
}

impl Drop for Picture {
    fn drop(&mut self) {
        match self {
            Self::Bitmap(bitmap) => bitmap.close(),
            Self::Element { url, .. } => forget_url(url),
        }
    }
}

/// What is drawn on a canvas, as JPEG.
async fn bytes_of(canvas: &HtmlCanvasElement) -> Result<ArrayBuffer, PhotoError> {
    let promise = Promise::new(&mut |resolve, reject| {
        let asked =
            canvas.to_blob_with_type_and_encoder_options(&resolve, "image/jpeg", &JsValue::from_f64(JPEG_QUALITY));
        if let Err(error) = asked {
            // Calling a promise's resolver cannot throw.
            let _ = reject.call1(&JsValue::NULL, &error);
        }
    });
    // Null when there was too little memory.
    let blob: Option<Blob> = JsFuture::from(promise).await.ok().and_then(|blob| blob.dyn_into().ok());
    let bytes = JsFuture::from(blob.ok_or(PhotoError::NotDrawn)?.array_buffer()).await;
    bytes.ok().and_then(|bytes| bytes.dyn_into().ok()).ok_or(PhotoError::NotDrawn)
}

/// A size with the same shape whose long edge is at most `edge`; never larger than it was, never less than one pixel.
/// `None` for a picture without pixels.
fn fit(width: u32, height: u32, edge: u32) -> Option<(u32, u32)> {
    let long = width.max(height);
    if width == 0 || height == 0 {
        return None;
    }
    if long <= edge {
        return Some((width, height));
    }
    let scale = f64::from(edge) / f64::from(long);
    let shrink = |side: u32| ((f64::from(side) * scale).round() as u32).clamp(1, edge);
    Some((shrink(width), shrink(height)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn pictures_shrink_to_the_long_edge_and_never_grow() {
        assert_eq!(fit(4032, 3024, 2048), Some((2048, 1536)));
        assert_eq!(fit(3024, 4032, 2048), Some((1536, 2048)));
        assert_eq!(fit(800, 600, 2048), Some((800, 600)));
        assert_eq!(fit(100_000, 1, 2048), Some((2048, 1)));
        assert_eq!(fit(0, 600, 2048), None);
    }

    proptest! {
        #[test]
        fn a_fitted_picture_is_within_the_edge_and_keeps_its_shape(width in 1_u32..20_000, height in 1_u32..20_000) {
            let (w, h) = fit(width, height, 2048).unwrap();
            prop_assert!(w >= 1 && h >= 1 && w.max(h) <= 2048);
            let error = (f64::from(w) * f64::from(height) - f64::from(h) * f64::from(width)).abs();
            // Half a pixel of rounding on either side.
            prop_assert!(error <= f64::from(width.max(height)));
        }
    }
}
