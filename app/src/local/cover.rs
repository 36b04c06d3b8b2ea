//! Painting over what must not leave the phone: faces, number plates.
//!
//! What is painted carries nothing of what was under it but the tone of an eighth of the picture, and noise. A mosaic of
//! the thing itself, or a blur, can be undone by trying letters until the mosaic comes out the same.

use js_sys::Math;
use wasm_bindgen::JsCast;
use web_sys::{CanvasPattern, CanvasRenderingContext2d, HtmlCanvasElement, ImageBitmap};

use super::photo::{self, PhotoError, Shot};

/// Fields of one tone along the longer edge.
const TONES: f64 = 8.0;
/// Cells of the mosaic along the longer edge: coarse enough to be seen as a cover, fine enough to follow a finger.
const CELLS: f64 = 48.0;
/// How much lighter or darker than its field a cell is at most, of 1.
const NOISE: f64 = 0.22;

/// A point of the picture, in its pixels.
pub type Point = (f64, f64);

/// A picture on a canvas of its own size, with what has been painted over it.
#[derive(Debug)]
pub struct Cover {
    canvas: HtmlCanvasElement,
    context: CanvasRenderingContext2d,
    picture: ImageBitmap,
    mosaic: CanvasPattern,
    /// Pixels of the picture in a cell of the mosaic.
    cell: f64,
    /// Width of a stroke and where it went, oldest first.
    strokes: Vec<(f64, Vec<Point>)>,
}

impl Cover {
    /// Draws a picture onto a canvas, which takes its size. `None` where the browser has no memory for it.
    #[must_use]
    pub fn on(canvas: HtmlCanvasElement, picture: ImageBitmap) -> Option<Self> {
        canvas.set_width(picture.width());
        canvas.set_height(picture.height());
        let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
        let cell = f64::from(picture.width().max(picture.height())) / CELLS;
        let mosaic = mosaic(&picture, &context)?;
        let mut cover = Self { canvas, context, picture, mosaic, cell: cell.max(1.0), strokes: Vec::new() };
        cover.draw()?;
        Some(cover)
    }

    /// The picture and every stroke, from the beginning.
    fn draw(&mut self) -> Option<()> {
        let context = &self.context;
        context.reset_transform().ok()?;
        context.draw_image_with_image_bitmap(&self.picture, 0.0, 0.0).ok()?;
        // The mosaic has a pixel a cell; strokes are drawn in cells, and so is it.
        context.scale(self.cell, self.cell).ok()?;
        context.set_image_smoothing_enabled(false);
        context.set_stroke_style_canvas_pattern(&self.mosaic);
        context.set_line_cap("round");
        for (width, points) in &self.strokes {
            for pair in points.windows(2) {
                if let [from, to] = pair {
                    self.line(*from, *to, *width);
                }
            }
        }
        Some(())
    }

    fn line(&self, from: Point, to: Point, width: f64) {
        let context = &self.context;
        context.set_line_width(width / self.cell);
        context.begin_path();
        context.move_to(from.0 / self.cell, from.1 / self.cell);
        context.line_to(to.0 / self.cell, to.1 / self.cell);
        context.stroke();
    }

    /// The finger comes down: a new stroke, `width` pixels of the picture wide.
    pub fn begin(&mut self, at: Point, width: f64) {
        // A line without length is not drawn, a dot is meant.
        let end = (at.0 + 0.1, at.1);
        self.line(at, end, width);
        self.strokes.push((width, vec![at, end]));
    }

    /// The finger moves on.
    pub fn extend(&mut self, to: Point) {
        if let Some((width, points)) = self.strokes.last_mut()
            && let Some(from) = points.last().copied()
        {
            points.push(to);
            let width = *width;
            self.line(from, to, width);
        }
    }

    /// Takes the last stroke back.
    pub fn undo(&mut self) {
        self.strokes.pop();
        // Without a context there would be no stroke to take back.
        let _ = self.draw();
    }

    /// How many strokes there are.
    #[must_use]
    pub fn strokes(&self) -> usize {
        self.strokes.len()
    }

    /// The picture as it is painted now, as a photo of its own.
    ///
    /// # Errors
    /// [`PhotoError`]
    pub async fn shot(&self) -> Result<Shot, PhotoError> {
        photo::of_canvas(&self.canvas).await
    }
}

impl Drop for Cover {
    fn drop(&mut self) {
        self.picture.close();
        // Phones give canvases little memory and take it back late.
        self.canvas.set_width(0);
    }
}

/// A pixel a cell, repeated where it ends: tones of the picture and noise.
fn mosaic(picture: &ImageBitmap, context: &CanvasRenderingContext2d) -> Option<CanvasPattern> {
    let (width, height) = (f64::from(picture.width()), f64::from(picture.height()));
    let long = width.max(height);
    let sized = |cells: f64| ((width * cells / long).ceil().max(1.0), (height * cells / long).ceil().max(1.0));
    let (wide, high) = sized(TONES);
    let (tones, ink) = photo::canvas(wide as u32, high as u32)?;
    ink.draw_image_with_image_bitmap_and_dw_and_dh(picture, 0.0, 0.0, wide, high).ok()?;
    let (wide, high) = sized(CELLS);
    let (cells, ink) = photo::canvas(wide as u32, high as u32)?;
    ink.draw_image_with_html_canvas_element_and_dw_and_dh(&tones, 0.0, 0.0, wide, high).ok()?;
    let row = wide as u32;
    for at in 0..row * high as u32 {
        let shade = (Math::random() - 0.5) * 2.0 * NOISE;
        ink.set_fill_style_str(if shade < 0.0 { "#000" } else { "#fff" });
        ink.set_global_alpha(shade.abs());
        ink.fill_rect(f64::from(at % row), f64::from(at / row), 1.0, 1.0);
    }
    context.create_pattern_with_html_canvas_element(&cells, "repeat").ok()?
}
