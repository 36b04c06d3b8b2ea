//! Numbers, in Chinese.

use crate::text::numbers::NumbersText;

pub(in crate::text) const NUMBERS: NumbersText = NumbersText {
    title: "数据",
    from: "从",
    to: "到",
    week: "看哪一周的开放情况",
    week_hint: "选这一周里的任何一天。",
    show: "显示",
    sheet: "下载上报明细（CSV）",
    sheet_text: "这段时间收到的每一件上报一行，可以用表格软件打开。",
    date_bad: "日期不对：结束要在开始之后，最多一年。",

    reports: "每周收到和修好的上报",
    received: "收到",
    fixed: "修好",
    total: "合计",
    week_of: "周",
    week_from: |date| format!("{date}起"),

    units: "处置单位",
    units_text: "从派单（或退回）到修好，用了几个工作日：一半的不超过这个数。",
    unit: "单位",
    no_unit: "没有派单",
    median: "一般用时",
    days: |days| format!("{days} 个工作日"),
    open: "手上",
    overdue: "超期",
    nobody: "这段时间没有修好的，手上也没有。",

    doors: "门锁着的情况",
    doors_text: "在场的人说的：信息没错，或者该开的时候门锁着。",
    confirmed: "没错",
    locked: "锁着",
    rate: "锁着的比例",
    no_visits: "–",

    coverage: "什么时候没有驿站开门",
    coverage_text: "每个小时里最少的时候有几个驿站开着。0 就是那时没有地方可去。",
    place: "街道",
    whole: "全区",
    no_district: "没有登记街道",
    stations: |stations, unknown| format!("{stations} 个驿站，其中 {unknown} 个不知道什么时候开"),
    day: "日期",
    gaps: "没有驿站开门的时间",
    no_gap: "全天都有",
};
