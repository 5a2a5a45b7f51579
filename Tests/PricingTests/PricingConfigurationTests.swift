import ArgumentParser
import Foundation
import Pipeline
import PriceSheets
import Rating
import Settings
import Testing

@testable import PricingService

@Suite struct PricingConfigurationTests {
    @Test func `the defaults are the documented ones`() throws {
        let settings = try PricingConfiguration.parse([])
        let relay = try settings.relay()
        #expect("\(relay.source)" == "tcp://127.0.0.1:7111")
        #expect("\(relay.destination)" == "tcp://127.0.0.1:7121")
        #expect(try settings.adminAddress()?.port == 7141)
        #expect(try settings.folders.book().rowCount > 3_000)
    }

    @Test func `port 0 turns the operator's server off`() throws {
        #expect(try PricingConfiguration.parse(["--admin-port", "0"]).adminAddress() == nil)
    }

    @Test func `an open listener must be allowed`() throws {
        #expect(throws: (any Error).self) {
            try PricingConfiguration.parse(["--admin-host", "0.0.0.0"]).adminAddress()
        }
        let allowed = try PricingConfiguration.parse(["--admin-host", "0.0.0.0", "--insecure-allow"])
        #expect(try allowed.adminAddress()?.host == "0.0.0.0")
    }

    @Test func `overrides go before the built-in sheets`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let sheet = """
            {"format":1,"provider":"anthropic","version":"contract","unit":"USD per million tokens",
            "inherit":{"cache_read":"uncached_input","cache_write_5m":"uncached_input",
            "cache_write_1h":"cache_write_5m","cache_write":"cache_write_5m"},
            "rows":[{"model":"claude-opus-4-6","rates":{"uncached_input":"1","output":"1"},"source":"contract"}]}
            """
        try Data(sheet.utf8).write(to: folder.appending(path: "anthropic.json"))
        let book = try PricingConfiguration.parse(["--price-overrides", folder.path]).folders.book()
        #expect(book.prices(of: "claude-opus-4-6", provider: "anthropic").contains { $0.row.source == "contract" })
        #expect(throws: PriceSheetError.self) {
            try PricingConfiguration.parse(["--prices", folder.path + "/none"]).folders.book()
        }
    }
}
