public import ArgumentParser
public import LocalHTTP

struct Ready: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tell by the exit status whether a service is ready; for container health checks.",
        shouldDisplay: false)

    @Argument(help: "Where the service answers, such as 127.0.0.1:7100.")
    var address: HTTPAddress

    func run() throws {
        var connection = HTTPConnection(to: address, timeout: .seconds(3))
        guard try connection.send(.readiness).isSuccess else { throw ExitCode.failure }
    }
}

extension HTTPAddress: ExpressibleByArgument {
    /// Reads an argument of the command line.
    public init?(argument: String) {
        self.init(argument)
    }
}
