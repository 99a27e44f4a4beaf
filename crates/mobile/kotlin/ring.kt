import com.roomcall.*

/** ana calls bo: two handsets and a switchboard in one process. */
val board = Switchboard()
val ana = Handset("ana", "mac")
val bo = Handset("bo", "phone")

/** Whether an output is for a device: here everybody is in the room who asks for one. */
fun hears(device: Handset, to: To) = when (to) {
    is To.Room -> device.room() == to.room
    is To.Device -> device.user() == to.user && device.device() == to.device
    is To.User -> device.user() == to.user
    is To.OtherDevices -> device.user() == to.user && device.device() != to.exceptDevice
}

fun step(device: Handset, at: ULong, effects: List<Effect>) {
    for (effect in effects) {
        if (effect !is Effect.Send) {
            println("$at ${device.user()}/${device.device()}: $effect")
            continue
        }
        val request = frame(effect.requestId, effect.request)
        for (output in board.receive(at, device.user(), device.device(), request)) {
            val hearing = if (output is Output.Effect) listOf(ana, bo).filter { hears(it, output.to) } else listOf(device)
            for (other in hearing) step(other, at, other.receive(at, message(listOf(output))))
        }
    }
}

fun main() {
    board.apply(Line.Fact(0u, Fact.RoomOpened("standup", "ana")))
    board.apply(Line.Fact(0u, Fact.UserEntered("standup", "ana", "mac")))
    for (device in listOf(ana, bo)) step(device, 0u, device.apply(0u, listOf(Input.Link(Link.UP))))
    step(ana, 0u, ana.apply(0u, listOf(Input.InRoom("standup"))))
    step(ana, 1000u, ana.apply(1000u, listOf(Input.Tap(Tap.Call("standup", listOf("bo"), 30u, "about lunch")))))
    val attempt = bo.screen().single().attempt
    step(bo, 5000u, bo.apply(5000u, listOf(Input.Tap(Tap.Accept(attempt)))))
    check(bo.screen().isEmpty()) { "it was answered" }
}
