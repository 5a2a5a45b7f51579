public import Metering

/// How many reports stand behind charges, by what became of them.
public struct EvidenceCounts: Hashable, Sendable {
    /// Reports whose figures count.
    public var counted: Int64 = 0
    /// Reports that say what another says.
    public var duplicate: Int64 = 0
    /// Reports whose place a better or fuller one took.
    public var superseded: Int64 = 0
    /// Reports that differ from a better one.
    public var conflicting: Int64 = 0

    /// Counts nothing.
    @inlinable
    public init() {}

    /// Counts the evidence of one charge, what it only mentions included.
    public init(_ evidence: Evidence) {
        for item in evidence.items { add(1, item.verdict) }
        for (verdict, count) in evidence.omitted { add(count, verdict) }
    }

    /// Reports that were not counted again.
    @inlinable public var setAside: Int64 { duplicate + superseded + conflicting }

    /// Adds reports with a verdict.
    public mutating func add(_ count: Int64, _ verdict: Evidence.Verdict) {
        switch verdict {
        case .counted: counted += count
        case .duplicate: duplicate += count
        case .superseded: superseded += count
        case .conflicting: conflicting += count
        }
    }

    @inlinable
    static func += (left: inout EvidenceCounts, right: EvidenceCounts) {
        left.counted += right.counted
        left.duplicate += right.duplicate
        left.superseded += right.superseded
        left.conflicting += right.conflicting
    }

    @inlinable
    static func -= (left: inout EvidenceCounts, right: EvidenceCounts) {
        left.counted -= right.counted
        left.duplicate -= right.duplicate
        left.superseded -= right.superseded
        left.conflicting -= right.conflicting
    }
}
