"""ana calls bo: two handsets and a switchboard in one process. `python3 ring.py`"""
from roomcall import Effect, Fact, Handset, Input, Line, Link, Output, Switchboard, Tap, To, frame, message

board = Switchboard()
devices = [Handset("ana", "mac"), Handset("bo", "phone")]


def hears(device, to):
    """Whether an output is for a device: here everybody is in the room who asks for one."""
    if isinstance(to, To.ROOM):
        return device.room() == to.room
    if isinstance(to, To.DEVICE):
        return (device.user(), device.device()) == (to.user, to.device)
    return device.user() == to.user and device.device() != getattr(to, "except_device", None)


def step(device, at, effects):
    for effect in effects:
        if not isinstance(effect, Effect.SEND):
            print(f"{at:5} {device.user()}/{device.device()}: {effect}")
            continue
        request = frame(effect.request_id, effect.request)
        for output in board.receive(at, device.user(), device.device(), request):
            is_effect = isinstance(output, Output.EFFECT)
            for other in devices if is_effect else [device]:
                if not is_effect or hears(other, output.to):
                    step(other, at, other.receive(at, message([output])))


board.apply(Line.FACT(0, Fact.ROOM_OPENED("standup", "ana")))
board.apply(Line.FACT(0, Fact.USER_ENTERED("standup", "ana", "mac")))
for device in devices:
    step(device, 0, device.apply(0, [Input.LINK(Link.UP)]))
ana, bo = devices
step(ana, 0, ana.apply(0, [Input.IN_ROOM("standup")]))
step(ana, 1000, ana.apply(1000, [Input.TAP(Tap.CALL("standup", ["bo"], 30, "about lunch"))]))
step(bo, 5000, bo.apply(5000, [Input.TAP(Tap.ACCEPT(bo.screen()[0].attempt))]))
assert not bo.screen(), "it was answered"
