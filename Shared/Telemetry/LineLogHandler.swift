import Glibc
import Logging
import Wire

/// A log handler that makes one line of each event.
///
/// Line breaks and other control characters are escaped, so that no logged value can fake a line.
struct LineLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?
    var logLevel: Logger.Level
    private let service: String
    private let format: LogSettings.Format
    private let now: @Sendable () -> timespec
    private let write: @Sendable ([UInt8]) -> Void

    init(
        service: String, settings: LogSettings,
        now: @escaping @Sendable () -> timespec = LineLogHandler.wallClock,
        write: @escaping @Sendable ([UInt8]) -> Void
    ) {
        self.service = service
        logLevel = settings.level
        format = settings.format
        self.now = now
        self.write = write
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var fields = metadata
        if let provided = metadataProvider?.get() { fields.merge(provided) { $1 } }
        if let given = event.metadata { fields.merge(given) { $1 } }
        if let error = event.error { fields["error"] = "\(error)" }
        let sorted = fields.sorted { $0.key < $1.key }
        let time = Self.text(of: now())
        let message = event.message.description
        var line =
            switch format {
            case .text: text(time, event.level, message, sorted)
            case .json: json(time, event.level, message, sorted)
            }
        line.append(UInt8(ascii: "\n"))
        write(line)
    }

    private func text(
        _ time: String, _ level: Logger.Level, _ message: String, _ fields: [(key: String, value: Logger.MetadataValue)]
    ) -> [UInt8] {
        let levelName = level.rawValue.uppercased()
        let padding = String(repeating: " ", count: max(0, 8 - levelName.count))
        var line = "\(time) \(levelName)\(padding) \(service): \(Self.escaped(message))"
        for (key, value) in fields {
            let text = Self.escaped("\(value)")
            line += " \(Self.escaped(key))=" + (text.contains(" ") || text.isEmpty ? "\"\(text)\"" : text)
        }
        return Array(line.utf8)
    }

    private func json(
        _ time: String, _ level: Logger.Level, _ message: String, _ fields: [(key: String, value: Logger.MetadataValue)]
    ) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member("ts", time)
            json.member("level", level.rawValue)
            json.member("service", service)
            json.member("message", message)
            guard !fields.isEmpty else { return }
            json.key("fields")
            json.object { json in
                for (key, value) in fields {
                    json.key(dynamic: key)
                    Self.write(value, to: &json)
                }
            }
        }
        return json.bytes
    }

    private static func write(_ value: Logger.MetadataValue, to json: inout JSONWriter) {
        switch value {
        case .string(let text): json.string(text)
        case .stringConvertible(let value): json.string(value.description)
        case .array(let values):
            json.array { json in
                for value in values { write(value, to: &json) }
            }
        case .dictionary(let values):
            json.object { json in
                for (key, value) in values.sorted(by: { $0.key < $1.key }) {
                    json.key(dynamic: key)
                    write(value, to: &json)
                }
            }
        }
    }

    private static func escaped(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control || $0 == "\"" }) else {
            return text
        }
        return text.unicodeScalars.reduce(into: "") { escaped, scalar in
            switch scalar {
            case "\n": escaped += "\\n"
            case "\r": escaped += "\\r"
            case "\t": escaped += "\\t"
            case "\"": escaped += "\\\""
            case _ where scalar.properties.generalCategory == .control:
                escaped += "\\u{" + String(scalar.value, radix: 16) + "}"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
    }

    static let wallClock: @Sendable () -> timespec = {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return time
    }

    private static func text(of time: timespec) -> String {
        var seconds = time.tv_sec
        var parts = tm()
        gmtime_r(&seconds, &parts)
        let date = [Int(parts.tm_year) + 1900, Int(parts.tm_mon) + 1, Int(parts.tm_mday)].map { padded($0, to: 2) }
        let clock = [parts.tm_hour, parts.tm_min, parts.tm_sec].map { padded(Int($0), to: 2) }
        let milliseconds = padded(time.tv_nsec / 1_000_000, to: 3)
        return "\(date.joined(separator: "-"))T\(clock.joined(separator: ":")).\(milliseconds)Z"
    }

    private static func padded(_ number: Int, to width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

/// Writes a whole line with one call, so that lines of several threads do not mix.
@Sendable func writeToStandardError(_ line: [UInt8]) {
    _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
}
