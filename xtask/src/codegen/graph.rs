//! The control flow of a function as a graph: whether it has a loop, and its longest path.

use std::collections::BTreeMap;

use super::{image::Place, walk::Step};

/// How far the search is with an instruction that it has met.
enum Visit {
    /// On the way from the entry to where the search is.
    Open,
    /// Left for good: the most instructions from here to a return.
    Done(usize),
}

/// The most instructions that one run from `entry` can execute; nothing when there is a loop.
pub(super) fn longest_path(steps: &BTreeMap<Place, Step>, entry: Place) -> Option<usize> {
    let next = |place: Place| steps.get(&place).map_or(&[][..], |step| &step.next);
    let mut visits = BTreeMap::new();
    let mut stack = vec![entry];
    let mut longest = 0;
    while let Some(&place) = stack.last() {
        match visits.get(&place) {
            None => {
                visits.insert(place, Visit::Open);
                if next(place)
                    .iter()
                    .any(|it| matches!(visits.get(it), Some(Visit::Open)))
                {
                    return None;
                }
                stack.extend(next(place));
            }
            Some(Visit::Open) => {
                let after = next(place).iter().map(|it| length(visits.get(it))).max();
                longest = 1 + after.unwrap_or(0);
                visits.insert(place, Visit::Done(longest));
                stack.pop();
            }
            Some(Visit::Done(_)) => {
                stack.pop();
            }
        }
    }
    Some(longest)
}

/// The instructions from where the search has been to a return.
fn length(visit: Option<&Visit>) -> usize {
    match visit {
        Some(Visit::Done(length)) => *length,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The longest path from 0 through the given edges.
    fn longest(edges: &[&[u64]]) -> Option<usize> {
        let place = |offset: u64| Place { section: 1, offset };
        let step = |next: &[u64]| Step {
            length: 1,
            next: next.iter().map(|offset| place(*offset)).collect(),
            fault: None,
        };
        let steps = (0..).zip(edges).map(|(at, next)| (place(at), step(next)));
        longest_path(&steps.collect(), place(0))
    }

    #[test]
    fn the_longer_arm_of_a_branch_counts() {
        assert_eq!(longest(&[&[1, 3], &[2], &[3], &[]]), Some(4));
        assert_eq!(longest(&[&[3, 1], &[2], &[3], &[]]), Some(4));
    }

    #[test]
    fn a_jump_back_to_code_that_is_not_on_the_way_is_no_loop() {
        assert_eq!(longest(&[&[2], &[], &[3, 1], &[1]]), Some(4));
    }

    #[test]
    fn a_way_back_is_a_loop() {
        assert_eq!(longest(&[&[1], &[2, 3], &[1], &[]]), None);
        assert_eq!(longest(&[&[0]]), None);
    }
}
