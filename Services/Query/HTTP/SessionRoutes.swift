import Foundation
import Hummingbird
import Ledger
import Metering
import Reporting
import Wire

/// `/v1/sessions`, `/v1/sessions/{id}` and `/v1/calls/{key}`.
struct SessionRoutes: Sendable {
    let ledger: any LedgerReading
    let zone: ZoneOffsets

    func add(to router: some RouterMethods<BasicRequestContext>) {
        router.get("/v1/sessions") { request, _ in try await list(request) }
        router.get("/v1/sessions/**") { request, context in
            try await session(named: try name(in: request, context, after: "/v1/sessions/"), request)
        }
        router.get("/v1/calls/**") { request, context in
            try await call(CallKey(rawValue: try name(in: request, context, after: "/v1/calls/")))
        }
    }

    /// The rest of the path: names may hold slashes.
    private func name(in request: Request, _ context: some RequestContext, after prefix: String) throws -> String {
        let rest = request.uri.path.dropFirst(prefix.count)
        guard let name = String(rest).removingPercentEncoding, !name.isEmpty else {
            throw Problem(.badRequest, "the name in the path is not percent-encoded UTF-8")
        }
        return name
    }

    private func list(_ request: Request) async throws -> Response {
        let list = try checked { () throws(RequestError) in
            try SessionListRequest(request.parameters, defaultZone: zone, zone: TimeZones.offsets)
        }
        let (sessions, last) = try await ledger.sessions(list)
        var json = JSONWriter(capacity: 1024 + sessions.count * 512)
        json.object { json in
            json.member("v", 1)
            json.member("epoch", ledger.epoch)
            json.member("seq", last)
            json.member("cost", list.cost.rawValue)
            json.key("sessions")
            json.array { json in
                for session in sessions {
                    json.object { $0.members(of: session, cost: list.cost) }
                }
            }
            json.key("next_cursor")
            if sessions.count == list.limit, let last = sessions.last {
                json.string(SessionListRequest.Position(last).text)
            } else {
                json.null()
            }
        }
        return .json(json.bytes)
    }

    private func session(named name: String, _ request: Request) async throws -> Response {
        let parameters = request.parameters
        let (cost, limit) = try checked { () throws(RequestError) in
            try parameters.check(allowed: ["cost", "limit"])
            return (
                try parameters.choice("cost", default: CostMode.auto),
                Int(try parameters.integer("limit", default: 1000, in: 0...10_000))
            )
        }
        let (sessions, last) = try await ledger.sessions(named: name)
        guard !sessions.isEmpty else { throw Problem(.notFound, "no session of this name is in the ledger") }
        let records = RecordCollector()
        _ = try await ledger.charges(since: nil, until: nil, session: name) { records.append($0) }
        // Names are looked up with upper and lower case alike; this page is about one spelling.
        let standing = records.all.filter { $0.session == name && $0.facts.marks.contains(.counted) }
            .sorted { ($0.eventTime, $0.number) < ($1.eventTime, $1.number) }
        let newest = standing.suffix(limit)
        let changes = try await ledger.changes(numbered: newest.map(\.sequence))
        var json = JSONWriter(capacity: 4096 + changes.count * 1024)
        json.object { json in
            json.member("v", 1)
            json.member("epoch", ledger.epoch)
            json.member("seq", last)
            json.member("cost", cost.rawValue)
            json.key("sessions")
            json.array { json in
                for session in sessions { json.object { $0.members(of: session, cost: cost) } }
            }
            json.member("charges", Int64(standing.count))
            // Those whose texts were removed because they were old; their figures are in the sums.
            json.member("removed", Int64(newest.count - changes.count))
            json.key("changes")
            json.array { json in
                for change in changes { json.raw(change) }
            }
        }
        return .json(json.bytes)
    }

    private func call(_ key: CallKey) async throws -> Response {
        do {
            guard let (explanation, last) = try await ledger.explanation(of: key) else {
                throw Problem(
                    .notFound, "no call of this key is in the ledger; keys look like anthropic:req:req_011CZx")
            }
            return .json(explanation.json(epoch: ledger.epoch, sequence: last))
        } catch is ChargeTextRemoved {
            throw Problem(
                .gone, "this call counts in every total, but what it was told by was removed because it was old")
        }
    }
}
