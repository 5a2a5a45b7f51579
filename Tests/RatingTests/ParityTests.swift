import Ledger
import Metering
import PriceSheets
import Rating
import Testing

@Suite struct ParityTests {
    /// Prices a case; what it costs as decimal text, or the reason why it has no price.
    private static func cost(_ parityCase: ParityCase, _ rater: inout Rater) -> String {
        var total = AmountTotal.zero
        for quote in rater.quote(steps: parityCase.requests()) {
            guard quote.status == .priced || quote.status == .free else { return quote.reason?.rawValue ?? "" }
            total += quote.cost
        }
        return total.description
    }

    private static func differences(
        _ file: String, expecting expected: (ParityCase) -> String?
    ) throws -> (checked: Int, differences: [String]) {
        var rater = Rater(book: PriceBook(layers: [try PriceSheets.embedded()]))
        var differences: [String] = []
        var checked = 0
        for parityCase in try ParityCase.read(file) {
            guard let wanted = expected(parityCase) else { continue }
            checked += 1
            let found = cost(parityCase, &rater)
            if found != wanted { differences.append("\(parityCase.testDescription): \(found), not \(wanted)") }
        }
        return (checked, differences)
    }

    @Test func `every case whose truth the vendor publishes costs exactly that`() throws {
        let (checked, differences) = try Self.differences("parity_truth") { $0.expected }
        #expect(checked == 32)
        #expect(differences.isEmpty, "\(differences.joined(separator: "\n"))")
    }

    @Test func `every case on which both catalogues agree costs exactly that`() throws {
        let (checked, differences) = try Self.differences("parity_litellm") { $0.agrees == true ? $0.expected : nil }
        #expect(checked == 698)
        #expect(differences.isEmpty, "\(differences.joined(separator: "\n"))")
    }

    @Test func `where the catalogues differ the side that is right is kept`() throws {
        let (checked, differences) = try Self.differences("parity_litellm") { $0.agrees == false ? $0.rightCost : nil }
        #expect(checked == 79)
        #expect(differences.isEmpty, "\(differences.joined(separator: "\n"))")
    }

    @Test func `what only LiteLLM lists costs what it says`() throws {
        let (checked, differences) = try Self.differences("parity_litellm") { $0.agrees == nil ? $0.expected : nil }
        #expect(checked == 117)
        #expect(differences.isEmpty, "\(differences.joined(separator: "\n"))")
    }

    @Test func `every case of genai-prices costs what it says`() throws {
        let (checked, differences) = try Self.differences("parity_genai_prices") { $0.expected }
        #expect(checked == 853)
        #expect(differences.isEmpty, "\(differences.joined(separator: "\n"))")
    }
}
