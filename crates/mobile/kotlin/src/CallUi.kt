package com.roomcall

/**
 * The calls of the platform: on Android write it around `android.telecom` or the Jetpack library
 * `core-telecom`. The numbers of `TelecomCause` are those of `DisconnectCause`; `coreTelecomCause` gives one that
 * `core-telecom` takes.
 */
interface CallUi {
    /** A call comes in: `TelecomManager.addNewIncomingCall`, or `CallsManager.addCall`. Without `isNews` it was there before. */
    fun add(call: IncomingCall, stage: Stage, timeLeft: ULong?, isNews: Boolean)

    /** It rings, waits without a sound, or its answer is on the way: `Connection.setRinging`, or a notification without a sound. */
    fun setStage(attempt: ULong, stage: Stage)

    /** It was answered here and goes on in the room: `Connection.setActive`. End it when the device leaves the room. */
    fun setActive(attempt: ULong)

    /** It is over here: `Connection.setDisconnected(DisconnectCause(cause))`, and `destroy`. */
    fun disconnect(attempt: ULong, cause: TelecomCause)

    /** A push shows no call. Android demands no call for it, so there need not be one. */
    fun reported(call: IncomingCall, cause: TelecomCause) {}
}

/** Brings what a handset shows to the calls of the platform. All else goes to `app`. */
class CallUiAdapter(private val ui: CallUi, private val app: App = object : App {}) : App by app {
    override fun show(call: IncomingCall, stage: Stage, timeLeft: ULong?, isNews: Boolean) {
        ui.add(call, stage, timeLeft, isNews)
        app.show(call, stage, timeLeft, isNews)
    }

    override fun update(attempt: ULong, stage: Stage) {
        ui.setStage(attempt, stage)
        app.update(attempt, stage)
    }

    override fun dismiss(attempt: ULong, why: Dismissal) {
        if (why is Dismissal.AnsweredHere) ui.setActive(attempt) else ui.disconnect(attempt, telecomCause(why))
        app.dismiss(attempt, why)
    }

    override fun report(call: IncomingCall, why: ReportReason) {
        reportTelecomCause(why)?.let { cause -> ui.reported(call, cause) }
        app.report(call, why)
    }
}
