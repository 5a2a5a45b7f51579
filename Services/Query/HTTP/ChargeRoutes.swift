import Hummingbird
import Metering
import Reporting
import Wire

/// `/v1/charges`: the charges as they stand, whole; what repricing and what-if begin with.
struct ChargeRoutes: Sendable {
    let ledger: any LedgerReading
    let zone: ZoneOffsets

    func add(to router: some RouterMethods<BasicRequestContext>) {
        router.get("/v1/charges") { request, _ in try await charges(request) }
    }

    private func charges(_ request: Request) async throws -> Response {
        let wanted = try checked { () throws(RequestError) in
            try ChargeListRequest(request.parameters, defaultZone: zone, zone: TimeZones.offsets)
        }
        let (changes, last) = try await ledger.changes(of: wanted)
        var json = JSONWriter(capacity: 256 + changes.reduce(0) { $0 + $1.body.count })
        json.beginObject()
        json.member("v", 1)
        json.member("epoch", ledger.epoch)
        json.member("seq", last)
        json.key("charges")
        json.beginArray()
        for change in changes { json.raw(change.body[try Self.charge(in: change.body)]) }
        json.endArray()
        // Charges whose texts were removed because they were old cannot be listed; their figures are in the sums.
        json.key("removed")
        if let removed = try await ledger.removed() {
            json.object { json in
                json.member("changes", removed.count)
                json.member("before", removed.before.description)
            }
        } else {
            json.null()
        }
        json.key("next")
        if changes.count == wanted.limit, let last = changes.last { json.integer(last.number) } else { json.null() }
        json.endObject()
        return .json(json.bytes)
    }

    /// Where a change's charge lies.
    private static func charge(in change: [UInt8]) throws(JSONError) -> Range<Int> {
        var place: Range<Int>?
        var json = JSONReader(change)
        try json.object { key, json throws(JSONError) in
            guard case "charge" = key else { return try json.skip() }
            place = try json.raw()
        }
        guard let place else { throw JSONError(.missingMember, at: 0, member: "charge") }
        return place
    }
}
