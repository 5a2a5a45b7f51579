import HTTPTypes
import Hummingbird
import Ledger
import Reporting
import ServiceLifecycle
import Wire

/// `/v1/changes`: the feed's changes from any number on, with the bytes that were published.
struct ChangeRoutes: Sendable {
    let ledger: any LedgerReading
    let head: LedgerHead

    func add(to router: some RouterMethods<BasicRequestContext>) {
        router.get("/v1/changes") { request, _ in try await changes(request) }
    }

    private func changes(_ request: Request) async throws -> Response {
        let parameters = request.parameters
        let (after, limit, wait, format) = try checked { () throws(RequestError) in
            try parameters.check(allowed: ["after", "limit", "wait", "format"])
            let isLinesWanted = request.headers[.accept]?.contains("application/x-ndjson") ?? false
            return (
                try parameters.integer("after", default: 0, in: 0...Int64.max),
                Int(try parameters.integer("limit", default: 1000, in: 1...10_000)),
                try parameters.integer("wait", default: 0, in: 0...30),
                try parameters.choice("format", default: isLinesWanted ? Format.ndjson : Format.json)
            )
        }
        try await refuseRemoved(after: after)
        let (changes, last) = try await page(after: after, limit: limit, until: .now + .seconds(wait))
        // Again, so that nothing removed meanwhile is passed over in silence.
        try await refuseRemoved(after: after)
        return switch format {
        case .json: document(changes, last)
        case .ndjson: lines(changes, last)
        case .cloudevents: try batch(changes, last)
        }
    }

    /// Tells a reader that asks for removed changes where to go on.
    private func refuseRemoved(after: Int64) async throws {
        if let removed = try await ledger.removed(), after < removed.through { throw Problem(removed) }
    }

    /// The first page with something in it; those of other tenants are passed over, and new ones waited for.
    private func page(
        after: Int64, limit: Int, until deadline: ContinuousClock.Instant
    ) async throws -> (changes: [[UInt8]], last: Int64) {
        var position = after
        while true {
            let rest = deadline - .now
            if rest > .zero, head.sequence <= position {
                let seen = position
                await cancelWhenGracefulShutdown { await head.wait(past: seen, atMost: rest) }
                try Task.checkCancellation()
            }
            let (page, last) = try await ledger.changes(after: position, limit: limit)
            let changes = page.filter { !$0.isEmpty }
            if !changes.isEmpty { return (changes, last) }
            position += Int64(page.count)
            // Nothing is left to pass over, and there is no time to wait, or nobody to wait for.
            if page.isEmpty, deadline <= .now || Task.isShuttingDownGracefully { return ([], last) }
        }
    }

    private enum Format: String, CaseIterable {
        case json, ndjson, cloudevents
    }

    private func document(_ changes: [[UInt8]], _ last: Int64) -> Response {
        var json = JSONWriter(capacity: 256 + changes.reduce(0) { $0 + $1.count + 1 })
        json.object { json in
            json.member("v", 1)
            json.member("epoch", ledger.epoch)
            json.member("last_seq", last)
            json.key("changes")
            json.array { json in
                for change in changes { json.raw(change) }
            }
        }
        return .json(json.bytes)
    }

    private func lines(_ changes: [[UInt8]], _ last: Int64) -> Response {
        var bytes: [UInt8] = []
        for change in changes {
            // A sender may have laid its JSON out; a line break in it can only be space between members.
            bytes += change.lazy.map { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") ? UInt8(ascii: " ") : $0 }
            bytes.append(UInt8(ascii: "\n"))
        }
        return marked(Response.json(bytes, type: "application/x-ndjson"), last)
    }

    private func batch(_ changes: [[UInt8]], _ last: Int64) throws -> Response {
        var json = JSONWriter(capacity: 256 + changes.reduce(0) { $0 + $1.count + 512 })
        json.beginArray()
        for change in changes { json.raw(try CloudEvent.json(change: change)) }
        json.endArray()
        return marked(Response.json(json.bytes, type: CloudEvent.batchMediaType), last)
    }

    /// Says in headers what the form has no place for.
    private func marked(_ response: Response, _ last: Int64) -> Response {
        var response = response
        if let epochField = HTTPField.Name("Tollbook-Epoch"), let lastField = HTTPField.Name("Tollbook-Last-Seq") {
            response.headers[epochField] = ledger.epoch
            response.headers[lastField] = "\(last)"
        }
        return response
    }
}
