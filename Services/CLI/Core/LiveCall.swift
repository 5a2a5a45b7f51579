import Ledger
public import Metering
public import Wire

/// One of the last calls, as the live view lists it.
public struct LiveCall: Hashable, Sendable {
    /// When it ended.
    public var time: Timestamp
    /// The harness.
    public var harness: String
    /// The session.
    public var session: String
    /// The model.
    public var model: String
    /// All input.
    public var input: Int64
    /// Output, reasoning included.
    public var output: Int64
    /// What it cost, in words.
    public var cost: String

    /// Makes a call.
    public init(
        time: Timestamp, harness: String, session: String, model: String, input: Int64, output: Int64, cost: String
    ) {
        self.time = time
        self.harness = harness
        self.session = session
        self.model = model
        self.input = input
        self.output = output
        self.cost = cost
    }

    /// Takes what is shown of a change.
    ///
    /// - Throws: `JSONError` when the text is not a change.
    public init(json text: [UInt8]) throws(JSONError) {
        var reader = JSONReader(text)
        let charge = try Change(from: &reader).charge
        let call = charge.call
        let cost: String
        if call.isRetracted {
            cost = "taken back"
        } else if let known = call.reportedCost ?? charge.rating.cost {
            cost = "$" + AmountTotal(picodollars: Int128(known.picodollars)).rounded(toDigits: 4)
        } else {
            cost = charge.rating.status.rawValue
        }
        self.init(
            time: call.eventTime, harness: call.scope.harness.rawValue, session: call.scope.session,
            model: call.model ?? UsageReport.unnamedModel, input: call.tokens.inputTokens ?? 0,
            output: call.tokens.output ?? 0, cost: cost)
    }
}
