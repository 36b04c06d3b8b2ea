//! Pictures made on the spot, good and bad.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};

const RED: Rgb<u8> = Rgb([220, 30, 30]);
const BLUE: Rgb<u8> = Rgb([30, 30, 220]);

/// Red on the left half, blue on the right.
pub fn red_blue(width: u32, height: u32) -> DynamicImage {
    RgbImage::from_fn(width, height, |x, _| if x < width / 2 { RED } else { BLUE }).into()
}

/// A JPEG of grain, which does not compress: about a byte a pixel. Different for each `seed`.
pub fn grainy_jpeg(width: u32, height: u32, seed: u32) -> Vec<u8> {
    let mut grain = seed.wrapping_mul(2_654_435_761) | 1;
    let picture = RgbImage::from_fn(width, height, |_, _| {
        grain ^= grain << 13;
        grain ^= grain >> 17;
        grain ^= grain << 5;
        Rgb(grain.to_le_bytes()[..3].try_into().expect("three of four"))
    });
    encoded(&picture.into(), ImageFormat::Jpeg)
}

/// Nothing but see-through black.
pub fn see_through(width: u32, height: u32) -> DynamicImage {
    RgbaImage::from_pixel(width, height, Rgba([0, 0, 0, 0])).into()
}

pub fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).expect("it can be encoded");
    bytes.into_inner()
}

pub fn jpeg(width: u32, height: u32) -> Vec<u8> {
    encoded(&red_blue(width, height), ImageFormat::Jpeg)
}

/// The same JPEG with camera data in front: an orientation, and `secret` as a camera would leave it there.
pub fn with_exif(jpeg: &[u8], orientation: u8, secret: &[u8]) -> Vec<u8> {
    let mut exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0".to_vec();
    // Tag 0x0112, one 16-bit number; then no further directory.
    exif.extend([0x12, 0x01, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0, 0, 0, 0, 0]);
    exif.extend(secret);
    let length = u16::try_from(exif.len() + 2).expect("it fits one segment");
    [&jpeg[..2], &[0xff, 0xe1], &length.to_be_bytes(), &exif, &jpeg[2..]].concat()
}

/// A few hundred bytes that say they are `width` × `height` pixels.
pub fn png_bomb(width: u32, height: u32) -> Vec<u8> {
    let mut header = Vec::new();
    header.extend(width.to_be_bytes());
    header.extend(height.to_be_bytes());
    header.extend([8, 6, 0, 0, 0]);
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    bytes.extend(chunk(*b"IHDR", &header));
    bytes.extend(chunk(*b"IDAT", &[0x78, 0x9c, 0x63, 0, 0, 0, 1, 0, 1]));
    bytes.extend(chunk(*b"IEND", &[]));
    bytes
}

fn chunk(kind: [u8; 4], data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).expect("small");
    let named = [&kind, data].concat();
    [&length.to_be_bytes(), &*named, &crc32(&named).to_be_bytes()].concat()
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 })
    })
}

/// Nearer to red than to blue.
pub fn is_red(picture: &DynamicImage, x: u32, y: u32) -> bool {
    let Rgb([red, _, blue]) = *picture.to_rgb8().get_pixel(x, y);
    red > blue
}
