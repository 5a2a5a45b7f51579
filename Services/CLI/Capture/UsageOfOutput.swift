import Harnesses
import Metering
import WallClock

/// The usage that a command's output reports, read while it passes.
struct UsageOfOutput {
    /// What was found.
    private(set) var result = IntakeResult()
    private var reading: ResultReading?

    /// Begins to read a harness's output; reads nothing where that is not known.
    init(of harness: Harness?, _ invocation: Invocation) {
        let intake = Intake(identityPolicy: .keep)
        reading = harness.flatMap { intake.beginResult(of: $0, invocation: invocation) }
    }

    /// Looks at more of the output.
    mutating func look(at bytes: ArraySlice<UInt8>) {
        if let more = reading?.read(Array(bytes), receivedTime: .now) { result.add(contentsOf: more) }
    }

    /// Takes note that the output ended.
    mutating func finish() {
        if let rest = reading?.finish(receivedTime: .now) { result.add(contentsOf: rest) }
    }
}
