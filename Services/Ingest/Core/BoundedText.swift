import Crypto

/// Text from outside in the form in which it may be kept: short, valid UTF-8, without control characters.
///
/// With every kept text bounded, no event can outgrow the limit of the bus.
enum BoundedText {
    /// The most bytes of one kept text.
    static let maximumBytes = 256

    /// The text; `nil` when it is empty.
    ///
    /// A longer text keeps its beginning and gets a hash of the whole, so that two long identities stay two.
    static func string(_ utf8: ArraySlice<UInt8>) -> String? {
        guard !utf8.isEmpty else { return nil }
        if utf8.count <= maximumBytes, utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) {
            return String(decoding: utf8, as: UTF8.self)
        }
        guard utf8.count <= maximumBytes else {
            let digest = Hexadecimal.string(Array(SHA256.hash(data: utf8)).prefix(16))
            return clean(utf8.prefix(128)) + "~" + digest
        }
        return clean(utf8)
    }

    /// The text of a string, bounded.
    static func string(_ text: String) -> String? {
        string(ArraySlice(text.utf8))
    }

    private static func clean(_ utf8: ArraySlice<UInt8>) -> String {
        var text = ""
        for scalar in String(decoding: utf8, as: UTF8.self).unicodeScalars {
            let isControl = scalar.properties.generalCategory == .control
            text.unicodeScalars.append(isControl ? " " : scalar)
        }
        return text
    }
}
