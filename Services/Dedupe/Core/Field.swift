public import Metering

/// A figure that channels report, and that is owned and reconciled apart from the others.
///
/// Tokens written to a cache are one field whatever their lifetime: channels that state it and channels that do not
/// speak of the same tokens.
public enum Field: String, CaseIterable, Hashable, Sendable {
    /// Input neither read from nor written to a cache.
    case uncachedInput = "uncached_input"
    /// Input read from a cache.
    case cacheRead = "cache_read"
    /// Input written to a cache, of every lifetime.
    case cacheWrite = "cache_write"
    /// Output, including reasoning.
    case output
    /// Reasoning, a part of the output.
    case reasoning
    /// Reported cost in picodollars.
    case cost

    /// The field a counter counts.
    init(_ measure: AggregatePoint.Measure) {
        switch measure {
        case .tokens(let tokenClass, _): self.init(tokenClass)
        case .cost: self = .cost
        }
    }

    /// The field a token class belongs to.
    public init(_ tokenClass: TokenClass) {
        switch tokenClass {
        case .uncachedInput: self = .uncachedInput
        case .cacheRead: self = .cacheRead
        case .cacheWrite5m, .cacheWrite1h, .cacheWrite: self = .cacheWrite
        case .output: self = .output
        case .reasoning: self = .reasoning
        }
    }
}

/// A set of fields.
public struct FieldSet: OptionSet, Hashable, Sendable {
    /// One bit for each field, in the order of ``Field/allCases``.
    public let rawValue: UInt8

    /// Makes a set from its bits.
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// The set of one field.
    public init(_ field: Field) {
        switch field {
        case .uncachedInput: self.init(rawValue: 1)
        case .cacheRead: self.init(rawValue: 2)
        case .cacheWrite: self.init(rawValue: 4)
        case .output: self.init(rawValue: 8)
        case .reasoning: self.init(rawValue: 16)
        case .cost: self.init(rawValue: 32)
        }
    }

    /// Whether a field is in the set.
    public func contains(_ field: Field) -> Bool {
        contains(FieldSet(field))
    }
}
