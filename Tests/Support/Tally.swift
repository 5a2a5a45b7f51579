/// What some calls used and cost, counted by a test's own books.
public struct Tally: Hashable, Sendable, CustomStringConvertible {
    /// How many calls.
    public var calls: Int64 = 0
    /// Input neither read from nor written to a cache.
    public var uncachedInput: Int64 = 0
    /// Input read from a cache.
    public var cacheRead: Int64 = 0
    /// Input written to a five-minute cache.
    public var cacheWrite5m: Int64 = 0
    /// Input written to a one-hour cache.
    public var cacheWrite1h: Int64 = 0
    /// Input written to a cache of unstated lifetime.
    public var cacheWrite: Int64 = 0
    /// Output.
    public var output: Int64 = 0
    /// The cost by list prices, in picodollars.
    public var picodollars: Int128 = 0

    /// Makes an empty tally.
    public init() {}

    /// Whether nothing was counted.
    public var isEmpty: Bool { self == Tally() }

    /// The same usage as a source reports it that does not tell cache lifetimes apart, and no calls or cost.
    public var withoutLifetimes: Tally {
        var tally = self
        tally.cacheWrite += cacheWrite5m + cacheWrite1h
        tally.cacheWrite5m = 0
        tally.cacheWrite1h = 0
        tally.calls = 0
        tally.picodollars = 0
        return tally
    }

    /// Adds another tally.
    public static func += (left: inout Tally, right: Tally) {
        left.calls += right.calls
        left.uncachedInput += right.uncachedInput
        left.cacheRead += right.cacheRead
        left.cacheWrite5m += right.cacheWrite5m
        left.cacheWrite1h += right.cacheWrite1h
        left.cacheWrite += right.cacheWrite
        left.output += right.output
        left.picodollars += right.picodollars
    }

    /// One line for a failing test's message.
    public var description: String {
        "\(calls) calls, in \(uncachedInput), read \(cacheRead), 5m \(cacheWrite5m), 1h \(cacheWrite1h), "
            + "write \(cacheWrite), out \(output), \(picodollars) p$"
    }
}

/// Books by session and model.
public struct Books: Hashable, Sendable {
    /// The accounts that have something.
    public private(set) var accounts: [Account: Tally] = [:]

    /// A session and a model.
    public struct Account: Hashable, Sendable {
        /// The session.
        public let session: String
        /// The model, without marks of the harness.
        public let model: String

        /// Makes an account.
        public init(session: String, model: String) {
            self.session = session
            self.model = model
        }
    }

    /// Makes empty books.
    public init() {}

    /// Books a tally.
    public mutating func add(_ tally: Tally, to account: Account) {
        accounts[account, default: Tally()] += tally
    }

    /// Everything together.
    public var total: Tally { accounts.values.reduce(into: Tally()) { $0 += $1 } }

    /// The books with each tally changed; accounts that become empty are dropped.
    public func mapped(_ change: (Tally) -> Tally) -> Books {
        var books = Books()
        for (account, tally) in accounts where !change(tally).isEmpty { books.add(change(tally), to: account) }
        return books
    }

    /// How these books differ from others, a line for each account; empty when they agree.
    public func differences(from other: Books) -> [String] {
        Set(accounts.keys).union(other.accounts.keys).sorted { $0.session < $1.session }.compactMap { account in
            let (ours, theirs) = (accounts[account] ?? Tally(), other.accounts[account] ?? Tally())
            return ours == theirs ? nil : "\(account.session) \(account.model):\n  is     \(ours)\n  should \(theirs)"
        }
    }
}
