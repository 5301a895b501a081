//! Terms over words: evaluated here, and written down for z3. One value is both, so the two cannot differ.

use core::fmt;
use std::rc::Rc;

/// A term.
#[derive(Clone, Debug)]
pub(crate) struct Term(Rc<Node>);

#[derive(Debug)]
enum Node {
    Variable(&'static str),
    Constant(u64),
    Apply(Operator, Term, Term),
    /// The place of the highest set bit; of zero, zero.
    Log2(Term),
    /// If the first is below the second: the third, else the fourth.
    IfBelow(Term, Term, Term, Term),
}

#[derive(Clone, Copy, Debug)]
enum Operator {
    Add,
    Subtract,
    And,
    Or,
    ShiftLeft,
    ShiftRight,
}

impl Operator {
    const fn name(self) -> &'static str {
        match self {
            Self::Add => "bvadd",
            Self::Subtract => "bvsub",
            Self::And => "bvand",
            Self::Or => "bvor",
            Self::ShiftLeft => "bvshl",
            Self::ShiftRight => "bvlshr",
        }
    }

    /// The result, of which the caller takes the low bits; a shift by the width or more gives zero.
    fn apply(self, a: u64, b: u64, bits: u32) -> u64 {
        let shift = u32::try_from(b).ok().filter(|&by| by < bits);
        match self {
            Self::Add => a.wrapping_add(b),
            Self::Subtract => a.wrapping_sub(b),
            Self::And => a & b,
            Self::Or => a | b,
            Self::ShiftLeft => shift.map_or(0, |by| a << by),
            Self::ShiftRight => shift.map_or(0, |by| a >> by),
        }
    }
}

macro_rules! binary {
    ($($method:ident $operator:ident;)*) => {$(
        pub(crate) fn $method(&self, other: &Self) -> Self {
            Self(Rc::new(Node::Apply(Operator::$operator, self.clone(), other.clone())))
        }
    )*};
}

impl Term {
    binary! {
        plus Add;
        minus Subtract;
        and And;
        or Or;
        shl ShiftLeft;
        shr ShiftRight;
    }

    pub(crate) fn variable(name: &'static str) -> Self {
        Self(Rc::new(Node::Variable(name)))
    }

    pub(crate) fn constant(value: u64) -> Self {
        Self(Rc::new(Node::Constant(value)))
    }

    pub(crate) fn log2(&self) -> Self {
        Self(Rc::new(Node::Log2(self.clone())))
    }

    /// This, if it is not below `least`, or else that.
    pub(crate) fn or_at_least(&self, least: &Self) -> Self {
        self.if_below(least, least, self)
    }

    /// `yes` if this is below `bound`, else `no`.
    pub(crate) fn if_below(&self, bound: &Self, yes: &Self, no: &Self) -> Self {
        let parts = (self.clone(), bound.clone(), yes.clone(), no.clone());
        Self(Rc::new(Node::IfBelow(parts.0, parts.1, parts.2, parts.3)))
    }

    /// The value in words of `bits` where each variable has the value that `lookup` gives.
    pub(crate) fn eval(&self, bits: u32, lookup: &dyn Fn(&str) -> u64) -> u64 {
        let of = |term: &Self| term.eval(bits, lookup);
        let value = match &*self.0 {
            Node::Variable(name) => lookup(name),
            Node::Constant(value) => *value,
            Node::Apply(operator, a, b) => operator.apply(of(a), of(b), bits),
            Node::Log2(n) => of(n).checked_ilog2().unwrap_or(0).into(),
            Node::IfBelow(a, b, yes, no) => of(if of(a) < of(b) { yes } else { no }),
        };
        value & (u64::MAX >> (u64::BITS - bits))
    }

    /// The term for z3, in words of `bits`.
    pub(crate) fn smt(&self, bits: u32) -> Smt<'_> {
        Smt { term: self, bits }
    }
}

/// A term as z3 reads it.
pub(crate) struct Smt<'t> {
    term: &'t Term,
    bits: u32,
}

impl fmt::Display for Smt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = |term: &'_ Term| term.smt(self.bits).to_string();
        match &*self.term.0 {
            Node::Variable(name) => f.write_str(name),
            Node::Constant(value) => write!(f, "(_ bv{value} {})", self.bits),
            Node::Apply(operator, a, b) => write!(f, "({} {} {})", operator.name(), of(a), of(b)),
            Node::Log2(n) => write!(f, "(log2 {})", of(n)),
            Node::IfBelow(a, b, yes, no) => write!(
                f,
                "(ite (bvult {} {}) {} {})",
                of(a),
                of(b),
                of(yes),
                of(no)
            ),
        }
    }
}

/// The definition of `log2` in words of `bits`, bit by bit from the highest.
pub(crate) fn log2_definition(bits: u32) -> String {
    let mut body = format!("(_ bv0 {bits})");
    for bit in 1..bits {
        body = format!("(ite (= ((_ extract {bit} {bit}) n) #b1) (_ bv{bit} {bits}) {body})");
    }
    format!("(define-fun log2 ((n (_ BitVec {bits}))) (_ BitVec {bits}) {body})\n")
}
