public import Metering
public import Wire

/// A page of `/v1/sessions`: what a report by session shows beside the figures.
public struct SessionPage: Hashable, Sendable {
    /// A session of a harness.
    public struct Identity: Hashable, Sendable {
        /// The harness.
        public let harness: String
        /// The session.
        public let session: String

        /// Makes an identity.
        public init(harness: String, session: String) {
            self.harness = harness
            self.session = session
        }
    }

    /// What is known of a session.
    public struct Facts: Hashable, Sendable {
        /// When its first call ended.
        public var firstActivity: Timestamp?
        /// When its last call ended.
        public var lastActivity: Timestamp?
    }

    /// The facts of the page's sessions.
    public let sessions: [Identity: Facts]
    /// Where the next page begins; `nil` on the last.
    public let next: String?

    /// Reads a page.
    public init(json text: [UInt8]) throws(JSONError) {
        var sessions: [Identity: Facts] = [:]
        var next: String?
        var json = JSONReader(text)
        try json.object { key, json throws(JSONError) in
            switch key {
            case "sessions":
                try json.array { json throws(JSONError) in
                    let (identity, facts) = try json.session()
                    sessions[identity] = facts
                }
            case "next_cursor": next = try json.optionalString()
            default: try json.skip()
            }
        }
        try json.finish()
        self.sessions = sessions
        self.next = next
    }
}

extension JSONReader {
    fileprivate mutating func session() throws(JSONError) -> (SessionPage.Identity, SessionPage.Facts) {
        var harness = ""
        var session = ""
        var facts = SessionPage.Facts()
        try object { key, json throws(JSONError) in
            switch key {
            case "harness": harness = try json.string()
            case "session": session = try json.string()
            case "first_activity": facts.firstActivity = try json.timestamp()
            case "last_activity": facts.lastActivity = try json.timestamp()
            default: try json.skip()
            }
        }
        return (SessionPage.Identity(harness: harness, session: session), facts)
    }
}
