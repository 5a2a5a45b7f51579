public import Wire

/// What a receive window decided about one batch.
public struct Admission: Hashable, Sendable {
    /// Numbers the sender can no longer supply and that never arrived; to be recorded, counted and logged, never ignored.
    public let gaps: [Range<SequenceNumber>]
    /// Indices into the batch of the events to apply, in order.
    public let applicable: [Range<Int>]
    /// How many of the batch's events had been applied before.
    public let duplicates: Int
    /// How many came too early and were refused; the sender sends them again.
    public let early: Int

    /// How many events are to be applied.
    public var applicableCount: Int {
        applicable.reduce(0) { $0 + $1.count }
    }

    /// How many events were lost.
    public var lost: Int64 {
        gaps.reduce(0) { $0 + ($1.upperBound - $1.lowerBound) }
    }
}

/// Receiver's half of a stream: decides by number alone what is new, so that resending is harmless.
///
/// A pure value: admit into a copy, commit it together with what was applied, then keep the copy.
public protocol ReceiveWindow: Hashable, Sendable {
    /// Everything up to and including this number was applied or reported lost: what is acknowledged.
    var watermark: SequenceNumber { get }

    /// Decides about the events `first ..< first + count` of a sender that still holds everything from `low` on.
    mutating func admit(first: SequenceNumber, count: Int, low: SequenceNumber) -> Admission
}

extension ReceiveWindow {
    /// Decides about a batch.
    public mutating func admit(_ batch: Batch) -> Admission {
        admit(first: batch.first, count: batch.events.count, low: batch.low)
    }
}
