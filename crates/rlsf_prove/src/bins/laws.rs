//! What must hold of the bins, as scripts for z3.

use super::formula::{Fault, Format};
use super::term::{log2_definition, Term};
use core::fmt::Write;

/// A law by its name: what z3 is to find no counterexample of.
pub(crate) struct Law {
    pub(crate) name: &'static str,
    formula: String,
}

/// The sizes and the number of rows of which the laws speak.
const VARIABLES: [&str; 4] = ["s", "t", "u", "fllen"];

/// A script: the definitions, whether there is any case at all, and then each law denied.
pub(crate) fn script(format: Format, fault: Fault) -> (String, Vec<Law>) {
    let bits = format.bits;
    let mut script = String::from("(set-logic QF_BV)\n");
    script += &log2_definition(bits);
    let word = format!("(_ BitVec {bits})");
    let unary = [
        ("holding", format.holding(&Term::variable("x"), fault)),
        ("lower", format.lower_bound(&Term::variable("x"))),
        ("row", format.row(&Term::variable("x"))),
        ("sl", format.sl(&Term::variable("x"))),
        ("largest", format.largest(&Term::variable("x"))),
        ("count", format.count(&Term::variable("x"))),
    ];
    for (name, body) in &unary {
        let body = body.smt(bits);
        let _ = writeln!(script, "(define-fun {name} ((x {word})) {word} {body})");
    }
    let constants = [
        ("bias", format.bias()),
        ("least", format.least()),
        ("unit", Term::constant(format.unit.into())),
        ("one", Term::constant(1)),
        ("sllen", Term::constant(1 << format.mantissa)),
        ("most-rows", Term::constant(128)),
        ("word-bits", Term::constant(bits.into())),
        ("flags", Term::constant(7)),
        ("none", Term::constant(0)),
    ];
    for (name, value) in &constants {
        let value = value.smt(bits);
        let _ = writeln!(script, "(define-fun {name} () {word} {value})");
    }
    let at = format.at(&Term::variable("r"), &Term::variable("b"));
    let _ = writeln!(
        script,
        "(define-fun at ((r {word}) (b {word})) {word} {})",
        at.smt(bits)
    );
    for name in VARIABLES {
        let _ = writeln!(script, "(declare-const {name} {word})");
    }
    script += "(assert (and (bvule one fllen) (bvule fllen most-rows)))\n";
    for size in ["s", "t", "u"] {
        let _ = writeln!(
            script,
            "(assert (and (= (bvand {size} flags) none) (bvule least {size}) (bvule {size} (largest fllen))))"
        );
    }
    script += "(check-sat)\n";
    let laws = laws();
    for law in &laws {
        let _ = writeln!(
            script,
            "(push)\n(assert (not {}))\n(check-sat)\n(pop)",
            law.formula
        );
    }
    (script, laws)
}

/// The laws. `sure` of the size `s` is the size from which on every free block serves it.
fn laws() -> Vec<Law> {
    let law = |name, formula: &str| Law {
        name,
        formula: formula.into(),
    };
    let above = "(lower (bvadd (holding s) one))";
    let sure = format!("(ite (bvult (lower (holding s)) s) {above} s)");
    vec![
        law(
            "a size's bin is one that the heap has",
            "(and (bvule bias (holding s)) (bvult (bvsub (holding s) bias) (count fllen)))",
        ),
        law(
            "a larger size has no lower bin",
            "(=> (bvule s t) (bvule (holding s) (holding t)))",
        ),
        law(
            "a bin's lower bound is at most each size in it",
            "(bvule (lower (holding s)) s)",
        ),
        law(
            "a bin has just the sizes from its lower bound to the next one's",
            &format!(
                "(= (= (holding t) (holding s)) (and (bvule (lower (holding s)) t) (bvult t {above})))"
            ),
        ),
        law(
            "every block of a higher bin is larger",
            "(=> (bvult (holding s) (holding t)) (bvult s t))",
        ),
        law(
            "what is said to be sure is at least the size",
            &format!("(bvule s {sure})"),
        ),
        law(
            "from the sure size on, every block of the same or a higher bin serves",
            &format!("(=> (and (bvule {sure} t) (bvule (holding t) (holding u))) (bvule s u))"),
        ),
        law(
            "row and place make up the bin, and the heap has both",
            "(and (= (at (row (holding s)) (sl (holding s))) (holding s)) (bvult (sl (holding s)) sllen) \
             (bvule unit (row (holding s))) (bvult (bvsub (row (holding s)) unit) fllen))",
        ),
    ]
}
