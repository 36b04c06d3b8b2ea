//! From a picture file to what is kept and sent: upright, at most 2048 pixels long, JPEG, without metadata.
//!
//! Drawing onto a canvas is what removes metadata: only pixels pass through it.

use js_sys::{ArrayBuffer, Promise, Reflect, Uint8Array};
use sha2::{Digest, Sha256};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, BlobPropertyBag, CanvasRenderingContext2d, File, HtmlCanvasElement, HtmlImageElement, ImageBitmap,
    ImageBitmapOptions, ImageOrientation, Url,
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
    /// The browser could not draw or encode it; usually too little memory.
    #[error("the picture could not be made smaller")]
    NotDrawn,
}

/// Reads, turns upright, shrinks and encodes a picture file.
///
/// # Errors
/// [`PhotoError`]
pub async fn prepare(file: &File) -> Result<Shot, PhotoError> {
    let picture = Picture::decode(file).await?;
    let bytes = picture.jpeg(LONG_EDGE).await?;
    let thumb = picture.jpeg(THUMB_EDGE).await?;
    // In WASM and not by SubtleCrypto, which a page without TLS does not have.
    let hash = PhotoHash::from_digest(&Sha256::digest(Uint8Array::new(&bytes).to_vec()));
    Ok(Shot { hash, bytes, thumb })
}

/// The `src` of an `img` that shows some JPEG bytes; to be given back with [`forget_url`].
#[must_use]
pub fn url_of(jpeg: &ArrayBuffer) -> Option<String> {
    let parts = js_sys::Array::of1(jpeg);
    let options = BlobPropertyBag::new();
    options.set_type("image/jpeg");
    let blob = Blob::new_with_buffer_source_sequence_and_options(&parts, &options).ok()?;
    Url::create_object_url_with_blob(&blob).ok()
}

/// Frees what [`url_of`] holds.
pub fn forget_url(url: &str) {
    // The only failure is a URL that is none.
    let _ = Url::revoke_object_url(url);
}

/// Decoded pixels, upright.
enum Picture {
    Bitmap(ImageBitmap),
    Element { image: HtmlImageElement, url: String },
}

impl Picture {
    async fn decode(file: &File) -> Result<Self, PhotoError> {
        match Self::bitmap(file).await {
            Ok(bitmap) => Ok(Self::Bitmap(bitmap)),
            // Older browsers refuse the option, and some formats only decode as an element.
            Err(_) => Self::element(file).await,
        }
    }

    async fn bitmap(file: &File) -> Result<ImageBitmap, JsValue> {
        let options = ImageBitmapOptions::new();
        options.set_image_orientation(ImageOrientation::FromImage);
        let window = web_sys::window().ok_or(JsValue::NULL)?;
        let promise = window.create_image_bitmap_with_blob_and_image_bitmap_options(file, &options)?;
        JsFuture::from(promise).await?.dyn_into()
    }

    async fn element(file: &File) -> Result<Self, PhotoError> {
        let image = HtmlImageElement::new().map_err(|_| PhotoError::Unreadable)?;
        let url = Url::create_object_url_with_blob(file).map_err(|_| PhotoError::Unreadable)?;
        image.set_src(&url);
        // Made before decoding is awaited, so that the URL is freed on failure too.
        let picture = Self::Element { image: image.clone(), url };
        JsFuture::from(image.decode()).await.map_err(|_| PhotoError::Unreadable)?;
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
        let blob = encode(&canvas).await;
        // Phones give canvases little memory and take it back late.
        canvas.set_width(0);
        let buffer = JsFuture::from(blob?.array_buffer()).await.map_err(|_| PhotoError::NotDrawn)?;
        buffer.dyn_into().map_err(|_| PhotoError::NotDrawn)
    }

    fn draw(&self, width: u32, height: u32) -> Option<HtmlCanvasElement> {
        let document = web_sys::window()?.document()?;
        let canvas: HtmlCanvasElement = document.create_element("canvas").ok()?.dyn_into().ok()?;
        canvas.set_width(width);
        canvas.set_height(height);
        let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
        let (width, height) = (f64::from(width), f64::from(height));
        // JPEG has no transparency: what is transparent would come out black.
        context.set_fill_style_str("#fff");
        context.fill_rect(0.0, 0.0, width, height);
        // Where it is not known, the default is good enough.
        let _ = Reflect::set(&context, &"imageSmoothingQuality".into(), &"high".into());
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

impl Drop for Picture {
    fn drop(&mut self) {
        match self {
            Self::Bitmap(bitmap) => bitmap.close(),
            Self::Element { url, .. } => forget_url(url),
        }
    }
}

async fn encode(canvas: &HtmlCanvasElement) -> Result<Blob, PhotoError> {
    let promise = Promise::new(&mut |resolve, reject| {
        let done = Closure::once_into_js(move |blob: JsValue| {
            // Calling a promise's resolver cannot throw.
            let _ = resolve.call1(&JsValue::NULL, &blob);
        });
        let asked = canvas.to_blob_with_type_and_encoder_options(
            done.unchecked_ref(),
            "image/jpeg",
            &JsValue::from_f64(JPEG_QUALITY),
        );
        if let Err(error) = asked {
            let _ = reject.call1(&JsValue::NULL, &error);
        }
    });
    // Null when there was too little memory.
    JsFuture::from(promise).await.ok().and_then(|blob| blob.dyn_into().ok()).ok_or(PhotoError::NotDrawn)
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
