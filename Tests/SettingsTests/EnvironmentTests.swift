import Glibc
import Testing

@testable import Settings

@Suite struct `Settings from the environment` {
    // Not the process's own: every other test reads that too, on other threads.
    private let environment = EnvironmentVariables { name in
        ["TOLLBOOK_TEST_COUNT": "7", "TOLLBOOK_TEST_EMPTY": "", "TOLLBOOK_TEST_PORT": "many"][name]
    }

    @Test func `win over the default`() throws {
        #expect(environment.value("TOLLBOOK_TEST_COUNT", default: 1) == 7)
        #expect(environment.value("TOLLBOOK_TEST_ABSENT", default: 1) == 1)
        #expect(environment.text("TOLLBOOK_TEST_EMPTY") == nil)
        try environment.validate()
    }

    @Test func `that cannot be read are reported once, by name`() throws {
        for _ in 0..<3 { #expect(environment.value("TOLLBOOK_TEST_PORT", default: 4318) == 4318) }
        let error = try #require(throws: SettingsError.self) { try environment.validate() }
        #expect(error.description == "TOLLBOOK_TEST_PORT=many is not a whole number; correct it or unset it")
    }

    @Test func `are those of the process`() {
        #expect(Environment.text("PATH") == getenv("PATH").map { String(cString: $0) })
        #expect(Environment.text("TOLLBOOK_TEST_ABSENT") == nil)
    }
}
