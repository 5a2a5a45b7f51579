import Metering

/// Which of two charges of one call is the newer: the higher revision of the call, and within it the later pricing.
///
/// A call that dedupe revised goes before any repricing of what it was; a late repeat of a revision never undoes its
/// repricing.
public struct ChargeVersion: Hashable, Comparable, Sendable {
    /// The call's revision.
    public var revision: Int64
    /// How often that revision was priced anew.
    public var repricing: Int64

    /// Makes a version.
    public init(revision: Int64, repricing: Int64) {
        self.revision = revision
        self.repricing = repricing
    }

    /// The version of a charge that never was.
    public static let none = ChargeVersion(revision: 0, repricing: 0)

    /// Orders by revision, then by pricing.
    public static func < (left: ChargeVersion, right: ChargeVersion) -> Bool {
        (left.revision, left.repricing) < (right.revision, right.repricing)
    }
}

extension Charge {
    /// Which of the call's charges it is.
    public var version: ChargeVersion { ChargeVersion(revision: call.revision, repricing: rating.repricing) }
}
