//! What cases are called on the screen, and how things about them are said.

use waypost_app::domain::ids::UnitId;
use waypost_app::domain::report::{Category, ReportState};
use waypost_app::local::clock;
use waypost_app::text::{self, words};
use waypost_app::wire::problem::Problem;
use waypost_app::wire::staff::cases::{By, CaseEvent, CaseRow, Changed, UnitView};

use crate::ask::Trouble;
use crate::work::Work;

impl Work {
    /// The name of a unit.
    #[must_use]
    pub fn unit_name(self, id: Option<UnitId>) -> String {
        let Some(id) = id else { return self.t.no_unit.to_owned() };
        let name = |units: &Option<Vec<UnitView>>| {
            units.iter().flatten().find(|unit| unit.id == id).map(|unit| unit.name.clone())
        };
        self.units.look(name).unwrap_or_else(|| self.t.unknown_unit.to_owned())
    }

    #[must_use]
    pub fn category_name(self, category: Category) -> &'static str {
        (text::text(self.desk.lang).report.category_name)(category)
    }

    #[must_use]
    pub fn state_name(self, state: ReportState) -> &'static str {
        (text::text(self.desk.lang).mine.state)(state)
    }

    /// How long there is until a deadline, or since it; and whether it has passed.
    #[must_use]
    pub fn deadline(self, due_at: Option<&str>) -> Option<(String, bool)> {
        let minutes = clock::parse_rfc3339(due_at?)?.since(self.desk.now.get());
        let lang = self.desk.lang;
        Some(if minutes < 0 {
            ((self.t.late)(&words::duration(lang, -minutes)), true)
        } else {
            ((self.t.left)(&words::duration(lang, minutes)), false)
        })
    }

    /// The first of the texts that says anything of a case, else its kind.
    #[must_use]
    pub fn title(self, row: &CaseRow) -> String {
        let texts = [&row.description, &row.landmark];
        texts
            .into_iter()
            .map(|text| text.trim())
            .find(|text| !text.is_empty())
            .map_or_else(|| self.category_name(row.category).to_owned(), str::to_owned)
    }

    /// Why a step was not done, in words.
    #[must_use]
    pub fn why(self, trouble: &Trouble) -> String {
        let problem = match trouble {
            Trouble::Refused(problem) => problem.clone(),
            Trouble::Conflict(text) => match serde_json::from_str::<Changed>(text) {
                Ok(changed) => {
                    let event = changed.changed;
                    let what = event.step.map_or(self.state_name(event.state), self.t.done);
                    return (self.t.changed)(&self.who(&event), &self.desk.ago(&event.at), what);
                }
                Err(_) => serde_json::from_str::<Problem>(text).unwrap_or_default(),
            },
            _ => return self.desk.words(trouble),
        };
        let said = problem.errors.first().map(|fault| format!("{}: {}", fault.field, fault.message));
        let words = (self.t.fault)(said.as_deref().unwrap_or(&problem.detail));
        words.map_or_else(|| self.desk.words(trouble), str::to_owned)
    }

    /// Who made an event.
    #[must_use]
    pub fn who(self, event: &CaseEvent) -> String {
        match &event.by {
            By::Reporter => self.t.reporter.to_owned(),
            By::Staff { name, .. } => name.clone(),
            By::Link { unit } => (self.t.by_link)(&self.unit_name(Some(*unit))),
            By::Unknown => self.t.somebody.to_owned(),
        }
    }

    /// Units that get new cases, that which the district's rules name for the open case first.
    #[must_use]
    pub fn open_units(self) -> Vec<UnitView> {
        let suggested = self.case.look_untracked(|case| case.as_ref().and_then(|case| case.suggested_unit));
        let mut open: Vec<UnitView> =
            self.units.look_untracked(|units| units.iter().flatten().filter(|unit| !unit.closed).cloned().collect());
        open.sort_by_key(|unit| Some(unit.id) != suggested);
        open
    }
}
