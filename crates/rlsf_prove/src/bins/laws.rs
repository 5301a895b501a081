//! What must hold of the bins, as scripts for z3.

use super::formula::{Fault, Format};
use super::term::{log2_definition, Term};

/// A law: what it says, and what z3 is to find no counterexample of.
pub(crate) struct Law {
    pub(crate) name: &'static str,
    formula: &'static str,
}

/// The laws, of three sizes `s`, `t` and `u` that blocks of a heap of `fllen` rows can have.
pub(crate) const LAWS: [Law; 8] = [
    Law {
        name: "a size's bin is one that the heap has",
        formula: "(and (bvule bias (holding s)) (bvult (bvsub (holding s) bias) (count fllen)))",
    },
    Law {
        name: "a larger size has no lower bin",
        formula: "(=> (bvule s t) (bvule (holding s) (holding t)))",
    },
    Law {
        name: "a bin's lower bound is at most each size in it",
        formula: "(bvule (lower (holding s)) s)",
    },
    Law {
        name: "a bin has just the sizes from its lower bound to the next one's",
        formula: "(= (= (holding t) (holding s)) (and (bvule (lower (holding s)) t) (bvult t (above s))))",
    },
    Law {
        name: "every block of a higher bin is larger",
        formula: "(=> (bvult (holding s) (holding t)) (bvult s t))",
    },
    Law {
        name: "what is said to be sure is at least the size",
        formula: "(bvule s (sure s))",
    },
    Law {
        name: "from the sure size on, every block of the same or a higher bin serves",
        formula: "(=> (and (bvule (sure s) t) (bvule (holding t) (holding u))) (bvule s u))",
    },
    Law {
        name: "row and place make up the bin, and the heap has both",
        formula: "(and (= (at (row (holding s)) (sl (holding s))) (holding s)) (bvult (sl (holding s)) sllen) \
                  (bvule unit (row (holding s))) (bvult (bvsub (row (holding s)) unit) fllen))",
    },
];

/// A script: the definitions, whether there is any case at all, and then each law denied.
pub(crate) fn script(format: Format, fault: Fault) -> String {
    let denials = LAWS.map(|law| {
        format!(
            "(push)\n(assert (not {}))\n(check-sat)\n(pop)\n",
            law.formula
        )
    });
    format!(
        "(set-logic QF_BV)\n{}{}{}{}(check-sat)\n{}",
        log2_definition(format.bits),
        constants(format),
        functions(format, fault),
        assumptions(format.bits),
        denials.concat()
    )
}

fn constants(format: Format) -> String {
    let bits = format.bits;
    let constants = [
        ("bias", format.bias()),
        ("least", format.least()),
        ("unit", Term::constant(format.unit.into())),
        ("one", Term::constant(1)),
        ("sllen", Term::constant(1 << format.mantissa)),
        ("most-rows", Term::constant(128)),
        ("flags", Term::constant(7)),
        ("none", Term::constant(0)),
    ];
    let define = |(name, value): (&str, Term)| {
        let value = value.smt(bits);
        format!("(define-fun {name} () (_ BitVec {bits}) {value})\n")
    };
    constants.map(define).concat()
}

fn functions(format: Format, fault: Fault) -> String {
    let x = Term::variable("x");
    let word = format!("(_ BitVec {})", format.bits);
    let functions = [
        ("holding", format.holding(&x, fault)),
        ("lower", format.lower_bound(&x)),
        ("row", format.row(&x)),
        ("sl", format.sl(&x)),
        ("largest", format.largest(&x)),
        ("count", format.count(&x)),
    ];
    let define = |(name, body): (&str, Term)| {
        let body = body.smt(format.bits);
        format!("(define-fun {name} ((x {word})) {word} {body})\n")
    };
    let at = format.at(&Term::variable("r"), &Term::variable("b"));
    // `Bin::above`'s lower bound, and `Tlsf::sure_block` of the size of a block.
    format!(
        "{}(define-fun at ((r {word}) (b {word})) {word} {})\n\
         (define-fun above ((x {word})) {word} (lower (bvadd (holding x) one)))\n\
         (define-fun sure ((x {word})) {word} (ite (bvult (lower (holding x)) x) (above x) x))\n",
        functions.map(define).concat(),
        at.smt(format.bits)
    )
}

fn assumptions(bits: u32) -> String {
    let declare = |name| format!("(declare-const {name} (_ BitVec {bits}))\n");
    let of_size = |size| {
        format!(
            "(assert (and (= (bvand {size} flags) none) (bvule least {size}) (bvule {size} (largest fllen))))\n"
        )
    };
    format!(
        "{}(assert (and (bvule one fllen) (bvule fllen most-rows)))\n{}",
        ["s", "t", "u", "fllen"].map(declare).concat(),
        ["s", "t", "u"].map(of_size).concat()
    )
}
