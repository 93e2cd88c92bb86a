//! Types inferred from use.
//!
//! Owns one variable for each field, property and expression; two that are used alike become one. Each remembers the
//! place that told its type, so that a conflict can show both.

use crate::source::Span;
use crate::value::Type;

/// A type that may not be known yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TypeVar(usize);

#[derive(Debug, Clone, Copy)]
struct State {
    parent: usize,
    /// The type and the place that told it.
    told: Option<(Type, Span)>,
    /// A message about it was given; nothing more is said of it.
    is_poisoned: bool,
}

/// All variables.
#[derive(Debug, Default)]
pub(super) struct Types {
    states: Vec<State>,
}

/// Two places that disagree.
pub(super) struct Conflict {
    pub first: (Type, Span),
    pub second: (Type, Span),
}

impl Types {
    pub fn unknown(&mut self) -> TypeVar {
        let id = self.states.len();
        self.states.push(State { parent: id, told: None, is_poisoned: false });
        TypeVar(id)
    }

    pub fn known(&mut self, of_type: Type, at: Span) -> TypeVar {
        let var = self.unknown();
        self.states[var.0].told = Some((of_type, at));
        var
    }

    /// A variable that agrees with everything: what it belongs to has its message already.
    pub fn poisoned(&mut self) -> TypeVar {
        let var = self.unknown();
        self.states[var.0].is_poisoned = true;
        var
    }

    fn root(&mut self, var: TypeVar) -> usize {
        let mut at = var.0;
        while self.states[at].parent != at {
            let next = self.states[at].parent;
            self.states[at].parent = self.states[next].parent;
            at = next;
        }
        at
    }

    pub fn is_poisoned(&mut self, var: TypeVar) -> bool {
        let root = self.root(var);
        self.states[root].is_poisoned
    }

    pub fn told(&mut self, var: TypeVar) -> Option<(Type, Span)> {
        let root = self.root(var);
        self.states[root].told
    }

    pub fn type_of(&mut self, var: TypeVar) -> Option<Type> {
        self.told(var).map(|(t, _)| t)
    }

    /// Makes two variables one. Where their types differ they become poisoned, so that it is told once.
    pub fn unify(&mut self, a: TypeVar, b: TypeVar) -> Result<(), Conflict> {
        let (ra, rb) = (self.root(a), self.root(b));
        if ra == rb {
            return Ok(());
        }
        let (sa, sb) = (self.states[ra], self.states[rb]);
        let clash = match (sa.told, sb.told) {
            (Some(first), Some(second)) if first.0 != second.0 => Some(Conflict { first, second }),
            _ => None,
        };
        let quiet = sa.is_poisoned || sb.is_poisoned;
        self.states[rb].parent = ra;
        self.states[ra].told = sa.told.or(sb.told);
        self.states[ra].is_poisoned = quiet || clash.is_some();
        match clash {
            Some(conflict) if !quiet => Err(conflict),
            _ => Ok(()),
        }
    }
}
