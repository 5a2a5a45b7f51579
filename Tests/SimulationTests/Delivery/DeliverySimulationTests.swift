import PriceSheets
import Rating
import Testing

/// Nothing lost and nothing counted twice, whatever is forgotten, lost, repeated or dies; one seed, one run.
@Suite struct DeliverySimulationTests {
    private static let seedsInABlock: UInt64 = 100
    private let book: PriceBook

    init() throws {
        book = PriceBook(list: try PriceSheets.embedded())
    }

    private func differences(seed: UInt64, _ mutation: Mutation? = nil) throws -> [String] {
        var simulation = try DeliverySimulation(seed: seed, book: book, mutation: mutation)
        return try simulation.run()
    }

    @Test(arguments: 0..<100 as Range<UInt64>)
    func `a hundred runs each end with the books of the auditor`(block: UInt64) throws {
        for seed in block * Self.seedsInABlock..<(block + 1) * Self.seedsInABlock {
            let differences = try differences(seed: seed)
            #expect(differences.isEmpty, "seed \(seed): \(differences.joined(separator: "\n"))")
        }
    }

    @Test(arguments: Mutation.allCases)
    func `a broken promise shows within two hundred runs`(mutation: Mutation) throws {
        let caught = try (0..<200 as Range<UInt64>).contains { try !differences(seed: $0, mutation).isEmpty }
        #expect(caught, "\(mutation)")
    }
}
