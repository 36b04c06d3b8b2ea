//! Bytes that somebody says are a picture, made into ones that certainly are.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageReader, Limits, RgbImage};
use jpeg_encoder::{ColorType, Encoder, EncodingError};

use super::PhotoError;
use super::facts::Frame;
use super::shrink::{on_white, shrunk};

/// Longest side of what is kept, in pixels.
const FULL_EDGE: u32 = 2048;
const THUMB_EDGE: u32 = 320;
const FULL_QUALITY: u8 = 85;
const THUMB_QUALITY: u8 = 75;
/// Longest side of what is decoded: keeps absurdly thin pictures out.
pub(super) const MAX_EDGE: u32 = 32_768;

/// A picture as it will be kept: upright JPEGs, at most 2048 and 320 pixels long, with nothing but pixels in them.
pub(super) struct Encoded {
    pub(super) full: Vec<u8>,
    pub(super) thumb: Vec<u8>,
    /// Of the larger one.
    pub(super) width: u32,
    pub(super) height: u32,
}

/// Decodes a file within what was found out about it before.
pub(super) fn prepare(path: &Path, frame: Frame) -> Result<Encoded, PhotoError> {
    let mut reader = ImageReader::with_format(BufReader::new(File::open(path)?), frame.format);
    let mut bounds = bounds(frame.memory);
    reader.limits(bounds.clone());
    let mut decoder = reader.into_decoder().map_err(refusal)?;
    // The decoder counts its own buffers only; the pixels it fills are ours.
    bounds.reserve(decoder.total_bytes()).map_err(refusal)?;
    // Camera data that cannot be read says nothing about the orientation.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let picture = DynamicImage::from_decoder(decoder).map_err(refusal)?;
    // Smaller first: everything after works on fewer pixels.
    let mut full = DynamicImage::ImageRgb8(shrunk(&picture, FULL_EDGE).unwrap_or_else(|| on_white(picture)));
    full.apply_orientation(orientation);
    let thumb = shrunk(&full, THUMB_EDGE);
    let full = full.into_rgb8();
    let thumb = encode(thumb.as_ref().unwrap_or(&full), THUMB_QUALITY)?;
    Ok(Encoded { full: encode(&full, FULL_QUALITY)?, thumb, width: full.width(), height: full.height() })
}

/// What the decoders' own limits are set to; `memory` in bytes.
pub(super) fn bounds(memory: u64) -> Limits {
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_EDGE);
    limits.max_image_height = Some(MAX_EDGE);
    limits.max_alloc = Some(memory);
    limits
}

pub(super) fn refusal(error: ImageError) -> PhotoError {
    match error {
        ImageError::Limits(_) => PhotoError::TooManyPixels,
        _ => PhotoError::Damaged,
    }
}

/// With the colours at half the resolution, as cameras and browsers do.
fn encode(picture: &RgbImage, quality: u8) -> Result<Vec<u8>, PhotoError> {
    let mut bytes = Vec::with_capacity(picture.as_raw().len() / 8);
    let side = |pixels| u16::try_from(pixels).map_err(|_| PhotoError::TooManyPixels);
    let (width, height) = (side(picture.width())?, side(picture.height())?);
    let encoded = Encoder::new(&mut bytes, quality).encode(picture.as_raw(), width, height, ColorType::Rgb);
    encoded.map_err(|error| match error {
        EncodingError::IoError(error) => error.into(),
        _ => PhotoError::Damaged,
    })?;
    Ok(bytes)
}
