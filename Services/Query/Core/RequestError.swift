/// A request that cannot be answered as it is: which parameter, what is wrong, what to do.
public struct RequestError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The parameter at fault.
    public let parameter: String
    /// What is wrong with it and what it may be; never repeats more of the value than a name.
    public let detail: String

    /// Makes an error about a parameter.
    public init(_ parameter: String, _ detail: String) {
        self.parameter = parameter
        self.detail = detail
    }

    /// Both in one line.
    public var description: String { "\(parameter): \(detail)" }
}
