//! Pictures made smaller by the average of the area that each new pixel covers. Row by row, so that shrinking the largest
//! picture takes no more memory than the small one and two rows.

use image::{DynamicImage, GenericImageView, Rgb, RgbImage, Rgba};

/// The picture at most `edge` pixels long, in the same proportions and on white; `None` if it is not longer than that.
pub(super) fn shrunk(picture: &DynamicImage, edge: u32) -> Option<RgbImage> {
    let (width, height) = picture.dimensions();
    let longest = width.max(height);
    if longest <= edge {
        return None;
    }
    let scaled = |side: u32| {
        let rounded = (u64::from(side) * u64::from(edge) + u64::from(longest) / 2) / u64::from(longest);
        (rounded as u32).max(1)
    };
    let (new_width, new_height) = (scaled(width), scaled(height));
    let across = shares(width, new_width);
    let mut small = RgbImage::new(new_width, new_height);
    let row = new_width as usize * 3;
    let area = width as f32 / new_width as f32 * (height as f32 / new_height as f32);
    // The row that is being filled and the one after it, of which the last source row may already be a part.
    let (mut sums, mut next) = (vec![0.0_f32; row], vec![0.0_f32; row]);
    let mut source = vec![0_u8; width as usize * 3];
    let mut narrow = vec![0.0_f32; row];
    let mut rows = small.chunks_exact_mut(row);
    let mut filled = 0;
    for (y, share) in (0..height).zip(shares(height, new_height)) {
        if share.to != filled {
            emit(&mut rows, &mut sums, &mut next, area);
            filled = share.to;
        }
        read_row(picture, y, &mut source);
        narrow_row(&source, &across, &mut narrow);
        add(&mut sums, &narrow, share.here);
        if share.beyond > 0.0 {
            add(&mut next, &narrow, share.beyond);
        }
    }
    emit(&mut rows, &mut sums, &mut next, area);
    Some(small)
}

/// Which new pixel an old one belongs to, with how much of it; the rest belongs to the one after.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Share {
    to: u32,
    here: f32,
    beyond: f32,
}

fn shares(old: u32, new: u32) -> Vec<Share> {
    let (old, new) = (u64::from(old), u64::from(new));
    let share = |at: u64| {
        // In units of 1/new of an old pixel, of which a new one is `old` long.
        let (begin, end) = (at * new, (at + 1) * new);
        let to = begin / old;
        let beyond = end.saturating_sub((to + 1) * old) as f32 / new as f32;
        Share { to: to as u32, here: 1.0 - beyond, beyond }
    };
    (0..old).map(share).collect()
}

fn narrow_row(source: &[u8], across: &[Share], narrow: &mut [f32]) {
    narrow.fill(0.0);
    for (pixel, share) in source.chunks_exact(3).zip(across) {
        let at = share.to as usize * 3;
        let pixel = [f32::from(pixel[0]), f32::from(pixel[1]), f32::from(pixel[2])];
        if let Some(sums) = narrow.get_mut(at..at + 3) {
            sums.iter_mut().zip(pixel).for_each(|(sum, value)| *sum += value * share.here);
        }
        if share.beyond > 0.0
            && let Some(sums) = narrow.get_mut(at + 3..at + 6)
        {
            sums.iter_mut().zip(pixel).for_each(|(sum, value)| *sum += value * share.beyond);
        }
    }
}

fn add(sums: &mut [f32], narrow: &[f32], share: f32) {
    sums.iter_mut().zip(narrow).for_each(|(sum, value)| *sum += value * share);
}

/// Writes a full row out and begins the next.
fn emit<'r>(rows: &mut impl Iterator<Item = &'r mut [u8]>, sums: &mut Vec<f32>, next: &mut Vec<f32>, area: f32) {
    if let Some(row) = rows.next() {
        row.iter_mut().zip(sums.iter()).for_each(|(value, sum)| *value = (sum / area + 0.5) as u8);
    }
    std::mem::swap(sums, next);
    next.fill(0.0);
}

/// A row as RGB on white.
fn read_row(picture: &DynamicImage, y: u32, row: &mut [u8]) {
    let width = picture.width() as usize;
    let start = y as usize * width;
    match picture {
        DynamicImage::ImageRgb8(rgb) => row.copy_from_slice(&rgb.as_raw()[start * 3..(start + width) * 3]),
        DynamicImage::ImageLuma8(luma) => {
            let values = &luma.as_raw()[start..start + width];
            row.chunks_exact_mut(3).zip(values).for_each(|(pixel, value)| pixel.fill(*value));
        }
        _ => {
            for (pixel, x) in row.chunks_exact_mut(3).zip(0..) {
                pixel.copy_from_slice(&over_white(picture.get_pixel(x, y)).0);
            }
        }
    }
}

/// JPEG knows no transparency, and the colours behind it are arbitrary.
pub(super) fn on_white(picture: DynamicImage) -> RgbImage {
    if let DynamicImage::ImageRgb8(picture) = picture {
        return picture;
    }
    let mut rgb = RgbImage::new(picture.width(), picture.height());
    let row = picture.width() as usize * 3;
    for (row, y) in rgb.chunks_exact_mut(row).zip(0..) {
        read_row(&picture, y, row);
    }
    rgb
}

fn over_white(Rgba([red, green, blue, alpha]): Rgba<u8>) -> Rgb<u8> {
    let alpha = u32::from(alpha);
    Rgb([red, green, blue].map(|value| ((u32::from(value) * alpha + 255 * (255 - alpha) + 127) / 255) as u8))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grey(width: u32, height: u32, shade: impl Fn(u32, u32) -> u8) -> DynamicImage {
        RgbImage::from_fn(width, height, |x, y| Rgb([shade(x, y); 3])).into()
    }

    #[test]
    fn one_colour_stays_that_colour_at_every_step() {
        for (width, height) in [(101, 67), (100, 50), (99, 1), (1, 300), (33, 33)] {
            for value in [0, 1, 127, 254, 255] {
                let small = shrunk(&grey(width, height, |_, _| value), 32).unwrap();
                assert_eq!(small.width().max(small.height()), 32);
                assert!(small.iter().all(|found| *found == value), "{width}×{height} of {value}");
            }
        }
    }

    #[test]
    fn each_new_pixel_is_the_average_of_what_it_covers() {
        // Three pixels become two: each takes half of the middle one.
        let small = shrunk(&grey(3, 1, |x, _| [0, 90, 240][x as usize]), 2).unwrap();
        assert_eq!([small.get_pixel(0, 0).0[0], small.get_pixel(1, 0).0[0]], [30, 190]);
        let small = shrunk(&grey(4, 2, |x, y| if x < 2 { 10 } else { 100 + y as u8 * 100 }), 2).unwrap();
        assert_eq!((small.dimensions(), small.get_pixel(0, 0).0[0], small.get_pixel(1, 0).0[0]), ((2, 1), 10, 150));
    }

    #[test]
    fn the_light_of_a_picture_stays_the_same() {
        let picture = grey(1000, 777, |x, y| ((x * 7 + y * 13) % 256) as u8);
        let mean = |values: &[u8]| values.iter().map(|value| f64::from(*value)).sum::<f64>() / values.len() as f64;
        let small = shrunk(&picture, 320).unwrap();
        assert!((mean(small.as_raw()) - mean(picture.as_bytes())).abs() < 0.5);
    }

    #[test]
    fn what_is_small_enough_is_left_alone() {
        assert!(shrunk(&grey(32, 20, |_, _| 5), 32).is_none());
    }

    #[test]
    fn transparency_and_other_depths_become_plain_colours_on_white() {
        let half = image::RgbaImage::from_pixel(64, 64, Rgba([0, 0, 0, 128]));
        let deep = image::ImageBuffer::<image::Luma<u16>, _>::from_pixel(64, 64, image::Luma([0x8000]));
        for picture in [DynamicImage::from(half), DynamicImage::from(deep)] {
            let small = shrunk(&picture, 32).unwrap();
            assert!(small.iter().all(|value| value.abs_diff(128) <= 1), "{:?}", small.get_pixel(0, 0));
            assert!(on_white(picture).iter().all(|value| value.abs_diff(128) <= 1));
        }
    }
}
