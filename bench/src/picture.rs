//! Pictures to send: each with about as much detail as a street.

use bytes::Bytes;
use image::RgbImage;
use image::codecs::jpeg::JpegEncoder;

/// A JPEG of smooth light, edges, and grain; different for each `seed`.
pub(crate) fn street((width, height): (u32, u32), grain: u32, quality: u8, seed: u32) -> anyhow::Result<Bytes> {
    let mut noise = seed.wrapping_mul(2_654_435_761) | 1;
    let picture = RgbImage::from_fn(width, height, |x, y| {
        // Xorshift: any noise will do, as long as it is cheap and the same each time.
        noise ^= noise << 13;
        noise ^= noise >> 17;
        noise ^= noise << 5;
        let paving = u32::from((x + seed * 7) % 190 < 6 || (y + seed * 3) % 140 < 5) * 60;
        let light = 70 + x * 90 / width + y * 40 / height;
        let shade = |channel: u32| (light + channel * 9 + noise % grain).saturating_sub(paving).min(255) as u8;
        image::Rgb([shade(2), shade(1), shade(0)])
    });
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, quality).encode_image(&picture)?;
    Ok(bytes.into())
}
