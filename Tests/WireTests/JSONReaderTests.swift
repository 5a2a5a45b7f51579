import Testing

@testable import Wire

@Suite struct `A JSON reader` {
    @Test(arguments: [
        ("0", 0), ("-0", 0), ("7", 7), ("-12", -12), ("\"42\"", 42), ("9223372036854775807", Int64.max),
        ("-9223372036854775808", Int64.min), ("\"-9223372036854775808\"", Int64.min), ("  5 ", 5),
    ])
    func `reads integers written as numbers or as strings of digits`(text: String, expected: Int64) throws {
        var json = JSONReader(text)
        let value = try json.int64()
        try json.finish()
        #expect(value == expected)
    }

    @Test(arguments: [
        ("9223372036854775808", JSONError.Reason.outOfRange), ("-9223372036854775809", .outOfRange),
        ("1.5", .invalidNumber), ("1e3", .invalidNumber), ("01", .invalidNumber), ("-", .invalidNumber),
        ("\"\"", .invalidNumber), ("\"1x\"", .invalidNumber), ("true", .typeMismatch), ("", .unexpectedEnd),
        ("NaN", .typeMismatch), ("\"-\"", .invalidNumber),
    ])
    func `refuses what is not an integer, by name`(text: String, reason: JSONError.Reason) {
        var json = JSONReader(text)
        #expect { _ = try json.int64() } throws: { ($0 as? JSONError)?.reason == reason }
    }

    @Test(arguments: [
        (#""plain""#, "plain"), (#""a\"b\\c\/d""#, "a\"b\\c/d"), (#""\b\f\n\r\t""#, "\u{8}\u{c}\n\r\t"),
        (#""\u00e9""#, "é"), (#""\ud83d\ude00""#, "😀"), (#""\ud83d""#, "\u{FFFD}"), (#""\ude00x""#, "\u{FFFD}x"),
        ("\"é😀\"", "é😀"), (#""""#, ""),
    ])
    func `undoes escapes`(text: String, expected: String) throws {
        var json = JSONReader(text)
        #expect(try json.string() == expected)
        try json.finish()
    }

    @Test func `refuses invalid UTF-8 and bare control characters`() {
        var invalid = JSONReader([UInt8(ascii: "\""), 0xFF, UInt8(ascii: "\"")])
        #expect { _ = try invalid.string() } throws: { ($0 as? JSONError)?.reason == .invalidUTF8 }
        var control = JSONReader([UInt8(ascii: "\""), 0x0A, UInt8(ascii: "\"")])
        #expect { _ = try control.string() } throws: { ($0 as? JSONError)?.reason == .unexpectedByte }
    }

    @Test func `hands over members in order and passes over unknown ones`() throws {
        var json = JSONReader(#"{"a":1,"skip":{"x":[1,{"y":"}"}],"z":null},"\u0062":"two","c":[3,4]}"#)
        var first: Int64 = 0
        var second = ""
        var third: [Int64] = []
        try json.object { key, json throws(JSONError) in
            switch key {
            case "a": first = try json.int64()
            case "b": second = try json.string()
            case "c": try json.array { json throws(JSONError) in third.append(try json.int64()) }
            default: try json.skip()
            }
        }
        try json.finish()
        #expect(first == 1)
        #expect(second == "two")
        #expect(third == [3, 4])
    }

    @Test func `stops at its nesting limit instead of overflowing the stack`() throws {
        let depth = JSONReader.maximumDepth
        var allowed = JSONReader(String(repeating: "[", count: depth) + String(repeating: "]", count: depth))
        try allowed.skip()
        var deep = JSONReader(String(repeating: "[", count: 100_000))
        #expect { try deep.skip() } throws: { ($0 as? JSONError)?.reason == .tooDeep }
    }

    @Test(arguments: [
        "{", "}", "[1,]", "[1 2]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "tru", "nul", "1.", "1e", ".5", "+1",
        "\"a", "\"\\x\"", "\"\\u12\"", "[1] x", "--1",
    ])
    func `refuses malformed text`(text: String) {
        var json = JSONReader(text)
        #expect(throws: JSONError.self) {
            try json.skip()
            try json.finish()
        }
    }

    @Test func `never traps, whatever the bytes`() {
        let seed = #"{"v":1,"s":"a\u00e9\"","n":[-1.5e+3,0,"9"],"o":{"t":true,"f":false,"x":null}}"#
        let original = Array(seed.utf8)
        for length in 0..<original.count {
            var json = JSONReader(Array(original[..<length]))
            #expect(throws: JSONError.self) {
                try json.skip()
                try json.finish()
            }
        }
        var random = SplitMix(seed: 1)
        for _ in 0..<20_000 {
            var bytes = original
            for _ in 0..<Int(random.next() % 4 + 1) {
                bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
            }
            var json = JSONReader(bytes)
            try? json.skip()
            #expect(json.index <= bytes.count)
        }
    }
}

/// A small seeded generator, so that a failure repeats.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
