public import Metering
public import Wire

extension Change {
    /// The change as JSON text, as the feed and `/v1/changes` carry it.
    public var json: [UInt8] {
        var writer = JSONWriter(capacity: 1536)
        writer.charge(charge)
        return json(chargeText: writer.bytes)
    }

    /// The change as JSON text around a charge that already is JSON text.
    public func json(chargeText: some Collection<UInt8>) -> [UInt8] {
        Self.json(
            epoch: epoch, sequence: sequence, transactionEnd: transactionEnd, operation: operation,
            reason: charge.call.reason, recordedTime: recordedTime, chargeText: chargeText, delta: delta)
    }

    /// A change as JSON text, for a writer that passes a charge's text on without reading all of it.
    public static func json(
        epoch: String, sequence: Int64, transactionEnd: Int64, operation: Operation, reason: Call.Reason,
        recordedTime: Timestamp, chargeText: some Collection<UInt8>, delta: Delta
    ) -> [UInt8] {
        var json = JSONWriter(capacity: chargeText.count + 512)
        json.object { json in
            json.member("v", Self.version)
            json.member("epoch", epoch)
            json.member("seq", sequence)
            json.member("transaction_end", transactionEnd)
            json.member("op", operation.rawValue)
            json.member("reason", reason.rawValue)
            json.member("recorded_time", recordedTime)
            json.key("charge")
            json.raw(chargeText)
            json.key("delta")
            json.object { json in
                json.member("tokens", delta.tokens)
                json.member("computed_cost", delta.computedCost)
                json.member("reported_cost", delta.reportedCost)
                json.member("calls", delta.calls)
            }
        }
        return json.bytes
    }

    /// Reads a change.
    ///
    /// - Throws: `JSONError` when the text is not a change of this version.
    public init(from json: inout JSONReader) throws(JSONError) {
        let offset = json.index
        var version: Int64?
        var epoch: String?
        var sequence: Int64?
        var transactionEnd: Int64?
        var recordedTime: Timestamp?
        var charge: Charge?
        var delta: Delta?
        try json.object { key, json throws(JSONError) in
            switch key {
            case "v": version = try json.int64()
            case "epoch": epoch = try json.string()
            case "seq": sequence = try json.int64()
            case "transaction_end": transactionEnd = try json.int64()
            case "recorded_time": recordedTime = try json.timestamp()
            case "charge": charge = try json.charge()
            case "delta": delta = try json.delta()
            default: try json.skip()
            }
        }
        guard version == Self.version else { throw JSONError(.invalidValue, at: offset, member: "v") }
        guard let epoch, let sequence, let recordedTime, let charge, let delta else {
            throw JSONError(.missingMember, at: offset, member: "seq")
        }
        self.init(
            epoch: epoch, sequence: sequence, transactionEnd: transactionEnd ?? sequence, recordedTime: recordedTime,
            charge: charge, delta: delta)
    }
}

extension JSONReader {
    fileprivate mutating func delta() throws(JSONError) -> Change.Delta {
        var delta = Change.Delta(tokens: TokenCounts(), computedCost: .zero, reportedCost: .zero, calls: 0)
        try object { key, json throws(JSONError) in
            switch key {
            case "tokens": delta.tokens = try json.tokenCounts()
            case "computed_cost": delta.computedCost = try json.amount()
            case "reported_cost": delta.reportedCost = try json.amount()
            case "calls": delta.calls = try json.int64()
            default: try json.skip()
            }
        }
        return delta
    }
}
