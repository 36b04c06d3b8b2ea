//! Where a case is: on the plot, in words, and in the map app of whoever goes there.

use waypost_app::domain::geo::{Compass, Wgs84};
use waypost_app::domain::handoff::MapApp;
use waypost_app::domain::station::Landmark;
use waypost_app::local::prefs::Lang;
use waypost_app::text::{self, words};
use waypost_app::wire::staff::cases::CaseView;

use super::plot;
use crate::markup::{Node, html};
use crate::parts::to_the_minute;
use crate::work::Work;

/// Nearer than that, in metres, nobody needs a direction.
const HERE_M: f64 = 15.0;

pub(super) fn draw(work: Work, case: &CaseView) -> Node {
    let t = work.t;
    let row = &case.row;
    let here = Wgs84 { lat: row.lat, lng: row.lng };
    let name = work.title(row);
    let common = &text::text(work.desk.lang).common;
    let links: Vec<Node> = MapApp::ALL
        .into_iter()
        .map(|app| {
            let label = match app {
                MapApp::Amap => common.amap,
                MapApp::Baidu => common.baidu,
                MapApp::Tencent => common.tencent,
                MapApp::Any => common.any_map,
            };
            html! {
                <a class="btn" href=app.link(here, &name) rel="external noreferrer">
                    {label}
                </a>
            }
        })
        .collect();
    let accuracy = case.accuracy_m.map(|metres| (t.accuracy)(&words::distance(work.desk.lang, metres)));
    let near = case.near.as_ref().map(|near| from_landmark(work, near, here));
    let (captured, received) = (case.captured_at.clone(), row.received_at.clone());
    html! {
        {plot::draw(work, here, case.accuracy_m)}
        <dl class="facts">
            {(!row.landmark.is_empty())
                .then(|| html! {
                    <div>
                        <dt>{t.landmark}</dt>
                        <dd>{row.landmark.clone()}</dd>
                    </div>
                })}
            {near.map(|words| html! {
                <div>
                    <dt>{t.near_what}</dt>
                    <dd>{words}</dd>
                </div>
            })}
            {accuracy.map(|words| html! {
                <div>
                    <dt>{t.fix}</dt>
                    <dd>{words}</dd>
                </div>
            })}
            {(!captured.is_empty())
                .then(|| html! {
                    <div>
                        <dt>{if case.photos.is_empty() { t.noticed } else { t.captured }}</dt>
                        <dd>{to_the_minute(&captured)}</dd>
                    </div>
                })}
            <div>
                <dt>{t.received}</dt>
                <dd>{move || work.desk.ago(&received)}</dd>
            </div>
        </dl>
        <div class="btns">{links}</div>
    }
}

/// A place as people say it on the telephone: from what everybody knows.
fn from_landmark(work: Work, landmark: &Landmark, place: Wgs84) -> String {
    let lang = work.desk.lang;
    let name = match lang {
        Lang::En if !landmark.name_en.is_empty() => &landmark.name_en,
        _ => &landmark.name,
    };
    let from = landmark.position();
    if from.distance_m(place) < HERE_M {
        return (work.t.at)(name);
    }
    let direction = words::compass(lang, Compass::from_bearing(from.bearing_deg(place)));
    (work.t.near)(name, direction, &words::distance(lang, from.distance_m(place)))
}
