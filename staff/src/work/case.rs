//! The case that is open: how it stands, on the screen and in the queue.

use waypost_app::domain::case::Step;
use waypost_app::domain::ids::ReportId;
use waypost_app::local::spawn;
use waypost_app::wire::staff::cases::{CaseList, CaseRow, CaseView};

use super::{CASES, Work};
use crate::ask;
use crate::desk::Session;
use crate::street;

impl Work {
    /// Opens a case: what is known of it at once, and then how it stands.
    pub fn open(self, id: ReportId) {
        self.form.set(None);
        self.fault.set(String::new());
        self.opened.set(Some(id));
        self.cursor.set(Some(id));
        if self.case.look_untracked(|case| case.as_ref().is_none_or(|case| case.row.id != id)) {
            let row = self.rows.look_untracked(|rows| rows.iter().find(|row| row.id == id).cloned());
            self.case.set(row.map(|row| self.only_row(row)));
            self.similar.set(Vec::new());
        }
        spawn(async move { self.read_case(id).await });
    }

    /// How the case stands.
    pub async fn read_case(self, id: ReportId) {
        let sitting = self.sitting();
        let outcome = ask::get::<CaseView>(&format!("{CASES}/{id}")).await;
        self.desk.note(&outcome);
        // Nothing is kept behind the erasing of somebody who signs out.
        if !self.is_open(id) || !self.is_still(sitting) {
            return;
        }
        match outcome {
            Ok(case) => {
                // A copy for the corner.
                let _ = street::keep_case(&case).await;
                if self.is_open(id) {
                    self.show_case(case);
                    self.read_similar(id).await;
                }
            }
            Err(trouble) if trouble.passes() => {
                if let Some(case) = street::kept_case(id).await
                    && self.is_open(id)
                {
                    self.show_case(case);
                }
            }
            Err(_) => {
                self.case.set(None);
                self.fault.set(self.t.gone.to_owned());
            }
        }
    }

    /// No case's page is open any more.
    pub fn close(self) {
        self.opened.set(None);
        self.case.set(None);
        self.form.set(None);
    }

    #[must_use]
    pub fn is_open(self, id: ReportId) -> bool {
        self.opened.get_untracked() == Some(id)
    }

    /// Shows a case, and its line in the queue as it now is.
    pub fn show_case(self, case: CaseView) {
        let row = case.row.clone();
        if self.rows.look_untracked(|rows| rows.iter().any(|old| old.id == row.id && *old != row)) {
            self.rows.update(|rows| {
                for old in rows.iter_mut().filter(|old| old.id == row.id) {
                    *old = row.clone();
                }
            });
        }
        if self.case.look_untracked(|shown| shown.as_ref() != Some(&case)) {
            self.case.set(Some(case));
        }
    }

    async fn read_similar(self, id: ReportId) {
        if let Ok(list) = ask::get::<CaseList>(&format!("{CASES}/{id}/similar")).await
            && self.is_open(id)
        {
            self.similar.set(list.cases);
        }
    }

    /// A case of which only its line in the queue is known.
    fn only_row(self, row: CaseRow) -> CaseView {
        let role = self.desk.session.look_untracked(|session| match session {
            Session::In(view) => Some(view.staff.role),
            Session::Unknown | Session::Out => None,
        });
        CaseView {
            accuracy_m: None,
            captured_at: String::new(),
            photos: row.photo.iter().cloned().collect(),
            merged_into: None,
            merged: Vec::new(),
            suggested_unit: None,
            link: None,
            taken_down: false,
            near: None,
            original: None,
            events: Vec::new(),
            steps: role.map(|role| Step::allowed(row.state, role, false)).unwrap_or_default(),
            row,
        }
    }
}
