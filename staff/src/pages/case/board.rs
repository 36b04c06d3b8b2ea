//! The board on which staff paint over faces and number plates.

#![expect(unreachable_pub, reason = "leptos makes the props of every component public")]

use std::cell::RefCell;
use std::sync::Arc;

use gloo_net::http::Request;
use leptos::ev::PointerEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use waypost_app::local::cover::{Cover, Point};
use waypost_app::local::{photo, spawn};
use web_sys::HtmlCanvasElement;

use crate::markup::{Node, RwSignal, html};
use crate::street;
use crate::work::use_work;

const BOARD: &str = "board";
/// Width of the brush on the screen, in CSS pixels.
const WIDTH: f64 = 40.0;

thread_local! {
    /// The photo on the board. There is one at a time.
    static COVER: RefCell<Option<Cover>> = const { RefCell::new(None) };
}

/// Hears the hash of the painted photo, which the device then keeps; `None`: nothing was painted.
pub(super) type Done = Arc<dyn Fn(Option<String>) + Send + Sync>;

/// What came of taking a photo off the board.
pub(super) enum Painted {
    Nothing,
    /// The device keeps it under this hash.
    Kept(String),
    /// The device could not keep it: it is still on the board.
    Failed,
}

/// Takes the photo off the board as it is painted now.
pub(super) async fn painted() -> Painted {
    let Some(cover) = COVER.take().filter(|cover| cover.strokes() > 0) else { return Painted::Nothing };
    if let Ok(shot) = cover.shot().await
        && street::keep_photo(&shot).await.is_ok()
    {
        return Painted::Kept(shot.hash.to_string());
    }
    COVER.with_borrow_mut(|now| {
        // Unless the board is gone meanwhile, or has another photo.
        if now.is_none() && canvas().is_some() {
            *now = Some(cover);
        }
    });
    Painted::Failed
}

#[component]
pub(super) fn Board(hash: String, done: Done) -> Node {
    let work = use_work();
    let t = work.t;
    let note = RwSignal::new(t.preparing);
    let drawing = RwSignal::new(None::<i32>);
    spawn(async move {
        let is_here = move || note.try_look_untracked(|_| ()).is_some();
        note.try_set(if open(&hash, is_here).await.is_some() { t.cover_hint } else { t.cover_failed });
    });
    on_cleanup(|| COVER.set(None));
    let down = move |event: PointerEvent| {
        event.prevent_default();
        let Some(canvas) = canvas() else { return };
        if drawing.get_untracked().is_none() {
            // Without it the stroke ends at the edge.
            let _ = canvas.set_pointer_capture(event.pointer_id());
            drawing.set(Some(event.pointer_id()));
            let (at, scale) = point(&canvas, &event);
            on_cover(|cover| cover.begin(at, WIDTH * scale));
        }
    };
    let along = move |event: PointerEvent| {
        if drawing.get_untracked() == Some(event.pointer_id())
            && let Some(canvas) = canvas()
        {
            let (at, _) = point(&canvas, &event);
            on_cover(|cover| cover.extend(at));
        }
    };
    let up = move |event: PointerEvent| {
        if drawing.get_untracked() == Some(event.pointer_id()) {
            drawing.set(None);
        }
    };
    let finished = done.clone();
    let finish = move |_| {
        let done = finished.clone();
        spawn(async move {
            match painted().await {
                Painted::Nothing => done(None),
                Painted::Kept(hash) => done(Some(hash)),
                Painted::Failed => work.desk.say(t.cover_not_kept),
            }
        });
    };
    html! {
        <div class="stack-s">
            <canvas
                id=BOARD
                class="board"
                role="img"
                aria-label=t.cover_board
                on:pointerdown=down
                on:pointermove=along
                on:pointerup=up
                on:pointercancel=up
            ></canvas>
            <p role="status">{move || note.get()}</p>
            <div class="btns">
                <button class="btn" type="button" on:click=move |_| on_cover(Cover::undo)>
                    {t.cover_undo}
                </button>
                <button class="btn btn-primary" type="button" on:click=finish>
                    {t.cover_done}
                </button>
                <button class="btn btn-quiet" type="button" on:click=move |_| done(None)>
                    {t.cancel}
                </button>
            </div>
        </div>
    }
}

/// Puts a photo of a case on the board. `None` where it cannot be had or drawn, or another photo is there meanwhile.
async fn open(hash: &str, is_here: impl Fn() -> bool) -> Option<()> {
    let response = Request::get(&format!("/api/v1/staff/photos/{hash}")).send().await.ok()?;
    if !response.ok() {
        return None;
    }
    let bytes = response.binary().await.ok()?;
    let buffer = js_sys::Uint8Array::from(bytes.as_slice()).buffer();
    let picture = photo::read(&buffer).await.ok()?;
    if !is_here() {
        return None;
    }
    COVER.set(Some(Cover::on(canvas()?, picture)?));
    Some(())
}

fn on_cover(act: impl FnOnce(&mut Cover)) {
    COVER.with_borrow_mut(|cover| {
        if let Some(cover) = cover {
            act(cover);
        }
    });
}

fn canvas() -> Option<HtmlCanvasElement> {
    document().get_element_by_id(BOARD)?.dyn_into().ok()
}

/// Where a pointer is, in pixels of the picture, and how many of those a CSS pixel is.
fn point(canvas: &HtmlCanvasElement, event: &PointerEvent) -> (Point, f64) {
    let area = canvas.get_bounding_client_rect();
    let scale = f64::from(canvas.width()) / area.width().max(1.0);
    let at = ((f64::from(event.client_x()) - area.left()) * scale, (f64::from(event.client_y()) - area.top()) * scale);
    (at, scale)
}
