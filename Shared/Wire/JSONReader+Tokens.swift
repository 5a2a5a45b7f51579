extension JSONReader {
    mutating func skipWhitespace() {
        while index < end {
            switch bytes[index] {
            case 0x20, 0x09, 0x0A, 0x0D: index += 1
            default: return
            }
        }
    }

    @usableFromInline
    mutating func enter(_ opening: UInt8) throws(JSONError) {
        skipWhitespace()
        guard index < end else { throw JSONError(.unexpectedEnd, at: index) }
        guard bytes[index] == opening else { throw JSONError(.typeMismatch, at: index) }
        guard depth < Self.maximumDepth else { throw JSONError(.tooDeep, at: index) }
        depth += 1
        index += 1
    }

    @usableFromInline
    mutating func closes(_ closing: UInt8) throws(JSONError) -> Bool {
        skipWhitespace()
        guard index < end else { throw JSONError(.unexpectedEnd, at: index) }
        guard bytes[index] == closing else { return false }
        index += 1
        depth -= 1
        return true
    }

    @usableFromInline
    mutating func continues(_ closing: UInt8) throws(JSONError) -> Bool {
        if try closes(closing) { return false }
        guard bytes[index] == UInt8(ascii: ",") else { throw JSONError(.unexpectedByte, at: index) }
        index += 1
        return true
    }

    @usableFromInline
    mutating func expect(_ byte: UInt8) throws(JSONError) {
        skipWhitespace()
        guard index < end else { throw JSONError(.unexpectedEnd, at: index) }
        guard bytes[index] == byte else { throw JSONError(.unexpectedByte, at: index) }
        index += 1
    }

    @usableFromInline
    mutating func key() throws(JSONError) -> JSONKey {
        let (range, escaped) = try stringRange()
        if escaped {
            let text = try unescaped(range)
            return JSONKey(bytes: text, range: 0..<text.count)
        }
        return JSONKey(bytes: bytes, range: range)
    }

    mutating func literal(_ word: StaticString) throws(JSONError) {
        for offset in 0..<word.utf8CodeUnitCount {
            guard index < end else { throw JSONError(.unexpectedEnd, at: index) }
            guard bytes[index] == word.utf8Start[offset] else { throw JSONError(.unexpectedByte, at: index) }
            index += 1
        }
    }

    /// Passes over a string; the range lies between its quotes.
    mutating func stringRange() throws(JSONError) -> (range: Range<Int>, escaped: Bool) {
        skipWhitespace()
        guard index < end else { throw JSONError(.unexpectedEnd, at: index) }
        guard bytes[index] == UInt8(ascii: "\"") else { throw JSONError(.typeMismatch, at: index) }
        let start = index + 1
        var position = start
        var escaped = false
        while position < end {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                index = position + 1
                return (start..<position, escaped)
            }
            if byte == UInt8(ascii: "\\") {
                escaped = true
                position += try escapeLength(at: position)
            } else if byte < 0x20 {
                throw JSONError(.unexpectedByte, at: position)
            } else {
                position += 1
            }
        }
        throw JSONError(.unexpectedEnd, at: end)
    }

    /// Checks an escape's form and gives its length in bytes.
    private func escapeLength(at position: Int) throws(JSONError) -> Int {
        guard position + 1 < end else { throw JSONError(.unexpectedEnd, at: end) }
        switch bytes[position + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return 2
        case UInt8(ascii: "u"):
            var after = position + 2
            _ = try hexUnit(&after, end)
            return 6
        default: throw JSONError(.invalidEscape, at: position + 1)
        }
    }

    func validString(_ range: Range<Int>) -> String? {
        bytes.withUnsafeBufferPointer { buffer in
            String(validating: UnsafeBufferPointer(rebasing: buffer[range]), as: UTF8.self)
        }
    }

    /// Passes over a number that follows the grammar of RFC 8259.
    mutating func numberRange() throws(JSONError) -> Range<Int> {
        skipWhitespace()
        let start = index
        var position = index
        func digits(_ position: inout Int) -> Bool {
            let first = position
            while position < end, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position]) { position += 1 }
            return position > first
        }
        guard position < end else { throw JSONError(.unexpectedEnd, at: position) }
        if bytes[position] == UInt8(ascii: "-") { position += 1 }
        let leading = position
        guard digits(&position) else {
            throw JSONError(position == start ? .typeMismatch : .invalidNumber, at: position)
        }
        if bytes[leading] == UInt8(ascii: "0"), position > leading + 1 { throw JSONError(.invalidNumber, at: leading) }
        if position < end, bytes[position] == UInt8(ascii: ".") {
            position += 1
            guard digits(&position) else { throw JSONError(.invalidNumber, at: position) }
        }
        if position < end, bytes[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            if position < end, bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-") {
                position += 1
            }
            guard digits(&position) else { throw JSONError(.invalidNumber, at: position) }
        }
        index = position
        return start..<position
    }

    func integer(in range: Range<Int>) throws(JSONError) -> Int64 {
        var position = range.lowerBound
        guard position < range.upperBound else { throw JSONError(.invalidNumber, at: position) }
        let negative = bytes[position] == UInt8(ascii: "-")
        if negative { position += 1 }
        guard position < range.upperBound else { throw JSONError(.invalidNumber, at: position) }
        var value: Int64 = 0
        while position < range.upperBound {
            let byte = bytes[position]
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else {
                throw JSONError(.invalidNumber, at: position)
            }
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let digit = Int64(byte - UInt8(ascii: "0"))
            let (sum, carry) = product.subtractingReportingOverflow(digit)
            guard !overflow, !carry else { throw JSONError(.outOfRange, at: position) }
            value = sum
            position += 1
        }
        // Digits were gathered below zero, where Int64 reaches one further.
        guard negative || value != Int64.min else { throw JSONError(.outOfRange, at: range.lowerBound) }
        return negative ? value : -value
    }

    func unescaped(_ range: Range<Int>) throws(JSONError) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(range.count)
        var position = range.lowerBound
        while position < range.upperBound {
            let byte = bytes[position]
            position += 1
            guard byte == UInt8(ascii: "\\") else {
                text.append(byte)
                continue
            }
            guard position < range.upperBound else { throw JSONError(.invalidEscape, at: position) }
            let escape = bytes[position]
            position += 1
            switch escape {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(escape)
            case UInt8(ascii: "b"): text.append(0x08)
            case UInt8(ascii: "f"): text.append(0x0C)
            case UInt8(ascii: "n"): text.append(0x0A)
            case UInt8(ascii: "r"): text.append(0x0D)
            case UInt8(ascii: "t"): text.append(0x09)
            case UInt8(ascii: "u"): text.append(contentsOf: try unicodeEscape(&position, range.upperBound))
            default: throw JSONError(.invalidEscape, at: position - 1)
            }
        }
        return text
    }

    private func unicodeEscape(_ position: inout Int, _ limit: Int) throws(JSONError) -> [UInt8] {
        let start = position
        let unit = try hexUnit(&position, limit)
        guard (0xD800...0xDFFF).contains(unit) else { return utf8(of: Unicode.Scalar(unit)) }
        // A lone surrogate has no UTF-8 form; it becomes the replacement character, as in most readers.
        guard unit < 0xDC00, position + 6 <= limit, bytes[position] == UInt8(ascii: "\\"),
            bytes[position + 1] == UInt8(ascii: "u")
        else { return utf8(of: nil) }
        var after = position + 2
        let low = try hexUnit(&after, limit)
        guard (0xDC00...0xDFFF).contains(low) else { return utf8(of: nil) }
        position = after
        precondition(position > start, "an escape takes at least one byte")
        return utf8(of: Unicode.Scalar(0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00)))
    }

    private func utf8(of scalar: Unicode.Scalar?) -> [UInt8] {
        Array(String(Character(scalar ?? "\u{FFFD}")).utf8)
    }

    private func hexUnit(_ position: inout Int, _ limit: Int) throws(JSONError) -> UInt32 {
        guard position + 4 <= limit else { throw JSONError(.invalidEscape, at: position) }
        var unit: UInt32 = 0
        for offset in 0..<4 {
            let byte = bytes[position + offset]
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
            default: throw JSONError(.invalidEscape, at: position + offset)
            }
            unit = unit << 4 | UInt32(digit)
        }
        position += 4
        return unit
    }
}
