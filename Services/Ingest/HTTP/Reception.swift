import Access
import Harnesses
import Hummingbird
import Metering

/// What every request with telemetry goes through: its body is read, what it reports is made durable, then it is answered.
///
/// Decoding runs in the request's own task, never on an event loop or on the stage's thread.
struct Reception: Sendable {
    let bodies: BodyReader
    let submissions: Submissions
    let metrics: IngestMetrics
    let wallClock: @Sendable () -> Timestamp

    /// Takes a request.
    ///
    /// - Parameter decode: makes events of a body and the time it came.
    /// - Returns: what the body held, once it is safe.
    func take(
        _ request: Request, decode: (_ body: [UInt8], _ receivedTime: Timestamp) throws(Refusal) -> IntakeResult
    ) async throws -> IntakeResult {
        try submissions.checkOpen()
        var reservation = MemoryReservation(in: bodies.budget)
        defer { reservation.release() }
        let body = try await bodies.read(request, holding: &reservation)
        var result = try decode(body, wallClock())
        // Whose data it is, the key alone says.
        if let grant = AccessGrant.current { result.assign(to: grant.tenant) }
        let events = EncodedEvents(result.events)
        // A line of a byte makes an event of hundreds, which wait for the disk with those of all other requests.
        try reservation.grow(by: events.byteCount)
        try await submissions.store(events)
        metrics.stored(events, result)
        return result
    }
}
