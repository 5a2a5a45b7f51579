public import Logging

/// How a service logs, as the operator set it.
public struct LogSettings: Hashable, Sendable {
    /// What a line looks like.
    public enum Format: String, Hashable, Sendable {
        /// For people: time, level, service, message, `key=value`.
        case text
        /// For machines: one JSON object a line.
        case json
    }

    /// The lowest level that is written.
    public var level: Logger.Level
    /// What a line looks like.
    public var format: Format

    /// Makes settings.
    public init(level: Logger.Level = .info, format: Format = .text) {
        self.level = level
        self.format = format
    }

    /// Reads `TOLLBOOK_LOG_LEVEL` and `TOLLBOOK_LOG_FORMAT`.
    public init(environment: [String: String]) throws(LogSettingsError) {
        self.init()
        if let text = environment["TOLLBOOK_LOG_LEVEL"], !text.isEmpty {
            guard let level = Logger.Level(rawValue: text.lowercased()) else {
                throw LogSettingsError(
                    variable: "TOLLBOOK_LOG_LEVEL", value: text, allowed: Logger.Level.allCases.map(\.rawValue))
            }
            self.level = level
        }
        if let text = environment["TOLLBOOK_LOG_FORMAT"], !text.isEmpty {
            guard let format = Format(rawValue: text.lowercased()) else {
                throw LogSettingsError(variable: "TOLLBOOK_LOG_FORMAT", value: text, allowed: ["text", "json"])
            }
            self.format = format
        }
    }
}

/// A log setting with a value that does not exist.
public struct LogSettingsError: Error, Hashable, Sendable, CustomStringConvertible {
    let variable: String
    let value: String
    let allowed: [String]

    /// What is set, and what may be.
    public var description: String {
        "\(variable) is '\(value)'; it may be \(allowed.joined(separator: ", "))"
    }
}

/// Sends every logger's lines to standard error; to be called once, at the start of `main`.
///
/// - Parameters:
///   - service: the name every line carries.
///   - settings: level and format.
public func bootstrapLogging(service: String, settings: LogSettings) {
    LoggingSystem.bootstrap { _ in
        LineLogHandler(service: service, settings: settings, write: writeToStandardError)
    }
}
