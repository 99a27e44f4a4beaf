import com.roomcall.App
import com.roomcall.CallRejectionReason
import com.roomcall.CallUi
import com.roomcall.CallUiAdapter
import com.roomcall.Client
import com.roomcall.Dismissal
import com.roomcall.FINAL_CODES
import com.roomcall.Fact
import com.roomcall.FileStore
import com.roomcall.Handset
import com.roomcall.IncomingCall
import com.roomcall.Input
import com.roomcall.InvalidValueException
import com.roomcall.LogEntry
import com.roomcall.Answer
import com.roomcall.Pauses
import com.roomcall.Progress
import com.roomcall.Reply
import com.roomcall.RestoreException
import com.roomcall.Stage
import com.roomcall.Store
import com.roomcall.Tap
import com.roomcall.TelecomCause
import com.roomcall.Transport
import java.nio.file.Files
import java.nio.file.Path
import kotlin.random.Random
import kotlin.system.exitProcess

val QUICK = Pauses(first = 5, longest = 20, later = 40)
val RING = mapOf(
    "event" to "ring", "id" to "6-0", "roomID" to "standup", "caller" to "ana", "callee" to "bo", "attempt" to "9",
    "timeLeft" to "30000", "extensionInfo" to "about lunch",
)

class World : AutoCloseable {
    val server = Server()
    private val clients = mutableListOf<Client>()

    init {
        server.fact(Fact.RoomOpened("standup", "ana"))
        server.fact(Fact.UserEntered("standup", "ana", "mac"))
    }

    fun client(
        user: String,
        device: String,
        app: App,
        store: Store? = null,
        occupied: Boolean = false,
        pauses: Pauses = QUICK,
        transport: Transport = server.transport(user, device),
    ): Client {
        val client = Client(Handset(user, device), transport, app, store, pauses = pauses, occupied = occupied)
        return client.also { clients += it }
    }

    fun connected(user: String, device: String, told: Recorder, store: Store? = null): Client {
        val client = client(user, device, told.app, store).also { it.start() }
        until("a snapshot") { client.read { it.isReady() } }
        return client
    }

    fun of(user: String) = synchronized(server) { server.connections.first { it.user == user } }

    override fun close() = clients.forEach { it.close() }
}

/** A reply that the library refuses. */
val REFUSED = Input.Reply(Reply.Answered(1u, Answer.GetCallLog(listOf(LogEntry(1u, "standup", "ana", 7u)), false, 0u, 1u, 0u, 1u)))

/** A store that says what is done to it. */
class Noting(private val told: Recorder) : Store {
    override fun load() = null
    override fun store(state: ByteArray) = told.note("stored")
}

fun equal(is_: Any?, expected: Any?) = check(is_ == expected) { "$is_, not $expected" }

val TESTS: Map<String, World.() -> Unit> = mapOf(
    "a call rings, is accepted and is joined" to {
        val (toldAna, toldBo) = List(2) { Recorder() }
        val ana = connected("ana", "mac", toldAna)
        val bo = connected("bo", "phone", toldBo)
        ana.inRoom("standup")
        ana.tap(Tap.Call("standup", listOf("bo"), 30u, "about lunch"))
        val show = toldBo.until("show")
        val call = show[1] as IncomingCall
        equal(listOf(call.caller, call.extensionInfo, show[2], show[4]), listOf("ana", "about lunch", Stage.RINGING, true))
        until("ana hears that it rings") { toldAna.told.any { it.contains(Progress.Ringing) } }
        bo.tap(Tap.Accept(call.attempt))
        equal(toldBo.until("dismiss")[2], Dismissal.AnsweredHere)
        equal(toldBo.until("join")[1], "standup")
        until("ana hears that it was accepted") { toldAna.told.any { it.contains(Progress.Accepted) } }
    },
    "an answer without a connection is sent after it" to {
        val (toldAna, toldBo) = List(2) { Recorder() }
        val ana = connected("ana", "mac", toldAna)
        val bo = connected("bo", "phone", toldBo)
        ana.inRoom("standup")
        ana.tap(Tap.Call("standup", listOf("bo"), 30u, ""))
        val call = toldBo.until("show")[1] as IncomingCall
        server.refusal = 0
        of("bo").cut(null)
        toldBo.until("disconnected")
        bo.tap(Tap.Reject(call.attempt, CallRejectionReason.BUSY))
        val before = server.attempts
        until("three tries") { server.attempts >= before + 3 }
        server.refusal = null
        equal(toldBo.until("dismiss")[2], Dismissal.RejectedHere)
        until("ana hears why") { toldAna.told.any { it.contains(Progress.Rejected(CallRejectionReason.BUSY)) } }
    },
    "a request that is not answered is sent again by the timer" to {
        val bo = connected("bo", "phone", Recorder())
        val connection = of("bo")
        synchronized(server) { connection.isDeaf = true }
        connection.sent.clear()
        bo.inRoom("standup")
        until("it is sent again") { connection.sent.size > 1 }
        equal(connection.sent[0], connection.sent[1])
    },
    "a close code may forbid to connect again, and another one does not" to {
        for (code in FINAL_CODES.keys) {
            val told = Recorder()
            connected("bo", "phone", told)
            of("bo").cut(code)
            told.until("over")
            Thread.sleep(50)
            equal(server.connections.size, 0)
        }
        val told = Recorder()
        connected("bo", "phone", told)
        for ((times, code) in listOf(1001, 4401, 4408, 4429, 4431, null).withIndex()) {
            until("it is connected") { server.connections.size == 1 }
            of("bo").cut(code)
            equal(told.until("disconnected", times + 1)[1], code)
        }
        told.until("connected", 7)
    },
    "a late end of an older connection is dropped" to {
        val told = Recorder()
        val bo = connected("bo", "phone", told)
        val old = of("bo")
        old.cut(null)
        told.until("connected", 2)
        until("a snapshot") { bo.read { it.isReady() && it.isUp() } }
        old.listener.closed(null)
        Thread.sleep(50)
        equal(bo.read { it.isUp() }, true)
    },
    "a server that says no is not asked again, but for too much" to {
        server.refusal = 401
        val told = Recorder()
        client("bo", "phone", told.app).start()
        told.until("over")
        for (status in listOf(429, 503)) {
            server.refusal = status
            val before = server.attempts
            client("bo", "phone", Recorder().app).start()
            until("it tries again") { server.attempts > before + 1 }
        }
    },
    "pauses become longer, up to a bound, and leave half to chance" to {
        val pauses = Pauses()
        val all = (0..20).map { pauses.after(it, 0, Random(7)) }
        check(all.first() in 250L..500L && all.last() in 30_000L..60_000L) { "$all" }
        equal(pauses.after(0, 10_000, Random(7)), 10_000L)
    },
    "the state is stored before its effects" to {
        val told = Recorder()
        client("bo", "phone", told.app, Noting(told)).push(RING)
        equal(told.names(), listOf("stored", "show"))
    },
    "a killed process shows what rang and learns for how long it was dead" to {
        val path = Files.createTempDirectory("roomcall").resolve("a folder/state")
        var wall = 1_000_000L
        val store = FileStore(path) { wall }
        equal(store.load(), null)
        client("bo", "phone", Recorder().app, store).push(RING)
        wall += 5_000
        val told = Recorder()
        Client.open("bo", "phone", server.transport("bo", "phone"), told.app, store).close()
        val (_, call, stage, left, isNews) = told.told.single()
        equal(listOf((call as IncomingCall).attempt, stage, isNews), listOf(9uL, Stage.RINGING, false))
        equal(left.toString(), "25000")
        wall = 0
        equal(store.load()?.dead, null)
        equal(Files.list(path.parent).count(), 1L)
        store.store("{}".toByteArray())
        try {
            Client.open("bo", "phone", server.transport("bo", "phone"), told.app, store)
            error("it was restored")
        } catch (_: RestoreException) {
        }
    },
    "a restored call ends at its deadline without a connection" to {
        var wall = 1_000_000L
        val store = FileStore(Files.createTempDirectory("roomcall").resolve("state")) { wall }
        client("bo", "phone", Recorder().app, store).push(RING)
        wall += 29_800
        val told = Recorder()
        Client.open("bo", "phone", server.transport("bo", "phone"), told.app, store).use {
            equal(told.names().first(), "show")
            equal(told.until("dismiss")[2], Dismissal.Silenced)
        }
    },
    "a token that cannot be had is asked for again" to {
        var asked = 0
        val told = Recorder()
        val transport = Transport { listener ->
            asked += 1
            if (asked < 3) error("no token") else server.transport("bo", "phone").connect(listener)
        }
        client("bo", "phone", told.app, transport = transport).start()
        told.until("connected")
        equal(told.names(), listOf("failed", "failed", "connected"))
    },
    "a store that fails loses no effect" to {
        val told = Recorder()
        val store = object : Store {
            override fun load() = null
            override fun store(state: ByteArray) = error("no space left")
        }
        client("bo", "phone", told.app, store).push(RING)
        equal(told.names(), listOf("failed", "show"))
    },
    "a refused input does not take the first one along, and is an exception on any thread" to {
        val told = Recorder()
        val phone = client("bo", "phone", told.app, occupied = true)
        phone.apply(REFUSED)
        phone.push(RING)
        equal(told.names(), listOf("failed", "show"))
        equal(told.told[1][2], Stage.WAITING)
        try {
            phone.read { it.apply(9u, listOf(REFUSED)) }
            error("it was taken")
        } catch (_: InvalidValueException) {
        }
        phone.close()
        phone.close()
    },
    "a replaced device stores no more" to {
        val told = Recorder()
        val phone = connected("bo", "phone", told, Noting(told))
        val before = told.names().count { it == "stored" }
        of("bo").cut(4409)
        told.until("over")
        phone.push(RING)
        told.until("show")
        equal(told.names().count { it == "stored" }, before)
    },
    "a network that is gone is noticed by its silence" to {
        val told = Recorder()
        val bo = client("bo", "phone", told.app, pauses = QUICK.copy(silence = 300)).also { it.start() }
        until("a snapshot") { bo.read { it.isReady() } }
        val old = of("bo")
        Thread.sleep(500)
        equal(told.names().count { it == "disconnected" }, 0)
        synchronized(server) { old.isDeaf = true }
        bo.inRoom("standup")
        equal(told.until("disconnected")[1], null)
        told.until("connected", 2)
        check(old !in server.connections) { "it was not closed" }
        until("it is sent anew") { of("bo").sent.isNotEmpty() }
    },
    "each push of a ring is answered at once" to {
        val told = Recorder()
        val phone = client("bo", "phone", told.app)
        val pushes = listOf(RING, RING, RING + ("callee" to "cy") + ("attempt" to "10"), RING + ("event" to "cancelled"), RING)
        for (push in pushes + (RING + ("event" to "aLaterOne"))) phone.push(push)
        equal(told.names(), listOf("show", "report", "report", "dismiss", "report"))
        phone.signOut()
        phone.push(RING + ("attempt" to "11"))
        equal(told.names().last(), "report")
    },
    "what has the device from the start keeps it silent" to {
        val told = Recorder()
        val phone = client("bo", "phone", told.app, occupied = true)
        phone.push(RING)
        equal(told.told[0][2], Stage.WAITING)
        phone.occupied(false)
        told.until("update")
    },
    "an app that fails hears the rest, and what it asks for comes after the step" to {
        val told = Recorder()
        lateinit var phone: Client
        val app = object : App by told.app {
            override fun show(call: IncomingCall, stage: Stage, timeLeft: ULong?, isNews: Boolean) {
                phone.tap(Tap.Silence(call.attempt))
                error("no screen")
            }
        }
        phone = client("bo", "phone", app)
        phone.push(RING)
        told.until("update")
        equal(told.names(), listOf("failed", "update"))
    },
    "the platform's calls end with the cause of the dismissal" to {
        val seen = mutableListOf<String>()
        val ui = object : CallUi {
            override fun add(call: IncomingCall, stage: Stage, timeLeft: ULong?, isNews: Boolean) { seen += "add" }
            override fun setStage(attempt: ULong, stage: Stage) { seen += "$stage" }
            override fun setActive(attempt: ULong) { seen += "active" }
            override fun disconnect(attempt: ULong, cause: TelecomCause) { seen += "$cause ${cause.value}" }
            override fun reported(call: IncomingCall, cause: TelecomCause) { seen += "reported $cause" }
        }
        val phone = client("bo", "phone", CallUiAdapter(ui))
        phone.push(RING)
        phone.push(RING)
        phone.push(RING + ("event" to "accepted") + ("deviceID" to "tablet"))
        phone.push(RING)
        equal(seen, listOf("add", "ANSWERED_ELSEWHERE 11", "reported ANSWERED_ELSEWHERE"))
    },
    "a value that the library refuses is an exception, and is not applied" to {
        val phone = Handset("bo", "phone")
        try {
            phone.apply(9u, listOf(Input.Tick, REFUSED))
            error("it was taken")
        } catch (_: InvalidValueException) {
        }
        equal(phone.clock(), 0uL)
    },
    "the close codes are those of the documents" to {
        val page = Files.readString(Path.of(System.getProperty("roomcall.root"), "docs/clients.md"))
        val rows = Regex("""(?m)^\| (\d{4}) \|.*\| ([^|]*) \|$""").findAll(page).map { it.destructured }.toList()
        check(rows.size > 8)
        val final = rows.filter { (_, what) -> "does not" in what }.map { (code, _) -> code.toInt() }.toSet()
        equal(final, FINAL_CODES.keys)
    },
)

object Tests {
    @JvmStatic
    fun main(arguments: Array<String>) {
        var failed = 0
        for ((name, test) in TESTS) {
            try {
                World().use { it.test() }
                println("ok    $name")
            } catch (error: Throwable) {
                failed += 1
                println("FAILED $name")
                error.printStackTrace()
            }
        }
        println("${TESTS.size} tests, $failed failed")
        exitProcess(if (failed == 0) 0 else 1)
    }
}
