//! The fields of the form as the browser holds them. They are not bound to signals: somebody may have filled them in
//! before the program ran, and hydration must not take that away.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{File, FileList, HtmlElement, HtmlFormElement, HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement};

use crate::domain::report::Category;
use crate::local::draft::Draft;

pub(super) const FORM: &str = "report-form";
pub(super) const CAMERA: &str = "photo-camera";
pub(super) const GALLERY: &str = "photo-gallery";
pub(super) const DESCRIPTION: &str = "description";
pub(super) const LANDMARK: &str = "landmark";
pub(super) const NEAR: &str = "near";
pub(super) const SAME: &str = "same";
pub(super) const BRUSH: &str = "brush";
pub(super) const BOARD: &str = "brush-board";

/// The id of the button that opens the brush for a photo, counted from 0.
pub(super) fn cover(at: usize) -> String {
    format!("cover-{at}")
}

/// The id of a category's radio button.
pub(super) fn radio(category: Category) -> String {
    format!("category-{}", category.code())
}

pub(super) fn element<T: JsCast>(id: &str) -> Option<T> {
    document().get_element_by_id(id)?.dyn_into().ok()
}

/// What the form holds.
#[derive(Debug, Default)]
pub(super) struct Filled {
    pub(super) category: Option<String>,
    pub(super) description: String,
    pub(super) landmark: String,
    /// The id of a landmark or station, or empty.
    pub(super) near: String,
}

impl Filled {
    /// Says something that a draft does not.
    pub(super) fn differs(&self, draft: &Draft) -> bool {
        let other = |typed: &str, kept: &str| !typed.trim().is_empty() && typed != kept;
        other(&self.description, &draft.description)
            || other(&self.landmark, &draft.landmark)
            || (self.category.is_some() && self.category != draft.category)
    }
}

pub(super) fn read() -> Filled {
    let checked =
        |category: &Category| element::<HtmlInputElement>(&radio(*category)).is_some_and(|input| input.checked());
    Filled {
        category: Category::ALL.into_iter().find(checked).map(|category| category.code().to_owned()),
        description: element::<HtmlTextAreaElement>(DESCRIPTION).map(|it| it.value()).unwrap_or_default(),
        landmark: element::<HtmlInputElement>(LANDMARK).map(|it| it.value()).unwrap_or_default(),
        near: element::<HtmlSelectElement>(NEAR).map(|it| it.value()).unwrap_or_default(),
    }
}

pub(super) fn write(filled: &Filled) {
    for category in Category::ALL {
        if let Some(input) = element::<HtmlInputElement>(&radio(category)) {
            input.set_checked(filled.category.as_deref() == Some(category.code()));
        }
    }
    if let Some(input) = element::<HtmlTextAreaElement>(DESCRIPTION) {
        input.set_value(&filled.description);
    }
    set_landmark(&filled.landmark);
    set_near(&filled.near);
}

pub(super) fn set_near(value: &str) {
    if let Some(select) = element::<HtmlSelectElement>(NEAR) {
        select.set_value(value);
        if select.selected_index() < 0 {
            // A place that is no longer on the list.
            select.set_value("");
        }
    }
}

pub(super) fn set_landmark(text: &str) {
    if let Some(input) = element::<HtmlInputElement>(LANDMARK) {
        input.set_value(text);
    }
}

/// The words of the chosen place.
pub(super) fn near_label() -> Option<String> {
    let select = element::<HtmlSelectElement>(NEAR)?;
    let index = u32::try_from(select.selected_index()).ok()?;
    select.item(index)?.text_content().map(|text| text.trim().to_owned())
}

/// Takes the chosen files out of an input, so that the same file can be chosen again.
pub(super) fn take_files(id: &str) -> Vec<File> {
    let Some(input) = element::<HtmlInputElement>(id) else { return Vec::new() };
    let list: Option<FileList> = input.files();
    let files = list.map(|list| (0..list.length()).filter_map(|at| list.item(at)).collect()).unwrap_or_default();
    input.set_value("");
    files
}

/// Our own words instead of the browser's, which only know what is required without the program.
pub(super) fn own_validation() {
    if let Some(form) = element::<HtmlFormElement>(FORM) {
        form.set_no_validate(true);
    }
}

/// Gives the plain form the id it is sent under, where the server has not.
pub(super) fn set_form_id(id: &str) {
    if let Some(input) = element::<HtmlInputElement>("report-id")
        && input.value().is_empty()
    {
        input.set_value(id);
    }
}

/// Moves the focus to where a field is mended.
pub(super) fn focus_field(field: &str) {
    let id = match field {
        "category" => radio(Category::Road),
        "lat" | "lng" => NEAR.to_owned(),
        "photos" => CAMERA.to_owned(),
        "landmark" => LANDMARK.to_owned(),
        _ => DESCRIPTION.to_owned(),
    };
    focus(&id);
}

/// Moves the focus to an element once it is drawn.
pub(in crate::pages) fn focus(id: &str) {
    let id = id.to_owned();
    request_animation_frame(move || {
        if let Some(element) = element::<HtmlElement>(&id) {
            // Only fails for an element that cannot have the focus.
            let _ = element.focus();
        }
    });
}
