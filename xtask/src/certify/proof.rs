//! Following the machine code of a function: everything that it can execute, and how much at most.
//!
//! Sound under two assumptions, both the compiler's duty: a return goes to the caller, and no code changes
//! while it runs. Every way that the processor could take counts, also those that no state of the heap takes.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    graph::{blocks, longest_path, Edge, Node},
    image::Image,
    instruction::{Cycles, Fault, Flow, Instruction},
    processor::Processor,
};

/// What is known of a function and what it calls.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Proof {
    /// The most instructions of one run, the return included; 0 if there is a fault.
    pub(super) instructions: u64,
    /// The most cycles of one run; 0 where the processor's timing is not asked for.
    pub(super) cycles: u64,
    /// The basic blocks.
    pub(super) blocks: usize,
    /// The bytes of code that can be reached.
    pub(super) bytes: u64,
    /// The functions that it calls, all of them allowed.
    pub(super) calls: BTreeSet<String>,
    /// What no certified operation may do, and this one does.
    pub(super) faults: BTreeSet<Fault>,
}

/// One function's instructions by address.
type Body = BTreeMap<u64, Instruction>;

/// Proofs for one file.
pub(super) struct Prover<'a> {
    pub(super) image: &'a Image<'a>,
    pub(super) processor: Processor,
    /// The functions that may be called, by name.
    pub(super) allowed: &'a [String],
    /// The last part of the name of a function that no run in question goes into.
    pub(super) without: Option<&'a str>,
}

impl Prover<'_> {
    /// Proves what it can of the function at `entry`.
    pub(super) fn prove(&self, entry: u64) -> Proof {
        self.prove_called(entry, &mut Vec::new())
    }

    /// The same, of a function that is reached through those at `above`.
    fn prove_called(&self, entry: u64, above: &mut Vec<u64>) -> Proof {
        let mut proof = Proof::default();
        if above.contains(&entry) {
            proof.faults.insert(Fault::Loop);
            return proof;
        }
        above.push(entry);
        let body = self.walk(entry, &mut proof.faults);
        let mut callees = BTreeMap::new();
        for to in body.values().filter_map(call) {
            callees
                .entry(to)
                .or_insert_with(|| self.prove_called(to, above));
        }
        above.pop();
        proof.add_body(&body, entry, &callees);
        for (to, callee) in callees {
            proof.add_callee(self.name(to), callee);
        }
        if !proof.faults.is_empty() {
            (proof.instructions, proof.cycles) = (0, 0);
        }
        proof
    }

    /// Every instruction that can be reached from `entry` without a call.
    fn walk(&self, entry: u64, faults: &mut BTreeSet<Fault>) -> Body {
        let mut body = Body::new();
        let mut open = vec![entry];
        while let Some(address) = open.pop() {
            if body.contains_key(&address) {
                continue;
            }
            if self.image.bytes_from(address).is_none() {
                faults.insert(Fault::Outside);
                continue;
            }
            for mut instruction in self.processor.decode(self.image, address) {
                self.cut(&mut instruction);
                if let Some(fault) = self.fault(&instruction) {
                    instruction.flow = Flow::Stop(fault.clone());
                    faults.insert(fault);
                }
                open.extend(ways(&instruction).map(|(to, _)| to));
                body.insert(instruction.address, instruction);
            }
        }
        faults.extend(body.values().filter_map(|it| entered_within(&body, it)));
        body
    }

    /// Takes the way out of `instruction` that no run in question takes.
    fn cut(&self, instruction: &mut Instruction) {
        let (Flow::Jump { to, .. } | Flow::Call { to }) = instruction.flow else {
            return;
        };
        let conditional = matches!(
            instruction.flow,
            Flow::Jump {
                conditional: true,
                ..
            }
        );
        if self.without.is_some() && self.without == self.image.function_at(to).map(last_part) {
            instruction.flow = if conditional {
                Flow::Next
            } else {
                Flow::Excluded
            };
        }
    }

    /// What is wrong with `instruction`.
    fn fault(&self, instruction: &Instruction) -> Option<Fault> {
        match &instruction.flow {
            Flow::Stop(Fault::Call(name)) if panics(name) => Some(Fault::Panic(name.clone())),
            Flow::Stop(fault) => Some(fault.clone()),
            Flow::Jump { to, .. } => {
                let name = self.image.function_at(*to)?;
                panics(name).then(|| Fault::Panic(name.to_owned()))
            }
            Flow::Call { to } => match self.image.function_at(*to) {
                Some(name) if panics(name) => Some(Fault::Panic(name.to_owned())),
                _ => {
                    let name = self.name(*to);
                    (!self.allowed.contains(&name)).then_some(Fault::Call(name))
                }
            },
            Flow::Next | Flow::Return { .. } | Flow::Excluded => None,
        }
    }

    /// The last part of the name of the function at `address`.
    fn name(&self, address: u64) -> String {
        let name = self.image.function_at(address).map(last_part);
        name.unwrap_or("code without a name").to_owned()
    }
}

impl Proof {
    /// Adds a function's own instructions, given the proofs of what it calls.
    fn add_body(&mut self, body: &Body, entry: u64, callees: &BTreeMap<u64, Proof>) {
        let callee = |it: &Instruction| call(it).and_then(|to| callees.get(&to));
        let instructions = nodes(body, |it, _| {
            1 + callee(it).map_or(0, |proof| proof.instructions)
        });
        let cycles = nodes(body, |it, cycles| {
            cycles + callee(it).map_or(0, |proof| proof.cycles)
        });
        match longest_path(&instructions, entry).zip(longest_path(&cycles, entry)) {
            Some(longest) => (self.instructions, self.cycles) = longest,
            None => {
                self.faults.insert(Fault::Loop);
            }
        }
        self.blocks = blocks(&instructions, entry);
        self.bytes = body.values().map(|it| it.length).sum();
    }

    /// Adds what is true of a callee to what is true of its caller.
    fn add_callee(&mut self, name: String, callee: Proof) {
        self.blocks += callee.blocks;
        self.bytes += callee.bytes;
        self.faults.extend(callee.faults);
        self.calls.extend(callee.calls);
        self.calls.insert(name);
    }
}

/// The graph of `body` with a weight for every way on and every return.
fn nodes(body: &Body, weight: impl Fn(&Instruction, u64) -> u64) -> BTreeMap<u64, Node> {
    let node = |it: &Instruction| Node {
        edges: ways(it)
            .map(|(to, cycles)| Edge {
                to,
                weight: weight(it, cycles),
            })
            .collect(),
        leave: match it.flow {
            Flow::Return { .. } | Flow::Stop(_) => weight(it, it.cycles.taken),
            _ => 0,
        },
    };
    body.iter().map(|(at, it)| (*at, node(it))).collect()
}

/// Where the processor may go on within the function, and the cycles until then.
fn ways(instruction: &Instruction) -> impl Iterator<Item = (u64, u64)> {
    let Cycles { next, taken } = instruction.cycles;
    let on = (instruction.end(), next);
    let (first, second) = match instruction.flow {
        Flow::Next | Flow::Return { conditional: true } => (Some(on), None),
        Flow::Call { .. } => (Some((instruction.end(), taken)), None),
        Flow::Jump { to, conditional } => (Some((to, taken)), conditional.then_some(on)),
        Flow::Return { conditional: false } | Flow::Stop(_) | Flow::Excluded => (None, None),
    };
    first.into_iter().chain(second)
}

/// The fault of a jump to an instruction that means what it does only after the one before it.
fn entered_within(body: &Body, instruction: &Instruction) -> Option<Fault> {
    let mut ways = ways(instruction).map(|(to, _)| to);
    let is_within = |to: &u64| *to != instruction.end() && body.get(to).is_some_and(|it| it.bound);
    ways.find(is_within).map(Fault::Unknown)
}

/// The function that the instruction calls.
fn call(instruction: &Instruction) -> Option<u64> {
    match instruction.flow {
        Flow::Call { to } => Some(to),
        _ => None,
    }
}

/// The name of a function without its path.
fn last_part(name: &str) -> &str {
    name.rsplit("::").next().unwrap_or(name)
}

/// Whether the function `name` of the standard library panics.
pub(super) fn panics(name: &str) -> bool {
    [
        "panic",
        "unwrap_failed",
        "expect_failed",
        "index_fail",
        "_len_fail",
    ]
    .iter()
    .any(|part| name.contains(part))
}

#[cfg(test)]
mod tests;
