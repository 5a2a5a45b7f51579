import Glibc
import Harnesses

/// What is driven with the fuzzer's bytes.
///
/// A target checks more than that nothing crashes: what it reads it writes and reads again, and what it refuses it must
/// refuse with an error of its own.
enum FuzzTarget: String, CaseIterable {
    case otlpJSON = "otlp-json"
    case otlpProtobuf = "otlp-protobuf"
    case gzip
    case frames
    case spool
    case transcripts
    case priceSheets = "price-sheets"

    /// The target that `TOLLBOOK_FUZZ_TARGET` names.
    static let chosen: FuzzTarget = {
        let name = getenv("TOLLBOOK_FUZZ_TARGET").map { String(cString: $0) } ?? ""
        guard let target = FuzzTarget(rawValue: name) else {
            let names = allCases.map(\.rawValue).joined(separator: ", ")
            fatalError("TOLLBOOK_FUZZ_TARGET must be one of \(names); it is '\(name)'")
        }
        return target
    }()

    func run(_ bytes: [UInt8]) {
        switch self {
        case .otlpJSON: TelemetryTargets.otlp(bytes, .json)
        case .otlpProtobuf: TelemetryTargets.otlp(bytes, .protobuf)
        case .transcripts: TelemetryTargets.transcript(bytes)
        case .gzip: PlumbingTargets.gzip(bytes)
        case .frames: PlumbingTargets.frame(bytes)
        case .spool: PlumbingTargets.spool(bytes)
        case .priceSheets: PlumbingTargets.priceSheet(bytes)
        }
    }
}
