//! Following machine code from a function's entry through every jump, into other functions too.

use std::collections::{btree_map::Entry, BTreeMap};

use anyhow::{ensure, Context, Result};
use iced_x86::{Decoder, DecoderOptions, FlowControl, Instruction};

use super::image::{Image, Place};

/// What one instruction does.
pub(super) struct Step {
    /// Its bytes.
    pub(super) length: u64,
    /// Where the processor may go on.
    pub(super) next: Vec<Place>,
    /// What no constant-time operation may do.
    pub(super) fault: Option<Fault>,
}

/// What no constant-time operation may do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fault {
    /// A call of, or a jump to, code that is not followed.
    Call(String),
    /// A reference to what panics.
    Panic(String),
    /// A jump to where a register or memory says.
    IndirectJump,
    /// An instruction that stops the program.
    Trap,
    /// A way back to where the code has been.
    Loop,
}

/// Every instruction that can be reached from `entry`.
pub(super) fn walk(image: &Image<'_>, entry: Place) -> Result<BTreeMap<Place, Step>> {
    let mut steps = BTreeMap::new();
    let mut open = vec![entry];
    while let Some(place) = open.pop() {
        if let Entry::Vacant(entry) = steps.entry(place) {
            let step = entry.insert(step(image, place)?);
            open.extend(&step.next);
        }
    }
    Ok(steps)
}

/// Decodes the instruction at `place`.
fn step(image: &Image<'_>, place: Place) -> Result<Step> {
    let bytes = image
        .bytes_from(place)
        .context("the code runs out of its section")?;
    let mut decoder = Decoder::with_ip(64, bytes, place.offset, DecoderOptions::NONE);
    let instruction = decoder.decode();
    ensure!(!instruction.is_invalid(), "no instruction at {place:?}");
    let length = instruction.next_ip() - place.offset;
    let after = place.at(instruction.next_ip());
    let mut step = Step {
        length,
        next: Vec::new(),
        fault: panic_reference(image, place, length),
    };
    match instruction.flow_control() {
        FlowControl::Next if repeats(&instruction) => step.blame(Fault::Loop),
        FlowControl::Next => step.next.push(after),
        FlowControl::Return => {}
        FlowControl::UnconditionalBranch => step.jump(image, place, &instruction),
        FlowControl::ConditionalBranch => {
            step.next.push(after);
            step.jump(image, place, &instruction);
        }
        FlowControl::Call | FlowControl::IndirectCall => step.call(image, place, after),
        FlowControl::IndirectBranch => step.jump_through_table(image, place),
        FlowControl::Interrupt | FlowControl::Exception | FlowControl::XbeginXabortXend => {
            step.blame(Fault::Trap);
        }
    }
    Ok(step)
}

impl Step {
    /// Adds `fault`, unless there is a clearer one.
    fn blame(&mut self, fault: Fault) {
        self.fault.get_or_insert(fault);
    }

    /// Notes the call at `place` and goes on at `after`, unless the callee cannot return.
    fn call(&mut self, image: &Image<'_>, place: Place, after: Place) {
        if self.fault.is_none() && image.bytes_from(after).is_some() {
            self.next.push(after);
        }
        self.blame_callee(image, place);
    }

    /// Notes that the code goes on where this file does not show it.
    fn blame_callee(&mut self, image: &Image<'_>, place: Place) {
        let name = callee(image, place, self.length);
        self.blame(Fault::Call(
            name.unwrap_or_else(|| "code without a name".to_owned()),
        ));
    }

    /// Follows the jump at `place` through the linker's table to a function of this file: the way
    /// from one function into another that returns for it.
    fn jump_through_table(&mut self, image: &Image<'_>, place: Place) {
        let end = place.offset + self.length;
        let mut references = image.references(place, self.length);
        let target = references
            .next()
            .and_then(|(at, reference)| reference.jump_target(end - at.offset));
        match target.filter(|target| image.bytes_from(*target).is_some()) {
            Some(target) => self.next.push(target),
            None => match callee(image, place, self.length) {
                Some(name) => self.blame(Fault::Call(name)),
                None => self.blame(Fault::IndirectJump),
            },
        }
    }

    /// Follows the jump `instruction` at `place`, when its target is in the file.
    fn jump(&mut self, image: &Image<'_>, place: Place, instruction: &Instruction) {
        let end = place.offset + self.length;
        let target = match image.references(place, self.length).next() {
            Some((at, reference)) => reference.jump_target(end - at.offset),
            None => Some(place.at(instruction.near_branch_target())),
        };
        match target.filter(|target| image.bytes_from(*target).is_some()) {
            Some(target) => self.next.push(target),
            None => self.blame_callee(image, place),
        }
    }
}

/// Whether the instruction does its work over and over.
fn repeats(instruction: &Instruction) -> bool {
    instruction.is_string_instruction()
        && (instruction.has_rep_prefix() || instruction.has_repne_prefix())
}

/// The name of the function that the instruction at `place` goes to.
fn callee(image: &Image<'_>, place: Place, length: u64) -> Option<String> {
    let (at, reference) = image.references(place, length).next()?;
    if reference.symbol.is_none() {
        return Some(reference.name.clone());
    }
    let target = reference.jump_target(place.offset + length - at.offset)?;
    image.function_at(target).map(str::to_owned)
}

/// The fault of an instruction that refers to what panics.
fn panic_reference(image: &Image<'_>, place: Place, length: u64) -> Option<Fault> {
    let mut references = image.references(place, length);
    references
        .find(|(_, it)| panics(&it.name))
        .map(|(_, it)| Fault::Panic(it.name.clone()))
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
