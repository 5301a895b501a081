//! The control flow of a function as a graph: its blocks, whether it has a loop, and its longest path.

use std::collections::{BTreeMap, BTreeSet};

/// How far the search is with an instruction that it has met.
enum Visit {
    /// On the way from the entry to where the search is.
    Open,
    /// Left for good: the greatest weight from here to a return.
    Done(u64),
}

/// A way from one instruction to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Edge {
    pub(super) to: u64,
    pub(super) weight: u64,
}

/// A node: the ways on, and the weight of a return from here if there is one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) edges: Vec<Edge>,
    pub(super) leave: u64,
}

/// The greatest weight of a way from `entry` to a return; nothing when there is a loop.
pub(super) fn longest_path(nodes: &BTreeMap<u64, Node>, entry: u64) -> Option<u64> {
    let edges = |place: u64| nodes.get(&place).map_or(&[][..], |node| &node.edges);
    let mut visits = BTreeMap::new();
    let mut stack = vec![entry];
    let mut longest = 0;
    while let Some(&place) = stack.last() {
        match visits.get(&place) {
            None => {
                visits.insert(place, Visit::Open);
                let is_open = |it: &Edge| matches!(visits.get(&it.to), Some(Visit::Open));
                if edges(place).iter().any(is_open) {
                    return None;
                }
                stack.extend(edges(place).iter().map(|it| it.to));
            }
            Some(Visit::Open) => {
                let ways = edges(place).iter();
                let after = ways.map(|it| it.weight + weight(visits.get(&it.to))).max();
                let leave = nodes.get(&place).map_or(0, |node| node.leave);
                longest = leave.max(after.unwrap_or(0));
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

/// The greatest weight from where the search has been to a return.
fn weight(visit: Option<&Visit>) -> u64 {
    match visit {
        Some(Visit::Done(weight)) => *weight,
        _ => 0,
    }
}

/// The number of basic blocks: runs of instructions that are entered at the first and left at the last.
pub(super) fn blocks(nodes: &BTreeMap<u64, Node>, entry: u64) -> usize {
    let mut first = BTreeSet::from([entry]);
    let mut entered = BTreeSet::new();
    for edge in nodes.values().flat_map(|node| &node.edges) {
        if !entered.insert(edge.to) {
            first.insert(edge.to);
        }
    }
    for node in nodes
        .values()
        .filter(|node| node.edges.len() > 1 || node.leave > 0)
    {
        first.extend(node.edges.iter().map(|edge| edge.to));
    }
    first.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A graph of the given ways on with their weights; a node without any leaves with weight 1.
    fn graph(nodes: &[&[(u64, u64)]]) -> BTreeMap<u64, Node> {
        let node = |ways: &[(u64, u64)]| Node {
            edges: ways
                .iter()
                .map(|&(to, weight)| Edge { to, weight })
                .collect(),
            leave: u64::from(ways.is_empty()),
        };
        (0..).zip(nodes.iter().map(|ways| node(ways))).collect()
    }

    fn longest(nodes: &[&[(u64, u64)]]) -> Option<u64> {
        longest_path(&graph(nodes), 0)
    }

    #[test]
    fn the_longer_arm_of_a_diamond_counts() {
        assert_eq!(
            longest(&[&[(1, 1), (3, 1)], &[(2, 1)], &[(3, 1)], &[]]),
            Some(4)
        );
        assert_eq!(
            longest(&[&[(3, 1), (1, 1)], &[(2, 1)], &[(3, 1)], &[]]),
            Some(4)
        );
    }

    #[test]
    fn the_heavier_arm_of_a_diamond_counts_though_it_has_fewer_instructions() {
        let found = longest(&[&[(1, 1), (3, 9)], &[(2, 1)], &[(3, 1)], &[]]);
        assert_eq!(found, Some(10));
    }

    #[test]
    fn a_return_on_the_way_counts_when_it_is_heavier_than_the_way_on() {
        let mut nodes = graph(&[&[(1, 1)], &[(2, 1)], &[]]);
        nodes.get_mut(&1).unwrap().leave = 7;
        assert_eq!(longest_path(&nodes, 0), Some(8));
    }

    #[test]
    fn a_jump_back_to_code_that_is_not_on_the_way_is_no_loop() {
        assert_eq!(
            longest(&[&[(2, 1)], &[], &[(3, 1), (1, 1)], &[(1, 1)]]),
            Some(4)
        );
    }

    #[test]
    fn a_way_back_is_a_loop() {
        assert_eq!(
            longest(&[&[(1, 1)], &[(2, 1), (3, 1)], &[(1, 1)], &[]]),
            None
        );
        assert_eq!(longest(&[&[(0, 1)]]), None);
    }

    #[test]
    fn a_diamond_has_four_blocks() {
        let nodes = graph(&[&[(1, 1)], &[(2, 1), (3, 1)], &[(4, 1)], &[(4, 1)], &[]]);
        assert_eq!(blocks(&nodes, 0), 4);
    }
}
