//! Units, in Chinese.

use crate::text::units::UnitsText;

pub(in crate::text) const UNITS: UnitsText = UnitsText {
    title: "处置单位",
    text: "谁来修。停止派单的单位不再接新的，手上的照样办完。",
    none: "还没有处置单位。",
    new: "添加处置单位",
    name: "名称",
    contact: "联系人",
    phone: "电话",
    add: "添加",
    save: "保存",
    saved: "已保存",
    edit: "修改",
    edit_of: |name| format!("修改{name}"),
    cancel: "不改了",
    close: "停止派单",
    open: "恢复派单",
    closed: "已停止派单",
    taken: "这个名称已经有了。",
    missing: "请填名称。",
    of_person: "所属单位",
    choose: "请选择",
    none_yet: "还没有处置单位，先去添加一个。",
};
