import Supervision
import Support

/// What can happen to a fleet.
enum Fault: String, CaseIterable {
    case kill
    case terminate
    case freeze
    case cut
    case reset
    case scaleOut = "scale out"
    case scaleIn = "scale in"

    /// Kills are the most frequent: they are what is counted.
    static func random(using random: inout SeededRandom) -> Fault {
        switch Int.random(in: 0..<100, using: &random) {
        case ..<70: .kill
        case ..<74: .terminate
        case ..<80: .freeze
        case ..<88: .cut
        case ..<94: .reset
        case ..<98: .scaleOut
        default: .scaleIn
        }
    }

    /// Lets it happen.
    func strike(_ fleet: Fleet, using random: inout SeededRandom) throws {
        guard let victim = fleet.running.randomElement(using: &random) else { return }
        switch self {
        case .kill:
            fleet.end(victim, signal: 9)
            try fleet.start(victim)
        case .terminate:
            fleet.end(victim, signal: 15)
            try fleet.start(victim)
        case .freeze: fleet.freeze(victim, for: .milliseconds(.random(in: 50...2500, using: &random)))
        case .cut:
            let link = fleet.links.sorted { $0.key.rawValue < $1.key.rawValue }.randomElement(using: &random)?.value
            link?.setCut(true)
            pause(.milliseconds(.random(in: 50...2500, using: &random)))
            link?.setCut(false)
        case .reset:
            fleet.links.sorted { $0.key.rawValue < $1.key.rawValue }.randomElement(using: &random)?.value.reset()
        case .scaleOut: try scale(fleet, out: true, using: &random)
        case .scaleIn: try scale(fleet, out: false, using: &random)
        }
    }

    private func scale(_ fleet: Fleet, out: Bool, using random: inout SeededRandom) throws {
        let service: Service = Bool.random(using: &random) ? .ingest : .pricing
        let limit = service == .ingest ? Fleet.maximumIngests : Fleet.maximumPricings
        let running = Set(fleet.running.filter { $0.service == service }.map(\.index))
        if out {
            guard let free = (0..<limit).first(where: { !running.contains($0) }) else { return }
            try fleet.start(Fleet.Member(service: service, index: free))
        } else if running.count > 1, let last = running.max() {
            // Half of them without warning: what they hold must be taken over by others.
            fleet.end(Fleet.Member(service: service, index: last), signal: Bool.random(using: &random) ? 15 : 9)
        }
    }
}
