// What a handset shows, as calls of CallKit, and the handler of PushKit.
//
// No compiler of Swift has seen this file: the machines of the project have none. Its tests read its text only.

import AVFAudio
import CallKit
import Foundation
import PushKit

/// Brings what a handset shows to CallKit. All else goes to `app`.
///
/// Since iOS 13 an app that does not report a call to CallKit in the handler of a VoIP push is ended, and gets no
/// more of them. So each push leads to one `reportNewIncomingCall` before the handler returns: of the call that
/// it shows (D-29), or of one that is ended at once, with the reason of the `report`; and where the push says nothing
/// that this version knows, of one that failed.
@MainActor
public final class CallKitAdapter: NSObject, RoomcallApp {
    /// Set it before the first push may come: in `application(_:didFinishLaunchingWithOptions:)`.
    public var client: RoomcallClient?
    /// Gets the token for pushes, in hexadecimal, whenever it changes: the backend needs it.
    public var onToken: ((String) -> Void)?
    /// The person hangs up an active call in CallKit's own screen, by its attempt: leave its room, and state `inRoom(nil)`
    /// once the server knows it.
    public var onHangUp: ((UInt64) -> Void)?
    /// The system has given the app the audio session of a call: start the audio only now.
    public var onAudioActivated: ((AVAudioSession) -> Void)?
    /// The system has taken it away: stop the audio.
    public var onAudioDeactivated: ((AVAudioSession) -> Void)?
    private let app: RoomcallApp
    private let provider: CXProvider
    private let controller = CXCallController()
    private let registry = PKPushRegistry(queue: .main)
    /// The person's action that waits for the switchboard, by attempt.
    private var answers: [UInt64: CXAnswerCallAction] = [:]
    /// The calls that CallKit shows, by id.
    private var attempts: [UUID: UInt64] = [:]
    /// The calls that go on here, in the room, by id.
    private var active: [UUID: UInt64] = [:]
    /// How many calls the present push has reported.
    private var reported = 0
    /// What CallKit calls at the end of the present push.
    private var completion: (() -> Void)?

    /// `configuration` has the icon and the ringtone. `app` shows the rest, and joins rooms.
    public init(configuration: CXProviderConfiguration, app: RoomcallApp) {
        self.app = app
        provider = CXProvider(configuration: configuration)
        super.init()
        provider.setDelegate(self, queue: nil)
    }

    /// Asks for VoIP pushes. Call it once `client` is set.
    public func start() {
        registry.delegate = self
        registry.desiredPushTypes = [.voIP]
    }

    /// The call of the room that this device left is over.
    public func left(attempt: UInt64) {
        let id = CallKitAdapter.id(of: attempt)
        if active.removeValue(forKey: id) != nil {
            request(CXEndCallAction(call: id))
        }
    }

    /// The same call has the same id, in the next process, too.
    static func id(of attempt: UInt64) -> UUID {
        var bytes: [UInt8] = [0x72, 0x6f, 0x6f, 0x6d, 0x63, 0x61, 0x4c, 0x6c]
        bytes += (0..<8).map { UInt8(truncatingIfNeeded: attempt >> (56 - 8 * $0)) }
        return NSUUID(uuidBytes: bytes) as UUID
    }

    // MARK: What the handset says

    public func show(call: IncomingCall, stage: Stage, timeLeft: UInt64?, isNews: Bool) {
        let id = CallKitAdapter.id(of: call.attempt)
        attempts[id] = call.attempt
        report(call, as: id)
        app.show(call: call, stage: stage, timeLeft: timeLeft, isNews: isNews)
    }

    public func report(call: IncomingCall, why: ReportReason) {
        if let reason = reportCallkitReason(why: why) {
            // To CallKit it is another call than one that was answered or rejected here.
            let id = UUID()
            report(call, as: id)
            provider.reportCall(with: id, endedAt: nil, reason: CallKitAdapter.ended(reason))
        } else {
            // It is on the screen: CallKit says that it knows the call, and that counts.
            report(call, as: CallKitAdapter.id(of: call.attempt))
        }
        app.report(call: call, why: why)
    }

    public func dismiss(attempt: UInt64, why: Dismissal) {
        let id = CallKitAdapter.id(of: attempt)
        let answer = answers.removeValue(forKey: attempt)
        let isShown = attempts.removeValue(forKey: id) != nil
        if let reason = callkitReason(why: why) {
            answer?.fail()
            provider.reportCall(with: id, endedAt: nil, reason: CallKitAdapter.ended(reason))
        } else if case .answeredHere = why {
            active[id] = attempt
            if let answer {
                answer.fulfill()
            } else if isShown {
                // It was answered on a screen of the app's own.
                request(CXAnswerCallAction(call: id))
            }
        } else if isShown {
            answer?.fail()
            // It was rejected or hidden on a screen of the app's own; of an action of CallKit's, CallKit knows.
            request(CXEndCallAction(call: id))
        }
        app.dismiss(attempt: attempt, why: why)
    }

    public func update(attempt: UInt64, stage: Stage) { app.update(attempt: attempt, stage: stage) }

    public func learned(attempt: UInt64, roomId: String, caller: String, why: Dismissal) {
        app.learned(attempt: attempt, roomId: roomId, caller: caller, why: why)
    }

    public func join(roomId: String) { app.join(roomId: roomId) }

    public func progress(roomId: String, callee: String, attempt: UInt64?, progress: Progress) {
        app.progress(roomId: roomId, callee: callee, attempt: attempt, progress: progress)
    }

    public func listed(callee: String, caller: String, attempt: UInt64, status: CallStatus) {
        app.listed(callee: callee, caller: caller, attempt: attempt, status: status)
    }

    public func unlisted(callee: String, attempt: UInt64) { app.unlisted(callee: callee, attempt: attempt) }

    public func logged(entry: LogEntry, isNews: Bool) { app.logged(entry: entry, isNews: isNews) }

    public func seen(upTo: UInt64) { app.seen(upTo: upTo) }

    public func answered(requestId: UInt64, result: RequestResult) {
        app.answered(requestId: requestId, result: result)
    }

    public func notSent(command: Command, why: NotSentReason) { app.notSent(command: command, why: why) }

    public func connected() { app.connected() }

    public func disconnected(code: Int?) { app.disconnected(code: code) }

    public func over(reason: String) { app.over(reason: reason) }

    public func failed(_ error: Error) { app.failed(error) }

    // MARK: CallKit

    /// Reports a call. The first one of a push ends its handler.
    private func report(_ call: IncomingCall, as id: UUID) {
        let update = CXCallUpdate()
        update.remoteHandle = CXHandle(type: .generic, value: call.caller)
        update.supportsHolding = false
        update.supportsGrouping = false
        update.supportsUngrouping = false
        update.supportsDTMF = false
        reported += 1
        let completion = self.completion
        self.completion = nil
        provider.reportNewIncomingCall(with: id, update: update) { [weak self] error in
            DispatchQueue.main.async {
                self?.isRefused(id, error)
                completion?()
            }
        }
    }

    /// CallKit shows no call while the phone does not want to be disturbed: it is silent on this device then.
    private func isRefused(_ id: UUID, _ error: Error?) {
        guard let error = error as? CXErrorCodeIncomingCallError, error.code != .callUUIDAlreadyExists else { return }
        if let attempt = attempts[id] {
            client?.tap(.silence(attempt: attempt))
        }
    }

    private func request(_ action: CXAction) {
        controller.request(CXTransaction(action: action)) { [weak self] error in
            guard let error else { return }
            DispatchQueue.main.async { self?.app.failed(error) }
        }
    }

    static func ended(_ reason: CallKitReason) -> CXCallEndedReason {
        switch reason {
        case .failed: return .failed
        case .remoteEnded: return .remoteEnded
        case .unanswered: return .unanswered
        case .answeredElsewhere: return .answeredElsewhere
        case .declinedElsewhere: return .declinedElsewhere
        }
    }
}

extension CallKitAdapter: CXProviderDelegate {
    nonisolated public func providerDidReset(_ provider: CXProvider) {
        MainActor.assumeIsolated {
            let ended = active.values
            answers = [:]
            attempts = [:]
            active = [:]
            // To CallKit all calls are over.
            for attempt in ended { onHangUp?(attempt) }
        }
    }

    nonisolated public func provider(_ provider: CXProvider, perform action: CXAnswerCallAction) {
        MainActor.assumeIsolated {
            guard let attempt = attempts[action.callUUID] else {
                // The handset has said already what became of the answer.
                return active[action.callUUID] != nil ? action.fulfill() : action.fail()
            }
            answers[attempt] = action
            client?.tap(.accept(attempt: attempt))
        }
    }

    nonisolated public func provider(_ provider: CXProvider, perform action: CXEndCallAction) {
        MainActor.assumeIsolated {
            if let attempt = active.removeValue(forKey: action.callUUID) {
                onHangUp?(attempt)
            } else if let attempt = attempts.removeValue(forKey: action.callUUID) {
                client?.tap(.reject(attempt: attempt, reason: .rejected))
            }
            action.fulfill()
        }
    }

    nonisolated public func provider(_ provider: CXProvider, didActivate audioSession: AVAudioSession) {
        MainActor.assumeIsolated { onAudioActivated?(audioSession) }
    }

    nonisolated public func provider(_ provider: CXProvider, didDeactivate audioSession: AVAudioSession) {
        MainActor.assumeIsolated { onAudioDeactivated?(audioSession) }
    }

    nonisolated public func provider(_ provider: CXProvider, timedOutPerforming action: CXAction) {
        MainActor.assumeIsolated {
            // There is no connection, or it is slow. The handset goes on trying, until the call's deadline.
            answers = answers.filter { $0.value.uuid != action.uuid }
        }
    }
}

extension CallKitAdapter: PKPushRegistryDelegate {
    nonisolated public func pushRegistry(
        _ registry: PKPushRegistry, didUpdate credentials: PKPushCredentials, for type: PKPushType
    ) {
        let token = credentials.token.map { String(format: "%02x", $0) }.joined()
        MainActor.assumeIsolated { onToken?(token) }
    }

    nonisolated public func pushRegistry(
        _ registry: PKPushRegistry, didReceiveIncomingPushWith payload: PKPushPayload, for type: PKPushType,
        completion: @escaping () -> Void
    ) {
        let fields = CallKitAdapter.fields(payload.dictionaryPayload)
        MainActor.assumeIsolated {
            reported = 0
            self.completion = completion
            client?.push(fields: fields)
            if reported == 0 {
                // Nothing that this version knows, or nobody is signed in: a call is demanded all the same.
                let caller = fields["caller"] ?? ""
                let call = IncomingCall(attempt: 0, roomId: "", caller: caller, extensionInfo: "")
                let id = UUID()
                report(call, as: id)
                provider.reportCall(with: id, endedAt: nil, reason: .failed)
            }
        }
    }

    /// The object `roomcall` of a payload, its values as texts, without those that are null.
    nonisolated static func fields(_ payload: [AnyHashable: Any]) -> [String: String] {
        let object = payload["roomcall"] as? [String: Any] ?? [:]
        return object.compactMapValues { value in
            switch value {
            case is NSNull: return nil
            case let text as String: return text
            case let number as NSNumber: return number.stringValue
            default: return nil
            }
        }
    }
}
