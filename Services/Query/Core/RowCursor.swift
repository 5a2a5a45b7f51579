import Wire

/// The values of a row, as an opaque text: where the next answer goes on.
///
/// It names a row and not a place in a list, so rows that come and go between two answers neither repeat nor hide others.
public struct RowCursor: Hashable, Sendable {
    /// The group values of the row.
    let values: [RowValue]

    init(values: [RowValue]) {
        self.values = values
    }

    /// The text for the `cursor` parameter: hexadecimal digits.
    public var text: String {
        var json = JSONWriter(capacity: 64)
        json.array { json in
            for value in values {
                switch value {
                case .none: json.null()
                case .text(let text): json.string(text)
                case .number(let number): json.integer(number)
                }
            }
        }
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: json.bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// Reads ``text``; `nil` for anything else.
    init?(_ text: String, columns: Int) {
        let digits = Array(text.utf8)
        guard digits.count % 2 == 0, digits.count <= 16_384 else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let byte = UInt8(String(decoding: digits[index...index + 1], as: UTF8.self), radix: 16) else {
                return nil
            }
            bytes.append(byte)
        }
        guard let values = try? Self.read(JSONReader(bytes)), values.count == columns else { return nil }
        self.values = values
    }

    private static func read(_ reader: JSONReader) throws(JSONError) -> [RowValue] {
        var json = reader
        var values: [RowValue] = []
        try json.array { json throws(JSONError) in
            switch try json.kind() {
            case .null:
                _ = try json.null()
                values.append(.none)
            case .number: values.append(.number(try json.int64()))
            default: values.append(.text(try json.string()))
            }
        }
        try json.finish()
        return values
    }
}

/// One group value of a row; ordered: numbers (times) before texts, no value last.
enum RowValue: Hashable, Sendable, Comparable {
    case number(Int64)
    case text(String)
    case none
}
