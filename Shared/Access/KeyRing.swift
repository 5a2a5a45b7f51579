public import Settings
import Synchronization

/// The keys in force: what a secret opens, and how often.
///
/// The file is looked at again once a second while requests come, so that a key that is made or taken back counts at once.
/// While the file cannot be read, the keys that were in force stay.
public final class KeyRing: Sendable {
    /// Why a request is not answered.
    public enum Denial: Error, Hashable, Sendable {
        /// It shows no key.
        case missing
        /// It shows what is no key, or one that was taken back.
        case invalid
        /// Its key does not allow this.
        case insufficient(AccessScope)
        /// Its key was used too often; to be tried again after some seconds.
        case tooFrequent(retryAfter: Int)
    }

    private struct State {
        var records: [String: KeyRecord]
        var version: KeyFile.FileVersion?
        var lookedAt: ContinuousClock.Instant
        var buckets: [String: TokenBucket] = [:]
    }

    private let file: KeyFile
    private let state: Mutex<State>
    private let clock: @Sendable () -> ContinuousClock.Instant

    /// Reads the keys of a file.
    public convenience init(_ file: KeyFile) throws(SettingsError) {
        try self.init(file, clock: { ContinuousClock.now })
    }

    init(_ file: KeyFile, clock: @escaping @Sendable () -> ContinuousClock.Instant) throws(SettingsError) {
        self.file = file
        self.clock = clock
        let version = file.version
        let records = Self.byID(try file.load())
        state = Mutex(State(records: records, version: version, lookedAt: clock()))
    }

    private static func byID(_ records: [KeyRecord]) -> [String: KeyRecord] {
        Dictionary(records.map { ($0.id, $0) }) { $1 }
    }

    /// What a secret opens.
    ///
    /// - Parameters:
    ///   - text: what the request shows; `nil` for nothing.
    ///   - scope: what the request needs; `nil` where any key will do.
    public func admit(_ text: String?, needing scope: AccessScope?) throws(Denial) -> AccessGrant {
        let now = clock()
        let outcome: Result<AccessGrant, Denial> = state.withLock { state in
            refresh(&state, now)
            return Self.admit(text, scope, &state, now)
        }
        return try outcome.get()
    }

    /// Whether what was granted still is: its key was not taken back since, and allows what it did.
    public func upholds(_ grant: AccessGrant) -> Bool {
        let now = clock()
        return state.withLock { state in
            refresh(&state, now)
            guard let record = state.records[grant.keyID], record.revoked == nil else { return false }
            return record.grant == grant
        }
    }

    private static func admit(
        _ text: String?, _ scope: AccessScope?, _ state: inout State, _ now: ContinuousClock.Instant
    ) -> Result<AccessGrant, Denial> {
        guard let text else { return .failure(.missing) }
        guard let secret = KeySecret(text), let record = state.records[secret.keyID],
            record.isOpened(by: secret), record.revoked == nil
        else { return .failure(.invalid) }
        if let scope, !record.scopes.contains(scope) { return .failure(.insufficient(scope)) }
        var bucket = state.buckets[record.id] ?? TokenBucket(perMinute: record.requestsPerMinute, now: now)
        let wait = bucket.take(perMinute: record.requestsPerMinute, now: now)
        state.buckets[record.id] = bucket
        if let wait { return .failure(.tooFrequent(retryAfter: wait)) }
        return .success(record.grant)
    }

    private func refresh(_ state: inout State, _ now: ContinuousClock.Instant) {
        guard now - state.lookedAt >= .seconds(1) else { return }
        state.lookedAt = now
        let version = file.version
        guard version != state.version, let records = try? file.load() else { return }
        state.records = Self.byID(records)
        state.version = version
        let live = Set(state.records.keys)
        state.buckets = state.buckets.filter { live.contains($0.key) }
    }
}

/// How many requests a key may still make: refilled evenly, and never more than ten seconds' worth.
struct TokenBucket {
    private var tokens: Double
    private var filledAt: ContinuousClock.Instant

    init(perMinute: Int, now: ContinuousClock.Instant) {
        tokens = Self.capacity(perMinute)
        filledAt = now
    }

    private static func capacity(_ perMinute: Int) -> Double { max(1, Double(perMinute) / 6) }

    /// Takes one.
    ///
    /// - Returns: the seconds to wait when there is none.
    mutating func take(perMinute: Int, now: ContinuousClock.Instant) -> Int? {
        let rate = Double(max(perMinute, 1)) / 60
        tokens = min(Self.capacity(perMinute), tokens + rate * ((now - filledAt) / .seconds(1)))
        filledAt = now
        guard tokens >= 1 else { return max(1, Int(((1 - tokens) / rate).rounded(.up))) }
        tokens -= 1
        return nil
    }
}
