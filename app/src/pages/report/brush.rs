//! The brush: faces and number plates are painted over before a photo leaves the phone.

#![expect(unreachable_pub, reason = "leptos makes the props of every component public")]

use std::cell::RefCell;

use crate::markup::{IntoNode, Node, RwSignal, html, react};
use leptos::ev::{Event, PointerEvent};
use leptos::prelude::*;
use web_sys::{HtmlCanvasElement, HtmlDialogElement};

use super::dom;
use super::editor::{Editor, use_editor};
use crate::domain::ids::PhotoHash;
use crate::local::cover::{Cover, Point};
use crate::local::{outbox, photo, spawn};

/// Width of the brush on the screen, in CSS pixels, small and large: a glove hits nothing finer.
const WIDTHS: [f64; 2] = [36.0, 80.0];

thread_local! {
    /// The photo on the board. There is one brush at a time.
    static BOARD: RefCell<Option<Cover>> = const { RefCell::new(None) };
}

/// Nothing, until a photo is to be painted over.
#[component]
pub(super) fn Brush() -> Node {
    let editor = use_editor();
    IntoNode::into_node(move || editor.covering.get().map(|hash| html! { <Board hash /> }))
}

#[component]
fn Board(hash: String) -> Node {
    let editor = use_editor();
    let t = editor.t;
    let note = RwSignal::new(Some(t.preparing));
    let strokes = RwSignal::new(0_usize);
    let large = RwSignal::new(false);
    let busy = RwSignal::new(true);
    // The pointer that draws: a second finger does not.
    let drawing = RwSignal::new(None::<i32>);

    let opened = hash.clone();
    react(move || {
        show();
        let hash = opened.clone();
        spawn(async move {
            let outcome = open(&editor, &hash).await;
            if outcome.is_ok() {
                busy.try_set(false);
            }
            note.try_set(outcome.err().map(|()| t.photo_not_drawn));
        });
    });
    on_cleanup(|| BOARD.set(None));

    let down = move |event: PointerEvent| {
        event.prevent_default();
        if busy.get_untracked() || drawing.get_untracked().is_some() || event.button() != 0 {
            return;
        }
        let Some(canvas) = dom::element::<HtmlCanvasElement>(dom::BOARD) else { return };
        // So that the finger may leave the picture; without it the stroke just ends at the edge.
        let _ = canvas.set_pointer_capture(event.pointer_id());
        drawing.set(Some(event.pointer_id()));
        let (at, scale) = point(&canvas, &event);
        let width = WIDTHS[usize::from(large.get_untracked())] * scale;
        strokes.set(on_board(|cover| cover.begin(at, width)));
    };
    let along = move |event: PointerEvent| {
        if drawing.get_untracked() == Some(event.pointer_id())
            && let Some(canvas) = dom::element::<HtmlCanvasElement>(dom::BOARD)
        {
            let (at, _) = point(&canvas, &event);
            on_board(|cover| cover.extend(at));
        }
    };
    let up = move |event: PointerEvent| {
        if drawing.get_untracked() == Some(event.pointer_id()) {
            drawing.set(None);
        }
    };
    let undo = move |_| strokes.set(on_board(Cover::undo));
    let untouched = move || busy.get() || strokes.get() == 0;
    let away = hash.clone();
    let cancel = move || {
        // What is being kept will be kept.
        if note.get_untracked() != Some(t.saving) {
            close();
            editor.put_brush_away(&away);
        }
    };
    let done = move |_| {
        busy.set(true);
        note.set(Some(t.saving));
        let hash = hash.clone();
        spawn(async move {
            if let Err(words) = keep(&editor, &hash).await {
                note.try_set(Some(words));
                busy.try_set(false);
            }
        });
    };
    let escape = cancel.clone();
    let size = move |is_large: bool, words: &'static str| {
        html! {
            <label>
                <input
                    type="radio"
                    name="brush-size"
                    checked=!is_large
                    on:change=move |_| large.set(is_large)
                />
                <span class=if is_large { "nib nib-large" } else { "nib" } aria-hidden="true" />
                {words}
            </label>
        }
    };
    html! {
        <dialog
            class="brush"
            id=dom::BRUSH
            aria-labelledby="brush-title"
            aria-describedby="brush-hint"
            on:cancel=move |event: Event| {
                event.prevent_default();
                escape();
            }
        >
            <div class="brush-head">
                <h2 id="brush-title" tabindex="-1" autofocus>
                    {t.cover_title}
                </h2>
                <p class="small" id="brush-hint">
                    {t.cover_hint}
                </p>
            </div>
            <div class="brush-board">
                <canvas
                    id=dom::BOARD
                    role="img"
                    aria-label=t.cover_board
                    on:pointerdown=down
                    on:pointermove=along
                    on:pointerup=up
                    on:pointercancel=up
                />
            </div>
            <div class="brush-tools">
                <p role="status" data-testid="brush-note">
                    {move || note.get()}
                </p>
                <div class="seg" role="radiogroup" aria-label=t.cover_size>
                    {size(false, t.cover_small)}
                    {size(true, t.cover_large)}
                </div>
                <button class="btn" type="button" data-testid="brush-undo" disabled=untouched on:click=undo>
                    {t.cover_undo}
                </button>
                <button class="btn" type="button" data-testid="brush-cancel" on:click=move |_| cancel()>
                    {t.cover_cancel}
                </button>
                <button class="btn btn-primary" type="button" data-testid="brush-done" disabled=untouched on:click=done>
                    {t.cover_done}
                </button>
            </div>
        </dialog>
    }
}

fn show() {
    if let Some(dialog) = dom::element::<HtmlDialogElement>(dom::BRUSH)
        && dialog.show_modal().is_err()
    {
        dialog.set_open(true);
    }
}

/// Before the dialog is taken out of the page, or the page would stay behind glass in older browsers.
fn close() {
    if let Some(dialog) = dom::element::<HtmlDialogElement>(dom::BRUSH) {
        dialog.close();
    }
}

/// Does something to the photo on the board; how many strokes there are on it then.
fn on_board(run: impl FnOnce(&mut Cover)) -> usize {
    BOARD.with_borrow_mut(|board| {
        let Some(cover) = board else { return 0 };
        run(cover);
        cover.strokes()
    })
}

/// Puts a photo on the board. What goes wrong is written to the log: a person can do nothing about it.
async fn open(editor: &Editor, wanted: &str) -> Result<(), ()> {
    let log = |error: &dyn std::fmt::Display| crate::local::log::error("a photo cannot be painted over", error);
    let hash = PhotoHash::parse(wanted).map_err(|error| log(&error))?;
    let jpeg = outbox::photo(&hash).await.map_err(|error| log(&error))?;
    let jpeg = jpeg.ok_or_else(|| log(&"its bytes are not here"))?;
    let picture = photo::read(&jpeg).await.map_err(|error| log(&error))?;
    // Put away meanwhile, perhaps for another photo, whose board this is now.
    if editor.covering.try_get_untracked().flatten().as_deref() != Some(wanted) {
        picture.close();
        return Err(());
    }
    let canvas = dom::element(dom::BOARD).ok_or_else(|| log(&"the board is gone"))?;
    BOARD.set(Some(Cover::on(canvas, picture).ok_or_else(|| log(&"there is no canvas"))?));
    Ok(())
}

/// Keeps the photo as it is painted now and puts the brush away. Fails with the reason in words; then it is still on the
/// board.
async fn keep(editor: &Editor, hash: &str) -> Result<(), &'static str> {
    let t = editor.t;
    let cover = BOARD.take().ok_or(t.photo_not_drawn)?;
    let draft = editor.draft.look_untracked(|draft| draft.id);
    let outcome = match (cover.shot().await, PhotoHash::parse(hash)) {
        (Ok(shot), Ok(old)) => editor.cover(draft, &old, &shot).await.map(|()| shot.hash),
        _ => Err(t.photo_not_drawn),
    };
    match outcome {
        Ok(new) => {
            close();
            editor.put_brush_away(new.as_str());
            Ok(())
        }
        Err(words) => {
            BOARD.set(Some(cover));
            Err(words)
        }
    }
}

/// Where a pointer is on the picture, and how many pixels of the picture a CSS pixel is. Asked anew each time: the phone
/// may have been turned.
fn point(canvas: &HtmlCanvasElement, event: &PointerEvent) -> (Point, f64) {
    let rect = canvas.get_bounding_client_rect();
    let scale = f64::from(canvas.width()) / rect.width().max(1.0);
    let at = (f64::from(event.client_x()) - rect.left(), f64::from(event.client_y()) - rect.top());
    ((at.0 * scale, at.1 * scale), scale)
}
