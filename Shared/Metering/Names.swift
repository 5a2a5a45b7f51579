/// A coding agent that makes model calls, such as `claude-code`; an open set, unknown names pass through.
public struct Harness: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The normalised name: lower case, words joined by hyphens.
    public let rawValue: String

    /// Makes a harness from a name that is already normalised.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// The normalised name.
    public var description: String { rawValue }

    /// Orders by name.
    public static func < (left: Harness, right: Harness) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// A company or host that serves models, named as in OpenTelemetry's `gen_ai.provider.name`; an open set.
public struct Provider: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The name, such as `anthropic`.
    public let rawValue: String

    /// Makes a provider from its name.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// The name.
    public var description: String { rawValue }

    /// Anthropic's own API.
    public static let anthropic = Provider(rawValue: "anthropic")
    /// OpenAI's own API.
    public static let openAI = Provider(rawValue: "openai")
    /// Google's Gemini API.
    public static let google = Provider(rawValue: "google")
}

/// How a figure reached us; a closed set, because the order between channels must be decided for each.
public enum Channel: String, CaseIterable, Hashable, Sendable {
    /// An OpenTelemetry log record.
    case log
    /// An OpenTelemetry span.
    case span
    /// An OpenTelemetry metric point.
    case metric
    /// A session file the harness keeps on disk.
    case transcript
    /// The output of a command, such as `claude -p --output-format json`.
    case result
    /// A provider's API answer, body or stream.
    case response

    /// The usual order between channels, for harnesses that have no other: the lowest number is believed first.
    public var defaultAuthority: Int64 {
        switch self {
        case .response: 0
        case .log: 10
        case .span: 20
        case .transcript: 30
        case .result: 40
        case .metric: 50
        }
    }
}

/// One conversation of one harness: the unit within which channels overlap.
public struct Scope: Hashable, Sendable {
    /// Whose data this is; `default` in a deployment for one.
    public var tenant: String
    /// The agent.
    public var harness: Harness
    /// The conversation, or a name made from the source stream when the source gave none.
    public var session: String
    /// Whether the source named the session; when not, `session` stands for one source stream alone.
    public var isSessionKnown: Bool

    /// Makes a scope.
    public init(tenant: String, harness: Harness, session: String, isSessionKnown: Bool = true) {
        self.tenant = tenant
        self.harness = harness
        self.session = session
        self.isSessionKnown = isSessionKnown
    }

    /// The tenant of a deployment that has only one.
    public static let defaultTenant = "default"
}

/// 128 bits derived from content, such as an observation's identity.
public struct ContentID: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The first eight bytes.
    public let high: UInt64
    /// The last eight bytes.
    public let low: UInt64

    /// Makes an identity from its bits.
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Reads 32 hexadecimal digits; `nil` for anything else.
    public init?(hexadecimal text: some StringProtocol) {
        guard text.utf8.count == 32, text.utf8.allSatisfy(Self.isHexadecimalDigit),
            let high = UInt64(text.prefix(16), radix: 16), let low = UInt64(text.suffix(16), radix: 16)
        else { return nil }
        self.init(high: high, low: low)
    }

    /// 32 hexadecimal digits.
    public var description: String { Self.hexadecimal(high) + Self.hexadecimal(low) }

    /// Orders by bits.
    public static func < (left: ContentID, right: ContentID) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }

    private static func isHexadecimalDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }

    private static func hexadecimal(_ word: UInt64) -> String {
        let digits = String(word, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
