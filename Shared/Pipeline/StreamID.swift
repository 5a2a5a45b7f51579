import FoundationEssentials

/// Where a sequence number counts from 1 without a gap: what ties it together, the numbers of one stream are never reused.
public typealias SequenceNumber = Int64

/// The identity of one producer's numbered events, a UUID in lower case.
public struct StreamID: Hashable, Sendable, LosslessStringConvertible {
    /// The 36 characters of the UUID.
    public let description: String

    /// Makes an identity that no other stream has.
    public init() {
        description = UUID().uuidString.lowercased()
    }

    /// Takes a UUID written in lower case.
    ///
    /// - Returns: nil for anything else, so that one stream has one spelling.
    public init?(_ description: String) {
        guard let uuid = UUID(uuidString: description), uuid.uuidString.lowercased() == description else { return nil }
        self.description = description
    }
}
