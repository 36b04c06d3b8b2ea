mod report;

use super::{Common, Text};

pub(super) const TEXT: Text = Text {
    common: Common {
        app_name: "Waypost",
        stations: "Stations",
        market: "Market",
        report: "Report",
        mine: "Mine",
        more: "More",
    },
    report: report::REPORT,
    mine: report::MINE,
    sync: report::SYNC,
};
