import com.roomcall.CallStatus
import com.roomcall.Event
import com.roomcall.Handset
import com.roomcall.Input
import com.roomcall.Link
import com.roomcall.RoomCall
import kotlin.system.exitProcess

/** Microseconds for one notice: a ring and its end, alternately. A number as argument fails above it. */
object Speed {
    private const val WARM = 5_000
    private const val ROUNDS = 20_000

    @JvmStatic
    fun main(arguments: Array<String>) {
        val phone = Handset("bo", "phone")
        phone.apply(0u, listOf(Input.Link(Link.UP)))
        phone.receive(
            0u,
            """{"at":0,"requestID":1,"answer":{"getMyCalls":{"incoming":[],"outgoing":[],"endings":[],""" +
                """"more":false,"since":0,"lastAttempt":0,"revision":0}},"nextRequestID":1}""",
        )
        val took = ArrayList<Long>()
        for (attempt in 1..WARM + ROUNDS) {
            val number = attempt.toULong()
            val rings = RoomCall("ana", "bo", CallStatus.CALLING)
            val over = RoomCall("ana", "bo", CallStatus.NONE)
            val ring = Event.OnCallReceived("standup", rings, number, "about lunch", 30_000u)
            for (event in listOf(ring, Event.OnCallCancelled("standup", over, number))) {
                val began = System.nanoTime()
                val effects = phone.apply(number, listOf(Input.Notice(event)))
                if (attempt > WARM) took += System.nanoTime() - began
                check(effects.isNotEmpty()) { "a ring shows, and an end dismisses" }
            }
        }
        took.sort()
        val median = took[took.size / 2] / 1_000.0
        val worst = took[took.size * 99 / 100] / 1_000.0
        println("kotlin: a notice takes %.0f us (median), %.0f us (99 of 100)".format(median, worst))
        val most = arguments.firstOrNull()?.toDouble() ?: return
        if (median > most) exitProcess(1)
    }
}
