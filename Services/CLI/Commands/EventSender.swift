import Console
import Glibc
import LocalHTTP
import Metering

/// Why ingest does not take some events.
struct EventRefusal: Error, CustomStringConvertible {
    /// The status that it answered.
    let status: Int
    /// What it said.
    let message: String

    /// Whether it answers the same however often it is asked: it cannot read them, or they are too many for it.
    var isPermanent: Bool { [400, 413, 422].contains(status) }

    var description: String { "ingest refused the events (\(status)): \(message)" }
}

/// Sends events to ingest, some at a time, and waits until they are safe there.
struct EventSender: ~Copyable {
    /// How many events are one request.
    static let requestEvents = 2048
    /// How long a busy ingest is waited for.
    static let patience = Duration.seconds(120)
    /// How long one that was there and is gone is waited for, from when it went.
    static let restartTime = Duration.seconds(60)

    /// How many events are safe.
    private(set) var sent = 0
    private var connection: HTTPConnection
    private var lines: [UInt8] = []
    private var waiting = 0
    private let patience: Duration
    /// Whether an ingest was there at all: one that is gone since is being started again.
    private var wasReached = false

    init(to address: HTTPAddress, timeout: Duration = .seconds(60), patience: Duration = Self.patience) {
        connection = HTTPConnection(to: address, timeout: timeout)
        self.patience = patience
    }

    /// Takes an event; sends when enough wait.
    mutating func add(_ event: IngestEvent) throws {
        lines += event.json
        lines.append(UInt8(ascii: "\n"))
        waiting += 1
        if waiting >= Self.requestEvents { try flush() }
    }

    /// Sends what waits.
    mutating func flush() throws {
        guard waiting > 0 else { return }
        try post(lines)
        sent += waiting
        waiting = 0
        lines.removeAll(keepingCapacity: true)
    }

    /// Sends lines of events.
    mutating func post(_ lines: [UInt8]) throws {
        let deadline = ContinuousClock.now + patience
        var returning: ContinuousClock.Instant?
        while true {
            let response: HTTPResponse
            do throws(HTTPFailure) {
                response = try connection.send(.post("/v1/events", "application/x-ndjson", lines))
            } catch {
                if error == .connectionLost { wasReached = true }
                // It may have held the request for long before it went.
                let now = ContinuousClock.now
                let end = returning ?? now + min(patience, Self.restartTime)
                returning = end
                guard wasReached, error.isOfRestart, now < end else { throw error }
                sleep(1)
                continue
            }
            (wasReached, returning) = (true, nil)
            switch response.status {
            case 200..<300: return
            case 429, 503:
                guard ContinuousClock.now < deadline else {
                    throw Failure("ingest stayed busy (\(response.status)); try again later, nothing counts twice")
                }
                let seconds = response.header("retry-after").flatMap { UInt32($0) } ?? 1
                sleep(min(max(seconds, 1), 30))
            case 404:
                throw Failure("\(connection.address) is no ingest of this release; bring both to the same release")
            default:
                let message = ProblemText.message(of: response.body, status: response.status)
                throw EventRefusal(status: response.status, message: message)
            }
        }
    }
}

extension HTTPFailure {
    /// Whether it is what a client sees of a service that is started again.
    fileprivate var isOfRestart: Bool {
        switch self {
        case .connectionLost, .unreachable: true
        case .unknownHost, .timedOut, .malformedResponse, .unusableKey: false
        }
    }
}
