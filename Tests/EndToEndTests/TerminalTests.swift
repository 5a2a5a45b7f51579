import Foundation
import Ledger
import LocalHTTP
import Metering
import Supervision
import Support
import Testing

extension EndToEndTests {
    /// What people do at a terminal.
    @Suite struct TerminalTests {
        @Test func `live follows a service that goes and comes, and gives the terminal back however it ends`() throws {
            let services = try RunningServices(services: [.query])
            defer { services.shutDown() }
            let now = Int64(Date().timeIntervalSince1970)
            let charges = (1...40 as ClosedRange<Int64>).map { number in
                var call = Call(
                    number: number, key: CallKey(space: "test", kind: .request, value: "\(number)"), revision: 1,
                    reason: .first,
                    scope: Scope(tenant: "default", harness: Harness(rawValue: "claude-code"), session: "s1"),
                    eventTime: Timestamp(seconds: now - 40 + number),
                    tokens: TokenCounts(uncachedInput: 1000, output: 10), quality: .exact)
                call.model = "claude-opus-4-6"
                return Charge(call: call, rating: Rating(status: .priced, cost: Amount(dollars: "0.01")))
            }
            try services.store(charges, stream: "4dc3a0a2-6a60-4e0e-9d10-7e4b8f7f1c01")
            let run = try Command(
                EndToEndTests.python,
                [
                    "-B", try EndToEndTests.script("run_live.py"), RunningServices.productsFolder + "/tollbook",
                    services.query.description, "\(FreePorts.take(1)[0])",
                ])
            #expect(run.status == 0, "\(run.output)\(run.errors)")
        }
    }
}
