/// One identity of a model call, such as `anthropic:req:req_011CZx`: a name space, a kind, a value.
///
/// A call has as many keys as its channels know. Name spaces are the provider's where the provider made the
/// identity, so that a gateway's or a fork's copy of a call has the same key.
public struct CallKey: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The whole key.
    public let rawValue: String

    /// Makes a key from its whole text.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// Makes a key from its parts.
    public init(space: String, kind: Kind, value: String) {
        self.rawValue = space + ":" + kind.rawValue + ":" + value
    }

    /// The whole key.
    public var description: String { rawValue }

    /// The kinds of key, best first: which of a call's keys names it does not depend on arrival order.
    public enum Kind: String, CaseIterable, Hashable, Sendable {
        /// The provider's request id.
        case request = "req"
        /// The provider's response id.
        case response = "resp"
        /// The provider's message id.
        case message = "msg"
        /// The client's own id of its request.
        case clientRequest = "creq"
        /// A part of an answer billed apart from it, such as an advisor's turn.
        case iteration = "iter"
        /// A harness's own id of a step or message.
        case step = "step"
        /// A span: trace id and span id.
        case span = "span"
        /// A log record that names no request: session, sequence and time.
        case record = "rec"
        /// A bucket of an aggregate; never shared with a call.
        case aggregate = "agg"
    }

    /// The key's kind; `nil` when the text does not have one of ours.
    public var kind: Kind? {
        let text = rawValue.utf8
        guard let first = text.firstIndex(of: UInt8(ascii: ":")) else { return nil }
        let rest = text[text.index(after: first)...]
        guard let second = rest.firstIndex(of: UInt8(ascii: ":")) else { return nil }
        // Kinds are short enough that this string needs no memory of its own.
        return Kind(rawValue: String(rawValue[rest.startIndex..<second]))
    }
}

extension CallKey: Comparable {
    /// Orders by kind, best first, then by text.
    public static func < (left: CallKey, right: CallKey) -> Bool {
        let (leftRank, rightRank) = (left.rank, right.rank)
        return leftRank == rightRank ? left.rawValue < right.rawValue : leftRank < rightRank
    }

    private var rank: Int {
        switch kind {
        case .request: 0
        case .response: 1
        case .message: 2
        case .clientRequest: 3
        case .iteration: 4
        case .step: 5
        case .span: 6
        case .record: 7
        case .aggregate: 8
        case nil: 9
        }
    }
}
