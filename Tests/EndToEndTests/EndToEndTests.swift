import Foundation
import Support
import Testing

/// Tests with the real four processes; one after the other, since each wants the machine for itself.
@Suite(.serialized, .timeLimit(.minutes(15)))
enum EndToEndTests {
    /// A script of the live test.
    static func script(_ name: String) throws -> String {
        try #require(Bundle.module.resourceURL).appending(path: "Live/\(name)").path
    }

    /// The Python that the tests' own scripts run in.
    static var python: String { ProcessInfo.processInfo.environment["TOLLBOOK_TEST_PYTHON"] ?? "/usr/bin/python3" }
}
