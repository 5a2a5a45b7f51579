import Ledger
import Metering
public import Wire

/// One change as a line for people.
public struct ChangeLine: Hashable, Sendable {
    /// The line.
    public let text: String
    /// The change's number.
    public let sequence: Int64
    /// The last number of the transaction it belongs to.
    public let transactionEnd: Int64

    /// Reads a change and words it.
    ///
    /// - Throws: `JSONError` when the text is not a change.
    public init(json text: [UInt8]) throws(JSONError) {
        var reader = JSONReader(text)
        let change = try Change(from: &reader)
        let (call, rating) = (change.charge.call, change.charge.rating)
        var words = [
            call.eventTime.description, call.scope.harness.rawValue, call.scope.session,
            call.model ?? UsageReport.unnamedModel,
        ]
        if call.isRetracted {
            words.append("retracted (\(call.reason.rawValue))")
        } else {
            let tokens = call.tokens
            words.append(
                "in \(Self.count(tokens.uncachedInput)), cache read \(Self.count(tokens.cacheRead)), cache write "
                    + "\(Self.count(tokens.allCacheWrites)), out \(Self.count(tokens.output))")
            words.append(Self.cost(rating, reported: call.reportedCost))
            if call.revision > 1 { words.append("revision \(call.revision) (\(call.reason.rawValue))") }
        }
        self.text = words.joined(separator: "  ")
        self.sequence = change.sequence
        self.transactionEnd = change.transactionEnd
    }

    private static func count(_ tokens: Int64?) -> String { tokens.map(NumberText.grouped) ?? "-" }

    private static func cost(_ rating: Rating, reported: Amount?) -> String {
        if let cost = rating.cost { return "$\(cost)" }
        if rating.status == .reportedOnly, let reported { return "$\(reported) (reported)" }
        return rating.status.rawValue + (rating.reason.map { " (\($0))" } ?? "")
    }
}
