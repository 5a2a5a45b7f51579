import Glibc
import Settings
import Testing

@Suite(.serialized) struct `Settings from the environment` {
    @Test func `win over the default`() {
        setenv("TOLLBOOK_TEST_COUNT", "7", 1)
        #expect(Environment.value("TOLLBOOK_TEST_COUNT", default: 1) == 7)
        #expect(Environment.value("TOLLBOOK_TEST_ABSENT", default: 1) == 1)
        setenv("TOLLBOOK_TEST_EMPTY", "", 1)
        #expect(Environment.text("TOLLBOOK_TEST_EMPTY") == nil)
    }

    @Test func `that cannot be read are reported once, by name`() throws {
        setenv("TOLLBOOK_TEST_PORT", "many", 1)
        for _ in 0..<3 { #expect(Environment.value("TOLLBOOK_TEST_PORT", default: 4318) == 4318) }
        let error = try #require(throws: SettingsError.self) { try Environment.validate() }
        #expect(error.description == "TOLLBOOK_TEST_PORT=many is not a whole number; correct it or unset it")
    }
}
