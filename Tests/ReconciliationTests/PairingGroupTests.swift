import Metering
import Support
import Testing

@testable import Reconciliation

/// What a pairing keeps of very many equal calls.
@Suite struct PairingGroupTests {
    @Test(arguments: 1...3) func `the earliest calls up to the bound take part, in whatever order they come`(
        seed: UInt64
    ) {
        var dice = Dice(seed: seed)
        var group = PairingGroup()
        let most = PairingGroup.maximumMembers
        for index in (0..<Int64(most + 20)).shuffled(using: &dice) {
            group.insert(
                PairingGroup.Member(
                    call: index, key: CallKey(space: "codex", kind: .record, value: "\(index)"), channels: 1,
                    time: Timestamp(seconds: index), report: ContentID(high: 0, low: UInt64(index))))
        }
        #expect(group.places.map(\.base.call) == Array(0..<Int64(most)))
    }
}
