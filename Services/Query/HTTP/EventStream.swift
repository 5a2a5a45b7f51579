import Hummingbird
import Metering
import Reporting
import ServiceLifecycle
import Synchronization
import Wire

/// Changes written to one reader for as long as it listens.
///
/// Nothing is queued for a reader: what it has not taken yet is read from the ledger when it does. One that is slower than
/// the stream allows is told so, with the number to go on after; one that takes nothing at all is cut off.
struct EventStream: Sendable {
    /// Bounds of a stream.
    struct Pace: Sendable {
        /// How long nothing may be said before a heartbeat is.
        var heartbeat: Duration = .seconds(5)
        /// How long one page may take to be taken before the stream is ended.
        var slow: Duration = .seconds(10)
        /// How long the reader may take nothing before it is cut off.
        var stalled: Duration = .seconds(30)
        /// The most changes of a page.
        var page = 256
        /// The most streams at a time.
        var maximumStreams = 2000
    }

    let ledger: any LedgerReading
    let head: LedgerHead
    let form: ChangeForm
    let pace: Pace
    /// Whether the reader may still listen.
    var isAllowed: @Sendable () -> Bool = { true }

    /// Writes what follows a change until the reader leaves, is too slow, or the service ends.
    func run(from start: Int64, _ writer: any ResponseBodyWriter) async throws {
        let outlet = Outlet(writer)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await write(from: start, to: outlet) }
            group.addTask { try await watch(outlet) }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func write(from start: Int64, to outlet: Outlet) async throws {
        var position = start
        var opening = ServerSentEvents()
        opening.add(retryMilliseconds: 1000)
        opening.add("welcome", epoch: ledger.epoch, sequence: max(head.sequence, 0))
        try await outlet.write(opening.bytes)
        while true {
            if Task.isShuttingDownGracefully { return try await end("shutdown", after: position, outlet) }
            guard isAllowed() else { return try await end("revoked", after: position, outlet) }
            let changes = try await page(after: position)
            if let removed = try await removed(after: position, changes) {
                position = removed.through
                try await outlet.write(Self.event(removed))
                continue
            }
            guard !changes.isEmpty else {
                try await wait(after: position, outlet)
                continue
            }
            var events = ServerSentEvents(capacity: changes.reduce(0) { $0 + $1.count + 64 })
            for change in changes {
                position += 1
                // Nothing stands in the place of another tenant's change; its number passes by.
                if !change.isEmpty { events.add("change", number: position, data: try form.text(change)) }
            }
            guard !events.bytes.isEmpty else { continue }
            let begin = ContinuousClock.now
            try await outlet.write(events.bytes)
            if ContinuousClock.now - begin > pace.slow { return try await end("slow", after: position, outlet) }
        }
    }

    private func page(after position: Int64) async throws -> [[UInt8]] {
        if let recent = head.changes(after: position, limit: pace.page) { return ledger.visible(recent) }
        return try await ledger.changes(after: position, limit: pace.page).changes
    }

    /// What of a page is missing because it was old; a page that is whole needs no question.
    private func removed(after position: Int64, _ page: [[UInt8]]) async throws -> RemovedChanges? {
        guard page.contains(where: \.isEmpty), let removed = try await ledger.removed() else { return nil }
        return position < removed.through ? removed : nil
    }

    private static func event(_ removed: RemovedChanges) -> [UInt8] {
        var json = JSONWriter(capacity: 128)
        json.object { json in
            json.member("v", 1)
            json.member("seq", removed.through)
            json.member("before", removed.before.description)
            json.member("snapshot", "/v1/charges")
        }
        var events = ServerSentEvents()
        events.add("removed", number: removed.through, data: json.bytes)
        return events.bytes
    }

    private func wait(after position: Int64, _ outlet: Outlet) async throws {
        await cancelWhenGracefulShutdown { await head.wait(past: position, atMost: pace.heartbeat) }
        try Task.checkCancellation()
        guard head.sequence <= position else { return }
        var events = ServerSentEvents()
        events.add("heartbeat", epoch: ledger.epoch, sequence: head.sequence)
        try await outlet.write(events.bytes)
    }

    /// Says why the stream ends and where to go on.
    private func end(_ reason: String, after position: Int64, _ outlet: Outlet) async throws {
        var events = ServerSentEvents()
        events.add("end", epoch: ledger.epoch, sequence: position, reason: reason)
        try await outlet.write(events.bytes)
        try await outlet.finish()
    }

    private func watch(_ outlet: Outlet) async throws {
        while true {
            try await Task.sleep(for: pace.stalled / 8)
            if let since = outlet.pendingSince, ContinuousClock.now - since > pace.stalled { throw ReaderStalled() }
        }
    }
}

/// A reader took nothing for too long.
struct ReaderStalled: Error {}

/// A response's writer, with the time since when a write waits.
private final class Outlet: @unchecked Sendable {
    // Only the task that writes touches the writer; the watching task reads the time.
    private var writer: any ResponseBodyWriter
    private let pending = Mutex<ContinuousClock.Instant?>(nil)

    init(_ writer: any ResponseBodyWriter) {
        self.writer = writer
    }

    var pendingSince: ContinuousClock.Instant? { pending.withLock { $0 } }

    func write(_ bytes: [UInt8]) async throws {
        pending.withLock { $0 = .now }
        defer { pending.withLock { $0 = nil } }
        try await writer.write(ByteBuffer(bytes: bytes))
    }

    func finish() async throws {
        try await writer.finish(nil)
    }
}
