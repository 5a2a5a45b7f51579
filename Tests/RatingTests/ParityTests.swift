import Foundation
import Ledger
import Metering
import PriceSheets
import Rating
import Testing

@Suite struct ParityTests {
    /// Cases in which a catalogue is wrong and nothing in the file says so, with the reason.
    private static let exceptions: [String: String] = [
        "G0939": "Bedrock charges the long-context tier of Sonnet 4; genai-prices has no tier on this entry",
        "G1044": "Bedrock charges the tier over 272,000 tokens of GPT-5.4; genai-prices has no tier on this entry",
    ]

    /// Prices a case: what it costs as decimal text, or the status it has without a price.
    private static func cost(_ parityCase: ParityCase, _ rater: inout Rater) -> String {
        var total = AmountTotal.zero
        for quote in rater.quote(steps: parityCase.requests()) {
            guard quote.status == .priced || quote.status == .free else { return quote.status.rawValue }
            total += quote.cost
        }
        return total.description
    }

    private static func differences(
        _ file: String, expecting expected: (ParityCase) -> String?
    ) throws -> (checked: Int, differences: [String]) {
        try differences(try ParityCase.read(file), expecting: expected)
    }

    private static func differences(
        _ cases: [ParityCase], expecting expected: (ParityCase) -> String?
    ) throws -> (checked: Int, differences: [String]) {
        var rater = Rater(book: PriceBook(list: try PriceSheets.embedded()))
        var differences: [String] = []
        var checked = 0
        for parityCase in cases {
            guard let wanted = expected(parityCase) else { continue }
            checked += 1
            let found = cost(parityCase, &rater)
            if (found == wanted) != (exceptions[parityCase.id] == nil) {
                differences.append("\(parityCase.testDescription): \(found), not \(wanted)")
            }
        }
        return (checked, differences)
    }

    @Test func `every case whose truth the vendor publishes costs exactly that`() throws {
        let (checked, differences) = try Self.differences("parity_truth") { $0.expected ?? $0.expectedStatus }
        #expect(checked == 36)
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

    @Test func `every case of genai-prices costs what it says, but for the listed exceptions`() throws {
        let (checked, differences) = try Self.differences("parity_genai_prices") { $0.expected }
        #expect(checked == 853)
        #expect(differences.isEmpty, "\(differences.joined(separator: "\n"))")
    }

    /// A folder with further files of the same form, given as `TOLLBOOK_PARITY`.
    private static let further = ProcessInfo.processInfo.environment["TOLLBOOK_PARITY"].map { URL(filePath: $0) }

    @Test(.enabled(if: further != nil, "TOLLBOOK_PARITY names no folder"))
    func `further cases cost what is right`() throws {
        let folder = try #require(Self.further)
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        for file in files where file.pathExtension == "jsonl" {
            let (checked, differences) = try Self.differences(try ParityCase.read(at: file)) { parityCase in
                parityCase.agrees == false ? parityCase.rightCost : parityCase.expected ?? parityCase.expectedStatus
            }
            #expect(checked > 0)
            #expect(differences.isEmpty, "\(file.lastPathComponent)\n\(differences.joined(separator: "\n"))")
        }
    }
}
