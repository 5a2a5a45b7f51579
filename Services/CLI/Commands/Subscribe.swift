import ArgumentParser
import Console
import CurveFiles
import FoundationEssentials
import Glibc
import Ledger
import LocalHTTP
import Settings
import Supervision
import Wire
import ZeroMQ

struct Subscribe: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print every priced call, past and live, each change once and in order.",
        discussion: """
            Catches up over HTTP, then follows the feed. What the feed lost on the way is noticed and fetched again. \
            With --cursor a later run goes on where this one ended; a change may then be printed twice if the run was \
            killed, so keep the highest revision of each call.
            """)

    @Flag(help: "Print each change as a line of JSON.")
    var json = false

    @Flag(help: "Print each change as a line of JSON in the form of CloudEvents 1.0.")
    var cloudevents = false

    @Option(help: "Begin after this change's number.")
    var after: Int64?

    @Option(help: "A file that keeps how far this subscriber came.")
    var cursor: String?

    @Flag(inversion: .prefixedNo, help: "Go on with what happens from now on.")
    var follow = true

    @Option(help: "Where the feed is published.")
    var feed = Environment.text("TOLLBOOK_FEED") ?? "127.0.0.1:7130"

    @Option(help: "The folder with the CURVE keys of the bus; see tollbook keys curve (TOLLBOOK_CURVE).")
    var curve = Environment.text("TOLLBOOK_CURVE") ?? ""

    @OptionGroup var server: ServerOption

    func validate() throws {
        if after != nil, cursor != nil { throw ValidationError("--after and --cursor exclude each other") }
        if json, cloudevents { throw ValidationError("--json and --cloudevents exclude each other") }
    }

    func run() throws {
        StopRequest.listen()
        var subscription = Subscription(
            client: try server.connect(), follower: try start(), cursorPath: cursor,
            form: cloudevents ? .cloudEvents : json ? .json : .text)
        guard follow else { return try subscription.catchUp() }
        let endpoint = feed.hasPrefix("tcp://") ? feed : "tcp://" + feed
        guard let address = Endpoint(endpoint) else {
            throw Failure("--feed \(feed) is not an address such as 127.0.0.1:7130")
        }
        // Subscribed before catching up, so that nothing falls between the two.
        var options = SocketOptions.standard.withHighWaterMark(100_000)
        options.curve = try security()
        let socket = try Socket<ZeroMQ.Subscribe>(in: Context(), options: options)
        try socket.subscribe(to: FeedFrame.topicPrefix)
        try socket.connect(address)
        try subscription.catchUpPatiently()
        while StopRequest.count == 0 {
            guard try socket.wait(for: .readable, timeout: .milliseconds(250)) else { continue }
            while StopRequest.count == 0, let message = try socket.receive() {
                try subscription.take(message.copiedBytes())
            }
        }
        subscription.saveCursor()
    }

    /// The keys for a feed that asks for them: those of `subscriber`, and the one of `query`.
    private func security() throws -> CurveSecurity? {
        guard !curve.isEmpty else { return nil }
        let files = CurveFiles(folder: curve)
        guard let server = try files.publicKeys()["query"] else {
            throw Failure("\(curve) has no query.pub; copy it there from where query runs")
        }
        return .client(serverKey: server, keys: try files.pair(named: "subscriber"))
    }

    private func start() throws -> FeedFollower {
        guard let cursor, let saved = FileManager.default.contents(atPath: cursor) else {
            return FeedFollower(after: after ?? 0)
        }
        do throws(JSONError) {
            let position = try FeedCursor(json: Array(saved))
            return FeedFollower(epoch: position.epoch, after: position.sequence)
        } catch {
            throw Failure("\(cursor) does not hold a cursor (\(error)); remove it to begin anew")
        }
    }
}

/// Hands changes over, and performs what the follower decides.
private struct Subscription: ~Copyable {
    private static let pageSize = 1_000
    private var client: QueryClient
    private var follower: FeedFollower
    private let cursorPath: String?
    private let form: Form
    /// The last change after which no transaction is half delivered.
    private var whole: FeedCursor?
    private var savedAt = ContinuousClock.now
    /// Whether somebody was there once: then the address is right, and the service is waited for.
    private var isAddressRight = false

    /// How a change is printed.
    enum Form {
        case text, json, cloudEvents
    }

    init(client: consuming QueryClient, follower: FeedFollower, cursorPath: String?, form: Form) {
        self.client = client
        self.follower = follower
        self.cursorPath = cursorPath
        self.form = form
    }

    /// Takes a frame of the feed.
    mutating func take(_ bytes: [UInt8]) throws {
        let frame = try FeedFrame(bytes)
        let step =
            switch frame.kind {
            case .change: follower.receive(epoch: frame.epoch, sequence: frame.sequence)
            case .position: follower.hear(epoch: frame.epoch, last: frame.sequence)
            }
        try perform(step, frame)
    }

    /// Hands over what is missing as soon as the service can be asked: the feed may be back before the answers are, and who
    /// follows a stream for days must outlive what serves it.
    mutating func catchUpPatiently() throws {
        let first: UInt32 = 100_000
        var microseconds = first
        while StopRequest.count == 0 {
            do {
                return try catchUp()
            } catch let failure as HTTPFailure {
                guard !failure.isLasting, isAddressRight || !failure.isNobodyThere else { throw failure }
                isAddressRight = true
                if microseconds == first { Terminal.report("\(failure) It is asked again until it answers.") }
            }
            usleep(microseconds)
            microseconds = min(microseconds * 2, 5_000_000)
        }
    }

    /// Hands over everything the ledger has that was not handed over.
    mutating func catchUp() throws {
        while StopRequest.count == 0 {
            let page: ChangePage
            let answer = try client.changes(after: follower.delivered, limit: Self.pageSize)
            isAddressRight = true
            switch answer {
            case .page(let found): page = found
            case .removed(let through, let message):
                Terminal.report(message)
                follower.pass(through: through)
                continue
            }
            if follower.epoch != nil, follower.epoch != page.epoch {
                try perform(follower.hear(epoch: page.epoch, last: page.last), nil)
                return
            }
            for change in page.changes {
                let frame = try FeedFrame(json: change)
                try perform(follower.replay(epoch: frame.epoch, sequence: frame.sequence), frame)
            }
            if page.changes.isEmpty { break }
        }
        saveCursor()
    }

    /// Writes how far this subscriber came.
    mutating func saveCursor() {
        savedAt = .now
        guard let cursorPath, let whole else { return }
        do {
            try Data(whole.json).write(to: URL(filePath: cursorPath), options: .atomic)
        } catch {
            Terminal.report("cannot write \(cursorPath); a later run will repeat changes")
        }
    }

    private mutating func perform(_ step: FeedFollower.Step, _ frame: FeedFrame?) throws {
        switch step {
        case .ignore: break
        case .deliver: if let frame { try deliver(frame) }
        case .replay: try catchUpPatiently()
        case .restart(let epoch):
            Terminal.report("the ledger began anew (\(epoch)): everything follows again")
            try catchUpPatiently()
        }
    }

    private mutating func deliver(_ frame: FeedFrame) throws {
        let line = try ChangeLine(json: frame.json)
        let isTaken =
            switch form {
            case .text: Terminal.write(line.text + "\n")
            case .json: Terminal.write(frame.json + [0x0A])
            case .cloudEvents: Terminal.write(try CloudEvent.json(change: frame.json) + [0x0A])
            }
        // The reader of the pipe has gone: that is how `head` ends a command, not a fault.
        guard isTaken else {
            try Terminal.checkOutput()
            throw ExitCode.success
        }
        guard line.sequence == line.transactionEnd else { return }
        whole = FeedCursor(epoch: frame.epoch, sequence: frame.sequence)
        if ContinuousClock.now - savedAt > .seconds(1) { saveCursor() }
    }
}

extension HTTPFailure {
    /// Whether it is the same however often it is tried.
    fileprivate var isLasting: Bool {
        if case .unusableKey = self { true } else { false }
    }

    /// Whether nobody listens, and perhaps never will: the address may be wrong.
    fileprivate var isNobodyThere: Bool {
        switch self {
        case .unreachable, .unknownHost: true
        default: false
        }
    }
}
