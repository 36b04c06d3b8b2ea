//! Handing a place over to the map app of the person's choice.

use crate::markup::{Node, html};
use leptos::prelude::*;

use super::icon::{Glyph, Icon};
use crate::domain::geo::Wgs84;
use crate::domain::handoff::MapApp;
use crate::text::use_text;

/// The links, one an app.
#[component]
pub fn MapLinks(
    place: Wgs84,
    #[prop(into)] name: String,
    /// The first app is the page's main action.
    #[prop(optional)]
    main: bool,
) -> Node {
    let t = &use_text().common;
    let links = MapApp::ALL.map(|app| {
        let word = match app {
            MapApp::Amap => t.amap,
            MapApp::Baidu => t.baidu,
            MapApp::Tencent => t.tencent,
            MapApp::Any => t.any_map,
        };
        html! {
            <a
                class=if main && app == MapApp::Amap { "btn btn-primary" } else { "btn" }
                href=app.link(place, &name)
                rel="external noreferrer"
            >
                {(main && app == MapApp::Amap).then(|| html! { <Icon glyph=Glyph::Navigate /> })} {word}
            </a>
        }
    });
    html! { <div class="maps">{links.into_iter().collect_view()}</div> }
}

/// One big button that opens to the links; works without script.
#[component]
pub fn Navigate(place: Wgs84, #[prop(into)] name: String) -> Node {
    let t = &use_text().common;
    html! {
        <details class="navigate">
            <summary class="btn btn-primary">
                <Icon glyph=Glyph::Navigate />
                {t.navigate}
            </summary>
            <MapLinks place name />
        </details>
    }
}
