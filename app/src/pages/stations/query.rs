//! What the list shows, as it stands in the address: every view of it is a link, with or without the program running.

use std::fmt::Write as _;

use crate::domain::ids::LandmarkId;
use crate::domain::night::NightShift;
use crate::domain::station::Facility;
use crate::local::prefs::Prefs;

/// How many stations a page of the list adds.
pub const PAGE: usize = 30;

/// What a station must have to be listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filters {
    pub facilities: Vec<Facility>,
    pub open_now: bool,
    pub night: bool,
    /// What `night` means; not part of the address.
    pub shift: NightShift,
}

impl Filters {
    pub fn is_empty(&self) -> bool {
        self.facilities.is_empty() && !self.open_now && !self.night
    }

    /// With this facility if it was without, and the other way round.
    pub fn toggle(&mut self, facility: Facility) {
        let before = self.facilities.len();
        self.facilities.retain(|chosen| *chosen != facility);
        if self.facilities.len() == before {
            self.facilities.push(facility);
        }
    }
}

impl From<&Prefs> for Filters {
    fn from(prefs: &Prefs) -> Self {
        Self { facilities: prefs.facilities.clone(), open_now: prefs.open_now, night: prefs.night, shift: prefs.shift }
    }
}

/// The query of `/`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// `None` where the address says nothing, so that what the phone remembers counts.
    pub filters: Option<Filters>,
    pub near: Option<LandmarkId>,
    pub plot: bool,
    /// The station whose card stands under the plot.
    pub at: Option<String>,
    /// Pages of the list, from 1.
    pub page: usize,
}

impl Query {
    /// `values` gives all that stands in the address under a name, decoded.
    pub fn read(values: impl Fn(&str) -> Vec<String>) -> Self {
        let given = |key: &str| values(key).pop().filter(|value| !value.is_empty());
        let on = |key| given(key).is_some_and(|value| value != "0");
        let filters = Filters {
            facilities: values("has").iter().filter_map(|code| Facility::from_code(code)).collect(),
            open_now: on("open"),
            night: on("night"),
            shift: NightShift::default(),
        };
        Self {
            filters: (!filters.is_empty()).then_some(filters),
            near: given("near").map(LandmarkId),
            plot: given("view").as_deref() == Some("plot"),
            at: given("at"),
            // Bounded, so that no address makes the list overflow.
            // Read as 32 bits: server and phone differ in what else fits, and must draw the same.
            page: given("page").and_then(|page| page.parse::<u32>().ok()).unwrap_or(1).clamp(1, 1000) as usize,
        }
    }

    /// The address that [`Query::read`] reads back as this.
    pub fn href(&self) -> String {
        let mut href = String::from("/");
        let mut put = |key: &str, value: &str| {
            href.push(if href.len() == 1 { '?' } else { '&' });
            // Writing to a String cannot fail.
            let _ = write!(href, "{key}=");
            for byte in value.bytes() {
                let _ = if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                    write!(href, "{}", char::from(byte))
                } else {
                    write!(href, "%{byte:02X}")
                };
            }
        };
        if let Some(filters) = &self.filters {
            if filters.open_now {
                put("open", "1");
            }
            if filters.night {
                put("night", "1");
            }
            for facility in &filters.facilities {
                put("has", facility.code());
            }
        }
        if let Some(near) = &self.near {
            put("near", near.as_str());
        }
        if self.plot {
            put("view", "plot");
        }
        if let Some(at) = &self.at {
            put("at", at);
        }
        if self.page > 1 {
            put("page", &self.page.to_string());
        }
        href
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Query {
        let values = |wanted: &str| {
            pairs.iter().filter(|(key, _)| *key == wanted).map(|(_, value)| (*value).to_owned()).collect()
        };
        Query::read(values)
    }

    #[test]
    fn an_address_is_read_as_it_was_written() {
        let query = Query {
            filters: Some(Filters {
                facilities: vec![Facility::Charging, Facility::OrderHolding],
                open_now: true,
                night: false,
                ..Filters::default()
            }),
            near: Some(LandmarkId::from("远洋&乐堤港")),
            plot: true,
            at: Some("wan-tong".to_owned()),
            page: 3,
        };
        assert_eq!(
            query.href(),
            "/?open=1&has=charging&has=order_holding&near=%E8%BF%9C%E6%B4%8B%26%E4%B9%90%E5%A0%A4%E6%B8%AF&view=plot&at=wan-tong&page=3"
        );
        let found = read(&[
            ("open", "1"),
            ("has", "charging"),
            ("has", "order_holding"),
            ("near", "远洋&乐堤港"),
            ("view", "plot"),
            ("at", "wan-tong"),
            ("page", "3"),
        ]);
        assert_eq!(found, query);
    }

    #[test]
    fn nonsense_in_an_address_is_ignored() {
        let found = read(&[("has", "gold"), ("open", ""), ("near", ""), ("page", "-4"), ("view", "3d")]);
        assert_eq!(found, Query { page: 1, ..Query::default() });
        assert_eq!(found.href(), "/");
        assert_eq!(read(&[("page", "99999999999")]).page, 1);
        assert_eq!(read(&[("page", "99999")]).page, 1000);
    }

    #[test]
    fn a_facility_chosen_twice_is_not_chosen() {
        let mut filters = Filters::default();
        filters.toggle(Facility::Tea);
        filters.toggle(Facility::Water);
        filters.toggle(Facility::Tea);
        assert_eq!(filters.facilities, [Facility::Water]);
    }
}
