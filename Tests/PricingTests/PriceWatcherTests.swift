import Foundation
import Logging
import Metering
import PriceSheets
import Rating
import Telemetry
import Testing
import Wire

@testable import PricingService

@Suite(.timeLimit(.minutes(30))) struct PriceWatcherTests {
    /// A data folder with the services' places for prices.
    private final class Folders {
        let data = FileManager.default.temporaryDirectory.appending(path: "tollbook-prices-\(UUID().uuidString)")
        let folders: PriceFolders

        init() throws {
            folders = PriceFolders(data: data.path)
            for folder in [folders.refreshed, folders.overrides] {
                try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            }
        }

        deinit { try? FileManager.default.removeItem(at: data) }

        func override(_ text: String, name: String = "contract.json") throws {
            try Data(text.utf8).write(to: folders.overrides.appending(path: name))
        }
    }

    private static func sheet(output: String, extra: String = "") -> String {
        """
        {"format":1,"provider":"anthropic","version":"contract","unit":"USD per million tokens",
        "inherit":{"cache_read":"uncached_input","cache_write_5m":"uncached_input","cache_write_1h":"cache_write_5m",
        "cache_write":"cache_write_5m"},"rows":[{"model":"claude-opus-4-6",
        "rates":{"uncached_input":"1","output":"\(output)"},"source":"contract"}]\(extra)}
        """
    }

    private static func cost(
        _ prices: CurrentPrices, _ model: String = "claude-opus-4-6", provider: String? = "anthropic"
    )
        throws -> String
    {
        var rater = Rater(book: prices.book)
        let time = try #require(Timestamp(rfc3339: "2026-11-18T12:00:00Z"))
        let quote = rater.quote(
            RatingRequest(provider: provider, model: model, time: time, tokens: TokenCounts(output: 1_000_000)))
        return quote.reason?.rawValue ?? quote.cost.description
    }

    private static func watcher(_ test: Folders) throws -> (PriceWatcher, CurrentPrices, HealthState) {
        let prices = CurrentPrices(try test.folders.book())
        let health = HealthState(conditions: [], loops: [])
        let watcher = PriceWatcher(
            folders: test.folders, prices: prices, health: health, logger: Logger(label: "test"),
            interval: .milliseconds(5))
        return (watcher, prices, health)
    }

    @Test func `a changed override is in force without a restart, and its removal as well`() throws {
        let test = try Folders()
        let (watcher, prices, health) = try Self.watcher(test)
        let builtIn = prices.book.version
        #expect(try Self.cost(prices) == "25")
        try test.override(Self.sheet(output: "20"))
        watcher.reload()
        #expect(try Self.cost(prices) == "20")
        // The same name of a version, other content: another book.
        let first = prices.book.version
        try test.override(Self.sheet(output: "19"))
        watcher.reload()
        #expect(try Self.cost(prices) == "19")
        #expect(Set([builtIn, first, prices.book.version]).count == 3)
        try FileManager.default.removeItem(at: test.folders.overrides.appending(path: "contract.json"))
        watcher.reload()
        #expect(try Self.cost(prices) == "25")
        #expect(prices.book.version == builtIn)
        #expect(health.readiness.conditions[PriceWatcher.condition] == .met)
    }

    @Test(arguments: [
        (#"{"format":1,"#, "contract.json:1"), (sheet(output: "2.00000001"), "picodollars"),
        (sheet(output: "2", extra: #","aliases":[{"name":"ours","model":"claude-opus-4-66"}]"#), "claude-opus-4-66"),
    ])
    func `a bad file leaves the book in force and says so until it is mended`(text: String, fault: String) throws {
        let test = try Folders()
        let (watcher, prices, health) = try Self.watcher(test)
        let version = prices.book.version
        try test.override(text)
        watcher.reload()
        #expect(prices.book.version == version)
        #expect(prices.generation == 0)
        let reason = try #require(health.readiness.conditions[PriceWatcher.condition]?.reason)
        #expect(reason.contains(version) && reason.contains(fault), "\(reason)")
        #expect(health.readiness.isHealthy)
        try test.override(Self.sheet(output: "2"))
        watcher.reload()
        #expect(try Self.cost(prices) == "2")
        #expect(health.readiness.conditions[PriceWatcher.condition] == .met)
    }

    @Test func `the folders are looked after while the service runs, and in flight calls finish with their book`()
        async throws
    {
        let test = try Folders()
        let (watcher, prices, _) = try Self.watcher(test)
        var transform = ChargeTransform(prices: prices, logger: Logger(label: "test"))
        let event =
            #"{"calls":[{"event_time":"2026-11-18T12:00:00Z","provider":"anthropic","model":"claude-opus-4-6","#
            + #""tokens":{"output":1000000}}]}"#
        let batch = try Batch(
            decoding: Batch.encode(
                stream: "1b671a64-40d5-491e-99b0-da01ff1f3341", first: 1, low: 1, events: [Array(event.utf8)]))
        func charged() -> String {
            var json = JSONWriter()
            transform.transform(batch, 0, into: &json)
            return String(decoding: json.bytes, as: UTF8.self)
        }
        #expect(charged().contains(#""cost":"25""#))
        let running = Task { try await watcher.run() }
        try await Task.sleep(for: .milliseconds(50))
        try test.override(Self.sheet(output: "20"))
        while prices.generation == 0 { try await Task.sleep(for: .milliseconds(5)) }
        #expect(charged().contains(#""cost":"20""#))
        running.cancel()
        try await running.value
    }

    @Test func `a deployment stands for its base model, at its own provider or another's`() throws {
        let test = try Folders()
        try test.override(
            """
            {"format":1,"provider":"acme-gateway","version":"1","unit":"USD per million tokens","rows":[],
            "aliases":[{"name":"prod-opus","model":"claude-opus-4-6","provider":"anthropic"}]}
            """, name: "gateway.json")
        try test.override(
            """
            {"format":1,"provider":"azure","version":"1","unit":"USD per million tokens","rows":[],
            "aliases":[{"name":"our-gpt","model":"gpt-5.4-mini"}]}
            """, name: "azure.json")
        let prices = CurrentPrices(try test.folders.book())
        #expect(try Self.cost(prices, "prod-opus", provider: "acme-gateway") == "25")
        #expect(try Self.cost(prices, "acme-gateway/prod-opus", provider: nil) == "25")
        #expect(
            try Self.cost(prices, "our-gpt", provider: "azure") == Self.cost(prices, "gpt-5.4-mini", provider: "azure"))
        #expect(try Self.cost(prices, "prod-opus-2", provider: "acme-gateway") == "unknown_model")
        #expect(try Self.cost(prices, "prod-opus", provider: nil) == "unknown_model")
    }
}
