import com.roomcall.App
import com.roomcall.Connection
import com.roomcall.Fact
import com.roomcall.Line
import com.roomcall.Listener
import com.roomcall.Output
import com.roomcall.Switchboard
import com.roomcall.To
import com.roomcall.Transport
import com.roomcall.message
import java.lang.reflect.Proxy
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit

/** A server in the process of the tests: a switchboard, and connections without a network. */
class Server {
    val board = Switchboard()
    val connections = CopyOnWriteArrayList<FakeConnection>()
    @Volatile
    var refusal: Int? = null

    @Volatile
    var attempts = 0
    private val start = System.nanoTime()
    private val present = mutableSetOf<String>()

    fun now() = ((System.nanoTime() - start) / 1_000_000).toULong()

    @Synchronized
    fun fact(fact: Fact) {
        if (fact is Fact.UserEntered) present += fact.userId
        deliver(null, board.apply(Line.Fact(now(), fact)))
    }

    /** What a client gets to connect with. */
    fun transport(user: String, device: String) = Transport { listener -> open(user, device, listener) }

    @Synchronized
    private fun open(user: String, device: String, listener: Listener): Connection {
        attempts += 1
        val line = FakeConnection(this, user, device, listener)
        when (val status = refusal) {
            null -> {
                connections += line
                listener.opened()
            }
            0 -> listener.closed(null)
            else -> listener.refused(status, "no")
        }
        return line
    }

    @Synchronized
    fun deliver(asker: FakeConnection?, outputs: List<Output>) {
        for (output in outputs) {
            val hearing = if (output is Output.Effect) connections.filter { hears(it, output.to) } else listOfNotNull(asker)
            for (line in hearing) line.listener.received(message(listOf(output)))
        }
    }

    private fun hears(line: FakeConnection, to: To) = when (to) {
        is To.Room -> line.user in present
        is To.Device -> line.user == to.user && line.device == to.device
        is To.User -> line.user == to.user
        is To.OtherDevices -> line.user == to.user && line.device != to.exceptDevice
    }
}

/** The connection of a device. `cut` ends it with a close code. */
class FakeConnection(val server: Server, val user: String, val device: String, val listener: Listener) : Connection {
    val sent = CopyOnWriteArrayList<String>()

    @Volatile
    var isDeaf = false

    fun cut(code: Int?) {
        synchronized(server) { server.connections.remove(this) }
        listener.closed(code)
    }

    override fun send(text: String) = synchronized(server) {
        sent += text
        if (!isDeaf) server.deliver(this, server.board.receive(server.now(), user, device, text))
    }

    override fun close() {
        synchronized(server) { server.connections.remove(this) }
    }
}

/** An app that remembers what it is told, and can be waited for. */
class Recorder {
    val told = CopyOnWriteArrayList<List<Any?>>()
    private val words = LinkedBlockingQueue<Unit>()

    /** The app, any function of which is remembered by its name. */
    val app = Proxy.newProxyInstance(App::class.java.classLoader, arrayOf(App::class.java)) { _, method, values ->
        // The name of a function with an ULong has a hash behind it.
        note(method.name.substringBefore('-'), *(values ?: emptyArray()))
        null
    } as App

    fun note(name: String, vararg values: Any?) {
        told += listOf(name, *values)
        words.put(Unit)
    }

    fun names() = told.map { it[0] as String }

    /** What was told by that name, once it was told so often. */
    fun until(name: String, times: Int = 1): List<Any?> {
        while (true) {
            val found = told.filter { it[0] == name }
            if (found.size >= times) return found[times - 1]
            checkNotNull(words.poll(10, TimeUnit.SECONDS)) { "no $name, but ${names()}" }
        }
    }
}

/** Waits until something is so. */
fun until(what: String, isSo: () -> Boolean) {
    repeat(1_000) {
        if (isSo()) return
        Thread.sleep(10)
    }
    error("never: $what")
}
