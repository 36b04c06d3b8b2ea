//! What a file says about itself before anything is decoded, read in one pass with little memory: its hash, whether it is
//! a picture, how large, and how much memory decoding it will take.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use image::{ImageDecoder, ImageFormat, ImageReader};
use sha2::{Digest, Sha256};
use waypost_app::domain::ids::PhotoHash;

use super::picture::{MAX_EDGE, bounds, refusal};
use super::{MAX_PIXELS, PhotoError};

const PIECE: usize = 64 * 1024;
/// The smaller picture that is made while the decoded one is still there.
const SMALLER: u64 = 16 * 1024 * 1024;
/// That one when it is turned, which is twice for a moment, and encoded.
const OUTCOME: u64 = 32 * 1024 * 1024;

/// What [`look`] found out.
#[derive(Debug)]
pub(crate) struct Facts {
    /// Of all bytes.
    pub(crate) sha256: PhotoHash,
    /// Why it will not be decoded, or what that takes.
    pub(super) picture: Result<Frame, PhotoError>,
}

/// A picture that may be decoded.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    pub(super) format: ImageFormat,
    /// Most bytes of memory that decoding takes at once.
    pub(super) memory: u64,
}

/// Reads a file once.
pub(super) fn look(path: &Path) -> io::Result<Facts> {
    let mut file = File::open(path)?;
    let pass = Pass::over(&mut file)?;
    file.rewind()?;
    let picture = frame(file, &pass);
    Ok(Facts { sha256: PhotoHash::from_digest(&pass.sha256.finalize()), picture })
}

/// Everything that needs all bytes.
struct Pass {
    sha256: Sha256,
    head: [u8; 12],
    length: u64,
    /// Where the last end-of-image marker of a JPEG would be.
    last_end: Option<u64>,
}

impl Pass {
    fn over(file: &mut File) -> io::Result<Self> {
        let mut pass = Self { sha256: Sha256::new(), head: [0; 12], length: 0, last_end: None };
        let mut piece = vec![0; PIECE];
        let mut before = 0;
        loop {
            let read = match file.read(&mut piece) {
                Ok(0) => return Ok(pass),
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            let bytes = &piece[..read];
            pass.sha256.update(bytes);
            if pass.length < 12 {
                let at = pass.length as usize;
                let more = read.min(12 - at);
                pass.head[at..at + more].copy_from_slice(&bytes[..more]);
            }
            if let Some(at) = bytes.windows(2).rposition(|pair| pair == END_OF_IMAGE) {
                pass.last_end = Some(pass.length + at as u64);
            } else if [before, bytes[0]] == END_OF_IMAGE {
                pass.last_end = Some(pass.length - 1);
            }
            before = bytes[read - 1];
            pass.length += read as u64;
        }
    }
}

const END_OF_IMAGE: [u8; 2] = [0xff, 0xd9];

fn frame(file: File, pass: &Pass) -> Result<Frame, PhotoError> {
    let format = sniff(&pass.head).ok_or(PhotoError::NotAPicture)?;
    let (pixels, memory) = if format == ImageFormat::Jpeg {
        let jpeg = Jpeg::read(BufReader::with_capacity(PIECE, file))?;
        // The decoder would fill the rest with grey and say nothing.
        if pass.last_end.is_none_or(|end| end < jpeg.scan_at) {
            return Err(PhotoError::Damaged);
        }
        // The decoder has the whole file in memory, until the picture is decoded and the smaller one is made.
        (jpeg.pixels, jpeg.memory + pass.length.max(SMALLER))
    } else {
        let mut reader = ImageReader::with_format(BufReader::with_capacity(PIECE, file), format);
        reader.limits(bounds(u64::MAX));
        let decoder = reader.into_decoder().map_err(refusal)?;
        let (width, height) = decoder.dimensions();
        let pixels = u64::from(width) * u64::from(height);
        // WebP is decoded into buffers of its own first.
        let own = if format == ImageFormat::WebP { pixels * 6 } else { 0 };
        (pixels, decoder.total_bytes() + own.max(SMALLER))
    };
    if pixels > MAX_PIXELS {
        return Err(PhotoError::TooManyPixels);
    }
    Ok(Frame { format, memory: memory.max(OUTCOME) })
}

fn sniff(head: &[u8; 12]) -> Option<ImageFormat> {
    if head.starts_with(&[0xff, 0xd8, 0xff]) {
        Some(ImageFormat::Jpeg)
    } else if head.starts_with(b"\x89PNG\r\n\x1a\n") {
        Some(ImageFormat::Png)
    } else if head.starts_with(b"RIFF") && head.ends_with(b"WEBP") {
        Some(ImageFormat::WebP)
    } else {
        None
    }
}

/// What the segments before the first scan of a JPEG say.
#[derive(Debug, PartialEq, Eq)]
struct Jpeg {
    pixels: u64,
    memory: u64,
    /// Where the scan begins. A preview inside the segments before it has an end marker of its own.
    scan_at: u64,
}

impl Jpeg {
    fn read(mut input: impl BufRead + Seek) -> Result<Self, PhotoError> {
        let mut frame: Option<(u64, u64)> = None;
        let mut progressive = false;
        let mut components = 0;
        input.seek(SeekFrom::Start(2))?;
        loop {
            let (marker, length) = segment(&mut input)?;
            match marker {
                START_OF_SCAN => {
                    let scan_at = input.stream_position()?;
                    let (pixels, coefficients) = frame.ok_or(PhotoError::Damaged)?;
                    // All of them are kept until the last scan has been read.
                    let several_scans = progressive || byte(&mut input)? < components;
                    let memory = pixels * 3 + if several_scans { coefficients * 2 } else { 0 };
                    return Ok(Self { pixels, memory, scan_at });
                }
                // Frames, of whatever kind; the others of these numbers are tables.
                0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => {
                    let mut bytes = vec![0; usize::from(length)];
                    input.read_exact(&mut bytes).map_err(ended)?;
                    // A second one may not make the first one's promise smaller.
                    let said = size(&bytes)?;
                    frame = Some(frame.map_or(said, |frame| frame.max(said)));
                    progressive |= !matches!(marker, 0xc0 | 0xc1);
                    components = components.max(bytes.get(5).copied().unwrap_or_default());
                }
                _ => input.seek_relative(i64::from(length))?,
            }
        }
    }
}

const START_OF_SCAN: u8 = 0xda;

/// The next marker and how many bytes belong to it. What stands between segments is passed over, as decoders do.
fn segment(input: &mut impl BufRead) -> Result<(u8, u16), PhotoError> {
    loop {
        while byte(input)? != 0xff {}
        let mut marker = byte(input)?;
        while marker == 0xff {
            marker = byte(input)?;
        }
        // Those without a length.
        if matches!(marker, 0 | 1 | 0xd0..=0xd8) {
            continue;
        }
        let length = u16::from_be_bytes([byte(input)?, byte(input)?]);
        return Ok((marker, length.checked_sub(2).ok_or(PhotoError::Damaged)?));
    }
}

/// Pixels and coefficients of a frame.
fn size(frame: &[u8]) -> Result<(u64, u64), PhotoError> {
    let &[_, h1, h0, w1, w0, _, ref components @ ..] = frame else { return Err(PhotoError::Damaged) };
    let (width, height) = (u16::from_be_bytes([w1, w0]), u16::from_be_bytes([h1, h0]));
    if u32::from(width.max(height)) > MAX_EDGE {
        return Err(PhotoError::TooManyPixels);
    }
    let factors = components.chunks_exact(3).map(|component| {
        let (across, down) = (component[1] >> 4, component[1] & 15);
        u64::from(across) * u64::from(down)
    });
    let (sum, most) = factors.fold((0, 1), |(sum, most), factor| (sum + factor, most.max(factor)));
    // Whole blocks of 8, up to 4 of them together.
    let padded = u64::from(width).next_multiple_of(32) * u64::from(height).next_multiple_of(32);
    Ok((u64::from(width) * u64::from(height), (padded * sum).div_ceil(most)))
}

fn byte(input: &mut impl BufRead) -> Result<u8, PhotoError> {
    let mut byte = [0];
    input.read_exact(&mut byte).map_err(ended)?;
    Ok(byte[0])
}

/// A file that ends too early is damaged; anything else is our disk's fault.
fn ended(error: io::Error) -> PhotoError {
    if error.kind() == io::ErrorKind::UnexpectedEof { PhotoError::Damaged } else { error.into() }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn jpeg(segments: &[&[u8]]) -> Result<Jpeg, PhotoError> {
        Jpeg::read(Cursor::new([&[0xff, 0xd8], segments.concat().as_slice()].concat()))
    }

    const SCAN: &[u8] = &[0xff, 0xda, 0, 8, 3, 1, 2, 3, 4, 5];

    /// 4:2:0, as cameras write it.
    fn frame(marker: u8, width: u16, height: u16) -> Vec<u8> {
        let [w, h] = [width, height].map(u16::to_be_bytes);
        [&[0xff, marker, 0, 17, 8], h.as_slice(), &w, &[3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1]].concat()
    }

    #[test]
    fn a_progressive_jpeg_costs_its_coefficients_too() {
        let plain = jpeg(&[&frame(0xc0, 640, 320), SCAN]).unwrap();
        assert_eq!(plain, Jpeg { pixels: 640 * 320, memory: 640 * 320 * 3, scan_at: 2 + 19 + 4 });
        let progressive = jpeg(&[&frame(0xc2, 640, 320), SCAN]).unwrap();
        assert_eq!(progressive.memory, 640 * 320 * 6);
        // One component after the other.
        let apart = jpeg(&[&frame(0xc0, 640, 320), &[0xff, 0xda, 0, 8, 1]]).unwrap();
        assert_eq!(apart.memory, 640 * 320 * 6);
    }

    #[test]
    fn a_second_frame_does_not_hide_the_first() {
        let found = jpeg(&[&frame(0xc0, 4000, 3000), &frame(0xc0, 8, 8), SCAN]).unwrap();
        assert_eq!(found.pixels, 12_000_000);
    }

    #[test]
    fn what_stands_between_segments_is_passed_over() {
        let found = jpeg(&[&[0xff, 0xe1, 0, 5, 1, 2, 3], b"stray", &[0xff, 0xff], &frame(0xc0, 8, 8), SCAN]).unwrap();
        assert_eq!(found.pixels, 64);
    }

    #[test]
    fn a_jpeg_without_frame_or_scan_is_damaged() {
        for segments in [&[SCAN][..], &[&frame(0xc0, 8, 8)], &[&[0xff, 0xe1, 0, 1]], &[&[0xff, 0xe1, 0xff, 0xff]], &[]]
        {
            assert!(matches!(jpeg(segments), Err(PhotoError::Damaged)), "{segments:?}");
        }
    }
}
