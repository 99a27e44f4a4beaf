"""What always holds of a state, conjunct by conjunct, each with the rules of ../rules.md that it stands for. That it
holds at the beginning and after every action is what prove.py shows; what follows from it is in goals.py."""

from z3 import And, If, Implies, Not, Or

from model import *

CONJUNCTS, REDUNDANT = {}, {}


def conjunct(*rules, redundant=None):
    """`redundant` says why a conjunct without which everything else is proved is here all the same."""
    def add(make):
        CONJUNCTS[make.__name__] = (rules, make)
        if redundant:
            REDUNDANT[make.__name__] = redundant
        return make
    return add


# The switchboard.

@conjunct('C-07', 'INV-01')
def single_live(a):
    """One live attempt a user, or a room and user."""
    return every([c, k], Implies(And(live(a, c), live(a, k), a.callee(c) == a.callee(k),
                                     Or(perUser, a.room(c) == a.room(k))), c == k))


@conjunct('C-07', 'C-10', 'INV-01')
def single_record(a):
    """One record, live or kept, a room and user."""
    return every([c, k], Implies(And(is_record(a, c), is_record(a, k), a.callee(c) == a.callee(k),
                                     a.room(c) == a.room(k)), c == k))


@conjunct('K-01')
def kept_how(a):
    """Kept is what timed out, was rejected, or was in another room."""
    return every([c], Implies(a.kept(c), is_kept(a.phase(c))))


@conjunct('C-04', 'F-04', 'INV-02')
def not_where_they_are(a):
    return every([c], Implies(live(a, c), Not(a.inside(a.callee(c), a.room(c)))))


@conjunct('C-08', 'E-03', 'INV-02')
def not_elsewhere(a):
    """Under inOtherRoom reject nobody rings who is in any room."""
    return every([c, r], Implies(And(rejectsElsewhere, live(a, c)), Not(a.inside(a.callee(c), r))))


@conjunct('F-11', 'R-02')
def live_room_is_open(a):
    return every([c], Implies(live(a, c), a.open(a.room(c))))


@conjunct('F-11')
def inside_is_open(a):
    return every([u, r], Implies(a.inside(u, r), a.open(r)))


@conjunct('F-11')
def kept_room_is_open(a):
    return every([c], Implies(a.kept(c), a.open(a.room(c))))


@conjunct('T-03', 'INV-03')
def before_deadline(a):
    """The clock is before every live deadline."""
    return every([c], Implies(And(live(a, c), Not(a.never(c))), earlier(a.clock, a.deadline(c))))


@conjunct('T-04')
def ended_in_time(a):
    """What ended otherwise than by the clock did so before the deadline."""
    return every([c], Implies(And(ended(a, c), a.phase(c) != TIMED_OUT, Not(a.never(c))),
                              earlier(a.ended_at(c), a.deadline(c))))


@conjunct('T-04', 'T-06', 'E-04')
def timed_out_late(a):
    """What timed out had a deadline, and did so not before it."""
    return every([c], Implies(a.phase(c) == TIMED_OUT, And(Not(a.never(c)),
                                                           Not(earlier(a.ended_at(c), a.deadline(c))))))


@conjunct('C-06')
def numbers_ascend(a):
    """What is made has lower numbers than what is not."""
    return every([c, k], Implies(And(made(a, c), Not(made(a, k))), older(c, k)))


@conjunct('E-05')
def caller_called(a):
    """The device that called is one of the caller's."""
    return every([c], Implies(made(a, c), And(owner(a.calling(c)) == a.caller(c), a.calling(c) != nobody)))


@conjunct('E-09')
def who_ended(a):
    """Who may have ended it: a device of the callee, of the caller, anybody, or nobody. On which device somebody
    entered may be unknown."""
    by_callee = lambda how: Or(how == ACCEPTED, how == REJECTED, how == ENTERED)
    return every([c], And(
        Implies(by_callee(a.phase(c)), Or(And(a.by(c) != nobody, owner(a.by(c)) == a.callee(c)),
                                          And(a.by(c) == nobody, a.phase(c) == ENTERED))),
        Implies(a.phase(c) == CANCELLED, And(a.by(c) != nobody, owner(a.by(c)) == a.caller(c))),
        Implies(Or(a.phase(c) == TIMED_OUT, a.phase(c) == IN_OTHER_ROOM), a.by(c) == nobody)))


@conjunct('T-01', 'E-17')
def told_is_true(a):
    """What is said of an ending is what it was."""
    return every([c, p, d], Implies(a.told(c, p, d), And(is_ending(p), a.phase(c) == p, a.by(c) == d)))


@conjunct('E-17')
def ended_is_told(a):
    return every([c], Implies(ended(a, c), a.told(c, a.phase(c), a.by(c))))


@conjunct('C-01')
def live_is_rung(a):
    return every([c], Implies(live(a, c), a.rung(c)))


@conjunct('C-01', 'C-08')
def rung_is_made(a):
    return every([c], Implies(a.rung(c), made(a, c)))


@conjunct('X-02')
def call_was_judged(a):
    return every([q, c], Implies(a.made_by(q, c), And(a.judged(q), made(a, c))))


@conjunct('X-02')
def one_call_one_attempt(a):
    """A numbered call makes one attempt a callee, however often it is sent."""
    return every([q, c, k], Implies(And(a.made_by(q, c), a.made_by(q, k), a.callee(c) == a.callee(k)), c == k))


# Requests and replies.

@conjunct('D-11', 'E-11')
def answers_own_call(a):
    """A handset answers only calls to its user."""
    return every([q], Implies(And(a.tapped(q), is_answer(a, q)),
                              And(made(a, a.about(q)), a.callee(a.about(q)) == owner(a.asker(q)))))


@conjunct('P-01', 'P-04')
def somebody_asks(a):
    """The backend makes no calls and has none to answer."""
    return every([q], Implies(a.tapped(q), a.asker(q) != nobody))


@conjunct('X-02')
def handled_was_tapped(a):
    """Nothing is unanswered, judged or replied to that was not asked."""
    return every([q], And(Implies(Or(a.unanswered(q), a.judged(q), a.won(q), a.gone(q), a.refused(q)), a.tapped(q)),
                          every([p, d], Implies(a.lost(q, p, d), a.tapped(q)))))


@conjunct('E-01', 'E-02', 'E-08')
def won_is_true(a):
    """A success says that this answer of this device ended it."""
    return every([q], Implies(a.won(q), And(is_answer(a, q), a.by(a.about(q)) == a.asker(q), a.phase(a.about(q))
                                            == If(a.verb(q) == ACCEPT, ACCEPTED, REJECTED))))


@conjunct('E-09')
def lost_is_true(a):
    return every([q, p, d], Implies(a.lost(q, p, d), And(is_answer(a, q), is_ending(p), a.phase(a.about(q)) == p,
                                                         a.by(a.about(q)) == d)))


@conjunct('E-10')
def gone_is_over(a):
    return every([q], Implies(a.gone(q), And(is_answer(a, q), ended(a, a.about(q)))))


# Snapshots.

@conjunct('Q-06')
def listed_is_seen(a):
    """A snapshot lists attempts of the asking user, made by then."""
    return every([s, c], Implies(And(a.snap(s), a.lists(s, c)), And(a.seen(s, c), a.callee(c) == owner(a.snap_to(s)))))


@conjunct('Q-09')
def seen_is_made(a):
    return every([s, c], Implies(And(a.snap(s), a.seen(s, c)), made(a, c)))


@conjunct('Q-09')
def seen_is_a_cut(a):
    """What a snapshot saw made is given by one number, lastAttempt."""
    return every([s, c, k], Implies(And(a.snap(s), a.seen(s, k), older(c, k)), a.seen(s, c)))


@conjunct('Q-06')
def unlisted_is_over(a):
    """What a snapshot saw made and does not list, of its user's, had ended."""
    return every([s, c], Implies(And(a.snap(s), a.seen(s, c), Not(a.lists(s, c)), a.callee(c) == owner(a.snap_to(s))),
                                 ended(a, c)))


@conjunct('Q-09', 'E-09')
def snapshot_tells_truth(a):
    return every([s, c, p, d], Implies(And(a.snap(s), a.tells(s, c, p, d)),
                                       And(is_ending(p), a.phase(c) == p, a.by(c) == d)))


@conjunct('Q-07')
def snapshot_is_past(a):
    return every([s], Implies(a.snap(s), Not(less(a.now, a.snap_rev(s)))))


@conjunct('Q-07')
def present_snapshot_is_right(a):
    """What a snapshot of the present revision lists rings."""
    return every([s, c], Implies(And(a.snap(s), a.snap_rev(s) == a.now, a.lists(s, c)), live(a, c)))


@conjunct('Q-07')
def snapshots_agree(a):
    """What one snapshot shows to be over no later one lists."""
    return every([s, z, c], Implies(And(a.snap(s), a.snap(z), a.seen(s, c), Not(a.lists(s, c)), a.lists(z, c),
                                        a.callee(c) == owner(a.snap_to(s))), less(a.snap_rev(z), a.snap_rev(s))))


@conjunct('D-15')
def snapshot_was_asked(a):
    return every([s], Implies(a.snap(s), a.asked(a.snap_to(s), a.snap_of(s))))


@conjunct('D-14', 'D-16')
def question_is_fresh(a):
    """The question that is open is not outdated."""
    return every([d, n], Implies(a.asking(d, n), Not(a.outdated(d, n))))


@conjunct('D-14', 'D-15')
def outdated_was_asked(a):
    return every([d, n], Implies(a.outdated(d, n), a.asked(d, n)))


# The handsets.

@conjunct('D-01', 'D-06')
def known_is_own(a):
    return every([d, c], Implies(a.known(d, c), And(made(a, c), a.callee(c) == owner(d), d != nobody)))


@conjunct('D-04', 'D-12')
def learned_is_over(a):
    """No device believes an end that was not."""
    return every([d, c], Implies(a.learned(d, c), ended(a, c)))


@conjunct('D-05')
def heard_is_true(a):
    return every([d, c, p], Implies(a.heard(d, c, p), And(is_ending(p), a.phase(c) == p)))


@conjunct('D-14')
def over_was_learned(a):
    return every([d, c], Implies(a.over(d, c), a.learned(d, c)))


@conjunct('D-04', 'D-06', 'D-14', 'D-28')
def learned_never_rings(a):
    return every([d, c], Implies(a.learned(d, c), Not(a.known(d, c))))


@conjunct('D-06', 'D-14')
def forgotten_is_below_floor(a):
    """An ending that is not remembered is below the floor, where no ring rings."""
    return every([d, c], Implies(And(a.learned(d, c), Not(a.over(d, c))), a.floor(d, c)))


@conjunct('D-24')
def mark_is_below_floor(a):
    return every([d, c], Implies(a.mark(d, c), a.floor(d, c)))


@conjunct('D-24')
def mark_is_made(a):
    return every([d, c], Implies(a.mark(d, c), made(a, c)))


@conjunct('D-14', 'D-24')
def settled_is_over(a):
    """What the last snapshot applied settled has ended."""
    return every([d, c], Implies(And(a.mark(d, c), Not(a.listed(d, c)), a.callee(c) == owner(d)), ended(a, c)))


@conjunct('D-14', 'D-24')
def settled_is_not_listed(a):
    """What the last snapshot applied settled is listed by older ones only."""
    return every([d, s, c], Implies(And(a.mark(d, c), Not(a.listed(d, c)), a.callee(c) == owner(d), a.snap(s),
                                        a.lists(s, c)),
                                    less(a.snap_rev(s), a.revision(d))))


@conjunct('D-14', 'D-24')
def forgotten_is_not_listed(a):
    """An ending that is not remembered is contradicted by no snapshot that will be applied."""
    return every([d, s, c], Implies(And(a.learned(d, c), Not(a.over(d, c)), a.snap(s), a.snap_to(s) == d,
                                        a.lists(s, c)),
                                    Or(less(a.snap_rev(s), a.revision(d)), a.outdated(d, a.snap_of(s)))))


@conjunct('D-14', 'D-24')
def mark_is_a_cut(a):
    """The mark is one number."""
    return every([d, c, k], Implies(And(a.mark(d, k), older(c, k)), a.mark(d, c)))


@conjunct('D-06', 'D-14')
def floor_is_a_cut(a):
    """The floor is one number."""
    return every([d, c, k], Implies(And(a.floor(d, k), older(c, k)), a.floor(d, c)))


@conjunct('D-07', 'D-11')
def one_accepting(a):
    """A device accepts one call at a time, and does not also reject it."""
    return every([d, c, k], Implies(a.accepting(d, c), And(Implies(a.accepting(d, k), c == k), Not(a.rejecting(d, c)))))


@conjunct('D-11')
def answering_is_known(a):
    """An answer to a call that is over is given up."""
    return every([d, c], Implies(Or(a.accepting(d, c), a.rejecting(d, c)), a.known(d, c)))


@conjunct('D-11')
def unanswered_is_answering(a):
    return every([q], Implies(And(a.unanswered(q), is_answer(a, q)),
                              If(a.verb(q) == ACCEPT, a.accepting(a.asker(q), a.about(q)),
                                 a.rejecting(a.asker(q), a.about(q)))))


@conjunct('D-12', 'D-28')
def joined_was_taken(a):
    """Who joins was taken by the switchboard; who only entered joins only by an echo that was delivered too widely."""
    return every([d, c], Implies(a.joined(d, c), And(
        d != nobody, a.by(c) == d, Or(a.phase(c) == ACCEPTED, And(wide, a.phase(c) == ENTERED)))))


@conjunct('D-12')
def joined_is_over(a):
    return every([d, c], Implies(a.joined(d, c), a.learned(d, c)))
