import Harnesses

extension OTLPEncoding {
    /// The encoding that a `Content-Type` names; `nil` where it names none of OTLP's.
    init?(contentType: String?) {
        switch contentType.map(mediaType(of:)) {
        case "application/json": self = .json
        case "application/x-protobuf": self = .protobuf
        default: return nil
        }
    }

    /// The content type of answers.
    var contentType: String {
        switch self {
        case .json: "application/json"
        case .protobuf: "application/x-protobuf"
        }
    }
}

/// A content type without its parameters, in lower case.
func mediaType(of contentType: String) -> String {
    let name = contentType.prefix { $0 != ";" }
    return String(name.filter { $0 != " " && $0 != "\t" }).lowercased()
}
