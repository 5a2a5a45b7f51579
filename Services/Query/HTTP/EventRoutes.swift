import Access
import HTTPTypes
import Hummingbird
import Ledger
import Reporting
import Synchronization

/// `/v1/events`: changes as server-sent events, from any number on and then as they happen.
struct EventRoutes: Sendable {
    let ledger: any LedgerReading
    let head: LedgerHead
    let pace: EventStream.Pace
    /// The keys in force; `nil` where none are asked for.
    let keys: KeyRing?
    private let streams: StreamCount

    init(
        ledger: any LedgerReading, head: LedgerHead, keys: KeyRing? = nil, pace: EventStream.Pace = EventStream.Pace()
    ) {
        self.keys = keys
        self.ledger = ledger
        self.head = head
        self.pace = pace
        streams = StreamCount()
    }

    func add(to router: some RouterMethods<BasicRequestContext>) {
        router.get("/v1/events") { request, _ in try await events(request) }
    }

    private func events(_ request: Request) async throws -> Response {
        let parameters = request.parameters
        let (after, form) = try checked { () throws(RequestError) in
            try parameters.check(allowed: ["after", "format"])
            return (
                try Self.position(parameters, request.headers),
                try parameters.choice("format", default: ChangeForm.json)
            )
        }
        guard streams.enter(atMost: pace.maximumStreams) else {
            throw Problem(.serviceUnavailable, "there are \(pace.maximumStreams) live streams already; try again later")
        }
        let start: Int64
        do {
            if let after { start = after } else { start = try await ledger.lastSequence() }
        } catch {
            streams.leave()
            throw error
        }
        let lease = StreamLease(streams)
        let stream = EventStream(
            ledger: ledger, head: head, form: form, pace: pace, isAllowed: Self.permission(keys, AccessGrant.current))
        return Response(
            status: .ok,
            headers: [
                .contentType: "text/event-stream", Self.accelBuffering: "no", .cacheControl: "no-store",
            ],
            body: ResponseBody { writer in
                defer { lease.end() }
                try await stream.run(from: start, writer)
            })
    }

    /// Whether a reader may still listen: a key that is taken back ends its streams.
    private static func permission(_ keys: KeyRing?, _ grant: AccessGrant?) -> @Sendable () -> Bool {
        guard let keys, let grant else { return { true } }
        return { keys.upholds(grant) }
    }

    private static let accelBuffering = HTTPField.Name("X-Accel-Buffering") ?? .cacheControl

    /// Where a reader goes on: what it names when it comes back, else what it asked for; `nil` for the present.
    private static func position(
        _ parameters: RequestParameters, _ headers: HTTPFields
    ) throws(RequestError) -> Int64? {
        if let name = HTTPField.Name("Last-Event-ID"), let text = headers[name], !text.isEmpty {
            guard let number = Int64(text), number >= 0, "\(number)" == text else {
                throw RequestError("Last-Event-ID", "must be the id of an event of this stream")
            }
            return number
        }
        guard parameters["after"] != nil else { return nil }
        return try parameters.integer("after", default: 0, in: 0...Int64.max)
    }
}

/// How a change is written.
enum ChangeForm: String, CaseIterable, Sendable {
    /// As the feed publishes it.
    case json
    /// As a CloudEvent.
    case cloudevents

    /// The text of a change.
    func text(_ change: [UInt8]) throws -> [UInt8] {
        switch self {
        case .json: change
        case .cloudevents: try CloudEvent.json(change: change)
        }
    }
}

/// How many streams are open.
final class StreamCount: Sendable {
    private let count = Mutex(0)

    func enter(atMost limit: Int) -> Bool {
        count.withLock { count in
            guard count < limit else { return false }
            count += 1
            return true
        }
    }

    func leave() {
        count.withLock { $0 -= 1 }
    }
}

/// One stream's place, given back once: when the stream ends, or when its response is dropped unread.
final class StreamLease: Sendable {
    private let streams: StreamCount
    private let isHeld = Mutex(true)

    init(_ streams: StreamCount) {
        self.streams = streams
    }

    func end() {
        let wasHeld = isHeld.withLock { held in
            defer { held = false }
            return held
        }
        if wasHeld { streams.leave() }
    }

    deinit { end() }
}
