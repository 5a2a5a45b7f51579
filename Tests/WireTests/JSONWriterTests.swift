import Testing
import Wire

@Suite struct `A JSON writer` {
    @Test func `sets commas and escapes where they belong`() {
        var json = JSONWriter()
        json.object { json in
            json.member("text", "a\"b\\c\n\u{1}é{")
            json.member("absent", nil as String?)
            json.member("count", -12 as Int64)
            json.member("flag", true)
            json.key("big")
            json.integerString(.max)
            json.key("list")
            json.array { json in
                json.integer(0)
                json.string("[")
                json.null()
                json.object { _ in }
                json.array { _ in }
            }
            json.key(dynamic: "k\"ey")
            json.raw(#"{"raw":1}"#.utf8)
        }
        let expected =
            #"{"text":"a\"b\\c\n\u0001é{","count":-12,"flag":true,"big":"9223372036854775807","#
            + #""list":[0,"[",null,{},[]],"k\"ey":{"raw":1}}"#
        #expect(String(decoding: json.bytes, as: UTF8.self) == expected)
    }

    @Test(arguments: [Int64.min, -1, 0, 9, 10, Int64.max])
    func `writes integers that read back`(value: Int64) throws {
        var json = JSONWriter()
        json.integer(value)
        var reader = JSONReader(json.bytes)
        #expect(try reader.int64() == value)
    }

    @Test func `writes strings that read back, whatever they hold`() throws {
        var random = SplitMix(seed: 2)
        for _ in 0..<2_000 {
            let scalars = (0..<Int(random.next() % 20)).compactMap { _ in
                Unicode.Scalar(UInt32(truncatingIfNeeded: random.next() % 0x1_1000))
            }
            var text = ""
            text.unicodeScalars.append(contentsOf: scalars)
            var json = JSONWriter()
            json.string(text)
            var reader = JSONReader(json.bytes)
            #expect(try Array(reader.string().unicodeScalars) == scalars)
        }
    }
}

@Suite struct `A batch` {
    @Test func `reads back what it wrote`() throws {
        let events = [Array(#"{"a":1}"#.utf8), Array(#"{"b":"[{"}"#.utf8)]
        let batch = try Batch(decoding: Batch.encode(stream: "s-1", first: 5, low: 3, events: events))
        #expect(batch.stream == "s-1")
        #expect(batch.first == 5)
        #expect(batch.last == 6)
        #expect(batch.low == 3)
        #expect(batch.events.indices.map { Array(batch.bytes($0)) } == events)
    }

    @Test func `reads an empty one and passes over members it does not know`() throws {
        let text = #"{"future":{"x":[1]},"v":1,"stream":"s","first":9,"low":9,"events":[]}"#
        let batch = try Batch(decoding: Array(text.utf8))
        #expect(batch.last == 8)
    }

    @Test func `refuses another version by name`() {
        let text = #"{"v":2,"stream":"s","first":1,"low":1,"events":[]}"#
        #expect(throws: BatchError.unsupportedVersion(2)) { _ = try Batch(decoding: Array(text.utf8)) }
    }

    @Test(arguments: [
        "", "{}", "[]", #"{"v":1}"#, #"{"v":1,"stream":"","first":1,"low":1,"events":[]}"#,
        #"{"v":1,"stream":"s","first":0,"low":1,"events":[]}"#,
        #"{"v":1,"stream":"s","first":1,"low":2,"events":[]}"#,
        #"{"v":1,"stream":"s","first":9223372036854775807,"low":1,"events":[1]}"#,
        #"{"v":1,"stream":"s","first":1,"low":1,"events":[}"#,
        #"{"v":1,"stream":"s","first":1,"low":1,"events":[]}x"#,
    ])
    func `refuses what is not a batch`(text: String) {
        #expect(throws: BatchError.self) { _ = try Batch(decoding: Array(text.utf8)) }
    }
}
