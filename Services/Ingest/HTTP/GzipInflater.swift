import CZlib

/// Decompresses a gzip stream as it arrives, up to a limit counted on the bytes that come out.
///
/// Neither a length the stream claims nor the ratio of its parts is believed.
struct GzipInflater: ~Copyable {
    /// Why a stream is not taken.
    enum Failure: Error, Hashable {
        /// More comes out than is allowed.
        case tooLarge
        /// It is not gzip, is damaged, or goes on after its end with something else.
        case corrupt
        /// It ends before its end.
        case truncated
    }

    private static let stepSize = 64 * 1024

    // On the heap, because zlib keeps a pointer to where the stream lies.
    private let stream: UnsafeMutablePointer<z_stream>
    private let step: UnsafeMutableBufferPointer<UInt8>
    private let limit: Int
    private var produced = 0
    /// Whether the last member is whole and no other has begun.
    private var isAtEnd = false

    /// Makes an inflater.
    ///
    /// - Parameter limit: the most bytes that may come out.
    init(limit: Int) {
        self.limit = limit
        step = .allocate(capacity: Self.stepSize)
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // 15 is the largest window; 16 more takes the gzip format and no other.
        let code = inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        precondition(code == Z_OK, "zlib has no memory left for a stream (\(code))")
    }

    deinit {
        inflateEnd(stream)
        stream.deinitialize(count: 1)
        stream.deallocate()
        step.deallocate()
    }

    /// Decompresses the next part.
    ///
    /// - Parameters:
    ///   - input: the part.
    ///   - output: where what comes out is appended.
    mutating func inflate(
        _ input: UnsafeRawBufferPointer, into output: inout [UInt8]
    ) throws(Failure) {
        guard let start = input.bindMemory(to: UInt8.self).baseAddress else { return }
        // zlib only reads what lies there; its C declaration predates const.
        stream.pointee.next_in = UnsafeMutablePointer(mutating: start)
        stream.pointee.avail_in = UInt32(input.count)
        repeat {
            if isAtEnd {
                guard stream.pointee.avail_in > 0 else { return }
                // Members may follow one another; anything else after the end fails as a bad header.
                guard inflateReset(stream) == Z_OK else { throw .corrupt }
                isAtEnd = false
            }
            try takeStep(into: &output)
        } while stream.pointee.avail_in > 0 || stream.pointee.avail_out == 0
    }

    /// Checks that the stream came to its end.
    consuming func finish() throws(Failure) {
        guard isAtEnd else { throw .truncated }
    }

    private mutating func takeStep(into output: inout [UInt8]) throws(Failure) {
        // One byte over the limit is enough to know that there are too many.
        let room = min(step.count, limit - produced + 1)
        stream.pointee.next_out = step.baseAddress
        stream.pointee.avail_out = UInt32(room)
        let code = CZlib.inflate(stream, Z_NO_FLUSH)
        let count = room - Int(stream.pointee.avail_out)
        produced += count
        guard produced <= limit else { throw .tooLarge }
        output.append(contentsOf: step[..<count])
        switch code {
        case Z_OK: break
        case Z_STREAM_END: isAtEnd = true
        // No progress is possible: all input is used up, and no output waits.
        case Z_BUF_ERROR where stream.pointee.avail_in == 0: break
        default: throw .corrupt
        }
    }
}
