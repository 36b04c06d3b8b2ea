//! Bytes that somebody says are a picture, made into ones that certainly are.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, RgbImage};

use super::{MAX_PIXELS, PhotoError};

/// Longest side of what is kept, in pixels.
const FULL_EDGE: u32 = 2048;
const THUMB_EDGE: u32 = 320;
const FULL_QUALITY: u8 = 85;
const THUMB_QUALITY: u8 = 75;
/// Longest side of what is decoded: keeps absurdly thin pictures out.
const MAX_EDGE: u32 = 32_768;
/// Most memory a decoder may take for one picture.
const MAX_ALLOC: u64 = 256 * 1024 * 1024;

/// A picture as it will be kept: upright JPEGs, at most 2048 and 320 pixels long, with nothing but pixels in them.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    pub(super) full: Vec<u8>,
    pub(super) thumb: Vec<u8>,
    /// Of the larger one.
    pub(super) width: u32,
    pub(super) height: u32,
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Picture({}×{}, {} bytes)", self.width, self.height, self.full.len())
    }
}

/// How many pixels decoding will produce, from the header alone.
pub(super) fn pixels(bytes: &[u8]) -> Result<u64, PhotoError> {
    let (width, height) = open(bytes)?.dimensions();
    Ok(u64::from(width) * u64::from(height))
}

pub(super) fn prepare(bytes: &[u8]) -> Result<Picture, PhotoError> {
    let mut decoder = open(bytes)?;
    // Camera data that cannot be read says nothing about the orientation.
    let orientation = decoder.orientation().unwrap_or(image::metadata::Orientation::NoTransforms);
    let picture = DynamicImage::from_decoder(decoder).map_err(refusal)?;
    // Smaller first: everything after works on fewer pixels.
    let mut full = shrink(picture, FULL_EDGE);
    full.apply_orientation(orientation);
    let full = on_white(full);
    let (width, height) = full.dimensions();
    let full = DynamicImage::ImageRgb8(full);
    let encoded = encode(&full, FULL_QUALITY)?;
    let thumb = encode(&shrink(full, THUMB_EDGE), THUMB_QUALITY)?;
    Ok(Picture { full: encoded, thumb, width, height })
}

/// The format by its first bytes, and a decoder that has read the header and stays within our bounds.
fn open(bytes: &[u8]) -> Result<impl ImageDecoder + '_, PhotoError> {
    let format = sniff(bytes).ok_or(PhotoError::NotAPicture)?;
    if format == ImageFormat::Jpeg && is_cut_off_jpeg(bytes) {
        return Err(PhotoError::Damaged);
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_EDGE);
    limits.max_image_height = Some(MAX_EDGE);
    limits.max_alloc = Some(MAX_ALLOC);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits.clone());
    let decoder = reader.into_decoder().map_err(refusal)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(PhotoError::TooManyPixels);
    }
    // The decoder counts its own buffers only; the pixels it fills are ours.
    limits.reserve(decoder.total_bytes()).map_err(refusal)?;
    Ok(decoder)
}

fn refusal(error: ImageError) -> PhotoError {
    match error {
        ImageError::Limits(_) => PhotoError::TooManyPixels,
        _ => PhotoError::Damaged,
    }
}

fn sniff(bytes: &[u8]) -> Option<ImageFormat> {
    if bytes.starts_with(&[0xff, 0xd8, 0xff]) {
        Some(ImageFormat::Jpeg)
    } else if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        Some(ImageFormat::Png)
    } else if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        Some(ImageFormat::WebP)
    } else {
        None
    }
}

/// Whether a JPEG stops before its end-of-image marker. The decoder would fill the rest with grey and say nothing.
fn is_cut_off_jpeg(bytes: &[u8]) -> bool {
    const START_OF_SCAN: u8 = 0xda;
    const END_OF_IMAGE: [u8; 2] = [0xff, 0xd9];

    // Up to the first scan, segment by segment: a camera's preview inside one of them has an end marker of its own.
    let mut at = 2;
    loop {
        let Some(&[0xff, marker]) = bytes.get(at..at + 2) else {
            // Not a plain chain of segments, or cut off inside it; which one it is the decoder will find out.
            return at >= bytes.len();
        };
        match marker {
            START_OF_SCAN => break,
            // Padding before a marker.
            0xff => at += 1,
            // Markers without a length.
            0x01 | 0xd0..=0xd8 => at += 2,
            _ => {
                let Some(&[high, low]) = bytes.get(at + 2..at + 4) else { return true };
                at += 2 + usize::from(u16::from_be_bytes([high, low]));
            }
        }
    }
    // Inside a scan 0xff is always followed by something else.
    !bytes[at..].windows(2).any(|pair| pair == END_OF_IMAGE)
}

/// At most so many pixels long, in the same proportions.
fn shrink(picture: DynamicImage, edge: u32) -> DynamicImage {
    let longest = picture.width().max(picture.height());
    if longest <= edge {
        picture
    } else if longest < edge * 2 {
        // Plain averaging would leave stripes at such a small step.
        picture.resize(edge, edge, FilterType::Triangle)
    } else {
        picture.thumbnail(edge, edge)
    }
}

/// JPEG knows no transparency, and the colours behind it are arbitrary.
fn on_white(picture: DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.into_rgb8();
    }
    let picture = picture.into_rgba8();
    RgbImage::from_fn(picture.width(), picture.height(), |x, y| {
        let [red, green, blue, alpha] = picture.get_pixel(x, y).0;
        let alpha = u32::from(alpha);
        image::Rgb([red, green, blue].map(|value| ((u32::from(value) * alpha + 255 * (255 - alpha) + 127) / 255) as u8))
    })
}

fn encode(picture: &DynamicImage, quality: u8) -> Result<Vec<u8>, PhotoError> {
    let mut bytes = Vec::new();
    picture.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, quality)).map_err(|error| match error {
        ImageError::IoError(error) => error.into(),
        _ => PhotoError::Damaged,
    })?;
    Ok(bytes)
}
