import Foundation
import Metering
import Testing

@testable import Harnesses

/// Every fixture folder with an `expected.txt`: what its inputs must give, line for line.
///
/// A new harness brings folders `Fixtures/<harness>/<case>` with inputs, named as ``FixtureInput`` says, and is found by
/// itself.
struct FixtureCaseTests {
    private static var cases: [String] {
        get throws {
            try FileManager.default.subpathsOfDirectory(atPath: Fixture.root.path)
                .filter { $0.hasSuffix("/expected.txt") }.map { String($0.dropLast("/expected.txt".count)) }.sorted()
        }
    }

    @Test func `every case gives what it is expected to give`() throws {
        let cases = try Self.cases
        #expect(cases.count >= 12)
        for folder in cases {
            let expected = try String(decoding: Fixture.bytes(folder + "/expected.txt"), as: UTF8.self)
            let inputs = try FixtureInput.all(below: folder)
            #expect(!inputs.isEmpty)
            for isProtobuf in [false, true] {
                let inputs = inputs.filter { $0.path.hasSuffix(".pb") == isProtobuf }
                guard !inputs.isEmpty else { continue }
                let lines = try inputs.flatMap { try $0.read().events }.map(ObservationText.line)
                let text = lines.map { $0 + "\n" }.joined()
                #expect(text == expected, "\(folder), from \(inputs)")
            }
        }
    }

    @Test func `every folder of inputs has an expectation or a test of its own`() throws {
        let folders = Set(
            try FileManager.default.subpathsOfDirectory(atPath: Fixture.root.path).map { $0.split(separator: "/") }
                .filter { $0.count > 2 }.map { $0[0] + "/" + $0[1] })
        let described = Set(try Self.cases.map { Substring($0) })
        #expect(folders.subtracting(described) == ["claude-code/capture"])
    }

    @Test func `every harness of the catalog has a case, and every form of file that it declares is in one`() throws {
        let inputs = try FixtureInput.all()
        for reader in HarnessCatalog.forTests.readers {
            let harness = try #require(reader.harness)
            let own = inputs.filter { $0.harness == harness }
            #expect(!own.isEmpty, "\(harness)")
            if reader.sessionFiles != nil { #expect(own.contains { $0.isSessionFile }, "\(harness)") }
            if reader.makeResultReader(of: Invocation()) != nil { #expect(own.contains { $0.isResult }, "\(harness)") }
        }
    }
}
