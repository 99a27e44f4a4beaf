package com.roomcall

import java.util.concurrent.ExecutionException
import java.util.concurrent.Executors
import java.util.concurrent.RejectedExecutionException
import java.util.concurrent.ScheduledExecutorService
import java.util.concurrent.ScheduledFuture
import java.util.concurrent.TimeUnit.MILLISECONDS
import kotlin.random.Random

/** Close codes after which connecting again is of no use, and why (docs/clients.md). */
val FINAL_CODES: Map<Int, String> = mapOf(
    1002 to "this is not the WebSocket protocol",
    1007 to "a text was not in UTF-8",
    1009 to "a message was too large",
    4400 to "a message was no text",
    4403 to "the device was revoked: sign in again",
    4409 to "this device has connected anew",
)

/** Another connection of this device took the place of this one: the stored state is that one's now. */
private const val REPLACED = 4409

/** Too many messages: connect again, later. */
private const val TOO_FAST = 4429

/**
 * How long a client waits before it connects again, in milliseconds: twice as long each time, up to a bound, and
 * half of it is left to chance.
 *
 * @property first the first pause.
 * @property longest the longest one.
 * @property later the least one after the server said that there was too much.
 * @property patience how long a connection lasts after which the pauses begin anew.
 * @property silence how long nothing may be heard after a request was sent. A network that vanishes closes no socket, and
 *   the handset repeats an unanswered request every two seconds.
 */
data class Pauses(
    val first: Long = 500,
    val longest: Long = 60_000,
    val later: Long = 10_000,
    val patience: Long = 10_000,
    val silence: Long = 15_000,
) {
    /** The pause after so many failures. */
    fun after(failures: Int, least: Long, random: Random): Long {
        val most = minOf(longest, first shl minOf(failures, 16))
        return maxOf(least, most / 2 + random.nextLong(most / 2 + 1))
    }
}

/** What an app does. Override what it shows. The state is stored before any of this is called, on the client's thread. */
interface App {
    /** Put a call on the screen, for so many milliseconds; null for no end. It sounds if it rings and is news. */
    fun show(call: IncomingCall, stage: Stage, timeLeft: ULong?, isNews: Boolean) {}

    /** A call on the screen changes its stage. */
    fun update(attempt: ULong, stage: Stage) {}

    /** Take a call off the screen. */
    fun dismiss(attempt: ULong, why: Dismissal) {}

    /** A push shows no call, and why. */
    fun report(call: IncomingCall, why: ReportReason) {}

    /** What became of a call that was not on the screen. */
    fun learned(attempt: ULong, roomId: String, caller: String, why: Dismissal) {}

    /** Enter the room. Say so with `inRoom`, or `joinFailed`. */
    fun join(roomId: String) {}

    /** How a call by this user stands. */
    fun progress(roomId: String, callee: String, attempt: ULong?, progress: Progress) {}

    /** An entry of the pending list of this device's room is new, or has changed. */
    fun listed(callee: String, caller: String, attempt: ULong, status: CallStatus) {}

    /** An entry left that list. */
    fun unlisted(callee: String, attempt: ULong) {}

    /** An entry for the list of calls; a notification, too, if it is news. */
    fun logged(entry: LogEntry, isNews: Boolean) {}

    /** The list of calls was seen up to an entry: clear the badge. */
    fun seen(upTo: ULong) {}

    /** The reply to a tapped call, cancel, revoke or mark. */
    fun answered(requestId: ULong, result: RequestResult) {}

    /** A tapped command is not sent, and will not be. */
    fun notSent(command: Command, why: NotSentReason) {}

    /** There is a connection. */
    fun connected() {}

    /** There is none any more: the close code, if there was one. */
    fun disconnected(code: Int?) {}

    /** It will not connect again: the reason. The user may have to sign in again. */
    fun over(reason: String) {}

    /** Something of the above failed, or the state could not be stored, or no connection begun. The rest is done all the same. */
    fun failed(error: Exception) = error.printStackTrace()
}

/**
 * One signed-in device: it connects, and again when the connection is gone; brings what it hears and what the
 * person taps to its handset; and does what the handset says.
 *
 * All of it runs on one thread, that of `executor`; its functions may be called from any.
 *
 * @param clock milliseconds of a monotonic clock. It has to go on while the device sleeps: on Android give
 *   `SystemClock::elapsedRealtime`.
 * @param occupied whether something else has the device from the start (D-31).
 */
class Client(
    private val handset: Handset,
    private val transport: Transport,
    private val app: App,
    private val store: Store? = null,
    private val clock: () -> Long = { System.nanoTime() / 1_000_000 },
    private val pauses: Pauses = Pauses(),
    private val random: Random = Random.Default,
    occupied: Boolean = false,
) : AutoCloseable {
    @Volatile
    private var thread: Thread? = null
    private val executor: ScheduledExecutorService = Executors.newSingleThreadScheduledExecutor { work ->
        Thread(work, "roomcall").apply { isDaemon = true }.also { thread = it }
    }
    private val start = clock()
    private var first: List<Input> = if (occupied) listOf(Input.Occupied(true)) else emptyList()
    private val steps = ArrayDeque<(ULong) -> List<Effect>>()
    private var isStepping = false
    private var timer: ScheduledFuture<*>? = null
    private var pause: ScheduledFuture<*>? = null
    private var isPauseFixed = false

    /** Runs while something of the server is awaited. */
    private var silence: ScheduledFuture<*>? = null
    private var connection: Connection? = null
    private var isUp = false
    private var began = 0L

    /** The connection that counts: what an older one says about its end is dropped. */
    private var number = 0
    private var failures = 0
    private var isOver = false
    private var isReplaced = false

    companion object {
        /**
         * The device that was stored, or a new one. What was on its screen is shown again before this returns.
         *
         * @throws RestoreException where the stored state cannot be read: sign in under a new device id then.
         */
        fun open(
            user: String,
            device: String,
            transport: Transport,
            app: App,
            store: Store,
            clock: () -> Long = { System.nanoTime() / 1_000_000 },
            occupied: Boolean = false,
        ): Client {
            val saved = store.load()
            val handset = saved?.let { Handset.restore(it.state, it.dead?.toULong()) } ?: Handset(user, device)
            require(handset.user() == user && handset.device() == device) {
                "the stored state is of ${handset.user()}/${handset.device()}, not of $user/$device"
            }
            val client = Client(handset, transport, app, store, clock, occupied = occupied)
            if (saved != null) client.redraw()
            return client
        }
    }

    /** Connects, and stays connected, until it is closed, or until connecting again is of no use. */
    fun start() = post { if (connection == null && pause == null) connect() }

    /** The person taps. What cannot be sent now waits, for as long as the rules allow. */
    fun tap(tap: Tap) = apply(Input.Tap(tap))

    /** The device is in this room, or in none: once the server knows it, too. */
    fun inRoom(roomId: String?) = apply(Input.InRoom(roomId))

    /** The device could not enter the room of a `join`. */
    fun joinFailed() = apply(Input.JoinFailed)

    /** Something else has the device, or no longer. */
    fun occupied(isOccupied: Boolean) = apply(Input.Occupied(isOccupied))

    /** Applies inputs that came together. */
    fun apply(vararg inputs: Input) = post { step(inputs.asList()) }

    /**
     * A push message came: its `data`, and how many milliseconds ago the server sent it, 0 if nobody knows. A ring is
     * answered before this returns, by `show` or `report`. Then it connects, without a pause.
     */
    fun push(fields: Map<String, String>, age: Long = 0) = now {
        pushEvent(fields)?.let { event -> step(listOf(Input.Push(event, maxOf(age, 0).toULong()))) }
        wake()
    }

    /** The user signs out. Keep the stored state as long as pushes for the user may come. */
    fun signOut() = now {
        step(listOf(Input.SignedOut))
        disconnect()
        isOver = true
    }

    /** Connects now, if it waits to do so: the network is back, or the app is. */
    fun wake() = post {
        if (pause != null && !isPauseFixed) {
            pause?.cancel(false)
            connect()
        }
    }

    /** Runs something on the client's thread with its handset, and waits for it. */
    fun <T> read(read: (Handset) -> T): T = now { read(handset) }

    /** Ends the connection and the thread. It may be closed already. */
    override fun close() {
        try {
            now {
                isOver = true
                disconnect()
            }
        } catch (_: RejectedExecutionException) {
            return
        }
        executor.shutdownNow()
    }

    private fun post(work: () -> Unit) {
        later(0, work)
    }

    private fun <T> now(work: () -> T): T {
        if (Thread.currentThread() === thread) return work()
        try {
            return executor.submit(work).get()
        } catch (error: ExecutionException) {
            throw error.cause ?: error
        }
    }

    /** Does something on the client's thread, in so many milliseconds; null if it was closed. */
    private fun later(left: Long, work: () -> Unit): ScheduledFuture<*>? = try {
        executor.schedule({ guarded(work) }, left, MILLISECONDS)
    } catch (_: RejectedExecutionException) {
        null
    }

    private fun guarded(work: () -> Unit) = try {
        work()
    } catch (error: Exception) {
        failed(error)
    }

    private fun failed(error: Exception) = try {
        app.failed(error)
    } catch (another: Exception) {
        another.printStackTrace()
    }

    private fun redraw() = now {
        handset.redraw().forEach { carryOut(it, isNews = false) }
        // A call on the screen ends at its deadline, with a connection or without one (D-25).
        setTimer()
    }

    private fun step(inputs: List<Input>) {
        step { now ->
            // Emptied only then: where an input is refused, none is applied.
            handset.apply(now, first + inputs).also { first = emptyList() }
        }
    }

    /** Takes a step: state, then effects, then the timer. One that an effect asks for comes after it. */
    private fun step(step: (ULong) -> List<Effect>) {
        steps.addLast(step)
        if (isStepping) return
        isStepping = true
        try {
            while (steps.isNotEmpty()) {
                val effects = steps.removeFirst()((clock() - start).toULong())
                // The handset has moved on: its effects are carried out even if the state cannot be stored.
                if (!isReplaced) guarded { store?.store(handset.save()) }
                effects.forEach { carryOut(it, isNews = true) }
            }
        } finally {
            isStepping = false
            setTimer()
        }
    }

    private fun carryOut(effect: Effect, isNews: Boolean) = guarded {
        when (effect) {
            is Effect.Dismiss -> app.dismiss(effect.attempt, effect.why)
            is Effect.Update -> app.update(effect.attempt, effect.stage)
            is Effect.Show -> app.show(effect.call, effect.stage, effect.timeLeft, isNews)
            is Effect.Report -> app.report(effect.call, effect.why)
            is Effect.Learned -> app.learned(effect.attempt, effect.roomId, effect.caller, effect.why)
            is Effect.Join -> app.join(effect.roomId)
            is Effect.Progress -> app.progress(effect.roomId, effect.callee, effect.attempt, effect.progress)
            is Effect.Listed -> app.listed(effect.callee, effect.caller, effect.attempt, effect.status)
            is Effect.Unlisted -> app.unlisted(effect.callee, effect.attempt)
            is Effect.Logged -> app.logged(effect.entry, effect.isNews)
            is Effect.Seen -> app.seen(effect.upTo)
            is Effect.Answered -> app.answered(effect.requestId, effect.result)
            is Effect.NotSent -> app.notSent(effect.command, effect.why)
            is Effect.Send -> if (isUp) send(effect)
        }
    }

    private fun send(effect: Effect.Send) {
        connection?.send(frame(effect.requestId, effect.request))
        if (effect.requestId != null && silence == null) silence = later(pauses.silence) { ended(null) }
    }

    private fun heardSomething() {
        silence?.cancel(false)
        silence = null
    }

    private fun setTimer() {
        timer?.cancel(false)
        val deadline = handset.nextDeadline() ?: return
        val left = maxOf(0, deadline.toLong() - (clock() - start))
        timer = later(left) { step(listOf(Input.Tick)) }
    }

    private fun connect() {
        pause = null
        if (isOver) return
        number += 1
        began = clock()
        try {
            connection = transport.connect(Heard(number))
        } catch (error: Exception) {
            number += 1
            failed(error)
            connectLater(0)
        }
    }

    private fun disconnect() {
        number += 1
        pause?.cancel(false)
        pause = null
        down(null)
    }

    /** Closes what is left of the connection, and says that there is none. */
    private fun down(code: Int?) {
        heardSomething()
        guarded { connection?.close() }
        connection = null
        if (isUp) {
            isUp = false
            step(listOf(Input.Link(Link.DOWN)))
            guarded { app.disconnected(code) }
        }
    }

    private fun giveUp(reason: String) {
        isOver = true
        guarded { app.over(reason) }
    }

    private fun connectLater(least: Long) {
        if (isOver) return
        val left = pauses.after(failures, least, random)
        failures += 1
        isPauseFixed = least > 0
        pause = later(left) { connect() }
    }

    /** The connection is over, or never came about. */
    private fun ended(code: Int?) {
        number += 1
        val lasted = clock() - began
        val wasUp = isUp
        if (code == REPLACED) isReplaced = true
        down(code)
        val final = FINAL_CODES[code]
        if (final != null) return giveUp(final)
        if (wasUp && lasted > pauses.patience) failures = 0
        connectLater(if (code == TOO_FAST) pauses.later else 0)
    }

    /** What a connection says. It counts as long as it is the newest one. */
    private inner class Heard(private val ours: Int) : Listener {
        private fun heard(work: () -> Unit) = post { if (ours == number) work() }

        override fun opened() = heard {
            isUp = true
            guarded { app.connected() }
            step(listOf(Input.Link(Link.UP)))
        }

        override fun received(text: String) = heard {
            heardSomething()
            step { now -> handset.receive(now, text) }
        }

        override fun closed(code: Int?) = heard { ended(code) }

        override fun refused(status: Int, reason: String) = heard {
            number += 1
            down(null)
            val isLater = status == 408 || status == 429
            if (status in 400..499 && !isLater) return@heard giveUp("$status: $reason")
            connectLater(if (isLater) pauses.later else 0)
        }
    }
}
