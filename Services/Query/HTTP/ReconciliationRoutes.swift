import Hummingbird
import Metering
import Reporting
import Wire

/// `/v1/reconciliation`: what became of everything that was said about each session.
struct ReconciliationRoutes: Sendable {
    let ledger: any LedgerReading

    func add(to router: some RouterMethods<BasicRequestContext>) {
        router.get("/v1/reconciliation") { request, _ in try await list(request) }
    }

    private func list(_ request: Request) async throws -> Response {
        let list = try checked { () throws(RequestError) in try ReconciliationRequest(request.parameters) }
        let (records, last) = try await ledger.reconciliations(list)
        if records.isEmpty, list.after == nil, let session = list.session {
            throw Problem(
                .notFound,
                "nothing is known of session \(session) yet; what channels say is compared some seconds after it arrives"
            )
        }
        var json = JSONWriter(capacity: 1024 + records.count * 1024)
        json.object { json in
            json.member("v", 1)
            json.member("epoch", ledger.epoch)
            json.member("seq", last)
            json.key("reconciliations")
            json.array { json in
                for record in records {
                    // The record's own object, a member longer.
                    json.raw(record.body.dropLast())
                    json.member("recorded_time", record.recorded.description)
                    json.endObject()
                }
            }
            json.key("next_cursor")
            if records.count == list.limit, let last = records.last {
                json.string(ReconciliationRequest.Position(recorded: last.recorded, id: last.id).text)
            } else {
                json.null()
            }
        }
        return .json(json.bytes)
    }
}
