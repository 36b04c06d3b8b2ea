//! Whether others have reported the same already.

use super::super::dom;
use super::Editor;
use crate::domain::ids::ReportId;
use crate::domain::report::Category;
use crate::domain::similar::similar;
use crate::wire::snapshot::OpenReport;

/// Open reports with how far away they are, in metres.
pub(in crate::pages::report) type Near = Vec<(OpenReport, f64)>;

impl Editor {
    /// What to ask about: open reports that may be the same, nearest first. Empty once the writer has said. Reads the
    /// district on this phone, so the network is not needed.
    pub(in crate::pages::report) fn near(self) -> Near {
        let draft = self.draft.get();
        let category = draft.category.as_deref().and_then(Category::from_code);
        let (Some(category), Some(place), None) = (category, draft.place, draft.same_as) else { return Near::new() };
        self.phone.replica.look(|replica| {
            let asked = replica.snapshot().open_reports.iter().filter(|open| !draft.not_same.contains(&open.id));
            let asked: Vec<&OpenReport> = asked.collect();
            let mut places = asked.iter().map(|open| (open.category, open.position()));
            let near = similar(category, place.position, &mut places);
            near.into_iter().filter_map(|(at, metres)| Some(((*asked.get(at)?).clone(), metres))).collect()
        })
    }

    /// It is the same as that one; `None` takes it back.
    pub(in crate::pages::report) fn follow(self, id: Option<ReportId>) {
        self.faults.update(|faults| faults.retain(|fault| fault.field != "description"));
        self.change(|draft| draft.same_as = id);
        dom::focus(dom::SAME);
    }

    /// It is none of these.
    pub(in crate::pages::report) fn is_another(self) {
        let near = self.near();
        self.change(|draft| draft.not_same.extend(near.into_iter().map(|(open, _)| open.id)));
        dom::focus(dom::NEAR);
    }
}
