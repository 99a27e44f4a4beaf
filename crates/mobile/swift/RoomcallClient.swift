// The device's loop for Apple's platforms: connection, timers, saved state. It belongs into the module of the
// generated `Roomcall.swift`.
//
// No compiler of Swift has seen this file: the machines of the project have none. Its tests read its text only.

import Foundation

/// Opens connections.
public protocol RoomcallTransport: AnyObject {
    /// Begins to connect, with a token that is valid now. What comes of it is said to the listener, on the main queue.
    @MainActor func connect(listener: RoomcallListener) -> RoomcallConnection
}

/// One connection, which may not have come about yet.
public protocol RoomcallConnection: AnyObject {
    /// Sends a text message. One that cannot be sent ends the connection.
    @MainActor func send(_ text: String)
    /// Closes it. It may be closed already.
    @MainActor func close()
}

/// What a connection says.
public protocol RoomcallListener: AnyObject {
    /// It came about.
    @MainActor func opened()
    /// A text message came.
    @MainActor func received(_ text: String)
    /// It is over, or never came about: the close code, if there was one.
    @MainActor func closed(code: Int?)
    /// It did not come about, because the server said no with a status of HTTP.
    @MainActor func refused(status: Int)
}

/// Where the state of a handset outlives the process.
public protocol RoomcallStore: AnyObject {
    /// What was stored last, and how many milliseconds ago; nil if nothing was.
    func load() throws -> (state: Data, dead: UInt64?)?
    /// Replaces it, as a whole or not at all.
    func store(_ state: Data) throws
}

/// What an app does. All but `failed` have an implementation that does nothing. The state is stored before any of
/// this is called.
@MainActor
public protocol RoomcallApp: AnyObject {
    /// Put a call on the screen, for so many milliseconds; nil for no end. Without `isNews` it was there before.
    func show(call: IncomingCall, stage: Stage, timeLeft: UInt64?, isNews: Bool)
    /// A call on the screen changes its stage.
    func update(attempt: UInt64, stage: Stage)
    /// Take a call off the screen.
    func dismiss(attempt: UInt64, why: Dismissal)
    /// A push shows no call, and why.
    func report(call: IncomingCall, why: ReportReason)
    /// What became of a call that was not on the screen.
    func learned(attempt: UInt64, roomId: String, caller: String, why: Dismissal)
    /// Enter the room. Say so with `inRoom`, or `joinFailed`.
    func join(roomId: String)
    /// How a call by this user stands.
    func progress(roomId: String, callee: String, attempt: UInt64?, progress: Progress)
    /// An entry of the pending list of this device's room is new, or has changed.
    func listed(callee: String, caller: String, attempt: UInt64, status: CallStatus)
    /// An entry left that list.
    func unlisted(callee: String, attempt: UInt64)
    /// An entry for the list of calls; a notification, too, if it is news.
    func logged(entry: LogEntry, isNews: Bool)
    /// The list of calls was seen up to an entry: clear the badge.
    func seen(upTo: UInt64)
    /// The reply to a tapped call, cancel, revoke or mark.
    func answered(requestId: UInt64, result: RequestResult)
    /// A tapped command is not sent, and will not be.
    func notSent(command: Command, why: NotSentReason)
    /// There is a connection.
    func connected()
    /// There is none any more: the close code, if there was one.
    func disconnected(code: Int?)
    /// It will not connect again: the reason. The user may have to sign in again.
    func over(reason: String)
    /// The state could not be stored, or a value was refused. What follows from the step is done all the same.
    func failed(_ error: Error)
}

extension RoomcallApp {
    public func show(call: IncomingCall, stage: Stage, timeLeft: UInt64?, isNews: Bool) {}
    public func update(attempt: UInt64, stage: Stage) {}
    public func dismiss(attempt: UInt64, why: Dismissal) {}
    public func report(call: IncomingCall, why: ReportReason) {}
    public func learned(attempt: UInt64, roomId: String, caller: String, why: Dismissal) {}
    public func join(roomId: String) {}
    public func progress(roomId: String, callee: String, attempt: UInt64?, progress: Progress) {}
    public func listed(callee: String, caller: String, attempt: UInt64, status: CallStatus) {}
    public func unlisted(callee: String, attempt: UInt64) {}
    public func logged(entry: LogEntry, isNews: Bool) {}
    public func seen(upTo: UInt64) {}
    public func answered(requestId: UInt64, result: RequestResult) {}
    public func notSent(command: Command, why: NotSentReason) {}
    public func connected() {}
    public func disconnected(code: Int?) {}
    public func over(reason: String) {}
}

/// How long a client waits before it connects again, in seconds: twice as long each time, up to a bound, and half of
/// it is left to chance.
public struct RoomcallPauses {
    /// The first pause.
    public var first = 0.5
    /// The longest one.
    public var longest = 60.0
    /// The least one after the server said that there was too much.
    public var later = 10.0
    /// How long a connection lasts after which the pauses begin anew.
    public var patience = 10.0
    /// How long nothing may be heard after a request was sent. A network that vanishes closes no socket, and the
    /// handset repeats an unanswered request every two seconds.
    public var silence = 15.0

    public init() {}

    func after(failures: Int, least: Double) -> Double {
        let most = min(longest, first * pow(2, Double(min(failures, 16))))
        return max(least, Double.random(in: most / 2...most))
    }
}

/// One signed-in device. Everything happens on the main queue, as CallKit and PushKit have it.
@MainActor
public final class RoomcallClient {
    /// Close codes after which connecting again is of no use, and why (docs/clients.md).
    public static let finalCodes: [Int: String] = [
        1002: "this is not the WebSocket protocol",
        1007: "a text was not in UTF-8",
        1009: "a message was too large",
        4400: "a message was no text",
        4403: "the device was revoked: sign in again",
        4409: "this device has connected anew",
    ]

    /// The one of them that says that another connection of this device took the place of this one.
    private static let replaced = 4409

    /// The state machine.
    public let handset: Handset
    private let transport: RoomcallTransport
    /// None once another connection of this device took the place of this one: the stored state is that one's now.
    private var store: RoomcallStore?
    private let pauses: RoomcallPauses
    private weak var app: RoomcallApp?
    private let start = RoomcallClient.milliseconds()
    private var first: [Input]
    private var steps: [@MainActor (UInt64) throws -> [Effect]] = []
    private var isStepping = false
    private var timer: Timer?
    private var pause: Timer?
    private var isPauseFixed = false
    /// Runs while something of the server is awaited.
    private var silence: Timer?
    private var connection: RoomcallConnection?
    /// Hears what the newest connection says. A late end of an older one is dropped.
    private var listener: Heard?
    private var isUp = false
    private var began: UInt64 = 0
    private var failures = 0
    private var isOver = false

    /// A device that was never signed in before, or a restored one. With `occupied` something else has the device
    /// from the start (D-31).
    public init(
        handset: Handset,
        transport: RoomcallTransport,
        app: RoomcallApp,
        store: RoomcallStore? = nil,
        pauses: RoomcallPauses = RoomcallPauses(),
        occupied: Bool = false
    ) {
        self.handset = handset
        self.transport = transport
        self.app = app
        self.store = store
        self.pauses = pauses
        self.first = occupied ? [.occupied(isOccupied: true)] : []
    }

    /// The device that was stored, or a new one. What was on its screen is shown again before this returns.
    ///
    /// Throws `RestoreError` where the stored state cannot be read: sign in under a new device id then.
    public static func open(
        user: String,
        device: String,
        transport: RoomcallTransport,
        app: RoomcallApp,
        store: RoomcallStore,
        occupied: Bool = false
    ) throws -> RoomcallClient {
        guard let saved = try store.load() else {
            let handset = try Handset(user: user, device: device)
            return RoomcallClient(
                handset: handset, transport: transport, app: app, store: store, occupied: occupied)
        }
        let handset = try Handset.restore(saved: saved.state, dead: saved.dead)
        let client = RoomcallClient(
            handset: handset, transport: transport, app: app, store: store, occupied: occupied)
        for effect in handset.redraw() {
            client.carryOut(effect, isNews: false)
        }
        // A call on the screen ends at its deadline, with a connection or without one (D-25).
        client.setTimer()
        return client
    }

    /// Milliseconds of a monotonic clock, which goes on while the device sleeps.
    static func milliseconds() -> UInt64 {
        clock_gettime_nsec_np(CLOCK_MONOTONIC_RAW) / 1_000_000
    }

    // MARK: What the app states

    /// Connects, and stays connected, until it is stopped, or until connecting again is of no use.
    public func connect() {
        guard connection == nil, pause == nil, !isOver else { return }
        open()
    }

    /// The person taps. What cannot be sent now waits, for as long as the rules allow.
    public func tap(_ tap: Tap) { apply(.tap(tap: tap)) }

    /// The device is in this room, or in none: once the server knows it, too.
    public func inRoom(_ roomId: String?) { apply(.inRoom(roomId: roomId)) }

    /// The device could not enter the room of a `join`.
    public func joinFailed() { apply(.joinFailed) }

    /// Something else has the device, or no longer.
    public func occupied(_ isOccupied: Bool) { apply(.occupied(isOccupied: isOccupied)) }

    /// Applies inputs that came together.
    public func apply(_ inputs: Input...) { step(inputs) }

    /// A push message came: its fields, and how many milliseconds ago the server sent it, 0 if nobody knows. A ring
    /// is answered before this returns, by `show` or `report`. Then it connects, without a pause.
    public func push(fields: [String: String], age: UInt64 = 0) {
        do {
            if let event = try pushEvent(fields: fields) {
                step([.push(event: event, age: age)])
            }
        } catch {
            app?.failed(error)
        }
        wake()
    }

    /// The user signs out. Keep the stored state as long as pushes for the user may come.
    public func signOut() {
        apply(.signedOut)
        stop()
    }

    /// Connects now, if it waits to do so: the network is back, or the app is.
    public func wake() {
        guard let waiting = pause, !isPauseFixed else { return connect() }
        waiting.invalidate()
        pause = nil
        open()
    }

    /// Disconnects, and does not connect again. The handset can still be given pushes.
    public func stop() {
        isOver = true
        listener = nil
        pause?.invalidate()
        pause = nil
        down(code: nil)
    }

    // MARK: Steps

    private func step(_ inputs: [Input]) {
        step { now in
            let effects = try self.handset.apply(now: now, inputs: self.first + inputs)
            // Emptied only now: where an input is refused, none is applied.
            self.first = []
            return effects
        }
    }

    /// Takes a step: state, then effects, then the timer. One that an effect asks for comes after it.
    private func step(_ step: @escaping @MainActor (UInt64) throws -> [Effect]) {
        steps.append(step)
        if isStepping { return }
        isStepping = true
        while !steps.isEmpty {
            let next = steps.removeFirst()
            do {
                let effects = try next(RoomcallClient.milliseconds() - start)
                do { try store?.store(handset.save()) } catch { app?.failed(error) }
                for effect in effects { carryOut(effect, isNews: true) }
            } catch {
                app?.failed(error)
            }
        }
        isStepping = false
        setTimer()
    }

    private func carryOut(_ effect: Effect, isNews: Bool) {
        switch effect {
        case .dismiss(let attempt, let why):
            app?.dismiss(attempt: attempt, why: why)
        case .update(let attempt, let stage):
            app?.update(attempt: attempt, stage: stage)
        case .show(let call, let stage, let timeLeft):
            app?.show(call: call, stage: stage, timeLeft: timeLeft, isNews: isNews)
        case .report(let call, let why):
            app?.report(call: call, why: why)
        case .learned(let attempt, let roomId, let caller, let why):
            app?.learned(attempt: attempt, roomId: roomId, caller: caller, why: why)
        case .join(let roomId):
            app?.join(roomId: roomId)
        case .progress(let roomId, let callee, let attempt, let progress):
            app?.progress(roomId: roomId, callee: callee, attempt: attempt, progress: progress)
        case .listed(let callee, let caller, let attempt, let status):
            app?.listed(callee: callee, caller: caller, attempt: attempt, status: status)
        case .unlisted(let callee, let attempt):
            app?.unlisted(callee: callee, attempt: attempt)
        case .logged(let entry, let isNews):
            app?.logged(entry: entry, isNews: isNews)
        case .seen(let upTo):
            app?.seen(upTo: upTo)
        case .answered(let requestId, let result):
            app?.answered(requestId: requestId, result: result)
        case .notSent(let command, let why):
            app?.notSent(command: command, why: why)
        case .send(let request, let requestId):
            guard isUp else { return }
            do {
                connection?.send(try frame(requestId: requestId, request: request))
                if requestId != nil && silence == nil {
                    silence = later(pauses.silence) { client in client.ended(code: nil) }
                }
            } catch {
                app?.failed(error)
            }
        }
    }

    private func setTimer() {
        timer?.invalidate()
        timer = nil
        guard let deadline = handset.nextDeadline() else { return }
        let now = RoomcallClient.milliseconds() - start
        let left = deadline > now ? Double(deadline - now) / 1_000 : 0
        timer = later(left) { client in client.apply(.tick) }
    }

    /// A timer that fires while the person scrolls, too.
    private func later(_ seconds: Double, _ work: @escaping @MainActor (RoomcallClient) -> Void) -> Timer {
        let timer = Timer(timeInterval: seconds, repeats: false) { [weak self] _ in
            MainActor.assumeIsolated {
                if let self { work(self) }
            }
        }
        RunLoop.main.add(timer, forMode: .common)
        return timer
    }

    // MARK: The connection

    private func open() {
        guard !isOver else { return }
        began = RoomcallClient.milliseconds()
        let heard = Heard(client: self)
        listener = heard
        connection = transport.connect(listener: heard)
    }

    private func heardSomething() {
        silence?.invalidate()
        silence = nil
    }

    /// The connection is over, or never came about.
    private func ended(code: Int?) {
        listener = nil
        let lasted = Double(RoomcallClient.milliseconds() - began) / 1_000
        let wasUp = isUp
        if code == RoomcallClient.replaced { store = nil }
        down(code: code)
        if let code, let reason = RoomcallClient.finalCodes[code] {
            return giveUp(reason)
        }
        if wasUp && lasted > pauses.patience { failures = 0 }
        connectLater(least: code == 4429 ? pauses.later : 0)
    }

    /// Closes what is left of the connection, and says that there is none.
    private func down(code: Int?) {
        heardSomething()
        connection?.close()
        connection = nil
        guard isUp else { return }
        isUp = false
        apply(.link(link: .down))
        app?.disconnected(code: code)
    }

    private func connectLater(least: Double) {
        guard !isOver else { return }
        isPauseFixed = least > 0
        let left = pauses.after(failures: failures, least: least)
        failures += 1
        pause = later(left) { client in
            client.pause = nil
            client.open()
        }
    }

    private func giveUp(_ reason: String) {
        isOver = true
        app?.over(reason: reason)
    }

    /// What a connection says. It counts as long as it is the newest one.
    @MainActor
    private final class Heard: RoomcallListener {
        private weak var client: RoomcallClient?

        init(client: RoomcallClient) { self.client = client }

        private var ours: RoomcallClient? {
            guard let client, client.listener === self else { return nil }
            return client
        }

        func opened() {
            guard let client = ours else { return }
            client.isUp = true
            client.app?.connected()
            client.apply(.link(link: .up))
        }

        func received(_ text: String) {
            guard let client = ours else { return }
            client.heardSomething()
            let handset = client.handset
            client.step { now in handset.receive(now: now, message: text) }
        }

        func closed(code: Int?) {
            guard let client = ours else { return }
            client.ended(code: code)
        }

        func refused(status: Int) {
            guard let client = ours else { return }
            client.listener = nil
            client.down(code: nil)
            let isLater = status == 408 || status == 429
            if (400..<500).contains(status) && !isLater {
                return client.giveUp("the server answers \(status)")
            }
            client.connectLater(least: isLater ? client.pauses.later : 0)
        }
    }
}

// MARK: - The platform's parts

/// Connections by `URLSessionWebSocketTask`.
public final class RoomcallWebSocket: NSObject, RoomcallTransport {
    private let url: URL
    private let token: () -> String

    /// `token` gives one that is valid now, each time.
    public init(url: URL, token: @escaping () -> String) {
        self.url = url
        self.token = token
    }

    @MainActor
    public func connect(listener: RoomcallListener) -> RoomcallConnection {
        var request = URLRequest(url: url, timeoutInterval: 10)
        request.setValue("Bearer \(token())", forHTTPHeaderField: "Authorization")
        return Socket(request: request, listener: listener)
    }

    @MainActor
    private final class Socket: NSObject, RoomcallConnection, URLSessionWebSocketDelegate {
        private let listener: RoomcallListener
        private var session: URLSession?
        private var task: URLSessionWebSocketTask?

        init(request: URLRequest, listener: RoomcallListener) {
            self.listener = listener
            super.init()
            let session = URLSession(configuration: .default, delegate: self, delegateQueue: .main)
            let task = session.webSocketTask(with: request)
            // A message of a server may be long, such as the snapshot of a user with many calls.
            task.maximumMessageSize = 16 * 1_024 * 1_024
            self.session = session
            self.task = task
            task.resume()
        }

        func send(_ text: String) {
            task?.send(.string(text)) { [weak self] error in
                guard error != nil else { return }
                DispatchQueue.main.async { self?.end { $0.closed(code: nil) } }
            }
        }

        func close() {
            task?.cancel(with: .normalClosure, reason: nil)
            session?.finishTasksAndInvalidate()
        }

        private func receive() {
            task?.receive { [weak self] result in
                DispatchQueue.main.async {
                    guard let self else { return }
                    if case .success(let message) = result {
                        if case .string(let text) = message { self.listener.received(text) }
                        self.receive()
                    }
                    // An error is followed by one of the functions below.
                }
            }
        }

        /// Says once that it is over.
        private func end(_ say: (RoomcallListener) -> Void) {
            guard let ended = session else { return }
            session = nil
            task?.cancel()
            ended.finishTasksAndInvalidate()
            say(listener)
        }

        nonisolated func urlSession(
            _ session: URLSession, webSocketTask: URLSessionWebSocketTask, didOpenWithProtocol: String?
        ) {
            MainActor.assumeIsolated {
                listener.opened()
                receive()
            }
        }

        nonisolated func urlSession(
            _ session: URLSession, webSocketTask: URLSessionWebSocketTask,
            didCloseWith closeCode: URLSessionWebSocketTask.CloseCode, reason: Data?
        ) {
            MainActor.assumeIsolated { end { $0.closed(code: closeCode.rawValue) } }
        }

        nonisolated func urlSession(
            _ session: URLSession, task: URLSessionTask, didCompleteWithError error: Error?
        ) {
            let status = (task.response as? HTTPURLResponse)?.statusCode
            MainActor.assumeIsolated {
                end { listener in
                    if let status, status >= 400 {
                        listener.refused(status: status)
                    } else {
                        listener.closed(code: nil)
                    }
                }
            }
        }
    }
}

/// The state in a file, behind the time of the wall clock. Its folder is made.
public final class RoomcallFileStore: RoomcallStore {
    private let url: URL

    public init(url: URL) { self.url = url }

    public func load() throws -> (state: Data, dead: UInt64?)? {
        guard FileManager.default.fileExists(atPath: url.path) else { return nil }
        let content = try Data(contentsOf: url)
        guard content.count > 8 else { throw CocoaError(.fileReadCorruptFile) }
        let stored = content.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let now = RoomcallFileStore.wall()
        return (Data(content.dropFirst(8)), now >= stored ? now - stored : nil)
    }

    public func store(_ state: Data) throws {
        let now = RoomcallFileStore.wall()
        let stored = (0..<8).map { UInt8(truncatingIfNeeded: now >> (56 - 8 * $0)) }
        // A push may come while the phone is locked, but not before it was unlocked once.
        let options: Data.WritingOptions = [.atomic, .completeFileProtectionUntilFirstUserAuthentication]
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try (Data(stored) + state).write(to: url, options: options)
    }

    private static func wall() -> UInt64 { UInt64(Date().timeIntervalSince1970 * 1_000) }
}
