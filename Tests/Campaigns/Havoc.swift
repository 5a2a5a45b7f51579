import Foundation
import Supervision
import Support
import Synchronization

/// Lets faults happen to a fleet, on a thread of its own: the load blocks the threads that tasks run on.
final class Havoc: Sendable {
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

    /// How often each fault has happened.
    var faults: [Fault: Int] { counts.withLock { $0 } }

    /// Lets havoc go on until so many kills have happened; it then waits for the load to catch up.
    func allow(kills: Int) { allowedKills.store(kills, ordering: .releasing) }

    /// Waits until so many kills have happened.
    func wait(forKills kills: Int) throws {
        while faults[.kill, default: 0] < kills {
            if case .failure(let error)? = outcome.withLock({ $0 }) { throw error }
            pause(.milliseconds(5))
        }
    }

    /// Ends the faults, and throws what went wrong with letting them happen.
    func finish() throws {
        isFinishing.store(true, ordering: .releasing)
        while true {
            if let outcome = outcome.withLock({ $0 }) { return try outcome.get() }
            pause(.milliseconds(20))
        }
    }

    private func run(_ seeded: SeededRandom) throws {
        var random = seeded
        var deck = FaultDeck()
        while !isFinishing.load(ordering: .acquiring) {
            pause(.milliseconds(.random(in: 5...250, using: &random)))
            try fleet.revive()
            guard faults[.kill, default: 0] < allowedKills.load(ordering: .acquiring) else { continue }
            let fault = deck.next(using: &random)
            guard try fault.strike(fleet, using: &random) else {
                // Its turn comes again, when others have made room for it.
                deck.putBack(fault)
                continue
            }
            counts.withLock { $0[fault, default: 0] += 1 }
        }
    }
}
