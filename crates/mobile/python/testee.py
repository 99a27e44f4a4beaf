"""A testee of conformance by the typed API: each line becomes typed inputs, and the typed effects become a line.

The module has to be built with the feature `wire`: `cargo xtask mobile` does that.
"""
import sys

from roomcall import Handset, RunnerLine, runner_line, testee_line

handset = None
for text in sys.stdin:
    line = runner_line(text)
    if isinstance(line, RunnerLine.END):
        print('{"ended":true}', flush=True)
        continue
    if isinstance(line, RunnerLine.BEGIN):
        handset = Handset(line.user, line.device, line.settings)
        print('{"ready":true}', flush=True)
        continue
    if isinstance(line, RunnerLine.RESTART):
        handset = Handset.restore(handset.save(), line.dead)
        effects = handset.redraw()
    else:
        effects = handset.apply(line.at, line.inputs)
    print(testee_line(effects, handset.screen()), flush=True)
