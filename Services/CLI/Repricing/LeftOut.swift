public import Console
import Ledger
import Metering

/// How many charges a job over `/v1/charges` did not see, because retention removed their texts; what counts of them stays in
/// every report.
public struct LeftOut: Hashable, Sendable {
    /// How many charges.
    public let charges: Int64
    /// Those whose texts were recorded before this, as RFC 3339.
    public let before: String

    /// Compares what was listed with what there is.
    ///
    /// - Parameters:
    ///   - standing: how many charges reports count, under the conditions of the list.
    ///   - listed: how many of the list count; one that was stored in between may make it more than `standing`.
    ///   - before: as the pages say.
    public init(standing: Int64, listed: Int64, before: String) {
        charges = max(0, standing - listed)
        self.before = before
    }

    /// One line for people; `nil` where nothing was left out.
    public var text: String? {
        guard charges > 0 else { return nil }
        let count = NumberText.grouped(charges)
        return
            "\(count) charges are left out: the ledger keeps their figures, and by its retention removed what they were "
            + "told by before \(before). Reports still have them; the sums here do not.\n"
    }

    /// The member of a job's JSON; `null` where the ledger has everything.
    public static func member(_ leftOut: LeftOut?) -> JSONDocument.Member {
        JSONDocument.Member(
            "left_out",
            leftOut.map {
                .object([
                    .init("charges", .integer($0.charges)), .init("reason", .string("retention")),
                    .init("recorded_before", .string($0.before)),
                ])
            } ?? .null)
    }
}

extension LedgerCharge {
    /// Whether reports count it among the charges.
    public var isCounted: Bool { charge.isCounted }
}

extension Charge {
    /// Whether reports count it among the charges.
    var isCounted: Bool { !call.isRetracted && rating.status != .notACall && call.scope.harness != .canary }
}
