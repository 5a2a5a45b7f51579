/// Who a subscriber of a feed is, as far as its key tells.
public enum Audience: Hashable, Sendable {
    /// The feed asks for no keys: whoever reaches it may see it.
    case open
    /// A process of the deployment, which may see everything.
    case peer
    /// A guest, who may see what its group may.
    case guest(String)
    /// Someone the gate gave no name; to be shown nothing.
    case unknown

    private static let guestPrefix = "guest "

    /// Takes the name that the gate gave to a subscriber of a guarded feed.
    init(user: String?) {
        switch user {
        case Self.peer.user?: self = .peer
        case .some(let name) where name.hasPrefix(Self.guestPrefix):
            self = .guest(String(name.dropFirst(Self.guestPrefix.count)))
        default: self = .unknown
        }
    }

    /// The name by which the gate knows it.
    var user: String {
        switch self {
        case .peer: "peer"
        case .guest(let group): Self.guestPrefix + group
        case .open, .unknown: ""
        }
    }
}
