// The switchboard as one function: a state, a time and an input in; a state, an answer and effects
// out. The model is State, Order, Tell, Endings, Facts, Asks and this file, in which nothing is proved
// but that every function is defined wherever it is called. All else is proofs about it.
//
// Proved, for any numbers of users, rooms, devices, attempts and inputs, any times, policies and limits:
// * Inv, Parts, Inputs, Asking: every step keeps the invariant: single active calls, nobody rings where
//   they are, the clock before every deadline, all bounds, one remembered ending an attempt.
// * Laws: one step. The clock is held, the deadline wins and is told, a refusal is a tick, ticks
//   subdivide, what lives lives unchanged, a named attempt is the only one hit, who may have accepted.
// * Answers: one result for each user named, a number for each success and for nothing else, the same
//   answer again, the loser is told. Batch: a batch is its single calls.
// * Runs: the invariant in every run, no resurrection, told to ring and told to stop once, one accepting
//   device an attempt.
//
// Not proved, but in the definitions, where a person compares them with ../rules.md: who is told what and
// in which order, permissions and the precedence of refusals, what is kept and evicted. That the crate
// does the same is not proved either: compare.js shows it for the runs that it compares.
include "Asks.dfy"

function method Step(s: State, at: nat, i: Input): Out
  requires Sound(s)
{
  // T-03: the clock before the command.
  var t := Elapse(s, at);
  if i.Tick? then Out(t.state, Nothing, t.effects)
  else if i.Ask? then
    var refusal := Refusal(t.state, i.asker, i.command);
    // R-03: a refusal changes nothing.
    if refusal.Some? then Out(t.state, refusal.value, t.effects)
    else
      var granted := Grant(t.state, i.asker, i.command);
      Out(granted.state, granted.answer, t.effects + granted.effects)
  else
    var ignoring := Ignoring(t.state, i);
    if ignoring.Some? then Out(t.state, Ignored(ignoring.value), t.effects)
    else
      var did := Fact(t.state, i);
      Out(did.state, Nothing, t.effects + did.effects)
}
