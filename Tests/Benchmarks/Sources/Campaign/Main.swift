import Foundation
import LocalHTTP
import Support
import Synchronization

/// A long delivery campaign: invented calls through a fleet whose members are killed, frozen, scaled and cut off from each
/// other at random, until the books of the ledger are compared with what was made, to the picodollar.
@main
enum Campaign {
    private static let callsPerRequest = 100

    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 5, let calls = Int(arguments[2]), let kills = Int(arguments[3]),
            let seed = UInt64(arguments[4])
        else {
            print("usage: Campaign FOLDER-WITH-EXECUTABLES CALLS KILLS SEED")
            exit(64)
        }
        let folder = try TestFolder()
        let start = ContinuousClock.now
        let fleet = try Fleet(executables: arguments[1], data: folder.path + "/data")
        let havoc = Havoc(fleet, seed: seed)
        var load = Load(fleet, seed: seed)
        // What is left to send and what is left to kill end together.
        for number in 0..<calls / callsPerRequest {
            havoc.allow(kills: kills * (number + 1) / (calls / callsPerRequest))
            try load.sendNext(calls: callsPerRequest)
            while havoc.count(of: .kill) < kills * number / (calls / callsPerRequest) {
                if let failure = havoc.failure { throw failure }
                pause(.milliseconds(5))
            }
        }
        havoc.allow(kills: kills)
        while havoc.count(of: .kill) < kills {
            if let failure = havoc.failure { throw failure }
            pause(.milliseconds(20))
        }
        try havoc.finish()

        let fence = TelemetryGenerator.fence()
        try load.send(fence.body)
        let (view, agreed) = try settled(fleet, load, fence: fence.session)
        report(havoc, fleet, load, seed, ContinuousClock.now - start)
        for line in view.books.differences(from: load.generator.books).prefix(10) { print(line) }
        let (counted, made) = (view.books.total, load.generator.books.total)
        print("made    \(made)")
        print("counted \(counted)")
        print(
            "lost or doubled: \(counted.calls - made.calls) calls, \(counted.picodollars - made.picodollars) picodollars"
        )
        let error = try conservationError(fleet)
        print("conservation error of dedupe: \(error)")
        fleet.shutDown()
        folder.remove()
        print(agreed && error == 0 ? "1 passed, 0 failed" : "0 passed, 1 failed")
        exit(agreed && error == 0 ? 0 : 1)
    }

    /// Waits until the ledger's books agree and everything sent before the fence has come through.
    private static func settled(_ fleet: Fleet, _ load: Load, fence: String) throws -> (LedgerView, Bool) {
        var view = LedgerView()
        let deadline = ContinuousClock.now + .seconds(600)
        while ContinuousClock.now < deadline {
            try fleet.revive()
            try? view.catchUp(from: fleet.query)
            if view.hasSession(fence), view.books == load.generator.books {
                // A late doubling would show now.
                pause(.seconds(5))
                try? view.catchUp(from: fleet.query)
                return (view, view.books == load.generator.books)
            }
            pause(.milliseconds(200))
        }
        return (view, false)
    }

    private static func conservationError(_ fleet: Fleet) throws -> Double {
        var connection = HTTPConnection(to: fleet.dedupe)
        let response = try connection.send(.get("/metrics"))
        let line = response.text.split(separator: "\n").first { $0.hasPrefix("tollbook_dedupe_conservation_error ") }
        guard let value = line?.split(separator: " ").last.flatMap({ Double($0) }) else {
            throw SupportFailure("dedupe shows no conservation error")
        }
        return value
    }

    private static func report(_ havoc: Havoc, _ fleet: Fleet, _ load: Load, _ seed: UInt64, _ time: Duration) {
        let faults = Fault.allCases.map { "\(havoc.count(of: $0)) \($0.rawValue)" }.joined(separator: ", ")
        print("seed \(seed), \(Int(time / .seconds(1))) s: \(faults)")
        print(
            "requests that had to be repeated: \(load.repeated); processes that ended by themselves: \(fleet.restartCount)"
        )
    }
}

/// Lets faults happen on a thread of its own.
private final class Havoc: Sendable {
    private let fleet: Fleet
    private let isFinishing = Atomic<Bool>(false)
    private let counts = Mutex<[Fault: Int]>([:])
    private let allowedKills = Atomic<Int>(0)
    private let outcome = Mutex<Result<Void, any Error>?>(nil)

    init(_ fleet: Fleet, seed: UInt64) {
        self.fleet = fleet
        Thread { [self] in
            let result = Result { try run(SeededRandom(seed: seed)) }
            outcome.withLock { $0 = result }
        }.start()
    }

    /// Lets havoc go on until so many kills have happened; it then waits for the load to catch up.
    func allow(kills: Int) { allowedKills.store(kills, ordering: .releasing) }

    func count(of fault: Fault) -> Int { counts.withLock { $0[fault] ?? 0 } }

    var failure: (any Error)? {
        outcome.withLock { outcome in
            if case .failure(let error)? = outcome { error } else { nil }
        }
    }

    func finish() throws {
        isFinishing.store(true, ordering: .releasing)
        while true {
            if let outcome = outcome.withLock({ $0 }) { return try outcome.get() }
            pause(.milliseconds(20))
        }
    }

    private func run(_ seeded: SeededRandom) throws {
        var random = seeded
        while !isFinishing.load(ordering: .acquiring) {
            pause(.milliseconds(.random(in: 5...250, using: &random)))
            try fleet.revive()
            guard count(of: .kill) < allowedKills.load(ordering: .acquiring) else { continue }
            let fault = Fault.random(using: &random)
            try fault.strike(fleet, using: &random)
            counts.withLock { $0[fault, default: 0] += 1 }
        }
    }
}
