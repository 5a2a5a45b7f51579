import ZeroMQ

/// A socket bound or connected to its link.
struct LinkedSocket<Pattern: SocketPattern>: ~Copyable {
    let socket: Socket<Pattern>
    /// The link, its port filled in.
    let link: Link

    /// Opens a socket and binds or connects it.
    init(_ link: Link, options: SocketOptions = .standard, in environment: StageEnvironment) throws(PipelineError) {
        if case .server(_, let clients?) = link.security { try environment.admit(clients) }
        var options = options
        options.curve = link.security
        let settled = options
        let socket: Socket<Pattern> = try socketCall { () throws(ZeroMQError) in
            try Socket(in: environment.context, options: settled)
        }
        self.link = try Self.attach(socket, to: link)
        self.socket = socket
    }

    private static func attach(_ socket: borrowing Socket<Pattern>, to link: Link) throws(PipelineError) -> Link {
        do throws(ZeroMQError) {
            switch link.role {
            case .bind:
                var bound = Link(role: .bind, endpoint: try socket.bind(link.endpoint))
                bound.security = link.security
                return bound
            case .connect:
                try socket.connect(link.endpoint)
                return link
            }
        } catch {
            throw .attaching(link, error)
        }
    }
}

extension LinkedSocket where Pattern: SendingPattern {
    /// Sends a frame if that needs no waiting; false where no peer can take it now.
    func send(_ frame: [UInt8]) throws(PipelineError) -> Bool {
        try socketCall { () throws(ZeroMQError) in try socket.send(frame) }
    }
}

extension LinkedSocket where Pattern: ReceivingPattern {
    /// Takes the next frame, or nil if none waits.
    func receive() throws(PipelineError) -> [UInt8]? {
        try socketCall { () throws(ZeroMQError) in
            guard let message = try socket.receive() else { return nil }
            return message.copiedBytes()
        }
    }
}
