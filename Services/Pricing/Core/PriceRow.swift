public import Metering

/// One dated price of one model.
public struct PriceRow: Hashable, Sendable {
    /// Who bills it: the provider or the host.
    public var provider: String
    /// The canonical model.
    public var model: String
    /// The first instant at which it holds.
    public var from: Timestamp
    /// The instant from which it no longer holds.
    public var to: Timestamp
    /// What picks it among other rows of the model at the same instant.
    public var selector: PriceSelector
    /// The hours of the week it is for; `nil` for all that no other row claims.
    public var window: PriceWindow?
    /// Rates below the first tier.
    public var rates: Rates
    /// Higher rates for longer requests, from the lowest threshold to the highest.
    public var tiers: [ContextTier]
    /// Premiums for where a request had to run.
    public var uplifts: [GeoUplift]
    /// What one web search costs, when the provider charges for each.
    public var webSearchFee: Amount?
    /// Where the figures come from.
    public var source: String

    /// The row's stable name: provider, model, first instant and selector.
    public var id: String {
        var id = "\(provider)/\(model)"
        if from != .distantPast { id += "@\(from)" }
        if selector != .standard { id += ";\(selector)" }
        if window != nil { id += ";window" }
        return id
    }

    /// Whether the row holds at an instant, at some hour of the week.
    public func holds(at instant: Timestamp) -> Bool { from <= instant && instant < to }

    /// Whether no first instant is known.
    public var isFromEver: Bool { from == .distantPast }
    /// Whether no end is known.
    public var isForEver: Bool { to == .distantFuture }

    /// Tells whether some instant has two prices under both rows.
    func collides(with other: PriceRow) -> Bool {
        guard model == other.model, selector == other.selector, from < other.to, other.from < to else { return false }
        switch (window, other.window) {
        case (nil, nil): return true
        case (let mine?, let theirs?): return mine.mayOverlap(theirs)
        default: return false
        }
    }
}

extension Timestamp {
    /// Before anything a sheet can date.
    static let distantPast = Timestamp(nanoseconds: .min)
    /// After anything a sheet can date.
    static let distantFuture = Timestamp(nanoseconds: .max)
}

/// Another name of a model, for a time.
public struct ModelAlias: Hashable, Sendable {
    /// The name, in lower case.
    public var name: String
    /// The model whose rows it stands for.
    public var model: String
    /// Whose model it is: the sheet with the rows; `nil` for the alias's own sheet.
    ///
    /// A private deployment names its base model so: `our-gpt` at a gateway stands for the maker's model.
    public var provider: String?
    /// The first instant at which it does.
    public var from: Timestamp
    /// The instant from which it no longer does.
    public var to: Timestamp

    /// Makes an alias that holds at all times.
    public init(name: String, model: String) {
        self.name = name
        self.model = model
        from = .distantPast
        to = .distantFuture
    }

    func holds(at instant: Timestamp) -> Bool { from <= instant && instant < to }
}
