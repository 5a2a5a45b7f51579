/// A value of an OpenTelemetry attribute or log body, as both encodings of OTLP carry it.
///
/// Text and bytes are views of the request's body; they are copied only when a reader takes them.
enum AttributeValue: Hashable, Sendable {
    /// No value was set.
    case empty
    case text(ArraySlice<UInt8>)
    case integer(Int64)
    case double(Double)
    case boolean(Bool)
    case bytes(ArraySlice<UInt8>)
    case array([AttributeValue])
    case map([Attribute])

    /// The text, when it is one.
    var utf8: ArraySlice<UInt8>? {
        if case .text(let utf8) = self { utf8 } else { nil }
    }
}

/// A named value.
struct Attribute: Hashable, Sendable {
    var key: ArraySlice<UInt8>
    var value: AttributeValue
}

extension ArraySlice<UInt8> {
    /// Tells whether the bytes are a literal's.
    func equals(_ literal: StaticString) -> Bool {
        guard count == literal.utf8CodeUnitCount else { return false }
        return hasPrefix(literal)
    }

    /// Tells whether the bytes begin with a literal's.
    func hasPrefix(_ literal: StaticString) -> Bool {
        guard count >= literal.utf8CodeUnitCount else { return false }
        return withUnsafeBufferPointer { bytes in
            literal.withUTF8Buffer { expected in
                for offset in 0..<expected.count where bytes[offset] != expected[offset] { return false }
                return true
            }
        }
    }

    /// Tells whether the bytes end with a literal's.
    func hasSuffix(_ literal: StaticString) -> Bool {
        count >= literal.utf8CodeUnitCount && suffix(literal.utf8CodeUnitCount).equals(literal)
    }
}
