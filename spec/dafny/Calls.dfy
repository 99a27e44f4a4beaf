// The switchboard as one function: a state, a time and an input in; a state, an answer and effects
// out. The laws that are proved of it are in Laws.dfy and Runs.dfy.
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
