import Hummingbird

/// Reads the bodies of requests: decompressed, and within the limits of each request and of all together.
struct BodyReader: Sendable {
    /// The most bytes of one body, on the wire and decompressed.
    let limit: Int
    let budget: MemoryBudget
    /// Compressed bytes inflated at once: at most a thousandfold comes out.
    private static let compressedPart = 1024
    /// Bytes out of one part after which others take their turn.
    private static let swelling = 64 << 10

    /// Reads a body to its end.
    ///
    /// - Parameter reservation: holds the memory that the body fills for as long as the caller keeps it.
    func read(_ request: Request, holding reservation: inout MemoryReservation) async throws -> [UInt8] {
        let announced = request.headers[.contentLength].flatMap(Int.init)
        guard announced ?? 0 <= limit else { throw Refusal.bodyTooLarge(limit: limit) }
        switch request.headers[.contentEncoding]?.lowercased() {
        case nil, "", "identity":
            return try await readPlain(request, announced: announced, &reservation)
        case "gzip":
            return try await readCompressed(request, announced: announced, &reservation)
        default:
            throw Refusal.unsupportedEncoding
        }
    }

    private func readPlain(
        _ request: Request, announced: Int?, _ reservation: inout MemoryReservation
    ) async throws -> [UInt8] {
        var body: [UInt8] = []
        for try await chunk in request.body {
            guard chunk.readableBytes <= limit - body.count else { throw Refusal.bodyTooLarge(limit: limit) }
            try reservation.grow(by: chunk.readableBytes)
            body.append(contentsOf: chunk.readableBytesView)
        }
        // A connection that breaks ends the body like its end does.
        guard announced ?? body.count == body.count else { throw Refusal.incompleteBody }
        return body
    }

    private func readCompressed(
        _ request: Request, announced: Int?, _ reservation: inout MemoryReservation
    ) async throws -> [UInt8] {
        var body: [UInt8] = []
        var inflater = GzipInflater(limit: limit)
        var received = 0
        for try await chunk in request.body {
            received += chunk.readableBytes
            guard received <= limit else { throw Refusal.bodyTooLarge(limit: limit) }
            var rest = chunk
            while let part = rest.readSlice(length: min(Self.compressedPart, rest.readableBytes)),
                part.readableBytes > 0
            {
                let before = body.count
                try part.withUnsafeReadableBytes { bytes in
                    do throws(GzipInflater.Failure) {
                        try inflater.inflate(bytes, into: &body)
                    } catch {
                        throw refusal(error)
                    }
                }
                try reservation.grow(by: body.count - before)
                // What swells holds a thread that other requests wait for.
                if body.count - before > Self.swelling { await Task.yield() }
            }
        }
        guard announced ?? received == received else { throw Refusal.incompleteBody }
        guard received > 0 else { return [] }
        do throws(GzipInflater.Failure) {
            try inflater.finish()
        } catch {
            throw refusal(error)
        }
        return body
    }

    private func refusal(_ failure: GzipInflater.Failure) -> Refusal {
        switch failure {
        case .tooLarge: .bodyTooLarge(limit: limit)
        case .corrupt: .undecodable("the body is not sound gzip")
        case .truncated: .undecodable("the gzip body ends before its end")
        }
    }
}
