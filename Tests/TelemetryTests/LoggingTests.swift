import Glibc
import Logging
import Synchronization
import Testing

@testable import Telemetry

struct LineLogHandlerTests {
    private final class Lines: Sendable {
        private let texts = Mutex<[String]>([])
        var all: [String] { texts.withLock { $0 } }
        func append(_ line: [UInt8]) { texts.withLock { $0.append(String(decoding: line, as: UTF8.self)) } }
    }

    private let lines = Lines()

    private func logger(_ format: LogSettings.Format, level: Logger.Level = .info) -> Logger {
        Logger(label: "stage") { [lines] _ in
            LineLogHandler(
                service: "dedupe", settings: LogSettings(level: level, format: format),
                now: { .init(tv_sec: 1_795_250_096, tv_nsec: 7_000_000) }, write: { lines.append($0) })
        }
    }

    @Test func `a text line has time, level, service, message and sorted fields`() {
        var logger = logger(.text)
        logger[metadataKey: "stream"] = "s1"
        logger.warning("gap found", metadata: ["first": "4", "reason": "old backup"])
        #expect(
            lines.all == [
                "2026-11-21T08:34:56.007Z WARNING  dedupe: gap found first=4 reason=\"old backup\" stream=s1\n"
            ])
    }

    @Test func `a JSON line is an object`() {
        logger(.json).info(
            "stage \"started\"", metadata: ["a": ["x", "y"], "n": .stringConvertible(3), "d": ["k": "v"]])
        #expect(
            lines.all == [
                #"{"ts":"2026-11-21T08:34:56.007Z","level":"info","service":"dedupe","message":"stage \"started\"","#
                    + #""fields":{"a":["x","y"],"d":{"k":"v"},"n":"3"}}"# + "\n"
            ])
    }

    @Test(arguments: [LogSettings.Format.text, .json])
    func `nothing logged can begin a line of its own`(format: LogSettings.Format) {
        logger(format).error("a\nb\r\u{1B}[2J", metadata: ["k\n": "v\n2026 INFO fake"])
        #expect(lines.all.count == 1)
        #expect(lines.all[0].dropLast().unicodeScalars.allSatisfy { $0.value >= 0x20 })
    }

    @Test func `levels below the set one are silent`() {
        logger(.text, level: .error).warning("no")
        logger(.text, level: .error).error("yes")
        #expect(lines.all.count == 1)
    }
}

struct LogSettingsTests {
    @Test func `the environment sets level and format`() throws {
        #expect(try LogSettings(environment: [:]) == LogSettings(level: .info, format: .text))
        #expect(
            try LogSettings(environment: ["TOLLBOOK_LOG_LEVEL": "Debug", "TOLLBOOK_LOG_FORMAT": "json"])
                == LogSettings(level: .debug, format: .json))
        #expect(try LogSettings(environment: ["TOLLBOOK_LOG_LEVEL": ""]) == LogSettings())
    }

    @Test func `a value that does not exist is an error that names those that do`() {
        let error = #expect(throws: LogSettingsError.self) {
            try LogSettings(environment: ["TOLLBOOK_LOG_FORMAT": "xml"])
        }
        #expect(error?.description == "TOLLBOOK_LOG_FORMAT is 'xml'; it may be text, json")
        #expect(throws: LogSettingsError.self) { try LogSettings(environment: ["TOLLBOOK_LOG_LEVEL": "loud"]) }
    }
}
