/// Durable events of one stream that the next durable stage has not yet acknowledged.
///
/// Only what is durable may be read: an event that was sent and then forgotten would have its number given to another
/// one. Used by the thread of its stage alone.
public protocol Outbox: AnyObject {
    /// The stream whose numbers these are.
    var stream: StreamID { get }

    /// The oldest number still held; equal to ``next`` when nothing is.
    ///
    /// What lies below is acknowledged or lost for good; receivers report what they never got below it as a gap.
    var low: SequenceNumber { get }

    /// The number after the last durable event.
    var next: SequenceNumber { get }

    /// Reads events from a number on, contiguous, within both limits.
    ///
    /// - Parameters:
    ///   - sequence: the first number, at least ``low``.
    ///   - maximumEvents: at least 1.
    ///   - maximumBytes: at least the largest event; the first event is always read.
    /// - Returns: as many as there are; empty at ``next`` and where the outbox has lost the event asked for.
    func read(
        from sequence: SequenceNumber, maximumEvents: Int, maximumBytes: Int
    ) throws -> [ArraySlice<UInt8>]

    /// Lets go of everything up to and including a number.
    ///
    /// May be lazy about the disk, not about ``low``, which is the next number held after this. Numbers not held, below or
    /// above, are no error: a restored outbox meets watermarks from before and after its time.
    func trim(through sequence: SequenceNumber) throws
}

extension Outbox {
    /// True where every event was acknowledged.
    public var isEmpty: Bool { low >= next }
}
