import Metering

/// What a token of each class costs, in whole picodollars; complete, so that pricing never guesses a missing rate.
public typealias Rates = PerClass

extension PerClass {
    /// Makes rates from the ones a sheet states and the sheet's rule of what stands in for one it leaves out.
    ///
    /// - Throws: the class that has no rate, neither its own nor one that stands in for it.
    init(stated: [TokenClass: Int64], inherit: [TokenClass: TokenClass]) throws(MissingRate) {
        self.init()
        for tokenClass in TokenClass.disjointClasses {
            var current = tokenClass
            var steps = 0
            while stated[current] == nil, let parent = inherit[current], steps <= inherit.count {
                current = parent
                steps += 1
            }
            guard let rate = stated[current] else { throw MissingRate(tokenClass: tokenClass) }
            self[tokenClass] = rate
        }
    }

    /// A class for which a row states no rate and nothing stands in.
    struct MissingRate: Error {
        let tokenClass: TokenClass
    }
}

/// The rates of a whole request whose input reaches a threshold; cached and written tokens count towards it.
public struct ContextTier: Hashable, Sendable {
    /// The least total input that is priced at these rates.
    public var minimumInput: Int64
    /// The rates of every token of the request.
    public var rates: Rates
}
