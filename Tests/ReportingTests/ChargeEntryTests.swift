import Ledger
import Metering
import Reporting
import Testing
import Wire

@Suite struct `A charge as it arrives` {
    private func charges() throws -> [Charge] {
        var full = try Samples.charge(
            7,
            tokens: TokenCounts(
                uncachedInput: 1, cacheRead: 0, cacheWrite5m: 2, cacheWrite1h: 3, cacheWrite: 4, output: 5),
            reported: "0.25", computed: "0.5")
        full.call.scope.isSessionKnown = false
        full.call.provider = .anthropic
        full.call.attribution.caller = "lead"
        full.call.attribution.agentName = "Explore \"α\""
        full.call.attribution.project = "p"
        full.call.attribution.repository = "r"
        full.call.attribution.branch = "b"
        full.call.attribution.user = "u"
        full.call.attribution.team = "t"
        full.call.attribution.host = "h"
        full.call.attribution.ciRun = "ci/1"
        full.call.evidence.omitted = [.conflicting: 3]
        full.rating.isEstimated = true
        var retracted = try Samples.charge(8, quality: .aggregate)
        retracted.call.isRetracted = true
        var synthetic = try Samples.charge(9, model: nil)
        synthetic.rating.status = .notACall
        return [
            full, retracted, synthetic, try Samples.charge(10, reported: "1", quality: .aggregate),
            try Samples.charge(11, tokens: TokenCounts(output: 1), quality: .estimated),
        ]
    }

    @Test func `is read as the whole charge would be`() throws {
        for charge in try charges() {
            var writer = JSONWriter()
            writer.charge(charge)
            var reader = JSONReader(writer.bytes)
            #expect(try ChargeEntry(from: &reader) == ChargeEntry(charge))
        }
    }

    @Test(arguments: ["number", "key", "revision", "session", "event_time", "quality", "rating"])
    func `is refused without what the ledger needs`(member: String) throws {
        var writer = JSONWriter()
        writer.charge(try Samples.charge())
        let text = String(decoding: writer.bytes, as: UTF8.self)
        var reader = JSONReader(text.replacing("\"\(member)\":", with: "\"x\":"))
        #expect { _ = try ChargeEntry(from: &reader) } throws: { ($0 as? JSONError)?.member == member }
    }
}
