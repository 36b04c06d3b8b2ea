//! The columns of an import file, and what people call them.

use serde::{Deserialize, Serialize};

use super::cells::{Datum, half_width};

/// What a column says of a station. The names in English are the contract; an export has them all, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Column {
    Slug,
    Name,
    NameEn,
    Address,
    Landmark,
    District,
    Lat,
    Lng,
    Crs,
    Hours,
    Phone,
    Facilities,
    Access,
    Parent,
    AddressEn,
    LandmarkEn,
    DistrictEn,
    AccessEn,
    Entrance,
    Operator,
    OperatorEn,
    About,
    AboutEn,
    Source,
    SourceEn,
    VerifiedAt,
}

impl Column {
    pub(crate) const ALL: [Self; 26] = [
        Self::Slug,
        Self::Name,
        Self::NameEn,
        Self::Address,
        Self::Landmark,
        Self::District,
        Self::Lat,
        Self::Lng,
        Self::Crs,
        Self::Hours,
        Self::Phone,
        Self::Facilities,
        Self::Access,
        Self::Parent,
        Self::AddressEn,
        Self::LandmarkEn,
        Self::DistrictEn,
        Self::AccessEn,
        Self::Entrance,
        Self::Operator,
        Self::OperatorEn,
        Self::About,
        Self::AboutEn,
        Self::Source,
        Self::SourceEn,
        Self::VerifiedAt,
    ];

    /// Columns of plain words that a station keeps as they are.
    pub(crate) const TEXTS: [Self; 17] = [
        Self::Name,
        Self::NameEn,
        Self::Address,
        Self::AddressEn,
        Self::Landmark,
        Self::LandmarkEn,
        Self::District,
        Self::DistrictEn,
        Self::Phone,
        Self::Access,
        Self::AccessEn,
        Self::Operator,
        Self::OperatorEn,
        Self::About,
        Self::AboutEn,
        Self::Source,
        Self::SourceEn,
    ];

    /// Its name in a header.
    pub const fn name(self) -> &'static str {
        self.names().0
    }

    /// What people who write Chinese call it.
    pub fn name_in_chinese(self) -> &'static str {
        let (name, others) = self.names();
        others.first().copied().unwrap_or(name)
    }

    /// Its name, and what it is called in headers in Chinese, the usual word first.
    const fn names(self) -> (&'static str, &'static [&'static str]) {
        match self {
            Self::Slug => ("slug", &["网址名", "短名", "标识"]),
            Self::Name => ("name", &["名称", "驿站名称", "站点名称", "站名", "名字", "驿站"]),
            Self::NameEn => ("name_en", &["英文名称", "英文名", "名称英文"]),
            Self::Address => ("address", &["地址", "详细地址", "位置", "所在地址"]),
            Self::Landmark => ("landmark", &["地标", "标志物", "认路", "附近地标", "参照物"]),
            Self::District => ("district", &["街道", "所属街道", "所在街道", "街道乡镇", "辖区"]),
            Self::Lat => ("lat", &["纬度", "latitude", "y"]),
            Self::Lng => ("lng", &["经度", "longitude", "lon", "long", "x"]),
            Self::Crs => ("crs", &["坐标系", "坐标系统", "坐标类型"]),
            Self::Hours => ("hours", &["开放时间", "营业时间", "服务时间", "开门时间", "opening_hours"]),
            Self::Phone => ("phone", &["电话", "联系电话", "电话号码", "联系方式", "手机", "tel", "telephone"]),
            Self::Facilities => ("facilities", &["设施", "服务设施", "服务项目", "配套设施"]),
            Self::Access => ("access", &["进入条件", "准入", "谁可以进", "使用条件", "服务对象"]),
            Self::Parent => ("parent", &["上级", "上级驿站", "所属驿站", "关联驿站", "双驿站"]),
            Self::AddressEn => ("address_en", &["英文地址"]),
            Self::LandmarkEn => ("landmark_en", &["英文地标"]),
            Self::DistrictEn => ("district_en", &["英文街道"]),
            Self::AccessEn => ("access_en", &["英文进入条件"]),
            Self::Entrance => ("entrance", &["怎么进", "入口", "进门方式"]),
            Self::Operator => ("operator", &["运营", "运营方", "运营单位", "管理单位", "建设单位"]),
            Self::OperatorEn => ("operator_en", &["英文运营方"]),
            Self::About => ("about", &["说明", "简介", "介绍"]),
            Self::AboutEn => ("about_en", &["英文说明"]),
            Self::Source => ("source", &["来源", "信息来源", "数据来源"]),
            Self::SourceEn => ("source_en", &["英文来源"]),
            Self::VerifiedAt => ("verified_at", &["核实时间", "核实日期", "核实于"]),
        }
    }

    /// The column a header means; `None` for one that says something else.
    ///
    /// Remarks in brackets (`电话（选填）`, `纬度(°)`) do not count, nor does a star for "required". But a datum other than
    /// WGS-84 in brackets is no remark: those coordinates would be half a kilometre off, so the column is not known.
    pub(crate) fn from_header(header: &str) -> Option<Self> {
        let header = half_width(header).to_lowercase();
        let (header, remark) = match header.split_once(['(', '[', '【']) {
            Some((before, remark)) => (before, remark.trim_end_matches([')', ']', '】', '*', ' '])),
            None => (header.as_str(), ""),
        };
        if !remark.is_empty() && Datum::from_words(remark).is_some_and(|datum| datum != Datum::Wgs84) {
            return None;
        }
        let plain = header.trim_matches(|c: char| c == '*' || c == ':' || c.is_whitespace());
        Self::ALL.into_iter().find(|column| {
            let (name, others) = column.names();
            let joined = plain.replace([' ', '-'], "_");
            joined == name || others.contains(&joined.as_str())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_means_one_column() {
        for column in Column::ALL {
            let (name, others) = column.names();
            for header in others.iter().chain([&name]) {
                assert_eq!(Column::from_header(header), Some(column), "{header}");
            }
            assert_eq!(serde_json::to_string(&column).expect("JSON"), format!("\"{name}\""));
        }
    }

    #[test]
    fn headers_are_read_as_people_write_them() {
        for (header, column) in [
            (" Name ", Some(Column::Name)),
            ("NAME_EN", Some(Column::NameEn)),
            ("Name En", Some(Column::NameEn)),
            ("名称*", Some(Column::Name)),
            ("*名称", Some(Column::Name)),
            ("电话（选填）", Some(Column::Phone)),
            ("纬度(°)", Some(Column::Lat)),
            ("经度（WGS84）", Some(Column::Lng)),
            ("经度（GCJ-02）", None),
            ("经度(高德)", None),
            ("ｌａｔ", Some(Column::Lat)),
            ("备注", None),
            ("", None),
        ] {
            assert_eq!(Column::from_header(header), column, "{header:?}");
        }
    }
}
