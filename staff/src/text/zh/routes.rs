//! Chinese words about who is asked to repair what.

use crate::text::RoutesText;

pub(super) const ROUTES: RoutesText = RoutesText {
    title: "分派规则",
    text: "从上往下，第一条合适的规则决定建议派给谁；最后仍由人来决定。",
    none: "还没有规则，派单时不作建议。",
    category: "类别",
    any: "所有类别",
    unit: "单位",
    area: "片区名称",
    area_hint: "留空就是全区。",
    district: "全区",
    around: |name, metres| format!("{name} 周围 {metres} 米"),
    place: "片区中心（纬度，经度）",
    place_hint: "WGS-84 坐标，例如 30.3172, 120.1386",
    place_bad: "中心的坐标读不懂，应是“纬度, 经度”。",
    radius: "半径（米）",
    add: "添加这条规则",
    new: "新规则",
    up: |number| format!("把第 {number} 条上移"),
    drop: |number| format!("删掉第 {number} 条"),
    saved: "规则存好了。",
    changed: "别人刚改过规则，已读取最新的，请再改一次。",
    needs_unit: "请选一个单位。",
};
