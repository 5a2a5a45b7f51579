import Hummingbird
import Reporting
import Synchronization

/// `/v1/drift`: reported against computed cost, by day and model.
struct DriftRoutes: Sendable {
    let ledger: any LedgerReading
    let zone: ZoneOffsets

    func add(to router: some RouterMethods<BasicRequestContext>) {
        router.get("/v1/drift") { request, _ in try await drift(request) }
    }

    private func drift(_ request: Request) async throws -> Response {
        let wanted = try checked { () throws(RequestError) in
            try DriftRequest(request.parameters, defaultZone: zone, zone: TimeZones.offsets)
        }
        let drift = Mutex(Drift(wanted))
        let last = try await ledger.charges(since: wanted.since, until: wanted.until, session: nil) { records in
            drift.withLock { drift in
                for record in records { drift.add(record) }
            }
        }
        return .json(drift.withLock { $0 }.json(epoch: ledger.epoch, sequence: last))
    }
}
