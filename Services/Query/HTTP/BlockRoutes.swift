import Hummingbird
import Metering
import Reporting

/// `/v1/blocks`: usage by blocks of some hours, as usage windows of subscriptions are counted.
struct BlockRoutes: Sendable {
    let ledger: any LedgerReading
    let zone: ZoneOffsets
    let now: @Sendable () -> Timestamp

    func add(to router: some RouterMethods<BasicRequestContext>) {
        router.get("/v1/blocks") { request, _ in try await blocks(request) }
    }

    private func blocks(_ request: Request) async throws -> Response {
        let wanted = try checked { () throws(RequestError) in
            try BlockRequest(request.parameters, defaultZone: zone, zone: TimeZones.offsets)
        }
        let now = now()
        let (blocks, last) = try await ledger.blocks(wanted, at: now)
        return .json(BlockReport(wanted, blocks: blocks, now: now).json(epoch: ledger.epoch, sequence: last))
    }
}
