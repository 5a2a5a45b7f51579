import Supervision
import Support

/// What can happen to a deployment.
public enum Fault: String, CaseIterable, Hashable, Sendable {
    /// A process ends without warning.
    case kill
    /// A process is told to end.
    case terminate
    /// A process stands still for a while.
    case freeze
    /// Nothing passes between two services for a while.
    case cut
    /// Every connection between two services breaks.
    case reset
    /// A disk takes no more bytes for a while, or part of a write.
    case fullDisk = "full disk"
    /// A file system goes read-only for a while.
    case readOnlyDisk = "read-only disk"
    /// A disk cannot tell that it holds what was written.
    case failedSync = "failed fsync"
    /// A wall clock jumps, at most a day forwards or back.
    case clockJump = "clock jump"
    /// A replica is added.
    case scaleOut = "scale out"
    /// A replica goes away, half of the time without warning.
    case scaleIn = "scale in"

    /// Lets it happen.
    ///
    /// - Returns: whether it did: there may be nobody to befall, or no room for one more.
    func strike(_ fleet: Fleet, using random: inout SeededRandom) throws -> Bool {
        // By service first, so that many replicas of one do not shield the others.
        guard
            let service = Set(fleet.running.map(\.service)).sorted(by: { $0.rawValue < $1.rawValue })
                .randomElement(using: &random),
            let victim = fleet.running.filter({ $0.service == service }).randomElement(using: &random),
            let link = fleet.links.sorted(by: { $0.key.rawValue < $1.key.rawValue }).randomElement(using: &random)?
                .value
        else { return false }
        switch self {
        case .kill:
            fleet.end(victim, signal: 9)
            try fleet.start(victim)
        case .terminate:
            if fleet.end(victim, signal: 15) == .signal(9) {
                throw SupportFailure("\(victim) did not end within two minutes of being told to")
            }
            try fleet.start(victim)
        case .freeze: fleet.freeze(victim, for: Self.outage(&random))
        case .cut:
            link.setCut(true)
            pause(Self.outage(&random))
            link.setCut(false)
        case .reset: link.reset()
        case .fullDisk, .readOnlyDisk, .failedSync, .clockJump:
            guard let host = fleet.host(of: victim) else { return false }
            try strike(host, fleet, using: &random)
        case .scaleOut: return try scaleOut(fleet, using: &random)
        case .scaleIn: return scaleIn(fleet, using: &random)
        }
        return true
    }

    private static func outage(_ random: inout SeededRandom) -> Duration {
        .milliseconds(.random(in: 50...2500, using: &random))
    }

    /// What befalls the disk passes; a process that cannot bear it ends and is started again on the same disk.
    ///
    /// The clock stays as wrong as it is until it jumps again.
    private func strike(_ host: HostFaults, _ fleet: Fleet, using random: inout SeededRandom) throws {
        let end = ContinuousClock.now + Self.outage(&random)
        switch self {
        case .fullDisk: host.setRoom(.random(in: 0...65_536, using: &random))
        case .readOnlyDisk: host.setReadOnly(true)
        case .failedSync: host.failSyncs(.random(in: 1...3, using: &random))
        default: host.setClockOffset(.seconds(.random(in: -86_400...86_400, using: &random)))
        }
        guard self != .clockJump else { return }
        while ContinuousClock.now < end {
            try fleet.revive()
            pause(.milliseconds(50))
        }
        host.healDisk()
    }

    private func scaleOut(_ fleet: Fleet, using random: inout SeededRandom) throws -> Bool {
        let limits: [(Service, Int)] = [(.ingest, Fleet.maximumIngests), (.pricing, Fleet.maximumPricings)]
        let free = limits.flatMap { service, limit in
            (0..<limit).map { Fleet.Member(service: service, index: $0) }.filter { !fleet.running.contains($0) }.prefix(
                1)
        }
        guard let member = free.randomElement(using: &random) else { return false }
        try fleet.start(member)
        return true
    }

    /// Half of the time without warning: what the replica holds must be taken over by others.
    private func scaleIn(_ fleet: Fleet, using random: inout SeededRandom) -> Bool {
        let last = [Service.ingest, .pricing].compactMap { service in
            fleet.running.filter { $0.service == service && $0.index > 0 }.max { $0.index < $1.index }
        }
        guard let member = last.randomElement(using: &random) else { return false }
        fleet.end(member, signal: Bool.random(using: &random) ? 15 : 9)
        return true
    }
}

/// In which order faults happen: two kills, as kills are what is counted, then one of the others, each as often as any.
struct FaultDeck {
    private var number = 0
    private var others: [Fault] = []

    /// The next fault.
    mutating func next(using random: inout SeededRandom) -> Fault {
        number += 1
        guard number.isMultiple(of: 3) else { return .kill }
        if others.isEmpty { others = Fault.allCases.filter { $0 != .kill }.shuffled(using: &random) }
        return others.removeLast()
    }

    /// Takes back a fault that could not happen: it is the last of the round.
    mutating func putBack(_ fault: Fault) {
        number -= 1
        others.insert(fault, at: 0)
    }
}
