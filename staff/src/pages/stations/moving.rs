//! Stations as files: out for spreadsheets and maps, and in after seeing what would happen.

use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use waypost_app::local::spawn;
use waypost_app::wire::problem::FieldError;
use waypost_app::wire::staff::stations::{ImportEnding, Imported};
use web_sys::{File, HtmlInputElement};

use crate::ask::{self, Trouble};
use crate::desk::use_desk;
use crate::keep::undo::use_keeping;
use crate::markup::{Node, RwSignal, html};
use crate::parts::Fault;
use crate::text::stations::Moving as MovingText;

/// How far the way in of a file has come.
#[derive(Clone, Debug, PartialEq)]
enum Stage {
    Idle,
    Trying,
    /// What would happen.
    Tried(Imported),
    Kept(Imported),
    /// Not a row of it: each fault, in words.
    Refused(Vec<String>),
}

#[component]
pub fn Moving() -> Node {
    let desk = use_desk();
    let keeping = use_keeping();
    let t = &desk.t.stations.moving;
    let stage = RwSignal::new(Stage::Idle);
    let overwrite = RwSignal::new(false);
    let fault = RwSignal::new(String::new());
    let send = move |dry_run: bool| {
        // Taken from the field each time: a file that was changed on the disk meanwhile is read as it is then.
        let Some(file) = chosen() else { return };
        let (overwrite, lang) = (overwrite.get_untracked(), desk.lang.tag());
        let url = format!("/api/v1/staff/import?dry_run={dry_run}&overwrite={overwrite}&lang={lang}");
        fault.set(String::new());
        stage.set(Stage::Trying);
        spawn(async move {
            let outcome: Result<Imported, Trouble> = ask::send_file(&url, JsValue::from(file)).await;
            desk.note(&outcome);
            stage.try_set(match outcome {
                Ok(imported) if imported.ending == ImportEnding::Written => {
                    keeping.again();
                    Stage::Kept(imported)
                }
                Ok(imported) => Stage::Tried(imported),
                Err(Trouble::Refused(problem)) if !problem.errors.is_empty() => {
                    let fault = |it: FieldError| match it.field.as_str() {
                        // Not of one cell: the file itself.
                        "file" => it.message,
                        cell => (t.fault)(cell, &it.message),
                    };
                    Stage::Refused(problem.errors.into_iter().map(fault).collect())
                }
                Err(trouble) => {
                    fault.try_set(desk.words(&trouble));
                    Stage::Idle
                }
            });
        });
    };
    let export = |format: &'static str, word: &'static str| {
        let href = format!("/api/v1/staff/export?format={format}");
        html! {
            <a class="btn" href=href download rel="external">
                {word}
            </a>
        }
    };
    html! {
        <details class="card fold" data-testid="moving">
            <summary>{t.title}</summary>
            <div class="stack">
                <h2>{t.export}</h2>
                <div class="btns">
                    {export("csv", "CSV")} {export("geojson", "GeoJSON")} {export("json", "JSON")}
                </div>
                <h2>{t.import}</h2>
                <p class="muted">{t.import_text}</p>
                <label class="check">
                    <input
                        type="checkbox"
                        prop:checked=move || overwrite.get()
                        on:change=move |event| {
                            overwrite.set(event_target_checked(&event));
                            send(true);
                        }
                    />
                    {t.overwrite}
                </label>
                <div class="field">
                    <label r#for="import-file">{t.file}</label>
                    <input
                        id="import-file"
                        type="file"
                        accept=".csv,.json,.geojson,text/csv,application/geo+json,application/json"
                        on:change=move |_| send(true)
                    />
                </div>
                <div role="status" data-testid="import">
                    {move || match stage.get() {
                        Stage::Idle => Node::Nothing,
                        Stage::Trying => html! { <p>{t.trying}</p> },
                        Stage::Tried(Imported { ending: ImportEnding::NothingToDo, report, .. }) => said(t.nothing, report, None),
                        Stage::Tried(imported) => {
                            let keep = keep(t, imported.sample_stations_gone, move || send(false));
                            said(t.would, imported.report, Some(keep))
                        }
                        Stage::Kept(imported) => said(t.kept, imported.report, None),
                        Stage::Refused(faults) => said(t.refused, faults.join("\n"), None),
                    }}
                </div>
                <Fault words=fault />
            </div>
        </details>
    }
}

/// The button that imports; where that takes the sample away for good, it wants to be pressed twice.
fn keep(t: &'static MovingText, gone: usize, act: impl Fn() + 'static) -> Node {
    let is_sure = RwSignal::new(gone == 0);
    html! {
        {(gone > 0).then(|| html! { <p class="notice notice-danger">{(t.sample_goes)(gone)}</p> })}
        <div>
            <button
                class="btn btn-primary"
                type="button"
                on:click=move |_| {
                    if is_sure.get_untracked() { act() } else { is_sure.set(true) }
                }
            >
                {move || if gone > 0 && is_sure.get() { t.keep_sure } else { t.keep }}
            </button>
        </div>
    }
}

fn said(words: &'static str, report: String, then: Option<Node>) -> Node {
    html! {
        <div class="stack-s">
            <p>
                <strong>{words}</strong>
            </p>
            <pre class="report-text" tabindex="0">
                {report}
            </pre>
            {then}
        </div>
    }
}

/// The file that stands in the field.
fn chosen() -> Option<File> {
    let field: HtmlInputElement = document().get_element_by_id("import-file")?.dyn_into().ok()?;
    field.files()?.get(0)
}
