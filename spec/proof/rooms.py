"""The facts: which rooms there are, who comes into them and leaves, on which device and in which session."""

from z3 import And, BoolVal, Bool as BoolConst, Function, If, Implies, Not, Or

from model import *

BREAKS.update({
    'ring-where-they-are': 'entering another room ends no call',
    'enter-a-past-session': 'entering does not ask whether the session has ended',
    'enter-beside-the-last': 'entering does not end the presence that the device has in another session',
    'leave-at-once': 'leaving in one session puts out who is there in another one, too',
    'leave-without-memory': 'leaving does not remember the session',
    'leave-and-ring': 'who leaves cancels no call, nor does a room that empties',
    'come-and-be-expected': 'who comes in is expected all the same',
    'list-and-expect': 'who is listed as present is expected all the same',
    'dissolve-and-expect': 'who is expected in a room that is dissolved is expected all the same',
})

EMPTY, GONE = BoolConst('EMPTY'), BoolConst('GONE')
# Of a list: the users that it names, their presences after it, and the sessions that it ends.
NAMED = Function('NAMED', User, Bool)
THERE = Function('THERE', User, Name, Session, Bool)
OVER = Function('OVER', User, Session, Bool)
arrival = Function('arrival', Attempt, Device)


# What becomes of the presences of a user o in a room m, by a fact that has a device's name and a session.

def entered(a, o, m, name, session):
    """F-05, F-13: nothing, if the session is remembered."""
    comes = unless('enter-a-past-session', Not(a.past(o, m, session)))
    replaced = lambda x, y: unless('enter-beside-the-last', And(
        name != unnamed, x == name, y != session, y != no_session, session != no_session), False)
    stays = lambda x, y: And(a.present(o, m, x, y), Not(replaced(x, y)))
    begins = every([j, w], Implies(stays(j, w), Not(matches(j, w, name, session))))
    here = lambda u, r: And(u == o, r == m, comes)
    return a.but(
        inside=lambda u, r: Or(a.inside(u, r), here(u, r)),
        present=lambda u, r, i, v: Or(And(a.present(u, r, i, v), Not(And(here(u, r), replaced(i, v)))),
                                      And(here(u, r), i == name, v == session, begins)),
        past=lambda u, r, v: Or(a.past(u, r, v), And(here(u, r), a.present(o, m, name, v), replaced(name, v),
                                                     every([j], Not(stays(j, v))))))


def left(a, o, m, name, session):
    """F-06, F-13: what matches ends; what ended, and what is named, is remembered if no presence is in it."""
    which = lambda x, y: matches(x, y, name, session)
    here = lambda u, r: And(u == o, r == m)
    last = unless('leave-at-once', every([j, w], Implies(a.present(o, m, j, w), which(j, w))))
    ends = lambda y: unless('leave-without-memory', And(
        y != no_session, Or(y == session, some([j], a.present(o, m, j, y))),
        every([j], Implies(a.present(o, m, j, y), which(j, y)))), False)
    return a.but(
        inside=lambda u, r: And(a.inside(u, r), Not(And(here(u, r), last))),
        present=lambda u, r, i, v: And(a.present(u, r, i, v), Not(And(here(u, r), which(i, v)))),
        past=lambda u, r, v: Or(a.past(u, r, v), And(here(u, r), ends(v))))


# What becomes of calls and expectations.

def come_in(a, comes, by, ends_expectation):
    """F-04: some users come into R."""
    here = lambda x: And(comes(a.callee(x)), a.room(x) == R)
    rings = lambda x: And(live(a, x), here(x))
    elsewhere = lambda x: unless('ring-where-they-are', And(
        rejectsElsewhere, live(a, x), comes(a.callee(x)), a.room(x) != R), False)
    b = ends(a, rings, ENTERED, by)
    kept = b.kept
    return ends(b.but(kept=lambda x: And(kept(x), Not(here(x))),
                      expected=lambda x: And(a.expected(x), Not(And(here(x), ends_expectation)))),
                elsewhere, IN_OTHER_ROOM, lambda x: nobody)


def withdraws(a, goes):
    """F-07, F-08: the calls for R that are cancelled when some users are no longer in it."""
    return lambda x: And(live(a, x), a.room(x) == R, unless('leave-and-ring', Or(
        And(cancelCalls, goes(a.caller(x))), And(cancelIfRoomEmpty, EMPTY)), False))


def is_changed(a, b):
    return lambda x: a.phase(x) != b.phase(x)


@action('F-02', 'F-03')
def open_room(a):
    return Step([Not(a.open(R))], a.but(open=lambda r: Or(a.open(r), r == R)))


@action('F-04', 'F-05', 'F-13', 'E-07', 'E-03', 'E-20', 'K-02')
def enter(a):
    """U comes into R on the device D, which may be unknown (nobody), in the session V."""
    b = come_in(entered(a, U, R, named(D), V), lambda u: u == U, lambda x: D,
                unless('come-and-be-expected', BoolVal(True), False))
    return Step([a.open(R), Not(a.inside(U, R)), unless('enter-a-past-session', Not(a.past(U, R, V))),
                 Or(D == nobody, owner(D) == U), counts(a, is_changed(a, b))], b)


@action('F-05', 'F-13')
def enter_again(a):
    """U, who is in R, enters on a device that is called I, in the session V."""
    return Step([a.inside(U, R)], entered(a, U, R, I, V))


@action('F-05')
def crowd_out(a):
    """U has one presence too many: another ends."""
    goes = lambda x, y: And(x == I, y == V)
    over = And(V != no_session, every([j], Implies(a.present(U, R, j, V), j == I)))
    return Step([a.present(U, R, I, V), some([j, w], And(a.present(U, R, j, w), Not(goes(j, w))))], a.but(
        present=lambda u, r, i, v: And(a.present(u, r, i, v), Not(And(u == U, r == R, goes(i, v)))),
        past=lambda u, r, v: Or(a.past(u, r, v), And(u == U, r == R, v == V, over))))


@action('F-13')
def forget_session(a):
    """One session too many, or one in which a list enters (F-15)."""
    return Step([a.past(U, R, V)], a.but(past=lambda u, r, v: And(a.past(u, r, v), Not(And(u == U, r == R, v == V)))))


@action('F-06', 'F-07', 'F-08', 'F-13')
def leave(a):
    """U leaves R on a device that is called I, in the session V. Calls may be cancelled by it, each by its caller and
    the device that called."""
    which = withdraws(a, lambda u: And(u == U, GONE))
    b = left(a, U, R, I, V)
    return Step([a.open(R), GONE == And(a.inside(U, R), Not(b.inside(U, R))),
                 EMPTY == And(GONE, every([u], Implies(a.inside(u, R), u == U))), counts(a, which)],
                ends(b, which, CANCELLED, a.calling))


@action('F-15', 'F-07', 'F-08', 'E-07', 'E-03', 'K-02')
def list_present(a):
    """Those who are in R are stated. Which of their presences are new is left open, and so is which sessions ended."""
    goes = lambda u: And(a.inside(u, R), Not(NAMED(u)))
    b = ends(a, withdraws(a, goes), CANCELLED, a.calling)
    b = come_in(b, lambda u: And(NAMED(u), Not(a.inside(u, R))), arrival,
                unless('list-and-expect', BoolVal(True), False))
    return Step([
        a.open(R), EMPTY == every([u], Not(NAMED(u))),
        every([u, i, v], Implies(THERE(u, i, v), NAMED(u))),
        every([u], Implies(NAMED(u), some([i, v], THERE(u, i, v)))),
        every([u], apart(lambda x, y: THERE(u, x, y))),
        every([u, i, v], Implies(OVER(u, v), And(v != no_session, Not(THERE(u, i, v))))),
        every([u, i, v], Implies(And(a.present(u, R, i, v), v != no_session, every([j], Not(THERE(u, j, v)))),
                                 OVER(u, v))),
        every([c], Or(arrival(c) == nobody, owner(arrival(c)) == a.callee(c))),
        counts(a, is_changed(a, b))
    ], b.but(
        inside=lambda u, r: If(r == R, NAMED(u), a.inside(u, r)),
        present=lambda u, r, i, v: If(r == R, THERE(u, i, v), a.present(u, r, i, v)),
        past=lambda u, r, v: If(r == R, Or(OVER(u, v), And(a.past(u, r, v), every([j], Not(THERE(u, j, v))))),
                                a.past(u, r, v))))


@action('F-16', 'F-06', 'F-08', 'E-06', 'E-20')
def remove(a):
    """D removes U from R, or the backend (nobody)."""
    which = lambda x: And(live(a, x), a.room(x) == R, Or(a.callee(x) == U, a.caller(x) == U))
    rest = lambda x: And(live(a, x), a.room(x) == R, cancelIfRoomEmpty, EMPTY, Not(which(x)))
    here = lambda x: And(a.callee(x) == U, a.room(x) == R)
    b = left(a, U, R, unnamed, no_session).but(expected=lambda x: And(a.expected(x), Not(here(x))))
    b = ends(ends(b, which, REVOKED, lambda x: D), rest, CANCELLED, a.calling)
    return Step([a.open(R), EMPTY == And(a.inside(U, R), every([u], Implies(a.inside(u, R), u == U))),
                 counts(a, is_changed(a, b))], b)


@action('F-11', 'E-06', 'E-20')
def dissolve(a):
    """D dissolves R, or the backend (nobody)."""
    which = lambda x: And(live(a, x), a.room(x) == R)
    b = a.but(open=lambda r: And(a.open(r), r != R), inside=lambda u, r: And(a.inside(u, r), r != R),
              present=lambda u, r, i, v: And(a.present(u, r, i, v), r != R),
              past=lambda u, r, v: And(a.past(u, r, v), r != R),
              expected=lambda x: And(a.expected(x), unless('dissolve-and-expect', a.room(x) != R)),
              kept=lambda x: And(a.kept(x), a.room(x) != R))
    return Step([a.open(R), counts(a, which)], ends(b, which, REVOKED, lambda x: D))
