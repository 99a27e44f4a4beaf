"""The actions of the handsets, and of the network that brings them what was sent."""

from z3 import And, BoolVal, Function, If, Implies, Not, Or

from model import *

BREAKS.update({
    'late-ring-rings': 'a ring that comes after the end makes the call known',
    'stale-snapshot': 'a snapshot is applied whatever its revision and its question',
    'forget-and-listen': 'a forgotten ending does not outdate the questions that were asked before',
    'forget-without-floor': 'a forgotten ending does not raise the floor',
    'own-echo': 'a device takes each answer of its user for its own',
    'snapshot-over-ending': 'a snapshot that lists a call makes it known though it is over',
})


# Of a snapshot: the listed calls that find room (D-19); of which attempts it tells an ending, how, and by whom.
L, TOLD = [Function(name, Attempt, Bool) for name in ('L', 'TOLD')]
HOW, BY = Function('HOW', Attempt, Phase), Function('BY', Attempt, Device)


def learns(a, which, joins):
    """The device D hears that some attempts are over (D-11, D-12, D-14), and joins some that it was accepting."""
    of = lambda x: And(a.asker(x) == D, is_answer(a, x), which(a.about(x)))
    keeps = lambda x: Or(Not(a.mark(D, x)), a.listed(D, x))
    return a.but(
        known=lambda d, x: And(a.known(d, x), Not(And(d == D, which(x)))),
        over=lambda d, x: Or(a.over(d, x), And(d == D, which(x), keeps(x))),
        learned=lambda d, x: Or(a.learned(d, x), And(d == D, which(x))),
        accepting=lambda d, x: And(a.accepting(d, x), Not(And(d == D, which(x)))),
        rejecting=lambda d, x: And(a.rejecting(d, x), Not(And(d == D, which(x)))),
        unanswered=lambda x: And(a.unanswered(x), Not(of(x))),
        joined=lambda d, x: Or(a.joined(d, x), And(d == D, which(x), a.known(d, x), joins(x))))


def told_how(a, how):
    return lambda d, x, y: Or(a.heard(d, x, y), And(d == D, x == C, y == how))


@action('D-01', 'D-06')
def hear_ring(a):
    in_time = unless('late-ring-rings', And(Not(a.over(D, C)), Not(a.floor(D, C))))
    return Step([a.rung(C), a.callee(C) == owner(D), D != nobody],
                a.but(known=lambda d, x: Or(a.known(d, x), And(d == D, x == C, in_time))))


@action('D-04', 'D-05', 'E-17', 'O-02')
def hear_stop(a):
    """D hears how C ended. It is addressed to the callee's devices, but not to the one that did it; a host may deliver
    more widely. An own echo reads as this device's answer, whether it accepted or entered."""
    joins = lambda x: And(Or(P == ACCEPTED, P == ENTERED), unless('own-echo', W == D), a.accepting(D, x))
    acts = And(W == D, Or(P == ACCEPTED, P == REJECTED, P == ENTERED))
    return Step([a.told(C, P, W), a.rung(C), D != nobody, Or(wide, And(a.callee(C) == owner(D), Not(acts)))],
                learns(a, lambda x: x == C, joins).but(heard=told_how(a, P)))


def taps(a, verb, **more):
    return a.but(tapped=lambda x: Or(a.tapped(x), x == Q), verb=lambda x: If(x == Q, verb, a.verb(x)),
                 asker=lambda x: If(x == Q, D, a.asker(x)), about=lambda x: If(x == Q, C, a.about(x)),
                 unanswered=lambda x: Or(a.unanswered(x), x == Q), **more)


@action('D-20')
def tap_call(a):
    return Step([Not(a.tapped(Q)), D != nobody], taps(a, CALL))


@action('D-07', 'D-11')
def tap_accept(a):
    return Step([Not(a.tapped(Q)), a.known(D, C), Not(a.rejecting(D, C)), every([c], Not(a.accepting(D, c)))],
                taps(a, ACCEPT, accepting=lambda d, x: Or(a.accepting(d, x), And(d == D, x == C))))


@action('D-07', 'D-11')
def tap_reject(a):
    return Step([Not(a.tapped(Q)), a.known(D, C), Not(a.accepting(D, C)), Not(a.rejecting(D, C))],
                taps(a, REJECT, rejecting=lambda d, x: Or(a.rejecting(d, x), And(d == D, x == C))))


def replied(a):
    """D-17: a reply to a request that is not unanswered is ignored."""
    return [a.unanswered(Q), is_answer(a, Q), D == a.asker(Q), C == a.about(Q)]


@action('D-12')
def hear_won(a):
    how = If(a.verb(Q) == ACCEPT, ACCEPTED, REJECTED)
    return Step([*replied(a), a.won(Q)],
                learns(a, lambda x: x == C, lambda x: a.verb(Q) == ACCEPT).but(heard=told_how(a, how)))


@action('D-12', 'E-09')
def hear_lost(a):
    """A refusal with the ending. Having entered is not an accept: there is nothing to join."""
    return Step([*replied(a), a.lost(Q, P, W)],
                learns(a, lambda x: x == C, lambda x: And(P == ACCEPTED, W == D, a.accepting(D, x)))
                .but(heard=told_how(a, P)))


@action('D-12', 'E-10')
def hear_gone(a):
    return Step([*replied(a), a.gone(Q)], learns(a, lambda x: x == C, lambda x: BoolVal(False)))


def drops(a):
    """The answers of D to C stand no more."""
    return a.but(accepting=lambda d, x: And(a.accepting(d, x), Not(And(d == D, x == C))),
                 rejecting=lambda d, x: And(a.rejecting(d, x), Not(And(d == D, x == C))),
                 unanswered=lambda x: And(a.unanswered(x), Not(And(a.asker(x) == D, is_answer(a, x), a.about(x) == C))))


@action('D-12')
def hear_refused(a):
    """After any other refusal the call stands as if it had not been tapped."""
    return Step([*replied(a), a.refused(Q)], drops(a))


@action('D-08', 'D-11', 'D-13')
def give_up(a):
    """An answer is pointless: the call is silenced, or the device came into its room."""
    return Step([a.known(D, C)], drops(a))


@action('D-14')
def forget_ending(a):
    """One ending too many: the lowest attempt goes, the floor is raised to it, what was asked before is outdated."""
    below = lambda x: Or(x == C, older(x, C))
    return Step([a.over(D, C), every([c], Implies(a.over(D, c), Not(older(c, C))))], a.but(
        over=lambda d, x: And(a.over(d, x), Not(And(d == D, x == C))),
        floor=lambda d, x: Or(a.floor(d, x), And(d == D, unless('forget-without-floor', below(x), False))),
        asking=lambda d, x: And(a.asking(d, x), d != D),
        outdated=lambda d, x: Or(a.outdated(d, x), And(d == D, unless('forget-and-listen', a.asked(d, x), False)))))


@action('D-15', 'D-16')
def ask(a):
    """A question with a new number; an earlier one that is unanswered is given up."""
    return Step([Not(a.asked(D, N)), D != nobody], a.but(
        asked=lambda d, x: Or(a.asked(d, x), And(d == D, x == N)),
        asking=lambda d, x: If(d == D, x == N, a.asking(d, x))))


@action('D-22', 'D-14')
def ask_anew(a):
    """What was asked before is outdated for another reason."""
    return Step([D != nobody], a.but(
        asking=lambda d, x: And(a.asking(d, x), d != D),
        outdated=lambda d, x: Or(a.outdated(d, x), And(d == D, a.asked(d, x)))))


@action('D-16', 'D-25')
def stop_asking(a):
    """The link goes down, or the device is restarted."""
    return Step([D != nobody], a.but(asking=lambda d, x: And(a.asking(d, x), d != D)))


@action('D-24', 'D-10', 'D-14', 'D-19')
def apply_snapshot(a):
    """The snapshot S: its endings, then what it does not list, then what it lists, then the mark."""
    old = less(a.snap_rev(S), a.revision(D))
    new = less(a.revision(D), a.snap_rev(S))
    mine = a.asking(D, a.snap_of(S))
    guard = [a.snap(S), a.snap_to(S) == D, D != nobody,
             unless('stale-snapshot', Or(And(mine, Not(old)), And(new, Not(a.outdated(D, a.snap_of(S))))))]
    tells = [every([c, p, d], Implies(a.tells(S, c, p, d), TOLD(c))),
             every([c], Implies(TOLD(c), a.tells(S, c, HOW(c), BY(c))))]
    b = learns(a, lambda x: Or(TOLD(x), And(a.known(D, x), a.seen(S, x), Not(a.lists(S, x)))),
               lambda x: And(a.tells(S, x, ACCEPTED, D), a.accepting(D, x)))
    rings = lambda x: And(a.lists(S, x), L(x), unless('snapshot-over-ending', Not(b.over(D, x))))
    return Step(guard + tells, b.but(
        known=lambda d, x: Or(b.known(d, x), And(d == D, rings(x))),
        over=lambda d, x: And(b.over(d, x), Or(d != D, Not(a.seen(S, x)), a.lists(S, x))),
        listed=lambda d, x: If(d == D, a.lists(S, x), a.listed(d, x)),
        mark=lambda d, x: If(d == D, a.seen(S, x), a.mark(d, x)),
        floor=lambda d, x: Or(a.floor(d, x), And(d == D, a.seen(S, x))),
        revision=lambda d: If(d == D, a.snap_rev(S), a.revision(d)),
        asking=lambda d, x: And(a.asking(d, x), Not(And(d == D, x == a.snap_of(S)))),
        heard=lambda d, x, y: Or(a.heard(d, x, y), And(d == D, TOLD(x), y == HOW(x)))))
