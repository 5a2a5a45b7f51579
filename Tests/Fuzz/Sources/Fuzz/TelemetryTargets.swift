import Harnesses
import Metering
import Wire

/// What clients send to ingest.
enum TelemetryTargets {
    private static let intake = Intake(identityPolicy: .drop)
    private static let received = Timestamp(seconds: 1_800_000_000)
    private static let harnesses = HarnessCatalog.standard.transcriptHarnesses

    /// The first byte chooses the signal.
    static func otlp(_ bytes: [UInt8], _ encoding: OTLPEncoding) {
        guard let first = bytes.first else { return }
        let signals: [OTLPSignal] = [.logs, .metrics, .traces]
        let signal = signals[Int(first) % signals.count]
        guard
            let result = try? intake.read(
                Array(bytes.dropFirst()), signal: signal, encoding: encoding, receivedTime: received)
        else { return }
        check(result)
    }

    /// The first byte chooses the harness.
    static func transcript(_ bytes: [UInt8]) {
        guard let first = bytes.first else { return }
        let harness = harnesses[Int(first) % harnesses.count]
        guard
            let result = try? intake.readTranscript(
                Array(bytes.dropFirst()), of: harness, file: "fuzz.jsonl", receivedTime: received)
        else { return }
        check(result)
    }

    /// Every event is bounded, and means the same after it was written and read again.
    private static func check(_ result: IntakeResult) {
        for event in result.events {
            let text = event.json
            var reader = JSONReader(text)
            guard let again = try? IngestEvent(from: &reader) else {
                fatalError("an event cannot be read back: \(String(decoding: text, as: UTF8.self))")
            }
            guard again == event else {
                fatalError("an event changes when it is read back: \(String(decoding: text, as: UTF8.self))")
            }
        }
    }
}
