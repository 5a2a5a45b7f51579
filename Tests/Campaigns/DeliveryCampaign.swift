import Foundation
import LocalHTTP
import Support

/// Invented calls through a fleet whose members are killed, frozen, scaled and cut off from each other at random, on hosts
/// whose disks and clocks fail, until the ledger's books are compared with what was made, to the picodollar.
public struct DeliveryCampaign {
    private static let callsPerRequest = 50
    private let requests: Int
    private let kills: Int
    private let seed: UInt64
    private let executables: String

    /// - Parameters:
    ///   - executables: the folder with the services' programs.
    ///   - calls: about how many calls are sent, in requests of fifty.
    ///   - kills: how often a process is killed meanwhile; other faults happen in proportion.
    ///   - seed: what the calls and the faults follow from; their timing does not.
    public init(executables: String, calls: Int, kills: Int, seed: UInt64) {
        requests = max(1, calls / Self.callsPerRequest)
        self.kills = kills
        self.seed = seed
        self.executables = executables
    }

    /// Runs it whole.
    public func run() throws -> DeliveryReport {
        let folder = try TestFolder()
        defer { folder.remove() }
        let start = ContinuousClock.now
        let fleet = try Fleet(executables: executables, data: folder.path + "/data")
        defer { fleet.shutDown() }
        let havoc = Havoc(fleet, seed: seed)
        var load = Load(fleet, seed: seed)
        do {
            // What is left to send and what is left to kill end together.
            for number in 0..<requests {
                havoc.allow(kills: kills * (number + 1) / requests)
                try load.sendNext(calls: Self.callsPerRequest)
                try havoc.wait(forKills: kills * number / requests)
            }
            try havoc.wait(forKills: kills)
        } catch {
            try? havoc.finish()
            throw error
        }
        try havoc.finish()
        fleet.healDisks()

        let fence = TelemetryGenerator.fence()
        try load.send(fence.body)
        let view = try settled(fleet, load, fence: fence.session)
        return DeliveryReport(
            seed: seed, time: ContinuousClock.now - start, faults: havoc.faults, kills: fleet.kills,
            repeatedRequests: load.repeated,
            restarts: fleet.restartCount, made: load.generator.books, counted: view.books,
            hasFence: view.hasSession(fence.session), conservationError: try conservationError(fleet))
    }

    /// Waits until the ledger's books agree and everything sent before the fence has come through, or ten minutes.
    private func settled(_ fleet: Fleet, _ load: Load, fence: String) throws -> LedgerView {
        var view = LedgerView()
        let deadline = ContinuousClock.now + .seconds(600)
        while ContinuousClock.now < deadline {
            try fleet.revive()
            try? view.catchUp(from: fleet.query)
            if view.hasSession(fence), view.books == load.generator.books {
                // A late doubling would show now.
                pause(.seconds(5))
                try? view.catchUp(from: fleet.query)
                return view
            }
            pause(.milliseconds(200))
        }
        return view
    }

    /// What dedupe tells of itself, once it answers: one that ended by itself at last is started again first.
    private func conservationError(_ fleet: Fleet) throws -> Double {
        let deadline = ContinuousClock.now + .seconds(120)
        while true {
            do {
                return try conservationErrorNow(fleet)
            } catch {
                guard ContinuousClock.now < deadline else { throw error }
            }
            try fleet.revive()
            pause(.milliseconds(200))
        }
    }

    private func conservationErrorNow(_ fleet: Fleet) throws -> Double {
        var connection = HTTPConnection(to: fleet.dedupe, timeout: .seconds(60))
        let response = try connection.send(.get("/metrics"))
        let line = response.text.split(separator: "\n").first { $0.hasPrefix("tollbook_dedupe_conservation_error ") }
        guard let value = line?.split(separator: " ").last.flatMap({ Double($0) }) else {
            throw SupportFailure("dedupe shows no conservation error")
        }
        return value
    }
}
