import Foundation
import Logging
import Metering
import Pipeline
import Support
import Synchronization
import Wire

/// What stands where dedupe stands: the real receiving half, which applies in order and acknowledges.
final class Receiver: Sendable {
    let observations: String
    let watermarks: String
    private let received: Received
    private let task: Task<Void, any Error>

    private final class Received: Sendable {
        let events = Mutex<[[UInt8]]>([])
        let links = Mutex<(Link, Link)?>(nil)
    }

    private init(_ received: Received, _ links: (Link, Link), _ task: Task<Void, any Error>) {
        self.received = received
        self.task = task
        observations = links.0.description
        watermarks = links.1.description
    }

    /// Starts one, at free ports unless told.
    static func start(at endpoints: (String, String) = freeEndpoints()) async throws -> Receiver {
        let received = Received()
        let links = (try Link(.bind, endpoints.0), try Link(.bind, endpoints.1))
        let logger = Logger(label: "receiver") { _ in SwiftLogNoOpLogHandler() }
        let worker = StageWorker(name: "receiver", logger: logger) { environment in
            let inlet = try Inlet(Inlet.Settings(batches: links.0, watermarks: links.1), in: environment)
            received.links.withLock { $0 = (inlet.batches, inlet.watermarks) }
            return ReceivingStage(inlet: inlet) { events in received.events.withLock { $0 += events } }
        }
        let task = Task { try await worker.run() }
        while true {
            if let bound = received.links.withLock({ $0 }) { return Receiver(received, bound, task) }
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    /// Two endpoints at which nobody listens.
    static func freeEndpoints() -> (String, String) {
        let ports = FreePorts.take(2)
        return ("tcp://127.0.0.1:\(ports[0])", "tcp://127.0.0.1:\(ports[1])")
    }

    var count: Int { received.events.withLock { $0.count } }

    var events: [IngestEvent] { get throws { try events(from: 0) } }

    /// The events from one on, counted from 0.
    func events(from first: Int) throws -> [IngestEvent] {
        try received.events.withLock { $0[first...].map { $0 } }.map { text in
            var json = JSONReader(text)
            return try IngestEvent(from: &json)
        }
    }

    func stop() {
        task.cancel()
    }
}

private struct ReceivingStage: Stage, ~Copyable {
    var inlet: Inlet
    var windows: [StreamID: OrderedReceiveWindow] = [:]
    let apply: @Sendable ([[UInt8]]) -> Void

    init(inlet: consuming Inlet, apply: @escaping @Sendable ([[UInt8]]) -> Void) {
        self.inlet = inlet
        self.apply = apply
    }

    func register(in interests: inout Interests) {
        inlet.register(in: &interests)
    }

    mutating func turn(_ turn: Turn) throws -> NextTurn {
        let arrivals = try inlet.receive(clock: turn.clock)
        for arrival in arrivals.batches {
            var window = windows[arrival.stream] ?? OrderedReceiveWindow()
            let admission = window.admit(arrival.batch)
            apply(admission.applicable.joined().map { Array(arrival.batch.bytes($0)) })
            windows[arrival.stream] = window
            try inlet.acknowledge(arrival.stream, through: window.watermark, at: turn.now)
        }
        try inlet.rebroadcast(at: turn.now)
        return arrivals.isMoreLikely ? .immediately : .when(inlet.deadline)
    }
}
