public import Supervision
public import Support

/// How a delivery campaign ended.
public struct DeliveryReport: Sendable, CustomStringConvertible {
    /// What the calls and the faults followed from.
    public let seed: UInt64
    /// From the first start to the last comparison.
    public let time: Duration
    /// How often each fault happened.
    public let faults: [Fault: Int]
    /// How often each service was ended without warning, by a kill or by scaling.
    public let kills: [Service: Int]
    /// Requests that clients had to send again.
    public let repeatedRequests: Int
    /// Processes that ended by themselves, as on a failed disk, and were started again.
    public let restarts: Int
    /// The books of the generator.
    public let made: Books
    /// The books of the ledger.
    public let counted: Books
    /// Whether what was sent last came through.
    public let hasFence: Bool
    /// What dedupe took in less what it let out, held back and found twice.
    public let conservationError: Double

    /// Whether nothing was lost or doubled.
    public var isExact: Bool { hasFence && made == counted && conservationError == 0 }

    /// The figures for people, a line each; the first ten differences where there are any.
    public var description: String {
        let faults = Fault.allCases.map { "\(self.faults[$0] ?? 0) \($0.rawValue)" }.joined(separator: ", ")
        let kills = Service.allCases.map { "\($0.rawValue) \(self.kills[$0] ?? 0)" }.joined(separator: ", ")
        let lines =
            [
                "seed \(seed), \(Int(time / .seconds(1))) s: \(faults)", "killed: \(kills)",
                "requests that had to be repeated: \(repeatedRequests); processes that ended by themselves: \(restarts)",
                "made    \(made.total)", "counted \(counted.total)",
            ] + counted.differences(from: made).prefix(10) + [
                "lost or doubled: \(counted.total.calls - made.total.calls) calls, "
                    + "\(counted.total.picodollars - made.total.picodollars) picodollars",
                "conservation error of dedupe: \(conservationError)",
            ]
        return lines.joined(separator: "\n")
    }
}
