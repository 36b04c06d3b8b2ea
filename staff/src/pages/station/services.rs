//! What a station offers beyond its facilities.

use waypost_app::domain::ids::StationId;
use waypost_app::domain::station::Facility;
use waypost_app::text::words;
use waypost_app::wire::staff::stations::{Entry, Kept, ServiceDraft};

use super::rows::{Words, rows};
use crate::desk::{Desk, use_desk};
use crate::form::{Bound, Form};
use crate::hours::hours;
use crate::keep::editor::{Editor, Typed, Wrong};
use crate::markup::{Node, RwSignal, html};

/// A service as its form holds it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TypedService {
    draft: ServiceDraft,
    /// In yuan.
    price: String,
}

impl Typed for TypedService {
    type Draft = ServiceDraft;

    const PATH: &'static str = "services";
    const FIELDS: &'static [&'static str] =
        &["name", "kind", "hours", "price_fen", "provider", "note", "name_en", "provider_en", "note_en", "why"];

    fn of(draft: &ServiceDraft) -> Self {
        Self { draft: draft.clone(), price: draft.price_fen.map(yuan).unwrap_or_default() }
    }

    fn draft(&self) -> Result<ServiceDraft, Wrong> {
        let price_fen = fen(&self.price).map_err(|()| Wrong { field: "price_fen", words: |t| t.service.price_bad })?;
        Ok(ServiceDraft { price_fen, ..self.draft.clone() })
    }

    fn belongs_to(draft: &ServiceDraft) -> String {
        draft.station.to_string()
    }

    fn entry(draft: ServiceDraft) -> Entry {
        Entry::Service(draft)
    }

    fn take(entry: Entry) -> Option<ServiceDraft> {
        if let Entry::Service(draft) = entry { Some(draft) } else { None }
    }
}

/// A price as it is typed.
fn yuan(fen: u32) -> String {
    match fen % 100 {
        0 => (fen / 100).to_string(),
        rest => format!("{}.{rest:02}", fen / 100),
    }
}

/// The price that is typed; `None` where nothing is.
fn fen(text: &str) -> Result<Option<u32>, ()> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let (whole, part) = text.split_once(['.', '。']).unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || part.len() > 2 || !digits(whole) || !digits(part) {
        return Err(());
    }
    let fen: u32 = format!("{part:0<2}").parse().map_err(|_| ())?;
    let yuan: u32 = whole.parse().map_err(|_| ())?;
    yuan.checked_mul(100).and_then(|sum| sum.checked_add(fen)).map(Some).ok_or(())
}

/// The services of a station.
pub(super) fn services(station: &str, kept: RwSignal<Vec<Kept<ServiceDraft>>>) -> Node {
    let desk = use_desk();
    let t = &desk.t.stations.service;
    let empty = ServiceDraft { station: StationId::from(station), kind: Facility::Haircut, ..ServiceDraft::default() };
    html! {
        <section class="card stack" data-testid="services">
            <h2>{t.title}</h2>
            {rows(
                "service",
                Words { none: t.none, new: t.new },
                kept,
                empty,
                move |draft: &ServiceDraft| {
                    let price = words::price(desk.lang, draft.price_fen);
                    let parts = [draft.name.clone(), price, draft.hours.clone()];
                    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
                    parts.join(" · ")
                },
                move |editor, form| fields(desk, editor, form),
            )}
        </section>
    }
}

fn fields(desk: Desk, editor: Editor<TypedService>, form: &Form) -> Node {
    let t = &desk.t.stations;
    let line = |name: &'static str, at: fn(&mut TypedService) -> &mut String| form.line(name, "", editor.bind(at));
    let kinds = move || {
        let named = Facility::ALL.into_iter().chain([Facility::Other]);
        named.map(|kind| (kind.code().to_owned(), words::facility(desk.lang, kind).to_owned())).collect()
    };
    let kind = Bound::new(
        move || editor.typed.look(|it| it.draft.kind.code().to_owned()),
        move |code| editor.typed.update(|it| it.draft.kind = Facility::from_code(&code).unwrap_or_default()),
    );
    html! {
        {line("name", |it| &mut it.draft.name)} {form.select("kind", (t.field)("kind"), "", kinds, kind)}
        {hours(form, "", editor.bind(|it| &mut it.draft.hours), false)}
        {form.line("price_fen", t.service.price_hint, editor.bind(|it| &mut it.price))}
        {line("provider", |it| &mut it.draft.provider)} {line("note", |it| &mut it.draft.note)}
        <details class="fold">
            <summary>{t.station.english}</summary>
            <div class="stack">
                {line("name_en", |it| &mut it.draft.name_en)} {line("provider_en", |it| &mut it.draft.provider_en)}
                {line("note_en", |it| &mut it.draft.note_en)}
            </div>
        </details>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_is_read_as_it_is_written_and_nothing_else_is_a_price() {
        for price in [0, 1, 10, 99, 100, 990, 1234, u32::MAX] {
            assert_eq!(fen(&yuan(price)), Ok(Some(price)), "{price}");
        }
        for (text, price) in [("", None), (" ", None), ("9.9", Some(990)), ("9。9", Some(990)), ("12.", Some(1200))] {
            assert_eq!(fen(text), Ok(price), "{text}");
        }
        for text in ["free", "9.999", ".5", "-1", "1e3", "+5", "99999999", "9,9"] {
            assert_eq!(fen(text), Err(()), "{text}");
        }
    }

    #[test]
    fn a_service_that_nobody_has_touched_is_the_same_after_a_journey_through_the_form() {
        for price_fen in [None, Some(0), Some(990)] {
            let draft = ServiceDraft { name: "爱新餐".to_owned(), price_fen, ..ServiceDraft::default() };
            assert_eq!(TypedService::of(&draft).draft().expect("a service"), draft);
        }
    }
}
