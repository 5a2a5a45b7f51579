public import Ledger
import LocalHTTP
import Supervision
import Wire
import ZeroMQ

extension RunningServices {
    /// Sends charges to the query service as pricing would, and waits until the ledger has them.
    ///
    /// For tests of a known ledger: none of the other services need run.
    public func store(_ charges: [Charge], stream: String, timeout: Duration = .seconds(30)) throws {
        guard let endpoint = Endpoint("tcp://127.0.0.1:\(deployment.ports[.charges])") else {
            throw SupportFailure("the port of charges makes no endpoint")
        }
        let socket = try Socket<Push>(in: Context())
        try socket.connect(endpoint)
        let before = try lastChange()
        let deadline = ContinuousClock.now + timeout
        var first = 1
        while first <= charges.count {
            let part = charges[(first - 1)..<min(charges.count, first - 1 + Batch.maximumEvents)]
            let frame = Batch.encode(
                stream: stream, first: Int64(first), low: 1,
                events: part.map { ChargeTransaction(charges: [$0]).json })
            while try !socket.send(frame) {
                guard ContinuousClock.now < deadline else { throw SupportFailure("query takes no charges") }
                pause(.milliseconds(5))
            }
            first += part.count
        }
        while try lastChange() < before + Int64(charges.count) {
            guard ContinuousClock.now < deadline else { throw SupportFailure("not all charges arrived in time") }
            pause(.milliseconds(10))
        }
    }

    private func lastChange() throws -> Int64 {
        var connection = HTTPConnection(to: query)
        let answer = try connection.send(.get("/v1/changes?after=\(Int64.max)&limit=1"))
        var last: Int64 = 0
        var json = JSONReader(answer.body)
        try json.object { key, json throws(JSONError) in
            if case "last_seq" = key { last = try json.int64() } else { try json.skip() }
        }
        return last
    }
}
