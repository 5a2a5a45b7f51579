import Pipeline
import Testing

struct WatermarkTests {
    @Test func `a watermark is its topic and a small object`() throws {
        let stream = try #require(StreamID("7c0e0a52-7a0f-4ab1-9a64-0f4f3f6f2a11"))
        let frame = Watermark(stream: stream, through: 1233).encoded()
        #expect(
            String(decoding: frame, as: UTF8.self) == #"ack/7c0e0a52-7a0f-4ab1-9a64-0f4f3f6f2a11/{"v":1,"w":1233}"#)
        #expect(Watermark(decoding: frame) == Watermark(stream: stream, through: 1233))
    }

    @Test(arguments: [
        "", "ack/", "ack/7c0e0a52-7a0f-4ab1-9a64-0f4f3f6f2a11", "nack/7c0e0a52-7a0f-4ab1-9a64-0f4f3f6f2a11/{}",
        #"ack/7C0E0A52-7A0F-4AB1-9A64-0F4F3F6F2A11/{"v":1,"w":1}"#, #"ack/x/{"v":1,"w":1}"#,
        #"ack/7c0e0a52-7a0f-4ab1-9a64-0f4f3f6f2a11/{"v":2,"w":1}"#,
        #"ack/7c0e0a52-7a0f-4ab1-9a64-0f4f3f6f2a11/{"v":1}"#,
        #"ack/7c0e0a52-7a0f-4ab1-9a64-0f4f3f6f2a11/{"v":1,"w":-1}"#,
        #"ack/7c0e0a52-7a0f-4ab1-9a64-0f4f3f6f2a11/{"v":1,"w":1}x"#,
        #"ack/7c0e0a52-7a0f-4ab1-9a64-0f4f3f6f2a11/{"v":1,"w":9223372036854775808}"#,
    ])
    func `anything else is no watermark`(text: String) {
        #expect(Watermark(decoding: Array(text.utf8)) == nil)
    }

    @Test func `fields of a later time are passed over`() throws {
        let frame = #"ack/7c0e0a52-7a0f-4ab1-9a64-0f4f3f6f2a11/{"v":1,"lag":{"ms":[1,2]},"w":7}"#
        #expect(Watermark(decoding: Array(frame.utf8))?.through == 7)
    }

    @Test func `every stream has an identity of its own in one spelling`() {
        let stream = StreamID()
        #expect(stream != StreamID())
        #expect(StreamID(stream.description) == stream)
        #expect(StreamID(stream.description.uppercased()) == nil)
        #expect(StreamID("") == nil)
    }
}
