"""The actions of the switchboard. Each is judged at the present clock, after `tick` (T-03)."""

from z3 import And, Bool as BoolConst, BoolVal, Const, Function, If, Implies, Not, Or

from model import *

BREAKS.update({
    'accept-what-ended': 'an accept takes an attempt that has ended',
    'answer-before-clock': 'an accept is judged at its own time, before the deadlines up to it',
    'call-who-rings': 'a call does not ask whether the callee is being called already',
    'reuse-a-number': 'a call may take a number that was used',
    'call-twice': 'a call that is sent again has another effect',
    'call-who-is-expected': 'a call does not ask whether the callee is expected already',
    'accept-without-deadline': 'the deadline of who accepts and is expected may have passed',
    'expect-for-ever': 'the clock does not end that somebody is expected',
})

# What an input picks: some attempts, and what they get.
X, E, M, OLD = [Function(name, Attempt, Bool) for name in ('X', 'E', 'M', 'OLD')]
callees = Function('callees', Attempt, User)
elsewhere = Function('elsewhere', Attempt, Room)
T = Const('T', Time)
NEVER, YES = BoolConst('NEVER'), BoolConst('YES')


@action('T-02', 'T-03', 'T-04', 'T-06', 'E-04', 'E-21')
def tick(a):
    """The clock goes to AT, not back, and every deadline up to it ends its attempt, or that somebody is expected."""
    due = lambda x: And(live(a, x), Not(a.never(x)), Not(earlier(AT, a.deadline(x))))
    return Step([Not(earlier(AT, a.clock)), counts(a, due)],
                ends(a, due, TIMED_OUT, lambda x: nobody, at=AT).but(clock=AT, expected=lambda x: And(
                    a.expected(x), unless('expect-for-ever', earlier(AT, a.until(x))))))


@action('C-01', 'C-03', 'C-04', 'C-05', 'C-06', 'C-07', 'C-08', 'C-09', 'C-10', 'C-13', 'E-20', 'P-01', 'R-02', 'T-05',
        'L-05')
def call(a):
    """The request Q calls some users into R: X are the attempts of its successes, E those whose callee is in another
    room, OLD the kept records that are replaced."""
    fresh = lambda x: unless('reuse-a-number', a.phase(x) == FRESH)
    at_once = lambda x: And(X(x), rejectsElsewhere, E(x))
    guard = [
        a.tapped(Q), a.verb(Q) == CALL, unless('call-twice', Not(a.judged(Q))),
        a.open(R), a.inside(owner(a.asker(Q)), R),
        Or(NEVER, earlier(a.clock, T)),
        every([c], Implies(X(c), And(fresh(c), Not(a.inside(callees(c), R))))),
        # The next numbers (C-06), one for each callee (C-03).
        every([c, k], Implies(And(X(c), made(a, k)), unless('reuse-a-number', older(k, c)))),
        every([c, k], Implies(And(X(c), older(k, c), Not(X(k))), made(a, k))),
        every([c, k], Implies(And(X(c), X(k), callees(c) == callees(k)), c == k)),
        # C-05, C-07
        unless('call-who-rings', every([c, k], Implies(And(X(c), live(a, k), a.callee(k) == callees(c)),
                                                       And(Not(perUser), a.room(k) != R)))),
        # C-05, E-20
        unless('call-who-is-expected', every([c, k], Implies(And(X(c), a.expected(k), a.callee(k) == callees(c)),
                                                             a.room(k) != R))),
        # C-08
        every([c, r], Implies(And(X(c), a.inside(callees(c), r)), E(c))),
        every([c], Implies(E(c), And(X(c), a.inside(callees(c), elsewhere(c))))),
        # C-10
        every([c, k], Implies(And(a.kept(c), a.room(c) == R, X(k), callees(k) == a.callee(c)), OLD(c))),
        counts(a, X)]
    gets = lambda value, before: lambda x: If(X(x), value, before(x))
    return Step(guard, a.but(
        phase=lambda x: If(at_once(x), IN_OTHER_ROOM, If(X(x), LIVE, a.phase(x))),
        room=gets(R, a.room), caller=gets(owner(a.asker(Q)), a.caller), calling=gets(a.asker(Q), a.calling),
        callee=lambda x: If(X(x), callees(x), a.callee(x)), never=gets(NEVER, a.never), deadline=gets(T, a.deadline),
        by=lambda x: If(at_once(x), nobody, a.by(x)), ended_at=lambda x: If(at_once(x), a.clock, a.ended_at(x)),
        kept=lambda x: Or(And(a.kept(x), Not(OLD(x))), at_once(x)),
        told=lambda x, y, w: Or(a.told(x, y, w), And(at_once(x), y == IN_OTHER_ROOM, w == nobody)),
        rung=lambda x: Or(a.rung(x), And(X(x), Not(at_once(x)))),
        judged=lambda x: Or(a.judged(x), x == Q), made_by=lambda x, y: Or(a.made_by(x, y), And(x == Q, X(y))),
        now=NEXT))


def judging(a, verb):
    """An answer of a handset arrives, for the first time or again. It names its attempt (E-11)."""
    return [a.tapped(Q), verb, D == a.asker(Q), C == a.about(Q)]


def expects(a, accepts=True):
    """E-20: who accepts is expected, up to T."""
    which = lambda x: And(x == C, accepts, grace)
    return a.but(expected=lambda x: Or(a.expected(x), which(x)), until=lambda x: If(which(x), T, a.until(x)))


def has_grace(a):
    return unless('accept-without-deadline', Implies(grace, earlier(a.clock, T)))


def good(a, verb, how):
    """A device of the callee answers a live attempt."""
    late = 'answer-before-clock' in broken
    taken = unless('accept-what-ended', live(a, C)) if how is ACCEPTED else live(a, C)
    guard = [*judging(a, a.verb(Q) == verb), made(a, C), taken, a.callee(C) == owner(D), has_grace(a),
             counts(a, lambda x: x == C)]
    b = ends(expects(a) if how is ACCEPTED else a, lambda x: x == C, how, lambda x: D, at=AT if late else None)
    return Step(guard + [Not(earlier(AT, a.clock))] * late,
                b.but(clock=AT if late else a.clock, won=lambda x: Or(a.won(x), x == Q)))


@action('E-01', 'E-02', 'E-11', 'E-20', 'T-04')
def answer_unnamed(a):
    """An answer that names no attempt, or of a client that is no handset: the live one is meant."""
    return Step([live(a, C), D != nobody, a.callee(C) == owner(D), has_grace(a), counts(a, lambda x: x == C)],
                ends(expects(a, YES), lambda x: x == C, If(YES, ACCEPTED, REJECTED), lambda x: D))


@action('E-01', 'E-11', 'E-16', 'E-20', 'T-04')
def accept(a):
    return good(a, ACCEPT, ACCEPTED)


@action('E-02', 'E-11', 'T-04')
def reject_call(a):
    return good(a, REJECT, REJECTED)


def same_answer(a):
    return And(a.by(C) == D, a.phase(C) == If(a.verb(Q) == ACCEPT, ACCEPTED, REJECTED))


@action('E-08')
def answer_again(a):
    """The device's own answer ended it, by this request or an earlier one."""
    return Step([*judging(a, is_answer(a, Q)), same_answer(a), a.callee(C) == owner(D)],
                a.but(won=lambda x: Or(a.won(x), x == Q)))


@action('E-09')
def answer_late(a):
    """The loser is told how it ended."""
    return Step([*judging(a, is_answer(a, Q)), ended(a, C), Not(same_answer(a)), a.callee(C) == owner(D)],
                a.but(lost=lambda x, y, w: Or(a.lost(x, y, w), And(x == Q, y == a.phase(C), w == a.by(C)))))


@action('E-10', 'E-18', 'R-02')
def answer_nothing(a):
    """There is no such live attempt, and the ending is not remembered, or the room is gone."""
    return Step([*judging(a, is_answer(a, Q)), Not(And(live(a, C), a.callee(C) == owner(D)))],
                a.but(gone=lambda x: Or(a.gone(x), x == Q)))


@action('X-03', 'X-04')
def refuse(a):
    """A number that has passed, or another refusal that says nothing of the attempt; it may have been judged before."""
    return Step([a.tapped(Q)], a.but(refused=lambda x: Or(a.refused(x), x == Q)))


@action('E-05', 'E-12', 'E-13')
def cancel(a):
    """U cancels some of its calls for R, from the device D."""
    return Step([every([c], Implies(X(c), And(live(a, c), a.caller(c) == U, a.room(c) == R))), owner(D) == U,
                 D != nobody, counts(a, X)], ends(a, X, CANCELLED, lambda x: D))


@action('E-06', 'E-12')
def revoke(a):
    """D revokes some calls for R, or the backend (nobody)."""
    return Step([every([c], Implies(X(c), And(live(a, c), a.room(c) == R))), counts(a, X)],
                ends(a, X, REVOKED, lambda x: D))


@action('K-03')
def evict(a):
    return Step([a.kept(C)], a.but(kept=lambda x: And(a.kept(x), x != C)))


@action('Q-06', 'Q-07', 'Q-08', 'Q-09')
def answer_snapshot(a):
    """The question N of the device D arrives, for the first time or again: the snapshot S is what rings now, and some
    of the endings."""
    mine = lambda x: a.callee(x) == owner(D)
    return Step([Not(a.snap(S)), a.asked(D, N)], a.but(
        snap=lambda x: Or(a.snap(x), x == S), snap_to=lambda x: If(x == S, D, a.snap_to(x)),
        snap_of=lambda x: If(x == S, N, a.snap_of(x)), snap_rev=lambda x: If(x == S, a.now, a.snap_rev(x)),
        lists=lambda x, y: If(x == S, And(live(a, y), mine(y)), a.lists(x, y)),
        seen=lambda x, y: If(x == S, made(a, y), a.seen(x, y)),
        tells=lambda x, y, how, w: If(x == S, And(M(y), ended(a, y), mine(y), how == a.phase(y), w == a.by(y)),
                                      a.tells(x, y, how, w))))
