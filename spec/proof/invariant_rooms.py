"""The invariant, continued: who is in a room, and who is expected there."""

from z3 import And, Implies, Not, Or

from model import *
from invariant import conjunct


@conjunct('F-04')
def present_is_inside(a):
    return every([u, r, i, v], Implies(a.present(u, r, i, v), a.inside(u, r)))


@conjunct('F-04', 'F-06')
def inside_is_present(a):
    """A user is in a room no longer than a presence lasts."""
    return every([u, r], Implies(a.inside(u, r), some([i, v], a.present(u, r, i, v))))


@conjunct('F-05')
def presences_are_apart(a):
    return every([u, r], apart(lambda x, y: a.present(u, r, x, y)))


@conjunct('F-13')
def past_is_not_present(a):
    return every([u, r, i, v], Implies(a.past(u, r, v), Not(a.present(u, r, i, v))))


@conjunct('F-13')
def past_has_a_name(a):
    """What names no session is of none that has ended."""
    return every([u, r, v], Implies(a.past(u, r, v), v != no_session))


@conjunct('F-11', 'F-13')
def past_is_of_open_room(a):
    return every([u, r, v], Implies(a.past(u, r, v), a.open(r)))


@conjunct('E-20', 'INV-04')
def expected_has_accepted(a):
    return every([c], Implies(a.expected(c), And(grace, a.phase(c) == ACCEPTED)))


@conjunct('C-05', 'E-20', 'INV-01')
def expected_is_called(a):
    """Nobody is expected in a room who is called there, or has a record or another expectation there."""
    return every([c, k], Implies(And(a.expected(c), Or(a.expected(k), is_record(a, k)), a.callee(c) == a.callee(k),
                                     a.room(c) == a.room(k)), c == k))


@conjunct('E-20', 'F-04', 'INV-02')
def expected_is_not_inside(a):
    return every([c], Implies(a.expected(c), Not(a.inside(a.callee(c), a.room(c)))))


@conjunct('E-20', 'F-11')
def expected_room_is_open(a):
    return every([c], Implies(a.expected(c), a.open(a.room(c))))


@conjunct('E-21', 'T-03', 'INV-03')
def before_end_of_expecting(a):
    """The clock is before the deadline of every expectation."""
    return every([c], Implies(a.expected(c), earlier(a.clock, a.until(c))))


@conjunct('F-07', 'P-01')
def caller_is_inside(a):
    """Under callerLeft cancelCalls nobody rings whose caller has left."""
    return every([c], Implies(And(cancelCalls, live(a, c)), a.inside(a.caller(c), a.room(c))))


@conjunct('F-08', 'P-01')
def room_is_not_empty(a):
    """Under callerLeft cancelIfRoomEmpty nobody rings for an empty room."""
    return every([c], Implies(And(cancelIfRoomEmpty, live(a, c)), some([u], a.inside(u, a.room(c)))))
