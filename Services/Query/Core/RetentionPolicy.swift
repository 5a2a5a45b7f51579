public import Metering

/// How long what a charge was told by is kept: its texts, with evidence and history, by tenant.
///
/// Written as `400`, days for every tenant, or `400,acme=90,lab=0`, with those of some tenants; 0 keeps for ever. A tenant
/// with a comma in its name cannot be named.
public struct RetentionPolicy: Hashable, Sendable {
    /// Days for tenants that are not named; `nil` for ever.
    public private(set) var usualDays: Int64?
    /// Days by tenant; `nil` for ever.
    public private(set) var tenantDays: [String: Int64?] = [:]

    /// Keeps everything for ever.
    public static let forever = RetentionPolicy()

    /// The most days; what is to be kept longer is kept for ever.
    static let maximumDays: Int64 = 36_500

    private init() {}

    /// Reads a policy; an empty text keeps everything.
    public init(_ text: String) throws(RetentionPolicyError) {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false).map(Self.trimmed)
        guard parts != [""] else { return }
        var hasUsual = false
        for part in parts {
            guard let sign = part.lastIndex(of: "=") else {
                guard !hasUsual else { throw RetentionPolicyError(part: part) }
                usualDays = try Self.days(part, in: part)
                hasUsual = true
                continue
            }
            let tenant = Self.trimmed(part[..<sign])
            guard !tenant.isEmpty, tenantDays[tenant] == nil else { throw RetentionPolicyError(part: part) }
            tenantDays[tenant] = .some(try Self.days(String(part[part.index(after: sign)...]), in: part))
        }
    }

    /// How many days a tenant's texts are kept; `nil` for ever.
    public func days(of tenant: String) -> Int64? { tenantDays[tenant] ?? usualDays }

    /// Whether everything is kept.
    public var keepsEverything: Bool { spans.isEmpty }

    /// The passes that remove what is too old at an instant, the shortest span last.
    public func passes(at now: Timestamp) -> [RetentionPass] {
        spans.sorted(by: >).map { days in
            let before = now.nanoseconds - days * 86_400 * Timestamp.nanosecondsPerSecond
            return RetentionPass(policy: self, days: days, before: Timestamp(nanoseconds: before))
        }
    }

    /// A text that two policies share only if they are equal.
    public var identity: String {
        let named = tenantDays.map { "\($0.key)=\($0.value ?? 0)" }.sorted()
        return ([String(usualDays ?? 0)] + named).joined(separator: ",")
    }

    private var spans: Set<Int64> { Set(([usualDays] + tenantDays.values).compactMap(\.self)) }

    private static func days(_ text: String, in part: String) throws(RetentionPolicyError) -> Int64? {
        guard let days = Int64(trimmed(text[...])), (0...maximumDays).contains(days) else {
            throw RetentionPolicyError(part: part)
        }
        return days == 0 ? nil : days
    }

    private static func trimmed(_ text: Substring) -> String {
        let start = text.firstIndex { $0 != " " } ?? text.endIndex
        let end = text.lastIndex { $0 != " " }.map(text.index(after:)) ?? start
        return String(text[start..<end])
    }
}

/// A text that is no retention policy.
public struct RetentionPolicyError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The part that cannot be read.
    public let part: String

    /// What is wrong and how to write it.
    public var description: String {
        "'\(part)' does not say how long to keep: write days, such as 400, and tenant=days for tenants that differ, "
            + "each once, divided by commas; 0 keeps for ever"
    }
}

/// One walk over the changes in their order, which removes those of all tenants whose span it is.
public struct RetentionPass: Hashable, Sendable {
    /// Whose tenants.
    public let policy: RetentionPolicy
    /// The span, in days.
    public let days: Int64
    /// What was recorded before it is too old.
    public let before: Timestamp

    /// What becomes of a change.
    public enum Verdict: Hashable, Sendable {
        /// It is removed.
        case remove
        /// It stays; the walk goes on.
        case keep
        /// It is young, as are all that follow: the walk ends before it.
        case stop
    }

    /// Decides about a change.
    ///
    /// - Parameters:
    ///   - tenant: whose it is; `nil` for what cannot be read, which stays.
    ///   - recorded: when the ledger stored it; changes are numbered in that order.
    public func verdict(tenant: String?, recorded: Timestamp?) -> Verdict {
        guard let tenant, let recorded else { return .keep }
        guard recorded < before else { return .stop }
        return policy.days(of: tenant) == days ? .remove : .keep
    }
}
