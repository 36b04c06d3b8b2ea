//! Which cases of the queue are looked at, and the choices that somebody keeps under a name.

use serde::{Deserialize, Serialize};
use waypost_app::domain::ids::UnitId;
use waypost_app::domain::report::{Category, ReportState};
use waypost_app::wire::staff::cases::CaseRow;

/// Which cases are looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Filter {
    pub state: Option<ReportState>,
    pub unit: Option<UnitId>,
    pub category: Option<Category>,
    pub overdue: bool,
    pub words: String,
}

impl Filter {
    /// Whether a case is among those that are looked at, as far as its line in the queue says.
    #[must_use]
    pub fn keeps(&self, row: &CaseRow) -> bool {
        let words = self.words.trim().to_lowercase();
        let texts = [&row.code, &row.description, &row.landmark];
        self.state.is_none_or(|state| row.state == state)
            && self.unit.is_none_or(|unit| row.unit == Some(unit))
            && self.category.is_none_or(|category| row.category == category)
            && (!self.overdue || row.overdue)
            && (words.is_empty() || texts.iter().any(|text| text.to_lowercase().contains(&words)))
    }

    /// As a query, for a page of so many cases that begins after another.
    #[must_use]
    pub fn query(&self, limit: usize, after: Option<&str>) -> String {
        let mut query = format!("?limit={limit}");
        let mut add = |name: &str, value: &str| {
            query.push('&');
            query.push_str(name);
            query.push('=');
            query.push_str(&String::from(js_sys::encode_uri_component(value)));
        };
        if let Some(state) = self.state {
            add("state", state.code());
        }
        if let Some(unit) = self.unit {
            add("unit", &unit.to_string());
        }
        if let Some(category) = self.category {
            add("category", category.code());
        }
        if self.overdue {
            add("overdue", "true");
        }
        if !self.words.trim().is_empty() {
            add("q", self.words.trim());
        }
        if let Some(after) = after {
            add("after", after);
        }
        query
    }
}

/// A filter under a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saved {
    pub name: String,
    pub filter: Filter,
}

#[cfg(test)]
mod tests {
    use waypost_app::domain::ids::ReportId;

    use super::*;

    fn row() -> CaseRow {
        CaseRow {
            id: ReportId(uuid::Uuid::nil()),
            version: 1,
            code: "K7Q2".to_owned(),
            state: ReportState::Accepted,
            category: Category::Road,
            description: "路沿石碎了 Kerb".to_owned(),
            landmark: "乐堤港北门".to_owned(),
            lat: 30.3,
            lng: 120.1,
            photo: None,
            received_at: String::new(),
            unit: None,
            due_at: None,
            overdue: true,
        }
    }

    #[test]
    fn a_case_is_kept_if_everything_asked_for_is_so() {
        let filter = |change: fn(&mut Filter)| {
            let mut filter = Filter::default();
            change(&mut filter);
            filter.keeps(&row())
        };
        assert!(filter(|_| {}));
        assert!(filter(|it| it.words = " kerb ".to_owned()));
        assert!(filter(|it| it.words = "北门".to_owned()));
        assert!(filter(|it| (it.state, it.overdue) = (Some(ReportState::Accepted), true)));
        assert!(filter(|it| it.category = Some(Category::Road)));
        assert!(!filter(|it| it.state = Some(ReportState::Received)));
        assert!(!filter(|it| it.category = Some(Category::Tree)));
        assert!(!filter(|it| it.unit = Some(UnitId(uuid::Uuid::nil()))));
        assert!(!filter(|it| (it.words, it.overdue) = ("路灯".to_owned(), true)));
    }
}
