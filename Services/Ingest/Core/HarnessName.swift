public import Metering

extension Harness {
    /// A harness by the name it gives itself, normalised: lower case, words joined by hyphens, at most 64 characters.
    ///
    /// - Returns: `nil` when nothing is left of the name.
    public init?(normalising name: String) {
        var normalised = ""
        for scalar in name.unicodeScalars {
            switch scalar {
            case "a"..."z", "0"..."9": normalised.unicodeScalars.append(scalar)
            case "A"..."Z": normalised.unicodeScalars.append(Unicode.Scalar(UInt8(ascii: scalar) | 0x20))
            default:
                if !normalised.isEmpty, normalised.last != "-" { normalised += "-" }
            }
            if normalised.utf8.count == 64 { break }
        }
        while normalised.last == "-" { normalised.removeLast() }
        guard !normalised.isEmpty else { return nil }
        self.init(rawValue: normalised)
    }

    /// What a program is called that gives no name.
    static let unknown = Harness(rawValue: "unknown")
}
