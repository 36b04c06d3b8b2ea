use proptest::prelude::*;

use super::*;

#[test]
fn every_step_leads_where_the_table_says() {
    use ReportState as S;
    use Step as T;
    let table: [(S, &[(T, S)]); 8] = [
        (
            S::Received,
            &[(T::Accept, S::Accepted), (T::Merge, S::Received), (T::Separate, S::Received), (T::Decline, S::Declined)],
        ),
        (S::Accepted, &[(T::Assign, S::Assigned), (T::Decline, S::Declined)]),
        (
            S::Assigned,
            &[(T::Start, S::InProgress), (T::Fix, S::Fixed), (T::HandOver, S::Assigned), (T::Decline, S::Declined)],
        ),
        (S::InProgress, &[(T::Fix, S::Fixed), (T::HandOver, S::Assigned)]),
        (S::Fixed, &[(T::Reopen, S::Reopened)]),
        (S::Confirmed, &[(T::Reopen, S::Reopened)]),
        (S::Declined, &[(T::Accept, S::Accepted)]),
        (S::Reopened, &[(T::Accept, S::Accepted), (T::Assign, S::Assigned), (T::Decline, S::Declined)]),
    ];
    for (state, steps) in table {
        let mut found: Vec<_> = T::ALL.into_iter().filter_map(|step| Some((step, step.from(state)?))).collect();
        assert_eq!(found.pop(), Some((T::Note, state)), "{state:?}: something can always be said");
        for step in [T::Publish, T::Takedown].into_iter().filter(|_| state.is_public()) {
            assert_eq!(found.pop(), Some((step, state)), "{state:?}: whatever is public can be taken down");
        }
        assert_eq!(found.pop(), Some((T::Redact, state)), "{state:?}: what strangers see can always be mended");
        assert_eq!(found, steps, "{state:?}");
    }
}

#[test]
fn codes_name_what_they_are_written_as_in_json() {
    for step in Step::ALL {
        assert_eq!(Step::from_code(step.code()), Some(step));
        assert_eq!(serde_json::to_string(&step).expect("json"), format!("\"{}\"", step.code()));
    }
    for reason in DeclineReason::ALL {
        assert_eq!(DeclineReason::from_code(reason.code()), Some(reason));
        assert_eq!(serde_json::to_string(&reason).expect("json"), format!("\"{}\"", reason.code()));
    }
    for says in [Says::Confirmed, Says::NotFixed] {
        assert_eq!(Says::from_code(says.code()), Some(says));
        assert_eq!(serde_json::to_string(&says).expect("json"), format!("\"{}\"", says.code()));
    }
    assert_eq!(Step::from_code("Accept"), None);
}

#[test]
fn a_unit_only_works_on_what_it_was_given() {
    use ReportState as S;
    for (state, steps) in [
        (S::Received, vec![Step::Note]),
        (S::Assigned, vec![Step::Start, Step::Fix, Step::Note]),
        (S::InProgress, vec![Step::Fix, Step::Note]),
        (S::Fixed, vec![Step::Note]),
    ] {
        assert_eq!(Step::allowed(state, Role::Unit, false), steps, "{state:?}");
    }
}

#[test]
fn what_is_followed_through_another_is_separated_from_it_before_anything_else_is_done() {
    for role in [Role::Admin, Role::Worker] {
        assert_eq!(Step::allowed(ReportState::Received, role, true), [Step::Separate, Step::Note]);
        for state in ReportState::ALL {
            assert!(!Step::allowed(state, role, false).contains(&Step::Separate), "{state:?}: it stands alone");
        }
    }
    assert_eq!(Step::allowed(ReportState::Received, Role::Unit, true), [Step::Note]);
}

#[test]
fn that_it_is_not_fixed_may_be_said_for_fourteen_days() {
    use ReportState as S;
    for (says, state, after_ms, next) in [
        (Says::NotFixed, S::Fixed, 0, Some(S::Reopened)),
        (Says::NotFixed, S::Fixed, ANSWER_MS, Some(S::Reopened)),
        (Says::NotFixed, S::Fixed, ANSWER_MS + 1, None),
        (Says::NotFixed, S::Confirmed, 1, Some(S::Reopened)),
        (Says::NotFixed, S::Declined, 1, None),
        (Says::NotFixed, S::Received, 1, None),
        (Says::Confirmed, S::Fixed, 0, Some(S::Confirmed)),
        (Says::Confirmed, S::Fixed, ANSWER_MS + 1, Some(S::Confirmed)),
        (Says::Confirmed, S::Reopened, 0, None),
    ] {
        assert_eq!(says.from(state, 5, 5 + after_ms), next, "{says:?} {state:?} {after_ms}");
    }
}

proptest! {
    #[test]
    fn whatever_staff_do_a_report_moves_only_as_it_may_and_is_public_only_once_accepted(
        steps in proptest::collection::vec(0..Step::ALL.len(), 0..40),
    ) {
        let (mut state, mut accepted) = (ReportState::Received, false);
        for step in steps.into_iter().map(|at| Step::ALL[at]) {
            let Some(next) = step.from(state) else { continue };
            prop_assert!(next == state || state.may_become(next));
            accepted |= step == Step::Accept;
            state = next;
            prop_assert!(accepted || !state.is_public(), "{:?} before it was accepted", state);
        }
    }

    #[test]
    fn an_answer_at_any_moment_is_taken_or_refused(fixed in any::<i64>(), now in any::<i64>(), at in 0..8_usize) {
        for says in [Says::Confirmed, Says::NotFixed] {
            let state = ReportState::ALL[at];
            prop_assert!(says.from(state, fixed, now).is_none_or(|next| state.may_become(next)));
        }
    }
}
