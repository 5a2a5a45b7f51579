public import Ledger
public import Metering

/// Prices requests from a price book: values in, values out.
///
/// It remembers the price line of each name it has seen, which changes nothing but the time it takes.
public struct Rater: Sendable {
    /// The book that prices come from.
    public let book: PriceBook
    private let resolver: NameResolver
    private var lines: [NameResolver.Key: PriceLine] = [:]

    /// Names are chosen by whoever sends events: past this many, memory begins anew.
    private static let maximumLines = 8_192

    /// Makes a rater.
    public init(book: PriceBook) {
        self.book = book
        self.resolver = NameResolver(book: book)
    }

    /// Prices a call.
    public mutating func rate(_ call: Call) -> Ledger.Rating {
        quote(RatingRequest(call)).rating(priceBookVersion: book.version)
    }

    /// Prices one request at the price of its own time.
    public mutating func quote(_ request: RatingRequest) -> Quote {
        if request.isRetracted { return Quote(status: .priced) }
        if request.hasReportedCost, !request.tokens.hasUsage { return Quote(status: .reportedOnly) }
        guard let name = request.reportedModel ?? request.model else {
            return Quote(status: .unpriced, reason: .missingModel)
        }
        let quote = quote(request, named: name)
        // A harness's own name for a model (`sonnet`) may be unknown where the reader's canonical one is not.
        if quote.status == .unpriced, quote.reason == .unknownModel, let model = request.model, model != name {
            let second = self.quote(request, named: model)
            return second.status == .unpriced ? quote : second
        }
        return quote
    }

    private mutating func quote(_ request: RatingRequest, named name: String) -> Quote {
        switch outcome(name, request) {
        case .notACall: return Quote(status: .notACall)
        case .unpriced(let reason): return Quote(status: .unpriced, reason: reason)
        case .priced(let rows):
            for row in rows where row.window?.contains(request.time) ?? true { return quote(request, row) }
            return Quote(status: .unpriced, reason: .notListedThen)
        }
    }

    /// Prices a request that its provider bills in steps, such as a compaction and the answer after it.
    ///
    /// Each step picks its own model, row and tier; the sum has a price only if every step has.
    public mutating func quote(steps: [RatingRequest]) -> [Quote] {
        var quotes: [Quote] = []
        for step in steps { quotes.append(quote(step)) }
        return quotes
    }

    private mutating func outcome(_ name: String, _ request: RatingRequest) -> PriceLine.Outcome {
        let key = NameResolver.Key(
            provider: request.provider, model: name, serviceTier: request.serviceTier, speed: request.speed,
            geo: request.geo)
        if let line = lines[key] { return line.outcome(at: request.time) }
        if lines.count >= Self.maximumLines { lines.removeAll(keepingCapacity: true) }
        let line = resolver.line(for: key)
        lines[key] = line
        return line.outcome(at: request.time)
    }

    private func quote(_ request: RatingRequest, _ row: PricedRow) -> Quote {
        // Where the parts are all of one tier, or there is none, the whole says the same.
        guard request.billedParts.count > 1, !row.tiers.isEmpty, request.tokens.isSum(of: request.billedParts) else {
            return quoteWhole(request, row)
        }
        var sum: Quote?
        for (index, part) in request.billedParts.enumerated() {
            var step = request
            step.tokens = part
            if index > 0 { step.webSearches = nil }
            let quote = quoteWhole(step, row)
            guard quote.status != .unpriced, let added = sum.map({ $0.adding(quote) }) ?? quote else {
                return quoteWhole(request, row)
            }
            sum = added
        }
        return sum ?? quoteWhole(request, row)
    }

    private func quoteWhole(_ request: RatingRequest, _ row: PricedRow) -> Quote {
        guard !request.tokens.isEmpty else { return Quote(status: .unpriced, reason: .noUsage) }
        let counts = PerClass(request.tokens)
        guard !counts.hasNegative else { return Quote(status: .unpriced, reason: .negativeCount) }
        var quote = Quote(status: row.isFree ? .free : .priced)
        quote.row = row
        var rates = row.rates
        if !row.tiers.isEmpty {
            let totalInput = counts.totalInput
            if let tier = row.tiers.last(where: { totalInput >= $0.minimumInput }) {
                // A sum over requests may pass a threshold that none of them did.
                if request.isAggregate { quote.isEstimated = true } else { rates = tier.rates }
            }
        }
        guard var cost = Cost(counts, at: rates) else { return Quote(status: .unpriced, reason: .overflow) }
        if row.factor != .one {
            guard let scaled = cost.scaled(by: row.factor) else { return Quote(status: .unpriced, reason: .overflow) }
            cost = scaled
        }
        quote.classCosts = cost.classes
        quote.isRounded = cost.isRounded
        quote.hasAssumedLifetime = counts.cacheWrite > 0 && rates.cacheWrite1h != rates.cacheWrite5m
        guard let fees = fees(request, row) else { return Quote(status: .unpriced, reason: .overflow) }
        quote.fees = fees
        let (total, overflow) = cost.total.addingReportingOverflow(fees.picodollars)
        guard !overflow else { return Quote(status: .unpriced, reason: .overflow) }
        quote.cost = Amount(picodollars: total)
        return quote
    }

    private func fees(_ request: RatingRequest, _ row: PricedRow) -> Amount? {
        guard let searches = request.webSearches, searches > 0, let fee = row.webSearchFee else { return .zero }
        let (product, overflow) = fee.picodollars.multipliedReportingOverflow(by: searches)
        return overflow ? nil : Amount(picodollars: product)
    }
}
