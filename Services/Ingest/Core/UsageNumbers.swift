import Metering

/// Token counts and costs out of whatever a source writes: numbers, or numbers as text.
enum UsageNumbers {
    /// The largest token count that is believed: a million million, past any session of any harness.
    static let maximumCount: Int64 = 1_000_000_000_000
    /// The largest cost that is believed: a million US dollars.
    static let maximumCost = Amount(picodollars: 1_000_000_000_000_000_000)

    /// A token count: whole, not negative, at most ``maximumCount``.
    static func count(_ value: AttributeValue) throws(RejectionReason) -> Int64 {
        switch value {
        case .integer(let number):
            guard number >= 0 else { throw .negativeTokenCount }
            guard number <= maximumCount else { throw .tokenCountOutOfRange }
            return number
        case .double(let number):
            guard !number.isNaN else { throw .notANumber }
            guard number >= 0 else { throw .negativeTokenCount }
            guard number <= Double(maximumCount) else { throw .tokenCountOutOfRange }
            guard let whole = Int64(exactly: number) else { throw .fractionalTokenCount }
            return whole
        case .text(let utf8):
            guard let number = NumberText.parsed(utf8) else { throw .notANumber }
            return try count(number)
        case .empty, .boolean, .bytes, .array, .map: throw .wrongType
        }
    }

    /// A cost in US dollars, exact to the picodollar; a double stands for its shortest decimal text.
    static func cost(_ value: AttributeValue) throws(RejectionReason) -> Amount {
        switch value {
        case .integer(let number): return try cost(dollars: String(number))
        case .double(let number):
            guard !number.isNaN else { throw .notANumber }
            guard number.isFinite else { throw .costOutOfRange }
            return try cost(dollars: number.description)
        case .text(let utf8):
            guard let number = NumberText.parsed(utf8) else { throw .notANumber }
            if case .integer = number { return try cost(number) }
            return try cost(dollars: String(decoding: utf8, as: UTF8.self))
        case .empty, .boolean, .bytes, .array, .map: throw .wrongType
        }
    }

    private static func cost(dollars text: String) throws(RejectionReason) -> Amount {
        guard let amount = Amount(dollars: text) else { throw .costOutOfRange }
        guard amount >= .zero else { throw .negativeCost }
        guard amount <= maximumCost else { throw .costOutOfRange }
        return amount
    }
}

extension AttributeValue? {
    /// Takes in a later report of a count that only grows; what is no count never takes the place of one.
    mutating func join(_ later: AttributeValue?) {
        guard let later else { return }
        guard let own = self, let count = try? UsageNumbers.count(own) else {
            if self == nil || (try? UsageNumbers.count(later)) != nil { self = later }
            return
        }
        if let larger = try? UsageNumbers.count(later), larger > count { self = later }
    }
}

extension Attributes {
    /// A token count under a name; `nil` when it is not reported.
    func count(_ name: StaticString) throws(Rejection) -> Int64? {
        guard let value = self[name] else { return nil }
        do throws(RejectionReason) {
            return try UsageNumbers.count(value)
        } catch {
            throw Rejection(error, field: name)
        }
    }

    /// The first of several names that reports a token count.
    func count(firstOf names: StaticString...) throws(Rejection) -> Int64? {
        for name in names {
            if let count = try count(name) { return count }
        }
        return nil
    }

    /// A cost in US dollars under a name; `nil` when it is not reported.
    func cost(_ name: StaticString) throws(Rejection) -> Amount? {
        guard let value = self[name] else { return nil }
        do throws(RejectionReason) {
            return try UsageNumbers.cost(value)
        } catch {
            throw Rejection(error, field: name)
        }
    }
}

extension MetricPoint {
    /// The point's value as what a measure counts: tokens or picodollars.
    func value(of measure: AggregatePoint.Measure) throws(Rejection) -> Int64 {
        if case .empty = value { throw Rejection(.missingValue, field: "value") }
        do throws(RejectionReason) {
            switch measure {
            case .tokens: return try UsageNumbers.count(value)
            case .cost: return try UsageNumbers.cost(value).picodollars
            }
        } catch {
            throw Rejection(error, field: "value")
        }
    }
}
