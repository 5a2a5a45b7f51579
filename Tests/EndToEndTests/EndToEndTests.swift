import Foundation
import Support
import Testing

/// Tests with the real four processes; one after the other, since each wants the machine for itself.
@Suite(.serialized, .timeLimit(.minutes(30)))
enum EndToEndTests {
    /// A file beside the tests: a script, or what a tool of another language needs.
    static func script(_ name: String, in folder: String = "Live") throws -> String {
        try #require(Bundle.module.resourceURL).appending(path: "\(folder)/\(name)").path
    }

    /// The Python that the tests' own scripts run in.
    static var python: String { ProcessInfo.processInfo.environment["TOLLBOOK_TEST_PYTHON"] ?? "/usr/bin/python3" }
}
