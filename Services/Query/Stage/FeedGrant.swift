import Pipeline

/// What of the feed a subscriber is given.
///
/// The processes of the deployment get what they ask for. A tenant's subscriber gets its tenant's topics, whatever wider
/// topic it asks for, and heartbeats, which name nobody. Whoever the gate gave no name gets nothing.
enum FeedGrant {
    private static let heartbeat = Array(Feed.heartbeatTopic.utf8)

    /// The topics that are given to one who asks for what begins with some bytes.
    static func topics(_ asked: [UInt8], _ audience: Audience) -> [[UInt8]] {
        switch audience {
        case .open, .peer: return [asked]
        case .unknown: return []
        case .guest(let folder):
            let tenant = Feed.part(ofFolder: folder)
            let own = [Feed.prefix, Feed.cloudEventPrefix].map { Array(($0 + tenant + ".").utf8) }
            return (own + [heartbeat]).compactMap { allowed in
                if asked.starts(with: allowed) { return asked }
                return allowed.starts(with: asked) ? allowed : nil
            }
        }
    }
}
