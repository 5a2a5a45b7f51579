import Console
import Testing

@Suite struct FeedFollowerTests {
    @Test func `changes in order are delivered once`() {
        var follower = FeedFollower()
        let steps = [1, 2, 2, 1, 3].map { follower.receive(epoch: "e", sequence: $0) }
        #expect(steps == [.deliver, .deliver, .ignore, .ignore, .deliver])
        #expect(follower.delivered == 3)
        #expect(follower.gaps == 0)
    }

    @Test func `a gap is replayed and the live change is not lost`() {
        var follower = FeedFollower(epoch: "e", after: 4)
        #expect(follower.receive(epoch: "e", sequence: 7) == .replay(after: 4))
        let steps = [5, 6, 7].map { follower.replay(epoch: "e", sequence: $0) }
        #expect(steps == [.deliver, .deliver, .deliver])
        #expect(follower.receive(epoch: "e", sequence: 7) == .ignore)
        #expect(follower.receive(epoch: "e", sequence: 8) == .deliver)
        #expect(follower.gaps == 1)
    }

    @Test func `a heartbeat that knows more shows a loss at the end`() {
        var follower = FeedFollower(epoch: "e", after: 4)
        #expect(follower.hear(epoch: "e", last: 4) == .ignore)
        #expect(follower.hear(epoch: "e", last: 5) == .replay(after: 4))
        #expect(follower.isBehind)
        #expect(follower.replay(epoch: "e", sequence: 5) == .deliver)
        #expect(!follower.isBehind)
    }

    @Test func `what the ledger removed is passed over, once and not back`() throws {
        var follower = FeedFollower(epoch: "e", after: 4)
        let answer = #"{"status":410,"detail":"gone","resume_after":9,"snapshot":"/v1/charges"}"#
        let through = try #require(ProblemText.resumeAfter(Array(answer.utf8)))
        follower.pass(through: through)
        #expect(follower.delivered == 9 && !follower.isBehind)
        follower.pass(through: 3)
        #expect(follower.receive(epoch: "e", sequence: 10) == .deliver)
        #expect(ProblemText.resumeAfter(Array(#"{"detail":"no"}"#.utf8)) == nil)
    }

    @Test func `a welcome without news asks for nothing`() {
        var follower = FeedFollower()
        #expect(follower.hear(epoch: "e", last: 0) == .ignore)
        #expect(follower.epoch == "e")
    }

    @Test(arguments: ["welcome", "change", "replay"])
    func `a new epoch begins anew from wherever it is heard of`(source: String) {
        var follower = FeedFollower(epoch: "old", after: 900)
        let step =
            switch source {
            case "welcome": follower.hear(epoch: "new", last: 3)
            case "change": follower.receive(epoch: "new", sequence: 3)
            default: follower.replay(epoch: "new", sequence: 1)
            }
        #expect(step == .restart(epoch: "new"))
        #expect(follower.delivered == 0)
        #expect(follower.replay(epoch: "new", sequence: 1) == .deliver)
    }

    /// A publisher that loses, repeats and swaps frames, and restarts now and then: whatever the seed, the subscriber
    /// ends with the ledger.
    @Test(arguments: 0..<200)
    func `losses, repeats and restarts end equal to the ledger`(seed: Int) {
        var random = SplitMix(state: UInt64(seed))
        var ledger: [Int64] = []
        var epoch = 0
        var follower = FeedFollower()
        var seen: [Int64] = []
        func replay() {
            for sequence in ledger where sequence > follower.delivered {
                if follower.replay(epoch: "\(epoch)", sequence: sequence) == .deliver { seen.append(sequence) }
            }
        }
        func perform(_ step: FeedFollower.Step, _ sequence: Int64) {
            switch step {
            case .deliver: seen.append(sequence)
            case .ignore: break
            case .replay: replay()
            case .restart:
                seen = []
                replay()
            }
        }
        for _ in 0..<200 {
            ledger.append(Int64(ledger.count) + 1)
            switch random.next() % 8 {
            case 0: break
            case 1:
                let old = Int64(random.next() % UInt64(ledger.count)) + 1
                perform(follower.receive(epoch: "\(epoch)", sequence: old), old)
            case 2 where random.next() % 10 == 0:
                epoch += 1
                ledger = []
            default: perform(follower.receive(epoch: "\(epoch)", sequence: ledger.last!), ledger.last!)
            }
        }
        perform(follower.hear(epoch: "\(epoch)", last: Int64(ledger.count)), 0)
        #expect(seen == ledger)
    }
}

struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
