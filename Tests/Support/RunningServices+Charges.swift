public import Ledger
import LocalHTTP
import Supervision
import Wire
import ZeroMQ

extension RunningServices {
    /// Sends charges to the query service as pricing would, and waits until the ledger has them.
    ///
    /// For tests of a known ledger: none of the other services need run.
    /// - Parameter start: the number of the first in the stream; a ledger takes one stream and no other.
    public func store(
        _ charges: [Charge], stream: String, from start: Int = 1, timeout: Duration = .seconds(120)
    ) throws {
        let last = try lastChange() + Int64(charges.count)
        try send(charges, stream: stream, from: start, untilChange: last, timeout: timeout)
    }

    /// Sends charges to the query service, and waits until the ledger has a change of a number.
    ///
    /// Sent once more, as a sender does that has not heard of them, they count once.
    public func send(
        _ charges: [Charge], stream: String, from start: Int = 1, untilChange last: Int64,
        timeout: Duration = .seconds(120)
    ) throws {
        guard let endpoint = Endpoint("tcp://127.0.0.1:\(deployment.ports[.charges])") else {
            throw SupportFailure("the port of charges makes no endpoint")
        }
        // What is still on its way goes with the socket.
        let socket = try Socket<Push>(in: Context())
        try socket.connect(endpoint)
        let deadline = ContinuousClock.now + timeout
        var sent = 0
        while sent < charges.count {
            let part = charges[sent..<min(charges.count, sent + Batch.maximumEvents)]
            let frame = Batch.encode(
                stream: stream, first: Int64(start + sent), low: 1,
                events: part.map { ChargeTransaction(charges: [$0]).json })
            while try !socket.send(frame) {
                guard ContinuousClock.now < deadline else { throw SupportFailure("query takes no charges") }
                pause(.milliseconds(5))
            }
            sent += part.count
        }
        try waitForChange(last, timeout: deadline - ContinuousClock.now)
    }

    /// Waits until the ledger has a change of this number.
    public func waitForChange(_ number: Int64, timeout: Duration = .seconds(120)) throws {
        let deadline = ContinuousClock.now + timeout
        while try lastChange() < number {
            guard ContinuousClock.now < deadline else { throw SupportFailure("not all charges arrived in time") }
            pause(.milliseconds(10))
        }
    }

    /// The number of the ledger's last change; 0 for none.
    public func lastChange() throws -> Int64 {
        var connection = HTTPConnection(to: query, timeout: .seconds(120))
        let answer = try connection.send(.get("/v1/changes?after=\(Int64.max)&limit=1"))
        var last: Int64 = 0
        var json = JSONReader(answer.body)
        try json.object { key, json throws(JSONError) in
            if case "last_seq" = key { last = try json.int64() } else { try json.skip() }
        }
        return last
    }
}
