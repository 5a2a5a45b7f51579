/// A coding agent that makes model calls, such as `claude-code`; an open set, unknown names pass through.
public struct Harness: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The normalised name: lower case, words joined by hyphens.
    public let rawValue: String

    /// Makes a harness from a name that is already normalised.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// The normalised name.
    public var description: String { rawValue }

    /// What `tollbook doctor` sends through the pipeline to see it come out.
    ///
    /// It goes the way of every call, is stored, priced and explained, and counts in no total.
    public static let canary = Harness(rawValue: "tollbook-canary")

    /// Orders by name.
    public static func < (left: Harness, right: Harness) -> Bool {
        left.rawValue < right.rawValue
    }
}
