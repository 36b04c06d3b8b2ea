//! From numbers to drawings: all that is computed about them, apart from drawing it.

/// Width of a drawing of weeks, in its own units; the browser stretches it.
pub(super) const WIDTH: f64 = 720.0;
/// Height of the longest bar.
pub(super) const HEIGHT: f64 = 180.0;

/// An upright bar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bar {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// Bars of several kinds side by side, a group for each week; `top` is what the longest one stands for.
pub(super) fn bars(groups: &[Vec<u32>]) -> (Vec<Vec<Bar>>, u32) {
    let most = groups.iter().flatten().copied().max().unwrap_or_default();
    let top = round_up(most);
    let slot = WIDTH / groups.len().max(1) as f64;
    let all = groups.iter().enumerate().map(|(group, values)| {
        let width = slot * 0.8 / values.len().max(1) as f64;
        let bar = |(at, value): (usize, &u32)| {
            let height = HEIGHT * f64::from(*value) / f64::from(top);
            Bar { x: slot * group as f64 + slot * 0.1 + width * at as f64, y: HEIGHT - height, width, height }
        };
        values.iter().enumerate().map(bar).collect()
    });
    (all.collect(), top)
}

/// A round number that is not less: what an axis ends at.
fn round_up(most: u32) -> u32 {
    let mut step = 1_u32;
    loop {
        for times in [1, 2, 5] {
            match step.checked_mul(times) {
                Some(top) if top >= most.max(1) => return top,
                Some(_) => {}
                None => return u32::MAX,
            }
        }
        let Some(next) = step.checked_mul(10) else { return u32::MAX };
        step = next;
    }
}

/// Of one day's 24 hours, those in a row in which nothing is open: from and to.
pub(super) fn gaps(day: &[u32]) -> Vec<(usize, usize)> {
    let mut gaps: Vec<(usize, usize)> = Vec::new();
    for (hour, _) in day.iter().enumerate().filter(|(_, open)| **open == 0) {
        match gaps.last_mut() {
            Some((_, end)) if *end == hour => *end += 1,
            _ => gaps.push((hour, hour + 1)),
        }
    }
    gaps
}

/// How full an hour is drawn: 0 is a gap, 4 as many as ever are open.
pub(super) fn shade(open: u32, most: u32) -> u32 {
    if open == 0 { 0 } else { (open.saturating_mul(4).div_ceil(most.max(1))).clamp(1, 4) }
}

/// "37%"; `None` where there is nothing to divide.
pub(super) fn percent(part: u32, rest: u32) -> Option<String> {
    let all = u64::from(part) + u64::from(rest);
    let rounded = (u64::from(part) * 100 + all / 2).checked_div(all)?;
    Some(format!("{rounded}%"))
}

/// "2", "1.5".
pub(super) fn halves(days: f64) -> String {
    let halves = (days * 2.0).round().max(0.0) as u64;
    if halves.is_multiple_of(2) { (halves / 2).to_string() } else { format!("{}.5", halves / 2) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_bar_fits_and_each_is_as_long_as_its_number() {
        let (drawn, top) = bars(&[vec![10, 0], vec![20, 5]]);
        assert_eq!(top, 20);
        assert_eq!(drawn.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2]);
        let heights: Vec<f64> = drawn.iter().flatten().map(|bar| bar.height).collect();
        assert_eq!(heights, [90.0, 0.0, 180.0, 45.0]);
        for bar in drawn.iter().flatten() {
            assert!(bar.x >= 0.0 && bar.x + bar.width <= WIDTH + 1e-9 && bar.y >= 0.0, "{bar:?}");
            assert!((bar.y + bar.height - HEIGHT).abs() < 1e-9, "{bar:?} stands on the ground");
        }
        assert!(drawn[0][0].x + drawn[0][0].width <= drawn[0][1].x + 1e-9, "bars do not cover each other");
        assert_eq!(bars(&[]).0.len(), 0);
        assert!(bars(&[vec![0, 0]]).0[0].iter().all(|bar| bar.height == 0.0));
    }

    #[test]
    fn an_axis_ends_at_a_round_number() {
        for (most, top) in
            [(0, 1), (1, 1), (2, 2), (3, 5), (7, 10), (11, 20), (21, 50), (999, 1000), (u32::MAX, u32::MAX)]
        {
            assert_eq!(round_up(most), top, "{most}");
        }
    }

    #[test]
    fn hours_without_a_station_are_joined_into_gaps() {
        let mut day = vec![1; 24];
        assert_eq!(gaps(&day), []);
        for hour in [0, 1, 2, 12, 23] {
            day[hour] = 0;
        }
        assert_eq!(gaps(&day), [(0, 3), (12, 13), (23, 24)]);
        assert_eq!(gaps(&[0; 24]), [(0, 24)]);
    }

    #[test]
    fn only_a_gap_is_drawn_as_one() {
        assert_eq!([0, 1, 2, 5, 7, 8].map(|open| shade(open, 8)), [0, 1, 1, 3, 4, 4]);
        assert_eq!((shade(1, 1), shade(0, 0), shade(u32::MAX, 1)), (4, 0, 4));
    }

    #[test]
    fn shares_and_halves_are_said_without_a_guess() {
        assert_eq!(percent(0, 0), None);
        assert_eq!(percent(1, 2).as_deref(), Some("33%"));
        assert_eq!(percent(u32::MAX, 0).as_deref(), Some("100%"));
        assert_eq!([0.0, 0.5, 1.0, 2.5, 10.0].map(halves), ["0", "0.5", "1", "2.5", "10"]);
    }
}
