mod report;

use super::{Common, Text};

pub(super) const TEXT: Text = Text {
    common: Common {
        app_name: "驿友", stations: "驿站", market: "市集", report: "上报", mine: "我的", more: "更多"
    },
    report: report::REPORT,
    mine: report::MINE,
    sync: report::SYNC,
};
