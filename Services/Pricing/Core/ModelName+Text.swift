extension StringProtocol {
    /// The text without white space at its ends.
    var trimmed: SubSequence {
        guard let first = firstIndex(where: { !$0.isWhitespace }), let last = lastIndex(where: { !$0.isWhitespace })
        else { return self[startIndex..<startIndex] }
        return self[first...last]
    }

    /// Whether the text is one or more ASCII digits.
    var isDigits: Bool {
        !isEmpty && utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}

extension Substring {
    var trimmedEnd: Substring {
        var text = self
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }

    func dropping(suffix: String) -> Substring? {
        hasSuffix(suffix) ? dropLast(suffix.count) : nil
    }

    func dropping(through mark: String) -> Substring? {
        var rest = self
        while !rest.isEmpty {
            if rest.hasPrefix(mark) { return rest.dropFirst(mark.count) }
            rest = rest.dropFirst()
        }
        return nil
    }
}

extension String {
    func dropping(through mark: String) -> Substring? {
        self[...].dropping(through: mark)
    }

    /// Replaces the mark between two short numbers that end at a hyphen or the end: `4-6` in `opus-4-6`, not `3-8b`.
    func replacingVersionMark(_ mark: Character, with replacement: Character) -> String {
        var text = Array(self)
        var index = 1
        while index + 1 < text.count {
            defer { index += 1 }
            guard text[index] == mark, Self.isDigit(text[index - 1]), Self.isDigit(text[index + 1]) else { continue }
            var after = index + 1
            while after < text.count, Self.isDigit(text[after]) { after += 1 }
            guard after - index <= 3, after == text.count || text[after] == "-" else { continue }
            var before = index - 1
            while before >= 0, Self.isDigit(text[before]) { before -= 1 }
            guard index - before <= 3, before < 0 || !text[before].isLetter else { continue }
            text[index] = replacement
        }
        return String(text)
    }

    private static func isDigit(_ character: Character) -> Bool {
        character.isASCII && character.isNumber
    }
}
